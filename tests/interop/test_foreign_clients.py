"""Clients of other languages, unchanged, against a mock server."""

import pytest

from tests.interop.foreign import (
    BUILD_S,
    JAVA_CLIENTS,
    all_lines,
    calls_of,
    java_client,
    plain,
    running,
    rust_client,
)
from tests.interop.foreign_server import (
    PARTITIONS,
    PASSWORD,
    PLACES,
    TABLE,
    USER,
    add_procedures,
    cluster,
    leaders,
    voted,
)
from volttools.formats.response import Response
from volttools.jsonlines.message_members import invocation_fields, response_fields
from volttools.jsonlines.values import Fidelity
from volttools.mock import MockServer

pytestmark = [pytest.mark.interop, pytest.mark.timeout(BUILD_S)]

PIPELINED = 1000
MOST_ROUNDS = 100
NUMBERS = ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT"]
JAVA_PARAMETERS = [
    ["NULL", *NUMBERS, "STRING", "STRING", "DECIMAL"],
    NUMBERS,
    NUMBERS[:4],
    ["FLOAT", "TIMESTAMP", "STRING"],
    ["DECIMAL", "GEOGRAPHY_POINT", "GEOGRAPHY"],
    ["TIMESTAMP", "VARBINARY", "VARBINARY"],
    ["GEOGRAPHY_POINT", "GEOGRAPHY"],
    ["SMALLINT[]", "INTEGER[]", "BIGINT[]", "FLOAT[]"],
    ["STRING[]", "DECIMAL[]", "VARBINARY[]"],
    ["TIMESTAMP[]"],
    ["VOLTTABLE"],
]
RUST_PARAMETERS = [
    [*NUMBERS, "STRING", "DECIMAL", "VARBINARY", "TIMESTAMP"],
    ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "STRING", "VARBINARY", "DECIMAL", "TIMESTAMP"],
]


@pytest.fixture
def server():
    with MockServer(users={USER: PASSWORD}, partitions=PARTITIONS) as running:
        yield add_procedures(running, (TABLE, PLACES))


def java(client, server, *scenarios, password=PASSWORD):
    """What a Java client prints."""
    return all_lines(*java_client(client), server.host, str(server.port), USER, password, "-", *scenarios)


def rust(server, *scenarios, password=PASSWORD):
    """What the Rust client prints."""
    return all_lines(*rust_client(), server.host, str(server.port), USER, password, *scenarios)


def taken(server):
    """Types and values of the parameters of all calls of Take, as they came."""
    params = [
        invocation_fields(call.invocation, call.client_handle)[0]["params"]
        for call in server.calls
        if call.procedure == "Take"
    ]
    kinds = [[kind for kind, _ in row] for row in params]
    return kinds, [plain([value for _, value in row]) for row in params]


def vote_until_leaders_are_met(program, server):
    """Let a program that waits vote again and again until it goes where it should: when it has taken in
    what it was told can't be seen from outside."""
    for _ in range(MOST_ROUNDS):
        server.clear_calls()
        program.go_on()
        program.until("waits")
        if voted(server) == leaders(server):
            return
    pytest.fail(f"{leaders(server)} was expected, and in the end it was {voted(server)}")


def rows_of(*tables):
    """The rows of tables, as they are in JSON."""
    found = response_fields(Response(tables=list(tables)), Fidelity())["tables"]
    return [plain(table["rows"]) for table in found]


def as_read_by_rust(rows):
    """Rows of TABLE: the Rust client cuts times to milliseconds, and knows another NULL of FLOAT."""
    time, number = (TABLE.header.column_names.index(name) for name in ("TIMESTAMP", "FLOAT"))
    found = [list(row) for row in rows]
    for row in found:
        row[time] = row[time] and int(row[time] / 1000) * 1000
        row[number] = -1.7e308 if row[number] is None else row[number]
    return found


@pytest.mark.parametrize("client", JAVA_CLIENTS)
def test_java_is_refused_with_a_wrong_password(client, server):
    (line,) = java(client, server, password="wrong")
    assert "Authentication rejected" in line["refused"]
    assert server.call_count == 0


