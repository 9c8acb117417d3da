"""@SystemCatalog: what a real server tells of a schema, in its columns and its order.

Source: JdbcDatabaseMetaDataGenerator.java of the 11.4 server; recording system-catalog.pcap.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from volttools.formats.table import Row, Table
from volttools.formats.types import INTEGER, SMALLINT, STRING, TINYINT, WireType
from volttools.mock.schema.model import Column, Schema
from volttools.mock.schema.model import Table as DeclaredTable
from volttools.mock.schema.sql_types import BY_NAME

_LETTERS = {"S": STRING, "I": INTEGER, "SM": SMALLINT, "T": TINYINT}

_NULLABLE, _NOT_NULL = 1, 0  # java.sql.DatabaseMetaData.columnNullable, columnNoNulls
_TREE = 3  # tableIndexOther: neither statistics, nor clustered, nor hashed


def columns_of(text: str) -> list[tuple[str, WireType]]:
    """Columns of a text such as "NAME S, SIZE I"."""
    return [(name, _LETTERS[letter]) for name, letter in (column.split() for column in text.split(","))]


_TABLES = columns_of(
    "TABLE_CAT S, TABLE_SCHEM S, TABLE_NAME S, TABLE_TYPE S, REMARKS S, TYPE_CAT S, TYPE_SCHEM S, TYPE_NAME S, "
    "SELF_REFERENCING_COL_NAME S, REF_GENERATION S"
)
_COLUMNS = columns_of(
    "TABLE_CAT S, TABLE_SCHEM S, TABLE_NAME S, COLUMN_NAME S, DATA_TYPE I, TYPE_NAME S, COLUMN_SIZE I, "
    "BUFFER_LENGTH I, DECIMAL_DIGITS I, NUM_PREC_RADIX I, NULLABLE I, REMARKS S, COLUMN_DEF S, SQL_DATA_TYPE I, "
    "SQL_DATETIME_SUB I, CHAR_OCTET_LENGTH I, ORDINAL_POSITION I, IS_NULLABLE S, SCOPE_CATALOG S, SCOPE_SCHEMA S, "
    "SCOPE_TABLE S, SOURCE_DATA_TYPE SM, IS_AUTOINCREMENT S"
)
_INDEXES = columns_of(
    "TABLE_CAT S, TABLE_SCHEM S, TABLE_NAME S, NON_UNIQUE T, INDEX_QUALIFIER S, INDEX_NAME S, TYPE SM, "
    "ORDINAL_POSITION SM, COLUMN_NAME S, ASC_OR_DESC S, CARDINALITY I, PAGES I, FILTER_CONDITION S"
)
_PRIMARY_KEYS = columns_of("TABLE_CAT S, TABLE_SCHEM S, TABLE_NAME S, COLUMN_NAME S, KEY_SEQ SM, PK_NAME S")
_FUNCTIONS = columns_of("FUNCTION_TYPE S, FUNCTION_NAME S, CLASS_NAME S, METHOD_NAME S")
_CLASSES = columns_of("CLASS_NAME S, VOLT_PROCEDURE T, ACTIVE_PROC T")
_USERS = columns_of("USER S, ROLES S")
_ROLES = columns_of("ROLE S, PERMISSIONS S")
_TASKS = columns_of(
    "TASK_NAME S, SCHEDULER_CLASS S, SCHEDULER_PARAMETERS S, ACTIONS_CLASS S, ACTIONS_PARAMETERS S, "
    "SCHEDULE_CLASS S, SCHEDULE_PARAMETERS S, ON_ERROR S, RUN_LOCATION S, USER S, ENABLED S"
)
_TOPICS = columns_of("TOPIC_NAME S, IS_SINGLE S, IS_OPAQUE S, STREAM_NAME S, PROCEDURE_NAME S")
_TYPES = columns_of(
    "TYPE_NAME S, DATA_TYPE I, PRECISION I, LITERAL_PREFIX S, LITERAL_SUFFIX S, CREATE_PARAMS S, NULLABLE SM, "
    "CASE_SENSITIVE T, SEARCHABLE SM, UNSIGNED_ATTRIBUTE T, FIXED_PREC_SCALE T, AUTO_INCREMENT T, LOCAL_TYPE_NAME S, "
    "MINIMUM_SCALE SM, MAXIMUM_SCALE SM, SQL_DATA_TYPE I, SQL_DATETIME_SUB I, NUM_PREC_RADIX I"
)

BUILT_IN_ROLES = {
    "administrator": "admin,defaultproc,defaultprocread,sql,sqlread,allproc,compoundproc",
    "user": "defaultproc,defaultprocread,sql,sqlread,allproc",
}
_PERMISSION_ORDER = BUILT_IN_ROLES["administrator"].split(",")


def _in_order(schema: Schema) -> list[DeclaredTable]:
    return [schema.tables[name] for name in sorted(schema.tables)]


def tables_table(schema: Schema) -> Table:
    """TABLES."""
    rows: list[Row] = []
    for table in _in_order(schema):
        facts: dict[str, Any] = {}
        column = schema.partition_column(table)
        if column is not None:
            facts["partitionColumn"] = column
        if table.source is not None:
            facts["sourceTable"] = table.source
        remarks = json.dumps(facts, separators=(",", ":")) if facts else None
        rows.append((None, None, table.name, table.kind, remarks, None, None, None, None, None))
    return Table.of(_TABLES, rows)


def columns_table(schema: Schema) -> Table:
    """COLUMNS, by table and name."""
    rows: list[Row] = []
    for table in _in_order(schema):
        partition = schema.partition_column(table)
        numbered = sorted(enumerate(table.columns, 1), key=lambda pair: pair[1].name)
        rows += [_column_row(table, column, number, partition) for number, column in numbered]
    return Table.of(_COLUMNS, rows)


def _column_row(table: DeclaredTable, column: Column, number: int, partition: str | None) -> Row:
    kind = column.type
    has_size = kind.name in ("VARCHAR", "VARBINARY")
    precision = None if kind.name == "GEOGRAPHY" else kind.precision
    return (
        None,
        None,
        table.name,
        column.name,
        kind.jdbc,
        kind.name,
        column.size if has_size else precision,
        None,
        kind.scale,
        kind.radix,
        _NULLABLE if column.nullable else _NOT_NULL,
        "PARTITION_COLUMN" if column.name == partition else None,
        None if column.default is None else column.default.strip("'"),
        None,
        None,
        column.size if has_size else None,
        number,
        "YES" if column.nullable else "NO",
        None,
        None,
        None,
        None,
        "NO",
    )


def indexes_table(schema: Schema) -> Table:
    """INDEXINFO."""
    rows: list[Row] = []
    for table in _in_order(schema):
        for index in sorted(table.indexes, key=lambda index: index.name):
            for position, column in enumerate(index.columns, 1):
                rows.append(
                    (
                        None,
                        None,
                        table.name,
                        0 if index.unique else 1,
                        None,
                        index.name,
                        _TREE,
                        position,
                        column,
                        "A",
                        None,
                        None,
                        index.where,
                    )
                )
    return Table.of(_INDEXES, rows)


def primary_keys_table(schema: Schema) -> Table:
    """PRIMARYKEYS."""
    rows: list[Row] = []
    for table in _in_order(schema):
        primary = table.primary_key
        if primary is None:
            continue
        for position, part in enumerate(primary.columns, 1):
            name = table.columns[int(part)].name if part.isdigit() else part
            rows.append((None, None, table.name, name, position, primary.constraint))
    return Table.of(_PRIMARY_KEYS, rows)


def functions_table(schema: Schema) -> Table:
    """FUNCTIONS."""
    functions = [schema.functions[name] for name in sorted(schema.functions)]
    rows: list[Row] = [
        ("scalar" if one.method is not None else "aggregate", one.name, one.class_name, one.method)
        for one in functions
    ]
    return Table.of(_FUNCTIONS, rows)


def classes_table(schema: Schema, classes: Sequence[str]) -> Table:
    """CLASSES: those that were loaded; those of declared procedures are active."""
    active = {procedure.class_name for procedure in schema.procedures.values()}
    rows: list[Row] = [(name, int(name in active), int(name in active)) for name in sorted(classes)]
    return Table.of(_CLASSES, rows)


def users_table(users: Sequence[str]) -> Table:
    """USERS; the mock lets all of them do everything."""
    return Table.of(_USERS, [(user, "administrator") for user in sorted(users)])


def roles_table(schema: Schema) -> Table:
    """ROLES: the two that there always are, and the schema's."""
    roles: Mapping[str, str] = BUILT_IN_ROLES | {
        role.name: ",".join(one for one in _PERMISSION_ORDER if one in role.permissions)
        for role in schema.roles.values()
    }
    return Table.of(_ROLES, [(name, roles[name]) for name in sorted(roles)])


