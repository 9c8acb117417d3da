"""What can be done to a server over HTTP, each thing once, with what a client sees of it."""

import contextlib
import io
import threading

import pytest

from tests.mock.control.asking import ask, ask_raw
from tests.mock.wire import Wire
from volttools.capture.reader import open as open_capture
from volttools.mock import MockServer


@pytest.fixture
def server():
    with MockServer(control_port=0) as server:
        yield server


@pytest.fixture
def client(server):
    with Wire(server) as wire:
        wire.log_in(user="ann")
        yield wire


ROWS = {"tables": [{"columns": [["ID", "BIGINT"], ["PRICE", "DECIMAL"]], "rows": [[7, "1.50"], [8, None]]}]}


def test_an_answer_has_types_and_status(server, client):
    status, found = ask(
        server, "POST", "/answers", {"procedure": "Prices", "params": [["INTEGER", 7]], "response": ROWS}
    )
    assert status == 201
    assert found == {
        "number": 1, "procedure": "Prices", "params": [["INTEGER", 7]], "responses": 1,
        "delay_ms": 0.0, "times": None, "given": 0, "is_used_up": False,
    }  # fmt: skip
    ask(
        server,
        "POST",
        "/answers",
        {"procedure": "Fail", "response": {"status": -1, "status_string": "no", "app_status": 5}, "times": 1},
    )
    (table,) = client.call("Prices", 7).tables
    assert [(row[0], str(row[1])) for row in table.rows] == [(7, "1.500000000000"), (8, "None")]
    failed = client.call("Fail")
    assert (failed.status, failed.status_string, failed.app_status) == (-1, "no", 5)
    assert client.call("Fail").status_string == "Procedure Fail was not found"
    assert [each["given"] for each in ask(server, "GET", "/answers")[1]["answers"]] == [1, 1]
    assert ask(server, "DELETE", "/answers/1") == (200, {})
    assert ask(server, "DELETE", "/answers/1") == (404, {"error": "There is no answer 1"})
    assert ask(server, "DELETE", "/answers") == (200, {})
    assert client.call("Prices", 7).status_string == "Procedure Prices was not found"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"procedur": "P"}, "no member is called 'procedur'; did you mean 'procedure'?"),
        ({"response": {}}, "procedure: it is missing"),
        ({"procedure": "", "response": {}}, "procedure: expected the name of a procedure, got ''"),
        ({"procedure": "P"}, "response: expected either a response, or several in responses"),
        ({"procedure": "P", "response": 5}, "response: expected an object such as docs/json.md has for a response"),
        ({"procedure": "P", "responses": []}, "responses: expected 1 to 10,000 responses, got []"),
        ({"procedure": "P", "response": {"statu": 1}}, "response: no member is called 'statu'; did you mean 'status'?"),
        (
            {"procedure": "P", "responses": [{}, {"tables": [{"columns": [["A", "INT"]], "rows": []}]}]},
            "responses[1].tables[0].columns[0]: no type is called 'INT'; did you mean POINT?",
        ),
        (
            {"procedure": "P", "response": {"tables": [{"columns": [["A", "TINYINT"]], "rows": [[300]]}]}},
            "response.tables[0].rows[0].A: TINYINT: 300 is outside -127 .. 127",
        ),
        (
            {"procedure": "P", "response": {"tables": [{"columns": [["", "BIGINT"]], "rows": [["x"]]}]}},
            "response.tables[0].rows[0][0]: BIGINT: expected a whole number, got 'x'",
        ),
        ({"procedure": "P", "params": [["BIGINT", "x"]], "response": {}}, "params[0]: BIGINT: expected a whole number, got 'x'"),
        ({"procedure": "P", "response": {}, "times": 0}, "times: expected a whole number from 1 on, got 0"),
        ({"procedure": "P", "response": {}, "delay_ms": -1}, "delay_ms: expected milliseconds, up to an hour, got -1"),
        ([], "expected an object, got []"),
    ],
)  # fmt: skip
def test_an_answer_that_is_wrong_is_refused_with_its_place(server, body, error):
    status, found = ask(server, "POST", "/answers", body)
    assert (status, list(found)) == (400, ["error"])
    if "INT'" not in error and "300" not in error:  # the words of others
        assert found == {"error": error}
    assert found["error"].partition(":")[0] == error.partition(":")[0]
    assert server.added.listed() == []


