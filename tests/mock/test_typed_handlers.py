"""Functions as procedures: what they are given for what was sent, and what the caller is told."""

import asyncio
import datetime
import functools
from decimal import Decimal
from typing import Annotated, Any

import pytest

from tests.mock.wire import connected
from volttools.errors import UsageError
from volttools.formats.geography import Point
from volttools.formats.parameters import Parameter
from volttools.formats.types import (
    BIGINT,
    DECIMAL,
    FLOAT,
    GEOGRAPHY_POINT,
    INTEGER,
    SMALLINT,
    STRING,
    TIMESTAMP,
    TINYINT,
    VARBINARY,
)
from volttools.mock import AppStatus, Call, MockServer

UTC = datetime.UTC


@pytest.fixture
def called():
    """Call a function as a procedure with parameters: its values, and the response."""
    with MockServer() as server, connected(server) as wire:

        def call(function, *parameters):
            seen = []

            @functools.wraps(function)
            def noting(*values):
                seen.append(values)
                return function(*values)

            server.procedure("P")(noting)
            return seen, wire.call("P", *parameters)

        yield call


def takes(kind):
    def function(value): ...

    function.__annotations__ = {"value": kind}
    return function


@pytest.mark.parametrize(
    ("annotation", "sent", "expected"),
    [
        (int, Parameter.of(TINYINT, 5), 5),
        (int, Parameter.of(STRING, " 12 "), 12),
        (int, Parameter.of(DECIMAL, Decimal("3")), 3),
        (int | None, Parameter.of(BIGINT, None), None),
        (Annotated[int, SMALLINT], Parameter.of(BIGINT, 300), 300),
        (bool, Parameter.of(TINYINT, 1), True),
        (float, Parameter.of(INTEGER, 3), 3.0),
        (float, Parameter.of(STRING, "2.5"), 2.5),
        (str, Parameter.of(STRING, "ä"), "ä"),
        (str, Parameter.of(BIGINT, 7), "7"),
        (bytes, Parameter.of(VARBINARY, b"\0x"), b"\0x"),
        (bytes, Parameter.array(TINYINT, [1, -1]), b"\x01\xff"),
        (Decimal, Parameter.of(DECIMAL, Decimal("1.50")), Decimal("1.5")),
        (Decimal, Parameter.of(FLOAT, 0.1), Decimal("0.1")),
        (
            datetime.datetime,
            Parameter.of(TIMESTAMP, 1_500_000),
            datetime.datetime(1970, 1, 1, 0, 0, 1, 500_000, UTC),
        ),
        (Point, Parameter.of(GEOGRAPHY_POINT, Point(1.0, 2.0)), Point(1.0, 2.0)),
        (list[int], Parameter.array(BIGINT, [1, None]), [1, None]),
        (list[str], Parameter.array(STRING, ["a"]), ["a"]),
        (Any, Parameter.of(TIMESTAMP, 5), 5),
        (object, Parameter.array(INTEGER, [5]), [5]),
    ],
)
def test_values_come_as_they_are_annotated(called, annotation, sent, expected):
    seen, response = called(takes(annotation), sent)
    assert response.status == 1, response.status_string
    ((value,),) = seen
    assert (value, type(value)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("annotation", "sent"),
    [
        (int, Parameter.of(STRING, "abc")),
        (int, Parameter.of(FLOAT, 3.0)),
        (int, Parameter.array(BIGINT, [1])),
        (list[int], Parameter.of(BIGINT, 1)),
        (Annotated[int, TINYINT], Parameter.of(INTEGER, 300)),
        (Decimal, Parameter.of(STRING, "x")),
        (str, Parameter.of(VARBINARY, b"x")),
    ],
)
def test_what_can_t_be_such_a_value_is_refused_as_by_a_server(called, annotation, sent):
    seen, response = called(takes(annotation), sent)
    assert seen == []
    assert response.status == -2
    assert response.status_string.startswith(
        "VOLTDB ERROR: PROCEDURE P TYPE ERROR FOR PARAMETER 0: org.voltdb.VoltTypeException: "
    )


