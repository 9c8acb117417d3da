"""From a declaration to a build function: pieces first, then one concatenation.

The generated function takes a value and gives bytes. Everything of variable length is
made first; then all lengths are known, and neighbouring fixed fields are packed by one
`struct` call with the lengths among them. Any exception sends the caller to construct's
own build, which says what is wrong with the value.
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
    FormatField,
    GreedyBytes,
    IfThenElse,
    Pass,
    Struct,
    Switch,
)

from volttools.codec.build_rows import RowEncoders
from volttools.codec.build_writer import BuildWriter, Piece
from volttools.codec.on_demand import FunctionCache, FunctionsByCode, OnFirstUse
from volttools.codec.scalars import literal
from volttools.codec.source import NotCompilableError, Scope, looked_into
from volttools.errors import EncodeError
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
)
from volttools.formats.table import Rows
from volttools.formats.types import ArrayValue, TypeRegistry, Value

BuildFunction = Callable[[Any], bytes]


def new_writer(name: str, *, tolerant: bool) -> BuildWriter:
    """A writer that knows every construct of the notation."""
    return _BuildWriter(name, tolerant)


def compile_build(format: Construct, *, tolerant: bool = False) -> BuildFunction:
    """A build function for a declaration; NotCompilableError if it holds an unknown construct.

    tolerant  also write text with the lone surrogates that stand for bytes that are not UTF-8
    """
    writer = new_writer("build", tolerant=tolerant)
    pieces = writer.value(format, "value", Scope())
    writer.source.line(f"return {writer.joined(pieces)}")
    return writer.source.function("value")


class _BuildWriter(BuildWriter):
    """What is written for each construct; _HANDLERS has the list."""

    def write(self, format: Construct, value: str, scope: Scope) -> list[Piece] | None:
        """Write what is registered for the construct's class."""
        handler = _HANDLERS.get(type(format))
        return None if handler is None else handler(self, format, value, scope)

    # ------------------------------------------------------------ leaves

    def format_field(self, format: Any, value: str, scope: Scope) -> list[Piece]:
        return [Piece(format.fmtstr[0], format.fmtstr[1:], [value])]

    def packed(self, format: Packed, value: str, scope: Scope) -> list[Piece]:
        value = self.named(value)
        if not format.parts:
            self.wrong_if(f"{value} is not None")
            return []
        if format.encode is None:
            source = (
                value
                if format.null is None
                else f"({literal(format.null[0])} if {value} is None else {value})"
            )
            return [Piece(format.endian, format.format, [source])]
        encode = self.source.constant(format.encode, "encode")
        targets = [self.source.local("number") for _ in range(format.parts)]
        null = "" if format.null is None else f"{literal(format.null)} if {value} is None else "
        self.source.line(f"{', '.join(targets)}, = {null}{encode}({value})")
        return [Piece(format.endian, format.format, targets)]

    def bytes_(self, format: Any, value: str, scope: Scope) -> list[Piece]:
        value = self.named(value)
        self.wrong_if(f"{value}.__class__ is not bytes or len({value}) != {scope.expression(format.length)}")
        return [Piece(">", None, [value])]

    def rest(self, format: Any, value: str, scope: Scope) -> list[Piece]:
        value = self.named(value)
        self.wrong_if(f"not isinstance({value}, bytes)")
        return [Piece(">", None, [value])]

    def const(self, format: Any, value: str, scope: Scope) -> list[Piece]:
        self.wrong_if(f"{value} != {format.value!r}")
        return [Piece(">", None, [repr(format.build(format.value))])]

    def absent(self, format: Any, value: str, scope: Scope) -> list[Piece]:
        self.wrong_if(f"{value} is not None")
        return []

    def nothing(self, format: Any, value: str, scope: Scope) -> list[Piece]:
        return []

    def varying(self, format: Varying, value: str, scope: Scope) -> list[Piece]:
        value = self.named(value)
        data, length = self.source.local("data"), self.source.local("length")
        with self.source.block(f"if {value} is None:"):
            self.source.line(f'{data} = b""')
            self.source.line(f"{length} = -1")
        with self.source.block("else:"):
            self.source.line(f"{data} = {self.encoded(format, value)}")
            self.source.line(f"{length} = len({data})")
        prefix = format.prefix.fmtstr
        return [Piece(prefix[0], prefix[1:], [length]), Piece(">", None, [data])]

    def encoded(self, format: Varying, value: str) -> str:
        """The bytes of a text, or of bytes."""
        if format.text:
            return f'{value}.encode("utf-8", "surrogateescape")' if self.tolerant else f"{value}.encode()"
        encode = self.source.constant(format.encode, "encode_bytes")
        return f"{value} if {value}.__class__ is bytes else {encode}({value})"

    # -------------------------------------------------------- containers

    def record(self, format: RecordFormat, value: str, scope: Scope) -> list[Piece]:
        record = self.named(value)
        cls = self.source.constant(format.cls, format.cls.__name__)
        self.wrong_if(f"{record}.__class__ is not {cls}")
        inner = Scope()
        attributes = {}
        for item in format.valued_fields():
            attributes[item.name] = f"{record}.{item.attribute}"
            inner.add(item.name, attributes[item.name], item.format)
        pieces: list[Piece] = []
        for item in format.wire_fields():
            construct = item.format
            if isinstance(construct, PresenceFlags):
                flags = self._flags(construct, attributes[item.name], attributes)
                inner.add(item.name, flags)
                pieces += self.value(construct.subcon, flags, inner)
            elif isinstance(construct, CountOf):
                count = self.named(f"len({attributes[construct.of]})")
                inner.add(item.name, count)
                pieces += self.value(construct.subcon, count, inner)
            else:
                name = self.named(attributes[item.name])
                inner.add(item.name, name, looked_into(construct))
                pieces += self.value(construct, name, inner)
        return pieces

    def _flags(self, format: PresenceFlags, extra: str, attributes: dict[str, str]) -> str:
        flags = self.named(extra)
        for name, bit in format.bits.items():
            with self.source.block(f"if {attributes[name]} is not None:"):
                self.source.line(f"{flags} |= {bit}")
        return flags

    def struct_(self, format: Any, value: str, scope: Scope) -> list[Piece]:
        container = self.named(value)
        inner = Scope()
        pieces = []
        for sub in format.subcons:
            source = self.named(f"{container}[{sub.name!r}]") if sub.name else "None"
            if sub.name:
                inner.add(sub.name, source, looked_into(sub))
            pieces += self.value(sub, source, inner)
        return pieces

    def sized(self, format: Sized, value: str, scope: Scope) -> list[Piece]:
        if format.null is None:
            return self._with_length(format, value, scope)
        piece = self.source.local("piece")
        with self.source.block(f"if {value} is None:"):
            null = self.value(format.prefix, str(format.null), scope)
            self.source.line(f"{piece} = {self.joined(null)}")
        with self.source.block("else:"):
            pieces = self._with_length(format, value, scope)
            self.source.line(f"{piece} = {self.joined(pieces)}")
        return [Piece(">", None, [piece])]

    def _with_length(self, format: Sized, value: str, scope: Scope) -> list[Piece]:
        content = self.value(format.subcon, value, scope)
        return self.value(format.prefix, self.size(content), scope) + content

    def measured(self, format: Measured, value: str, scope: Scope) -> list[Piece]:
        content = self.value(format.subcon, value, scope)
        return self.value(format.prefix, f"{self.size(content)} + {value}.length_error", scope) + content

    def within(self, format: Any, value: str, scope: Scope) -> list[Piece]:
        return self.value(format.subcon, value, scope)

    def mapped(self, format: Mapped, value: str, scope: Scope) -> list[Piece]:
        encode = self.source.constant(format.encode, "encode")
        return self.value(format.subcon, f"{encode}({value})", scope)

    def or_opaque(self, format: OrOpaque, value: str, scope: Scope) -> list[Piece]:
        value = self.named(value)
        piece = self.source.local("piece")
        opaque = self.source.constant(Opaque, "Opaque")
        with self.source.block(f"if {value}.__class__ is {opaque}:"):
            self.source.line(f"{piece} = {value}")
        with self.source.block("else:"):
            pieces = self.value(format.subcon, value, scope)
            self.source.line(f"{piece} = {self.joined(pieces)}")
        return [Piece(">", None, [piece])]

    def counted(self, format: Counted, value: str, scope: Scope) -> list[Piece]:
        values = self.named(value)
        self.wrong_if(f"not isinstance({values}, (list, tuple))")
        return self.value(format.prefix, f"len({values})", scope) + self._elements(
            format.subcon, values, scope
        )

    def repeated(self, format: Any, value: str, scope: Scope) -> list[Piece]:
        values = self.named(value)
        count = scope.expression(format.count)
        self.wrong_if(f"not isinstance({values}, (list, tuple)) or len({values}) != {count}")
        return self._elements(format.subcon, values, scope)

    def _elements(self, format: Construct, values: str, scope: Scope) -> list[Piece]:
        if (piece := self._many_numbers(format, values)) is not None:
            return [piece]
        chunks, item, piece_name = (self.source.local(n) for n in ("chunks", "item", "piece"))
        self.source.line(f"{chunks} = []")
        with self.source.block(f"for {item} in {values}:"):
            pieces = self.value(format, item, scope)
            self.source.line(f"{chunks}.append({self.joined(pieces)})")
        self.source.line(f'{piece_name} = b"".join({chunks})')
        return [Piece(">", None, [piece_name])]

    def _many_numbers(self, format: Construct, values: str) -> Piece | None:
        """Pack a list of plain numbers at once."""
        if isinstance(format, FormatField):
            code, endian, null = format.fmtstr[1:], format.fmtstr[0], None
        elif isinstance(format, Packed) and len(format.format) == 1 and format.encode is None:
            code, endian, null = format.format, format.endian, format.null
        else:
            return None
        pack = self.source.constant(struct.pack, "struct_pack")
        items, piece = values, self.source.local("piece")
        if null is not None:
            items = self.source.local("numbers")
            number = f"{literal(null[0])} if n is None else n"
            self.source.line(f"{items} = [{number} for n in {values}] if None in {values} else {values}")
        self.source.line(f"{piece} = {pack}(f'{endian}{{len({values})}}{code}', *{items})")
        return Piece(">", None, [piece])

    # -------------------------------------------------- by what is there

    def choice(self, format: Any, value: str, scope: Scope) -> list[Piece]:
        piece = self.source.local("piece")
        with self.source.block(f"if {scope.expression(format.condfunc)}:"):
            pieces = self.value(format.thensubcon, value, scope)
            self.source.line(f"{piece} = {self.joined(pieces)}")
        with self.source.block("else:"):
            pieces = self.value(format.elsesubcon, value, scope)
            self.source.line(f"{piece} = {self.joined(pieces)}")
        return [Piece(">", None, [piece])]

    def switch(self, format: Any, value: str, scope: Scope) -> list[Piece]:
        piece, key = self.source.local("piece"), self.named(scope.expression(format.keyfunc))
        word = "if"
        for case, construct in format.cases.items():
            with self.source.block(f"{word} {key} == {case!r}:"):
                pieces = self.value(construct, value, scope)
                self.source.line(f"{piece} = {self.joined(pieces)}")
            word = "elif"
        with self.source.block("else:"):
            pieces = self.value(format.default, value, scope)
            self.source.line(f"{piece} = {self.joined(pieces)}")
        return [Piece(">", None, [piece])]

    def by_type(self, format: Any, value: str, scope: Scope) -> list[Piece]:
        functions = value_builders(
            format.registry, arrays=isinstance(format, ArrayValue), tolerant=self.tolerant
        )
        table = self.source.constant(functions, "by_type")
        piece = self.source.local("piece")
        self.source.line(f"{piece} = {table}[{scope.expression(format.code)}]({value})")
        return [Piece(">", None, [piece])]

    def later(self, format: Any, value: str, scope: Scope) -> list[Piece]:
        make = partial(compile_build, tolerant=self.tolerant)
        function = self.source.constant(OnFirstUse(format, make, EncodeError), "later")
        piece = self.source.local("piece")
        self.source.line(f"{piece} = {function}({value})")
        return [Piece(">", None, [piece])]

    def rows(self, format: Rows, value: str, scope: Scope) -> list[Piece]:
        builders = value_builders(format.registry, tolerant=self.tolerant)
        encoders = RowEncoders(format, builders, lambda name: new_writer(name, tolerant=self.tolerant))
        function = self.source.constant(encoders.build, "build_rows")
        values = self.named(value)
        piece = self.source.local("piece")
        self.source.line(f"{piece} = {function}({values}, {scope.expression(format.column_types)})")
        return [*self.value(format.prefix, f"len({values})", scope), Piece(">", None, [piece])]


