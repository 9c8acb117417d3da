"""What a call gives."""

import pytest

from volttools.client.results import Result, failure
from volttools.codec import build
from volttools.errors import CallFailed, DecodeError, UsageError
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, STRING

PEOPLE = Table.of([("ID", BIGINT), ("NAME", STRING)], [(1, "Ann"), (2, None)])
ODD = Table.of(
    [("", BIGINT), ("class", BIGINT), ("A B", BIGINT), ("A B", BIGINT), ("2nd", BIGINT), ("_x", BIGINT)],
    [(1, 2, 3, 4, 5, 6)],
)


def result(*tables, status=1, **fields):
    return Result("P", status, build(Response(status=status, tables=list(tables), **fields)), 5)


def test_rows_in_each_form():
    found = result(PEOPLE)
    assert found.rows == list(found) == [(1, "Ann"), (2, None)]
    assert [row.NAME for row in found.named_rows()] == ["Ann", None]
    assert found.dicts() == [{"ID": 1, "NAME": "Ann"}, {"ID": 2, "NAME": None}]
    assert found.column("NAME") == found.column("name") == found.column(1) == ["Ann", None]
    table = found.table
    assert (table.columns, table.types, table.status) == (["ID", "NAME"], ["BIGINT", "STRING"], -128)
    assert (len(table), table[0], list(table)) == (2, (1, "Ann"), found.rows)
    assert repr(table) == "<2 rows of 'ID', 'NAME'>"
    assert repr(found) == f"<P: SUCCESS, {len(found.body)} bytes>"


def test_names_that_python_cannot_have():
    (row,) = result(ODD).named_rows()
    assert row._fields == ("C1", "class_", "A_B", "A_B_4", "C2nd", "x")
    with pytest.raises(UsageError, match="are not all named apart: take rows or named_rows"):
        result(ODD).dicts()


def test_several_tables_and_none():
    found = result(PEOPLE, ODD)
    assert [len(table) for table in found.tables] == [2, 1]
    empty = result()
    assert (empty.rows, empty.tables) == ([], [])
    with pytest.raises(UsageError, match="P gave no table"):
        empty.scalar()


def test_a_single_value():
    assert result(Table.of([("N", BIGINT)], [(5,)])).scalar() == 5
    with pytest.raises(UsageError, match="a table of 2 rows and 2 columns is no single value"):
        result(PEOPLE).scalar()
    with pytest.raises(UsageError, match="there is no column 'X'; there are 'ID', 'NAME'"):
        result(PEOPLE).column("X")


def test_columns_without_rows():
    found = result(PEOPLE, ODD)
    assert found.to_arrow().column("NAME").to_pylist() == ["Ann", None]
    assert found.tables[1].to_arrow().num_columns == 6
    assert list(found.to_pandas()["ID"]) == list(found.table.to_pandas()["ID"]) == [1, 2]


def test_nothing_is_read_before_it_is_looked_at():
    broken = Result("P", 1, build(Response(tables=[PEOPLE]))[:-1], 5)
    assert broken.status_name == "SUCCESS"
    for look in (lambda: broken.rows, lambda: broken.tables, lambda: broken.status_string):
        with pytest.raises(DecodeError):
            look()


def test_what_the_server_said_besides():
    found = result(status_string="s", app_status=3, app_status_string="a", cluster_rtt_ms=7)
    assert (found.status_string, found.app_status, found.app_status_string) == ("s", 3, "a")
    assert (found.cluster_rtt_ms, found.latency_ns) == (7, 5)
    assert result(status=-100).status_name == "STATUS_-100"


def test_a_failure_that_cannot_be_read_says_so():
    body = build(Response(status=-2, status_string="x"))
    assert str(failure(Result("P", -2, body, 0))) == "P: GRACEFUL_FAILURE (-2): x"
    assert isinstance(failure(Result("P", -2, body, 0)), CallFailed)
    error = failure(Result("P", -2, body[:-1], 0))
    assert isinstance(error, DecodeError)
    assert str(error).startswith("P: GRACEFUL_FAILURE (-2), and the response can't be read: ")
