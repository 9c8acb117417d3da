"""From a declaration to a build function: pieces first, then one concatenation.

The generated function takes a value and gives bytes. Everything of variable length is
made first; then all lengths are known, and neighbouring fixed fields are packed by one
`struct` call with the lengths among them. Any exception sends the caller to construct's
own build, which says what is wrong with the value.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
    Renamed,
    Struct,
    Switch,
)

from volttools.codec.rows import WIDE, is_worth_code
from volttools.codec.scalars import literal
from volttools.codec.source import NotCompilableError, Scope, Source
from volttools.errors import EncodeError
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
)
from volttools.formats.table import Row, Rows
from volttools.formats.types import ArrayValue, TypeRegistry, Value

BuildFunction = Callable[[Any], bytes]

_SIGNATURES = 256


class WrongValueError(ValueError):
    """Raised by generated code; construct's own build then says what is wrong."""


@dataclass(slots=True)
class Piece:
    """A part of the bytes: numbers to be packed (format), or the name of bytes that are there."""

    endian: str
    format: str | None
    sources: list[str]


def compile_build(format: Construct, *, tolerant: bool = False) -> BuildFunction:
    """A build function for a declaration; NotCompilableError if it holds an unknown construct.

    tolerant  also write text with the lone surrogates that stand for bytes that are not UTF-8
    """
    writer = BuildWriter("build", tolerant)
    pieces = writer.value(format, "value", Scope())
    writer.source.line(f"return {writer.joined(pieces)}")
    return writer.source.function("value")


class BuildWriter:
    """Writes one build function."""

    def __init__(self, name: str, tolerant: bool) -> None:
        self.source = Source(name)
        self.source.namespace["WrongValueError"] = WrongValueError
        self.tolerant = tolerant

    def value(self, format: Construct, value: str, scope: Scope) -> list[Piece]:
        """Write what a construct needs before it can be joined; gives its pieces."""
        while isinstance(format, Renamed):
            format = format.subcon
        handler = _HANDLERS.get(type(format))
        if handler is None:
            raise NotCompilableError(type(format).__name__)
        return handler(self, format, value, scope)

    def size(self, pieces: list[Piece]) -> str:
        """The source of the pieces' total length."""
        fixed = sum(struct.calcsize(p.endian + p.format) for p in pieces if p.format is not None)
        terms = [f"len({p.sources[0]})" for p in pieces if p.format is None]
        return " + ".join([str(fixed), *terms] if fixed or not terms else terms)

    def joined(self, pieces: list[Piece]) -> str:
        """The source of the pieces' bytes."""
        parts = []
        start = 0
        while start < len(pieces):
            piece = pieces[start]
            stop = start + 1
            if piece.format is None:
                parts.append(piece.sources[0])
            else:
                while (
                    stop < len(pieces)
                    and pieces[stop].format is not None
                    and pieces[stop].endian == piece.endian
                ):
                    stop += 1
                run = pieces[start:stop]
                name = self.source.struct(piece.endian + "".join(p.format or "" for p in run))
                pack = self.source.constant(self.source.namespace[name].pack, "pack")
                parts.append(f"{pack}({', '.join(s for p in run for s in p.sources)})")
            start = stop
        if not parts:
            return 'b""'
        return " + ".join(parts) if len(parts) < 6 else f'b"".join(({", ".join(parts)}))'

    def joined_name(self, pieces: list[Piece]) -> list[Piece]:
        """The pieces as one piece."""
        name = self.source.local("piece")
        self.source.line(f"{name} = {self.joined(pieces)}")
        return [Piece(">", None, [name])]

    def wrong_if(self, condition: str) -> None:
        """Give up where a condition holds."""
        with self.source.block(f"if {condition}:"):
            self.source.line("raise WrongValueError")

    def named(self, source: str) -> str:
        """A local for an expression that is used more than once."""
        if source.isidentifier():
            return source
        name = self.source.local("value")
        self.source.line(f"{name} = {source}")
        return name

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
                inner.add(item.name, name, _content(construct))
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
                inner.add(sub.name, source, _content(sub))
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
        function = self.source.constant(_OnFirstUse(format, self.tolerant), "later")
        piece = self.source.local("piece")
        self.source.line(f"{piece} = {function}({value})")
        return [Piece(">", None, [piece])]

    def rows(self, format: Rows, value: str, scope: Scope) -> list[Piece]:
        encoders = RowEncoders(
            format, value_builders(format.registry, tolerant=self.tolerant), tolerant=self.tolerant
        )
        function = self.source.constant(encoders.build, "build_rows")
        values = self.named(value)
        piece = self.source.local("piece")
        self.source.line(f"{piece} = {function}({values}, {scope.expression(format.column_types)})")
        return [*self.value(format.prefix, f"len({values})", scope), Piece(">", None, [piece])]


def _content(format: Construct) -> Construct:
    while isinstance(format, (Renamed, Interned, Measured, Sized)):
        format = format.subcon
    return format


class _OnFirstUse:
    """A build function that is compiled when it is first needed."""

    def __init__(self, format: Any, tolerant: bool) -> None:
        self._format = format
        self._tolerant = tolerant
        self._function: BuildFunction | None = None

    def __call__(self, value: Any) -> bytes:
        if self._function is None:
            self._function = compile_build(self._format.subconfunc(), tolerant=self._tolerant)
        with self._format.level(EncodeError):
            return self._function(value)


