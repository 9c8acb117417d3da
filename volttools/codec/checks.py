"""Whether a message can be read, without making what it holds: for who looks at every one and needs no values.

It is the walk over the declaration that parsing is, with the same lengths and counts. But what is of fixed width is
passed over, whatever its bytes are, and so is text: bytes that are no UTF-8 can be read as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from construct import Construct, GreedyBytes

from volttools.codec.on_demand import FunctionCache
from volttools.codec.parse_compiler import MOST_RECORD_BYTES, MOST_RECORDS, FormatWriter
from volttools.codec.parse_records import Behind
from volttools.codec.row_checks import CheckFunction, RowChecks, width_of
from volttools.codec.scalars import WRONG, WrongBytesError
from volttools.codec.short_texts import WITHOUT_TEXT, unsigned_null
from volttools.codec.source import NotCompilableError, Scope
from volttools.formats.notation import (
    OrOpaque,
    Packed,
    Record,
    RecordFormat,
    Sized,
    Varying,
    strip_names,
)
from volttools.formats.table import Rows
from volttools.formats.types import ArrayValue, TypeRegistry, Value
from volttools.kept import Kept


def quick_check(kind: type[Record], body: bytes) -> bool:
    """Whether `parse` reads the bytes, and leaves nothing of what it knows as Opaque.

    False says nothing: ask `parse` then, which also tells what is wrong and where.

    >>> from volttools.formats.login import LoginResponse
    >>> quick_check(LoginResponse, b"\\x00\\xff"), quick_check(LoginResponse, b"\\x00")
    (True, False)
    """
    check = _CHECKS.get(kind) or _check_of(kind)
    end = len(body)
    try:
        return check(body, 0, end) == end
    except WRONG:
        return False


_CHECKS: dict[type[Record], CheckFunction] = {}


def _check_of(kind: type[Record]) -> CheckFunction:
    try:
        check = _compile_check(kind.declaration)
    except NotCompilableError:
        check = _never
    _CHECKS[kind] = check
    return check


def _never(buf: bytes, o: int, end: int) -> int:
    """For what only construct can read."""
    raise WrongBytesError


def _compile_check(format: Construct) -> CheckFunction:
    writer = _CheckWriter(f"check_{type(strip_names(format)).__name__}", tolerant=True)
    writer.value(format, Scope(), "value")
    writer.flush()
    writer.source.line("return o")
    return writer.source.function("buf, o, end")


def _value_check(format: Construct, tolerant: bool) -> CheckFunction:
    width = width_of(format)
    return _compile_check(format) if width is None else lambda buf, o, end: o + width


_VALUE_CHECKS = FunctionCache(_value_check)


def _value_checks(registry: TypeRegistry, *, arrays: bool = False) -> Any:
    return _VALUE_CHECKS.get(registry, arrays=arrays, tolerant=True)


class _CheckWriter(FormatWriter):
    """Writes what parsing writes, without the values; but frozen records are made, as expressions look into them."""

    makes_values = False

    def write(self, format: Construct, scope: Scope, hint: str) -> str | None:
        handler = None if self.makes_values else _HANDLERS.get(type(format))
        return super().write(format, scope, hint) if handler is None else handler(self, format, scope, hint)

    def packed(self, format: Packed, scope: Scope, hint: str) -> str:
        self.flush()
        self.source.line(f"o += {format.struct.size}")
        return "None"

    def rest(self, format: Any, scope: Scope, hint: str) -> str:
        self.flush()
        self.wrong_if(f"o > {self.end}")
        self.source.line(f"o = {self.end}")
        return "None"

    def record(self, format: RecordFormat, scope: Scope, hint: str) -> str:
        if format.is_frozen:
            self.makes_values = True
            made = super().record(format, scope, hint)
            self.makes_values = False
            return made
        self.fields(format.wire_fields(), Scope())
        self.flush()
        return "None"

    def text(self, format: Varying, length: str, hint: str, behind: Behind | None = None) -> str:
        if self.makes_values:
            return super().text(format, length, hint, behind)
        with self.source.block(f"if {length} != {unsigned_null(format)}:"):
            self.source.line(f"o += {length}")
        if behind is not None:
            self.source.line(f"{behind.targets} = {behind.by_length}[{WITHOUT_TEXT}](buf, o)")
            self.source.line(f"o += {behind.size}")
        return "None"

    def sized(self, format: Sized, scope: Scope, hint: str) -> str:
        """As parsing does, but a record that was checked before is told by its bytes: short tables come again."""
        if format.null is not None or not isinstance(strip_names(format.subcon), RecordFormat):
            return super().sized(format, scope, hint)
        outer, end, key = self.end, self.source.local("end"), self.source.local("key")
        self.length(format.prefix, scope, end)
        self.flush()
        self.end = end
        known = self.source.constant(Kept(MOST_RECORDS), "known")
        self.source.line(f"{key} = buf[o:{end}] if {end} - o <= {MOST_RECORD_BYTES} else None")
        with self.source.block(f"if {key} in {known}:"):
            self.source.line(f"o = {end}")
        with self.source.block("else:"):
            self.value(format.subcon, scope, hint)
            self.flush()
            self.wrong_if(f"o != {end}")
            with self.source.block(f"if {key} is not None:"):
                self.source.line(f"{known}.keep({key}, True)")
        self.end = outer
        return "None"

    def or_opaque(self, format: OrOpaque, scope: Scope, hint: str) -> str:
        value = self.value(format.subcon, scope, hint)
        self.flush()
        self.wrong_if(f"o != {self.end}")
        return value

    def by_type(self, format: Any, scope: Scope, hint: str) -> str:
        self.flush()
        checks = _value_checks(format.registry, arrays=isinstance(format, ArrayValue))
        table = self.source.constant(checks, "by_type")
        self.source.line(f"o = {table}[{scope.expression(format.code)}](buf, o, {self.end})")
        return "None"

    def rows(self, format: Rows, scope: Scope, hint: str) -> str:
        self.flush()
        checks = self.source.constant(RowChecks(format, _value_checks(format.registry)), "rows_by_types")
        types = scope.expression(format.column_types)
        self.source.line(f"o = {checks}[{types}](buf, o, {self.end})")
        return "None"

    def _elements(self, format: Construct, count: str, scope: Scope, hint: str) -> str:
        if self.makes_values:
            return super()._elements(format, count, scope, hint)
        width = width_of(strip_names(format))
        if width is not None:
            self.source.line(f"o += {width} * {count}")
            return "None"
        left = self.source.local("left")
        self.source.line(f"{left} = {count}")
        with self.source.block(f"while {left}:"):
            self.source.line(f"{left} -= 1")
            self.value(format, scope, "item")
            self.flush()
        return "None"


_HANDLERS: dict[type, Callable[[_CheckWriter, Any, Scope, str], str]] = {
    Packed: _CheckWriter.packed,
    type(GreedyBytes): _CheckWriter.rest,
    RecordFormat: _CheckWriter.record,
    Sized: _CheckWriter.sized,
    OrOpaque: _CheckWriter.or_opaque,
    Value: _CheckWriter.by_type,
    ArrayValue: _CheckWriter.by_type,
    Rows: _CheckWriter.rows,
}
