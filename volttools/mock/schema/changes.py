"""What statements do to a schema. Pure: a schema that couldn't be changed is the same as before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from volttools.mock.schema import statements as ddl
from volttools.mock.schema.checks import check_schema
from volttools.mock.schema.errors import DdlError, compiler_error, plain_error
from volttools.mock.schema.grammar import parse_statement
from volttools.mock.schema.model import Column, DeclaredProcedure, Function, Index, Role, Schema, Table, Task
from volttools.mock.schema.queries import (
    columns_given,
    group_columns,
    is_read_only,
    placeholders,
    tables_named,
)
from volttools.mock.schema.splitting import Statement, statements
from volttools.mock.schema.sql_types import BY_NAME
from volttools.mock.schema.tables import alter_table, create_table, new_index

PERMISSIONS = ("ADMIN", "ALLPROC", "DEFAULTPROC", "DEFAULTPROCREAD", "SQL", "SQLREAD", "COMPOUNDPROC")
_BUILT_IN_ROLES = ("administrator", "user")
_TASK = re.compile(
    r"(?:ON\s+SCHEDULE\s+(?P<schedule>.*?)\s+)?PROCEDURE\s+(?P<procedure>[@\w$.]+)"
    r"(?:.*?ON\s+ERROR\s+(?P<error>\w+))?(?P<disable>.*\bDISABLE\b)?",
    re.I | re.S,
)


def changed(schema: Schema, text: str, *, is_one_batch: bool = False) -> Schema:
    """The schema after some DDL; DdlError, with statement and position in the text, if it can't be taken.

    is_one_batch  whether the text came in one @AdHoc, which may not drop a table and create it again
    """
    after = schema.copy()
    found = statements(text)
    if is_one_batch:
        _check_batch(found)
    for number, statement in enumerate(found, 1):
        try:
            _Change(after, statement.text).apply(parse_statement(statement.text))
        except DdlError as error:
            error.statement = number
            error.position = statement.start + (error.position or 0)
            raise
    _resolve_procedures(after)
    check_schema(after)
    return after


def is_ddl(text: str) -> bool:
    """Whether a statement is DDL, by its first word."""
    return bool(re.match(r"\s*(?:CREATE|DROP|ALTER|PARTITION|REPLICATE|DR|SET|EXPORT|IMPORT)\b", text, re.I))


def _check_batch(found: Sequence[Statement]) -> None:
    dropped = {name for one in found for name in re.findall(r"^DROP\s+TABLE\s+(\w+)", one.text, re.I)}
    created = [name for one in found for name in re.findall(r"^CREATE\s+TABLE\s+(\w+)", one.text, re.I)]
    both = [name for name in created if name.upper() in (other.upper() for other in dropped)]
    if both:
        raise plain_error(
            "AdHoc DDL contains both DROP and CREATE statements for the following table(s): "
            f"{', '.join(both)}\nYou cannot DROP and ADD a table with the same name in a single batch (via @AdHoc). "
            "Issue the DROP and ADD statements as separate commands."
        )


class _Change:
    """One statement, and the schema that it changes."""

    def __init__(self, schema: Schema, text: str) -> None:
        self._schema = schema
        self._text = text

    def apply(self, statement: ddl.Statement) -> None:
        match statement:
            case ddl.CreateTable():
                self._new_name(statement.name)
                self._schema.tables[statement.name] = create_table(statement)
            case ddl.CreateView():
                self._new_name(statement.name)
                self._schema.tables[statement.name] = self._view(statement)
            case ddl.CreateIndex():
                self._create_index(statement)
            case ddl.AlterTable():
                table = self._table(statement.name)
                self._schema.tables[table.name] = alter_table(table, statement.change, self._text)
            case ddl.PartitionTable():
                self._partition_table(statement)
            case ddl.CreateProcedure():
                self._create_procedure(statement)
            case ddl.PartitionProcedure():
                self._partition_procedure(statement)
            case ddl.CreateFunction():
                class_name, _, method = statement.path.rpartition(".")
                function = Function(statement.name, class_name, method)
                if statement.is_aggregate:
                    function = Function(statement.name, statement.path, None)
                self._schema.functions[statement.name] = function
            case ddl.CreateRole():
                self._create_role(statement)
            case ddl.CreateTask():
                self._create_task(statement)
            case ddl.AlterTask():
                self._alter_task(statement)
            case ddl.Drop():
                self._drop(statement)
            case ddl.DrTable():
                self._dr(statement)
            case ddl.NoChange():
                pass

    # ------------------------------------------------------------ tables

    def _missing(self, name: str) -> DdlError:
        return DdlError(f"object not found: {name.upper()} in statement [{self._text}]")

    def _table(self, name: str) -> Table:
        table = self._schema.table(name)
        if table is None:
            raise self._missing(name)
        return table

    def _new_name(self, name: str) -> None:
        if self._schema.table(name) is not None or self._schema.index_owner(name) is not None:
            raise DdlError(f"object name already exists: {name} in statement [{self._text}]")

    def _view(self, statement: ddl.CreateView) -> Table:
        sources = tables_named(statement.select)
        for name in sources:
            if self._schema.table(name) is None:
                raise DdlError(f"object not found: {name} in statement [{self._text}]")
        given = columns_given(statement.select, self._schema)
        grouped = group_columns(statement.select)
        if any(not one.is_aggregate and (not grouped or one.function == "AVG") for one in given):
            raise plain_error(
                f'Materialized view "{statement.name}" must have non-group by columns aggregated by sum, count, min '
                "or max."
            )
        names = statement.columns or tuple(one.name for one in given)
        if len(names) != len(given):
            raise DdlError(f"row column count mismatch in statement [{self._text}]")
        columns = tuple(
            replace(
                one.column or Column(name="", type=BY_NAME["BIGINT"]), name=name, nullable=True, default=None
            )
            for name, one in zip(names, given, strict=True)
        )
        key = tuple(str(number) for number, one in enumerate(given) if not one.is_aggregate)
        primary = Index(
            name="MATVIEW_PK_INDEX",
            columns=key,
            unique=True,
            is_primary=True,
            constraint="MATVIEW_PK_CONSTRAINT",
        )
        return Table(
            name=statement.name,
            kind="VIEW",
            columns=columns,
            indexes=(primary,) if key else (),
            source=sources[0] if sources else None,
            sources=tuple(sources),
        )

    def _create_index(self, statement: ddl.CreateIndex) -> None:
        table = self._table(statement.table)
        if self._schema.index_owner(statement.name) is not None:
            raise DdlError(f"object name already exists: {statement.name} in statement [{self._text}]")
        index = new_index(table, statement.key, name=statement.name, where=statement.where)
        self._schema.tables[table.name] = replace(table, indexes=(*table.indexes, index))

    def _partition_table(self, statement: ddl.PartitionTable) -> None:
        table = self._schema.table(statement.table)
        if table is None:
            problem = f"Invalid PARTITION statement: table {statement.table.lower()} does not exist"
            raise compiler_error(problem)
        if table.column(statement.column) is None:
            raise plain_error(f"In database, PARTITION has unknown COLUMN '{statement.column}'")
        self._schema.tables[table.name] = replace(table, partition_column=statement.column.upper())

    def _dr(self, statement: ddl.DrTable) -> None:
        tables = (
            [self._table(statement.table)] if statement.table != "*" else list(self._schema.tables.values())
        )
        for table in tables:
            self._schema.tables[table.name] = replace(table, is_dr=not statement.disable)

    # -------------------------------------------------------- procedures

    def _create_procedure(self, statement: ddl.CreateProcedure) -> None:
        if statement.name in self._schema.procedures:
            raise compiler_error(f'Procedure "{statement.name}" is already defined')
        procedure = DeclaredProcedure(
            name=statement.name,
            roles=statement.roles,
            directed=statement.directed,
            compound=statement.compound,
            statements=tuple(_statements_of(statement.sql)) if statement.sql is not None else (),
            class_name=statement.class_name,
        )
        self._schema.procedures[procedure.name] = self._partitioned(procedure, statement.partitions)

    def _partition_procedure(self, statement: ddl.PartitionProcedure) -> None:
        procedure = self._schema.procedures.get(statement.name)
        if procedure is None:
            problem = f'Partition references an undefined procedure "{statement.name}"'
            raise compiler_error(problem)
        self._schema.procedures[procedure.name] = self._partitioned(procedure, statement.partitions)

    def _partitioned(self, procedure: DeclaredProcedure, on: Sequence[ddl.OnColumn]) -> DeclaredProcedure:
        if not on:
            return procedure
        if len(on) > 1:  # runs on two partitions, so it is none's
            return replace(procedure, partitioned_on=None)
        first = on[0]
        name = procedure.name
        table = self._schema.table(first.table)
        column = None if table is None else table.column(first.column)
        if column is None:
            raise plain_error(
                f"[{name}]: Procedure {name} is partitioned on a column {first.column} which can't be found in table "
                f"{first.table.lower()}."
            )
        return replace(
            procedure,
            partitioned_on=first.parameter or 0,
            partition_type=column.type.wire,
            partition_column=column.name,
        )

    # ------------------------------------------------------------ others

    def _create_role(self, statement: ddl.CreateRole) -> None:
        if statement.name in self._schema.roles or statement.name in _BUILT_IN_ROLES:
            raise compiler_error(f'Role name "{statement.name}" in CREATE ROLE statement already exists.')
        for permission in statement.permissions:
            if permission.upper() not in PERMISSIONS:
                raise compiler_error(
                    f'Invalid permission "{permission.upper()}" in CREATE ROLE statement: "{self._text}", '
                    f"available permissions: [{', '.join(PERMISSIONS)}]"
                )
        self._schema.roles[statement.name] = Role(statement.name, statement.permissions)

    def _create_task(self, statement: ddl.CreateTask) -> None:
        match = _TASK.match(statement.text)
        user = re.search(r"\bAS\s+USER\s+(\w+)", statement.text, re.I)
        if user is not None:
            problem = f"User does not exist: {user[1]}"
            raise plain_error(f"Error validating parameters for task {statement.name}: {problem}")
        task = Task(name=statement.name)
        if match is not None:
            task = Task(
                name=statement.name,
                schedule=match["schedule"] or "",
                procedure=match["procedure"],
                on_error=(match["error"] or "STOP").upper(),
                enabled=match["disable"] is None,
            )
        self._schema.tasks[task.name] = task

    def _alter_task(self, statement: ddl.AlterTask) -> None:
        task = self._schema.tasks.get(statement.name)
        if task is None:
            raise compiler_error(f'Task "{statement.name}" does not exist')
        word = statement.text.upper()
        if word in ("ENABLE", "DISABLE"):
            self._schema.tasks[task.name] = replace(task, enabled=word == "ENABLE")

    def _drop(self, statement: ddl.Drop) -> None:
        kind, name = statement.kind, statement.name
        if kind in ("TABLE", "VIEW", "STREAM"):
            self._drop_table(statement)
        elif kind == "INDEX":
            owner = self._schema.index_owner(name)
            if owner is not None:
                kept = tuple(index for index in owner.indexes if index.name != name.upper())
                self._schema.tables[owner.name] = replace(owner, indexes=kept)
            elif not statement.if_exists:
                raise self._missing(name)
        else:
            places: dict[str, dict[str, Any]] = {
                "PROCEDURE": self._schema.procedures,
                "FUNCTION": self._schema.functions,
                "ROLE": self._schema.roles,
                "TASK": self._schema.tasks,
            }
            key = name.lower() if kind in ("FUNCTION", "ROLE") else name
            if key in places[kind]:
                del places[kind][key]
            elif not statement.if_exists:
                raise compiler_error(f'Dropped {kind.title()} "{name}" is not defined')

    def _drop_table(self, statement: ddl.Drop) -> None:
        wanted = {"TABLE": "TABLE", "VIEW": "VIEW", "STREAM": "EXPORT"}[statement.kind]
        table = self._schema.table(statement.name)
        if table is None or table.kind != wanted:
            if statement.if_exists and table is None:
                return
            raise self._missing(statement.name)
        for view in list(self._schema.views_of(table.name)):
            if not statement.cascade:
                problem = f"dependent objects exist: PUBLIC.{view.name} in statement [{self._text}]"
                raise DdlError(problem)
            del self._schema.tables[view.name]
        del self._schema.tables[table.name]


def _statements_of(sql: str) -> list[str]:
    """The statements of a procedure, of which there are several between BEGIN and END."""
    match = re.fullmatch(r"BEGIN\b(.*)\bEND\s*;?", sql.strip(), re.I | re.S)
    return [one.text for one in statements(sql if match is None else match[1])]


def _resolve_procedures(schema: Schema) -> None:
    """Find the types of the procedures' parameters, which tables may have changed."""
    for procedure in list(schema.procedures.values()):
        if procedure.class_name is not None:
            continue
        found = [one for sql in procedure.statements for one in placeholders(sql, schema)]
        number = procedure.partitioned_on
        if number is not None and number >= len(found):
            name = procedure.name
            raise plain_error(f"[{name}]: Invalid parameter index value {number} for procedure: {name}")
        schema.procedures[procedure.name] = replace(
            procedure,
            types=tuple(one.type for one in found),
            arrays=frozenset(at for at, one in enumerate(found) if one.is_array),
            read_only=all(map(is_read_only, procedure.statements)),
        )
