"""The byte layout of a declaration, read from the declaration: what a reference is made of.

    >>> from volttools.formats.login import LoginRequest
    >>> for row in layout_of(LoginRequest.declaration)[:3]:
    ...     print(row.offset, row.name, row.shape, row.condition)
    0 version i8 None
    1 hash_scheme i8 version != 0
    None service str None

Knows constructs only by their kind; a record or type that is new needs no line here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from construct import (
    Bytes,
    Const,
    Construct,
    FormatField,
    GreedyBytes,
    IfThenElse,
    LazyBound,
    SizeofError,
    Struct,
    Subconstruct,
    Switch,
)

from volttools.formats.notation import (
    Counted,
    CountOf,
    Mapped,
    Measured,
    OrOpaque,
    PresenceFlags,
    Record,
    RecordFormat,
    Repeated,
    Sized,
    strip_names,
    takes_nothing,
)

_NUMBERS = {"b": "i8", "h": "i16", "l": "i32", "i": "i32", "q": "i64", "f": "f32", "d": "f64", "e": "f16"}


class Row(NamedTuple):
    """One field: where it stands, what it is.

    offset     of the first byte, where it is the same in every message; else None
    shape      the wire type in words
    condition  when the field is there at all; None: always
    kept       True for what is no field on the wire but changes what is built
    """

    offset: int | None
    name: str
    shape: str
    condition: str | None
    doc: str
    default: Any = None
    is_secret: bool = False
    is_kept: bool = False


def layout_of(declaration: Construct) -> list[Row]:
    """The fields of a record's declaration, or of a Struct, in wire order."""
    rows: list[Row] = []
    offset: int | None = 0
    for name, format, doc, is_secret in _fields_of(declaration):
        if format is None:
            rows.append(Row(None, name, "not on the wire", None, doc, is_kept=True))
            continue
        condition, inner = _condition(format)
        rows.append(Row(offset, name, shape_of(inner), condition, doc, is_secret=is_secret))
        width = width_of(inner)
        offset = None if condition or width is None or offset is None else offset + width
    return rows


def _fields_of(declaration: Construct) -> Iterator[tuple[str, Construct | None, str, bool]]:
    declaration = strip_names(declaration)
    if isinstance(declaration, RecordFormat):
        for f in declaration.fields:
            yield f.name, f.format, f.doc, f.secret
    elif isinstance(declaration, Struct):
        for subcon in declaration.subcons:
            yield subcon.name or "", subcon, subcon.docs or "", False


def _condition(format: Construct) -> tuple[str | None, Construct]:
    format = strip_names(format)
    if isinstance(format, IfThenElse) and takes_nothing(strip_names(format.elsesubcon)):
        return expression_text(format.condfunc), strip_names(format.thensubcon)
    return None, format


def expression_text(expression: Any) -> str:
    """An expression of construct as people write it: "version != 0"."""
    text = repr(expression)
    text = re.sub(r"this((?:\['\w+'\])+)", lambda match: ".".join(re.findall(r"\w+", match[1])), text)
    text = text.replace("this.", "")
    while text.startswith("(") and text.endswith(")") and _closes_at_end(text):
        text = text[1:-1]
    text = re.sub(r"\(([^()]*)\)", r"\1", text)
    text = re.sub(r" & (\d+)", lambda mask: f" has bit {int(mask[1]):02x}", text)
    return text.replace(" & ", " and ").replace(" | ", " or ")


def _closes_at_end(text: str) -> bool:
    depth = 0
    for index, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return index == len(text) - 1
    return False


def width_of(format: Construct) -> int | None:
    """The bytes that it always takes; None if that varies."""
    format = strip_names(format)
    if isinstance(format, RecordFormat):
        widths = [width_of(f.format) for f in format.wire_fields()]
        return None if None in widths else sum(width for width in widths if width is not None)
    if isinstance(format, _VARYING):
        return None
    try:
        return int(format.sizeof())
    except (SizeofError, NotImplementedError, KeyError, AttributeError, TypeError):
        return None


