"""What is looked at before anybody answers a call, over the wire."""

import pytest

from tests.mock.wire import connected
from volttools.codec import build
from volttools.formats.invocation import Invocation
from volttools.formats.notation import Opaque
from volttools.formats.types import BIGINT, INTEGER, STRING
from volttools.mock import MockServer

SCHEMA = """
create table t (id integer not null, v varchar(20), primary key (id));
partition table t on column id;
create procedure Find partition on table t column id as select v from t where id = ?;
create procedure Count as select count(*) from t where v = ?;
"""


@pytest.fixture
def server():
    with MockServer(schema=SCHEMA, partitions=2) as running:
        yield running


@pytest.fixture
def wire(server):
    with connected(server) as connection:
        yield connection


def refusal(response):
    return response.status, response.status_string


def test_handlers_of_declared_procedures_see_converted_values(server, wire):
    server.handle("Find", lambda call: [call.params])
    assert wire.call("Find", "7").tables[0].rows == [(7,)]
    (call,) = server.calls
    assert (call.params, call.partition is not None, call.is_read_only) == ((7,), True, True)
    assert call.invocation.parameters[0].value == "7"


def test_handlers_with_types_see_converted_values(server, wire):
    server.handle("Own", lambda call: [call.params], types=(BIGINT, STRING))
    assert wire.call("Own", "7", 5).tables[0].rows == [(7, "5")]


def test_what_does_not_fit_never_reaches_the_handler(server, wire):
    server.handle("Count", lambda call: 1 / 0)
    assert refusal(wire.call("Count")) == (
        -2,
        "VOLTDB ERROR: PROCEDURE Count EXPECTS 1 PARAMS, BUT RECEIVED 0",
    )
    server.handle("Own", lambda call: 1 / 0, types=(INTEGER,))
    assert refusal(wire.call("Own", 2**40)) == (
        -2,
        "VOLTDB ERROR: PROCEDURE Own TYPE ERROR FOR PARAMETER 0: org.voltdb.VoltTypeException: The provided value: "
        "(1099511627776) of type: java.lang.Long is not a match or is out of range for the target parameter type: int",
    )


def test_a_key_that_is_none_finds_no_partition(wire):
    status, text = refusal(wire.call("T.insert", "abc", "x"))
    assert status == -3
    assert "Parameter value abc, partition column ID type 5 Message: getHashedPartitionForParameter" in text


def test_parameters_that_cannot_be_read(wire):
    wire.send_frame(build(Invocation(procedure="Find", client_handle=7, parameters=Opaque(b"\x7f"))))
    response = wire.response()
    assert response.status == -3
    assert response.status_string.endswith("partition column ID type 5 Message: Invalid partitionIndex: 0")


def test_users_procedures_have_one_case_only(wire):
    status, text = refusal(wire.call("FIND", 1))
    assert (status, text[:45]) == (-3, "Procedure FIND is not present in the catalog.")


PAUSED = (-5, "Server is paused and is available in read-only mode - please try again later.")
ENDING = (-5, "Server is shutting down.")


def test_a_paused_server_takes_no_writes_of_clients(server, wire):
    server.pause()
    assert refusal(wire.call("T.insert", 1, "x")) == PAUSED
    assert refusal(wire.call("@AdHoc", "delete from t")) == PAUSED
    assert refusal(wire.call("@AdHoc", "create table u (a integer)")) == PAUSED
    status, text = refusal(wire.call("Nobody"))
    assert (status, text.partition(".")[0]) == (-3, "Procedure Nobody was not found")
    assert wire.call("T.select", 1).status == 1
    assert wire.call("@Ping").status == 1
    values = {key: value for _, key, value in wire.call("@SystemInformation").tables[0].rows}
    assert values["CLUSTERSTATE"] == "PAUSED"
    server.connections[0].is_admin = True
    assert wire.call("T.insert", 1, "x").status == 1
    server.connections[0].is_admin = False
    server.resume()
    assert wire.call("T.insert", 1, "x").status == 1


def test_a_server_that_is_about_to_end_takes_hardly_anything(server, wire):
    assert refusal(wire.call("@PrepareShutdown")) == (-3, "@PrepareShutdown is not available to this client")
    server.connections[0].is_admin = True
    assert wire.call("@PrepareShutdown").tables[0].rows[0][0] > 0
    assert refusal(wire.call("T.select", 1)) == ENDING
    assert refusal(wire.call("@SystemInformation")) == ENDING
    assert wire.call("@Ping").status == wire.call("@Statistics", "MEMORY").status == 1
    assert wire.call("@CancelShutdown").status == 1
    assert wire.call("T.select", 1).status == 1
