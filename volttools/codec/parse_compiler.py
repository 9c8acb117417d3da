"""From a declaration to a parse function: straight-line Python over (buf, o, end).

The generated function takes `buf` (bytes), an offset and the end of what it may read,
and gives a value and the next offset. It checks as little as is needed to be safe and
right; any exception sends the caller to `spans`, which finds the place of the error.

A construct is handled by the function registered for its class in _HANDLERS; a class
that is not there makes the whole declaration fall back to construct.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial
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
    Pass,
    Struct,
    Switch,
)

from volttools.codec import rows
from volttools.codec.interpreted import ParseFunction, interpreted
from volttools.codec.on_demand import FunctionCache, FunctionsByCode, OnFirstUse
from volttools.codec.parse_records import RecordWriter
from volttools.codec.scalars import WRONG, literal, unpacked
from volttools.codec.short_texts import unsigned
from volttools.codec.source import NotCompilableError, Scope, looked_into
from volttools.errors import DecodeError
from volttools.formats.notation import (
    Counted,
    CountOf,
    Interned,
    Mapped,
    Measured,
    Nested,
    Nothing,
    Opaque,
    OrOpaque,
    Packed,
    PresenceFlags,
    RecordFormat,
    Repeated,
    Sized,
    Varying,
    strip_names,
)
from volttools.formats.table import Rows
from volttools.formats.types import ArrayValue, TypeRegistry, Value
from volttools.kept import Kept

MOST_RECORDS = 512
"""Records that are kept by their bytes, such as headers of tables."""

MOST_RECORD_BYTES = 8192
"""Longer ones are not kept."""


def compile_parse(format: Construct, *, tolerant: bool = False) -> ParseFunction:
    """A parse function for a declaration; NotCompilableError if it holds an unknown construct.

    tolerant  read text that is not UTF-8 as lone surrogates; the strict variant is
              faster and raises UnicodeDecodeError
    """
    writer = FormatWriter(_function_name(format), tolerant)
    value = writer.value(format, Scope(), "value")
    writer.flush()
    writer.source.line(f"return {value}, o")
    return writer.source.function("buf, o, end")


def compile_whole(
    format: Construct,
    *,
    on_wrong: Callable[[Any], Any],
    on_text: Callable[[Any], Any] | None = None,
) -> Callable[[Any], Any]:
    """The same for bytes that hold the value and nothing else: a function bytes -> value.

    on_wrong  gives the value, or raises the error, of bytes that the function can't read
    on_text   the same where a text is not UTF-8; without it, the function is tolerant itself
    """
    writer = FormatWriter(_function_name(format), tolerant=on_text is None)
    source = writer.source
    with source.block("try:"):
        with source.block("if buf.__class__ is not bytes:"):
            source.line("buf = bytes(memoryview(buf))")  # TypeError for a number, unlike bytes(n)
        source.line("o = 0")
        source.line("end = len(buf)")
        value = writer.value(format, Scope(), "value")
        writer.flush()
        writer.wrong_if("o != end")
        source.line(f"return {value}")
    if on_text is not None:
        with source.block("except UnicodeDecodeError:"):
            source.line(f"return {source.constant(on_text, 'on_text')}(buf)")
    with source.block(f"except {source.constant(WRONG, 'WRONG')}:"):
        source.line(f"return {source.constant(on_wrong, 'on_wrong')}(buf)")
    return source.function("buf")


def new_writer(name: str, *, tolerant: bool, reads_rows: bool = True) -> RecordWriter:
    """A writer that knows every construct of the notation; `reads_rows`: see `heads.fields_reader`."""
    writer = FormatWriter(name, tolerant)
    writer.reads_rows = reads_rows
    return writer


def _function_name(format: Construct) -> str:
    plain = strip_names(format)
    return f"parse_{plain.name or type(plain).__name__}"


class FormatWriter(RecordWriter):
    """What is written for each construct, to parse it; _HANDLERS has the list.

    makes_values  False: what is read is only passed over, see `checks`
    """

    reads_rows = True
    makes_values = True

    def write(self, format: Construct, scope: Scope, hint: str) -> str | None:
        """Write what is registered for the construct's class."""
        handler = _HANDLERS.get(type(format))
        return None if handler is None else handler(self, format, scope, hint)

    # ------------------------------------------------------------ leaves

    def format_field(self, format: Any, scope: Scope, hint: str) -> str:
        return self.fixed(format.fmtstr[0], format.fmtstr[1:], hint)[0]

    def packed(self, format: Packed, scope: Scope, hint: str) -> str:
        targets = self.fixed(format.endian, format.format, hint, format.parts)
        value = targets[0] if format.decode is None and targets else self.source.local(hint)
        for line in unpacked(self.source, format, targets, value):
            self.after(line)
        return value

    def bytes_(self, format: Any, scope: Scope, hint: str) -> str:
        if isinstance(format.length, int):
            return self.fixed(">", f"{format.length}s", hint)[0] if format.length else 'b""'
        self.flush()
        value, stop = self.source.local(hint), self.source.local("stop")
        self.source.line(f"{stop} = o + {scope.expression(format.length)}")
        self.wrong_if(f"{stop} < o or {stop} > {self.end}")
        self.source.line(f"{value} = buf[o:{stop}]")
        self.source.line(f"o = {stop}")
        return value

    def rest(self, format: Any, scope: Scope, hint: str) -> str:
        self.flush()
        value = self.source.local(hint)
        self.source.line(f'{value} = b""')
        with self.source.block(f"if o != {self.end}:"):  # mostly there is nothing left
            self.wrong_if(f"o > {self.end}")
            self.source.line(f"{value} = buf[o:{self.end}]")
            self.source.line(f"o = {self.end}")
        return value

    def const(self, format: Any, scope: Scope, hint: str) -> str:
        value = self.value(format.subcon, scope, hint)
        self.flush()
        self.wrong_if(f"{value} != {format.value!r}")
        return value

    def nothing(self, format: Any, scope: Scope, hint: str) -> str:
        return "None"

    def varying(self, format: Varying, scope: Scope, hint: str) -> str:
        return self.text(format, self.number(unsigned(format.prefix), scope, "length"), hint)

    # -------------------------------------------------------- containers

    def struct_(self, format: Any, scope: Scope, hint: str) -> str:
        inner = Scope()
        pairs = []
        for sub in format.subcons:
            value = self.value(sub, inner, sub.name or "unnamed")
            if sub.name:
                inner.add(sub.name, value, looked_into(sub))
                pairs.append(f"{sub.name!r}: {value}")
        self.flush()
        container = self.source.local(hint)
        name = self.source.constant(Container, "Container")
        self.source.line(f"{container} = {name}({{{', '.join(pairs)}}})")
        return container

    def sized(self, format: Sized, scope: Scope, hint: str) -> str:
        value = self.source.local(hint)
        if format.null is None:
            outer, end = self.end, self.source.local("end")
            self.length(format.prefix, scope, end)
            self.end = end
            self._sized_content(format.subcon, value, scope, hint)
            self.end = outer
            return value
        length = self.number(format.prefix, scope, "length")
        with self.source.block(f"if {length} == {format.null}:"):
            self.source.line(f"{value} = None")
        with self.source.block("else:"):
            outer, self.end = self.end, self.source.local("end")
            self._write_end(self.end, "o", length, outer)
            self._sized_content(format.subcon, value, scope, hint)
            self.end = outer
        return value

    def _sized_content(self, format: Construct, value: str, scope: Scope, hint: str) -> None:
        found = self.value(format, scope, hint)
        self.flush()
        self.wrong_if(f"o != {self.end}")
        self.source.line(f"{value} = {found}")

    def measured(self, format: Measured, scope: Scope, hint: str) -> str:
        return self._measured_content(format, self.number(format.prefix, scope, "length"), scope, hint)

    def _measured_content(self, format: Measured, length: str, scope: Scope, hint: str) -> str:
        start = self.source.local("start")
        self.source.line(f"{start} = o")
        value = self.value(format.subcon, scope, hint)
        self.flush()
        with self.source.block(f"if {length} != o - {start}:"):
            self.source.line(f"{value} = {value}.replace(length_error={length} - (o - {start}))")
        return value

    def interned(self, format: Interned, scope: Scope, hint: str) -> str:
        measured = format.subcon
        record = strip_names(measured.subcon) if isinstance(measured, Measured) else None
        if not isinstance(record, RecordFormat) or not record.is_frozen:
            raise NotCompilableError("Interned takes a Measured frozen record")
        value, key, found = (self.source.local(n) for n in (hint, "key", "known"))
        cache = self.source.constant(Kept(MOST_RECORDS), "interned")
        length = self.number(measured.prefix, scope, "length")
        # a length that lies would have the rest of the message copied and hashed for each table
        lookup = f"{cache}.get({key} := buf[o:o + {length}])"
        self.source.line(f"{found} = {lookup} if 0 <= {length} <= {MOST_RECORD_BYTES} else None")
        with self.source.block(f"if {found} is not None:"):
            self.source.line(f"{value} = {found}")
            self.source.line(f"o += {length}")
        with self.source.block("else:"):
            parsed = self._measured_content(measured, length, scope, hint)
            with self.source.block(f"if not {parsed}.length_error and {length} <= {MOST_RECORD_BYTES}:"):
                self.source.line(f"{cache}.keep({key}, {parsed})")
            self.source.line(f"{value} = {parsed}")
        return value

    def within(self, format: Any, scope: Scope, hint: str) -> str:
        return self.value(format.subcon, scope, hint)

    def count_of(self, format: CountOf, scope: Scope, hint: str) -> str:
        count = self.number(format.subcon, scope, hint)
        self.wrong_if(f"{count} < 0 or {count} > {self.end} - o")
        return count

    def mapped(self, format: Mapped, scope: Scope, hint: str) -> str:
        number = self.number(format.subcon, scope, hint)
        value = self.source.local(hint)
        self.source.line(f"{value} = {self.source.constant(format.decode, 'decode')}({number})")
        return value

    def or_opaque(self, format: OrOpaque, scope: Scope, hint: str) -> str:
        self.flush()
        start, value = self.source.local("start"), self.source.local(hint)
        self.source.line(f"{start} = o")
        wrong = self.source.constant(WRONG, "WRONG")
        with self.source.block("try:"):
            found = self.value(format.subcon, scope, hint)
            self.flush()
            self.wrong_if(f"o != {self.end}")
            self.source.line(f"{value} = {found}")
        # not the bytes' fault: the tolerant variant, and `spans`, can read them
        not_wrong = "RecursionError" if self.tolerant else "(UnicodeDecodeError, RecursionError)"
        with self.source.block(f"except {not_wrong}:"):
            self.source.line("raise")
        with self.source.block(f"except {wrong}:"):
            opaque = self.source.constant(Opaque, "Opaque")
            self.source.line(f"{value} = {opaque}(buf[{start}:{self.end}])")
            self.source.line(f"o = {self.end}")
        return value

    def counted(self, format: Counted, scope: Scope, hint: str) -> str:
        return self.counted_elements(format, self.number(format.prefix, scope, "count"), scope, hint)

    def counted_elements(self, format: Counted, count: str, scope: Scope, hint: str) -> str:
        self.wrong_if(f"{count} < 0 or {count} > {self.end} - o")
        return self._elements(format.subcon, count, scope, hint)

    def repeated(self, format: Any, scope: Scope, hint: str) -> str:
        self.flush()
        count = self.source.local("count")
        self.source.line(f"{count} = {scope.expression(format.count)}")
        self.wrong_if(f"{count} < 0 or {count} > {self.end} - o")
        values = self._elements(format.subcon, count, scope, hint)
        if isinstance(format, Repeated) and self.makes_values:
            self.source.line(f"{values} = tuple({values})")
        return values

    def _elements(self, format: Construct, count: str, scope: Scope, hint: str) -> str:
        values = self.source.local(hint)
        plain = strip_names(format)
        if self._many_numbers(plain, count, values):
            return values
        self.source.line(f"{values} = []")
        left = self.source.local("left")
        self.source.line(f"{left} = {count}")
        with self.source.block(f"while {left}:"):  # mostly there is one, or none: cheaper than a range
            self.source.line(f"{left} -= 1")
            value = self.value(format, scope, "item")
            self.flush()
            self.source.line(f"{values}.append({value})")
        return values

    def _many_numbers(self, format: Construct, count: str, values: str) -> bool:
        """Unpack a list of plain numbers at once."""
        if isinstance(format, FormatField):
            code, endian, null = format.fmtstr[1:], format.fmtstr[0], None
        elif isinstance(format, Packed) and len(format.format) == 1 and format.decode is None:
            code, endian, null = format.format, format.endian, format.null
        else:
            return False
        unpack = self.source.constant(struct.unpack_from, "struct_unpack_from")
        self.source.line(f"{values} = list({unpack}(f'{endian}{{{count}}}{code}', buf, o))")
        self.source.line(f"o += {struct.calcsize(endian + code)} * {count}")
        if null:
            number = literal(null[0])
            with self.source.block(f"if {number} in {values}:"):
                self.source.line(
                    f"{values} = [None if number == {number} else number for number in {values}]"
                )
        return True

    # -------------------------------------------------- by what was read

    def choice(self, format: Any, scope: Scope, hint: str) -> str:
        self.flush()
        value = self.source.local(hint)
        with self.source.block(f"if {scope.expression(format.condfunc)}:"):
            self._branch(format.thensubcon, value, scope, hint)
        with self.source.block("else:"):
            self._branch(format.elsesubcon, value, scope, hint)
        return value

    def switch(self, format: Any, scope: Scope, hint: str) -> str:
        self.flush()
        value, key = self.source.local(hint), self.source.local("key")
        self.source.line(f"{key} = {scope.expression(format.keyfunc)}")
        word = "if"
        for case, construct in format.cases.items():
            with self.source.block(f"{word} {key} == {case!r}:"):
                self._branch(construct, value, scope, hint)
            word = "elif"
        with self.source.block("else:"):
            self._branch(format.default, value, scope, hint)
        return value

    def _branch(self, format: Construct, value: str, scope: Scope, hint: str) -> None:
        found = self.value(format, scope, hint)
        self.flush()
        self.source.line(f"{value} = {found}")

    def by_type(self, format: Any, scope: Scope, hint: str) -> str:
        self.flush()
        functions = value_parsers(
            format.registry, arrays=isinstance(format, ArrayValue), tolerant=self.tolerant
        )
        table = self.source.constant(functions, "by_type")
        value = self.source.local(hint)
        self.source.line(f"{value}, o = {table}[{scope.expression(format.code)}](buf, o, {self.end})")
        return value

    def later(self, format: Any, scope: Scope, hint: str) -> str:
        """A construct that refers to itself by a detour: a function of its own, made on first use."""
        self.flush()
        make = partial(compile_parse, tolerant=self.tolerant)
        function = self.source.constant(OnFirstUse(format, make, DecodeError), "later")
        value = self.source.local(hint)
        self.source.line(f"{value}, o = {function}(buf, o, {self.end})")
        return value

    def rows(self, format: Rows, scope: Scope, hint: str) -> str:
        self.flush()
        if not self.reads_rows:
            place = self.source.local("place")
            self.source.line(f"{place} = (o, {self.end})")
            self.source.line(f"o = {self.end}")
            return place
        values = value_parsers(format.registry, tolerant=self.tolerant)
        decoders = rows.RowDecoders(format, values, tolerant=self.tolerant)
        by_types = self.source.constant(decoders, "rows_by_types")
        value = self.source.local(hint)
        types = scope.expression(format.column_types)
        self.source.line(f"{value}, o = {by_types}[{types}](buf, o, {self.end})")
        return value


