"""Between client and server stands nothing that either could tell: bytes, ends, resets, slowness."""

import contextlib
import os
import resource
import socket
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.record.servers import connected, listening, received, until
from volttools.errors import UsageError
from volttools.protocol.events import Direction
from volttools.record.addresses import Address
from volttools.record.proxy import Proxy
from volttools.record.relay import Route
from volttools.record.side import BUFFER_BYTES

LINGER = b"\x01\x00\x00\x00\x00\x00\x00\x00"


@pytest.fixture(scope="module")
def ends():
    """A proxy, and the socket that listens behind it."""
    with listening() as listener, Proxy(to=f"127.0.0.1:{listener.getsockname()[1]}") as proxy:
        yield proxy, listener


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.booleans(), st.binary(min_size=1, max_size=300)), max_size=12))
def test_every_byte_goes_on(ends, said):
    with connected(*ends) as (client, server):
        for is_client, data in said:
            sender, receiver = (client, server) if is_client else (server, client)
            sender.sendall(data)
            assert received(receiver, len(data)) == data


def test_a_megabyte_goes_both_ways_at_once(ends):
    data = bytes(range(256)) * 4096
    with connected(*ends) as (client, server):
        threads = [threading.Thread(target=sock.sendall, args=(data,)) for sock in (client, server)]
        other = []
        threads.append(threading.Thread(target=lambda: other.append(received(server, len(data)))))
        for thread in threads:
            thread.start()
        assert received(client, len(data)) == data
        for thread in threads:
            thread.join()
        assert other == [data]


@pytest.mark.parametrize("from_client", [True, False])
def test_a_half_closed_connection_still_carries_the_other_direction(ends, from_client):
    with connected(*ends) as (client, server):
        first, second = (client, server) if from_client else (server, client)
        first.sendall(b"last words")
        first.shutdown(socket.SHUT_WR)
        assert received(second) == b"last words"
        second.sendall(b"and an answer")
        second.shutdown(socket.SHUT_WR)
        assert received(first) == b"and an answer"


@pytest.mark.parametrize("from_client", [True, False])
def test_a_reset_arrives_as_a_reset(ends, from_client):
    with connected(*ends) as (client, server):
        first, second = (client, server) if from_client else (server, client)
        first.sendall(b"x")
        assert received(second, 1) == b"x"
        first.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
        first.close()
        with pytest.raises(ConnectionResetError):
            second.recv(1)


def test_a_server_that_cannot_be_reached_resets_its_client():
    with listening() as closed:
        port = closed.getsockname()[1]
    with Proxy(to=f"127.0.0.1:{port}") as proxy:
        assert _is_reset(proxy)
        assert proxy.recorder.trouble == [f"can't connect to 127.0.0.1:{port}: connection refused"]
        assert proxy.snapshot().refused == 1


def _is_reset(proxy):
    """Whether a client of a proxy is reset; the reset may come before its `connect` is back."""
    try:
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=20) as client:
            client.recv(1)
    except ConnectionResetError:
        return True
    return False


def test_a_name_that_nobody_knows_resets_its_client():
    with Proxy(to="nowhere.invalid:21212") as proxy:
        assert _is_reset(proxy)
        assert proxy.recorder.trouble[0].startswith("can't connect to nowhere.invalid:21212: ")


def test_a_slow_reader_slows_its_server_down_and_loses_nothing(ends):
    piece, sent = b"y" * BUFFER_BYTES, []
    with connected(*ends) as (client, server):
        server.settimeout(0.3)
        with contextlib.suppress(TimeoutError):
            while len(sent) < 2_000:  # 128 MB, if nobody stopped it
                server.sendall(piece)
                sent.append(piece)
        assert len(sent) < 1_000
        server.settimeout(20)
        total = len(sent) * len(piece)
        assert received(client, total) == b"y" * total


def test_three_hundred_connections_at_once(ends):
    proxy, listener = ends
    clients = [socket.create_connection(("127.0.0.1", proxy.port), timeout=20) for _ in range(300)]
    servers = [listener.accept()[0] for _ in clients]
    for index, client in enumerate(clients):
        client.sendall(b"%03d" % index)
    assert sorted(received(server, 3) for server in servers) == [b"%03d" % i for i in range(300)]
    for sock in (*clients, *servers):
        sock.close()
    until(lambda: proxy.snapshot().open == 0)


def test_connections_that_are_over_leave_nothing_behind(ends):
    proxy, listener = ends
    before = _descriptors()
    for _ in range(50):
        with connected(proxy, listener) as (client, server):
            client.sendall(b"x")
            assert received(server, 1) == b"x"
    until(lambda: proxy.snapshot().open == 0)
    until(lambda: _descriptors() <= before)


