from __future__ import annotations

import pytest

from volttools.codec import build, parse
from volttools.errors import DecodeError
from volttools.formats.frame import PREFIX, PREFIX_BYTES, RawFrame, ServerFull


def test_the_length_leaves_itself_out() -> None:
    assert PREFIX_BYTES == 4
    assert build(RawFrame(body=b"abc")) == PREFIX.build(3) + b"abc"
    assert parse(RawFrame, PREFIX.build(3) + b"abc").body == b"abc"


@pytest.mark.parametrize("length", [-1, 2, 4, 2**31 - 1, -(2**31)])
def test_a_length_that_is_not_what_follows_is_an_error(length: int) -> None:
    with pytest.raises(DecodeError):
        parse(RawFrame, PREFIX.build(length) + b"abc")


def test_a_full_server_sends_one_byte() -> None:
    assert build(ServerFull()) == b"\x01"
