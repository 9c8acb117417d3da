"""The procedures that a table has of its own."""

import pytest

from volttools.mock.schema.changes import changed
from volttools.mock.schema.defaults import default_procedures
from volttools.mock.schema.model import Schema


def defaults(ddl):
    return default_procedures(changed(Schema(), ddl))


@pytest.mark.parametrize(
    ("ddl", "names"),
    [
        ("create table t (a integer)", "insert"),
        ("create table t (a integer primary key)", "insert upsert update delete"),
        ("create table t (a integer not null); partition table t on column a", "insert"),
        (
            "create table t (a integer primary key); partition table t on column a",
            "insert upsert update delete select",
        ),
        ("create stream t (a integer)", "insert"),
    ],
)
def test_keys_and_partitions_decide_which_there_are(ddl, names):
    assert {name.rpartition(".")[2] for name in defaults(ddl)} == set(names.split())


def test_views_have_none():
    assert set(
        defaults("create table t (a integer); create view v as select a, count(*) from t group by a")
    ) == {"T.insert"}


def test_update_takes_the_columns_and_then_the_key():
    update = defaults(
        "create table t (b varchar(5), a bigint not null, primary key (a)); partition table t on column a"
    )["T.update"]
    assert [kind.name for kind in update.types] == ["STRING", "BIGINT", "BIGINT"]
    assert update.partitioned_on == 2
    assert update.parameter_order == (1, 0, 2)  # the catalog sorts the columns by name
    assert update.statements == ("UPDATE T SET B = ?, A = ? WHERE A = ?",)