@pytest.mark.parametrize("client", JAVA_CLIENTS)
def test_java_calls_with_everything_and_sees_every_answer(client, server):
    lines = java(client, server, "parameters", "table", "failures", "pipeline")
    assert lines[0] == {"build": "11.4.0.beta1_volttools-mock"}
    calls = calls_of(lines)
    said = [call["params"] for call in calls if call["procedure"] == "Take"]
    assert taken(server) == (JAVA_PARAMETERS, said)

    (table,) = [call for call in calls if call["procedure"] == "Table"]
    assert [found["rows"] for found in table["response"]["tables"]] == rows_of(TABLE, PLACES)

    failed = {call["params"][0]: call["response"] for call in calls if call["procedure"] == "Fail"}
    assert {how: (found["status"], found["app_status"]) for how, found in failed.items()} == {
        "abort": (-1, -128),
        "app status": (1, 5),
        "unavailable": (-5, -128),
        "unexpected": (-3, -1),
    }
    assert failed["abort"]["status_string"] == "VOLTDB ERROR: USER ABORT given up: \u00fc"
    assert failed["app status"]["app_status_string"] == "quite well"
    (nobody,) = [call for call in calls if call["procedure"] == "Nobody"]
    assert nobody["response"]["status_string"].startswith("Procedure Nobody was not found")

    echoed = [call for call in calls if call["procedure"] == "Echo"]
    assert sorted(call["params"][0] for call in echoed) == list(range(PIPELINED))
    assert all(call["response"]["tables"][0]["rows"] == [call["params"]] for call in echoed)


@pytest.mark.parametrize("client", JAVA_CLIENTS)
def test_java_calls_every_partition(client, server):
    calls = calls_of(java(client, server, "everywhere"))
    keys = {key for _, key in server.topology.keys_table("INTEGER").rows}
    assert {call["params"][0] for call in calls} == keys
    assert all(call["response"]["tables"][0]["rows"] == [call["params"]] for call in calls)
    asked = [call.invocation for call in server.calls if call.procedure == "Which"]
    assert len(asked) == PARTITIONS


@pytest.mark.parametrize("client", JAVA_CLIENTS)
def test_java_goes_to_the_leader_of_a_key_also_when_a_push_names_another(client):
    """Leaders on nodes that aren't dialled yet are dropped from what it learns, and their keys go to all nodes
    in turn, until it asks again: Client2 a second after it dialled the last one, Client at once."""
    with cluster() as server:
        add_procedures(server)
        command = [*java_client(client), server.host, str(server.port), USER, "", "-"]
        with running(*command, "cluster", *["wait", "routes"] * 2 * MOST_ROUNDS) as program:
            program.until("waits")
            server.wait_for_calls(2, "@Statistics", timeout_s=60)
            vote_until_leaders_are_met(program, server)
            assert set(voted(server).values()) == {0, 1}
            for partition in range(PARTITIONS):
                server.move_leader(partition, host_id=1)
            server.tick()  # pushes
            vote_until_leaders_are_met(program, server)
            assert set(voted(server).values()) == {1}


def test_rust_is_refused_with_a_wrong_password(server):
    (line,) = rust(server, password="wrong")
    assert line == {"refused": "Auth failed"}


def test_rust_calls_with_everything_and_sees_every_answer(server):
    calls = calls_of(rust(server, "parameters", "table", "failures", "pipeline"))
    said = [call["params"] for call in calls if call["procedure"] == "Take"]
    assert taken(server) == (RUST_PARAMETERS, said)
    assert [call["rows"] for call in calls if call["procedure"] == "Table"] == [
        as_read_by_rust(rows_of(TABLE)[0])
    ]
    errors = {call["params"][0]: call["error"] for call in calls if call["procedure"] == "Fail"}
    assert list(errors) == ["abort", "unavailable", "unexpected"]
    assert "status: UserAbort" in errors["abort"]
    assert "given up: \u00fc" in errors["abort"]
    assert "status: ServerUnavailable" in errors["unavailable"]
    assert "status: UnexpectedFailure" in errors["unexpected"]
    echoed = [call for call in calls if call["procedure"] == "Echo"]
    assert [call["params"][0] for call in echoed] == list(range(PIPELINED))
    assert all(call["rows"] == [call["params"]] for call in echoed)
