"""Heads of many messages that stand one behind the other, read in one generated loop.

For who looks at every message of a capture: of each only the fields before the last, `rest`, are
read, and nothing is made but a tuple of them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from construct import IfThenElse

from volttools.codec.parse_compiler import new_writer
from volttools.codec.parse_records import number_of
from volttools.codec.scalars import WRONG
from volttools.codec.source import Scope
from volttools.formats.frame import PREFIX, PREFIX_BYTES
from volttools.formats.notation import Field, Record

ScanFunction = Callable[[bytes, int, int], tuple[list[tuple[Any, ...]], int]]


@functools.cache
def head_scanner(head: type[Record], *wanted: str) -> ScanFunction:
    """A function (bytes, offset, end) -> the heads of the whole frames from there on, and where those end.

    head    what a frame begins with; its last field takes the rest
    wanted  the fields to give; before them stand the frame's offset and its length

    It ends before the first frame that is not all there, or whose head can't be read.

    >>> from volttools.formats.response import ResponseHead
    >>> scan = head_scanner(ResponseHead, "client_handle", "status")
    >>> data = bytes.fromhex("0000000b 00 0000000000000007 00 01")
    >>> scan(data + data + data[:9], 0, 39)
    ([(0, 11, 7, 1), (15, 11, 7, 1)], 30)
    """
    fields = head.declaration.wire_fields()[:-1]
    writer = new_writer(f"scan_{head.__name__}", tolerant=False)
    source = writer.source
    wrong = source.constant(WRONG, "WRONG")
    for line in ("found = []", "append = found.append", "at = o"):
        source.line(line)
    with source.block("try:"), source.block(f"while end - at >= {_least_bytes(fields)}:"):
        source.line("o = at")
        length = writer.length(PREFIX, Scope(), "stop")
        writer.end = "stop"
        values = writer.fields(fields, Scope())
        writer.flush()
        writer.wrong_if("o > stop")
        source.line(f"append((at, {length}, {''.join(f'{values[name]}, ' for name in wanted)}))")
        source.line("at = stop")
    with source.block(f"except {wrong}:"):
        source.line("pass")
    source.line("return found, at")
    return source.function("buf, o, end")


def _least_bytes(fields: Sequence[Field]) -> int:
    """How many bytes a frame takes at least that begins with the fields."""
    always = [number_of(item) for item in fields if not isinstance(item.format, IfThenElse)]
    return PREFIX_BYTES + sum(int(format.sizeof()) for format in always)
