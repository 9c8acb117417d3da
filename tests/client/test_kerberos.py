"""Log-in with Kerberos: against Debian's KDC, a server's side that accepts with GSSAPI, a socket between."""

import asyncio
import socket
import sys
import threading

import pytest

from tests.client.kdc import ALICE, REALM, SERVICE, Kdc, require_kdc
from volttools.cli import run
from volttools.client import ConnectionSettings, connect, connect_async
from volttools.client.kerberos import KerberosLogin
from volttools.errors import LoginRefused as LoginRefusedError
from volttools.errors import ProtocolError, UsageError
from volttools.formats.login import KerberosServiceName, KerberosToken, LoginResponse
from volttools.mock import Kerberos, MockServer
from volttools.protocol.client_side import ClientSide, KerberosAsked, LoggedIn, LoginRefused
from volttools.protocol.server_side import LoginAsked, ServerSide, TokenReceived
from volttools.protocol.states import State

WELCOME = LoginResponse(host_id=0, connection_id=1, cluster_start=0, leader_address=0, build="x")


def test_without_gssapi_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "gssapi", None)
    with pytest.raises(UsageError) as raised:
        KerberosLogin()
    assert str(raised.value) == (
        'log-in with Kerberos takes the package gssapi: pip install "volttools[kerberos]"'
    )


@pytest.fixture(scope="module")
def realm(tmp_path_factory):
    """A realm with alice and the server, whom processes of this test find by the environment."""
    require_kdc()
    kdc = Kdc(tmp_path_factory.mktemp("kdc"))
    try:
        kdc.start()
        kdc.add(ALICE)
        kdc.add_service(SERVICE)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in kdc.environment.items():
                patch.setenv(name, value)
            yield kdc
    finally:
        kdc.stop()


@pytest.fixture
def ticket(realm):
    """A ticket of alice's, in a cache that nobody else uses."""
    realm.kdestroy()
    realm.kinit(ALICE)
    return realm


class Acceptor(threading.Thread):
    """A server that takes one log-in as the real one does.

    says     its principal; None: it asks for no Kerberos at all
    refuses  who has proved himself
    tells    of errors, by tokens as MIT's library makes them; else it closes, as Java does
    """

    def __init__(
        self, connection: socket.socket, *, says: str | None = SERVICE, refuses=False, tells=False
    ) -> None:
        super().__init__()
        self._connection = connection
        self._says, self._refuses, self._tells = says, refuses, tells
        self.user: str | None = None
        self.proven: str | None = None
        self.start()

    def run(self) -> None:
        import gssapi

        side = ServerSide()
        context = gssapi.SecurityContext(usage="accept")
        context.__DEFER_STEP_ERRORS__ = self._tells
        with self._connection:
            while data := self._connection.recv(65536):
                for event in side.receive(data):
                    if isinstance(event, LoginAsked):
                        assert event.request.service == "kerberos"
                        self.user = event.request.user
                        if self._says is None:
                            self._connection.sendall(side.accept(WELCOME))
                            return
                        self._connection.sendall(side.kerberos_service(self._says))
                    elif isinstance(event, TokenReceived):
                        try:
                            if token := context.step(event.token):
                                self._connection.sendall(side.kerberos_token(token))
                            is_complete = context.complete
                        except gssapi.exceptions.GSSError:
                            return
                        if is_complete:
                            self.proven = str(context.initiator_name)
                            answer = side.refuse(-1) if self._refuses else side.accept(WELCOME)
                            self._connection.sendall(answer)
                            return


def log_in(strategy, **options):
    """What the client gets to see, and the server as it was behind it."""
    ours, theirs = socket.socketpair()
    acceptor = Acceptor(theirs, **options)
    side, events = ClientSide(), []
    try:
        with ours:
            ours.settimeout(60)
            ours.sendall(side.login_by(strategy))
            while data := ours.recv(7):  # as if it came in small pieces
                for event in side.receive(data):
                    events.append(event)
                    if isinstance(event, KerberosAsked) and (answer := side.answer_kerberos(event.message)):
                        ours.sendall(answer)
            events += side.end()
    finally:
        acceptor.join(60)
    return events, acceptor


