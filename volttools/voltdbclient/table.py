"""Tables as the original client gives them: `columns` and `tuples`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from volttools.formats.table import Row, Table
from volttools.voltdbclient.values import from_wire

Rows = list[list[Any]]


class VoltColumn:
    """A column's `type`, one of FastSerializer.VOLTTYPE_..., and `name`."""

    def __init__(self, type: int, name: str) -> None:
        self.type = type
        self.name = name

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

    def __init__(self, columns: Sequence[VoltColumn] = (), tuples: Rows | None = None) -> None:
        self.columns = list(columns)
        self._tuples: Rows | None = [] if tuples is None else tuples
        self._table: Table | None = None

    @classmethod
    def of(cls, table: Table) -> VoltTable:
        """The table of a response; its rows are read when they are looked at."""
        found = cls([VoltColumn(column.type, column.name) for column in table.columns])
        found._tuples, found._table = None, table
        return found

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
