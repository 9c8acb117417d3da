"""Why a value can't be written, and which field of it is to blame.

The fast build fails without a word, and construct's own names no field the way we do.
So when both have failed, the value is walked along its declaration, and the first field
that can't be written is named: "response.tables[0].rows[3].PRICE: expected i32, got ...".
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from construct import (
    Array,
    Bytes,
    Const,
    Construct,
    ConstructError,
    Container,
    FormatField,
    GreedyBytes,
    IfThenElse,
    Pass,
    Renamed,
    Struct,
    Switch,
)
from construct.core import evaluate

from volttools.codec.spans import column_label, label_of
from volttools.errors import EncodeError, VoltToolsError
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
    misfit,
    shown,
)
from volttools.formats.table import Rows
from volttools.formats.types import ArrayValue, Value

Context = Mapping[str, Any]
_Handler = Callable[["_Search", Any, Any, Context, str], None]


def build_error(format: Construct, value: Any, failure: Exception) -> EncodeError:
    """The error that says which field of `value` can't be written; `failure` is what building gave."""
    path = str(getattr(format, "name", None) or "value").lower()
    try:
        _Search().check(format, value, Container(), path)
    except EncodeError as error:
        return error
    except RecursionError:
        return EncodeError("too deep to be written", path=path)
    if isinstance(failure, VoltToolsError):
        return EncodeError(failure.message, path=path)
    return EncodeError(f"can't be written: {_last_line(failure)}", path=path)


def _last_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[-1] if lines else type(error).__name__