def test_calls_are_told_with_types_and_outcome(server, client):
    server.handle("Vote", 1)
    client.call("Vote", 5, "NY")
    client.call("Nix")
    found = ask(server, "GET", "/calls")[1]
    assert found["call_count"] == 2
    vote, nix = found["calls"]
    assert (vote["number"], vote["connection"], vote["user"], vote["host_id"]) == (1, 1, "ann", 0)
    assert (vote["procedure"], vote["params"]) == ("Vote", [["BIGINT", 5], ["STRING", "NY"]])
    assert (vote["status"], vote["status_name"], vote["is_miss"]) == (1, "SUCCESS", False)
    assert vote["latency_ns"] >= 0
    assert (nix["status_name"], nix["is_miss"]) == ("UNEXPECTED_FAILURE", True)
    misses = ask(server, "GET", "/misses")[1]
    assert (misses["miss_count"], misses["misses"][0]["text"]) == (
        1,
        "Procedure Nix was not found. There are handlers of Vote",
    )
    assert (misses["misses"][0]["number"], misses["misses"][0]["procedure"]) == (2, "Nix")


@pytest.mark.parametrize(
    ("query", "numbers"),
    [("", [1, 2, 3, 4]), ("?since=2", [3, 4]), ("?procedure=B", [2, 4]), ("?procedure=B&limit=1", [4])],
)
def test_calls_can_be_chosen(server, client, query, numbers):
    for procedure in "ABAB":
        client.call(procedure)
    assert [call["number"] for call in ask(server, "GET", f"/calls{query}")[1]["calls"]] == numbers


def test_a_request_waits_for_calls(server, client):
    server.handle("Vote", 1)
    found = []
    thread = threading.Thread(
        target=lambda: found.append(ask(server, "GET", "/calls?count=2&timeout_s=20&procedure=Vote"))
    )
    thread.start()
    client.call("Vote", 1)
    client.call("Other")
    client.call("Vote", 2)
    thread.join()
    assert [call["params"] for call in found[0][1]["calls"]] == [[["BIGINT", 1]], [["BIGINT", 2]]]
    assert ask(server, "GET", "/calls?count=9&timeout_s=0.01") == (
        409,
        {"error": "3 calls came within 0.01 s; waited for 9"},
    )


def test_a_server_that_ends_waits_for_nobody():
    with MockServer(control_port=0) as server:
        thread = threading.Thread(target=lambda: ask_quietly(server))
        thread.start()
        deadline = threading.Event()
        while not server._control._http._open and not deadline.wait(0.005):
            pass
    thread.join()


def ask_quietly(server):
    with contextlib.suppress(OSError):
        ask(server, "GET", "/calls?count=1&timeout_s=30")


def test_reset_forgets_all(server, client):
    ask(server, "POST", "/answers", {"procedure": "P", "response": {}})
    ask(server, "POST", "/logins/refuse", {"status": "close"})
    client.call("P")
    client.call("Nix")
    assert ask(server, "GET", "/status")[1]["miss_count"] == 1
    assert ask(server, "POST", "/reset") == (200, {})
    found = ask(server, "GET", "/status")[1]
    assert (found["call_count"], found["miss_count"], found["answer_count"]) == (0, 0, 0)
    assert found["login_refusal"] is None
    assert [each["user"] for each in found["connections"]] == ["ann"]
    client.call("Nix")
    assert ask(server, "DELETE", "/calls") == (200, {})
    assert ask(server, "GET", "/misses")[1] == {"miss_count": 0, "misses": []}


def test_connections_end(server, client):
    assert ask(server, "POST", "/disconnect") == (200, {})
    assert client.rest() == b""


def test_logins_are_refused_and_taken_again(server):
    assert ask(server, "POST", "/logins/refuse", {"status": 4}) == (200, {})
    with Wire(server) as wire:
        assert wire.log_in().status == 4
    assert ask(server, "POST", "/logins/accept") == (200, {})
    with Wire(server) as wire:
        assert wire.log_in().accepted
    for wrong in (77, [], True, None):
        status, found = ask(server, "POST", "/logins/refuse", {"status": wrong})
        assert status == 400, found


