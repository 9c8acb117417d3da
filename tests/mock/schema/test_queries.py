"""What queries say without being run."""

import pytest

from volttools.mock.schema.changes import changed
from volttools.mock.schema.model import Schema
from volttools.mock.schema.queries import columns_given, is_read_only, placeholders, tables_named

SCHEMA = changed(
    Schema(),
    "create table t (id integer not null, v varchar(20), n bigint, ts timestamp, d decimal);"
    "create table u (uid bigint not null, name varchar(5));",
)


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("select * from t", ["T"]),
        ("select a from t, u as x where extract(year from ts) = 5", ["T", "U"]),
        ("select * from t x join u on x.id = u.uid", ["T", "U"]),
        ("select * from (select id from t) as x where id in (select uid from u)", ["T", "U"]),
        ("with x as (select id from t) select * from x", ["T"]),
        ("insert into t (id) select uid from u", ["T", "U"]),
        ("update t set v = trim(both 'x' from v)", ["T"]),
        ("delete from t where id = 1", ["T"]),
        ("truncate table t", ["T"]),
    ],
)
def test_tables_are_found_where_they_stand(sql, names):
    assert tables_named(sql) == names


@pytest.mark.parametrize(
    ("sql", "types"),
    [
        ("select * from t where id = ? and v <> ?", ["INTEGER", "STRING"]),
        ("select * from t where ? < t.n", ["BIGINT"]),
        ("select * from t where n between ? and ?", ["BIGINT", "BIGINT"]),
        ("select * from t where v like ? limit ? offset ?", ["STRING", "BIGINT", "BIGINT"]),
        ("select * from t where id in (?, ?)", ["INTEGER", "INTEGER"]),
        ("select * from t where id in ?", ["INTEGER[]"]),
        ("insert into t values (?, ?, ?, now, ?)", ["INTEGER", "STRING", "BIGINT", "DECIMAL"]),
        ("insert into t (n, id) values (?, ?)", ["BIGINT", "INTEGER"]),
        ("upsert into t (id, v) values (?, upper(?))", ["INTEGER", None]),
        ("update t set v = ?, n = n + ? where id = ?", ["STRING", "BIGINT", "INTEGER"]),
        ("select cast(? as integer) from t", [None]),
        ("select '?' from t -- ?", []),
    ],
)
def test_placeholders_have_the_types_of_their_columns(sql, types):
    found = [
        None if one.type is None else f"{one.type.name}[]" if one.is_array else one.type.name
        for one in placeholders(sql, SCHEMA)
    ]
    assert found == types


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("select * from t", [("ID", "INTEGER"), ("V", "VARCHAR"), ("N", "BIGINT"), ("TS", "TIMESTAMP"), ("D", "DECIMAL")]),
        ("select id as k, v x from t", [("K", "INTEGER"), ("X", "VARCHAR")]),
        ("select v, count(*), sum(id), max(ts), sum(d) from t group by v",
         [("V", "VARCHAR"), ("C2", "BIGINT"), ("C3", "BIGINT"), ("C4", "TIMESTAMP"), ("C5", "DECIMAL")]),
        ("select id + 1, cast(v as integer) from t", [("C1", "BIGINT"), ("C2", "INTEGER")]),
        ("select u.*, t.id from t, u", [("UID", "BIGINT"), ("NAME", "VARCHAR"), ("ID", "INTEGER")]),
    ],
)  # fmt: skip
def test_results_have_the_columns_that_are_selected(sql, columns):
    assert [(one.name, one.column.type.name) for one in columns_given(sql, SCHEMA)] == columns


def test_what_only_reads_begins_with_select_or_with():
    assert is_read_only(" (select 1 from t)")
    assert is_read_only("with x as (select 1 from t) select * from x")
    assert not is_read_only("upsert into t values (1)")