# Subconstruct gives the size of one element for these.
_VARYING = (Counted, Repeated, Sized, Measured, OrOpaque, LazyBound, IfThenElse, Switch)


def shape_of(format: Construct) -> str:
    """A construct in words: "i32", "str", "i16 count x Table"."""
    format = strip_names(format)
    if isinstance(format, RecordFormat):
        return format.cls.__name__
    if isinstance(format, FormatField):
        return _number_shape(format.fmtstr)
    if isinstance(format, Measured | Sized):
        null = getattr(format, "null", None)
        says = f"{shape_of(format.prefix)} length" + (f" ({null}: none)" if null is not None else "")
        return f"{says}, {shape_of(format.subcon)}"
    if isinstance(format, Counted):
        return f"{shape_of(format.prefix)} count x {shape_of(format.subcon)}"
    if isinstance(format, CountOf):
        return f"{shape_of(format.subcon)} count of {format.of}"
    if isinstance(format, Repeated):
        return f"{expression_text(format.count)} x {shape_of(format.subcon)}"
    if isinstance(format, PresenceFlags):
        bits = ", ".join(f"{bit:02x} {name}" for name, bit in format.bits.items())
        return f"{shape_of(format.subcon)} bits: {bits}"
    if isinstance(format, Const):
        return f"const {bytes(format.subcon.build(format.value)).hex()}"
    if isinstance(format, LazyBound):
        return shape_of(format.subconfunc())
    if isinstance(format, IfThenElse):
        condition = expression_text(format.condfunc)
        return f"{shape_of(format.thensubcon)} if {condition}, else {shape_of(format.elsesubcon)}"
    if isinstance(format, Switch):
        cases = [f"{key}: {shape_of(case)}" for key, case in format.cases.items()]
        cases.append(f"else: {shape_of(format.default)}")
        return f"by {expression_text(format.keyfunc)} ({'; '.join(cases)})"
    return _plain_shape(format)


def _plain_shape(format: Construct) -> str:
    if format is GreedyBytes:
        return "bytes to the end"
    if takes_nothing(format):
        return "nothing"
    if isinstance(format, Bytes):
        length = format.length
        return f"{length if isinstance(length, int) else expression_text(length)} bytes"
    label = getattr(format, "label", None)
    if isinstance(label, str):
        return label or "nothing"
    if isinstance(format, Subconstruct) and not isinstance(format, Mapped):
        return shape_of(format.subcon)
    return format.name or type(format).__name__


def _number_shape(format: str) -> str:
    endian, code = format[0], format[1:]
    shape = _NUMBERS.get(code.lower(), code)
    if code.isupper():
        shape = "u" + shape[1:]
    return shape + (" little-endian" if endian == "<" and shape[1:] != "8" else "")


def strip_lazy(format: Construct) -> Construct:
    """The construct itself, where only its name could be said when it was declared."""
    while isinstance(format, LazyBound):
        format = strip_names(format.subconfunc())
    return format


def records_within(declaration: Construct) -> list[type[Record]]:
    """The records that stand within a declaration, in order, each once."""
    found: dict[type[Record], None] = {}
    for _, format, _, _ in _fields_of(declaration):
        if format is not None:
            for record in _records_in(format):
                found.setdefault(record)
    return list(found)


def _records_in(format: Construct) -> Iterator[type[Record]]:
    format = strip_names(format)
    if isinstance(format, RecordFormat):
        yield format.cls
    elif isinstance(format, LazyBound):
        yield from _records_in(format.subconfunc())
    elif isinstance(format, IfThenElse):
        yield from _records_in(format.thensubcon)
        yield from _records_in(format.elsesubcon)
    elif isinstance(format, Subconstruct):
        yield from _records_in(format.subcon)