def test_nodes_go_and_come_back():
    with MockServer(control_port=0, nodes=3, tick_s=1000) as server, Wire(server) as wire:
        wire.log_in()
        wire.call("@Subscribe", "TOPOLOGY")
        assert ask(server, "POST", "/nodes/2/stop") == (200, {})
        nodes = ask(server, "GET", "/status")[1]["nodes"]
        assert [node["is_up"] for node in nodes] == [True, True, False]
        assert ask(server, "POST", "/tick") == (200, {})
        wire.pushed()
        assert ask(server, "POST", "/nodes/2/start") == (200, {"host_id": 3})
        assert ask(server, "POST", "/nodes/2/start")[0] == 400
        assert ask(server, "POST", "/nodes/9/stop") == (
            404,
            {"error": "There is no node 9; nodes are 0 .. 2"},
        )
        leader = server.topology.leader(0)
        other = next(host for host in (0, 1, 3) if host != leader)
        status, found = ask(server, "POST", "/leaders", {"partition": 0, "host_id": other})
        assert status == 200 or "copy" in found["error"]
        assert ask(server, "POST", "/leaders", {"partition": 0, "host_id": "x"})[0] == 400


def test_pushes_are_sent(server, client):
    client.call("@Subscribe", "TOPOLOGY")
    for name in ("topology", "procedures"):
        assert ask(server, "POST", f"/push/{name}") == (200, {})
        client.pushed()
    assert ask(server, "POST", "/push/nothing") == (
        404,
        {"error": "There is no push 'nothing'; there are topology, procedures"},
    )


def test_faults_are_added_and_taken_away(server, client):
    server.handle("Vote", 1)
    status, found = ask(server, "POST", "/faults", {"kind": "delay", "time": "1ms", "procedure": "Vote"})
    assert (status, found) == (201, {"numbers": [1]})
    assert client.call("Vote").status == 1
    found = ask(server, "GET", "/faults")[1]
    assert found["rules"] == [{"number": 1, "rule": str(server.faults.rules[0])}]
    assert (found["injected_count"], found["injected"][0]["kind"]) == (1, "delay")
    assert found["injected"][0]["procedure"] == "Vote"
    (call,) = ask(server, "GET", "/calls")[1]["calls"]
    assert (call["status"], call["latency_ns"] >= 10**6) == (1, True)
    assert ask(server, "DELETE", "/faults/1") == (200, {})
    assert ask(server, "DELETE", "/faults/1") == (404, {"error": "There is no rule 1"})
    for clear in (("DELETE", "/faults"), ("POST", "/reset")):
        ask(server, "POST", "/faults", {"kind": "delay", "time": "1ms"})
        assert ask(server, *clear) == (200, {})
        assert server.faults.rules == []


def test_a_fault_that_is_none_is_refused(server):
    assert ask(server, "POST", "/faults", {"time": "20ms"}) == (400, {"error": "kind: it is missing"})
    assert ask(server, "POST", "/faults", {"kind": 5})[0] == 400
    status, found = ask(server, "POST", "/faults", {"kind": "dealy"})
    assert (status, "did you mean" in found["error"]) == (400, True), found
    assert ask(server, "POST", "/faults", {"kind": "delay", "tim": "1ms"})[0] == 400
    assert ask(server, "POST", "/faults", {"kind": "delay", "time": [1]})[0] == 400


def test_an_answer_that_a_fault_keeps_back_has_no_status(server, client):
    server.handle("Vote", 1)
    ask(server, "POST", "/faults", {"kind": "drop", "procedure": "Vote"})
    client.start("Vote")
    assert client.call("@Ping").status == 1
    vote = ask(server, "GET", "/calls")[1]["calls"][0]
    assert (vote["status"], vote["latency_ns"] is None) == (None, False)


def test_what_passed_is_had_as_a_capture(server, client):
    client.call("Nix", 5)
    status, headers, data = ask_raw(server, "GET", "/calls.pcapng")
    assert status == 200
    assert headers["Content-Disposition"] == 'attachment; filename="calls.pcapng"'
    with open_capture(io.BytesIO(data)) as capture:
        assert [event.procedure for event in capture if event.kind == "exchange"] == ["Nix"]