@pytest.mark.interop
def test_a_ticket_logs_in_and_both_sides_know_each_other(ticket):
    strategy = KerberosLogin()
    assert strategy.principal == ALICE
    events, acceptor = log_in(strategy)
    kinds = [type(event).__name__ for event in events]
    assert kinds == ["KerberosAsked", "KerberosAsked", "LoggedIn", "Closed"]
    assert (acceptor.user, acceptor.proven) == (ALICE, ALICE)


@pytest.mark.interop
def test_one_strategy_logs_in_on_one_connection_after_another(ticket):
    strategy = KerberosLogin()
    for _ in range(2):
        _, acceptor = log_in(strategy)
        assert acceptor.proven == ALICE
    ticket.kdestroy()
    with pytest.raises(UsageError, match="there is no Kerberos ticket of the default principal: run kinit"):
        log_in(strategy)


@pytest.mark.interop
def test_a_principal_and_a_service_can_be_asked_for(ticket):
    for service in (SERVICE, SERVICE.partition("@")[0]):
        events, _ = log_in(KerberosLogin(principal=ALICE, service=service))
        assert any(isinstance(event, LoggedIn) for event in events)
    with pytest.raises(ProtocolError) as raised:
        log_in(KerberosLogin(service=f"volt/other@{REALM}"))
    assert str(raised.value) == (
        f"the server calls itself '{SERVICE}', and 'volt/other@{REALM}' was expected; "
        "if it is the right server, name it so"
    )


@pytest.mark.interop
def test_a_server_without_security_accepts_at_once(ticket):
    events, acceptor = log_in(KerberosLogin(), says=None)
    assert isinstance(events[0], LoggedIn)
    assert acceptor.user == ALICE


@pytest.mark.interop
def test_a_user_who_is_known_to_the_kdc_only_is_refused(ticket):
    events, _ = log_in(KerberosLogin(), refuses=True)
    assert isinstance(events[-2], LoginRefused)


@pytest.mark.interop
def test_a_server_with_an_old_keytab_closes_or_tells(ticket):
    old = f"volt/old@{REALM}"
    ticket.add_service(old)
    ticket.change_key(old)
    events, acceptor = log_in(KerberosLogin(), says=old)
    assert [type(event).__name__ for event in events] == ["KerberosAsked", "Closed"]
    assert acceptor.proven is None
    with pytest.raises(ProtocolError) as raised:
        log_in(KerberosLogin(), says=old, tells=True)
    assert str(raised.value) == f"the server's keytab is older than the key of {old}: it needs a new one"


@pytest.mark.interop
@pytest.mark.parametrize(
    ("principal", "message"),
    [
        (f"no/such@{REALM}", f"the KDC doesn't know the server's principal no/such@{REALM}: the server is "
         "configured with another realm or name than the KDC has"),
        ("", "'' is no name of a principal"),
        (ALICE, f"the ticket is the server's own principal, {ALICE}: servers take such a log-in for a "
         "delegate's; run kinit for a principal of your own"),
        ("a\0b\n\udc80", "the KDC doesn't know the server's principal a?b??: the server is configured with another "
         "realm or name than the KDC has"),
    ],
)  # fmt: skip
def test_a_server_s_principal_that_is_wrong_is_said(ticket, principal, message):
    with pytest.raises(ProtocolError) as raised:
        KerberosLogin().answer(KerberosServiceName(principal=principal))
    assert str(raised.value) == message


@pytest.mark.interop
def test_a_server_that_does_not_prove_itself_is_not_believed(ticket):
    strategy = KerberosLogin()
    side, server = ClientSide(), ServerSide()
    list(server.receive(side.login_by(strategy)))
    (asked,) = side.receive(server.kerberos_service(SERVICE))
    list(server.receive(side.answer_kerberos(asked.message)))
    with pytest.raises(ProtocolError) as raised:
        list(side.receive(server.accept(WELCOME)))
    assert str(raised.value) == (
        "the server accepted the log-in before it had proved who it is; don't trust it"
    )
    assert side.state is State.KERBEROS


@pytest.mark.interop
@pytest.mark.parametrize("token", [b"", b"junk", bytes(5000)])
def test_a_token_that_is_none_is_said(ticket, token):
    strategy = KerberosLogin()
    strategy.answer(KerberosServiceName(principal=SERVICE))
    with pytest.raises(ProtocolError) as raised:
        strategy.answer(KerberosToken(token=token))
    assert str(raised.value) == "the server's Kerberos token is damaged, or it is no Kerberos token"