def _value_parser(format: Construct, tolerant: bool) -> ParseFunction:
    try:
        return compile_parse(format, tolerant=tolerant)
    except NotCompilableError:
        return interpreted(format)


_VALUE_PARSERS = FunctionCache(_value_parser)


def value_parsers(
    registry: TypeRegistry, *, arrays: bool = False, tolerant: bool = False
) -> FunctionsByCode[ParseFunction]:
    """The parse functions for the values, or arrays, of a registry's types."""
    return _VALUE_PARSERS.get(registry, arrays=arrays, tolerant=tolerant)


_HANDLERS: dict[type, Callable[[FormatWriter, Any, Scope, str], str]] = {
    FormatField: FormatWriter.format_field,
    Packed: FormatWriter.packed,
    Bytes: FormatWriter.bytes_,
    type(GreedyBytes): FormatWriter.rest,
    type(Pass): FormatWriter.nothing,
    Nothing: FormatWriter.nothing,
    Const: FormatWriter.const,
    Varying: FormatWriter.varying,
    RecordFormat: FormatWriter.record,
    Struct: FormatWriter.struct_,
    Sized: FormatWriter.sized,
    Measured: FormatWriter.measured,
    Interned: FormatWriter.interned,
    PresenceFlags: FormatWriter.within,
    CountOf: FormatWriter.count_of,
    Mapped: FormatWriter.mapped,
    OrOpaque: FormatWriter.or_opaque,
    Counted: FormatWriter.counted,
    Repeated: FormatWriter.repeated,
    Array: FormatWriter.repeated,
    IfThenElse: FormatWriter.choice,
    Switch: FormatWriter.switch,
    Value: FormatWriter.by_type,
    ArrayValue: FormatWriter.by_type,
    Nested: FormatWriter.later,
    Rows: FormatWriter.rows,
}
