"""The client's side, joined to the server's by a pretend wire, and alone against odd servers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.codec import build
from volttools.errors import EncodeError, ProtocolError
from volttools.formats.invocation import Extension
from volttools.formats.login import KerberosServiceName, KerberosToken, LoginRequest, LoginResponse
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.types import BIGINT, INTEGER
from volttools.protocol import client_side as client
from volttools.protocol import server_side as server
from volttools.protocol.client_side import ClientSide
from volttools.protocol.frame_buffer import framed
from volttools.protocol.server_side import ServerSide
from volttools.protocol.states import State

ACCEPTED = LoginResponse(host_id=0, connection_id=7, cluster_start=1, leader_address=2, build="11.4")
TOPOLOGY = 2**63 - 2


def logged_in() -> tuple[ClientSide, ServerSide]:
    ours, theirs = ClientSide(), ServerSide()
    (asked,) = theirs.receive(ours.login(user="op", password="secret"))
    assert isinstance(asked, server.LoginAsked)
    assert list(ours.receive(theirs.accept(ACCEPTED))) == [client.LoggedIn(response=ACCEPTED)]
    return ours, theirs


def response(handle: int, status: int = 1) -> Response:
    return Response(client_handle=handle, status=status)


def test_a_log_in_carries_the_digest_of_the_password():
    (asked,) = ServerSide().receive(ClientSide().login(user="op", password="secret"))
    assert (asked.request.user, asked.request.version, asked.request.hash_scheme) == ("op", 1, 1)
    assert asked.request.password_hash.hex().startswith("2bb80d537b1da3e3")
    (old,) = ServerSide().receive(ClientSide().login(password="secret", version=0))
    assert (old.request.hash_scheme, old.request.password_hash.hex()[:8]) == (None, "e5e9fa1b")


def test_a_call_and_its_answer():
    ours, theirs = logged_in()
    handle, data = ours.call("Vote", [Parameter.of(BIGINT, 42)])
    (called,) = theirs.receive(data)
    assert (called.invocation.procedure, called.invocation.client_handle, handle) == ("Vote", 1, 1)
    assert (ours.in_flight, theirs.in_flight) == (1, 1)
    answer = response(handle)
    assert list(ours.receive(theirs.respond(answer))) == [client.Answered(client_handle=1, response=answer)]
    assert (ours.in_flight, theirs.in_flight) == (0, 0)


def test_extensions_make_a_version_2_invocation():
    ours, theirs = logged_in()
    _, data = ours.call("Vote", extensions=[Extension(type=5, payload=4)])
    (called,) = theirs.receive(data)
    assert (called.invocation.version, called.invocation.extensions) == (2, [Extension(type=5, payload=4)])


@given(st.data())
def test_any_order_of_answers_and_any_split_reaches_the_right_calls(data):
    ours, theirs = logged_in()
    handles = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=12))
    for handle in handles:
        list(theirs.receive(ours.call("P", client_handle=handle)[1]))
    order = data.draw(st.permutations(handles))
    wire = b"".join(theirs.respond(response(handle, -index)) for index, handle in enumerate(order))
    answers = []
    while wire:
        size = data.draw(st.integers(1, 30))
        answers += ours.receive(wire[:size])
        wire = wire[size:]
    assert [(a.client_handle, a.response.status) for a in answers] == [(h, -i) for i, h in enumerate(order)]
    assert ours.in_flight == theirs.in_flight == 0


def test_a_late_response_is_no_other_call_s():
    ours, theirs = logged_in()
    list(theirs.receive(ours.call("Sleep", client_handle=1)[1]))
    ours.give_up(1)
    assert ours.in_flight == 0
    list(theirs.receive(ours.call("@Ping", client_handle=1)[1]))
    first, second = response(1, -2), response(1)
    wire = theirs.respond(first) + theirs.respond(second)
    assert list(ours.receive(wire)) == [
        client.LateResponse(client_handle=1, response=first),
        client.Answered(client_handle=1, response=second),
    ]
    with pytest.raises(KeyError):
        ours.give_up(1)


def test_pushes_and_responses_of_nobody_s():
    ours, theirs = logged_in()
    push, stray = response(TOPOLOGY), response(7, -3)
    wire = theirs.push(push) + theirs.answer_malformed(stray)
    assert list(ours.receive(wire)) == [client.Pushed(response=push), client.Unasked(response=stray)]
    ours.call("P", client_handle=TOPOLOGY)  # a request may have any handle, and gets its answer
    assert list(ours.receive(framed(build(push)))) == [client.Answered(client_handle=TOPOLOGY, response=push)]


def test_a_message_that_cannot_be_read_costs_itself_only():
    ours, theirs = logged_in()
    handle, data = ours.call("P")
    list(theirs.receive(data))
    odd, answered = ours.receive(framed(b"\0" * 12) + theirs.respond(response(handle)))
    assert isinstance(odd, client.Unreadable)
    assert odd.body == b"\0" * 12
    assert isinstance(answered, client.Answered)


@pytest.mark.parametrize(("status", "reason"), [(-1, "wrong user or password"), (99, "unknown status 99")])
def test_a_refusal_says_why(status, reason):
    ours, theirs = ClientSide(), ServerSide()
    list(theirs.receive(ours.login()))
    (refused,) = ours.receive(theirs.refuse(status))
    assert (refused.reason, ours.state, theirs.state) == (reason, State.REFUSED, State.REFUSED)
    with pytest.raises(ProtocolError, match="an invocation from the client on a connection that is refused"):
        ours.call("P")


def test_a_full_server_says_one_byte():
    ours, theirs = ClientSide(), ServerSide()
    ours.login()
    assert list(ours.receive(theirs.refuse_full())) == []
    refused, closed = ours.end()
    assert refused.reason == "the server has reached its limit of connections"
    assert closed == client.Closed(unanswered=[], cut=b"")


def test_kerberos_goes_to_and_fro():
    ours, theirs = ClientSide(), ServerSide()
    list(theirs.receive(ours.login(service="kerberos")))
    (asked,) = ours.receive(theirs.kerberos_service("volt/host@REALM"))
    assert asked.message == KerberosServiceName(principal="volt/host@REALM")
    assert list(theirs.receive(ours.kerberos_token(b"one"))) == [server.TokenReceived(token=b"one")]
    (asked,) = ours.receive(theirs.kerberos_token(b"two"))
    assert asked.message == KerberosToken(token=b"two")
    assert list(ours.receive(theirs.accept(ACCEPTED))) == [client.LoggedIn(response=ACCEPTED)]


def test_the_end_tells_what_was_not_answered_and_what_was_cut():
    ours, theirs = logged_in()
    for handle in (1, 2, 2):
        list(theirs.receive(ours.call("P", client_handle=handle)[1]))
    ours.give_up(1)
    whole = theirs.respond(response(2))
    list(ours.receive(whole[:10]))
    assert ours.end() == [client.Closed(unanswered=[2, 2], cut=whole[:10])]
    assert theirs.end() == [server.Disconnected(unanswered=[1, 2], cut=b"")]
    with pytest.raises(ProtocolError, match="on a connection that is closed"):
        ours.call("P")


def test_nothing_is_in_flight_that_could_not_be_written():
    ours, _ = logged_in()
    with pytest.raises(EncodeError, match="expected i32"):
        ours.call("P", [Parameter.of(INTEGER, 2**31)])
    assert ours.in_flight == 0
    assert ours.call("P")[0] == 1


def test_an_answer_to_the_log_in_that_cannot_be_read_ends_the_connection():
    ours = ClientSide()
    ours.login()
    with pytest.raises(ProtocolError, match="the answer to the log-in can't be read"):
        list(ours.receive(framed(b"\0\0\0")))


# --------------------------------------------------------------------------- log-in


class Kerberos:
    """A strategy that counts tokens, and needs two."""

    def __init__(self):
        self.left = 2

    def request(self):
        return LoginRequest(service="kerberos", user="op@X")

    def answer(self, message):
        self.left -= 1
        return KerberosToken(token=b"ours") if self.left else None

    def accepted(self):
        if self.left:
            raise ProtocolError("not proven")


def test_a_strategy_answers_until_it_has_nothing_to_say():
    ours, theirs = ClientSide(), ServerSide()
    (asked,) = theirs.receive(ours.login_by(Kerberos()))
    assert (asked.request.service, asked.request.user) == ("kerberos", "op@X")
    (service,) = ours.receive(theirs.kerberos_service("volt/x@X"))
    (token,) = theirs.receive(ours.answer_kerberos(service.message))
    assert token == server.TokenReceived(token=b"ours")
    (answer,) = ours.receive(theirs.kerberos_token(b"theirs"))
    assert ours.answer_kerberos(answer.message) == b""
    assert list(ours.receive(theirs.accept(ACCEPTED))) == [client.LoggedIn(response=ACCEPTED)]


def test_a_strategy_that_is_not_content_is_not_logged_in():
    ours, theirs = ClientSide(), ServerSide()
    list(theirs.receive(ours.login_by(Kerberos())))
    with pytest.raises(ProtocolError, match="not proven"):
        list(ours.receive(theirs.accept(ACCEPTED)))
    assert ours.state is State.LOGGING_IN


def test_kerberos_is_not_answered_by_a_password_or_before_a_log_in():
    ours, theirs = ClientSide(), ServerSide()
    list(theirs.receive(ours.login(user="op", password="secret")))
    (asked,) = ours.receive(theirs.kerberos_service("volt/x@X"))
    with pytest.raises(ProtocolError, match="the server asks for Kerberos, and the log-in is by password"):
        ours.answer_kerberos(asked.message)
    with pytest.raises(ProtocolError, match="a Kerberos message before the log-in"):
        ClientSide().answer_kerberos(asked.message)


@pytest.mark.parametrize(
    ("received", "message"),
    [
        (b"HTTP/1.1 400 Bad Request", "the server answers in HTTP: VoltDB's port for clients is 21212"),
        (bytes.fromhex("15030300020246"), "the server answers in TLS: connect with TLS"),
        (b"\xff\xff\xff\xff", "a frame of length -1; "),
    ],
)
def test_an_answer_that_is_not_voltdb_s_is_named(received, message):
    side = ClientSide()
    side.login()
    with pytest.raises(ProtocolError) as raised:
        list(side.receive(received))
    assert str(raised.value).startswith(message)


def test_behind_the_log_in_broken_framing_is_no_other_protocol():
    ours, _ = logged_in()
    with pytest.raises(ProtocolError, match="a frame of length 1,213,486,160; "):
        list(ours.receive(b"HTTP/1.1 400 Bad Request"))
