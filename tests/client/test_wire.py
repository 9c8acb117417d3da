"""A socket with deadlines."""

import errno
import socket
import ssl
import time

import pytest

from volttools.client.connection_settings import Address
from volttools.client.wire import Wire, _Select, cannot_connect, dial
from volttools.errors import CannotConnect
from volttools.sockets import reset_on_close


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with theirs:
        wire = Wire(ours)
        yield wire, theirs
        wire.close()


def soon(seconds=0.02):
    return time.monotonic() + seconds


def test_bytes_go_both_ways_and_the_end_is_no_bytes(pair):
    wire, peer = pair
    peer.sendall(b"hello")
    assert wire.receive(None) == b"hello"
    assert wire.try_receive() is None
    assert wire.try_send(b"back") == 4
    assert peer.recv(10) == b"back"
    peer.close()
    assert wire.receive(None) == b""


def test_waiting_ends_at_the_deadline(pair):
    wire, _ = pair
    for deadline in (soon(), soon(-1)):
        with pytest.raises(TimeoutError):
            wire.receive(deadline)
        with pytest.raises(TimeoutError):
            wire.wait(deadline)
        assert time.monotonic() >= deadline
    wire.wait(soon(), writing=True)


def test_receiving_waits_up_to_the_deadline(pair):
    wire, _ = pair
    for _ in range(2):  # the second one finds the time-out of the first
        deadline = soon()
        with pytest.raises(TimeoutError):
            wire.receive(deadline)
        assert time.monotonic() >= deadline


def test_what_is_there_is_received_behind_the_deadline(pair):
    wire, peer = pair
    peer.sendall(b"late")
    assert wire.receive(soon(-1)) == b"late"


def test_a_full_socket_takes_nothing(pair):
    wire, _ = pair
    while wire.try_send(bytes(2**16)):
        pass
    assert wire.try_send(b"x") == 0


def test_where_there_is_no_poll_select_does(pair):
    wire, peer = pair
    sock = wire._sock
    assert not _Select(sock, writing=False).poll(1)
    assert _Select(sock, writing=True).poll(None)
    peer.sendall(b"x")
    assert _Select(sock, writing=False).poll(1)


def test_addresses_of_both_ends():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        wire = dial(Address("127.0.0.1", port), soon(10))
        assert wire.peer == ("127.0.0.1", port)
        assert wire.local.host == "127.0.0.1"
        wire.close()
        wire.close()


def test_a_handshake_that_hangs_ends_at_the_deadline():
    context = ssl.create_default_context()  # takes longer than the deadline
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = Address("127.0.0.1", listener.getsockname()[1])
        with pytest.raises(
            CannotConnect, match=f"{address}: the server did not answer the TLS handshake in time"
        ):
            dial(address, soon(0.2), context)
        with pytest.raises(CannotConnect, match="it did not answer in time"):
            dial(address, soon(-1))


@pytest.mark.parametrize(
    ("error", "is_tls", "text"),
    [
        (ConnectionRefusedError(), True, "nothing listens there (connection refused)"),
        (TimeoutError(), False, "it did not answer in time"),
        (TimeoutError(), True, "the server did not answer the TLS handshake in time: "),
        (socket.gaierror(-2, "no such name"), True, "no address of that name can be found: no such name"),
        (
            ConnectionResetError(errno.ECONNRESET, "Connect call failed"),  # as asyncio says it
            False,
            "Connection reset by peer",
        ),
        (
            ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"),
            False,
            "Connection reset by peer",
        ),
        (
            ConnectionResetError(errno.ECONNRESET, "reset"),
            True,
            "the server closed the connection during the TLS handshake",
        ),
        (ssl.SSLError(1, "odd"), True, "the TLS handshake failed "),
        (ValueError("odd"), True, "odd"),
    ],
)
def test_each_reason_is_a_sentence(error, is_tls, text):
    found = cannot_connect(Address("volt", 1), error, is_tls=is_tls)
    assert str(found).startswith(f"volt:1: {text}")


def test_who_was_reset_has_no_address_any_more():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        wire = dial(Address("127.0.0.1", listener.getsockname()[1]), soon(10))
        theirs, _ = listener.accept()
        reset_on_close(theirs)
        theirs.close()
        with pytest.raises(ConnectionResetError):
            wire.receive(soon(10))
        assert wire.peer is None
        wire.close()
