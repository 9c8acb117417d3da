"""System procedures, asked over the wire as real clients ask."""

import pytest

from tests.mock.wire import Wire, connected
from volttools.formats.response import PING_HANDLE
from volttools.formats.types import BIGINT, STRING
from volttools.mock import MockServer


@pytest.fixture
def server():
    with MockServer(partitions=2) as running:
        yield running


@pytest.fixture
def wire(server):
    with connected(server) as connection:
        yield connection


def test_ping_is_answered_under_its_reserved_handle(wire):
    response = wire.call("@Ping", client_handle=PING_HANDLE)
    assert (response.status, response.status_string) == (1, "SUCCESS")
    assert response.tables[0].rows == [(0,)]


def test_overview_names_the_address_that_the_client_dialled(server, wire):
    for parameters in ((), ("OVERVIEW",), ("overview",)):
        (table,) = wire.call("@SystemInformation", *parameters).tables
        values = {key: value for _, key, value in table.rows}
        assert (values["IPADDRESS"], values["CLIENTPORT"]) == ("127.0.0.1", str(server.port))


def test_overview_and_log_in_tell_the_same_start(server):
    with Wire(server) as wire:
        start = wire.log_in().cluster_start
        values = {key: value for _, key, value in wire.call("@SystemInformation").tables[0].rows}
        assert values["STARTTIME"] == str(start)


def test_topology_has_two_tables(wire):
    raw = wire.call("@Statistics", "TOPO", 0).tables
    assert wire.call("@Statistics", "topo").tables == raw
    packed = wire.call("@Statistics", "TOPO", 1).tables
    assert (packed[0], packed[1] == raw[1]) == (raw[0], False)
    assert [row[0] for row in raw[0].rows] == [0, 1, 16383]


def test_the_catalog_lists_handlers(server, wire):
    server.handle("Vote", None, types=(BIGINT, STRING), partitioned_on=0)
    assert [row[2] for row in wire.call("@SystemCatalog", "PROCEDURES").tables[0].rows] == ["Vote"]
    columns = wire.call("@SystemCatalog", "procedurecolumns").tables[0].rows
    assert [(row[2], row[3], row[6]) for row in columns] == [
        ("Vote", "param0", "BIGINT"),
        ("Vote", "param1", "VARCHAR"),
    ]


def test_there_is_a_key_of_each_partition(wire):
    (table,) = wire.call("@GetPartitionKeys", "integer").tables
    assert sorted(row[0] for row in table.rows) == [0, 1]


@pytest.mark.parametrize(
    ("call", "status", "text"),
    [
        (("X", 1), -3, "Procedure X was not found"),
        (("@ping",), -3, "Procedure @ping was not found"),
        (("@Subscribe", "topology"), -2, 'Parameter "topology" is not recognized/supported'),
        (("@Subscribe", 1), -2, "Parameter index 0 was not a String"),
        (("@SystemInformation", "NOPE"), -2, "Invalid @SystemInformation selector NOPE"),
        (("@SystemCatalog", "NOPE"), -2, "Invalid @SystemCatalog selector: NOPE"),
        (
            ("@Statistics", "NOPE"),
            -2,
            "First argument to @Statistics must be a valid STRING selector, instead was NOPE",
        ),
        (
            ("@Statistics", "TOPO", 0, 0),
            -2,
            "Incorrect number of arguments to @Statistics (expects 2, received 3)",
        ),
        (
            ("@GetPartitionKeys", "NOPE"),
            -2,
            "Type NOPE is not a supported type of partition key, the type of partition key to return "
            "and can be one of INTEGER, STRING or VARCHAR (equivalent), or VARBINARY",
        ),
    ],
)
def test_errors_have_the_server_s_words(wire, call, status, text):
    response = wire.call(*call)
    assert (response.status, response.status_string, response.tables) == (status, text, [])


def test_pushes_come_to_those_who_subscribed(server, wire):
    with connected(server) as other:
        assert wire.call("@Subscribe", "TOPOLOGY").tables == []
        server.push_topology()
        server.push_procedures()
        topology, procedures = wire.pushed(), wire.pushed()
        assert topology.tables == wire.call("@Statistics", "TOPO").tables
        assert procedures.tables == wire.call("@SystemCatalog", "PROCEDURES").tables
        assert other.call("@Ping").status == 1
