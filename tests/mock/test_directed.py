import pytest

from tests.mock.wire import connected
from volttools.formats.invocation import Extension
from volttools.formats.types import BIGINT, STRING
from volttools.mock import MockServer

ALL = Extension(type=2)
NOT_ALL = (
    "Invalid procedure for all-partition execution. Targeted procedure must be partitioned, must be partitioned on "
    "the first parameter, and must not be a system procedure."
)
NOT_ONE = (
    "Invalid procedure for all-partition execution. Targeted procedure must be partitioned on the first parameter,  "
    "be a directed procedure or part of a batch call."
)


def to(partition):
    return Extension(type=3, payload=partition)


def within(microseconds):
    return Extension(type=6, payload=microseconds)


@pytest.fixture
def wire():
    with MockServer(partitions=2) as server:
        server.handle("First", lambda call: [call.params], types=(BIGINT, STRING), partitioned_on=0)
        server.handle("Second", lambda call: [call.params], types=(BIGINT, STRING), partitioned_on=1)
        server.handle("None", lambda call: [call.params], types=(BIGINT, STRING))
        server.handle("Unknown", lambda call: [call.params])
        with connected(server) as wire:
            wire.server = server
            yield wire


def test_a_directed_call_gets_its_partition_s_key_for_its_first_parameter(wire):
    for partition in (0, 1):
        response = wire.call("First", 99, "x", extensions=[ALL, to(partition)])
        ((key, text),) = response.tables[0].rows
        assert wire.server.topology.partition_of(BIGINT, key) == partition
        assert text == "x"
        call = wire.server.calls[-1]
        assert call.partition == partition
        assert call.invocation.parameters[0].value == 99


@pytest.mark.parametrize(
    ("procedure", "extensions", "text"),
    [
        ("First", [to(2)], "Partition does not exist: 2"),
        ("Second", [to(0)], NOT_ONE),
        ("None", [to(0)], NOT_ONE),
        ("None", [ALL], NOT_ALL),
        ("@Ping", [to(0)], NOT_ONE),
        ("@Ping", [ALL], NOT_ALL),
        ("First", [within(0)], "Request timed out at server before execution"),
        ("Unknown", [within(1)], "Request timed out at server before execution"),
    ],
)
def test_what_does_not_fit_the_procedure_is_refused(wire, procedure, extensions, text):
    response = wire.call(procedure, 1, "x", extensions=extensions)
    assert (response.status, response.status_string) == (-2, text)


@pytest.mark.parametrize(
    ("procedure", "extensions"),
    [
        ("First", [ALL]),
        ("Unknown", [ALL, to(7)]),
        ("First", [within(-1)]),
        ("First", [within(2)]),
        ("None", [Extension(type=1, payload=5)]),
    ],
)
def test_what_a_server_takes_is_taken(wire, procedure, extensions):
    assert wire.call(procedure, 1, "x", extensions=extensions).tables[0].rows == [(1, "x")]


def test_an_unknown_procedure_is_said_first(wire):
    response = wire.call("Nosuch", extensions=[to(7), within(0)])
    assert response.status_string.startswith("Procedure Nosuch was not found")


def test_a_key_of_another_type_stays(wire):
    wire.server.handle("Text", lambda call: [call.params], types=(STRING,), partitioned_on=0)
    assert wire.call("Text", "x", extensions=[to(1)]).tables[0].rows == [("x",)]
