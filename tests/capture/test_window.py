"""A window onto a stream: reads no more than is asked for, keeps what is asked for."""

from __future__ import annotations

import gzip
import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.capture import window as module
from volttools.capture.window import NothingYet, Window


class Steps(io.RawIOBase):
    """Gives its parts one by one, and counts how often it was asked."""

    def __init__(self, parts: list[bytes]) -> None:
        self.parts = list(parts)
        self.asked = 0

    def read(self, count: int = -1) -> bytes:
        self.asked += 1
        return self.parts.pop(0) if self.parts else b""


@given(st.lists(st.binary(min_size=1, max_size=9), max_size=20), st.integers(1, 7), st.integers(0, 9))
def test_all_bytes_pass_by_in_order(parts, step, keep):
    window = Window(Steps(parts))
    data = b"".join(parts)
    if data.startswith(b"\x1f\x8b"):
        return
    seen = b""
    while window.need(step, keep):
        assert window.offset == len(seen)
        kept = min(keep, len(seen))
        assert window.data[window.at - kept : window.at] == seen[len(seen) - kept :]
        seen += window.data[window.at : window.at + step]
        window.at += step
    assert seen + window.data[window.at :] == data
    assert window.left == len(data) - len(seen)


def test_a_pipe_is_asked_only_while_bytes_are_missing():
    stream = Steps([b"abcd", b"efgh", b"ijkl"])
    window = Window(stream)
    assert stream.asked == 1
    assert window.need(4)
    assert stream.asked == 1
    assert window.need(5)
    assert stream.asked == 2
    assert not window.need(13)
    assert not window.need(13)
    assert stream.asked == 4
    assert window.data == b"abcdefghijkl"


def test_what_has_passed_by_is_let_go():
    window = Window(io.BytesIO(bytes(10 * module.CHUNK_BYTES)))
    while window.need(1000):
        assert len(window.data) <= module.CHUNK_BYTES + 1000
        window.at += 1000


def test_a_gzip_file_is_its_content():
    data = bytes(range(256)) * 5000
    window = Window(io.BytesIO(gzip.compress(data, mtime=0)))
    assert window.need(len(data))
    assert window.data == data
    assert not window.need(len(data) + 1)
    assert window.failure is None


def test_a_gzip_bomb_is_taken_in_pieces():
    window = Window(io.BytesIO(gzip.compress(bytes(50 * 2**20))))
    for _ in range(100):
        assert window.need(module.CHUNK_BYTES)
        assert len(window.data) <= 2 * module.CHUNK_BYTES
        window.at += module.CHUNK_BYTES


@pytest.mark.parametrize("cut", [3, 12, 200, -1])
def test_a_cut_gzip_file_gives_what_there_is(cut):
    data = bytes(range(256)) * 50
    packed = zlib.compress(data, wbits=31)
    window = Window(io.BytesIO(packed[:cut]))
    window.need(len(data) + 1)
    assert data.startswith(window.data)
    assert window.failure is not None
    assert window.failure.message == "the gzip file is cut off"


def test_a_damaged_gzip_file_gives_what_came_before():
    packed = bytearray(zlib.compress(bytes(range(256)) * 50, wbits=31))
    packed[-5] ^= 1
    window = Window(io.BytesIO(packed))
    window.need(10**6)
    assert window.failure is not None
    assert window.failure.message.startswith("the gzip compression is damaged: ")


class Growing(io.RawIOBase):
    """Gives its parts; where there is None, nothing is there yet."""

    def __init__(self, parts: list[bytes | None]) -> None:
        self.parts = list(parts)

    def read(self, count: int = -1) -> bytes:
        part = self.parts.pop(0) if self.parts else b""
        if part is None:
            raise NothingYet
        return part


def test_nothing_is_lost_where_nothing_is_there_yet():
    window = Window(Growing([b"abcd", b"ef", None, b"gh", None, None, b"i"]))
    window.at = 2
    with pytest.raises(NothingYet):
        window.need(7)
    assert (window.data, window.at, window.left) == (b"cdef", 0, 4)
    window.look(7)
    assert window.data == b"cdefgh"
    window.look(7)
    assert window.need(7)
    assert window.data == b"cdefghi"
    assert not window.need(8)
    assert window.offset == 2
