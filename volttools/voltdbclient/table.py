"""Tables as the original client gives them: `columns` and `tuples`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from volttools.codec import builder
from volttools.errors import EncodeError
from volttools.formats.table import TABLE, Row, Table
from volttools.voltdbclient.serializer import Serializer
from volttools.voltdbclient.values import from_wire, to_wire

Rows = list[list[Any]]

_build = builder(TABLE)


class VoltColumn:
    """A column's `type`, one of FastSerializer.VOLTTYPE_..., and `name`."""

    def __init__(self, fser: Serializer | None = None, type: int = 0, name: str | None = None) -> None:
        """Of a type and a name, or, as the header of a table has it, of the type that comes next."""
        self.type: int = type if fser is None else fser.readByte()
        self.name = name

    def readName(self, fser: Serializer) -> None:
        """Take the name that comes next."""
        self.name = fser.readString()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VoltColumn) and (self.type, self.name) == (other.type, other.name)

    def __hash__(self) -> int:
        return hash((self.type, self.name))

    def __str__(self) -> str:
        return f"({self.name or 'modified tuples'}: {self.type})"

    def __repr__(self) -> str:
        return f"VoltColumn(type={self.type}, name={self.name!r})"


class VoltTable:
    """`columns`, a list of VoltColumn; `tuples`, a list of rows, each a list of values. NULL is None."""

    def __init__(self, fser: Serializer | None = None) -> None:
        """Without columns and rows. `fser`: where it is read from and written to."""
        self.fser = fser
        self.columns: list[VoltColumn] = []
        self._tuples: Rows | None = []
        self._table: Table | None = None

    @classmethod
    def of(cls, table: Table) -> VoltTable:
        """The table of a response; its rows are read when they are looked at."""
        found = cls()
        found._take(table)
        return found

    def _take(self, table: Table) -> None:
        self.columns = [VoltColumn(type=column.type, name=column.name) for column in table.columns]
        self._tuples, self._table = None, table

    def readFromSerializer(self) -> VoltTable:
        """Take the table that comes next, with its length; gives itself."""
        assert self.fser is not None
        self._take(self.fser.read_format(TABLE))
        return self

    def writeToSerializer(self) -> None:
        """Write it with its length. ValueError for a value that its column can't have; then nothing is
        written."""
        assert self.fser is not None
        columns = [(column.name or "", column.type) for column in self.columns]
        rows = _wire_rows([column.type for column in self.columns], self.tuples)
        self.fser.writeRawBytes(_build(Table.of(columns, rows, status=0)))

    @property
    def tuples(self) -> Rows:
        """The rows."""
        if self._tuples is None:
            assert self._table is not None
            self._tuples = _script_rows([column.type for column in self.columns], self._table.rows)
            self._table = None
        return self._tuples

    @tuples.setter
    def tuples(self, rows: Rows) -> None:
        self._tuples = rows

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VoltTable) and self.columns == other.columns and self.tuples == other.tuples

    __hash__ = None  # type: ignore[assignment]

    def __getstate__(self) -> tuple[list[VoltColumn], Rows]:
        return self.columns, self.tuples

    def __setstate__(self, state: tuple[list[VoltColumn], Rows]) -> None:
        self.fser = None
        self.columns, self._tuples = state
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


def _script_rows(codes: Sequence[int], rows: Sequence[Row]) -> Rows:
    """Rows of the wire as lists of a script's values."""
    found = [list(row) for row in rows]
    for index, code in enumerate(codes):
        convert = from_wire(code)
        if convert is None:
            continue
        for row in found:
            # behind a column of an unknown type a row ends
            if index < len(row) and row[index] is not None:
                row[index] = convert(row[index])
    return found


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
