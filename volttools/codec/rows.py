"""Rows of tables, by the signature of their columns.

A decoder is generated for each sequence of column types (`row_writer`); that costs about a
millisecond, so the first few rows of a signature are read value by value, and code is
generated when a signature comes again or has many rows.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from volttools.codec.row_writer import RowWriter
from volttools.codec.scalars import WrongBytesError
from volttools.formats.notation import Opaque
from volttools.formats.table import Row, Rows
from volttools.kept import Kept

MOST_SIGNATURES = 256  # of which the functions are kept
_ROWS_WORTH_CODE = 64
_CALLS_WORTH_CODE = 3
WIDE = 128  # columns; code for more takes 15 to 150 ms, so it must be many rows that pay for it
_ROWS_WORTH_WIDE_CODE = 512
_WIDEST = 1024  # what SQL allows; beyond it nothing is generated, and nothing remembered

_RowsFunction = Callable[[bytes, int, int], tuple[list[Row], int]]
_ValueParsers = Mapping[int, Callable[[bytes, int, int], tuple[Any, int]]]


class RowDecoders(Kept[tuple[int, ...], _RowsFunction]):
    """The functions that read count and rows of one `Rows` declaration, by column types."""

    def __init__(self, format: Rows, values: _ValueParsers, *, tolerant: bool) -> None:
        super().__init__(MOST_SIGNATURES)
        self._format = format
        self._values = values
        self._tolerant = tolerant

    def __missing__(self, types: tuple[int, ...]) -> _RowsFunction:
        decoder = RowDecoder(self._format, types, self._values, tolerant=self._tolerant)
        if len(types) > _WIDEST:
            return decoder.parse_by_value

        def parse_first(buf: bytes, o: int, end: int) -> tuple[list[Row], int]:
            if decoder.is_worth_code(buf, o, end):
                return self.keep(types, decoder.generate())(buf, o, end)
            return decoder.parse_by_value(buf, o, end)

        return self.keep(types, parse_first)


def is_worth_code(columns: int, rows: int, calls: int) -> bool:
    """Whether code for a signature will save more time than making it takes."""
    if columns > WIDE:
        return rows >= _ROWS_WORTH_WIDE_CODE and columns <= _WIDEST
    return calls >= _CALLS_WORTH_CODE or rows >= _ROWS_WORTH_CODE


class RowDecoder:
    """The rows of one signature: read value by value, or by generated code."""

    def __init__(self, format: Rows, types: Sequence[int], values: _ValueParsers, *, tolerant: bool) -> None:
        self._format = format
        self._readable = format.readable(types)
        self._is_opaque = len(self._readable) < len(types)
        self._parsers = [values[code] for code in types[: len(self._readable)]]
        self._tolerant = tolerant
        self._calls = 0
        self._unpack_prefix = struct.Struct(format.prefix.fmtstr).unpack_from
        self._prefix_size = format.prefix.sizeof()

    def is_worth_code(self, buf: bytes, o: int, end: int) -> bool:
        """Whether generating code pays: many rows here, or the signature has come before."""
        (count,) = self._unpack_prefix(buf, o)
        self._calls += 1
        if count * self._prefix_size > end - o:  # more than there can be: it won't be read anyway
            return False
        return is_worth_code(len(self._readable), count, self._calls)

    def parse_by_value(self, buf: bytes, o: int, end: int) -> tuple[list[Row], int]:
        """The rows without generated code."""
        (count,) = self._unpack_prefix(buf, o)
        o += self._prefix_size
        if count < 0 or count > end - o:
            raise WrongBytesError
        rows: list[Row] = []
        for _ in range(count):
            (length,) = self._unpack_prefix(buf, o)
            o += self._prefix_size
            stop = o + length
            if length < 0 or stop > end:
                raise WrongBytesError
            values = []
            for parser in self._parsers:
                value, o = parser(buf, o, stop)
                values.append(value)
            if self._is_opaque and o <= stop:
                values.append(Opaque(buf[o:stop]))
                o = stop
            if o != stop:
                raise WrongBytesError
            rows.append(tuple(values))
        return rows, o

    def generate(self) -> _RowsFunction:
        """The generated function."""
        writer = RowWriter(self._format.prefix, self._readable, self._parsers, tolerant=self._tolerant)
        return writer.function(is_opaque=self._is_opaque)
