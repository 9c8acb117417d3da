"""What a handler returns becomes tables."""

import datetime
from decimal import Decimal

import pytest

from volttools.codec import build, parse
from volttools.errors import UsageError
from volttools.formats.response import Response
from volttools.formats.table import Column, Table
from volttools.formats.types import BIGINT, STRING
from volttools.mock import Fault, MockServer
from volttools.mock.answers import AppStatus, raised, response_of


def tables(answer):
    return response_of(answer).tables


def columns(answer):
    (table,) = tables(answer)
    return [(column.name, column.type_name) for column in table.columns]


def test_nothing_is_success_without_tables():
    assert response_of(None) == Response(status=1)
    assert tables([]) == []


def test_an_int_is_what_a_java_long_is():
    assert tables(7) == [Table.of([("", BIGINT)], [(7,)])]


def test_columns_of_tuples_are_numbered_and_typed_by_their_values():
    row = (1, 1.5, "é", Decimal("2.5"), b"\0", True, None)
    types = ["BIGINT", "FLOAT", "STRING", "DECIMAL", "VARBINARY", "TINYINT", "STRING"]
    assert columns([row, (None,) * 7]) == [(f"C{number + 1}", name) for number, name in enumerate(types)]
    assert columns([(1,), (1.5,)]) == [("C1", "FLOAT")]


def test_columns_of_dicts_are_their_keys():
    (table,) = tables([{"ID": 1, "NAME": "x"}, {"ID": 2, "NAME": None}])
    assert table == Table.of([("ID", BIGINT), ("NAME", STRING)], [(1, "x"), (2, None)])


def test_tables_stay_what_they_are():
    table = Table.of([("A", BIGINT)])
    assert tables(table) == [table]
    assert tables([table, table]) == [table, table]
    response = Response(status=-2, app_status=5)
    assert response_of(response) is response


def test_an_exception_aborts_with_its_text_and_place():
    try:
        raise ValueError("given up")
    except ValueError as error:
        response = response_of(error)
    assert response.status == -1
    first, second = response.status_string.split("\n")
    assert first == "VOLTDB ERROR: USER ABORT given up"
    assert second.startswith("    at test_an_exception_aborts_with_its_text_and_place(test_answers.py:")
    assert response_of(KeyError()).status_string == "VOLTDB ERROR: USER ABORT "


class Closed(LookupError):
    """Somebody's own."""


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (ValueError("no"), -1, "USER ABORT no"),
        (RuntimeError("no"), -1, "USER ABORT no"),
        (Exception("no"), -1, "USER ABORT no"),
        (Closed("no"), -1, "USER ABORT no"),
        (KeyError("a"), -3, "UNEXPECTED FAILURE: KeyError: 'a'"),
        (AssertionError(), -3, "UNEXPECTED FAILURE: AssertionError: "),
        (NotImplementedError("x"), -3, "UNEXPECTED FAILURE: NotImplementedError: x"),
    ],
)
def test_what_is_raised_on_purpose_aborts_and_bugs_are_unexpected(error, status, text):
    def handler():
        raise error

    with pytest.raises(type(error)) as caught:
        handler()
    response = raised(caught.value)
    first, second = response.status_string.split("\n")
    assert (response.status, first) == (status, f"VOLTDB ERROR: {text}")
    assert second.startswith("    at handler(test_answers.py:")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("text", "'text' is no answer; write None, an int, rows as"),
        ([1, 2], r"^\[1, 2\] is no list of rows; all of them are tuples, as in"),
        ([(1,), {"A": 1}], "is no list of rows; all of them are tuples, as in"),
        ({"a": 1}, r"^{'a': 1} is one row; rows stand in a list: \[{'a': 1}\]$"),
        ((1, "x"), r"^\(1, 'x'\) is one row; rows stand in a list: \[\(1, 'x'\)\]$"),
        ([(1,), (1, 2)], "rows of different lengths, or without values"),
        ([()], "rows of different lengths, or without values"),
        ([{"A": 1}, {"B": 1}], "dicts with different keys; each key is a column"),
        ([(1,), ("x",)], r"column C1 has values of int and str, such as 1, .* write a Table"),
        (
            [(datetime.datetime(2024, 1, 1),)],
            "column C1 has values of datetime, such as .* write a Table, whose columns have types",
        ),
    ],
)
def test_what_is_no_answer_is_said(answer, message):
    with pytest.raises(UsageError, match=message):
        response_of(answer)


def test_an_answer_that_is_always_the_same_is_refused_where_it_is_said():
    server = MockServer()
    for answer in (object(), "x", [(2**70,)], Fault(answer=object()), {"a": 1}):
        with pytest.raises(UsageError, match="the answer of W can't be given: "):
            server.handle("W", answer)
        with pytest.raises(UsageError, match="the answer of W can't be given: "):
            server.stub("W").returns(answer)
    server.handle("W", Fault(sends="nothing", answer=object()))


def test_answers_are_messages():
    response = response_of([(1, "a"), (None, None)])
    assert parse(Response, build(response)) == response


@pytest.mark.parametrize("module", ["volttools.voltdbclient", "voltdbclient"])
def test_a_table_of_the_python_client_is_one(module):
    client = pytest.importorskip(module)
    table = client.VoltTable(None)
    columns = [(6, "ID"), (9, "NAME"), (11, "AT"), (22, "PRICE"), (25, "DATA")]
    for kind, name in columns:
        column = client.VoltColumn(type=kind, name=name)
        table.columns.append(column)
    moment = datetime.datetime(2024, 5, 1, 12).astimezone().replace(tzinfo=None)
    table.tuples = [[1, "a", moment, Decimal("1.5"), b"x"], [None] * 5]
    for answer in (table, [table, table]):
        found = response_of(answer)
        assert found.tables[0].columns == [Column(name, kind) for kind, name in columns]
        (one_id, name, at, price, data), nulls = found.tables[-1].rows
        assert (one_id, name, price, data) == (1, "a", Decimal("1.5"), b"x")
        assert at == int(moment.timestamp()) * 1_000_000
        assert nulls == (None,) * 5
    assert parse(Response, build(found)).tables == found.tables


def test_an_application_status_is_one_and_its_number_is_checked():
    found = response_of(AppStatus(5, "half", Response(status=-9)))
    assert (found.status, found.app_status, found.app_status_string) == (-9, 5, "half")
    with pytest.raises(UsageError, match=r"a number of -128 .. 127, not 500"):
        AppStatus(500)
