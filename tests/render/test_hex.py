from tests.samples import LOGIN_REQUEST, PASSWORD_HASH, call, frame
from tests.screens import console, drawn
from volttools.formats.invocation import Invocation
from volttools.formats.login import LoginRequest
from volttools.formats.parameters import Parameter
from volttools.formats.types import BIGINT, VARBINARY
from volttools.protocol.events import Direction
from volttools.render.hex import WIDTH, hex_lines, tree_with_hex
from volttools.render.styles import field_style
from volttools.render.tree import open_frame


def opened(message, kind=Invocation, **settings):
    return open_frame(frame(Direction.CLIENT, message), kind, console(), **settings)


def shown(tree, **settings):
    return drawn(hex_lines(tree, **settings), console(WIDTH))


def test_sixteen_bytes_a_line_with_offset_and_text():
    assert shown(opened(call("Vote.insert", 1))) == (
        "     0  00 00 00 00 0b 56 6f 74  65 2e 69 6e 73 65 72 74  .....Vote.insert\n"
        "    16  00 00 00 00 00 00 00 01  00 00                    ..........\n"
    )


def test_a_byte_has_the_colour_of_its_field():
    tree = opened(call("Vote", 1))
    line = hex_lines(tree)[0]
    styles = [name for text, name in line if text.strip() and len(text) == 2]
    assert styles[:2] == [field_style(0), field_style(1)]
    assert styles[1:9] == [field_style(1)] * 8  # the procedure: its length and its text
    assert styles[9] == field_style(2)


def test_a_secret_is_shown_as_stars():
    tree = opened(LOGIN_REQUEST, LoginRequest)
    assert "** ** ** **" in shown(tree)
    assert "**" not in shown(tree, keep_login_hashes=True)
    assert PASSWORD_HASH[2:8].hex(" ") not in shown(tree)
    assert PASSWORD_HASH[2:8].hex(" ") in shown(tree, keep_login_hashes=True)


def test_missing_bytes_are_question_marks():
    tree = opened(call("Vote", 1))
    tree.frame.missing = [(3, 5)]
    assert "     0  00 00 00 ?? ?? 56" in shown(tree)


def test_the_middle_of_a_long_field_is_left_out_unless_asked_for():
    tree = opened(call("Load", 1, Parameter.of(VARBINARY, bytes(100_000))))
    text = shown(tree)
    assert len(text.splitlines()) < 20
    assert "bytes not shown" in text
    assert len(shown(tree, everything=True).splitlines()) == -(-len(tree.frame.body) // 16)


def test_elements_that_are_not_opened_are_left_out():
    many = call("Vote", 7, *(Parameter.of(BIGINT, n) for n in range(1_000)))
    assert len(shown(opened(many, max_elements=3)).splitlines()) < 10


def test_bytes_stand_beside_the_tree_where_there_is_room():
    tree = opened(call("Vote", 1))
    narrow, wide = console(119), console(120)
    below, beside = tree_with_hex(tree, narrow), tree_with_hex(tree, wide)
    assert len(below) == len(beside) + 1 + len(hex_lines(tree))
    assert "version" in drawn(beside, wide).splitlines()[0]
    assert ".....Vote" in drawn(beside, console(120)).splitlines()[0]


def test_without_colour_the_tree_has_the_bytes_too():
    text = drawn(tree_with_hex(opened(call("Vote", 1)), console(100)), console(100))
    assert '"Vote"  str, length 4 + 4  [00 00 00 04 56 6f 74 65]' in text
    coloured = console(100, colour=True)
    assert "[00 00" not in drawn(tree_with_hex(opened(call("Vote", 1)), coloured), console(100))
