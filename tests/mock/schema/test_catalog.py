"""@SystemCatalog of a schema; all of it beside a recording is in system/test_recorded_answers."""

from volttools.mock.schema import catalog
from volttools.mock.schema.changes import changed
from volttools.mock.schema.model import Schema

SCHEMA = changed(
    Schema(),
    "create table t (b varchar(5 bytes) default 'x', a integer not null, g geography(500));"
    "partition table t on column a; create index i on t (b) where a > 1; create stream s (a integer);"
    "create function f from method p.K.m; create aggregate function agg from class p.A;"
    "create role r with sql, admin; create task k on schedule every 5 seconds procedure S.insert;"
    "create procedure from class p.Active;",
)


def test_tables_have_their_kinds():
    rows = [(row[2], row[3], row[4]) for row in catalog.tables_table(SCHEMA).rows]
    assert rows == [("S", "EXPORT", None), ("T", "TABLE", '{"partitionColumn":"A"}')]


def test_columns_come_by_name_and_have_their_defaults():
    rows = [
        (row[3], row[6], row[11], row[12], row[16])
        for row in catalog.columns_table(SCHEMA).rows
        if row[2] == "T"
    ]
    assert rows == [
        ("A", 31, "PARTITION_COLUMN", None, 2),
        ("B", 5, None, "x", 1),
        ("G", None, None, None, 3),
    ]


def test_partial_indexes_have_their_condition():
    (row,) = catalog.indexes_table(SCHEMA).rows
    assert (row[3], row[5], row[8], row[12]) == (1, "I", "B", "a > 1")


def test_functions_roles_tasks_users_and_classes():
    assert catalog.functions_table(SCHEMA).rows == [
        ("aggregate", "agg", "p.A", None),
        ("scalar", "f", "p.K", "m"),
    ]
    assert ("r", "admin,sql") in catalog.roles_table(SCHEMA).rows
    (task,) = catalog.tasks_table(SCHEMA).rows
    assert (task[0], task[4], task[6], task[10]) == ("k", "S.insert", "every 5 seconds", "true")
    assert catalog.users_table(["b", "a"]).rows == [("a", "administrator"), ("b", "administrator")]
    assert catalog.classes_table(SCHEMA, ["p.Other", "p.Active"]).rows == [
        ("p.Active", 1, 1),
        ("p.Other", 0, 0),
    ]
    assert catalog.topics_table().rows == []
