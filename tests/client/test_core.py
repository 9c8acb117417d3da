"""One connection's state, without a socket: joined to the server's side by a pretend wire."""

import itertools
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.client.server import WELCOME
from volttools.client.core import MAX_KEPT_PUSHES, Core, Pending
from volttools.client.signatures import encode_parameters
from volttools.codec import build
from volttools.errors import CannotConnect, ConnectionLost
from volttools.formats.login import KerberosToken, LoginRequest
from volttools.formats.response import Response
from volttools.protocol.frame_buffer import framed
from volttools.protocol.login_strategy import PasswordLogin
from volttools.protocol.server_side import ServerSide

TOPOLOGY = 2**63 - 2


class Kerberos:
    """A log-in that answers the server's name with a token, and then says nothing."""

    def request(self):
        return LoginRequest(service="kerberos")

    def answer(self, message):
        return KerberosToken(token=b"token") if hasattr(message, "principal") else None

    def accepted(self):
        pass


def logged_in(**options):
    core, server = Core("volt:1", PasswordLogin(), **options), ServerSide()
    core.begin()
    list(server.receive(core.take_outgoing()))
    core.received(server.accept(WELCOME))
    assert core.welcome == WELCOME
    return core, server


def call(core, procedure="P", timeout=None):
    pending = Pending(procedure, timeout)
    frame = core.call(pending, encode_parameters(procedure, []))
    pending.is_sent = True
    return pending, frame


def test_a_call_is_settled_by_its_answer():
    core, server = logged_in()
    (first, one), (second, two) = call(core), call(core)
    list(server.receive(one + two))
    core.received(server.respond(Response(client_handle=second.client_handle, status=-2)))
    assert (first.is_settled, second.answer.status) == (False, -2)
    assert list(core.pending) == [first.client_handle]


def test_what_is_due_times_out_and_the_next_deadline_is_told():
    core, _ = logged_in()
    (soon, _), (later, _), (never, _) = call(core, timeout=5), call(core, timeout=50), call(core)
    assert core.expire(soon.deadline - 1) == soon.deadline
    assert core.expire(soon.deadline) == later.deadline
    assert "within 5 s" in str(soon.error)
    assert core.expire(later.deadline) is None
    assert not never.is_settled


def test_a_cancelled_call_is_settled_once():
    core, server = logged_in()
    pending, frame = call(core)
    core.cancel(pending)
    core.cancel(pending)
    list(server.receive(frame))
    core.received(server.respond(Response(client_handle=pending.client_handle)))
    assert (pending.answer, core.pending) == (None, {})


def test_kerberos_messages_go_to_the_log_in():
    core, server = Core("volt:1", Kerberos()), ServerSide()
    core.begin()
    list(server.receive(core.take_outgoing()))
    core.received(server.kerberos_service("volt/host"))
    (received,) = server.receive(core.take_outgoing())
    assert received.token == b"token"
    core.received(server.kerberos_token(b"last"))
    assert core.take_outgoing() == b""
    core.received(server.accept(WELCOME))
    assert core.welcome == WELCOME


def test_kerberos_asked_of_a_password_is_the_connection_s_error():
    core, server = Core("volt:1", PasswordLogin()), ServerSide()
    core.begin()
    list(server.receive(core.take_outgoing()))
    core.received(server.kerberos_service("volt/host"))
    assert isinstance(core.error, CannotConnect)
    assert "the server asks for Kerberos, and the log-in is by password" in str(core.error)


def test_the_newest_pushes_are_kept():
    core, server = logged_in()
    for number in range(MAX_KEPT_PUSHES + 10):
        core.received(server.push(Response(client_handle=TOPOLOGY, status=number % 100)))
    assert len(core.pushes) == MAX_KEPT_PUSHES
    assert core.pushes[-1].result.status == (MAX_KEPT_PUSHES + 9) % 100


def test_what_was_not_sent_cannot_have_run():
    core, _ = logged_in()
    sent, _ = call(core)
    unsent = Pending("Q", None)
    core.call(unsent, encode_parameters("Q", []))
    core.lost("it broke")
    core.lost("again")
    assert str(sent.error) == "P: the call may have run: volt:1: it broke"
    assert str(unsent.error) == "Q: it was not sent: volt:1: it broke"
    assert (sent.error.may_have_run, unsent.error.may_have_run) == (True, False)
    with pytest.raises(ConnectionLost, match="R: it was not sent: volt:1: it broke"):
        core.call(Pending("R", None), encode_parameters("R", []))


def test_an_end_without_a_word_says_what_it_may_be():
    for is_tls, hint in (
        (False, "something that is not VoltDB (its port for clients is 21212)"),
        (True, "or be shutting down, or something other than VoltDB listens on this port"),
    ):
        core = Core("volt:1", PasswordLogin(), is_tls=is_tls)
        core.begin()
        core.eof()
        assert isinstance(core.error, CannotConnect)
        assert str(core.error).endswith(hint)


def test_a_refusal_of_tls_behind_the_handshake_is_told_as_one():
    alert = ssl.SSLError(1, "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required")
    alert.reason = "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    core = Core("volt:1", PasswordLogin(), is_tls=True)
    core.begin()
    core.broke(alert)
    assert isinstance(core.error, CannotConnect)
    assert str(core.error).startswith("volt:1: the server wants a client certificate: give a key store")
    core, _ = logged_in()
    pending, _ = call(core)
    core.broke(alert)
    assert str(pending.error).startswith("P: the call may have run: volt:1: the connection broke")


@given(st.data())
def test_whatever_comes_each_call_is_settled_once_and_nothing_else_is_raised(data):
    core, _ = logged_in()
    calls = [call(core)[0] for _ in range(3)]
    good = [framed(build(Response(client_handle=handle))) for handle in (1, 2, 2, 99, TOPOLOGY)]
    parts = data.draw(st.lists(st.one_of(st.sampled_from(good), st.binary(max_size=30)), max_size=6))
    wire = b"".join(parts)
    for start, stop in itertools.pairwise(
        [0, *sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=3))), len(wire)]
    ):
        if core.error is None:
            core.received(wire[start:stop])
    core.eof()
    assert all((pending.answer is None) is not (pending.error is None) for pending in calls)
    assert core.pending == {}
    assert isinstance(core.error, ConnectionLost)