def _value_builder(format: Construct, tolerant: bool) -> BuildFunction:
    try:
        return compile_build(format, tolerant=tolerant)
    except NotCompilableError:
        interpreted: BuildFunction = format.build
        return interpreted


_VALUE_BUILDERS = FunctionCache(_value_builder)


def value_builders(
    registry: TypeRegistry, *, arrays: bool = False, tolerant: bool = False
) -> FunctionsByCode[BuildFunction]:
    """The build functions for the values, or arrays, of a registry's types."""
    return _VALUE_BUILDERS.get(registry, arrays=arrays, tolerant=tolerant)


_HANDLERS: dict[type, Callable[[_BuildWriter, Any, str, Scope], list[Piece]]] = {
    FormatField: _BuildWriter.format_field,
    Packed: _BuildWriter.packed,
    Bytes: _BuildWriter.bytes_,
    type(GreedyBytes): _BuildWriter.rest,
    type(Pass): _BuildWriter.nothing,
    Nothing: _BuildWriter.absent,
    Const: _BuildWriter.const,
    Varying: _BuildWriter.varying,
    RecordFormat: _BuildWriter.record,
    Struct: _BuildWriter.struct_,
    Sized: _BuildWriter.sized,
    Measured: _BuildWriter.measured,
    Interned: _BuildWriter.within,
    Mapped: _BuildWriter.mapped,
    OrOpaque: _BuildWriter.or_opaque,
    Counted: _BuildWriter.counted,
    Repeated: _BuildWriter.repeated,
    Array: _BuildWriter.repeated,
    IfThenElse: _BuildWriter.choice,
    Switch: _BuildWriter.switch,
    Value: _BuildWriter.by_type,
    ArrayValue: _BuildWriter.by_type,
    Nested: _BuildWriter.later,
    Rows: _BuildWriter.rows,
}
