import asyncio
import socket

import pytest

from volttools.client import connect, connect_async
from volttools.mock import MockServer
from volttools.testing import NetworkBlocked, block_network
from volttools.testing.network import reachable


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()


def test_a_mock_server_is_reached_by_all_names_of_this_machine():
    with block_network(), MockServer() as server:
        for host in ("127.0.0.1", "localhost"):
            with connect((host, server.port), signatures=False) as client:
                client.call("@Ping")


def test_anything_else_is_refused_by_its_address(listener):
    host, port = listener
    with (
        block_network(),
        pytest.raises(
            NetworkBlocked,
            match=rf"a connection to 127\.0\.0\.1:{port} was refused: .*--volt-allow 127\.0\.0\.1 ",
        ),
    ):
        connect((host, port))
    with block_network(), socket.socket() as sock, pytest.raises(NetworkBlocked):
        sock.connect_ex(listener)
    socket.create_connection(listener).close()


def test_asyncio_is_held_back_as_well(listener):
    async def try_it():
        with pytest.raises(NetworkBlocked):
            await connect_async(listener)

    with block_network():
        asyncio.run(try_it())


@pytest.mark.parametrize(
    "allowed", ["127.0.0.1", "localhost", "127.*", "127.0.0.1:{port}", "localhost:{port}"]
)
def test_what_is_allowed_is_reached(listener, allowed):
    with block_network([allowed.format(port=listener[1])]):
        socket.create_connection(listener).close()


@pytest.mark.parametrize("allowed", ["10.*", "127.0.0.1:1", "[::1]", "[::1]:{port}"])
def test_what_is_allowed_is_not_more_than_that(listener, allowed):
    with block_network([allowed.format(port=listener[1])]), pytest.raises(NetworkBlocked):
        socket.create_connection(listener)


def test_a_node_that_is_down_refuses_as_in_life():
    with MockServer(nodes=3, tick_s=60) as server, block_network():
        server.stop_node(1)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(server.nodes[1].address)


def test_blocks_go_into_each_other(listener):
    before = socket.socket.connect
    with block_network(["127.0.0.1"]), block_network(), pytest.raises(NetworkBlocked):
        socket.create_connection(listener)
    assert socket.socket.connect is before


def test_sockets_of_the_file_system_are_left_alone(tmp_path):
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client, block_network():
        server.bind(str(tmp_path / "socket"))
        server.listen()
        client.connect(str(tmp_path / "socket"))


def test_what_is_reachable_is_so_in_spite_of_a_block(listener):
    with block_network():
        with reachable([f"localhost:{listener[1]}"]), reachable(["127.0.0.1"]):
            socket.create_connection(listener).close()
        with pytest.raises(NetworkBlocked):
            socket.create_connection(listener)
