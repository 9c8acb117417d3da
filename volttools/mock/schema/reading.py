"""From the grammar's tree to a statement. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lark import Token, Transformer, v_args

from volttools.mock.schema.errors import DdlError
from volttools.mock.schema.model import Column
from volttools.mock.schema.sql_types import BY_NAME, DEFAULT_SIZES, SIZED, SqlType
from volttools.mock.schema.statements import (
    AddColumn,
    AddKey,
    AlterTable,
    AlterTask,
    ChangeColumn,
    CreateFunction,
    CreateIndex,
    CreateProcedure,
    CreateRole,
    CreateTable,
    CreateTask,
    CreateView,
    Drop,
    DropColumn,
    DropConstraint,
    DrTable,
    Key,
    NoChange,
    OnColumn,
    PartitionProcedure,
    PartitionTable,
    SetTtl,
)

MAX_CHARACTERS = 262_144
"""More characters than this are taken for bytes, as four may be one character."""


class _Marked(tuple[str, Any]):
    """A clause: what it is, and what it says."""

    __slots__ = ()


def _mark(kind: str, value: Any = None) -> _Marked:
    return _Marked((kind, value))


def _all(items: Sequence[Any], kind: str) -> list[Any]:
    return [item[1] for item in items if isinstance(item, _Marked) and item[0] == kind]


def _one(items: Sequence[Any], kind: str, default: Any = None) -> Any:
    return next(iter(_all(items, kind)), default)


def _upper(token: Token) -> str:
    return str(token).upper()


class Reader(Transformer[Token, Any]):
    """Turns nodes into statements, from the leaves up."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    # ------------------------------------------------------------ tables

    def create_table(self, items: list[Any]) -> CreateTable:
        return self._table(items, is_stream=False)

    def create_stream(self, items: list[Any]) -> CreateTable:
        return self._table(items, is_stream=True)

    def _table(self, items: list[Any], *, is_stream: bool) -> CreateTable:
        columns: list[Column] = []
        keys: list[Key] = []
        for item in items:
            if isinstance(item, Key):
                keys.append(item)
            elif isinstance(item, _Marked) and item[0] == "column":
                column, its_keys = item[1]
                columns.append(column)
                keys += its_keys
        return CreateTable(
            _upper(items[0]),
            tuple(columns),
            tuple(keys),
            is_stream=is_stream,
            partition_column=_one(items, "partition column"),
            target=_one(items, "target"),
            ttl_column=_one(items, "ttl"),
        )

    def on_column(self, items: list[Token]) -> _Marked:
        return _mark("partition column", _upper(items[0]))

    def target(self, items: list[Token]) -> _Marked:
        return _mark("target", str(items[0]))

    def ttl(self, items: list[Any]) -> _Marked:
        names = [item for item in items if isinstance(item, Token) and item.type == "NAME"]
        return _mark("ttl", _upper(names[-1]))

    def column(self, items: list[Any]) -> _Marked:
        name, (kind, size, in_bytes), *options = items
        nullable = not _all(options, "not null")
        key_kinds = _all(options, "key")
        if any(key_kind == "PRIMARY KEY" for _, key_kind in key_kinds):
            nullable = False
        column = Column(
            name=_upper(name),
            type=kind,
            size=(size or DEFAULT_SIZES[kind.name]) if kind.name in SIZED else None,
            in_bytes=in_bytes or (kind.name == "VARCHAR" and (size or 0) > MAX_CHARACTERS),
            nullable=nullable,
            default=_one(options, "default"),
        )
        keys = [Key(kind=key_kind, columns=(column.name,), name=key_name) for key_name, key_kind in key_kinds]
        return _mark("column", (column, keys))

    def column_type(self, items: list[Any]) -> tuple[SqlType, int | None, bool]:
        name = items[0]
        kind = BY_NAME.get(_upper(name))
        if kind is None:
            raise DdlError(f"type not found or user lacks privilege: {_upper(name)}", position=name.start_pos)
        size, in_bytes = items[1] if len(items) > 1 else (None, False)
        if size is not None and kind.name == "DECIMAL":
            size = None
        elif size is not None and (kind.name not in SIZED or size < 1):
            raise DdlError("precision or scale out of range", position=name.start_pos)
        return kind, size, in_bytes

    def size(self, items: list[Any]) -> tuple[int, bool]:
        number = items[0]
        if not number.isdigit():
            raise DdlError(f"unexpected token: {number}", position=number.start_pos)
        return int(number), items[1] is not None

    def not_null(self, items: list[Any]) -> _Marked:
        return _mark("not null")

    def may_be_null(self, items: list[Any]) -> _Marked:
        return _mark("ignored")

    def ignored(self, items: list[Any]) -> _Marked:
        return _mark("ignored")

    def default(self, items: list[Any]) -> _Marked:
        text = "".join(str(item) for item in items if isinstance(item, Token))
        return _mark("default", None if text.upper() == "NULL" else text)

    def column_key(self, items: list[Any]) -> _Marked:
        name, word = items
        return _mark("key", (name and _upper(name), _words(word)))

    def constraint(self, items: list[Any]) -> Key | _Marked:
        if len(items) < 3 or not isinstance(items[1], Token):
            return _mark("ignored")
        name, word, columns = items
        return Key(kind=_words(word), columns=columns, name=name and _upper(name))

    @v_args(meta=True)
    def expression(self, meta: Any, items: list[Any]) -> str:
        text = self._text[meta.start_pos : meta.end_pos]
        direction = text.split()[-1].upper()
        if direction in ("ASC", "DESC") and len(text.split()) > 1:
            raise DdlError(f"unexpected token: {direction}", position=meta.end_pos - len(direction))
        return text

    def parts(self, items: list[str]) -> tuple[str, ...]:
        return tuple(items)

    def group(self, items: list[Any]) -> str:
        return f"({''.join(str(item) for item in items)})"

    # --------------------------------------------- views, indexes and others

    def create_view(self, items: list[Any]) -> CreateView:
        columns = next((item for item in items if isinstance(item, tuple)), ())
        return CreateView(_upper(items[0]), tuple(name.upper() for name in columns), str(items[-1]))

    def create_index(self, items: list[Any]) -> CreateIndex:
        word, name, table, columns, where = items
        key = Key(kind=_words(word) if word else "", columns=columns)
        return CreateIndex(_upper(name), _upper(table), key, None if where is None else str(where))

    def name(self, items: list[Token]) -> str:
        return "".join(items)

    def allow(self, items: list[Token]) -> _Marked:
        return _mark("roles", tuple(str(item).lower() for item in items))

    def on_table(self, items: list[Any]) -> OnColumn:
        table, column, parameter = items
        return OnColumn(_upper(table), str(column), None if parameter is None else int(parameter))

    def partition(self, items: list[OnColumn]) -> _Marked:
        return _mark("partitions", tuple(items))

    def directed(self, items: list[Any]) -> _Marked:
        return _mark("directed", True)

    def as_sql(self, items: list[Any]) -> _Marked:
        return _mark("sql", str(items[0]))

    def from_class(self, items: list[str]) -> _Marked:
        return _mark("class", items[0])

    def create_procedure(self, items: list[Any]) -> CreateProcedure:
        compound, name, *clauses = items
        class_name = _one(clauses, "class")
        if name is None and class_name is None:
            raise DdlError("unexpected token: AS")
        return CreateProcedure(
            name or class_name.rpartition(".")[2],
            roles=_one(clauses, "roles", ()),
            partitions=_one(clauses, "partitions", ()),
            directed=bool(_one(clauses, "directed")),
            compound=compound is not None,
            sql=_one(clauses, "sql"),
            class_name=class_name,
        )

    def create_function(self, items: list[Any]) -> CreateFunction:
        aggregate, name, path = items
        return CreateFunction(str(name).lower(), path, aggregate is not None)

    def create_role(self, items: list[Token]) -> CreateRole:
        return CreateRole(str(items[0]).lower(), tuple(str(item).lower() for item in items[1:]))

    def create_task(self, items: list[Token]) -> CreateTask:
        return CreateTask(str(items[0]), str(items[1]))

    def alter_task(self, items: list[Token]) -> AlterTask:
        return AlterTask(str(items[0]), str(items[1]))

    def partition_table(self, items: list[Token]) -> PartitionTable:
        return PartitionTable(_upper(items[0]), str(items[1]))

    def partition_procedure(self, items: list[Any]) -> PartitionProcedure:
        return PartitionProcedure(items[0], tuple(items[1:]))

    def drop(self, items: list[Any]) -> Drop:
        kind, name, if_exists, cascade = items
        return Drop(_upper(kind), name, if_exists is not None, cascade is not None)

    def dr_table(self, items: list[Any]) -> DrTable:
        return DrTable(_upper(items[0]), items[1] is not None)

    def no_change(self, items: list[Token]) -> NoChange:
        return NoChange(" ".join(items))

    # ------------------------------------------------------- ALTER TABLE

    def alter_table(self, items: list[Any]) -> AlterTable:
        return AlterTable(_upper(items[0]), items[1])

    def add_column(self, items: list[Any]) -> AddColumn:
        (_, (column, keys)), before = items
        return AddColumn(column, tuple(keys), before and _upper(before))

    def add_key(self, items: list[Any]) -> AddKey:
        key = items[0]
        return AddKey(key if isinstance(key, Key) else Key(kind="CHECK", columns=()))

    def set_ttl(self, items: list[_Marked]) -> SetTtl:
        return SetTtl(items[0][1])

    def drop_ttl(self, items: list[Any]) -> SetTtl:
        return SetTtl()

    def change_type(self, items: list[_Marked]) -> ChangeColumn:
        column, _ = items[0][1]
        return ChangeColumn(column.name, "type", column)

    def change_not_null(self, items: list[Token]) -> ChangeColumn:
        return ChangeColumn(_upper(items[0]), "not null")

    def change_null(self, items: list[Token]) -> ChangeColumn:
        return ChangeColumn(_upper(items[0]), "null")

    def change_default(self, items: list[Any]) -> ChangeColumn:
        return ChangeColumn(_upper(items[0]), "default", default=items[1][1])

    def change_drop_default(self, items: list[Token]) -> ChangeColumn:
        return ChangeColumn(_upper(items[0]), "drop default")

    def drop_column(self, items: list[Any]) -> DropColumn:
        return DropColumn(_upper(items[0]), items[1] is not None)

    def drop_constraint(self, items: list[Any]) -> DropConstraint:
        return DropConstraint(_upper(items[0]))

    def drop_key(self, items: list[Any]) -> DropConstraint:
        return DropConstraint()


def _words(token: Token) -> str:
    return " ".join(str(token).upper().split())
