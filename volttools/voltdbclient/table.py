"""Tables as the original client gives them: `columns` and `tuples`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from volttools.codec import builder
from volttools.errors import EncodeError
from volttools.formats.table import TABLE, Row, Table
from volttools.formats.types import FLOAT, reads_as_null
from volttools.voltdbclient.serializer import Serializer
from volttools.voltdbclient.values import LEAST_SURE, Conversion, from_wire, to_wire

Rows = list[list[Any]]

_build = builder(TABLE)


class VoltColumn:
    """A column's `type`, one of FastSerializer.VOLTTYPE_..., and `name`."""

    def __init__(
        self, fser: Serializer | None = None, type: int | None = None, name: str | None = None
    ) -> None:
        """Of a type and a name, or, as the header of a table has it, of the type that comes next."""
        self.type: Any = type if fser is None else fser.readByte()
        self.name = name

    def readName(self, fser: Serializer) -> None:
        """Take the name that comes next."""
        self.name = fser.readString()

    def writeType(self, fser: Serializer) -> None:
        """Write the type, as the header of a table has it."""
        fser.writeByte(self.type)

    def writeName(self, fser: Serializer) -> None:
        """Write the name."""
        fser.writeString(self.name)

    def __eq__(self, other: object) -> bool:
        """By type and name; a column without a name is like any other, as in the original."""
        if not isinstance(other, VoltColumn):
            return NotImplemented
        if not (self.name and other.name):
            return True
        return (self.type, self.name) == (other.type, other.name)

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"({self.name or 'modified tuples'}: {self.type})"

    def __repr__(self) -> str:
        return f"VoltColumn(type={self.type}, name={self.name!r})"


class VoltTable:
    """`columns`, a list of VoltColumn; `tuples`, a list of rows, each a list of values. NULL is None."""

    def __init__(self, fser: Serializer | None = None) -> None:
        """Without columns and rows. `fser`: where it is read from and written to."""
        self.fser = fser
        self._columns: list[VoltColumn] | None = []
        self._tuples: Rows | None = []
        self._table: Table | None = None

    @classmethod
    def of(cls, table: Table) -> VoltTable:
        """The table of a response; its columns and rows are read when they are looked at."""
        found = cls.__new__(cls)
        found.fser = found._columns = found._tuples = None
        found._table = table
        return found

    def readFromSerializer(self) -> VoltTable:
        """Take the table that comes next, with its length; gives itself."""
        assert self.fser is not None
        self._table = self.fser.read_format(TABLE)
        self._columns = self._tuples = None
        return self

    def writeToSerializer(self) -> None:
        """Write it with its length. ValueError for a value that its column can't have; then nothing is
        written."""
        assert self.fser is not None
        self.fser.writeRawBytes(_build(self.wire_value()))

    def wire_value(self) -> Table:
        """What is sent for it, as it is for a parameter of VOLTTYPE_VOLTTABLE."""
        columns = [(column.name or "", column.type) for column in self.columns]
        rows = _wire_rows([column.type for column in self.columns], self.tuples)
        return Table.of(columns, rows, status=0)

    @property
    def columns(self) -> list[VoltColumn]:
        """The columns."""
        if self._columns is None:
            assert self._table is not None
            self._columns = [VoltColumn(None, column.type, column.name) for column in self._table.columns]
        return self._columns

    @columns.setter
    def columns(self, columns: list[VoltColumn]) -> None:
        self._columns = columns

    @property
    def tuples(self) -> Rows:
        """The rows."""
        if self._tuples is None:
            assert self._table is not None
            self._tuples = _script_rows(self._table.header.column_types, self._table.rows)
        return self._tuples

    @tuples.setter
    def tuples(self, rows: Rows) -> None:
        self._tuples = rows

    def __eq__(self, other: object) -> bool:
        """By columns and rows; tables without rows are equal, as in the original."""
        if not isinstance(other, VoltTable):
            return NotImplemented
        return self.tuples == other.tuples and (not self.tuples or self.columns == other.columns)

    __hash__ = None  # type: ignore[assignment]

    def __getstate__(self) -> tuple[list[VoltColumn], Rows]:
        return self.columns, self.tuples

    def __setstate__(self, state: tuple[list[VoltColumn], Rows]) -> None:
        self.fser = None
        self._columns, self._tuples = state
        self._table = None

    def __str__(self) -> str:
        rows = [str(["NULL" if value is None else value for value in row]) for row in self.tuples]
        return "\n".join(
            [
                f"column count: {len(self.columns)}",
                f"row count: {len(self.tuples)}",
                f"cols: {', '.join(map(str, self.columns))}",
                "rows -",
                "\n".join(rows),
            ]
        )

    def __repr__(self) -> str:
        return f"<VoltTable: {len(self.tuples):,} rows of {', '.join(map(str, self.columns))}>"


def _script_rows(codes: tuple[int, ...], rows: Sequence[Row]) -> Rows:
    """Rows of the wire as lists of a script's values."""
    found = list(map(list, rows))
    for index, convert in _conversions(codes):
        for row in found:
            # behind a column of an unknown type a row ends
            if index < len(row) and (value := row[index]) is not None:
                row[index] = convert(value)
    for index in _float_columns(codes):
        for row in found:
            if index < len(row) and (value := row[index]) is not None and value < LEAST_SURE:
                row[index] = None if reads_as_null(value) else value
    return found


@lru_cache(maxsize=512)
def _conversions(codes: tuple[int, ...]) -> list[tuple[int, Conversion]]:
    """Which columns have other values in scripts than on the wire, and how these are made."""
    found = [(index, from_wire(code)) for index, code in enumerate(codes) if code != FLOAT.code]
    return [(index, convert) for index, convert in found if convert is not None]


@lru_cache(maxsize=512)
def _float_columns(codes: tuple[int, ...]) -> list[int]:
    """Apart, as nearly all of their values stay what they are."""
    return [index for index, code in enumerate(codes) if code == FLOAT.code]


def _wire_rows(codes: Sequence[int], rows: Rows) -> list[Row]:
    """Rows of a script as those of the wire."""
    found: list[Row] = []
    converters = [to_wire(code) for code in codes]
    for number, row in enumerate(rows):
        if len(row) != len(codes):
            raise EncodeError(f"row {number} has {len(row)} values for {len(codes)} columns")
        found.append(
            tuple(
                None if value is None else convert(value)
                for convert, value in zip(converters, row, strict=True)
            )
        )
    return found
