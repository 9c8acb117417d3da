"""The fixed fields of records that stand one behind the other, as layers of a packet do, by one unpack.

It is for what is looked at a million times: nothing is made but the values that are asked for.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from construct import Bytes, FormatField

from volttools.formats.notation import Record, strip_names

TO = ".."
"""Between two fields: all bytes from the first to the second, as they are."""


class _Fixed(NamedTuple):
    name: str
    order: str
    code: str


@functools.cache
def fused_reader(
    kinds: tuple[type[Record], ...], *wanted: str
) -> tuple[Callable[[bytes, int], tuple[Any, ...]], int]:
    """A function (bytes, offset) -> the values of some fields, and how many bytes all fixed fields take.

    kinds    records, each of which begins behind the leading fixed fields of the one before
    wanted   "Ipv4.protocol"; or "Ipv4.source..Tcp.destination_port" for the bytes between, with both;
             in the order in which they stand

    There must be so many bytes; else the function raises `struct.error`.

    >>> from volttools.formats.network import Ethernet, Ipv4
    >>> read, size = fused_reader((Ethernet, Ipv4), "Ethernet.ether_type", "Ipv4.source..Ipv4.destination")
    >>> read(bytes(12) + b"\\x08\\x00" + bytes(12) + b"ABCDEFGH", 0), size
    ((2048, b'ABCDEFGH'), 34)
    """
    fields = [item for kind in kinds for item in _leading(kind)]
    orders = {item.order for item in fields if item.order} or {">"}
    if len(orders) > 1:
        raise ValueError("fields of both byte orders can't be unpacked at once")
    places = {item.name: index for index, item in enumerate(fields)}
    format, behind = orders.pop(), 0
    for name in wanted:
        first, _, last = name.partition(TO)
        start, stop = places[first], places[last or first] + 1
        if start < behind:
            raise ValueError(f"{name} stands before what is wanted before it")
        format += _skipped(fields[behind:start])
        format += f"{_size(fields[start:stop])}s" if last else fields[start].code
        behind = stop
    return struct.Struct(format + _skipped(fields[behind:])).unpack_from, _size(fields)


def _leading(kind: type[Record]) -> Iterator[_Fixed]:
    for item in kind.declaration.wire_fields():
        name, format = f"{kind.__name__}.{item.name}", strip_names(item.format)
        if isinstance(format, FormatField):
            order, code = format.fmtstr[0], format.fmtstr[1:]
            yield _Fixed(name, order if format.sizeof() > 1 else "", code)
        elif isinstance(format, Bytes) and isinstance(format.length, int):
            yield _Fixed(name, "", f"{format.length}s")
        else:
            return


def _size(fields: list[_Fixed]) -> int:
    return struct.calcsize("=" + "".join(item.code for item in fields))


def _skipped(fields: list[_Fixed]) -> str:
    return f"{_size(fields)}x"