def _descriptors():
    """How many file descriptors this process has open."""
    limit = min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 4096)
    found = 0
    for number in range(limit):
        with contextlib.suppress(OSError):
            os.close(os.dup(number))
            found += 1
    return found


def test_what_can_not_be_listened_on_is_said_at_once():
    with listening() as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError) as caught:
            Proxy(to="127.0.0.1:1", listen=f":{port}").start()
    assert str(caught.value) == f"can't listen on 127.0.0.1:{port}: address already in use"


def test_stopping_ends_what_is_open():
    with listening() as listener:
        proxy = Proxy(to=f"127.0.0.1:{listener.getsockname()[1]}").start()
        with connected(proxy, listener) as (client, server):
            client.sendall(b"x")
            assert received(server, 1) == b"x"
            proxy.stop()
            assert received(client) == b""
            assert received(server) == b""


class _Failing:
    """A recorder in which everything goes wrong."""

    writes_at_once = False

    def __init__(self):
        self.said = []

    def opened(self, client, server, now_ns):
        return self

    def write(self, direction, data, now_ns):
        raise RuntimeError("out of luck")

    def flush(self):
        pass

    def ended(self, direction, how, now_ns):
        raise RuntimeError("again")

    def refused(self, server, error):
        raise AssertionError

    def failed(self, what, error):
        self.said.append(f"{what}: {error}")

    def close(self):
        pass


@contextlib.contextmanager
def _recorded(recorder):
    """Both ends of a connection through a relay with a recorder."""
    with (
        listening() as listener,
        Proxy(to=f"127.0.0.1:{listener.getsockname()[1]}", recorder=recorder) as proxy,
        connected(proxy, listener) as ends,
    ):
        yield ends


def test_whatever_becomes_of_the_recorder_bytes_go_on():
    recorder = _Failing()
    with _recorded(recorder) as (client, server):
        for _ in range(3):
            client.sendall(b"abc")
            assert received(server, 3) == b"abc"
    assert recorder.said == ["a connection can't be recorded any more: out of luck"]


class _Full(_Failing):
    """One that takes everything and can't keep it."""

    def write(self, direction, data, now_ns):
        pass

    look = ended = write

    def flush(self):
        raise RuntimeError("no room")


def test_what_the_recorder_can_not_keep_goes_on_and_is_said_once():
    recorder = _Full()
    with _recorded(recorder) as (client, server):
        for _ in range(3):
            client.sendall(b"abc")
            assert received(server, 3) == b"abc"
            until(lambda: recorder.said)
    assert recorder.said == ["what passes can't be kept: no room"]


class _Upper:
    """A changer that keeps the last byte for later."""

    def __init__(self, route, client, here):
        self.kept = dict.fromkeys(Direction, b"")

    def change(self, direction, data):
        data = self.kept[direction] + data.upper()
        self.kept[direction] = data[-1:]
        return data[:-1]

    def end(self, direction):
        return self.kept[direction]


class _Broken(_Upper):
    def change(self, direction, data):
        raise ValueError("can't")


@contextlib.contextmanager
def _changing(changer):
    """Both ends of a connection through a relay with a changer."""
    with listening() as listener:
        proxy = Proxy(to=f"127.0.0.1:{listener.getsockname()[1]}", rewrites=[lambda message: None])
        proxy._make_changer = changer
        with proxy, connected(proxy, listener) as (client, server):
            yield proxy, client, server


def test_a_changer_decides_what_goes_on_and_when():
    with _changing(_Upper) as (_, client, server):
        client.sendall(b"abc")
        assert received(server, 2) == b"AB"
        client.shutdown(socket.SHUT_WR)
        assert received(server) == b"C"


def test_a_changer_that_fails_is_asked_no_more_and_bytes_go_on():
    with _changing(_Broken) as (proxy, client, server):
        client.sendall(b"abc")
        assert received(server, 3) == b"abc"
        assert proxy.recorder.trouble == ["what is said on a connection can't be changed any more: can't"]


def test_routes_lead_each_to_their_own_server():
    with listening() as first, listening() as second:
        routes = [
            Route(Address("127.0.0.1", 0), Address("127.0.0.1", sock.getsockname()[1]))
            for sock in (first, second)
        ]
        with Proxy(routes=routes) as proxy:
            for port, sock in zip(proxy.ports, (first, second), strict=True):
                with socket.create_connection(("127.0.0.1", port)) as client:
                    server, _ = sock.accept()
                    client.sendall(b"to you")
                    assert received(server, 6) == b"to you"
                    server.close()
