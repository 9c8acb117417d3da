"""Heads of many messages that stand one behind the other, read in one generated loop.

For who looks at every message of a capture: of each only the fields before the last, `rest`, are
read, and nothing is made but a tuple of them.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Any

from construct import Construct, FormatField, IfThenElse
from construct.expr import BinExpr

from volttools.codec.optional import any_of
from volttools.codec.parse_compiler import FieldsWriter
from volttools.codec.scalars import WRONG
from volttools.codec.source import NotCompilableError, Scope
from volttools.formats.notation import Field, Record, Sized, Varying, strip_names

ScanFunction = Callable[[bytes, int, int], tuple[list[tuple[Any, ...]], int]]


@functools.cache
def head_scanner(frame: type[Record], head: type[Record], *wanted: str) -> ScanFunction:
    """A function (bytes, offset, end) -> the heads of the whole frames from there on, and where those end.

    frame   a record of one Sized field: a length, and what it is the length of
    head    what a frame begins with; its last field takes the rest
    wanted  the fields to give; before them stand the frame's offset and its length

    It ends before the first frame that is not all there, or whose head can't be read.

    >>> from volttools.formats.frame import RawFrame
    >>> from volttools.formats.response import ResponseHead
    >>> scan = head_scanner(RawFrame, ResponseHead, "client_handle", "status")
    >>> data = bytes.fromhex("0000000b 00 0000000000000007 00 01")
    >>> scan(data + data + data[:9], 0, 39)
    ([(0, 11, 7, 1), (15, 11, 7, 1)], 30)
    """
    sized = _sized(frame)
    fields = head.declaration.wire_fields()[:-1]
    writer = FieldsWriter(f"scan_{head.__name__}", tolerant=False)
    source, values = writer.source, dict[str, str]()
    wrong = source.constant(WRONG, "WRONG")
    for line in ("found = []", "append = found.append", "at = o"):
        source.line(line)
    with source.block("try:"), source.block(f"while end - at >= {_least(sized, fields)}:"):
        source.line("o = at")
        length = writer.length(sized.prefix, Scope(), "stop")
        writer.end = "stop"
        _write_fields(writer, fields, wanted, values)
        writer.wrong_if("o > stop")
        source.line(f"append((at, {length}, {''.join(f'{values[name]}, ' for name in wanted)}))")
        source.line("at = stop")
    with source.block(f"except {wrong}:"):
        source.line("pass")
    source.line("return found, at")
    return source.function("buf, o, end")


def _sized(frame: type[Record]) -> Sized:
    formats = [strip_names(item.format) for item in frame.declaration.wire_fields()]
    if len(formats) != 1 or not isinstance(formats[0], Sized) or formats[0].null is not None:
        raise NotCompilableError(f"{frame.__name__} is no length with its content")
    return formats[0]


def _least(sized: Sized, fields: list[Field]) -> int:
    """How many bytes the fields take that are read before anything depends on them."""
    formats: list[Construct] = [sized.prefix]
    before, _, following = _parts(fields)
    formats += [item.format for item in before]
    if following:
        formats.append(following[0].format.prefix)
    return sum(format.sizeof() for format in formats)


def _parts(fields: list[Field]) -> tuple[list[Field], list[Field], list[Field]]:
    """Numbers, then optional fields, then a text and what follows; or just the leading numbers, where fields
    don't stand in this order."""
    before = list(takewhile(lambda item: isinstance(strip_names(item.format), FormatField), fields))
    rest = fields[len(before) :]
    optional = list(takewhile(lambda item: isinstance(item.format, IfThenElse), rest))
    following = rest[len(optional) :]
    if not optional or not following or not isinstance(following[0].format, Varying):
        return before, [], []
    return before, optional, following


def _write_fields(
    writer: FieldsWriter, fields: list[Field], wanted: Sequence[str], values: dict[str, str]
) -> None:
    """Write the parse of fields; the sources of their values come into `values`.

    Optional fields are mostly absent: so the length of the text behind them is read together with the
    numbers before them, and once more where they are not.
    """
    before, optional, following = _parts(fields)
    scope = Scope()
    if not optional:
        writer.read_fields(fields, scope, values)
        return
    source = writer.source
    for item in before:
        values[item.name] = writer.value(item.format, scope, item.name)
        scope.add(item.name, values[item.name])
    text = following[0].format
    order, code = text.prefix.fmtstr[0], text.prefix.fmtstr[1:]
    (length,) = writer.fixed(order, code, "length")
    writer.flush()
    absent = scope.copy()
    for item in optional:
        absent.add(item.name, "None")
    targets = {item.name: source.local(item.name) for item in (*optional, *following) if item.name in wanted}
    conditions = [item.format.condfunc for item in optional]
    conditions = [one for one in conditions if one is conditions[0] or not _implies(one, conditions[0])]
    with source.block(f"if {any_of(conditions, absent)}:"):
        source.line(f"o -= {text.prefix.sizeof()}")
        found = dict[str, str]()
        writer.read_fields([*optional, *following], scope, found)
        for name, target in targets.items():
            source.line(f"{target} = {found[name]}")
    with source.block("else:"):
        found = {item.name: "None" for item in optional}
        found[following[0].name] = writer.varying_content(text, length, following[0].name)
        absent.add(following[0].name, found[following[0].name])
        writer.read_fields(following[1:], absent, found)
        for name, target in targets.items():
            source.line(f"{target} = {found[name]}")
    values |= targets


def _implies(condition: Any, other: Any) -> bool:
    """Whether a condition is another one and something more."""
    return (
        isinstance(condition, BinExpr)
        and condition.op is operator.and_
        and repr(condition.lhs) == repr(other)
    )
