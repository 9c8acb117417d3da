"""Tables made and altered. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from volttools.formats.types import MAX_VALUE_BYTES
from volttools.mock.schema import statements as ddl
from volttools.mock.schema.errors import DdlError
from volttools.mock.schema.model import Column, Index, Table


def create_table(statement: ddl.CreateTable) -> Table:
    """The table or stream that a statement describes."""
    names: set[str] = set()
    for column in statement.columns:
        if column.name in names:
            raise DdlError(f"object name already exists: {column.name}")
        names.add(column.name)
        _check_size(statement.name, column)
    table = Table(
        name=statement.name,
        kind="EXPORT" if statement.is_stream else "TABLE",
        columns=statement.columns,
        partition_column=statement.partition_column,
        target=statement.target,
        ttl_column=statement.ttl_column,
    )
    for key in statement.keys:
        table = _with_key(table, key)
    return table


def _check_size(table: str, column: Column) -> None:
    if column.size is not None and column.size > MAX_VALUE_BYTES:
        raise DdlError(
            f"{column.type.name} column size for column {table}.{column.name} is > {MAX_VALUE_BYTES} char maximum."
        )


def new_index(table: Table, key: ddl.Key, *, name: str | None = None, where: str | None = None) -> Index:
    """An index of a key; without a name it is one of a constraint, and named as the server does."""
    columns = tuple(_column_name(table, part) for part in key.columns)
    constraint = None
    if name is None:
        joined = "_".join(columns)
        if key.name is not None:
            name, constraint = f"VOLTDB_AUTOGEN_CONSTRAINT_IDX_{key.name}", key.name
        elif key.kind == "PRIMARY KEY":
            name = f"VOLTDB_AUTOGEN_IDX_PK_{table.name}_{joined}"
            constraint = f"VOLTDB_AUTOGEN_CT__PK_{table.name}_{joined}"
        else:
            name = f"VOLTDB_AUTOGEN_IDX_CT_{table.name}_{joined}"
            constraint = f"VOLTDB_AUTOGEN_CT__{table.name}_{joined}"
    return Index(
        name=name,
        columns=columns,
        unique=bool(key.kind),
        assume_unique=key.kind == "ASSUMEUNIQUE",
        is_primary=key.kind == "PRIMARY KEY",
        constraint=constraint,
        where=where,
    )


def _column_name(table: Table, part: str) -> str:
    """A column by its name; an expression stays as it is written."""
    if not part.isidentifier():
        return part
    if table.column(part) is None:
        raise DdlError(f"object not found: {part.upper()}")
    return part.upper()


def _with_key(table: Table, key: ddl.Key) -> Table:
    if key.kind == "CHECK":
        return table
    if key.kind == "PRIMARY KEY" and table.primary_key is not None:
        raise DdlError(f"constraint definition not allowed: a second primary key of {table.name}")
    index = new_index(table, key)
    if any(other.name == index.name for other in table.indexes):
        raise DdlError(f"object name already exists: {index.constraint}")
    columns = table.columns
    if index.is_primary:
        columns = tuple(
            replace(column, nullable=False) if column.name in index.columns else column for column in columns
        )
    return replace(table, columns=columns, indexes=(*table.indexes, index))


def alter_table(table: Table, change: object, text: str) -> Table:
    """The table after a change; `text` is the statement, for what is said if that can't be."""
    match change:
        case ddl.AddColumn():
            return _add_column(table, change)
        case ddl.ChangeColumn():
            return _change_column(table, change, text)
        case ddl.DropColumn():
            return _drop_column(table, change, text)
        case ddl.AddKey():
            return _with_key(table, change.key)
        case ddl.DropConstraint():
            kept = tuple(index for index in table.indexes if not _is_dropped(index, change))
            if len(kept) == len(table.indexes):
                name = change.name or f"a primary key of {table.name}"
                raise DdlError(f"object not found: {name} in statement [{text}]")
            return replace(table, indexes=kept)
        case ddl.SetTtl():
            return replace(table, ttl_column=change.column)
    raise AssertionError(change)


def _is_dropped(index: Index, change: ddl.DropConstraint) -> bool:
    return index.is_primary if change.name is None else index.constraint == change.name


def _add_column(table: Table, change: ddl.AddColumn) -> Table:
    if table.column(change.column.name) is not None:
        raise DdlError(f"object name already exists: {change.column.name}")
    _check_size(table.name, change.column)
    columns = list(table.columns)
    at = len(columns)
    if change.before is not None:
        _known(table, change.before)
        at = table.position(change.before)
    columns.insert(at, change.column)
    table = replace(table, columns=tuple(columns))
    for key in change.keys:
        table = _with_key(table, key)
    return table


def _change_column(table: Table, change: ddl.ChangeColumn, text: str) -> Table:
    old = table.column(change.name)
    if old is None:
        raise DdlError(f"object not found: {change.name} in statement [{text}]")
    new: Column
    match change.what:
        case "type":
            assert change.column is not None
            _check_size(table.name, change.column)
            new = change.column
        case "default":
            new = replace(old, default=change.default)
        case "drop default":
            new = replace(old, default=None)
        case _:
            new = replace(old, nullable=change.what == "null")
    return replace(table, columns=_replaced(table.columns, new))


def _drop_column(table: Table, change: ddl.DropColumn, text: str) -> Table:
    _known(table, change.name, text)
    if table.partition_column == change.name:
        raise DdlError(f"dependent objects exist: the partitioning column {table.name}.{change.name}")
    users = [index for index in table.indexes if change.name in index.columns]
    if any(len(index.columns) > 1 for index in users) and not change.cascade:
        raise DdlError(f"dependent objects exist: {users[0].name} in statement [{text}]")
    return replace(
        table,
        columns=tuple(column for column in table.columns if column.name != change.name),
        indexes=tuple(index for index in table.indexes if index not in users),
    )


def _known(table: Table, name: str, text: str | None = None) -> None:
    if table.column(name) is None:
        where = "" if text is None else f" in statement [{text}]"
        raise DdlError(f"object not found: {name}{where}")


def _replaced(columns: Sequence[Column], new: Column) -> tuple[Column, ...]:
    return tuple(new if column.name == new.name else column for column in columns)
