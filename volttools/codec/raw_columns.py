"""From the rows on the wire to columns of numbers and places, for all rows at once.

Columns of fixed width alone are one array of records, where they stand. Between others,
each run of fixed columns is gathered for all rows at once from where it stands in each, with
the length of the string behind it; that gives where the next run stands.
"""

from __future__ import annotations

import functools
import struct
from dataclasses import dataclass
from typing import Any

from construct import Construct, FormatField

from volttools.codec.arrow import np
from volttools.codec.row_places import NUMBER_CODES, number_type, overlapping, row_places
from volttools.codec.scalars import WrongBytesError
from volttools.codec.table_places import rows_format
from volttools.formats.notation import Packed, Sized, Varying

_LENGTH = "length"
_BLOCK = 1 << 19  # bytes: what a processor keeps near; measured, half and double are slower
_LEAST_ROWS = 1024  # for so many, numpy's call costs little


@dataclass(frozen=True, slots=True)
class FixedColumn:
    """The numbers of all values; where a value takes several, an array for each part."""

    parts: list[np.ndarray]


@dataclass(frozen=True, slots=True)
class VaryingColumn:
    """Where each value stands in the buffer; the place of a NULL is empty."""

    starts: np.ndarray
    stops: np.ndarray
    nulls: np.ndarray


RawColumn = FixedColumn | VaryingColumn


@dataclass(frozen=True, slots=True)
class _Run:
    """Fixed columns that stand together, and what has a length behind them."""

    type: np.dtype
    varying: int | None


class Layout:
    """What stands where in the rows of one sequence of column types; see `layout`."""

    def __init__(self, columns: list[Construct], prefix: FormatField) -> None:
        self._columns = columns
        self._prefix = prefix
        self._prefix_size: int = prefix.sizeof()
        self._runs: list[_Run] = []
        fields: list[tuple[str, Any]] = []
        for index, column in enumerate(columns):
            if isinstance(column, (Varying, Sized)):
                fields.append((_LENGTH, number_type(column.prefix.fmtstr[1:])))
                self._runs.append(_Run(np.dtype(fields), index))
                fields = []
            else:
                fields.append((str(index), _packed_type(column)))
        self._runs.append(_Run(np.dtype(fields), None))
        self._row = np.dtype([(_LENGTH, number_type(prefix.fmtstr[1:])), *fields])  # if all are fixed
        self._least_row = self._prefix_size + sum(run.type.itemsize for run in self._runs)

    def read(self, buf: bytes, o: int, end: int) -> list[RawColumn]:
        """The columns of the rows whose count stands at `o`.

        Raises what `scalars.WRONG` lists on bytes that are no such rows.
        """
        (count,) = struct.unpack_from(self._prefix.fmtstr, buf, o)
        o += self._prefix_size
        if count < 0 or count * self._least_row > end - o:  # before anything is allocated for so many
            raise WrongBytesError
        if len(self._runs) == 1:
            return self._read_fixed(buf, o, count)
        return self._read_varying(buf, o, end, count)

    def _read_fixed(self, buf: bytes, o: int, count: int) -> list[RawColumn]:
        rows: np.ndarray = np.ndarray((count,), self._row, buf, o)
        return [*_fixed_columns(rows, self._row.itemsize - self._prefix_size)]

    def _read_varying(self, buf: bytes, o: int, end: int, count: int) -> list[RawColumn]:
        at, row_stops = row_places(buf, o, end, count, self._prefix)
        found: list[RawColumn] = []
        for run in self._runs:
            if not run.type.itemsize:  # nothing stands behind the last string
                continue
            columns = _fixed_columns(overlapping(buf, run.type.itemsize)[at].view(run.type))
            at = at + run.type.itemsize
            if run.varying is not None:
                (lengths,) = columns.pop().parts
                column = _varying_column(self._columns[run.varying], at, lengths)
                at = column.stops
            found += columns if run.varying is None else [*columns, column]
        if not np.array_equal(at, row_stops):
            raise WrongBytesError
        return found


@functools.lru_cache(maxsize=256)
def layout(types: tuple[int, ...]) -> Layout | None:
    """The layout of rows with these column types; None where rows must be read one by one."""
    format = rows_format()
    columns = format.readable(types)
    if len(columns) < len(types) or not all(map(_is_known, columns)):
        return None
    return Layout(columns, format.prefix)


def _is_known(column: Construct) -> bool:
    if isinstance(column, Packed):
        return column.endian == ">" and set(column.format) <= NUMBER_CODES
    if isinstance(column, (Varying, Sized)):
        return isinstance(column.prefix, FormatField) and column.prefix.fmtstr[0] == ">"
    return False


def _packed_type(column: Packed) -> np.dtype:
    """One number, or a record of several."""
    if column.parts == 1:
        return number_type(column.format)
    return np.dtype([(str(index), number_type(code)) for index, code in enumerate(column.format)])


def _fixed_columns(rows: np.ndarray, row_length: int | None = None) -> list[FixedColumn]:
    """The fields of an array of records, each native and in one piece.

    With a `row_length`, the first field of each record must be that, and is left out. Block by
    block, as each column would otherwise bring all rows through the cache.
    """
    columns = []
    copies: list[tuple[np.ndarray, np.ndarray]] = []
    first, *names = rows.dtype.names or ()
    # Compared as it stands on the wire: turning each length round costs as much as a column.
    row_lengths = _as_stands(rows[first])
    right_length = _as_stands(np.array([row_length or 0], rows[first].dtype))[0]
    for name in names if row_length is not None else (first, *names):
        column = rows[name]
        parts = [column] if column.dtype.names is None else [column[part] for part in column.dtype.names]
        native = [np.empty(len(rows), part.dtype.newbyteorder("=")) for part in parts]
        columns.append(FixedColumn(native))
        copies += zip(native, parts, strict=True)
    block = max(_LEAST_ROWS, _BLOCK // rows.dtype.itemsize)
    for start in range(0, len(rows), block):
        stop = start + block
        if row_length is not None and not (row_lengths[start:stop] == right_length).all():
            raise WrongBytesError
        for native_part, part in copies:
            native_part[start:stop] = part[start:stop]
    return columns


def _as_stands(numbers: np.ndarray) -> np.ndarray:
    """The same bytes as numbers of the machine's order: not the values, but equal where they are."""
    return numbers.view(numbers.dtype.newbyteorder("="))


def _varying_column(format: Construct, starts: np.ndarray, lengths: np.ndarray) -> VaryingColumn:
    is_null = np.zeros(len(lengths), bool) if format.null is None else lengths == format.null
    lengths = np.where(is_null, 0, lengths)
    if (lengths < 0).any():
        raise WrongBytesError
    return VaryingColumn(starts, starts + lengths, is_null)