class ValueBuilders(dict[int, BuildFunction]):
    """Build functions by type code, each compiled when it is first needed."""

    def __init__(self, registry: TypeRegistry, arrays: bool, tolerant: bool) -> None:
        super().__init__()
        self._construct = ArrayValue(None, registry) if arrays else Value(None, registry)
        self._tolerant = tolerant

    def __missing__(self, code: int) -> BuildFunction:
        format = self._construct.format_for(code)
        try:
            function = compile_build(format, tolerant=self._tolerant)
        except NotCompilableError:
            function = format.build
        self[code] = function
        return function


_VALUE_BUILDERS: dict[tuple[int, bool, bool], ValueBuilders] = {}


def value_builders(registry: TypeRegistry, *, arrays: bool = False, tolerant: bool = False) -> ValueBuilders:
    """The build functions for the values, or arrays, of a registry's types."""
    key = (id(registry), arrays, tolerant)
    found = _VALUE_BUILDERS.get(key)
    if found is None:
        found = _VALUE_BUILDERS[key] = ValueBuilders(registry, arrays, tolerant)
    return found


class RowEncoders:
    """The encoders of one `Rows` declaration, by column types; generated when it pays."""

    def __init__(self, format: Rows, values: ValueBuilders, *, tolerant: bool) -> None:
        self._format = format
        self._values = values
        self._tolerant = tolerant
        self._calls: dict[tuple[int, ...], int] = {}
        self._generated: dict[tuple[int, ...], Callable[[Sequence[Row]], bytes]] = {}

    def build(self, rows: Sequence[Row], types: Sequence[int]) -> bytes:
        """The rows with their lengths, without their count."""
        key = tuple(types)
        function = self._generated.get(key)
        if function is not None:
            return function(rows)
        calls = self._calls.get(key, 0) + 1
        if is_worth_code(len(key), len(rows), calls):
            if len(self._generated) >= _SIGNATURES:
                self._generated.clear()
            function = self._generated[key] = self.generate(key)
            return function(rows)
        if len(self._calls) >= _SIGNATURES:
            self._calls.clear()
        if len(key) <= WIDE:
            self._calls[key] = calls
        return self.build_by_value(rows, key)

    def build_by_value(self, rows: Sequence[Row], types: Sequence[int]) -> bytes:
        """The rows without generated code."""
        readable = len(self._format.readable(types))
        builders = [self._values[code] for code in types[:readable]]
        if readable < len(types):
            builders.append(_opaque)
        pack = struct.Struct(self._format.prefix.fmtstr).pack
        chunks: list[bytes] = []
        for row in rows:
            data = b"".join([build(value) for build, value in zip(builders, row, strict=True)])
            chunks += (pack(len(data)), data)
        return b"".join(chunks)

    def generate(self, types: Sequence[int]) -> Callable[[Sequence[Row]], bytes]:
        """The generated function of a signature."""
        columns = self._format.readable(types)
        is_opaque = len(columns) < len(types)
        writer = BuildWriter("build_rows", self._tolerant)
        source = writer.source
        names = [f"column_{index}" for index in range(len(columns) + is_opaque)]
        source.line("chunks = []")
        source.line("append = chunks.append")
        with source.block(f"for {', '.join(names)}, in rows:" if names else "for () in rows:"):
            pieces: list[Piece] = []
            for name, column, code in zip(names, columns, types, strict=False):
                if isinstance(column, (FormatField, Packed, Varying)):
                    pieces += writer.value(column, name, Scope())
                else:  # larger ones by a function: inline, each would be as long as all the rest
                    source.line(f"{name} = {source.constant(self._values[code], 'build_value')}({name})")
                    pieces.append(Piece(">", None, [name]))
            if is_opaque:
                source.line(f"{names[-1]} = {source.constant(_opaque, 'opaque')}({names[-1]})")
                pieces.append(Piece(">", None, [names[-1]]))
            prefix = writer.value(self._format.prefix, writer.size(pieces), Scope())
            source.line(f"append({writer.joined(prefix + pieces)})")
        source.line('return b"".join(chunks)')
        return source.function("rows")


def _opaque(value: Any) -> bytes:
    if not isinstance(value, Opaque):
        raise WrongValueError
    return value


_HANDLERS: dict[type, Callable[[BuildWriter, Any, str, Scope], list[Piece]]] = {
    FormatField: BuildWriter.format_field,
    Packed: BuildWriter.packed,
    Bytes: BuildWriter.bytes_,
    type(GreedyBytes): BuildWriter.rest,
    type(Pass): BuildWriter.nothing,
    Const: BuildWriter.const,
    Varying: BuildWriter.varying,
    RecordFormat: BuildWriter.record,
    Struct: BuildWriter.struct_,
    Sized: BuildWriter.sized,
    Measured: BuildWriter.measured,
    Interned: BuildWriter.within,
    Mapped: BuildWriter.mapped,
    OrOpaque: BuildWriter.or_opaque,
    Counted: BuildWriter.counted,
    Repeated: BuildWriter.repeated,
    Array: BuildWriter.repeated,
    IfThenElse: BuildWriter.choice,
    Switch: BuildWriter.switch,
    Value: BuildWriter.by_type,
    ArrayValue: BuildWriter.by_type,
    Nested: BuildWriter.later,
    Rows: BuildWriter.rows,
}
