"""What a call gives: a status and tables, of which nothing is read before it is looked at.

    result = client.call("Results", 5)
    result.rows              [(1, "Ann"), ...] of the first table; `for row in result` as well
    result.named_rows()      the same as named tuples: row.NAME
    result.dicts()           {"ID": 1, "NAME": "Ann"}
    result.column("NAME")    ["Ann", ...]
    result.scalar()          the one value of one row
    result.to_arrow(), result.to_pandas()
    result.tables[1].rows    another table

Values are those of the wire (docs/library.md): a TIMESTAMP is an int of microseconds, NULL is None.
"""

from __future__ import annotations

import collections
import functools
import keyword
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from volttools.codec import parser
from volttools.errors import CallFailed, DecodeError, UsageError
from volttools.formats.response import APP_STATUS_UNSET, Response, status_name
from volttools.formats.table import Row, Table
from volttools.protocol.result_tables import to_pandas

if TYPE_CHECKING:
    import pyarrow

_parse = parser(Response)


class ResultTable:
    """One table of a result."""

    def __init__(self, table: Table, body: bytes, index: int) -> None:
        self._table = table
        self._body = body
        self._index = index

    def __repr__(self) -> str:
        return f"<{len(self):,} rows of {', '.join(map(repr, self.columns))}>"

    def __len__(self) -> int:
        return len(self._table.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._table.rows)

    def __getitem__(self, index: int) -> Row:
        return self._table.rows[index]

    @property
    def status(self) -> int:
        """What the procedure set for the table; -128 if nothing."""
        return self._table.status

    @property
    def columns(self) -> list[str]:
        """Names of the columns, as the server gives them."""
        return [column.name for column in self._table.columns]

    @property
    def types(self) -> list[str]:
        """Names of their wire types."""
        return [column.type_name for column in self._table.columns]

    @property
    def rows(self) -> list[Row]:
        """Rows as tuples."""
        return self._table.rows

    def named_rows(self) -> list[Any]:
        """Rows as named tuples; a name that Python can't have, or has twice, becomes one that it can:
        `C1_2`, `class_`, `C3` for the third column if it has none."""
        make = _row_class(tuple(self.columns))._make
        return [make(row) for row in self._table.rows]

    def dicts(self) -> list[dict[str, Any]]:
        """Rows as dicts. UsageError where two columns have one name: the dict would lose one."""
        names = self.columns
        if len(set(names)) < len(names):
            raise UsageError(f"columns {names} are not all named apart: take rows or named_rows()")
        return [dict(zip(names, row, strict=True)) for row in self._table.rows]

    def column(self, name: str | int) -> list[Any]:
        """The values of one column, by its name in any case, or its number from 0."""
        index = name if isinstance(name, int) else self._index_of(name)
        return [row[index] for row in self._table.rows]

    def scalar(self) -> Any:
        """The value of a table of one row and one column; UsageError for any other."""
        rows = self._table.rows
        if len(rows) != 1 or len(rows[0]) != 1:
            raise UsageError(
                f"a table of {len(rows)} rows and {len(self.columns)} columns is no single value"
            )
        return rows[0][0]

    def to_arrow(self) -> pyarrow.Table:
        """Columns straight from the bytes; needs the extra `arrow`."""
        from volttools.codec.columns import table_at

        return table_at(self._body, self._index)

    def to_pandas(self) -> Any:
        """The same as a DataFrame; needs the extra `pandas`."""
        return to_pandas(self.to_arrow())

    def _index_of(self, name: str) -> int:
        names = self.columns
        if name in names:
            return names.index(name)
        folded = [each.upper() for each in names]
        if name.upper() in folded:
            return folded.index(name.upper())
        raise UsageError(f"there is no column {name!r}; there are {', '.join(map(repr, names))}")


