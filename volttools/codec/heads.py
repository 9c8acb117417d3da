"""The leading numbers of a record by one unpack or pack, for those who look at, or write, every message."""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable, Iterable
from typing import Any

from construct import Construct, FormatField

from volttools.codec.source import Source
from volttools.formats.notation import Record, strip_names

NumberError = struct.error
"""What is raised for numbers that their fields can't hold, or for too few bytes."""


@functools.cache
def head_reader(
    kind: type[Record] | FormatField,
) -> tuple[Callable[[bytes | bytearray, int], tuple[Any, ...]], int]:
    """A function (bytes, offset) -> the values of the leading numbers, and how many bytes those take.

    The function raises NumberError, or ValueError for a view, where there are too few bytes.

    >>> from volttools.formats.response import ResponseHead
    >>> read, size = head_reader(ResponseHead)
    >>> read(bytes([0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 1]), 0), size
    ((0, 7, 0, 1), 11)
    """
    formats = [kind] if isinstance(kind, FormatField) else _formats(kind)
    _, structure = _numbers(formats)
    return structure.unpack_from, structure.size


def number_writer(format: FormatField) -> Callable[[int], bytes]:
    """A function of a number -> its bytes; it raises NumberError for one that the format can't hold."""
    return struct.Struct(format.fmtstr).pack


@functools.cache
def head_writer(kind: type[Record], *given: str) -> Callable[..., bytes]:
    """A function of the numbers `given`, in that order, -> the bytes of the leading numbers of a record.

    Numbers that are not given have their declared values. The function raises NumberError for one
    that its field can't hold.

    >>> from volttools.formats.network import Tcp
    >>> head_writer(Tcp, "source_port", "destination_port", "sequence")(1, 2, 3).hex(" ", 4)
    '00010002 00000003 00000000 5010ffff 00000000'
    """
    fields = list(kind.declaration.wire_fields())
    count, structure = _numbers(item.format for item in fields)
    numbers = [item.attribute if item.attribute in given else repr(item.default) for item in fields[:count]]
    source = Source("write_head")
    pack = source.constant(structure.pack, "pack")
    source.line(f"return {pack}({', '.join(numbers)})")
    return source.function(", ".join(given))


def _formats(kind: type[Record]) -> list[Construct]:
    return [item.format for item in kind.declaration.wire_fields()]


def _numbers(formats: Iterable[Construct]) -> tuple[int, struct.Struct]:
    """How many of the leading formats are numbers, and what reads and writes them."""
    format, count = ">", 0
    for number in map(strip_names, formats):
        if not isinstance(number, FormatField) or number.fmtstr[0] != ">":
            break
        format += number.fmtstr[1:]
        count += 1
    return count, struct.Struct(format)
