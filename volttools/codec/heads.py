"""The leading numbers of a record by one unpack, for those who look at every message."""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable
from typing import Any

from construct import Construct, FormatField

from volttools.formats.notation import Record, strip_names


@functools.cache
def head_reader(
    kind: type[Record] | FormatField,
) -> tuple[Callable[[bytes | bytearray, int], tuple[Any, ...]], int]:
    """A function (bytes, offset) -> the values of the leading numbers, and how many bytes those take.

    The function raises `struct.error`, or ValueError for a view, where there are too few bytes.

    >>> from volttools.formats.response import ResponseHead
    >>> read, size = head_reader(ResponseHead)
    >>> read(bytes([0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 1]), 0), size
    ((0, 7, 0, 1), 11)
    """
    formats = [kind] if isinstance(kind, FormatField) else _formats(kind)
    format = ">"
    for number in map(strip_names, formats):
        if not isinstance(number, FormatField) or number.fmtstr[0] != ">":
            break
        format += number.fmtstr[1:]
    structure = struct.Struct(format)
    return structure.unpack_from, structure.size


def _formats(kind: type[Record]) -> list[Construct]:
    return [item.format for item in kind.declaration.wire_fields()]