class Result:
    """The answer to a call.

    procedure   that was called
    status      1 is SUCCESS
    latency_ns  from before the call was sent till its answer was read
    body        the response as it came, without its length
    """

    __slots__ = ("_response", "_tables", "body", "latency_ns", "procedure", "status")

    def __init__(self, procedure: str, status: int, body: bytes, latency_ns: int) -> None:
        self.procedure = procedure
        self.status = status
        self.body = body
        self.latency_ns = latency_ns
        self._response: Response | None = None
        self._tables: list[ResultTable] | None = None

    def __repr__(self) -> str:
        return f"<{self.procedure}: {self.status_name}, {len(self.body):,} bytes>"

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    @property
    def response(self) -> Response:
        """The whole message. DecodeError if it can't be read."""
        if self._response is None:
            self._response = _parse(self.body)
        return self._response

    @property
    def status_name(self) -> str:
        """Such as "SUCCESS"."""
        return status_name(self.status)

    @property
    def status_string(self) -> str | None:
        """In words; None where the server sent none, as for most successes."""
        return self.response.status_string

    @property
    def app_status(self) -> int:
        """What the procedure set; -128 if nothing."""
        return self.response.app_status

    @property
    def app_status_string(self) -> str | None:
        """What the procedure set; None if nothing."""
        return self.response.app_status_string

    @property
    def cluster_rtt_ms(self) -> int:
        """Whole milliseconds inside the cluster."""
        return self.response.cluster_rtt_ms

    @property
    def tables(self) -> list[ResultTable]:
        """All tables. DecodeError if they can't be read."""
        if self._tables is None:
            tables = self.response.tables
            self._tables = [ResultTable(table, self.body, index) for index, table in enumerate(tables)]
        return self._tables

    @property
    def table(self) -> ResultTable:
        """The first table; UsageError if there is none."""
        if not self.tables:
            raise UsageError(f"{self.procedure} gave no table")
        return self.tables[0]

    @property
    def rows(self) -> list[Row]:
        """Rows of the first table; none if there is no table."""
        response = self._response
        if response is None:
            response = self._response = _parse(self.body)
        tables = response.tables
        return tables[0].rows if tables else []

    def named_rows(self) -> list[Any]:
        """As `ResultTable.named_rows`, of the first table."""
        return self.table.named_rows()

    def dicts(self) -> list[dict[str, Any]]:
        """As `ResultTable.dicts`, of the first table."""
        return self.table.dicts()

    def column(self, name: str | int) -> list[Any]:
        """As `ResultTable.column`, of the first table."""
        return self.table.column(name)

    def scalar(self) -> Any:
        """As `ResultTable.scalar`, of the first table."""
        return self.table.scalar()

    def to_arrow(self, table: int = 0) -> pyarrow.Table:
        """A table, counted from 0, as Arrow columns, without making rows of it."""
        from volttools.codec.columns import table_at

        return table_at(self.body, table)

    def to_pandas(self, table: int = 0) -> Any:
        """The same as a DataFrame."""
        return to_pandas(self.to_arrow(table))


def failure(result: Result) -> CallFailed | DecodeError:
    """The error for a result whose status is not SUCCESS."""
    try:
        response = result.response
    except DecodeError as error:
        return DecodeError(
            f"{result.procedure}: {result.status_name} ({result.status}), and the response can't be read: {error}"
        )
    text = f"{result.procedure}: {result.status_name} ({result.status})"
    if response.status_string:
        text += f": {response.status_string}"
    if response.app_status != APP_STATUS_UNSET or response.app_status_string:
        text += f" (application status {response.app_status}: {response.app_status_string or 'no text'})"
    return CallFailed(
        text,
        procedure=result.procedure,
        status=result.status,
        status_string=response.status_string,
        app_status=response.app_status,
        app_status_string=response.app_status_string,
        tables=result.tables,
    )


@functools.lru_cache(maxsize=256)
def _row_class(names: tuple[str, ...]) -> Any:
    """A class of named tuples for columns of these names."""
    fields: list[str] = []
    for number, name in enumerate(names, 1):
        field = re.sub(r"\W", "_", name).lstrip("_") or f"C{number}"
        if field[0].isdigit():
            field = f"C{field}"
        if not field.isidentifier() or keyword.iskeyword(field):
            field += "_"
        while field in fields:
            field = f"{field}_{number}"
        fields.append(field)
    return collections.namedtuple("Row", fields)