def tasks_table(schema: Schema) -> Table:
    """TASKS; of the classes and their parameters only what DDL says."""
    rows: list[Row] = []
    for name in sorted(schema.tasks):
        task = schema.tasks[name]
        enabled = "true" if task.enabled else "false"
        schedule = task.schedule or None
        row: Row = (
            name,
            None,
            None,
            None,
            task.procedure,
            None,
            schedule,
            task.on_error,
            "DATABASE",
            None,
            enabled,
        )
        rows.append(row)
    return Table.of(_TASKS, rows)


def topics_table() -> Table:
    """TOPICS, which a Community server hasn't."""
    return Table.of(_TOPICS, [])


def types_table() -> Table:
    """TYPEINFO: the same for every schema."""
    rows = [_type_row(*row) for row in _TYPE_ROWS]
    return Table.of(_TYPES, rows)


# fmt: off
# name, quotes, parameters of CREATE, case sensitive, searchable, unsigned, scales
_TYPE_ROWS: list[tuple[str, str | None, str | None, int, int, int | None, int | None]] = [
    ("TINYINT",          None, None,         0, 2, 0,    0),
    ("SMALLINT",         None, None,         0, 2, 0,    0),
    ("INTEGER",          None, None,         0, 2, 0,    0),
    ("BIGINT",           None, None,         0, 2, 0,    0),
    ("INLIST OF BIGINT", None, None,         0, 0, None, None),
    ("FLOAT",            None, None,         0, 2, 0,    None),
    ("VARCHAR",          "'",  "max_length", 1, 3, None, None),
    ("INLIST OF STRING", None, None,         0, 0, None, None),
    ("TIMESTAMP",        "'",  None,         0, 2, None, None),
    ("DECIMAL",          None, None,         0, 2, 0,    12),
    ("BOOLEAN",          None, None,         0, 2, None, 0),
    ("VARBINARY",        "'",  "max_length", 0, 2, None, None),
    ("GEOGRAPHY_POINT",  None, None,         0, 2, None, None),
    ("GEOGRAPHY",        None, "max_length", 0, 2, None, None),
]
# fmt: on
_JDBC_BOOLEAN, _JDBC_OTHER = 16, 1111


def _type_row(
    name: str,
    quote: str | None,
    parameters: str | None,
    is_case_sensitive: int,
    searchable: int,
    unsigned: int | None,
    scale: int | None,
) -> Row:
    kind = BY_NAME.get(name)
    jdbc = kind.jdbc if kind is not None else _JDBC_BOOLEAN if name == "BOOLEAN" else _JDBC_OTHER
    return (
        name,
        jdbc,
        None if kind is None else kind.precision,
        quote,
        quote,
        parameters,
        1,
        is_case_sensitive,
        searchable,
        unsigned,
        0,
        0,
        name,
        scale,
        scale,
        None,
        None,
        None if kind is None else kind.radix,
    )
