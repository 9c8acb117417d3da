"""A schema: tables, views, streams, indexes, procedures, functions, roles, tasks. Pure.

Names of tables, columns and indexes are in upper case, as a catalog has them; procedures keep theirs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from volttools.formats.types import WireType
from volttools.mock.schema.sql_types import SqlType


def remarks(
    partitioned_on: int | None, partition_type: int | None, *, is_read_only: bool, is_compound: bool = False
) -> str:
    """What the catalog remarks on a procedure, its keys in the order of the alphabet."""
    facts: dict[str, Any] = {"compound": is_compound}
    is_single = partitioned_on is not None and partition_type is not None
    if is_single:
        facts["partitionParameter"] = partitioned_on
        facts["partitionParameterType"] = partition_type
    facts["readOnly"] = is_read_only
    facts["singlePartition"] = is_single
    return json.dumps(facts, separators=(",", ":"))


TableKind = Literal["TABLE", "VIEW", "EXPORT"]
"""As the catalog calls tables, views and streams."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column.

    size      of VARCHAR (characters, or bytes), VARBINARY, GEOGRAPHY (bytes); None for other types
    in_bytes  whether VARCHAR's size counts bytes
    default   as DDL writes it; None: NULL
    """

    name: str
    type: SqlType
    size: int | None = None
    in_bytes: bool = False
    nullable: bool = True
    default: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """An index, and the constraint that made it, if one did.

    columns     names, or expressions as they were written
    constraint  name of the constraint; None: it was made by CREATE INDEX
    where       of a partial index
    """

    name: str
    columns: tuple[str, ...]
    unique: bool = False
    assume_unique: bool = False
    is_primary: bool = False
    constraint: str | None = None
    where: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table, view or stream.

    partition_column  None: replicated (a stream: not partitioned)
    source            of a view: the table whose partitions it has; None: of a table or of several
    sources           of a view: all tables that it reads
    ttl_column        of a table with TTL
    """

    name: str
    kind: TableKind = "TABLE"
    columns: tuple[Column, ...] = ()
    indexes: tuple[Index, ...] = ()
    partition_column: str | None = None
    source: str | None = None
    sources: tuple[str, ...] = ()
    ttl_column: str | None = None
    target: str | None = None
    is_dr: bool = False

    def column(self, name: str) -> Column | None:
        """The column of that name, in any case."""
        wanted = name.upper()
        return next((column for column in self.columns if column.name == wanted), None)

    def position(self, name: str) -> int:
        """Number of a column, from 0; ValueError if it has none of that name."""
        return [column.name for column in self.columns].index(name)

    @property
    def primary_key(self) -> Index | None:
        """The index of its primary key."""
        return next((index for index in self.indexes if index.is_primary), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredProcedure:
    """A procedure that is declared: by DDL, or because its table is.

    types           of its parameters, None where one's isn't known; None: no parameter is known
    parameter_order numbers of its parameters in the order in which the catalog counts them
    partitioned_on  number of the parameter that is its partition's key; None: multi-partition
    statements      its SQL
    class_name      the class that it is from
    """

    name: str
    types: tuple[WireType | None, ...] | None = None
    parameter_order: tuple[int, ...] | None = None
    arrays: frozenset[int] = frozenset()
    partitioned_on: int | None = None
    partition_type: WireType | None = None
    partition_column: str = ""
    read_only: bool = False
    compound: bool = False
    directed: bool = False
    statements: tuple[str, ...] = ()
    class_name: str | None = None
    roles: tuple[str, ...] = ()
    table: str | None = None
    """Of a default procedure: its table."""

    def remarks(self) -> str:
        """The JSON by which clients find the partition of a call."""
        number, kind = self.partitioned_on, self.partition_type
        if self.directed:
            return remarks(-1, -1, is_read_only=self.read_only)
        return remarks(
            number,
            None if kind is None else kind.code,
            is_read_only=self.read_only,
            is_compound=self.compound,
        )


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the user's."""

    name: str
    class_name: str
    method: str | None


@dataclass(frozen=True, slots=True)
class Role:
    """A role and its permissions, in lower case."""

    name: str
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task; it is listed, and never run."""

    name: str
    schedule: str = ""
    procedure: str = ""
    on_error: str = "STOP"
    enabled: bool = True


@dataclass
class Schema:
    """All that is declared. Changes are made to a copy, which takes the place of the old one when all went well."""

    tables: dict[str, Table] = field(default_factory=dict)
    procedures: dict[str, DeclaredProcedure] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)

    def copy(self) -> Schema:
        """Another one with the same contents."""
        return replace(
            self,
            tables=dict(self.tables),
            procedures=dict(self.procedures),
            functions=dict(self.functions),
            roles=dict(self.roles),
            tasks=dict(self.tasks),
        )

    def table(self, name: str) -> Table | None:
        """The table, view or stream of that name, in any case."""
        return self.tables.get(name.upper())

    def index_owner(self, name: str) -> Table | None:
        """The table that has an index of that name."""
        wanted = name.upper()
        return next(
            (table for table in self.tables.values() for index in table.indexes if index.name == wanted), None
        )

    def partition_column(self, table: Table) -> str | None:
        """The column by which a table is partitioned, or the table that a view reads."""
        if table.kind != "VIEW":
            return table.partition_column
        sources = [source for name in table.sources if (source := self.tables.get(name)) is not None]
        return next((column for source in sources if (column := self.partition_column(source))), None)

    def views_of(self, table: str) -> Iterable[Table]:
        """The views that read a table."""
        return (view for view in self.tables.values() if table in view.sources)
