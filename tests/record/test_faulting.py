"""Every kind of fault by the proxy: clients see the same as of a mock, and that is what is recorded."""

import asyncio
import socket

import pytest
import voltdbclient

from tests.client.tls import contexts
from tests.faults.outcomes import CLIENTS, ROWS, arm, check, until
from tests.mock.wire import Wire, connected
from tests.record.servers import connected as both_ends
from tests.record.servers import listening, received
from volttools.capture.reader import open as open_capture
from volttools.codec import build
from volttools.errors import UsageError
from volttools.faults import Injector, Scenario, rule
from volttools.faults.catalog import KINDS
from volttools.formats.login import LoginResponse
from volttools.mock import MockServer
from volttools.protocol.client_side import ClientSide
from volttools.protocol.events import Exchange, Push
from volttools.protocol.frame_buffer import framed
from volttools.record import Proxy
from volttools.record.faulting import MOST_HELD_BYTES, FaultyPort
from volttools.record.proxy import routes_of


@pytest.fixture(scope="module")
def server():
    with MockServer() as running:
        running.handle("Vote", lambda call: call.params[0])
        yield running


class At:
    """A place of a proxy, as `Wire` takes it."""

    def __init__(self, port):
        self.address = ("127.0.0.1", port)


def proxied(server, faults=(), **given):
    return Proxy(to=f"{server.host}:{server.port}", faults=faults, **given)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", KINDS)
def test_a_client_sees_of_each_kind_what_it_sees_of_a_mock(name, client, server):
    tls = contexts() if ROWS[name].tls else (None, None)
    routes = routes_of(f"{server.host}:{server.port}", "127.0.0.1:0", listen_tls=tls[0])
    with Proxy(routes=routes, faults=[]) as proxy:
        arm(proxy.faults, name)
        push = server.push_topology if name.startswith("push-") else None
        host = "localhost" if ROWS[name].tls else "127.0.0.1"
        check(name, client, f"{host}:{proxy.port}", tls=tls[1], push=push)
        (injection,) = proxy.faults.log
        assert (injection.kind.name, injection.skipped) == (name, None)
        until(lambda: not proxy.snapshot().open)
        assert proxy.recorder.trouble == []
    until(lambda: not server.connections)


def test_what_is_recorded_is_what_the_client_got(server, tmp_path):
    path = str(tmp_path / "out.pcapng")
    rules = [
        rule("status", status="TXN_RESTART", call=1),
        rule("push", push="procedures", call=2),
        rule("close-within", call=3),
    ]
    with proxied(server, rules, output=path) as proxy, connected(At(proxy.port)) as wire:
        assert wire.call("Vote", 1).status == -8
        handle = wire.start("Vote", 2)
        wire.pushed()
        assert wire.response().client_handle == handle
        wire.start("Vote", 3)
        wire.rest()
    for injection in proxy.faults.log:
        assert str(injection).encode() in (tmp_path / "out.pcapng").read_bytes()
    with open_capture(path) as capture:
        events = list(capture.events())
    exchanges = [event for event in events if isinstance(event, Exchange)]
    assert [(one.status, one.is_partial) for one in exchanges][:2] == [(-8, False), (1, False)]
    assert exchanges[2].is_partial
    assert [event.name for event in events if isinstance(event, Push)] == ["procedures"]


def test_the_log_of_a_proxy_injects_it_again(server):
    rules = [rule("jitter", mean="1ms", probability=0.5), rule("busy", where="params[0] > 17")]

    def run(faults, **given):
        with proxied(server, faults, **given) as proxy, connected(At(proxy.port)) as wire:
            statuses = [wire.call("Vote", value).status for value in range(20)]
            return statuses, proxy.faults.log

    statuses, log = run(rules, seed=5)
    assert statuses == [1] * 18 + [-5] * 2
    assert 5 < len(log) < 18
    assert run(rules, seed=5) == (statuses, log)
    lines = [injection.as_line() for injection in log]
    assert run(Scenario.from_log(lines)) == (statuses, log)


def test_answers_that_are_late_come_before_the_end_of_a_server_that_left():
    with listening() as listener:
        to = f"127.0.0.1:{listener.getsockname()[1]}"
        late = [rule("login-delay", time="50ms")]
        with Proxy(to=to, faults=late) as proxy, both_ends(proxy, listener) as (client, server):
            login = ClientSide().login()
            client.sendall(login)
            received(server, len(login))
            welcome = framed(build(LoginResponse(status=-1)))
            server.sendall(welcome)
            server.shutdown(socket.SHUT_WR)
            assert received(client) == welcome


