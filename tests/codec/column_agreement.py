"""Columns against rows: the same values, and the same errors."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa

from volttools.codec import builder, parse
from volttools.codec.columns import TYPE_KEY, tables_to_arrow
from volttools.errors import DecodeError
from volttools.formats.notation import Opaque
from volttools.formats.response import Response
from volttools.formats.table import TABLE, Table
from volttools.formats.types import (
    BOOLEAN,
    DATE,
    GEOGRAPHY,
    GEOGRAPHY_POINT,
    STRING,
    TIMESTAMP,
    TYPES,
    VOLTTABLE,
)


def as_row_value(code, value, *, as_number):
    """What Arrow should give for a value of a row, as text that is unlike for unlike values."""
    if value is None:
        return "NULL"
    if as_number:
        return repr(TYPES.by_code(code).format.numbers_of(value)[0] + 0)
    if code == GEOGRAPHY_POINT.code:
        return repr(value._asdict())
    if code == GEOGRAPHY.code:
        return value.wkt
    if code == VOLTTABLE.code:
        return repr(builder(TABLE)(value))
    if isinstance(value, Opaque):
        return repr(bytes(value))
    return str(value) if isinstance(value, Decimal) else repr(value)


def values_in(column: pa.ChunkedArray, code: int) -> list[str]:
    """The values of a column as such texts."""
    if code == TIMESTAMP.code:  # Python's times end in the year 9999
        column = column.cast(pa.int64())
    texts = []
    for value in column.to_pylist():
        if isinstance(value, bytes) and code == STRING.code:
            value = value.decode("utf-8", "surrogateescape")
        is_bare = isinstance(value, Decimal) or code == GEOGRAPHY.code
        texts.append("NULL" if value is None else str(value) if is_bare else repr(value))
    return texts


def check_same(found: pa.Table, table: Table) -> None:
    """Every value of the rows, in the columns."""
    assert found.num_columns == len(table.columns)
    if table.columns:
        assert found.num_rows == len(table.rows)
    for index, (field, column) in enumerate(zip(found.schema, table.columns, strict=True)):
        assert field.metadata[TYPE_KEY.encode()].decode() == column.type_name
        width = len(table.rows[0]) if table.rows else 0
        if index >= width:
            assert found.column(index).null_count == found.num_rows
            continue
        as_number = column.type in (DATE.code, BOOLEAN.code) and pa.types.is_integer(field.type)
        expected = [as_row_value(column.type, row[index], as_number=as_number) for row in table.rows]
        assert values_in(found.column(index), column.type) == expected


def outcome(read, body):
    """What a reader gives, or the DecodeError that it raises."""
    try:
        return read(body)
    except DecodeError as error:
        return error


def check_columns(body: bytes) -> None:
    """Columns are an error where rows are, and the same one; else their values are the same."""
    rows = outcome(lambda data: parse(Response, data), body)
    columns = outcome(tables_to_arrow, body)
    if isinstance(rows, DecodeError):
        assert columns == rows
        return
    for found, table in zip(columns, rows.tables, strict=True):
        found.validate(full=True)
        check_same(found, table)
