"""Frames of a live connection: any split gives the same messages, a wrong length ends it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.errors import ProtocolError
from volttools.protocol.frame_buffer import FrameBuffer, framed


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=8), st.lists(st.integers(1, 20), max_size=30))
def test_any_split_gives_the_same_messages(bodies, sizes):
    data = b"".join(map(framed, bodies))
    buffer, found = FrameBuffer(100), []
    for size in sizes:
        found += buffer.feed(data[:size])
        data = data[size:]
    found += buffer.feed(data)
    assert found == bodies
    assert buffer.rest == b""


@pytest.mark.parametrize("length", ["00000000", "ffffffff", "80000000", "00000065", "7fffffff"])
def test_a_length_that_cannot_be_ends_the_connection_and_allocates_nothing(length):
    buffer = FrameBuffer(100)
    whole = framed(b"before")
    frames = buffer.feed(whole + bytes.fromhex(length) + b"x")
    assert next(frames) == b"before"
    with pytest.raises(ProtocolError, match=r"a frame of length .*; 1 \.\. 100 can be"):
        next(frames)
    assert buffer.rest == bytes.fromhex(length) + b"x"  # nothing that was received is lost


def test_what_is_missing_of_a_message_is_told():
    buffer = FrameBuffer(100)
    assert list(buffer.feed(b"\0\0")) == []
    assert buffer.missing() is None
    assert list(buffer.feed(b"\0\x05ab")) == []
    assert buffer.missing() == 3
