"""@SystemCatalog: the columns of a real server's answers, the rows of the handlers.

Source: JdbcDatabaseMetaDataGenerator.java of the 11.4 server; recording system-catalog.pcap.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from volttools.formats.table import Row, Table
from volttools.formats.types import INTEGER, MAX_VALUE_BYTES, SMALLINT, STRING, TYPES
from volttools.mock.procedures import Procedure

_PROCEDURES = (
    ("PROCEDURE_CAT", STRING),
    ("PROCEDURE_SCHEM", STRING),
    ("PROCEDURE_NAME", STRING),
    ("RESERVED1", STRING),
    ("RESERVED2", STRING),
    ("RESERVED3", STRING),
    ("REMARKS", STRING),
    ("PROCEDURE_TYPE", SMALLINT),
    ("SPECIFIC_NAME", STRING),
)

_PROCEDURE_COLUMNS = (
    ("PROCEDURE_CAT", STRING),
    ("PROCEDURE_SCHEM", STRING),
    ("PROCEDURE_NAME", STRING),
    ("COLUMN_NAME", STRING),
    ("COLUMN_TYPE", SMALLINT),
    ("DATA_TYPE", INTEGER),
    ("TYPE_NAME", STRING),
    ("PRECISION", INTEGER),
    ("LENGTH", INTEGER),
    ("SCALE", SMALLINT),
    ("RADIX", SMALLINT),
    ("NULLABLE", SMALLINT),
    ("REMARKS", STRING),
    ("COLUMN_DEF", STRING),
    ("SQL_DATA_TYPE", INTEGER),
    ("SQL_DATETIME_SUB", INTEGER),
    ("CHAR_OCTET_LENGTH", INTEGER),
    ("ORDINAL_POSITION", INTEGER),
    ("IS_NULLABLE", STRING),
    ("SPECIFIC_NAME", STRING),
)


class SqlType(NamedTuple):
    """A column type as JDBC describes it: its code, name, precision, bytes, scale and radix."""

    jdbc: int
    name: str
    precision: int | None
    length: int
    scale: int | None
    radix: int | None


# By name of the wire type. fmt: off
_SQL_TYPES = {
    "TINYINT": SqlType(-6, "TINYINT", 7, 1, None, 2),
    "SMALLINT": SqlType(5, "SMALLINT", 15, 2, None, 2),
    "INTEGER": SqlType(4, "INTEGER", 31, 4, None, 2),
    "BIGINT": SqlType(-5, "BIGINT", 63, 8, None, 2),
    "FLOAT": SqlType(6, "FLOAT", 53, 8, None, 2),
    "DECIMAL": SqlType(3, "DECIMAL", 38, 16, 12, 10),
    "STRING": SqlType(12, "VARCHAR", MAX_VALUE_BYTES, MAX_VALUE_BYTES, None, None),
    "TIMESTAMP": SqlType(93, "TIMESTAMP", 63, 8, None, 2),
    "VARBINARY": SqlType(-3, "VARBINARY", MAX_VALUE_BYTES, MAX_VALUE_BYTES, None, None),
    "GEOGRAPHY_POINT": SqlType(1111, "GEOGRAPHY_POINT", None, 16, None, None),
    "GEOGRAPHY": SqlType(1111, "GEOGRAPHY", MAX_VALUE_BYTES, MAX_VALUE_BYTES, None, None),
}
# fmt: on


def procedures_table(procedures: Sequence[Procedure]) -> Table:
    """@SystemCatalog PROCEDURES."""
    rows: list[Row] = [
        (None, None, procedure.name, None, None, None, procedure.remarks(), 0, procedure.name)
        for procedure in procedures
    ]
    return Table.of(_PROCEDURES, rows)


def procedure_columns_table(procedures: Sequence[Procedure]) -> Table:
    """@SystemCatalog PROCEDURECOLUMNS, of those that declare their types."""
    rows = [
        _parameter_row(procedure, number)
        for procedure in procedures
        for number in range(len(procedure.types or ()))
    ]
    return Table.of(_PROCEDURE_COLUMNS, rows)


def _parameter_row(procedure: Procedure, number: int) -> Row:
    assert procedure.types is not None
    kind = procedure.types[number]
    sql = _SQL_TYPES.get(kind.name) or SqlType(1111, TYPES.name_of(kind.code), None, 0, None, None)
    octets = sql.length if sql.name == "VARCHAR" else None
    remarks = "PARTITION_PARAMETER" if number == procedure.partitioned_on else None
    if number in procedure.arrays:
        remarks = "ARRAY_PARAMETER"
    return (
        None,
        None,
        procedure.name,
        f"param{number}",
        1,  # goes in
        sql.jdbc,
        sql.name,
        sql.precision,
        sql.length,
        sql.scale,
        sql.radix,
        2,  # whether it can be NULL is not known
        remarks,
        None,
        None,
        None,
        octets,
        number + 1,
        "",
        procedure.name,
    )
