"""Frames in pieces of any size."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.errors import ProtocolError
from volttools.protocol.frame_buffer import framed
from volttools.voltdbclient.frames import Frames, deadline_after, limit, timeout_of


class Pieces:
    """A socket that gives what it is told to, piece by piece, and then the end."""

    def __init__(self, *pieces):
        self.pieces = list(pieces)
        self.timeouts = []

    def recv(self, size):
        piece = self.pieces.pop(0) if self.pieces else b""
        if isinstance(piece, BaseException):
            raise piece
        return piece

    def settimeout(self, seconds):
        self.timeouts.append(seconds)


@given(st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=8), st.lists(st.integers(1, 30)))
def test_frames_come_out_as_they_went_in_however_they_are_cut(bodies, sizes):
    data, pieces = b"".join(map(framed, bodies)), []
    for size in sizes:
        pieces.append(data[:size])
        data = data[size:]
    sock = Pieces(*[piece for piece in [*pieces, data] if piece])
    frames = Frames()
    assert [frames.receive(sock) for _ in bodies] == bodies
    with pytest.raises(EOFError, match=r"the server closed the connection$"):
        frames.receive(sock)


def test_the_end_inside_of_a_frame_says_how_much_had_come():
    with pytest.raises(
        EOFError, match="closed the connection; 6 bytes of a message that is not whole had come"
    ):
        Frames().receive(Pieces(framed(b"abcdef")[:6]))


def test_a_wrong_length_is_found_behind_what_is_good():
    frames, sock = Frames(), Pieces(framed(b"a") + framed(b"b") + b"\xff" * 8)
    assert [frames.receive(sock), frames.receive(sock)] == [b"a", b"b"]
    for _ in range(2):
        with pytest.raises(ProtocolError, match="a frame of length -1"):
            frames.receive(sock)


def test_more_is_waited_for_till_the_deadline_only():
    sock = Pieces(b"\0\0", b"\0\1a")
    assert Frames().receive(sock, time.monotonic() + 50) == b"a"
    assert len(sock.timeouts) == 1
    assert 0 < sock.timeouts[0] <= 50
    frames = Frames()
    with pytest.raises(TimeoutError):
        frames.receive(Pieces(b"\0\0", b"\0\1a"), time.monotonic() - 1)
    assert frames.receive(Pieces(b"\0\1a")) == b"a"


def test_a_socket_that_does_not_block_is_out_of_time():
    with pytest.raises(TimeoutError):
        Frames().receive(Pieces(BlockingIOError()))


def test_times():
    assert deadline_after(None) is None
    assert deadline_after(50) > time.monotonic()
    sock = Pieces()
    limit(sock, None)
    assert not sock.timeouts
    assert timeout_of(sock) is None
