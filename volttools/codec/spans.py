"""The tree of fields of a message: names, byte ranges, values, documents.

It walks the same declarations as the compiler, slowly and with a note of every place.
That makes it the view behind `-vv` and `--hex`, and the finder of an error's place: when
a compiled parse fails, the bytes are walked again to say where and why.

A construct that the walker does not know is one span, read by construct itself.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from construct import (
    Array,
    Bytes,
    Const,
    Construct,
    Container,
    FormatField,
    GreedyBytes,
    IfThenElse,
    LazyBound,
    Renamed,
    Struct,
    Switch,
)
from construct.core import evaluate

from volttools.errors import DecodeError
from volttools.formats.notation import (
    Counted,
    CountOf,
    Interned,
    Mapped,
    Measured,
    Nested,
    Opaque,
    OrOpaque,
    Packed,
    PresenceFlags,
    RecordFormat,
    Repeated,
    Sized,
    Varying,
    takes_nothing,
)
from volttools.formats.table import Rows
from volttools.formats.types import ArrayValue, Value

Buffer = bytes | bytearray | memoryview
"""What bytes of a message may be given as."""


@dataclass(slots=True)
class Span:
    """One field in the bytes of a message.

    name      the field's name, "[3]" for an element, a column's name for a value in a row
    start     first byte, counted from the start of the parsed bytes
    end       the byte behind the last
    value     what was parsed; None for NULL
    label     the shape on the wire: "i32", "str", "i16 count"
    doc       the declaration's line on it
    children  fields within, in order
    secret    never to be shown unless asked for
    """

    name: str
    start: int
    end: int
    value: Any = None
    label: str = ""
    doc: str = ""
    children: list[Span] = field(default_factory=list)
    secret: bool = False

    @property
    def is_leaf(self) -> bool:
        """Whether it holds no further fields."""
        return not self.children


def spans(kind: Any, data: Buffer, *, max_elements: int | None = None) -> Span:
    """Parse `data` as a record class or construct and give the tree of its fields.

    max_elements  how many elements of each list get spans of their own; the others are
                  in one span called "..."
    Raises DecodeError with offset and field path where the bytes are wrong; the fields
    before that place are in the error's `partial` tree.
    """
    return _walk_all(kind, data, max_elements)[0]


def locate(kind: Any, data: Buffer) -> Any:
    """The value of `data`, or the DecodeError that says exactly where it is wrong."""
    return _walk_all(kind, data, 0)[1]


def column_label(name: str | None) -> str:
    """A column's name as paths show it: hostile ones as a short literal, "" for none at all."""
    if name and name.isprintable() and len(name) <= 60:
        return name
    if not name:
        return '""'
    text = ascii(name)[1:-1]
    return text if len(text) <= 60 else text[:57] + "..."


def label_of(format: Construct) -> str:
    """The shape of a construct on the wire, in the words of the reference: "i32", "str"."""
    format = _plain(format)
    if isinstance(format, FormatField):
        code = format.fmtstr[-1]
        width = format.length * 8
        kind = "f" if code in "ef d" else ("u" if code.isupper() else "i")
        return f"{kind}{width}" + (" le" if format.fmtstr[0] == "<" and width > 8 else "")
    if isinstance(format, (PresenceFlags, CountOf)):
        return label_of(format.subcon)
    if isinstance(format, (Bytes, Const)):
        return "bytes"
    if format is GreedyBytes:
        return "bytes to the end"
    if isinstance(format, Counted):
        return f"{label_of(format.prefix)} count x {label_of(format.subcon)}"
    if isinstance(format, (Repeated, Array)):
        return f"n x {label_of(format.subcon)}"
    if isinstance(format, (Sized, Measured)):
        return f"{label_of(format.prefix)} length, {label_of(format.subcon)}"
    if isinstance(format, (Interned, OrOpaque)):
        return label_of(format.subcon)
    if isinstance(format, IfThenElse):
        return " or ".join(
            label_of(part) for part in (format.thensubcon, format.elsesubcon) if not takes_nothing(part)
        )
    if isinstance(format, RecordFormat):
        return str(format.name)
    if isinstance(format, Switch):
        return "by case"
    return str(getattr(format, "label", type(format).__name__))


def _plain(format: Construct) -> Construct:
    while isinstance(format, (Renamed, LazyBound)):
        format = format.subcon if isinstance(format, Renamed) else _bound(format)
    return format


def _bound(format: Any) -> Construct:
    bound: Construct = format.subconfunc()
    return bound


