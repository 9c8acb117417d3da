"""What a server checks when all statements of a batch are taken: partitions, keys, procedures. Pure."""

from __future__ import annotations

from volttools.mock.schema.errors import DdlError, plain_error
from volttools.mock.schema.model import DeclaredProcedure, Schema, Table
from volttools.mock.schema.queries import tables_named

MAX_COLUMNS = 1024
MAX_ROW_BYTES = 2 * 2**20
_MAX_STREAMS = 2
_BYTES_OF_CHARACTER = 4


def check_schema(schema: Schema) -> None:
    """DdlError, as the server words it, for the first thing that is wrong."""
    streams = [table for table in schema.tables.values() if table.kind == "EXPORT" or table.target]
    if len(streams) > _MAX_STREAMS:
        raise plain_error(
            f"ERROR - Too many streams. VoltDB Community Edition only supports {_MAX_STREAMS} streams per database."
        )
    for table in schema.tables.values():
        _check_size(table)
        _check_ttl(table)
        if table.kind == "TABLE" and table.partition_column is not None:
            _check_partition(table, table.partition_column)
    for procedure in schema.procedures.values():
        _check_procedure(schema, procedure)
    for task in schema.tasks.values():
        problem = None
        if task.procedure.startswith("@"):
            problem = f'System procedures are not allowed in tasks: "{task.procedure}"'
        elif task.procedure and not _exists(schema, task.procedure):
            problem = f"Procedure does not exist: {task.procedure}"
        if problem is not None:
            raise plain_error(f"Error validating parameters for task {task.name}: {problem}")


def _exists(schema: Schema, procedure: str) -> bool:
    from volttools.mock.schema.defaults import default_procedures

    return procedure in schema.procedures or procedure.upper() in map(str.upper, default_procedures(schema))


def _check_size(table: Table) -> None:
    if len(table.columns) > MAX_COLUMNS:
        raise plain_error(f"Table {table.name} has {len(table.columns)} columns (max is {MAX_COLUMNS})")
    size = 0
    for column in table.columns:
        if column.size is None:
            size += column.type.length
        else:
            per_unit = _BYTES_OF_CHARACTER if column.type.name == "VARCHAR" and not column.in_bytes else 1
            size += 4 + column.size * per_unit
    if size > MAX_ROW_BYTES and table.kind != "VIEW":
        raise plain_error(
            f"Error: Table {table.name} has a maximum row size of {size} but the maximum supported row size is "
            f"{MAX_ROW_BYTES}"
        )


def _check_ttl(table: Table) -> None:
    if table.ttl_column is None:
        return
    column = table.column(table.ttl_column)
    if column is None:
        raise plain_error(f"TTL column {table.name}.{table.ttl_column} does not exist")
    if column.type.name != "TIMESTAMP":
        raise plain_error(f"TTL column '{table.name}.{column.name}' must be of type TIMESTAMP")


def _check_partition(table: Table, name: str) -> None:
    column = table.column(name)
    if column is None:
        raise plain_error(f"In database, PARTITION has unknown COLUMN '{name}'")
    if column.nullable:
        raise plain_error(
            f"In database, Partition column '{table.name}.{name.lower()}' is nullable. "
            'Partition columns must be constrained "NOT NULL".'
        )
    for index in table.indexes:
        has_column = name in (part.upper() for part in index.columns)
        if index.assume_unique and has_column:
            raise plain_error(
                "ASSUMEUNIQUE is not valid for an index that includes the partitioning column. "
                "Please use UNIQUE instead."
            )
        if index.unique and not index.assume_unique and not has_column:
            kind = "PRIMARY KEY" if index.is_primary else "UNIQUE index"
            raise plain_error(
                f"Invalid use of {kind}. The {kind} on the partitioned table {table.name} does not include "
                f"the partitioning column {name}. See the documentation for the 'CREATE TABLE' and 'CREATE INDEX' "
                "commands and the 'ASSUMEUNIQUE' keyword."
            )


def _check_procedure(schema: Schema, procedure: DeclaredProcedure) -> None:
    name = procedure.name
    for number, statement in enumerate(procedure.statements):
        for table in tables_named(statement):
            if schema.table(table) is None:
                raise _planning(name, number, statement, f"object not found: {table}")
    for role in procedure.roles:
        if role not in schema.roles and role not in ("administrator", "user"):
            raise plain_error(
                f"[{name}]: Procedure {name} allows access by a role {role} that does not exist"
            )


def _planning(procedure: str, number: int, statement: str, problem: str) -> DdlError:
    return plain_error(
        f'[{procedure}]: Failed to plan for statement (sql{number}) "{statement};". '
        f'Error: "Error in "{statement};" - {problem}"'
    )
