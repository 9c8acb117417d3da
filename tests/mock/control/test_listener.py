"""HTTP as it comes: from strangers, broken, too large, too many - and nothing is left behind."""

import asyncio
import json
import socket
import threading

import pytest

from tests.mock.control.asking import ask, ask_raw, say
from tests.mock.wire import Wire
from volttools.errors import UsageError
from volttools.mock import MockServer
from volttools.mock.control import listener


@pytest.fixture
def server():
    with MockServer(control_port=0) as server:
        yield server


@pytest.mark.parametrize("host", ["localhost:{port}", "127.0.0.1:{port}", "LOCALHOST", "[::1]:{port}"])
def test_names_of_this_machine_are_taken(server, host):
    port = server.control_url.rpartition(":")[2]
    assert ask(server, "GET", "/status", Host=host.format(port=port))[0] == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "[", "10.0.0.1"])
def test_other_names_are_not(server, host):
    """A page that has its own name lead to loopback can't ask (DNS rebinding)."""
    status, found = ask(server, "GET", "/status", Host=host)
    assert (status, found) == (403, {"error": f"This is {server.control_url}, not {host}; ask for that"})


def test_pages_of_others_may_not_ask(server):
    found = ask(server, "POST", "/reset", Origin="http://evil.example")
    assert found == (403, {"error": "Pages of http://evil.example may not ask here"})
    assert ask(server, "POST", "/reset", Origin=server.control_url)[0] == 200


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"garbage\r\n\r\n", 400),
        (b"GET /status HTTP/7.0\r\n\r\n", 505),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", 431),
        (b"BREW /status HTTP/1.1\r\n\r\n", 501),
        (b"POST /reset HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (b"POST /reset HTTP/1.1\r\nContent-Length: -5\r\n\r\n", 400),
        (b"POST /reset HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", 413),
    ],
)
def test_what_is_no_request_is_refused_in_json(server, data, status):
    host, _, port = server.control_url.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        found = b""
        while piece := connection.recv(65536):
            found += piece
    head, _, body = found.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert set(json.loads(body)) == {"error"}


def test_a_body_that_is_too_large_is_refused_with_its_reason(server):
    found = ask(server, "POST", "/answers", b" " * (listener.MOST_BODY_BYTES + 1))
    assert found == (413, {"error": "A body may have 16,777,216 bytes, not 16777217"})


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b'{"a": NaN}', b"\xff", b"1" * 5000])
def test_what_is_no_json_is_refused(server, body):
    status, found = ask(server, "POST", "/answers", body)
    assert status == 400
    assert found["error"].startswith(("The body is no JSON: ", "expected an object"))


def test_a_defect_is_told(server, monkeypatch):
    server.save = lambda file: 1 / 0
    assert ask(server, "GET", "/calls.pcapng") == (
        500,
        {"error": "This went wrong in the server: ZeroDivisionError: division by zero"},
    )


def test_silent_clients_hold_up_nobody_and_have_an_end(monkeypatch):
    monkeypatch.setattr(listener._Handler, "timeout", 0.2)
    with MockServer(control_port=0) as server:
        found = say(server, b"POST /reset HTTP/1.1\r\nContent-Length: 5\r\n\r\nab")
        assert found == b""
        assert say(server, b"GET") == b""
        monkeypatch.undo()  # who asks may take a while, if the machine is busy
        assert ask(server, "GET", "/status")[0] == 200


def test_too_many_at_a_time_are_closed(monkeypatch):
    monkeypatch.setattr(listener, "MOST_REQUESTS", 2)
    with MockServer(control_port=0) as server:
        host, _, port = server.control_url.removeprefix("http://").rpartition(":")
        idle = [socket.create_connection((host, int(port)), timeout=20) for _ in range(3)]
        assert idle[2].recv(1) == b""
        idle[0].close()
        idle[1].close()
        while ask_or_none(server) is None:
            pass
        idle[2].close()


def ask_or_none(server):
    try:
        return ask(server, "GET", "/status")
    except OSError:
        return None


def test_those_that_take_too_long_are_ended(monkeypatch):
    monkeypatch.setattr(listener, "LONGEST_S", 0.2)
    with MockServer(control_port=0) as server:
        assert say(server, b"GET / HTTP/1.1\r\nA: ") == b""


def test_nothing_is_left_when_it_has_ended():
    before = set(threading.enumerate())
    with MockServer(control_port=0) as server:
        host, _, port = server.control_url.removeprefix("http://").rpartition(":")
        idle = socket.create_connection((host, int(port)), timeout=20)
        ask(server, "GET", "/status")
    assert idle.recv(1) == b""
    idle.close()
    assert set(threading.enumerate()) == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=20)


def test_it_works_in_an_event_loop():
    async def main():
        async with MockServer(control_port=0) as server:
            assert (await asyncio.to_thread(ask, server, "POST", "/tick")) == (200, {})
            await asyncio.to_thread(lambda: Wire(server).socket.close())

    before = set(threading.enumerate())
    asyncio.run(main())
    assert set(threading.enumerate()) == before


def test_a_port_that_is_taken_is_told_and_nothing_runs():
    before = set(threading.enumerate())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        error = f"can't listen on 127.0.0.1:{port} for control: Address already in use"
        with pytest.raises(UsageError) as raised:
            MockServer(control_port=port).start()
        assert str(raised.value) == error

        async def main():
            async with MockServer(control_port=port):
                pass

        with pytest.raises(UsageError):
            asyncio.run(main())
    assert set(threading.enumerate()) == before


def test_a_server_without_control_says_so():
    with MockServer() as server, pytest.raises(UsageError, match=r"^nothing controls the server"):
        _ = server.control_url


def test_answers_are_for_nobody_else(server):
    _, headers, _ = ask_raw(server, "GET", "/status")
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Access-Control-Allow-Origin"] is None


def test_head_has_no_body(server):
    status, _, data = ask_raw(server, "HEAD", "/status")
    assert (status, data) == (405, b"")