def _walk_all(kind: Any, data: Buffer, max_elements: int | None) -> tuple[Span, Any]:
    format = getattr(kind, "declaration", kind)
    data = data if isinstance(data, bytes) else bytes(memoryview(data))
    root = Span(str(getattr(format, "name", None) or "message"), 0, len(data))
    walk = _Walk(data, max_elements)
    try:
        value, offset = walk.into(root, format, 0, len(data), {}, root.name.lower())
        if offset != len(data):
            raise DecodeError(f"{len(data) - offset:,} bytes more than the message takes", offset=offset)
    except DecodeError as error:
        error.partial = root
        if error.path is None:
            error.path = root.name.lower()
        raise
    except RecursionError:
        raise DecodeError("too deep to be read", offset=0, path=root.name.lower()) from None
    return root, value


Context = Mapping[str, Any]
_Handler = Callable[["_Walk", Span, Any, int, int, Context, str], tuple[Any, int]]


class _Walk:
    """One walk over the bytes of one message."""

    def __init__(self, data: bytes, max_elements: int | None) -> None:
        self.data = data
        self.max_elements = max_elements

    def into(
        self, span: Span, format: Construct, offset: int, end: int, context: Context, path: str
    ) -> tuple[Any, int]:
        """Parse `format` at `offset`, and fill in `span`; gives the value and the next offset."""
        while isinstance(format, Renamed):
            format = format.subcon
        span.start = offset
        if not span.label:
            span.label = label_of(format)
        handler: _Handler = _HANDLERS.get(type(format), _Walk.unknown)
        try:
            span.value, offset = handler(self, span, format, offset, end, context, path)
        except DecodeError as error:
            if error.path is None:
                error.path = path or None
            if error.offset is None:
                error.offset = offset
            span.end = max(span.start, min(error.offset, end))
            raise
        span.end = offset
        return span.value, offset

    def child(
        self,
        parent: Span,
        name: str,
        format: Construct,
        offset: int,
        end: int,
        context: Context,
        path: str,
        doc: str = "",
    ) -> tuple[Any, int]:
        """Parse a field within `parent`; a field that takes no bytes gets no span."""
        span = Span(name, offset, offset, doc=doc)
        parent.children.append(span)
        inner = path + name if name.startswith("[") else f"{path}.{name}" if path else name
        value, offset = self.into(span, format, offset, end, context, inner)
        if span.start == span.end and not span.children:
            parent.children.pop()
        return value, offset

    def take(self, offset: int, size: int, end: int) -> bytes:
        """`size` bytes, or an error that says how many there are."""
        if size < 0:
            raise DecodeError(f"length {size:,} is negative", offset=offset)
        if offset + size > end:
            raise DecodeError(f"expected {size:,} bytes, {end - offset:,} are left", offset=offset)
        return self.data[offset : offset + size]

    # ------------------------------------------------------------ leaves

    def fixed(self, span: Span, format: Any, offset: int, end: int, context: Context, path: str) -> Any:
        size = format.sizeof()
        return format.parse(self.take(offset, size, end)), offset + size

    def bytes_(self, span: Span, format: Any, offset: int, end: int, context: Context, path: str) -> Any:
        size = evaluate(format.length, context)
        return self.take(offset, size, end), offset + size

    def rest(self, span: Span, format: Any, offset: int, end: int, context: Context, path: str) -> Any:
        return self.data[offset:end], end

    def const(self, span: Span, format: Any, offset: int, end: int, context: Context, path: str) -> Any:
        size = format.sizeof()
        found = format.subcon.parse(self.take(offset, size, end))
        if found != format.value:
            raise DecodeError(f"expected {format.value!r}, got {found!r}", offset=offset)
        return found, offset + size

    def varying(self, span: Span, format: Any, offset: int, end: int, context: Context, path: str) -> Any:
        length, start = self.fixed(span, format.prefix, offset, end, context, path)
        if length == -1:
            return None, start
        self.check_length(length, offset, start, end)
        data = self.data[start : start + length]
        value = data.decode("utf-8", "surrogateescape") if format.text else data
        return value, start + length

    def check_length(self, length: int, offset: int, start: int, end: int) -> None:
        """Whether what stands behind a length prefix at `offset` is there."""
        if length < 0:
            raise DecodeError(f"length {length:,}", offset=offset)
        if length > end - start:
            raise DecodeError(f"length {length:,}, but only {end - start:,} bytes are left", offset=offset)

    def unknown(self, span: Span, format: Any, offset: int, end: int, context: Context, path: str) -> Any:
        start = 0 if end == len(self.data) else offset
        stream = io.BytesIO(self.data[start:end])  # to the very end it is shared, not copied
        stream.seek(offset - start)
        try:
            value = format.parse_stream(stream, **context)
        except (DecodeError, RecursionError):
            raise
        except Exception as error:  # a construct of someone else's
            lines = str(error).strip().splitlines() or [type(error).__name__]
            raise DecodeError(lines[-1], offset=offset) from None
        return value, start + stream.tell()

    # -------------------------------------------------------- containers

    def record(self, span: Span, format: Any, offset: int, end: int, context: Context, path: str) -> Any:
        values = Container()
        for item in format.wire_fields():
            known = len(span.children)
            values[item.name], offset = self.child(
                span, item.name, item.format, offset, end, values, path, item.doc
            )
            if item.secret:
                for child in span.children[known:]:
                    child.secret = True
        return format.assemble(values), offset

    def struct(self, span: Span, format: Any, offset: int, end: int, context: Context, path: str) -> Any:
        values = Container()
        for sub in format.subcons:
            name = sub.name or type(sub).__name__
            inner = Container(values, _=context)
            value, offset = self.child(span, name, sub, offset, end, inner, path, sub.docs or "")
            if sub.name:
                values[sub.name] = value
        return values, offset

    def sized(self, span: Span, format: Any, offset: int, end: int, context: Context, path: str) -> Any:
        length, start = self.child(span, "length", format.prefix, offset, end, context, path)
        if format.null is not None and length == format.null:
            return None, start
        self.check_length(length, offset, start, end)
        value, stop = self.into(span, format.subcon, start, start + length, context, path)
        span.start = offset
        if stop != start + length:
            unread = start + length - stop
            raise DecodeError(f"length {length:,} is {unread:,} more than its content takes", offset=offset)
        return value, stop

    def measured(self, span: Span, format: Any, offset: int, end: int, context: Context, path: str) -> Any:
        length, start = self.child(span, "length", format.prefix, offset, end, context, path)
        value, stop = self.into(span, format.subcon, start, end, context, path)
        span.start = offset
        return value.replace(length_error=length - (stop - start)), stop

    def within(self, span: Span, format: Any, offset: int, end: int, context: Context, path: str) -> Any:
        return self.into(span, format.subcon, offset, end, context, path)

    def nested(self, span: Span, format: Any, offset: int, end: int, context: Context, path: str) -> Any:
        with format.level(DecodeError):
            return self.into(span, format.subconfunc(), offset, end, context, path)

    def mapped(self, span: Span, format: Any, offset: int, end: int, context: Context, path: str) -> Any:
        number, offset = self.into(span, format.subcon, offset, end, context, path)
        return format.decode(number), offset

    def or_opaque(self, span: Span, format: Any, offset: int, end: int, context: Context, path: str) -> Any:
        before = len(span.children)
        try:
            value, stop = self.into(span, format.subcon, offset, end, context, path)
        except DecodeError:
            stop = -1
        if stop == end:
            return value, end
        del span.children[before:]
        span.start = offset
        span.doc = f"{span.doc} (can't be read)".strip()
        return Opaque(self.data[offset:end]), end

    def counted(self, span: Span, format: Any, offset: int, end: int, context: Context, path: str) -> Any:
        start = offset
        count, offset = self.child(span, "count", format.prefix, offset, end, context, path)
        self.check_count(count, start, offset, end)
        return self.elements(span, format.subcon, count, offset, end, context, path)

    def repeated(self, span: Span, format: Any, offset: int, end: int, context: Context, path: str) -> Any:
        count = evaluate(format.count, context)
        self.check_count(count, offset, offset, end)
        values, offset = self.elements(span, format.subcon, count, offset, end, context, path)
        return tuple(values) if isinstance(format, Repeated) else values, offset

    def count_of(self, span: Span, format: Any, offset: int, end: int, context: Context, path: str) -> Any:
        count, stop = self.into(span, format.subcon, offset, end, context, path)
        self.check_count(count, offset, stop, end)
        return count, stop

    def check_count(self, count: int, place: int, offset: int, end: int) -> None:
        """A count that is negative, or larger than the bytes that are left, is wrong."""
        if count < 0:
            raise DecodeError(f"count {count:,}", offset=place)
        if count > end - offset:
            raise DecodeError(f"count {count:,}, but only {end - offset:,} bytes are left", offset=place)

    def elements(
        self, span: Span, format: Construct, count: int, offset: int, end: int, context: Context, path: str
    ) -> tuple[list[Any], int]:
        """Elements of a list; those beyond max_elements share a span."""
        values = []
        rest: Span | None = None
        for index in range(count):
            if self.max_elements is None or index < self.max_elements:
                value, offset = self.child(span, f"[{index}]", format, offset, end, context, path)
            else:
                if rest is None:
                    rest = Span("...", offset, offset, label=f"{count - index:,} more")
                    span.children.append(rest)
                value, offset = self.into(
                    Span("", offset, offset), format, offset, end, context, f"{path}[{index}]"
                )
                rest.end = offset
            values.append(value)
        return values, offset

    # -------------------------------------------------- by what was read

    def choice(self, span: Span, format: Any, offset: int, end: int, context: Context, path: str) -> Any:
        chosen = format.thensubcon if evaluate(format.condfunc, context) else format.elsesubcon
        return self.chosen(span, chosen, offset, end, context, path)

    def switch(self, span: Span, format: Any, offset: int, end: int, context: Context, path: str) -> Any:
        chosen = format.cases.get(evaluate(format.keyfunc, context), format.default)
        return self.chosen(span, chosen, offset, end, context, path)

    def chosen(self, span: Span, format: Any, offset: int, end: int, context: Context, path: str) -> Any:
        if takes_nothing(format):
            return None, offset
        span.label = label_of(format)
        return self.into(span, format, offset, end, context, path)

    def by_type(self, span: Span, format: Any, offset: int, end: int, context: Context, path: str) -> Any:
        code = evaluate(format.code, context)
        chosen = format.format_for(code)
        span.label = f"{format.registry.name_of(code)} {label_of(chosen)}"
        return self.into(span, chosen, offset, end, context, path)

    def rows(self, span: Span, format: Any, offset: int, end: int, context: Context, path: str) -> Any:
        start = offset
        types = evaluate(format.column_types, context)
        names = [column_label(name) for name in evaluate(format.names, context)]
        count, offset = self.child(span, "count", format.prefix, offset, end, context, path)
        self.check_count(count, start, offset, end)
        row = _RowFormat(format, types, names)
        return self.elements(span, row, count, offset, end, context, path)

    def row(self, span: Span, format: Any, offset: int, end: int, context: Context, path: str) -> Any:
        length, start = self.child(span, "length", format.rows.prefix, offset, end, context, path)
        self.check_length(length, offset, start, end)
        stop = start + length
        values = []
        position = start
        for name, column in zip(format.names, format.readable, strict=False):
            value, position = self.child(span, name, column, position, stop, context, path)
            values.append(value)
        if format.is_opaque:
            name = format.names[len(format.readable)]
            value, position = self.child(span, name, GreedyBytes, position, stop, context, path)
            values.append(Opaque(value))
        if position != stop:
            unread = stop - position
            raise DecodeError(f"row length {length:,} is {unread:,} more than its values take", offset=offset)
        return tuple(values), stop