@pytest.mark.interop
def test_messages_out_of_order_are_said(ticket):
    with pytest.raises(ProtocolError, match="a Kerberos token before it named its principal"):
        KerberosLogin().answer(KerberosToken(token=b"x"))
    strategy = KerberosLogin()
    strategy.answer(KerberosServiceName(principal=SERVICE))
    with pytest.raises(ProtocolError, match="named its Kerberos principal twice"):
        strategy.answer(KerberosServiceName(principal=SERVICE))


@pytest.mark.interop
def test_a_ticket_that_is_missing_or_has_expired_is_said(realm):
    realm.kdestroy()
    with pytest.raises(UsageError) as raised:
        KerberosLogin()
    assert str(raised.value) == "there is no Kerberos ticket of the default principal: run kinit"
    with pytest.raises(UsageError) as raised:
        KerberosLogin(principal=f"bob@{REALM}")
    assert str(raised.value) == f"there is no Kerberos ticket of bob@{REALM}: run kinit"
    with pytest.raises(UsageError) as raised:
        KerberosLogin(principal="")
    assert str(raised.value) == "'' is no name of a principal"
    realm.kinit(ALICE, "-l", "1s")
    realm.until_expired()
    with pytest.raises(UsageError) as raised:
        KerberosLogin(principal=ALICE)
    assert str(raised.value) == f"the Kerberos ticket of {ALICE} has expired: run kinit"


@pytest.mark.interop
def test_a_kdc_that_is_away_is_said(ticket):
    strategy = KerberosLogin()
    ticket.stop()
    try:
        with pytest.raises(ProtocolError) as raised:
            strategy.answer(KerberosServiceName(principal=SERVICE))
    finally:
        ticket.start()
    assert str(raised.value) == "no KDC of the realm can be reached: look at krb5.conf and the network"


@pytest.fixture
def kerberos_server(ticket):
    """A server that takes tickets only."""
    import gssapi

    kerberos = Kerberos(SERVICE, lambda: gssapi.SecurityContext(usage="accept"))
    with MockServer(users={}, kerberos=kerberos) as server:
        server.handle("Five", 5)
        yield server


@pytest.mark.interop
def test_both_clients_log_in_with_a_ticket(kerberos_server, monkeypatch):
    settings = ConnectionSettings.of(kerberos_server.address, kerberos=True)
    with connect(settings) as client:
        assert client.call("Five").scalar() == 5

    async def call():
        async with await connect_async(settings) as client:
            return await client.call("Five")

    assert asyncio.run(call()).scalar() == 5
    monkeypatch.setenv("VOLTTOOLS_PRINCIPAL", ALICE)
    with connect(kerberos_server.address) as client:
        assert client.call("Five").scalar() == 5
    assert {call.connection.user for call in kerberos_server.calls} == {ALICE}


@pytest.mark.interop
def test_commands_log_in_with_a_ticket(kerberos_server, capsys):
    command = ["call", "Five", "-H", f"{kerberos_server.host}:{kerberos_server.port}"]
    assert run([*command, "--kerberos", "--csv"]) == 0
    assert capsys.readouterr().out == '""\n5\n'
    assert run([*command, "--principal", ALICE, "--service", SERVICE]) == 0
    for options, message in (
        (["--service", "volt/other"], f"the server calls itself '{SERVICE}', and 'volt/other' was expected"),
        (["--principal", f"bob@{REALM}"], f"there is no Kerberos ticket of bob@{REALM}: run kinit"),
        ([], "the server wants a user, and the log-in named none"),
    ):
        assert run([*command, *options]) == 2
        err = capsys.readouterr().err
        assert message in err
        assert err.count("\n") == 1


@pytest.mark.interop
def test_a_server_that_uses_passwords_refuses_the_ticket(ticket):
    with MockServer(users={"op": "secret"}) as server, pytest.raises(LoginRefusedError) as raised:
        connect(ConnectionSettings.of(server.address, kerberos=True))
    assert f"refused the log-in of '{ALICE}': the server did not take the Kerberos ticket" in str(
        raised.value
    )
