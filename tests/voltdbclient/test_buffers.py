"""The buffer that is read, as the official client has it."""

import struct

import pytest
import voltdbclient as official

from volttools.voltdbclient import ReadBuffer


@pytest.mark.parametrize("make", [official.ReadBuffer, ReadBuffer])
def test_bytes_are_added_looked_at_and_left_out(make):
    buffer = make()
    assert (buffer.buffer_length(), buffer.remaining(), buffer.get_buffer()) == (0, 0, b"")
    buffer.append(b"ab")
    buffer.append(b"\0\5c")
    assert (buffer.read(2), buffer.read(1)) == (b"ab", b"a")
    buffer.shift(2)
    assert buffer.unpack_struct(struct.Struct(">h")) == (5,)
    assert (buffer.remaining(), buffer.buffer_length()) == (1, 5)
    assert buffer.unpack_struct(struct.Struct("c")) == (b"c",)
    buffer.set(b"x")
    assert (buffer.get_buffer(), buffer.remaining()) == (b"x", 1)
    buffer.clear()
    assert buffer.get_buffer() == b""