class _RowFormat(Construct):  # type: ignore[misc]
    """One row of a table whose columns are known."""

    label = "row"

    def __init__(self, rows: Rows, types: Sequence[int], names: Sequence[str]) -> None:
        super().__init__()
        self.rows = rows
        self.names = names
        self.readable = rows.readable(types)
        self.is_opaque = len(self.readable) < len(types)


_HANDLERS: dict[type, _Handler] = {
    FormatField: _Walk.fixed,
    Packed: _Walk.fixed,
    Bytes: _Walk.bytes_,
    type(GreedyBytes): _Walk.rest,
    Const: _Walk.const,
    Varying: _Walk.varying,
    RecordFormat: _Walk.record,
    Struct: _Walk.struct,
    Sized: _Walk.sized,
    Measured: _Walk.measured,
    Interned: _Walk.within,
    PresenceFlags: _Walk.within,
    CountOf: _Walk.count_of,
    Nested: _Walk.nested,
    Mapped: _Walk.mapped,
    OrOpaque: _Walk.or_opaque,
    Counted: _Walk.counted,
    Repeated: _Walk.repeated,
    Array: _Walk.repeated,
    IfThenElse: _Walk.choice,
    Switch: _Walk.switch,
    Value: _Walk.by_type,
    ArrayValue: _Walk.by_type,
    Rows: _Walk.rows,
    _RowFormat: _Walk.row,
}
