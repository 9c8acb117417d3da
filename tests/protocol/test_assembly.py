"""A frame under way: holes, and what is kept."""

from tests.protocol.wire import answer, framed
from volttools.protocol.assembly import FREE_FILL_BYTES, PartialFrame, hidden_frame
from volttools.protocol.events import Direction


def partial(length, start=b""):
    return PartialFrame(Direction.SERVER, length, 0, 5, start)


def test_neighbouring_holes_are_one():
    frame = partial(100, b"x" * 10)
    frame.pass_hole(5)
    frame.pass_hole(7)
    frame.add(b"y" * 78, 6)
    made = frame.to_frame(6, after_gap=False, file=None)
    assert made.missing == [(10, 22)]
    assert made.body == b"x" * 10 + bytes(12) + b"y" * 78


def test_a_long_hole_is_not_filled():
    frame = partial(10**9, b"x" * 10)
    frame.pass_hole(FREE_FILL_BYTES + 11)
    frame.add(b"y" * 50, 6)
    made = frame.to_frame(6, after_gap=False, file=None)
    assert made.body == b"x" * 10
    assert made.missing == [(10, FREE_FILL_BYTES + 71)]


def test_pieces_keep_their_times():
    frame = partial(100, b"abc")
    frame.add(b"defg", 6)
    frame.add(b"h", 7)
    assert frame.pieces_from(1) == [(b"bc", 5), (b"defg", 6), (b"h", 7)]
    assert frame.pieces_from(4) == [(b"efg", 6), (b"h", 7)]


def test_hidden_frames_are_found_behind_anything():
    data = b"?" * 20 + framed(answer(1)) + framed(answer(2))
    assert hidden_frame(Direction.SERVER, data, 0) == 20
    assert hidden_frame(Direction.SERVER, data, 21) is None
