"""A MockServer from its start to its end, and what a test asks it."""

import asyncio
import threading

import pytest
import voltdbclient

from tests.mock.wire import connected
from volttools.errors import UsageError
from volttools.mock import MockServer
from volttools.protocol.client_side import ClientSide


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


def test_it_listens_on_loopback_on_a_free_port(server):
    assert server.host == "127.0.0.1"
    assert server.address == ("127.0.0.1", server.port)
    with MockServer() as other:
        assert other.port != server.port


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
