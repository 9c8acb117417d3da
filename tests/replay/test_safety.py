"""Which calls write, and which are held back."""

import json
from collections import Counter

import pytest

from volttools.mock.catalog import procedures_table
from volttools.mock.procedures import Procedures
from volttools.replay.safety import Catalog, Nature, judge, nature_of_sql


@pytest.mark.parametrize(
    ("sql", "nature"),
    [
        ("select * from t", Nature.READ),
        ("  -- delete\n (SELECT 1) union (select 2);", Nature.READ),
        ("with x as (select 1) select * from x", Nature.READ),
        ("select ';drop table t' from t", Nature.READ),
        ("select 1; delete from t", Nature.WRITE),
        ("UPSERT into t values (1)", Nature.WRITE),
        ("truncate table t", Nature.WRITE),
        ("insert into t values (1); alter table t add column x int", Nature.DDL),
        ("/* select */ create table t (i int)", Nature.DDL),
        ("partition table t on column i", Nature.DDL),
        ("exec Vote 1", Nature.WRITE),
        ("", Nature.WRITE),
        ("?", Nature.WRITE),
    ],
)
def test_sql_is_what_its_gravest_statement_is(sql, nature):
    assert nature_of_sql("@AdHoc", sql) is nature


def test_what_only_explains_runs_nothing():
    assert nature_of_sql("@Explain", "delete from t") is Nature.READ


def catalog():
    """As a server tells it."""
    procedures = Procedures()
    procedures.add("Get", 0, None, None, True)
    procedures.add("Put", 0, None, None, False)
    table = procedures_table(procedures.listed())
    names = [column.name for column in table.columns]
    return Catalog(dict(zip(names, row, strict=True)) for row in table.rows)


@pytest.mark.parametrize(
    ("procedure", "nature"),
    [
        ("Get", Nature.READ),
        ("Put", Nature.WRITE),
        ("get", Nature.WRITE),
        ("Unheard", Nature.WRITE),
        ("@Statistics", Nature.READ),
        ("@LoadMultipartitionTable", Nature.WRITE),
        ("@UpdateClasses", Nature.DDL),
        ("@Shutdown", Nature.ADMIN),
        ("@SnapshotSave", Nature.ADMIN),
        ("@Unheard", Nature.ADMIN),
        ("@AdHoc", Nature.WRITE),
    ],
)
def test_a_procedure_does_what_the_catalog_tells_and_what_is_unknown_writes(procedure, nature):
    assert catalog().nature(procedure, None) is nature


@pytest.mark.parametrize("remarks", [None, "", "no json", "[]", json.dumps({"readOnly": "true"})])
def test_remarks_that_do_not_say_so_do_not_make_it_reading(remarks):
    found = Catalog([{"PROCEDURE_NAME": "P", "REMARKS": remarks}])
    assert found.nature("P", None) is Nature.WRITE


def test_only_reading_is_made_unless_more_is_allowed():
    tally = Counter(
        {("Get", None): 5, ("Put", None): 3, ("Gone", None): 1, ("@AdHoc", "DDL"): 2, ("@AdHoc", "read"): 4}
    )
    verdict = judge(tally, catalog())
    assert verdict.made == 9
    assert [(group.procedure, group.nature, group.calls) for group in verdict.held_back] == [
        ("Put", Nature.WRITE, 3),
        ("@AdHoc", Nature.DDL, 2),
        ("Gone", Nature.WRITE, 1),
    ]
    assert [group.procedure for group in verdict.unknown] == ["Gone"]
    assert judge(tally, catalog(), {Nature.WRITE}).made == 13
    assert judge(tally, catalog(), {Nature.WRITE, Nature.DDL}).made == 15
    assert verdict.of("@AdHoc", "read").is_made
