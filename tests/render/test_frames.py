import pytest

from tests.samples import PASSWORD_HASH, events
from tests.screens import check_golden, console, drawn
from volttools.render.frames import frame_views


def shown(event, width=80, *, colour=False, **settings):
    out = console(width, colour=colour)
    return drawn(frame_views(event, out, **settings), out)


def test_an_exchange_is_two_trees():
    check_golden("frames-120.txt", shown(events()[1], 120))


def test_with_bytes_without_colour_below_the_tree():
    check_golden("frames-hex-80.txt", shown(events()[1], 80, with_hex=True))


def test_with_bytes_in_colour_beside_the_tree():
    check_golden("frames-hex-160-colour.txt", shown(events()[1], 160, colour=True, with_hex=True))


def test_one_frame_alone():
    text = shown(events()[1], only=4)
    assert "Invocation" not in text
    assert "Response" in text


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize("with_hex", [False, True])
@pytest.mark.parametrize("colour", [False, True])
def test_no_view_shows_a_password_hash(width, with_hex, colour):
    text = shown(events()[0], width, colour=colour, with_hex=with_hex)
    for part in (PASSWORD_HASH[:4], PASSWORD_HASH[10:14]):
        assert part.hex() not in text
        assert part.hex(" ") not in text
    assert "(hidden)" in text
