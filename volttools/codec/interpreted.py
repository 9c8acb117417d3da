"""What the compiler does not know is parsed by construct itself."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from construct import Construct, ConstructError

from volttools.codec.scalars import WrongBytesError

ParseFunction = Callable[[bytes, int, int], tuple[Any, int]]
"""(bytes, offset, end of what may be read) -> (value, offset behind it)."""


def interpreted(format: Construct) -> ParseFunction:
    """A parse function for a type whose construct the compiler does not know: construct's own."""

    def parse(buf: bytes, o: int, end: int) -> tuple[Any, int]:
        start = 0 if end == len(buf) else o
        stream = io.BytesIO(buf[start:end])  # to the very end it is shared, not copied
        stream.seek(o - start)
        try:
            return format.parse_stream(stream), start + stream.tell()
        except ConstructError as error:
            raise WrongBytesError from error

    return parse