def test_what_is_no_frame_passes():
    with listening() as listener:
        to = f"127.0.0.1:{listener.getsockname()[1]}"
        with Proxy(to=to, faults=[rule("drop")]) as proxy, both_ends(proxy, listener) as (client, server):
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert received(server, 18) == b"GET / HTTP/1.1\r\n\r\n"
            server.sendall(b"\xff" * 100)
            assert received(client, 100) == b"\xff" * 100
            server.sendall(b"more")
            assert received(client, 4) == b"more"


def test_a_server_whose_answers_are_held_is_not_listened_to_without_end(server):
    size = 2**20
    server.handle("Big", lambda call: [("x" * size,)])
    late = [rule("delay", time="100ms", procedure="Big")]
    with proxied(server, late) as proxy, connected(At(proxy.port)) as wire:
        handles = [wire.start("Big") for _ in range(2 * MOST_HELD_BYTES // size)]
        assert {wire.response().client_handle for _ in handles} == set(handles)


def test_only_one_of_several_nodes_goes_down(server):
    to = [f"{server.host}:{server.port}"] * 2
    with Proxy(to=to, faults=[rule("node-down", node=1, call=1, back="20ms")]) as proxy:
        first, second = (Wire(At(port)) for port in proxy.ports)
        with first, second:
            first.log_in()
            second.log_in()
            assert first.call("Vote", 1).status == 1
            second.start("Vote", 1)
            assert second.rest() == b""
            assert first.call("Vote", 2).status == 1
        (injection,) = proxy.faults.log
        assert (injection.node, injection.connection) == (1, 1)

        def is_back():
            try:
                with connected(At(proxy.ports[1])):
                    return True
            except OSError:
                return False

        until(is_back)


def test_a_port_listens_on_all_addresses_of_its_host(server):
    with Proxy(to=f"{server.host}:{server.port}", listen="localhost:0", faults=[]) as proxy:
        for host in {place[4][0] for place in socket.getaddrinfo("localhost", 0)}:
            socket.create_connection((host, proxy.port), timeout=20).close()
        with pytest.raises(UsageError, match=r"can't listen on 127.0.0.1:\d+: "):
            Proxy(to="127.0.0.1:1", listen=f"127.0.0.1:{proxy.port}", faults=[]).start()


def test_a_connection_that_came_as_the_port_was_closed_is_closed_too():
    async def run():
        port = FaultyPort(Injector(), 0, None, lambda gate: asyncio.Protocol(), lambda: None)
        port.listen("127.0.0.1", 0)
        (listener,) = port._listeners
        with socket.create_connection(("127.0.0.1", port.port), timeout=20) as client:
            port._accept(listener)
            (task,) = port._coming
            port.close()  # before the task has begun
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.sleep(0)
            assert client.recv(1) == b""

    asyncio.run(run())


def test_a_stalled_connection_costs_no_memory_and_one_fault(server):
    with proxied(server, [rule("stall", connection=1)]) as proxy, connected(At(proxy.port)) as wire:
        count = server.call_count
        for value in range(500):
            wire.start("Vote", value)
        assert server.wait_until(lambda: server.call_count == count + 500)
        with connected(At(proxy.port)) as other:
            assert other.call("Vote", 1).status == 1
        assert len(proxy.faults.log) == 1


def test_rules_can_come_later_only_where_faults_were_asked_for(server):
    proxy = Proxy(to=f"{server.host}:{server.port}")
    with pytest.raises(UsageError, match=r"made without faults; give it faults=\[\] to add rules later"):
        _ = proxy.faults


@pytest.mark.parametrize(("name", "expected"), [("busy", [-5, 1]), ("close-within", [-1]), ("push", [1, 1])])
def test_the_official_client_sees_it_too(name, expected, server):
    with proxied(server) as proxy:
        proxy.faults.add(name, call=1, procedure="Vote")
        client = voltdbclient.FastSerializer("127.0.0.1", proxy.port, procedure_timeout=60)
        procedure = voltdbclient.VoltProcedure(client, "Vote", [client.VOLTTYPE_INTEGER])
        assert [procedure.call([value]).status for value, _ in enumerate(expected)] == expected
        client.close()
