"""A connection is taken, or there is none; and it ends with a reset where that is wanted."""

import socket

import pytest

from volttools.sockets import accepted, reset_on_close


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


def test_a_connection_never_waits_and_goes_out_at_once(listener):
    assert accepted(listener) is None
    with socket.create_connection(listener.getsockname()) as client:
        listener.setblocking(True)
        connection, peer = accepted(listener)
        with connection:
            assert peer == client.getsockname()
            assert not connection.getblocking()
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_closing_resets(listener):
    with socket.create_connection(listener.getsockname(), timeout=20) as client:
        listener.setblocking(True)
        connection, _ = accepted(listener)
        reset_on_close(connection)
        connection.close()
        with pytest.raises(ConnectionResetError):
            client.recv(1)
