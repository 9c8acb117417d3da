"""The procedures that a table has of its own: T.insert, T.update, T.delete, T.upsert, T.select. Pure.

Which there are, and how the catalog counts their parameters: recording system-catalog.pcap.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from volttools.mock.schema.model import Column, DeclaredProcedure, Schema, Table


def default_procedures(schema: Schema) -> dict[str, DeclaredProcedure]:
    """All of a schema's, by name as the catalog has it."""
    return {procedure.name: procedure for table in schema.tables.values() for procedure in _of_table(table)}


def _of_table(table: Table) -> Iterator[DeclaredProcedure]:
    if table.kind == "VIEW":
        return
    columns = list(table.columns)
    partition = None if table.partition_column is None else table.position(table.partition_column)
    yield _procedure(table, "insert", columns, partition)
    primary = table.primary_key
    if primary is None or table.kind != "TABLE":
        return
    key = [column for name in primary.columns if (column := table.column(name)) is not None]
    in_key = None
    if partition is not None:
        if columns[partition] not in key:
            return
        in_key = key.index(columns[partition])
    yield _procedure(table, "upsert", columns, partition)
    yield _procedure(table, "update", columns, None if in_key is None else len(columns) + in_key, key)
    yield _procedure(table, "delete", key, in_key)
    if in_key is not None:
        yield _procedure(table, "select", key, in_key)


def _procedure(
    table: Table,
    what: str,
    columns: Sequence[Column],
    partitioned_on: int | None,
    key: Sequence[Column] = (),
) -> DeclaredProcedure:
    taken = [*columns, *key]
    # The catalog sorts the columns by name; those of the key stand behind them.
    by_name = sorted(range(len(columns)), key=lambda number: columns[number].name)
    return DeclaredProcedure(
        name=f"{table.name}.{what}",
        types=tuple(column.type.wire for column in taken),
        parameter_order=(*by_name, *range(len(columns), len(taken))),
        partitioned_on=partitioned_on,
        partition_type=None if partitioned_on is None else taken[partitioned_on].type.wire,
        partition_column="" if partitioned_on is None else taken[partitioned_on].name,
        read_only=what == "select",
        statements=(_sql(table, what, columns, key),),
        table=table.name,
    )


def _sql(table: Table, what: str, columns: Sequence[Column], key: Sequence[Column]) -> str:
    def compared(taken: Sequence[Column], sign: str) -> str:
        return sign.join(f"{column.name} = ?" for column in taken)

    match what:
        case "insert" | "upsert":
            marks = ", ".join("?" for _ in columns)
            return f"{what.upper()} INTO {table.name} VALUES ({marks})"
        case "update":
            return f"UPDATE {table.name} SET {compared(columns, ', ')} WHERE {compared(key, ' AND ')}"
        case "delete":
            return f"DELETE FROM {table.name} WHERE {compared(columns, ' AND ')}"
    return f"SELECT * FROM {table.name} WHERE {compared(columns, ' AND ')}"