class _Search:
    """A walk over a value that ends at the first field that can't be written."""

    def __init__(self) -> None:
        self.secret = False

    def check(self, format: Construct, value: Any, context: Context, path: str) -> None:
        """Raise EncodeError for the first part of `value` that `format` can't write."""
        while isinstance(format, Renamed):
            format = format.subcon
        try:
            _HANDLERS.get(type(format), _Search.leaf)(self, format, value, context, path)
        except EncodeError as error:
            raise error.with_place(path=path) from None
        except VoltToolsError as error:  # a type code without a format
            raise EncodeError(error.message, path=path) from None

    def shown(self, value: Any) -> str:
        """The value for a text; of a secret only what kind of thing it is."""
        return f"value of type {type(value).__name__}" if self.secret else shown(value)

    # ------------------------------------------------------------ leaves

    def leaf(self, format: Any, value: Any, context: Context, path: str) -> None:
        try:
            format.build(value, **context)
        except RecursionError:
            raise
        except ConstructError as error:
            text = f"expected {label_of(format)}, got {self.shown(value)}: {_last_line(error)}"
            raise EncodeError(text) from None
        except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError) as error:
            if isinstance(error, EncodeError) and not self.secret:
                raise
            text = f"expected {label_of(format)}, got {self.shown(value)}"
            raise EncodeError(text if self.secret else f"{text}: {error}") from None

    def number(self, format: Any, value: Any, context: Context, path: str) -> None:
        try:
            struct.pack(format.fmtstr, value)
        except (struct.error, OverflowError) as error:
            reason = "" if value is None else f": {misfit(format.fmtstr[1:], value) or error}"
            raise EncodeError(f"expected {label_of(format)}, got {self.shown(value)}{reason}") from None

    def some_bytes(self, format: Any, value: Any, context: Context, path: str) -> None:
        if not isinstance(value, (bytes, bytearray, memoryview)):
            raise EncodeError(f"expected bytes, got {self.shown(value)}")
        if isinstance(format, Bytes):
            size = evaluate(format.length, context)
            if len(value) != size:
                raise EncodeError(f"expected {size:,} bytes, got {len(value):,}")

    def const(self, format: Any, value: Any, context: Context, path: str) -> None:
        if value != format.value:
            raise EncodeError(f"expected {format.value!r}, got {self.shown(value)}")

    # -------------------------------------------------------- containers

    def record(self, format: RecordFormat, value: Any, context: Context, path: str) -> None:
        if not isinstance(value, format.cls):
            raise EncodeError(f"expected a {format.cls.__name__}, got {self.shown(value)}")
        values = Container({f.name: getattr(value, f.attribute) for f in format.valued_fields()})
        for item in format.wire_fields():
            inner = f"{path}.{item.attribute}"
            construct = item.format
            content = values.get(item.name)
            if isinstance(construct, CountOf):
                content = self._length(values[construct.of], f"{path}.{construct.of}")
                self._count(construct.subcon, content, f"{path}.{construct.of}")
                values[item.name] = content
                continue
            outer, self.secret = self.secret, self.secret or item.secret
            if isinstance(construct, PresenceFlags):
                self.check(construct.subcon, content, values, inner)
                values[item.name] = content | construct.implied(values)
            else:
                self.check(construct, content, values, inner)
            self.secret = outer

    def struct(self, format: Any, value: Any, context: Context, path: str) -> None:
        if not isinstance(value, Mapping):
            raise EncodeError(f"expected a dict, got {self.shown(value)}")
        for sub in format.subcons:
            if sub.name and sub.name not in value and not sub.flagbuildnone:
                raise EncodeError("no value", path=f"{path}.{sub.name}")
            content = value.get(sub.name) if sub.name else None
            if content is None and sub.flagbuildnone:
                continue
            inner = Container(value, _=context)
            self.check(sub, content, inner, f"{path}.{sub.name}" if sub.name else path)

    def sized(self, format: Sized, value: Any, context: Context, path: str) -> None:
        if value is None and format.null is not None:
            return
        self.check(format.subcon, value, context, path)
        self._count(format.prefix, len(format.subcon.build(value, **context)), path, "bytes")

    def measured(self, format: Measured, value: Any, context: Context, path: str) -> None:
        self.check(format.subcon, value, context, path)
        length = len(format.subcon.build(value, **context)) + value.length_error
        self.check(format.prefix, length, context, f"{path}.length_error")

    def within(self, format: Any, value: Any, context: Context, path: str) -> None:
        self.check(format.subcon, value, context, path)

    def nested(self, format: Nested, value: Any, context: Context, path: str) -> None:
        with format.level(EncodeError):
            self.check(format.subconfunc(), value, context, path)

    def or_opaque(self, format: OrOpaque, value: Any, context: Context, path: str) -> None:
        if not isinstance(value, Opaque):
            self.check(format.subcon, value, context, path)

    def counted(self, format: Counted, value: Any, context: Context, path: str) -> None:
        if not isinstance(value, (list, tuple)):
            raise EncodeError(f"expected a list, got {self.shown(value)}")
        self._count(format.prefix, len(value), path)
        self._elements(format.subcon, value, context, path)

    def repeated(self, format: Any, value: Any, context: Context, path: str) -> None:
        count = evaluate(format.count, context)
        if not isinstance(value, (list, tuple)):
            raise EncodeError(f"expected a list, got {self.shown(value)}")
        if len(value) != count:
            raise EncodeError(f"expected {count:,} elements, got {len(value):,}")
        self._elements(format.subcon, value, context, path)

    def _elements(self, format: Construct, values: Sequence[Any], context: Context, path: str) -> None:
        for index, value in enumerate(values):
            self.check(format, value, context, f"{path}[{index}]")

    def _length(self, values: Any, path: str) -> int:
        try:
            return len(values)
        except TypeError:
            raise EncodeError(f"expected a list, got {self.shown(values)}", path=path) from None

    def _count(self, prefix: Construct, count: int, path: str, unit: str = "elements") -> None:
        """Whether a count or length fits its prefix."""
        try:
            prefix.build(count)
        except EncodeError as error:
            raise error.with_place(path=path) from None
        except ConstructError:
            text = f"{count:,} {unit} are more than an {label_of(prefix)} can tell"
            raise EncodeError(text, path=path) from None

    # -------------------------------------------------- by what is there

    def choice(self, format: Any, value: Any, context: Context, path: str) -> None:
        chosen = format.thensubcon if evaluate(format.condfunc, context) else format.elsesubcon
        self.check(chosen, value, context, path)

    def switch(self, format: Any, value: Any, context: Context, path: str) -> None:
        self.check(format.cases.get(evaluate(format.keyfunc, context), format.default), value, context, path)

    def nothing(self, format: Any, value: Any, context: Context, path: str) -> None:
        pass

    def by_type(self, format: Any, value: Any, context: Context, path: str) -> None:
        self.check(format.format_for(evaluate(format.code, context)), value, context, path)

    def rows(self, format: Rows, value: Any, context: Context, path: str) -> None:
        types = evaluate(format.column_types, context)
        labels = [column_label(name) for name in evaluate(format.names, context)]
        if not isinstance(value, (list, tuple)):
            raise EncodeError(f"expected a list of rows, got {self.shown(value)}")
        self._count(format.prefix, len(value), path)
        formats = format.readable(types)
        expected = min(len(formats) + 1, len(types))
        for index, row in enumerate(value):
            place = f"{path}[{index}]"
            if not isinstance(row, (list, tuple)):
                raise EncodeError(
                    f"expected a row, a tuple of {expected} values, got {shown(row)}", path=place
                )
            if len(row) != expected:
                raise EncodeError(f"expected a row of {expected} values, got {len(row)}", path=place)
            for label, column, content in zip(labels, formats, row, strict=False):
                self.check(column, content, context, f"{place}.{label}")
            if len(formats) < len(types) and not isinstance(row[-1], Opaque):
                raise EncodeError(
                    f"expected Opaque bytes for a column of unknown type, got {shown(row[-1])}",
                    path=f"{place}.{labels[len(formats)]}",
                )


_HANDLERS: dict[type, _Handler] = {
    FormatField: _Search.number,
    Packed: _Search.leaf,
    Varying: _Search.leaf,
    Mapped: _Search.leaf,
    Bytes: _Search.some_bytes,
    type(GreedyBytes): _Search.some_bytes,
    Const: _Search.const,
    RecordFormat: _Search.record,
    Struct: _Search.struct,
    Sized: _Search.sized,
    Measured: _Search.measured,
    Interned: _Search.within,
    Nested: _Search.nested,
    OrOpaque: _Search.or_opaque,
    Counted: _Search.counted,
    Repeated: _Search.repeated,
    Array: _Search.repeated,
    type(Pass): _Search.nothing,
    IfThenElse: _Search.choice,
    Switch: _Search.switch,
    Value: _Search.by_type,
    ArrayValue: _Search.by_type,
    Rows: _Search.rows,
}
