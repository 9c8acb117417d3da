"""VoltDB's client for Go, unchanged, against a mock server and through the recording proxy.

It has no NULL to send, nor decimals, arrays or TLS; of an answer it tells rows, or a text that begins with the
status; it goes to any node, and to none that it was not told of.
"""

import pytest

from tests.interop.foreign import BUILD_S, all_lines, calls_of, go_client
from tests.interop.foreign_server import KEYS, PASSWORD, TABLE, USER, add_procedures, cluster, voted
from tests.interop.recorded import in_order, recorded_calls
from tests.interop.test_foreign_clients import NUMBERS, PIPELINED, rows_of, taken
from volttools.mock import MockServer
from volttools.record import Proxy

pytestmark = [pytest.mark.interop, pytest.mark.timeout(BUILD_S)]

PARAMETERS = [[*NUMBERS, "STRING", "STRING", "VARBINARY", "VARBINARY", "TIMESTAMP"], NUMBERS]
DECIMAL = TABLE.header.column_names.index("DECIMAL")


@pytest.fixture
def server():
    with MockServer(users={USER: PASSWORD}) as running:
        yield add_procedures(running)


def go(*scenarios, port, host="127.0.0.1", password="s%C3%A9cret"):
    """What the program prints."""
    return all_lines(*go_client(), f"voltdb://{USER}:{password}@{host}:{port}", *scenarios)


def without_decimals(rows):
    """It takes negative ones for positive ones, and of large ones only the first digits."""
    return [[*row[:DECIMAL], *row[DECIMAL + 1 :]] for row in rows]


def test_it_is_refused_with_a_wrong_password(server):
    (line,) = go(port=server.port, password="wrong")
    assert "failed to login to server" in line["refused"]
    assert server.call_count == 0


def test_it_calls_with_everything_and_sees_every_answer(server):
    calls = calls_of(go("parameters", "table", "failures", "pipeline", port=server.port))
    said = [call["params"] for call in calls if call["procedure"] == "Take"]
    assert taken(server) == (PARAMETERS, said)

    (table,) = [call["response"]["tables"][0] for call in calls if call["procedure"] == "Table"]
    assert [tuple(column) for column in table["columns"]] == [(c.name, c.type_name) for c in TABLE.columns]
    assert without_decimals(table["rows"]) == without_decimals(rows_of(TABLE)[0])

    errors = {call["params"][0]: call["error"].strip() for call in calls if call["procedure"] == "Fail"}
    assert errors == {
        "abort": "Bad status USER ABORT VOLTDB ERROR: USER ABORT given up: \u00fc",
        "app status": "Bad app status 5 quite well",
        "unavailable": "Bad status SERVER UNAVAILABLE Server is shutting down.",
        "unexpected": "Bad status UNEXPECTED FAILURE VOLTDB ERROR: UNEXPECTED FAILURE: what",
    }
    (nobody,) = [call["error"].strip() for call in calls if call["procedure"] == "Nobody"]
    assert nobody.startswith("Bad status UNEXPECTED FAILURE Procedure Nobody was not found")

    echoed = [call for call in calls if call["procedure"] == "Echo"]
    assert sorted(call["params"][0] for call in echoed) == list(range(PIPELINED))
    assert all(call["response"]["tables"][0]["rows"] == [call["params"]] for call in echoed)


def test_it_connects_to_all_nodes_that_it_is_told_of_and_calls_any():
    with cluster() as server:
        add_procedures(server)
        addresses = ",".join(f"voltdb://127.0.0.1:{node.port}" for node in server.nodes)
        calls = calls_of(all_lines(*go_client(), addresses, "routes"))
        assert [call["response"]["status"] for call in calls] == [1] * len(KEYS)
        assert set(voted(server)) == KEYS
        assert server.wait_until(lambda: not server.connections, timeout_s=60)
        asked = [call.params for call in server.calls if call.procedure == "@Statistics"]
        assert asked == [("TOPO", 1)]


def test_what_it_says_is_what_was_recorded(server, tmp_path):
    path = tmp_path / "out.pcapng"
    with Proxy(to=f":{server.port}", output=str(path)) as proxy:
        said = calls_of(go("parameters", "pipeline", port=proxy.port))
        assert not proxy.recorder.trouble
    assert len(said) > PIPELINED
    found = recorded_calls(path)
    assert in_order(as_told(call) for call in said) == in_order(as_told(call) for call in found)


def as_told(call):
    """Of a call what it tells: parameters and rows."""
    rows = [table["rows"] for table in call["response"]["tables"]]
    return {"procedure": call["procedure"], "params": call["params"], "rows": rows}
