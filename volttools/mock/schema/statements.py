"""Statements of DDL, as they were written: names in upper case, nothing looked up. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from volttools.mock.schema.model import Column


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A constraint on columns, or an index of them: PRIMARY KEY, UNIQUE, ASSUMEUNIQUE, or ""."""

    kind: str
    columns: tuple[str, ...]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class CreateTable:
    """CREATE TABLE or CREATE STREAM."""

    name: str
    columns: tuple[Column, ...]
    keys: tuple[Key, ...] = ()
    is_stream: bool = False
    partition_column: str | None = None
    target: str | None = None
    ttl_column: str | None = None


@dataclass(frozen=True, slots=True)
class CreateView:
    """CREATE VIEW; `columns` are empty where its select names them."""

    name: str
    columns: tuple[str, ...]
    select: str


@dataclass(frozen=True, slots=True)
class CreateIndex:
    """CREATE INDEX."""

    name: str
    table: str
    key: Key
    where: str | None = None


@dataclass(frozen=True, slots=True)
class OnColumn:
    """PARTITION ON TABLE t COLUMN c PARAMETER n; no number means the first."""

    table: str
    column: str
    parameter: int | None = None


@dataclass(frozen=True, slots=True)
class CreateProcedure:
    """CREATE PROCEDURE, from a class or as SQL."""

    name: str
    roles: tuple[str, ...] = ()
    partitions: tuple[OnColumn, ...] = ()
    directed: bool = False
    compound: bool = False
    sql: str | None = None
    class_name: str | None = None


@dataclass(frozen=True, slots=True)
class PartitionTable:
    """PARTITION TABLE."""

    table: str
    column: str


@dataclass(frozen=True, slots=True)
class PartitionProcedure:
    """PARTITION PROCEDURE."""

    name: str
    partitions: tuple[OnColumn, ...]


@dataclass(frozen=True, slots=True)
class CreateFunction:
    """CREATE FUNCTION."""

    name: str
    path: str
    is_aggregate: bool = False


@dataclass(frozen=True, slots=True)
class CreateRole:
    """CREATE ROLE."""

    name: str
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CreateTask:
    """CREATE TASK; what stands behind its name is kept as text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class AlterTask:
    """ALTER TASK."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Drop:
    """DROP of anything; `kind` is TABLE, VIEW, STREAM, INDEX, PROCEDURE, FUNCTION, ROLE or TASK."""

    kind: str
    name: str
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class DrTable:
    """DR TABLE; "*" are all."""

    table: str
    disable: bool = False


@dataclass(frozen=True, slots=True)
class AddColumn:
    """A change of ALTER TABLE."""

    column: Column
    keys: tuple[Key, ...] = ()
    before: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeColumn:
    """A change of ALTER TABLE: the column anew, or one thing of it.

    what   "type", "null", "not null", "default" or "drop default"
    """

    name: str
    what: str
    column: Column | None = None
    default: str | None = None


@dataclass(frozen=True, slots=True)
class DropColumn:
    """A change of ALTER TABLE."""

    name: str
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class AddKey:
    """A change of ALTER TABLE."""

    key: Key


@dataclass(frozen=True, slots=True)
class DropConstraint:
    """A change of ALTER TABLE; no name: the primary key."""

    name: str | None = None


@dataclass(frozen=True, slots=True)
class SetTtl:
    """A change of ALTER TABLE; no column: TTL ends."""

    column: str | None = None


@dataclass(frozen=True, slots=True)
class AlterTable:
    """ALTER TABLE with its one change."""

    name: str
    change: AddColumn | ChangeColumn | DropColumn | AddKey | DropConstraint | SetTtl


@dataclass(frozen=True, slots=True)
class NoChange:
    """What a server takes and a schema doesn't show: SET DR, REPLICATE TABLE of a replicated one."""

    words: str = field(default="")


Statement = (
    CreateTable
    | CreateView
    | CreateIndex
    | CreateProcedure
    | PartitionTable
    | PartitionProcedure
    | CreateFunction
    | CreateRole
    | CreateTask
    | AlterTask
    | Drop
    | DrTable
    | AlterTable
    | NoChange
)
