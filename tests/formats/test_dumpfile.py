from __future__ import annotations

import pytest

from volttools.codec import build, parse
from volttools.errors import DecodeError
from volttools.formats.dumpfile import DumpedFrame
from volttools.formats.frame import RawFrame


@pytest.mark.parametrize("body", [b"", b"\n", b"a\n\nb", bytes(1000)])
def test_a_frame_has_a_newline_behind_it_and_may_have_some_inside(body: bytes) -> None:
    assert build(DumpedFrame(body=body)) == build(RawFrame(body=body)) + b"\n"
    assert parse(DumpedFrame, build(DumpedFrame(body=body))) == DumpedFrame(body=body)


@pytest.mark.parametrize("data", [b"", b"\0\0\0\1a", b"\0\0\0\1ab", b"\0\0\0\2a\n"])
def test_what_a_cut_leaves_is_an_error(data: bytes) -> None:
    with pytest.raises(DecodeError):
        parse(DumpedFrame, data)
