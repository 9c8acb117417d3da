"""Rows of tables, by the signature of their columns.

A decoder is generated for each sequence of column types; that costs about a
millisecond, so the first few rows of a signature are read value by value, and code is
generated when a signature comes again or has many rows. What won, measured
(`make bench`): fixed columns by `iter_unpack`, the tuple reused when nothing in it is
NULL; with strings a loop whose structs, indexed by the string's length, unpack the
string and the fixed columns behind it together.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from construct import Construct, FormatField

from volttools.codec.scalars import WrongBytesError, decoding, literal, unpacked
from volttools.codec.source import Source
from volttools.formats.notation import Opaque, Packed, Varying
from volttools.formats.table import Row, Rows

_SIGNATURES = 256  # decoders that are kept; beyond that all are dropped and made anew
_ROWS_WORTH_CODE = 64
_CALLS_WORTH_CODE = 3
WIDE = 128  # columns; code for more takes 15 to 150 ms, so it must be many rows that pay for it
_ROWS_WORTH_WIDE_CODE = 512
_WIDEST = 1024  # what SQL allows; beyond it nothing is generated, and nothing remembered
_SHORT_TEXT = 64  # longer strings are rarer than the structs they would need
_FEW_ROWS = 8  # up to there a plain loop is faster than work on whole columns

_RowsFunction = Callable[[bytes, int, int], tuple[list[Row], int]]
_ValueParsers = Mapping[int, Callable[[bytes, int, int], tuple[Any, int]]]


class RowDecoders(dict[tuple[int, ...], _RowsFunction]):
    """The functions that read count and rows of one `Rows` declaration, by column types.

    A dict, so that the generated code of a message reaches the right one in one step.
    """

    def __init__(self, format: Rows, values: _ValueParsers, *, tolerant: bool) -> None:
        super().__init__()
        self._format = format
        self._values = values
        self._tolerant = tolerant

    def __missing__(self, types: tuple[int, ...]) -> _RowsFunction:
        if len(self) >= _SIGNATURES:
            self.clear()
        decoder = RowDecoder(self._format, types, self._values, tolerant=self._tolerant)
        if len(types) > _WIDEST:
            return decoder.parse_by_value

        def parse_first(buf: bytes, o: int, end: int) -> tuple[list[Row], int]:
            if decoder.is_worth_code(buf, o, end):
                self[types] = decoder.generate()
                return self[types](buf, o, end)
            return decoder.parse_by_value(buf, o, end)

        self[types] = parse_first
        return parse_first


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
        source = Source("parse_rows")
        source.namespace["WrongBytesError"] = WrongBytesError
        if not self._is_opaque and all(_fixed(column) is not None for column in self._readable):
            self._write_fixed(source)
        else:
            self._write_count(source)
            self._write_varying(source)
            source.line("return rows, o")
        return source.function("buf, o, end")

    def _write_count(self, source: Source) -> None:
        unpack = source.namespace[source.struct(self._format.prefix.fmtstr)].unpack_from
        source.line(f"count, = {source.constant(unpack, 'unpack')}(buf, o)")
        source.line(f"o += {self._prefix_size}")

    # ------------------------------------------------------ fixed columns

    def _write_fixed(self, source: Source) -> None:
        columns = [_as_packed(column) for column in self._readable]
        body = "".join(column.format for column in columns)
        size = struct.calcsize(">" + body)
        stride = self._prefix_size + size
        names = [[f"c{i}_{part}" for part in range(c.parts)] for i, c in enumerate(columns)]
        targets = "".join(f"{name}, " for group in names for name in group)
        values = "".join(
            f"{_as_expression(source, column, group)}, " for column, group in zip(columns, names, strict=True)
        )
        self._write_one_row(source, body, targets, values, size)
        self._write_count(source)
        source.line(f"stop = o + count * {stride}")
        with source.block("if count < 0 or stop > end:"):
            source.line("raise WrongBytesError")
        with source.block(f"if count < {_FEW_ROWS}:"):
            prefixed = source.namespace[source.struct(self._format.prefix.fmtstr + body)]
            source.line("rows = []")
            with source.block("for _ in range(count):"):
                source.line(f"length, {targets} = {source.constant(prefixed.unpack_from, 'unpack')}(buf, o)")
                source.line(f"o += {stride}")
                with source.block(f"if length != {size}:"):
                    source.line("raise WrongBytesError")
                source.line(f"rows.append(({values}))")
            source.line("return rows, stop")
        source.line("data = buf[o:stop]")
        # every row must have the one right length: its bytes, compared over all rows at once
        prefix = struct.pack(self._format.prefix.fmtstr, size)
        checks = [f"data[{i}::{stride}] != {bytes([byte])!r} * count" for i, byte in enumerate(prefix)]
        with source.block(f"if {' or '.join(checks)}:"):
            source.line("raise WrongBytesError")
        unpack = source.namespace[source.struct(f">{self._prefix_size}x{body}")]
        iterate = source.constant(unpack.iter_unpack, "iterate")
        if all(column.decode is None and column.parts == 1 for column in columns):
            source.line(f"rows = list({iterate}(data))")
            self._write_nulls(source, columns, stride)
        else:
            source.line(f"rows = [({values}) for {targets or '()'} in {iterate}(data)]")
        source.line("return rows, stop")

    def _write_one_row(self, source: Source, body: str, targets: str, values: str, size: int) -> None:
        """One row, as most answers have: count, length and values by one unpack."""
        prefix = self._format.prefix.fmtstr
        unpack = source.namespace[source.struct(prefix + prefix[1:] + body)].unpack_from
        stop = 2 * self._prefix_size + size
        with source.block(f"if o + {stop} <= end:"):
            source.line(f"count, length, {targets} = {source.constant(unpack, 'unpack')}(buf, o)")
            with source.block(f"if count == 1 and length == {size}:"):
                source.line(f"return [({values})], o + {stop}")

    def _write_nulls(self, source: Source, columns: list[Packed], stride: int) -> None:
        """Put None into the rows that have a NULL, found by its first byte in each column."""
        offset = self._prefix_size
        for index, column in enumerate(columns):
            if column.null:
                first = column.struct.pack(*column.null)[:1]
                source.line(f"find = data[{offset}::{stride}].find")
                source.line(f"at = find({first!r})")
                with source.block("while at >= 0:"):
                    source.line("row = rows[at]")
                    with source.block(f"if row[{index}] == {literal(column.null[0])}:"):
                        source.line(f"rows[at] = (*row[:{index}], None, *row[{index + 1}:])")
                    source.line(f"at = find({first!r}, at + 1)")
            offset += column.struct.size

    # ---------------------------------------------------- varying columns

    def _write_varying(self, source: Source) -> None:
        with source.block("if count < 0 or count > end - o:"):
            source.line("raise WrongBytesError")
        source.line("rows = []")
        source.line("append = rows.append")
        runs = _runs(self._readable)
        with source.block("for _ in range(count):"):
            prefix = self._format.prefix.fmtstr[1:]
            first = _Run(source, 0, runs[0], prefix=prefix)
            source.line(f"{first.targets} = {first.unpack}(buf, o)")
            source.line(f"stop = o + {self._prefix_size} + length")
            source.line(f"o += {first.size}")
            values = first.values()
            for number, run in enumerate(runs[1:], 1):
                values += self._write_run(source, number, runs[number - 1], run)
            if self._is_opaque:
                with source.block("if o > stop:"):
                    source.line("raise WrongBytesError")
                source.line(f"rest = {source.constant(Opaque, 'Opaque')}(buf[o:stop])")
                source.line("o = stop")
                values.append("rest")
            with source.block("if o != stop:"):
                source.line("raise WrongBytesError")
            source.line(f"append(({', '.join(values)},))" if values else "append(())")
        with source.block("if o > end:"):  # no row needs a look of its own: each ended where it should
            source.line("raise WrongBytesError")

    def _write_run(
        self,
        source: Source,
        number: int,
        before: list[tuple[int, Construct]],
        run: list[tuple[int, Construct]],
    ) -> list[str]:
        """The column that ended the run before, and the fixed columns behind it."""
        index, column = before[-1]
        value = f"v{index}"
        following = _Run(source, number, run)
        if not isinstance(column, Varying):
            parser = source.constant(self._parsers[index], "parse_value")
            source.line(f"{value}, o = {parser}(buf, o, stop)")
            if following.size:
                source.line(f"{following.targets} = {following.unpack}(buf, o)")
                source.line(f"o += {following.size}")
            return [value, *following.values()]
        length = f"n{index}"
        decode = decoding(column, self._tolerant)
        together = _Together(following.format)
        by_length = source.constant(together.by_length, "by_length")
        make = source.constant(together.make, "make")
        with source.block(f"if 0 <= {length} < {_SHORT_TEXT}:"):
            targets = ", ".join([value, following.targets]) if following.size else f"{value},"
            source.line(f"{targets} = ({by_length}[{length}] or {make}({length}))(buf, o)")
            source.line(f"o += {length} + {following.size}")
            if decode:
                source.line(f"{value} = {value}{decode}")
        with source.block("else:"):
            with source.block(f"if {length} >= 0:"):
                source.line(f"at = o + {length}")
                with source.block("if at > stop:"):
                    source.line("raise WrongBytesError")
                source.line(f"{value} = buf[o:at]{decode}")
                source.line("o = at")
            with source.block(f"elif {length} == -1:"):
                source.line(f"{value} = None")
            with source.block("else:"):
                source.line("raise WrongBytesError")
            if following.size:
                source.line(f"{following.targets} = {following.unpack}(buf, o)")
                source.line(f"o += {following.size}")
        return [value, *following.values()]


class _Run:
    """Fixed columns that are unpacked together, and the length of the string behind them."""

    def __init__(
        self, source: Source, number: int, run: list[tuple[int, Construct]], *, prefix: str = ""
    ) -> None:
        self._source = source
        self._columns: list[tuple[Packed, list[str]]] = []
        names: list[str] = ["length"] if prefix else []
        self.format = prefix
        for index, column in run:
            if isinstance(column, Varying):
                self.format += column.prefix.fmtstr[1:]
                names.append(f"n{index}")
            elif _fixed(column) is not None:
                packed = _as_packed(column)
                parts = [f"c{index}_{part}" for part in range(packed.parts)]
                self.format += packed.format
                names += parts
                self._columns.append((packed, parts))
        self.size = struct.calcsize(">" + self.format)
        self.targets = ", ".join(names) + ","
        if self.size:
            structure = source.namespace[source.struct(">" + self.format)]
            self.unpack = source.constant(structure.unpack_from, "unpack")

    def values(self) -> list[str]:
        """The expressions of the fixed columns' values; what they need is written."""
        return [_as_expression(self._source, column, parts) for column, parts in self._columns]


