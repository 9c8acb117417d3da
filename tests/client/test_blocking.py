"""The blocking client."""

import contextlib
import ssl
import threading

import pytest

from tests.client.contract import ClientContract
from tests.client.server import CLOSE, Server, echo
from tests.client.tls import contexts
from volttools.client import Client, connect
from volttools.errors import CallTimeout, CannotConnect, ClientError, ConnectionLost


class Waiting(Client):
    """With `result(call)`, as the contract has it."""

    def result(self, call):
        return call.result()


@contextlib.contextmanager
def connected(target, **options):
    with connect(target.address if isinstance(target, Server) else target, **options) as client:
        client.__class__ = Waiting
        yield client


class TestContract(ClientContract):
    def connect(self, target, **options):
        return connected(target, **options)


def test_the_repr_names_the_server_and_no_secret():
    with Server() as server, connect(server.address, user="op", password="secret") as client:
        assert repr(client) == f"<client of {server.address}>"
        call = client.submit("P", 1)
        assert repr(call) == "<call of P: in flight>"
        assert call.result().scalar() == 1
        assert (repr(call), call.done()) == ("<call of P: done>", True)
        assert call.result() is call.result()
    assert repr(client) == f"<client of {server.address}: closed>"


def test_a_call_can_be_cancelled_and_the_connection_used_on():
    with Server() as server, connect(server.address, signatures=False) as client:
        first, second = client.submit("P", 1), client.submit("P", 2)
        first.cancel()
        with pytest.raises(ClientError, match="P: the call was cancelled; it may run nevertheless"):
            first.result()
        assert second.result().scalar() == 2
        second.cancel()
        assert second.result().scalar() == 2


def test_one_can_wait_for_a_while_and_go_on_waiting():
    may_answer = threading.Event()

    def answer(invocation):
        may_answer.wait(30)
        return echo(invocation)

    with Server(answer) as server, connect(server.address, signatures=False) as client:
        call = client.submit("P", 1)
        assert not call.wait(0.01)
        may_answer.set()
        assert call.wait(30)
        assert call.result().scalar() == 1
        may_answer.clear()
        late = client.submit("P", 1, timeout=0.01)
        assert late.wait(30)
        with pytest.raises(CallTimeout, match="no answer from"):
            late.result()
        may_answer.set()


def test_waiting_ends_with_the_connection():
    with Server(lambda _: CLOSE) as server, connect(server.address, signatures=False) as client:
        call = client.submit("P", 1)
        assert call.wait(30)
        with pytest.raises(ConnectionLost, match="the call may have run"):
            call.result()


def test_flush_sends_what_was_submitted():
    came = threading.Event()

    def answer(invocation):
        came.set()

    with Server(answer) as server, connect(server.address) as client:
        client.submit("@Ping")
        client.flush()
        assert came.wait(60)


def test_threads_share_a_client_and_get_their_own_answers():
    found = {}

    def work(number):
        found[number] = [client.call("P", number * 1000 + n).scalar() for n in range(50)]

    with Server() as server, connect(server.address, signatures=False) as client:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == {number: [number * 1000 + n for n in range(50)] for number in range(4)}


def test_tls_carries_calls_of_any_size_and_no_record_ends_behind_a_length():
    ours, theirs = contexts()
    with Server(ssl_context=ours) as server:
        address = f"localhost:{server.port}"
        with connect(address, ssl_context=theirs, signatures=False) as client:
            calls = [client.submit("P", number, "x" * 5_000) for number in range(20)]
            calls.append(client.submit("P", 20, "x" * 100_000))
            assert [call.result().scalar() for call in calls] == list(range(21))
    # A read gives one record: but for the rest of a long frame, each begins with a whole length.
    assert max(map(len, server.reads)) <= 16384
    assert all(len(read) != 4 for read in server.reads)


def test_a_certificate_that_is_not_trusted_is_said():
    ours, theirs = contexts()
    with Server(ssl_context=ours) as server:
        with pytest.raises(CannotConnect, match="nobody who is trusted vouches for the server's certificate"):
            connect(f"localhost:{server.port}", ssl_context=ssl.create_default_context())
        with pytest.raises(CannotConnect, match=r"is not for the address 127\.0\.0\.1"):
            connect(f"127.0.0.1:{server.port}", ssl_context=theirs)


def test_tls_to_a_plain_port_and_plain_to_a_tls_port_are_said():
    ours, theirs = contexts()
    with (
        Server() as server,
        pytest.raises(
            CannotConnect, match="the server closed the connection during the TLS handshake: a plain port"
        ),
    ):
        connect(server.address, ssl_context=theirs, connect_timeout=60)
    with Server(ssl_context=ours) as server, pytest.raises(CannotConnect, match=server.address):
        connect(server.address, connect_timeout=60)
