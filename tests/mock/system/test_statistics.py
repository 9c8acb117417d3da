"""@Statistics: columns of a real server, live figures; the columns beside recordings: test_recorded_answers."""

import pytest

from tests.mock.wire import connected
from volttools.mock import MockServer
from volttools.mock.system.statistics_columns import SEVERAL, TABLES, WITHOUT_SOURCE, columns_of, tables_of

SCHEMA = """
create table t (id integer not null, ts timestamp, primary key (id)) using ttl 5 on column ts;
partition table t on column id;
create table rep (a integer);
"""


@pytest.fixture
def server():
    with MockServer(schema=SCHEMA, partitions=2) as running:
        yield running


@pytest.fixture
def wire(server):
    with connected(server) as connection:
        yield connection


def rows(wire, selector, table=0):
    found = wire.call("@Statistics", selector, 0).tables[table]
    names = [column.name for column in found.columns]
    return [dict(zip(names, row, strict=True)) for row in found.rows]


def test_every_selector_is_answered_with_its_columns_in_any_case(wire):
    for selector in {*(name for name in TABLES if " " not in name), *SEVERAL}:
        tables = wire.call("@Statistics", selector.lower(), 0).tables
        assert [[(column.name, column.type) for column in table.columns] for table in tables] == [
            [(name, kind.code) for name, kind in columns_of(table)] for table in tables_of(selector)
        ]
    for selector in WITHOUT_SOURCE:
        response = wire.call("@Statistics", selector, 0)
        assert response.status_string.startswith(f'Requested info "{selector}" is not yet available')


def test_calls_are_counted(server, wire):
    server.handle("Fails", ValueError("no"))
    for key in range(20):
        wire.call("t.insert", key, None)
    wire.call("Fails")
    counted = rows(wire, "PROCEDURE")
    assert sum(row["INVOCATIONS"] for row in counted if row["PROCEDURE"] == "T.insert") == 20
    assert {row["PARTITION_ID"] for row in counted if row["PROCEDURE"] == "T.insert"} == {0, 1}
    (failed,) = [row for row in counted if row["PROCEDURE"] == "Fails"]
    assert (failed["PARTITION_ID"], failed["ABORTS"], failed["FAILURES"]) == (16383, 1, 0)
    profile = {row["PROCEDURE"]: row for row in rows(wire, "PROCEDUREPROFILE")}
    assert profile["T.insert"]["INVOCATIONS"] == 20
    assert profile["T.insert"]["MIN"] <= profile["T.insert"]["AVG"] <= profile["T.insert"]["MAX"]
    assert sum(row["WEIGHTED_PERC"] for row in profile.values()) in (99, 100, 101)
    initiated = {row["PROCEDURE_NAME"]: row for row in rows(wire, "INITIATOR")}
    assert (initiated["T.insert"]["INVOCATIONS"], initiated["Fails"]["ABORTS"]) == (20, 1)
    assert {row["STATEMENT"] for row in rows(wire, "PROCEDUREDETAIL")} == {"<ALL>"}
    sizes = {row["PROCEDURE"]: row for row in rows(wire, "PROCEDUREINPUT")}
    assert sizes["T.insert"]["MIN_PARAMETER_SET_SIZE"] > 0


def test_connections_are_listed_with_what_passed(server, wire):
    with connected(server) as other:
        other.call("@Ping")
        assert len(rows(wire, "LIVECLIENTS")) == 2
        assert rows(wire, "LIVECLIENTS", 1)[0]["CLIENT_CONNECTIONS_OPEN"] == 2
        everything, *each = rows(wire, "IOSTATS")
        assert (everything["CONNECTION_ID"], everything["CONNECTION_HOSTNAME"]) == (-1, "GLOBAL")
        assert everything["BYTES_READ"] == sum(row["BYTES_READ"] for row in each) > 0
        assert len(each) == 2
    assert server.wait_until(lambda: len(server.connections) == 1)
    assert len(rows(wire, "LIVECLIENTS")) == 1


def test_rows_of_tables_and_indexes_are_spread_over_partitions(wire):
    for key in range(5):
        wire.call("T.insert", key, None)
        wire.call("REP.insert", key)
    counts = [(row["PARTITION_ID"], row["TABLE_NAME"], row["TUPLE_COUNT"]) for row in rows(wire, "TABLE")]
    assert counts == [(0, "REP", 5), (0, "T", 3), (1, "REP", 5), (1, "T", 2)]
    assert [row["ENTRY_COUNT"] for row in rows(wire, "INDEX")] == [3, 2]
    (ttl,) = rows(wire, "TTL")
    assert (ttl["TABLE_NAME"], ttl["ROWS_REMAINING"]) == ("T", 5)
    assert rows(wire, "MEMORY")[0]["TUPLECOUNT"] == 10
    assert rows(wire, "MEMORY")[0]["RSS"] > 0


def test_a_cluster_has_rows_of_each_node_but_for_one_selector():
    with MockServer(nodes=3, ring_tokens=256) as server, connected(server) as wire:
        assert sorted(row["HOST_ID"] for row in rows(wire, "MEMORY")) == [0, 1, 2]
        assert [row["HOST_ID"] for row in rows(wire, "PARTITIONCOUNT")] == [0]
        server.stop_node(2)
        assert sorted(row["HOST_ID"] for row in rows(wire, "CPU")) == [0, 1]


@pytest.mark.parametrize(
    ("params", "status", "text"),
    [
        ((), -2, "Incorrect number of arguments to @Statistics (expects 2, received 0)"),
        (("NOPE", 0), -2, "First argument to @Statistics must be a valid STRING selector, instead was NOPE"),
        (("MEMORY", "x"), -9, "Failed to get statistics (class java.lang.String cannot be cast"),
    ],
)
def test_wrong_parameters_are_refused(wire, params, status, text):
    response = wire.call("@Statistics", *params)
    assert response.status == status
    assert response.status_string.startswith(text)


def test_three_tables_are_followed_by_zeros_as_a_servers_are(wire):
    assert wire.call("@Statistics", "PROCEDUREPROFILE", 0).tables[0].trailing == bytes(96)