class _Together:
    """unpack_from of a string of a given length and the fixed fields behind it, by length."""

    def __init__(self, following: str) -> None:
        self._following = following
        self.by_length: list[Callable[..., tuple[Any, ...]] | None] = [None] * _SHORT_TEXT

    def make(self, length: int) -> Callable[..., tuple[Any, ...]]:
        """The function for a length that was not met before."""
        unpack = struct.Struct(f">{length}s{self._following}").unpack_from
        self.by_length[length] = unpack
        return unpack


def _fixed(column: Construct) -> str | None:
    """The struct format of a column of fixed width; None for the others."""
    if isinstance(column, FormatField):
        return str(column.fmtstr[1:]) if column.fmtstr[0] == ">" else None
    if isinstance(column, Packed) and column.endian == ">":
        return column.format
    return None


def _as_packed(column: Construct) -> Packed:
    return column if isinstance(column, Packed) else Packed(column.fmtstr[1:])


def _as_expression(source: Source, column: Packed, names: list[str]) -> str:
    """A column's value as one expression over its numbers."""
    lines = unpacked(source, column, names, "value")
    if not lines:
        return names[0]
    text = lines[0]
    if text.startswith("if "):  # "if n == NULL: value = None"
        return f"(None if {text[3:].split(':')[0]} else {names[0]})"
    return f"({text.removeprefix('value = ')})"


def _runs(columns: Sequence[Construct]) -> list[list[tuple[int, Construct]]]:
    """Columns in runs: fixed ones, up to and with the first that is not."""
    runs: list[list[tuple[int, Construct]]] = [[]]
    for index, column in enumerate(columns):
        runs[-1].append((index, column))
        if _fixed(column) is None:
            runs.append([])
    return runs
