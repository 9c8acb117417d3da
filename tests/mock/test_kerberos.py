"""The exchange of Kerberos, with a context that knows two tokens; GSSAPI's own is tested elsewhere."""

import pytest

from tests.mock.wire import Wire, connected
from volttools.codec import build, parse
from volttools.formats.login import KerberosServiceName, KerberosToken, LoginResponse
from volttools.mock import Kerberos, MockServer


class TwoSteps:
    """Asks for b"one", answers b"more", and is complete with b"two"."""

    complete = False

    def step(self, token):
        if token == b"one":
            return b"more"
        if token == b"two":
            self.complete = True
            return None
        raise PermissionError("unknown ticket")


@pytest.fixture
def server():
    with MockServer(users={"op": "secret"}, kerberos=Kerberos("volt/host@R", TwoSteps)) as running:
        yield running


@pytest.fixture
def wire(server):
    with Wire(server) as connection:
        connection.send(connection.side.login(user="someone", service="kerberos"))
        yield connection


def test_a_ticket_lets_a_client_in(server, wire):
    assert parse(KerberosServiceName, wire.frame()).principal == "volt/host@R"
    send_token(wire, b"one")
    assert parse(KerberosToken, wire.frame()).token == b"more"
    send_token(wire, b"two")
    assert parse(LoginResponse, wire.frame()).accepted
    assert [connection.user for connection in server.connections] == ["someone"]


def test_a_wrong_ticket_is_refused(server, wire):
    wire.frame()
    send_token(wire, b"forged")
    assert parse(LoginResponse, wire.frame()).status == -1
    assert wire.frame() is None
    assert server.connections == []


def test_what_is_no_token_ends_the_connection(wire):
    wire.frame()
    wire.send_frame(b"\x09")
    assert wire.frame() is None


def test_passwords_are_taken_beside_it(server):
    with connected(server, user="op", password="secret") as wire:
        assert wire.call("@Ping").status == 1


def test_refusals_on_request_come_first(server):
    server.refuse_logins(4)
    with Wire(server) as wire:
        assert wire.log_in(service="kerberos").status == 4


def send_token(wire, token):
    wire.send_frame(build(KerberosToken(token=token)))
