"""The connection that both blocking clients stand on."""

import threading

import pytest

from tests.client.server import CLOSE, WELCOME, Server, echo
from volttools.client.connection_settings import addresses_of
from volttools.client.core import Pending
from volttools.client.session import Session, no_server
from volttools.client.signatures import encode_parameters
from volttools.client.values import bigint, varbinary
from volttools.errors import CallTimeout, CannotConnect, ClientError, ConnectionLost, EncodeError
from volttools.protocol.login_strategy import PasswordLogin


class Seen:
    """A watcher that keeps what it is told."""

    def __init__(self, local, peer, *, is_tls):
        self.addresses = (local, peer)
        self.told = []

    def sent(self, data):
        self.told.append(("sent", data))

    def received(self, data):
        self.told.append(("received", data))

    def ended(self, *, by_server, was_reset):
        self.told.append(("ended", by_server, was_reset))


def opened(server, **options):
    return Session.open(addresses_of(server.address), PasswordLogin("op", "secret"), **options)


def ping(number=0):
    return encode_parameters("@Ping", [bigint(number)])


def until_it_fails(session):
    """Call until the connection's end is noticed; the error."""
    while True:
        try:
            session.exchange(Pending("@Ping", 5.0), ping(2))
        except ClientError as error:
            return error


def test_a_watcher_sees_each_byte_before_it_is_waited_for():
    seen = []

    def watch(*addresses, is_tls):
        seen.append(Seen(*addresses, is_tls=is_tls))
        return seen[0]

    with Server() as server:
        session = opened(server, watch=watch)
        session.exchange(Pending("@Ping", 5.0), ping())
        session.close()
        sent = b"".join(server.reads)
    (watcher,) = seen
    assert [what for what, *_ in watcher.told] == ["sent", "received", "sent", "received", "ended"]
    assert b"".join(data for what, data, *_ in watcher.told if what == "sent") == sent
    assert watcher.told[-1] == ("ended", False, False)
    assert str(watcher.addresses[1]) == server.address


def test_several_in_flight_and_one_that_cannot_be_encoded():
    with Server() as server:
        session = opened(server)
        calls = [session.begin(Pending("@Ping", 5.0), ping(number)) for number in range(3)]
        with pytest.raises(EncodeError):
            session.begin(Pending("@Ping", 5.0), encode_parameters("x", [object()]))
        assert [session.wait(call).response.tables[0].rows for call in calls] == [[(n,)] for n in range(3)]
        session.close()


def test_a_server_that_does_not_read_costs_the_call_its_time_and_no_more():
    reads = threading.Event()

    def stuck(connection, request):
        connection.send(connection.side.accept(WELCOME))
        reads.wait(60)

    large = encode_parameters("Large", [varbinary(bytes(2**24))])
    with Server(login=stuck) as server:
        session = opened(server)
        with pytest.raises(CallTimeout, match="not all of it is sent yet; it may run later"):
            session.exchange(Pending("Large", 0.2), large)
        with pytest.raises(CallTimeout):
            session.exchange(Pending("@Ping", 0.2), ping())
        with pytest.raises(TimeoutError):
            session.flush(0.05)
        reads.set()
        assert session.exchange(Pending("@Ping", 30.0), ping(7)).response.tables[0].rows == [(7,)]
        session.close()
    assert [call.procedure for call in server.invocations] == ["Large", "@Ping", "@Ping"]


def test_a_call_that_is_interrupted_is_awaited_no_longer(monkeypatch):
    def interrupted(deadline):
        raise KeyboardInterrupt

    with Server() as server:
        session = opened(server)
        with monkeypatch.context() as patch:
            patch.setattr(session.wire, "receive", interrupted)
            with pytest.raises(KeyboardInterrupt):
                session.exchange(Pending("@Ping", None), ping(1))
        assert session.core.pending == {}
        assert session.exchange(Pending("@Ping", 5.0), ping(2)).response.tables[0].rows == [(2,)]
        session.close()


def test_what_the_server_said_before_it_closed_counts():
    """A call that can't be sent any more doesn't hide the answers that are there."""

    def answer_and_close(invocation):
        connection = server.connections[0]
        connection.send(
            connection.side.respond(echo(invocation).replace(client_handle=invocation.client_handle))
        )
        return CLOSE

    with Server(answer_and_close) as server:
        session = opened(server)
        first = session.begin(Pending("@Ping", 5.0), ping(1))
        session.flush()
        server.joined()
        assert isinstance(until_it_fails(session), ConnectionLost)
        assert session.wait(first).response.tables[0].rows == [(1,)]
        with pytest.raises(ConnectionLost):
            session.receive_some()


def test_one_failure_is_told_as_it_is_and_several_together():
    first, second = CannotConnect("a: no"), CannotConnect("b: no")
    assert no_server([first]) is first
    assert str(no_server([first, second])) == "none of 2 addresses let us in: a: no; b: no"
