"""Rows of tables to bytes, by the signature of their columns; the other direction of `rows`."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from construct import FormatField

from volttools.codec.build_writer import BuildWriter, Piece, WrongValueError
from volttools.codec.rows import MOST_SIGNATURES, WIDE, is_worth_code
from volttools.codec.source import Scope
from volttools.formats.notation import Opaque, Packed, Varying
from volttools.formats.table import Row, Rows
from volttools.kept import Kept


class RowEncoders:
    """The encoders of one `Rows` declaration, by column types; generated when it pays."""

    def __init__(
        self,
        format: Rows,
        values: Mapping[int, Callable[[Any], bytes]],
        new_writer: Callable[[str], BuildWriter],
    ) -> None:
        self._format = format
        self._values = values
        self._new_writer = new_writer
        self._calls = Kept[tuple[int, ...], int](MOST_SIGNATURES)
        self._generated = Kept[tuple[int, ...], Callable[[Sequence[Row]], bytes]](MOST_SIGNATURES)

    def build(self, rows: Sequence[Row], types: Sequence[int]) -> bytes:
        """The rows with their lengths, without their count."""
        key = tuple(types)
        function = self._generated.get(key)
        if function is not None:
            return function(rows)
        calls = self._calls.get(key, 0) + 1
        if is_worth_code(len(key), len(rows), calls):
            return self._generated.keep(key, self.generate(key))(rows)
        if len(key) <= WIDE:
            self._calls.keep(key, calls)
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
        writer = self._new_writer("build_rows")
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
