"""The code that reads the rows of one sequence of column types.

What won, measured (`make bench`). Columns of fixed width: `iter_unpack`, whose tuples are the rows
where nothing in them is NULL; NULLs are found by their first byte, for all rows at once. With
strings: a loop whose structs, indexed by the string's length, unpack the string and the fixed
columns behind it together - behind the last string also what the next row begins with.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from construct import Construct, FormatField

from volttools.codec.scalars import WrongBytesError, decoding, literal, unpacked
from volttools.codec.short_texts import (
    SHORT_TEXT,
    WITHOUT_TEXT,
    Unpack,
    by_length,
    unpack_from,
    unsigned,
    unsigned_null,
)
from volttools.codec.source import Source
from volttools.formats.notation import Opaque, Packed, Varying

_FEW_ROWS = 8  # up to there a plain loop is faster than work on whole columns
_BLOCK_VALUES = 1 << 14  # that are made before their NULLs are looked for: they are near then; measured
_FEW_COLUMNS = 16  # up to there a row is taken apart by name; source for more grows with their square

_NumberedColumn = tuple[int, Construct]


class RowWriter:
    """Writes the function (buf, offset of the count, end) -> (rows, offset behind them).

    prefix    the construct of the count, and of each row's length
    columns   the constructs of the columns that can be read
    parsers   a function for each, for those that are neither of fixed width nor strings
    """

    def __init__(
        self,
        prefix: FormatField,
        columns: Sequence[Construct],
        parsers: Sequence[Callable[..., Any]],
        *,
        tolerant: bool,
    ) -> None:
        self._prefix: str = prefix.fmtstr
        self._prefix_size: int = prefix.sizeof()
        self._columns = columns
        self._parsers = parsers
        self._tolerant = tolerant
        self._source = Source("parse_rows")
        self._lists_by_length: dict[str, list[Unpack]] = {}
        self._source.namespace["WrongBytesError"] = WrongBytesError

    def function(self, *, is_opaque: bool) -> Callable[..., Any]:
        """The function; `is_opaque`: behind the columns stand others, which can't be read."""
        if not is_opaque and all(_fixed(column) is not None for column in self._columns):
            self._write_fixed()
        else:
            self._write_varying(is_opaque)
        return self._source.function("buf, o, end")

    def _write_count(self) -> None:
        self._source.line(f"count, = {self._unpack(self._prefix)}(buf, o)")
        self._source.line(f"o += {self._prefix_size}")

    def _unpack(self, format: str) -> str:
        """The name of a struct's `unpack_from`."""
        structure = self._source.namespace[self._source.struct(format)]
        return self._source.constant(structure.unpack_from, "unpack")

    def _by_length(self, following: str) -> list[Unpack]:
        """One for all columns that have the same behind them: a wide row's own would not stay in the caches."""
        if following not in self._lists_by_length:
            self._lists_by_length[following] = by_length(following)
        return self._lists_by_length[following]

    def _wrong_if(self, condition: str) -> None:
        with self._source.block(f"if {condition}:"):
            self._source.line("raise WrongBytesError")

    # ------------------------------------------------------ fixed columns

    def _write_fixed(self) -> None:
        source = self._source
        columns = [_as_packed(column) for column in self._columns]
        body = "".join(column.format for column in columns)
        size = struct.calcsize(">" + body)
        stride = self._prefix_size + size
        names = [[f"c{i}_{part}" for part in range(c.parts)] for i, c in enumerate(columns)]
        targets = "".join(f"{name}, " for group in names for name in group)
        values = "".join(
            f"{_as_expression(source, column, group)}, " for column, group in zip(columns, names, strict=True)
        )
        self._write_one_row(body, targets, values, size)
        self._write_count()
        source.line(f"stop = o + count * {stride}")
        self._wrong_if("count < 0 or stop > end")
        with source.block(f"if count < {_FEW_ROWS}:"):
            source.line("rows = []")
            with source.block("for _ in range(count):"):
                source.line(f"length, {targets} = {self._unpack(self._prefix + body)}(buf, o)")
                source.line(f"o += {stride}")
                self._wrong_if(f"length != {size}")
                source.line(f"rows.append(({values}))")
            source.line("return rows, stop")
        block = max(_FEW_ROWS, _BLOCK_VALUES // max(1, len(columns))) * stride
        source.line(f"view = {source.constant(memoryview, 'memory')}(buf)")
        source.line("rows = []")
        with source.block("while o < stop:"):
            source.line(f"until = o + {block}")
            with source.block("if until > stop:"):
                source.line("until = stop")
            self._write_block(columns, body, targets, values, stride)
            source.line("rows += block")
            source.line("o = until")
        source.line("return rows, stop")

    def _write_block(self, columns: list[Packed], body: str, targets: str, values: str, stride: int) -> None:
        """The rows from `o` to `until`: as many as stay near while their NULLs are looked for."""
        source = self._source
        # every row must have the one right length: its bytes, compared over all rows at once
        source.line(f"count = (until - o) // {stride}")
        prefix = struct.pack(self._prefix, stride - self._prefix_size)
        checks = [
            f"buf[o + {i}:until:{stride}] != {bytes([byte])!r} * count" for i, byte in enumerate(prefix)
        ]
        self._wrong_if(" or ".join(checks))
        unpack = source.namespace[source.struct(f">{self._prefix_size}x{body}")]
        iterate = f"{source.constant(unpack.iter_unpack, 'iterate')}(view[o:until])"
        if all(column.decode is None and column.parts == 1 for column in columns):
            source.line(f"block = list({iterate})")
            self._write_nulls(columns, stride)
        else:
            source.line(f"block = [({values}) for {targets or '()'} in {iterate}]")

    def _write_one_row(self, body: str, targets: str, values: str, size: int) -> None:
        """One row, as most answers have: count, length and values by one unpack."""
        stop = 2 * self._prefix_size + size
        with self._source.block(f"if o + {stop} <= end:"):
            unpack = self._unpack(self._prefix + self._prefix[1:] + body)
            self._source.line(f"count, length, {targets} = {unpack}(buf, o)")
            with self._source.block(f"if count == 1 and length == {size}:"):
                self._source.line(f"return [({values})], o + {stop}")

    def _write_nulls(self, columns: list[Packed], stride: int) -> None:
        """Put None into the rows that have a NULL, found by its first byte in each column."""
        source = self._source
        names = [f"c{index}" for index in range(len(columns))]
        offset = self._prefix_size
        is_wide = len(columns) > _FEW_COLUMNS
        if is_wide:
            source.line("changed = {}")
        for index, column in enumerate(columns):
            if column.null:
                first = column.struct.pack(*column.null)[:1]
                # cheaper than a `find` for each: the lengths of what lies between tell the places
                source.line(f"between = buf[o + {offset}:until:{stride}].split({first!r})")
                source.line("del between[-1]")
                source.line("at = -1")
                with source.block("for others in between:"):
                    source.line("at += len(others) + 1")
                    null = literal(column.null[0])
                    if is_wide:
                        self._write_null_of_wide(index, null)
                    else:
                        self._write_null(names, index, null)
            offset += column.struct.size
        if is_wide:
            with source.block("for at, row in changed.items():"):
                source.line("block[at] = tuple(row)")

    def _write_null(self, names: list[str], index: int, null: str) -> None:
        """Put None into `block[at]`, if the column's number says so."""
        source = self._source
        source.line(f"{', '.join(names)}, = block[at]")
        with source.block(f"if {names[index]} == {null}:"):
            source.line(f"block[at] = ({', '.join([*names[:index], 'None', *names[index + 1 :]])},)")

    def _write_null_of_wide(self, index: int, null: str) -> None:
        """The same in a list of the row, `changed[at]`: a wide row has many NULLs, and making it anew for each would
        cost the square of its width."""
        source = self._source
        with source.block(f"if block[at][{index}] == {null}:"):
            with source.block("if at not in changed:"):
                source.line("changed[at] = list(block[at])")
            source.line(f"changed[at][{index}] = None")

    # ---------------------------------------------------- varying columns

    def _write_varying(self, is_opaque: bool) -> None:
        source = self._source
        self._write_count()
        self._wrong_if("count < 0 or count > end - o")
        source.line("rows = []")
        source.line("append = rows.append")
        runs = _runs(self._columns)
        first = _Run(runs[0], prefix=self._prefix)
        if is_opaque:
            with source.block("for _ in range(count):"):
                source.line(f"{first.targets} = {self._unpack('>' + first.format)}(buf, o)")
                self._write_row(runs, first, ahead=None)
        else:
            ahead = _Ahead(_Run(runs[-1]), first, behind_text=_is_string(runs[-2][-1]))
            with source.block("if count:"):
                source.line(f"{first.targets} = {self._unpack('>' + first.format)}(buf, o)")
            each = source.constant(ahead.each, "each_row")
            with source.block(f"for ahead in {each}(count):"):
                self._write_row(runs, first, ahead=ahead)
        self._wrong_if("o > end")  # no row needs a look of its own: each ended where it should
        source.line("return rows, o")

    def _write_row(self, runs: list[list[_NumberedColumn]], first: _Run, *, ahead: _Ahead | None) -> None:
        """One row, whose length and first run are read.

        ahead   what reads the next row's together with this one's last run; None if nothing does
        """
        source = self._source
        source.line(f"stop = o + {self._prefix_size} + length")
        source.line(f"o += {first.size}")
        values = first.values(source)
        if ahead is not None:  # the next row's come into the same names
            kept = [f"k{index}" for index in range(len(values))]
            for name, value in zip(kept, values, strict=True):
                source.line(f"{name} = {value}")
            values = kept
        for number, run in enumerate(runs[1:], 1):
            is_last = number == len(runs) - 1
            values += self._write_run(runs[number - 1][-1], _Run(run), ahead if is_last else None)
        if ahead is None:
            self._wrong_if("o > stop")
            source.line(f"values_end = {source.constant(Opaque, 'Opaque')}(buf[o:stop])")
            source.line("o = stop")
            values.append("values_end")
        else:
            self._wrong_if("o != stop")
        source.line(f"append(({', '.join(values)},))" if values else "append(())")

    def _write_run(self, before: _NumberedColumn, run: _Run, ahead: _Ahead | None) -> list[str]:
        """The column that ended the run before, and the fixed columns behind it."""
        source = self._source
        index, column = before
        value = f"v{index}"
        targets = run.targets if ahead is None else ahead.targets
        if isinstance(column, Varying):
            functions = (
                source.constant(self._by_length(run.format), "by_length") if ahead is None else "ahead"
            )
            unpack = f"{functions}[{WITHOUT_TEXT}]"
        else:
            unpack = self._unpack(">" + run.format) if ahead is None else "ahead"
        following = [f"{targets} = {unpack}(buf, o)", f"o += {run.size}"] if targets else []
        if not isinstance(column, Varying):
            parser = source.constant(self._parsers[index], "parse_value")
            source.line(f"{value}, o = {parser}(buf, o, stop)")
            for line in following:
                source.line(line)
            return [value, *run.values(source)]
        length, null = f"n{index}", unsigned_null(column)
        decode = decoding(column, self._tolerant)
        with source.block(f"if {length} < {SHORT_TEXT}:"):
            unpack_short = f"{value}, {targets} = {functions}[{length}](buf, o)"
            behind = f"o + {length} + {run.size}"
            if ahead is None:
                source.line(unpack_short)
                source.line(f"o = {behind}")
            else:  # the length of the next row's string may come into the same name
                source.line(f"at = {behind}")
                source.line(unpack_short)
                source.line("o = at")
            if decode:
                source.line(f"{value} = {value}{decode}")
        with source.block("else:"):
            with source.block(f"if {length} != {null}:"):
                source.line(f"at = o + {length}")
                self._wrong_if("at > stop")
                source.line(f"{value} = buf[o:at]{decode}")
                source.line("o = at")
            with source.block("else:"):
                source.line(f"{value} = None")
            for line in following:
                source.line(line)
        return [value, *run.values(source)]


class _Run:
    """Fixed columns that are unpacked together, and the length of the string behind them.

    With a `prefix`, the row's length stands before them. Lengths are read without their sign, so
    that one comparison tells a short string from NULL and what is wrong.
    """

    def __init__(self, run: list[_NumberedColumn], *, prefix: str = "") -> None:
        self._columns: list[tuple[Packed, list[str]]] = []
        self.names: list[str] = ["length"] if prefix else []
        self.format = prefix[1:].upper()
        for index, column in run:
            if isinstance(column, Varying):
                self.format += unsigned(column.prefix).fmtstr[1:]
                self.names.append(f"n{index}")
            elif _fixed(column) is not None:
                packed = _as_packed(column)
                parts = [f"c{index}_{part}" for part in range(packed.parts)]
                self.format += packed.format
                self.names += parts
                self._columns.append((packed, parts))
        self.size = struct.calcsize(">" + self.format)
        self.targets = "".join(f"{name}, " for name in self.names)

    def values(self, source: Source) -> list[str]:
        """The expressions of the fixed columns' values."""
        return [_as_expression(source, column, parts) for column, parts in self._columns]


class _Ahead:
    """Reads a row's last run, and with it what the next row begins with - if there is a next row.

    targets   where the values go
    """

    def __init__(self, last: _Run, first: _Run, *, behind_text: bool) -> None:
        self.targets = last.targets + first.targets
        make: Callable[[str], Any] = by_length if behind_text else unpack_from
        self._next = make(last.format + first.format)
        # Behind the last row nothing may stand: nothing is read, into the same number of names.
        self._last = make(last.format + "0s" * len(first.names))

    def each(self, count: int) -> Iterator[Any]:
        """For each of so many rows, what unpacks its end."""
        return itertools.chain(itertools.repeat(self._next, count - 1), (self._last,) if count else ())


def _is_string(column: _NumberedColumn) -> bool:
    return isinstance(column[1], Varying)


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


def _runs(columns: Sequence[Construct]) -> list[list[_NumberedColumn]]:
    """Columns in runs: fixed ones, up to and with the first that is not."""
    runs: list[list[_NumberedColumn]] = [[]]
    for index, column in enumerate(columns):
        runs[-1].append((index, column))
        if _fixed(column) is None:
            runs.append([])
    return runs
