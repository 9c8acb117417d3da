"""The server's side alone: odd clients, and what is refused. Conversations are in test_client_side."""

import pytest

from volttools.codec import build, parse
from volttools.errors import ProtocolError
from volttools.formats.login import LoginResponse
from volttools.formats.response import Response, ResponseHead
from volttools.protocol import server_side as server
from volttools.protocol.client_side import ClientSide
from volttools.protocol.frame_buffer import framed
from volttools.protocol.server_side import ServerSide
from volttools.protocol.states import State

ACCEPTED = LoginResponse(host_id=0, connection_id=7, cluster_start=1, leader_address=2, build="11.4")


def ready() -> ServerSide:
    side = ServerSide()
    list(side.receive(ClientSide().login()))
    side.accept(ACCEPTED)
    return side


def call(handle: int = 1) -> bytes:
    other = ClientSide()
    other.state = State.READY
    return other.call("P", client_handle=handle)[1]


def test_calls_behind_the_log_in_wait_for_its_answer():
    side = ServerSide()
    (asked,) = side.receive(ClientSide().login() + call(5) + call(6)[:7])
    assert isinstance(asked, server.LoginAsked)
    side.accept(ACCEPTED)
    assert [event.invocation.client_handle for event in side.early()] == [5]
    assert [event.invocation.client_handle for event in side.receive(call(6)[7:])] == [6]
    assert list(side.early()) == []


def test_a_frame_that_is_no_invocation_is_answered_under_the_connection_s_id():
    side = ready()
    (malformed,) = side.receive(framed(b"\x03"))
    assert malformed == server.Malformed(body=b"\x03", status_string=None)
    assert side.answer_malformed(Response(client_handle=7, status=-3))
    assert side.state is State.READY


def test_a_recorded_response_is_sent_as_it_was_under_its_handle():
    side = ready()
    list(side.receive(call(5)))
    recorded = parse(ResponseHead, build(Response(client_handle=99, status=-2, status_string="no")))
    sent = side.respond(recorded.replace(client_handle=5))
    assert sent == framed(build(Response(client_handle=5, status=-2, status_string="no")))
    assert side.in_flight == 0


def test_only_calls_in_flight_are_answered_and_only_pushes_pushed():
    side = ready()
    with pytest.raises(ValueError, match="no call with client handle 1 is in flight"):
        side.respond(Response(client_handle=1))
    with pytest.raises(ValueError, match="client handle 1 is no push's"):
        side.push(Response(client_handle=1))
    list(side.receive(call() + call()))
    side.respond(Response(client_handle=1))
    side.respond(Response(client_handle=1))
    with pytest.raises(ValueError, match="no call with client handle 1 is in flight"):
        side.respond(Response(client_handle=1))


@pytest.mark.parametrize("first", ["00", "0101", "010100000008646174"])
def test_a_first_frame_that_is_no_log_in_ends_the_connection(first):
    with pytest.raises(ProtocolError, match="the first frame is no log-in"):
        list(ServerSide().receive(framed(bytes.fromhex(first))))


def test_a_frame_that_is_too_long_ends_the_connection():
    with pytest.raises(ProtocolError, match="a frame of length 52,428,801"):
        list(ready().receive((52_428_801).to_bytes(4, "big")))


def test_nothing_is_said_twice():
    side = ready()
    with pytest.raises(
        ProtocolError, match="an accepted log-in from the server on a connection that is ready"
    ):
        side.accept(ACCEPTED)
