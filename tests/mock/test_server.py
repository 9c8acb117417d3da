"""A MockServer from its start to its end, and what a test asks it."""

import asyncio
import os
import threading

import pytest
import voltdbclient

from tests.mock.wire import Wire, connected
from volttools.errors import UsageError
from volttools.mock import MockServer
from volttools.protocol.client_side import ClientSide
from volttools.protocol.partitioning import RING_TOKENS, server_ring


@pytest.fixture
def server():
    with MockServer() as running:
        yield running


def test_the_official_client_logs_in_and_calls(server):
    server.handle("Vote", lambda call: [(call.params[0], "counted")])
    client = voltdbclient.FastSerializer(server.host, server.port)
    response = voltdbclient.VoltProcedure(client, "Vote", [client.VOLTTYPE_INTEGER]).call([7])
    assert (response.status, response.tables[0].tuples) == (1, [[7, "counted"]])
    assert [(call.procedure, call.params, call.client_handle) for call in server.calls] == [("Vote", (7,), 1)]
    client.close()
    assert server.wait_until(lambda: not server.connections)


def test_a_call_that_asks_for_no_partition_costs_no_ring():
    server_ring.cache_clear()
    with MockServer() as server:
        server.handle("Vote", 0)
        client = voltdbclient.FastSerializer(server.host, server.port)
        voltdbclient.VoltProcedure(client, "Vote", [client.VOLTTYPE_INTEGER]).call([7])
        client.close()
        assert server_ring.cache_info().misses == 0
        assert len(server.topology.ring.tokens) == RING_TOKENS
        assert server_ring.cache_info().misses == 1


def test_it_listens_on_loopback_on_a_free_port(server):
    assert server.host == "127.0.0.1"
    assert server.address == ("127.0.0.1", server.port)
    with MockServer() as other:
        assert other.port != server.port


def test_it_tells_where_it_is():
    with MockServer() as server:
        assert repr(server) == f"<mock server at 127.0.0.1:{server.port}>"
    assert repr(server) == "<mock server, not running>"


def test_an_address_that_is_taken_is_said(server):
    with pytest.raises(
        UsageError, match=rf"can't listen on 127\.0\.0\.1:{server.port}: Address already in use"
    ):
        MockServer(port=server.port).start()


def test_before_its_start_there_is_no_address_and_it_starts_once():
    stopped = MockServer()
    with pytest.raises(UsageError, match="the server listens nowhere yet"):
        _ = stopped.port
    with stopped, pytest.raises(UsageError, match="has been started already"):
        stopped.start()
    stopped.close()


def test_its_end_closes_connections_and_its_thread():
    before = threading.active_count()
    with MockServer() as server:
        wire = connected(server)
    assert wire.rest() == b""
    wire.socket.close()
    assert threading.active_count() == before


def test_in_asyncio_it_uses_the_running_loop():
    async def run():
        before = threading.active_count()
        async with MockServer() as server:
            assert threading.active_count() == before
            reader, writer = await asyncio.open_connection(*server.address)
            writer.write(ClientSide().login())
            assert len(await reader.read(1)) == 1
        await reader.read()
        writer.close()
        await writer.wait_closed()

    asyncio.run(run())


def test_waiting_in_vain_says_what_came(server):
    with pytest.raises(TimeoutError, match=r"0 calls of Vote came within 0\.01 s; waited for 2"):
        server.wait_for_calls(2, "Vote", timeout_s=0.01)


def test_nothing_is_left_of_a_server():
    def left():
        return len(os.listdir("/proc/self/fd")), threading.active_count()

    with MockServer() as server:  # what is loaded at the first use stays
        connected(server).socket.close()
    before = left()
    for tls in (False, True):
        with MockServer(tls=tls, login_timeout_s=20) as server:
            wires = [Wire(server) for _ in range(20)]  # half a log-in, or half a handshake
            if not tls:
                wires += [connected(server) for _ in range(20)]
            for wire in wires:
                wire.send(b"\x16\x03")
        for wire in wires:
            wire.rest()
            wire.socket.close()
        assert left() == before


def test_waiting_in_the_loop_itself_is_refused():
    async def run():
        async with MockServer() as server:
            with pytest.raises(UsageError, match="waiting here would stop the server itself"):
                server.wait_for_calls()
            server.push_topology()  # what doesn't wait can be asked for in the loop
            server.disconnect()
            await asyncio.to_thread(server.wait_until, lambda: not server.connections)

    asyncio.run(run())


def test_what_needs_a_running_server_says_so():
    with MockServer() as server:
        pass
    with pytest.raises(UsageError, match="the server is not running"):
        server.push_topology()


def test_a_handler_can_t_close_its_own_server():
    with MockServer() as server:
        server.handle("P", lambda call: server.close())
        with connected(server) as wire:
            response = wire.call("P")
        assert "a handler can't close its own server" in response.status_string


@pytest.mark.parametrize("partitions", [0, -1, 1025])
def test_partitions_have_limits(partitions):
    with pytest.raises(UsageError, match=rf"a server has 1 \.\. 1024 partitions, not {partitions}"):
        MockServer(partitions=partitions)
