"""@SystemCatalog: procedures and their parameters, in the columns of a real server.

Source: JdbcDatabaseMetaDataGenerator.java of the 11.4 server; recording system-catalog.pcap.
"""

from __future__ import annotations

from collections.abc import Sequence

from volttools.formats.table import Row, Table
from volttools.formats.types import INTEGER, SMALLINT, STRING, VOLTTABLE
from volttools.mock.procedures import Described
from volttools.mock.schema.sql_types import sql_type_of

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


def procedures_table(procedures: Sequence[Described]) -> Table:
    """@SystemCatalog PROCEDURES."""
    rows: list[Row] = [
        (None, None, procedure.name, None, None, None, procedure.remarks(), 0, procedure.name)
        for procedure in procedures
    ]
    return Table.of(_PROCEDURES, rows)


def procedure_columns_table(procedures: Sequence[Described]) -> Table:
    """@SystemCatalog PROCEDURECOLUMNS, of those whose parameters are known, by the text of their names."""
    rows: list[Row] = []
    for procedure in procedures:
        order = getattr(procedure, "parameter_order", None) or range(len(procedure.types or ()))
        numbered = [(f"param{position}", number) for position, number in enumerate(order)]
        rows += [_parameter_row(procedure, name, number) for name, number in sorted(numbered)]
    return Table.of(_PROCEDURE_COLUMNS, rows)


def _parameter_row(procedure: Described, name: str, number: int) -> Row:
    assert procedure.types is not None
    kind = procedure.types[number]
    sql = sql_type_of(VOLTTABLE if kind is None else kind)  # "OTHER" where the type isn't known
    is_array = number in procedure.arrays
    has_octets = sql.name in ("VARCHAR", "VARBINARY")
    remarks = "PARTITION_PARAMETER" if number == procedure.partitioned_on else None
    return (
        None,
        None,
        procedure.name,
        name,
        1,  # goes in
        sql.jdbc,
        sql.name,
        sql.precision,
        sql.length,
        sql.scale,
        sql.radix,
        2,  # whether it can be NULL is not known
        "ARRAY_PARAMETER" if is_array else remarks,
        None,
        None,
        None,
        sql.length if has_octets else None,
        number + 1,
        "",
        procedure.name,
    )
