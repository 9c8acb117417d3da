"""What passed is a capture, complete as far as it is kept."""

import os
import socket

import pytest

from tests.mock.wire import connected
from volttools.capture.reader import open as open_capture
from volttools.errors import UsageError
from volttools.mock import Fault, MockServer
from volttools.mock.passed import Passed


def read(path):
    with open_capture(path) as capture:
        return list(capture.events())


def test_what_passed_on_all_connections_is_written(tmp_path):
    with MockServer(users={"op": "secret"}) as server:
        server.handle("Double", lambda call: call.params[0] * 2)
        with (
            connected(server, user="op", password="secret") as one,
            connected(server, user="op", password="secret") as two,
        ):
            one.call("Double", 1)
            two.call("Double", 2)
        assert server.wait_until(lambda: not server.connections)
        server.save(tmp_path / "x.pcapng")
        server.save(tmp_path / "y.pcapng", keep_login_hashes=True)
    events = read(tmp_path / "x.pcapng")
    assert [event.kind for event in events] == ["login", "login", "exchange", "exchange"]
    assert [event.response.tables[0].rows for event in events[2:]] == [[(2,)], [(4,)]]
    assert events[0].connection.server == f"127.0.0.1:{server.port}"
    assert events[0].connection.closed_by == "client"
    assert events[0].request.password_hash == bytes(32)
    assert read(tmp_path / "y.pcapng")[0].request.password_hash != bytes(32)


def test_a_fault_is_in_there_as_it_was_sent(tmp_path):
    with MockServer() as server:
        server.handle("P", Fault(answer=1, sends="half", then="close"))
        with connected(server) as wire:
            wire.start("P")
            wire.rest()
        assert server.wait_until(lambda: not server.connections)
        server.save(tmp_path / "x.pcapng")
    (exchange,) = [event for event in read(tmp_path / "x.pcapng") if event.kind == "exchange"]
    assert exchange.is_partial
    assert exchange.response_frame.closed_by == "fin"


def test_it_may_be_asked_for_while_the_server_runs_and_again(tmp_path):
    with MockServer() as server, connected(server) as wire:
        server.handle("P", 1)
        for count in (1, 2):
            wire.call("P")
            server.save(tmp_path / f"{count}.pcapng")
            assert len(read(tmp_path / f"{count}.pcapng")) == 1 + count


def test_old_bytes_are_forgotten_and_the_log_in_is_not(tmp_path):
    with MockServer(max_call_bytes=20_000) as server, connected(server) as wire:
        server.handle("P", lambda call: call.params[0])
        for number in range(200):
            wire.call("P", number)
        server.save(tmp_path / "x.pcapng")
        calls = server.calls
    kinds = [event.kind for event in read(tmp_path / "x.pcapng")]
    assert kinds[0] == "login"
    exchanges = [event for event in read(tmp_path / "x.pcapng") if event.kind == "exchange"]
    numbers = [event.response.tables[0].rows[0][0] for event in exchanges if event.response]
    assert numbers[-1] == 199
    assert 10 < len(numbers) < 200
    assert len(calls) == 200


def test_memory_is_bounded_however_many_connect():
    passed = Passed(10_000)
    for number in range(1_000):
        connection = passed.connection(("127.0.0.1", number), ("127.0.0.1", 1), is_tls=False)
        connection.client_sent(bytes(50))
        connection.ended(by_server=False)
    assert len(passed._pieces) < 100
    passed.clear()
    assert passed._bytes == 0


def test_a_connection_that_says_nothing_costs_nothing(tmp_path):
    with MockServer() as server:
        socket.create_connection(server.address).close()
        server.save(tmp_path / "x.pcapng")
    assert [event.kind for event in read(tmp_path / "x.pcapng")] == []


def test_a_file_that_can_t_be_written_is_an_error(tmp_path):
    server = MockServer()
    with pytest.raises(UsageError, match="the tap can't be written there"):
        server.save(tmp_path / "none" / "x.pcapng")
    with pytest.raises(UsageError, match="doesn't tell its format"):
        server.save(tmp_path / "x.txt")
    assert os.listdir(tmp_path) == []
