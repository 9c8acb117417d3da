from tests.samples import LOGIN_REQUEST, ORDERS, PASSWORD_HASH, call, connection, events, frame
from tests.screens import console, drawn
from volttools.codec import build
from volttools.formats.invocation import Invocation
from volttools.formats.login import LoginRequest
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.types import BIGINT, STRING
from volttools.protocol.events import Damage, Direction, Frame
from volttools.protocol.secrets import looks_like_login
from volttools.render.tree import kinds_of, open_frame, range_text, shown_bytes, tree_lines


def opened(kind, message, **settings):
    direction = Direction.SERVER if kind is Response else Direction.CLIENT
    return open_frame(frame(direction, message), kind, console(), **settings)


def shown(tree, width=200, **settings):
    out = console(width)
    return drawn(tree_lines(tree, out, width=width, **settings), out)


def broken(kind, body, direction=Direction.CLIENT):
    found = Frame(direction=direction, body=body, length=len(body), offset=0)
    return open_frame(found, kind, console())


def test_every_byte_of_a_message_belongs_to_one_leaf():
    tree = opened(Response, Response(tables=[ORDERS]))
    covered = [offset for found in tree.leaves() for offset in range(found.span.start, found.span.end)]
    assert covered == list(range(len(tree.frame.body)))


def test_fields_have_their_range_name_value_and_shape():
    text = shown(opened(Invocation, call("Vote", 7, Parameter.of(BIGINT, 5))))
    assert "     0  version                        0  i8" in text
    assert '  1..8  procedure                      "Vote"  str' in text
    assert "type                     6 BIGINT  i8" in text


def test_bytes_stand_next_to_their_field_if_asked():
    text = shown(opened(Invocation, call("Vote", 7)), with_bytes=True)
    assert '"Vote"  str, length 4 + 4  [00 00 00 04 56 6f 74 65]' in text


def test_numbers_with_a_meaning_say_it():
    assert "-2 GRACEFUL_FAILURE" in shown(opened(Response, Response(status=-2)))
    assert "1 SHA-256" in shown(opened(LoginRequest, LOGIN_REQUEST))


def test_a_list_is_opened_as_far_as_asked():
    many = call("Vote", 7, *(Parameter.of(BIGINT, n) for n in range(100)))
    text = shown(opened(Invocation, many, max_elements=2))
    assert "[1]" in text
    assert "[2]" not in text
    assert "bytes not opened" in text


def test_a_secret_is_hidden_and_its_bytes_are_zeros():
    tree = opened(LoginRequest, LOGIN_REQUEST)
    assert "(hidden)" in shown(tree, with_bytes=True)
    assert PASSWORD_HASH[:4].hex(" ") not in shown(tree, with_bytes=True)
    assert PASSWORD_HASH not in shown_bytes(tree, False)
    assert PASSWORD_HASH[:8].hex(" ") in shown(tree, with_bytes=True, keep_login_hashes=True)
    assert shown_bytes(tree, True) == tree.frame.body


def test_a_login_that_cannot_be_read_shows_nothing_that_might_be_its_hash():
    body = build(LOGIN_REQUEST.replace(user=""))
    tree = broken(LoginRequest, body[:14] + b"\x7f" + body[15:])  # the user's length is wrong
    assert tree.error
    assert PASSWORD_HASH not in shown_bytes(tree, False)
    assert PASSWORD_HASH[:4] not in shown_bytes(tree, False)


def test_a_damaged_frame_that_looks_like_a_login_is_read_as_one():
    login = frame(Direction.CLIENT, LOGIN_REQUEST)
    assert looks_like_login(login)
    damage = Damage(what="incomplete frame", message="", connection=connection(), frame=login)
    assert kinds_of(damage) == [(login, LoginRequest)]


def test_a_message_that_is_wrong_is_shown_up_to_the_place_and_says_why():
    body = build(call("Vote", 7))
    text = shown(broken(Invocation, body[:1] + b"\x00\x00\x00\x99" + body[5:]))
    assert "version" in text
    assert "procedure" in text.splitlines()[-1]
    assert "at byte" in text.splitlines()[-1]


def test_control_characters_are_visible():
    text = shown(opened(Invocation, call("a\x1b[2J", 1, Parameter.of(STRING, "\x9b\r"))))
    assert "\x1b" not in text
    assert "a\\x1b[2J" in text


def test_lines_are_cut_at_the_width():
    lines = shown(opened(Response, Response(status_string="x" * 500)), with_docs=True, width=60).splitlines()
    assert max(map(len, lines)) == 60


def test_the_frames_of_every_event_are_known():
    for event in events():
        assert len(kinds_of(event)) == {"damage": 0, "push": 1}.get(event.kind, 2)


def test_behind_a_hole_zeros_are_not_taken_for_data():
    found = frame(Direction.SERVER, Response(status=-2, status_string="x" * 100))
    start = 18
    found.body = found.body[:start] + bytes(20) + found.body[start + 20 :]
    found.missing = [(start, start + 20)]
    tree = open_frame(found, Response, console())
    assert all(field.span.start < start for field in tree.fields)
    text = shown(tree, with_bytes=True)
    assert (
        f"bytes {start:,} to {start + 19:,} are missing; {found.length - 38} bytes behind that are there"
        in text
    )
    assert "(partly missing)" in text
    assert "??" in text


def test_the_end_of_a_frame_that_was_cut_is_said():
    found = frame(Direction.SERVER, Response(tables=[ORDERS]))
    found.missing = [(40, found.length)]
    found.body = found.body[:40]
    assert f"bytes 40 to {found.length - 1} are missing" in shown(open_frame(found, Response, console()))


def test_ranges_name_the_first_and_the_last_byte():
    leaves = opened(LoginRequest, LOGIN_REQUEST).leaves()
    assert [range_text(found.span) for found in leaves[:3]] == ["0", "1", "2..13"]