def test_parameters_are_counted(called):
    def vote(phone: int, state: str = "NY", *rest): ...

    for parameters, values in (((1,), (1,)), ((1, "MA"), (1, "MA")), ((1, "MA", 3), (1, "MA", 3))):
        seen, response = called(vote, *parameters)
        assert (seen, response.status) == ([values], 1)
    _, response = called(vote)
    assert response.status_string == "VOLTDB ERROR: PROCEDURE P EXPECTS 1 PARAMS, BUT RECEIVED 0"
    _, response = called(lambda phone: 0, 1, 2)
    assert response.status_string == "VOLTDB ERROR: PROCEDURE P EXPECTS 1 PARAMS, BUT RECEIVED 2"


def test_the_call_is_given_to_who_wants_it(called):
    def vote(phone: int, call: Call, state: str): ...

    seen, _ = called(vote, 1, "NY")
    ((phone, call, state),) = seen
    assert (phone, state) == (1, "NY")
    assert (call.procedure, call.params) == ("P", (1, "NY"))


def test_a_function_is_a_procedure_under_its_name_and_stays_a_function():
    with MockServer() as server, connected(server) as wire:

        @server.procedure()
        def Double(number: int) -> int:
            return 2 * number

        @server.procedure
        def Treble(number: int) -> int:
            return 3 * number

        assert Double(4) == 8
        assert Treble(4) == 12
        assert wire.call("Double", 4).tables[0].rows == [(8,)]
        assert wire.call("Treble", 4).tables[0].rows == [(12,)]


def test_one_that_waits_and_state_in_a_closure():
    votes = {}
    with MockServer() as server, connected(server) as wire:

        @server.procedure("Vote")
        async def vote(phone: int):
            await asyncio.sleep(0)
            votes[phone] = votes.get(phone, 0) + 1
            return [(phone, votes[phone])]

        assert [wire.call("Vote", phone).tables[0].rows for phone in (1, 1, 2)] == [
            [(1, 1)],
            [(1, 2)],
            [(2, 1)],
        ]


def test_an_application_status_that_is_raised_gives_up_and_one_returned_does_not():
    with MockServer() as server, connected(server) as wire:

        @server.procedure("Vote")
        async def vote(phone: int):
            if phone < 0:
                raise AppStatus(5, "no such contestant")
            return AppStatus(2, "counted twice", [(phone,)])

        gave_up, done = wire.call("Vote", -1), wire.call("Vote", 1)
    assert (gave_up.status, gave_up.app_status, gave_up.app_status_string) == (-1, 5, "no such contestant")
    assert gave_up.status_string.startswith("VOLTDB ERROR: USER ABORT no such contestant\n    at vote(")
    assert (done.status, done.app_status, done.app_status_string) == (1, 2, "counted twice")
    assert done.tables[0].rows == [(1,)]


def test_the_catalog_tells_the_types_and_arrays():
    with MockServer() as server, connected(server) as wire:

        @server.procedure("P", partitioned_on=0)
        def procedure(key: int, names: list[str], at: datetime.datetime): ...

        @server.procedure("Q")
        def untyped(key): ...

        rows = wire.call("@SystemCatalog", "PROCEDURECOLUMNS").tables[0].rows
    assert [(row[2], row[6], row[12]) for row in rows] == [
        ("P", "BIGINT", "PARTITION_PARAMETER"),
        ("P", "VARCHAR", "ARRAY_PARAMETER"),
        ("P", "TIMESTAMP", None),
    ]


def test_what_can_be_no_procedure_is_refused_at_once():
    server = MockServer()

    def strange(value: dict): ...

    def by_name(*, value): ...

    def unknown(value): ...

    unknown.__annotations__ = {"value": "Nobody"}

    for function, why in (
        (strange, "no wire type for parameter value"),
        (by_name, "value can't be given by name only"),
        (unknown, "its annotations can't be read"),
    ):
        with pytest.raises(UsageError, match=why):
            server.procedure("P")(function)
