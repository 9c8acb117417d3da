"""VoltTable: a header of columns, and rows.

Source: VoltTable.java of the 11.4 server, VoltTable in the official Python client 16.1.
Observed: PROCEDUREPROFILE, PROCEDUREINPUT and PROCEDUREOUTPUT tables are followed by 96
zero bytes inside their length; the official Python client writes a header length that
is 4 too small. Both are kept.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from construct import Construct, Container, GreedyBytes, Int8sb, Int16sb, Int32sb, this
from construct.core import stream_read, stream_write

from volttools.errors import DecodeError, EncodeError
from volttools.formats.notation import (
    Interned,
    Measured,
    Opaque,
    Packed,
    Record,
    Repeated,
    Sized,
    Text,
    check_count,
    check_length,
    count_of,
    field,
    frozen_record,
    kept,
    number_of,
    record,
    shown,
)
from volttools.formats.types import TYPES, TypeRegistry, WireType

Row = tuple[Any, ...]

MAX_ROW_BYTES = 2 * 2**20
"""A row without its length, in VoltTable.addRow and in the engine."""

MAX_SQL_COLUMNS = 1024
"""What SQL allows; a table on the wire can have more."""

USUAL_TRAILING = bytes(96)
"""What stands behind the rows of PROCEDUREPROFILE, PROCEDUREINPUT and PROCEDUREOUTPUT."""

NO_COLUMN_TYPES = frozenset(("BOOLEAN", "VOLTTABLE", "NULL"))
"""Types of values that no column has: no server produces them, no client library reads them."""


class Column(NamedTuple):
    """A column's name and the code of its wire type."""

    name: str
    type: int

    @property
    def type_name(self) -> str:
        """Such as "BIGINT"."""
        return TYPES.name_of(self.type)


class Rows(Construct):  # type: ignore[misc]
    """A count, then rows: each a length and the values of all columns, without type bytes.

    A row is a tuple of values. From a column whose type nobody can read to the row's
    end, the bytes stand as one `Opaque` value. A type that takes no bytes is no type of a
    column: 50 MB would hold rows of 10^11 of its values.
    """

    label = "i32 count x (i32 length, values)"
    prefix = Int32sb

    def __init__(self, column_types: Any, *, names: Any, registry: TypeRegistry = TYPES) -> None:
        super().__init__()
        self.column_types = column_types
        self.names = names  # what the columns are called in a field's path
        self.registry = registry

    def readable(self, types: Sequence[int]) -> list[Construct]:
        """The constructs of the leading columns that can be read."""
        formats = []
        for code in types:
            format = self.registry.format_of(code)
            if format is None or (isinstance(format, Packed) and format.struct.size == 0):
                break
            formats.append(format)
        return formats

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> list[Row]:
        types = number_of(self.column_types, context)
        count = self.prefix._parsereport(stream, context, path)
        check_count(count, stream)
        return [self.parse_row(types, stream, context, path) for _ in range(count)]

    def parse_row(self, types: Sequence[int], stream: io.BytesIO, context: Container, path: str) -> Row:
        """One row with its length."""
        length = self.prefix._parsereport(stream, context, path)
        check_length(length, stream)
        inner = io.BytesIO(stream_read(stream, length, path))
        formats = self.readable(types)
        values = [format._parsereport(inner, context, path) for format in formats]
        unread = inner.read()
        if len(formats) < len(types):
            values.append(Opaque(unread))
        elif unread:
            raise DecodeError(f"row length {length:,} is {len(unread):,} more than its values take")
        return tuple(values)

    def _build(self, rows: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        types = number_of(self.column_types, context)
        formats = self.readable(types)
        self.prefix._build(len(rows), stream, context, path)
        for index, row in enumerate(rows):
            inner = io.BytesIO()
            self.build_row(formats, len(types), row, inner, context, f"{path}[{index}]")
            data = inner.getvalue()
            self.prefix._build(len(data), stream, context, path)
            stream_write(stream, data, len(data), path)
        return rows

    def build_row(
        self,
        formats: Sequence[Construct],
        columns: int,
        row: Row,
        stream: io.BytesIO,
        context: Container,
        path: str,
    ) -> None:
        """One row without its length."""
        opaque = len(formats) < columns
        if len(row) != len(formats) + opaque:
            raise EncodeError(f"expected a row of {len(formats) + opaque} values, got {shown(row)}")
        for index, (format, value) in enumerate(zip(formats, row, strict=False)):
            format._build(value, stream, context, f"{path}[{index}]")
        if opaque:
            if not isinstance(row[-1], Opaque):
                raise EncodeError(f"expected Opaque bytes for a column of unknown type, got {shown(row[-1])}")
            stream.write(row[-1])


TABLE_STATUS_UNSET = -128
"""The status of a table whose procedure set none."""


@frozen_record
class TableHeader(Record):
    """A table's status and columns: the part that repeats from response to response."""

    status: int = field(
        Int8sb,
        "-128 by default, 0 for single-partition DML; procedures may set it",
        default=TABLE_STATUS_UNSET,
    )
    column_count: int = count_of(Int16sb, "column_types", "at least 1 in every table of a server")
    column_types: tuple[int, ...] = field(Repeated(this.column_count, Int8sb), "codes of the wire types")
    column_names: tuple[str | None, ...] = field(
        Repeated(this.column_count, Text), "may be empty, may stand twice; not NULL"
    )
    length_error: int = kept(
        "header length on the wire less the real one: -4 from the Python client", default=0
    )


@record
class Table(Record):
    """A VoltTable behind its length."""

    header: TableHeader = field(
        Interned(Measured(Int32sb, TableHeader.declaration)),
        "length of what follows up to the row count, then",
    )
    rows: list[Row] = field(
        Rows(this.header.column_types, names=this.header.column_names), "one tuple a row", default=[]
    )
    trailing: bytes = field(
        GreedyBytes, "96 zero bytes in three statistics of the server; else nothing", default=b""
    )

    @classmethod
    def of(
        cls,
        columns: Iterable[tuple[str, WireType | int]],
        rows: Iterable[Row] = (),
        *,
        status: int = TABLE_STATUS_UNSET,
    ) -> Table:
        """A table from (name, type) pairs and rows.

        >>> from volttools.formats.types import BIGINT
        >>> Table.of([("ID", BIGINT)], [(1,), (None,)]).columns
        [Column(name='ID', type=6)]
        """
        pairs = list(columns)
        codes = tuple(kind.code if isinstance(kind, WireType) else kind for _, kind in pairs)
        header = TableHeader(status=status, column_types=codes, column_names=tuple(name for name, _ in pairs))
        return cls(header=header, rows=list(rows))

    @property
    def status(self) -> int:
        """The table's status code."""
        return self.header.status

    @property
    def columns(self) -> list[Column]:
        """Name and type code of each column."""
        return [
            Column(name or "", code)
            for name, code in zip(self.header.column_names, self.header.column_types, strict=True)
        ]


@record
class TableOutline(Record):
    """A table up to the count of its rows: all that counting them needs."""

    header: TableHeader = field(Interned(Measured(Int32sb, TableHeader.declaration)), "as Table")
    row_count: int = field(Rows.prefix, "how many rows follow")
    rest: bytes = field(GreedyBytes, "rows, and what follows them", default=b"")


TABLE = Sized(Int32sb, Table.declaration)
"""A table with its length, as it stands in responses, parameters and exceptions."""
