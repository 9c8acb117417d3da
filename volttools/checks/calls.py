"""Rules on calls and their responses: is each answered, once, and in time?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from volttools.checks.finding import Found, Rule, Severity
from volttools.checks.state import ConnectionState, answers_malformed
from volttools.formats.response import is_push_handle
from volttools.protocol.events import Direction, Exchange, Push
from volttools.protocol.frames import CLOSED
from volttools.protocol.pairing import ANOTHER_HANDLE

DAMAGE, VIOLATION, NOTE = Severity.DAMAGE, Severity.VIOLATION, Severity.NOTE

SHUTDOWN: Final = "@shutdown"


def _name(call: Exchange) -> str:
    return "a call" if call.procedure is None else call.procedure


def _has_no_response(call: Exchange) -> bool:
    return call.response_frame is None and not call.response_lost


def _is_shutdown(call: Exchange) -> bool:
    return (call.procedure or "").lower() == SHUTDOWN


def _was_passed_over(call: Exchange) -> bool:
    """Whether the server answered under another handle, and both went on."""
    return ANOTHER_HANDLE in call.notes


def _was_open_at_end(call: Exchange) -> bool:
    """Whether nobody ended the connection, so that an answer may have come after the capture."""
    return call.connection.closed_kind not in CLOSED and not _was_passed_over(call)


def _is_certain(state: ConnectionState) -> bool:
    """Whether nothing of the connection is missing, so that what is not there was not sent."""
    return not state.damaged


def _why(call: Exchange) -> str:
    return call.notes[0] if call.notes else "unanswered"


def _unanswered(call: Exchange, state: ConnectionState) -> Iterator[Found]:
    if not _has_no_response(call) or _was_open_at_end(call) or _is_shutdown(call):
        return
    if Direction.SERVER in state.damaged:
        return  # its response may be what is missing
    message = f"{_name(call)} is {_why(call)}"
    if state.malformed_answers:
        message += (
            "; responses under the connection's id came: the server could not read a call, maybe this one"
        )
    yield Found(message, side="server" if _was_passed_over(call) else call.connection.closed_by)


def _shutdown(call: Exchange, state: ConnectionState) -> Iterator[Found]:
    if _has_no_response(call) and _is_shutdown(call):
        yield Found("@Shutdown got no response; the server seldom sends one")


def _in_flight_at_end(call: Exchange, state: ConnectionState) -> Iterator[Found]:
    if _has_no_response(call) and _was_open_at_end(call) and not _is_shutdown(call):
        yield Found(f"{_name(call)} is {_why(call)}")


def _response_lost(call: Exchange, state: ConnectionState) -> Iterator[Found]:
    if call.response_lost:
        yield Found(f"the response to {_name(call)} is missing from the capture")
    elif Direction.SERVER in state.damaged and _has_no_response(call) and not _was_open_at_end(call):
        yield Found(
            f"{_name(call)} has no response, but bytes of the server are missing from the capture:"
            " it may be among them"
        )


def _request_lost(call: Exchange, state: ConnectionState) -> Iterator[Found]:
    if call.request_lost:
        yield Found(
            f"the request to the response with handle {call.client_handle} is missing from the capture"
        )


def _late(call: Exchange, state: ConnectionState) -> Iterator[Found]:
    if call.is_late and _is_certain(state) and not state.handles_vary:
        yield Found(
            f"the response to {_name(call)} came when the client had sent another call with the same handle,"
            f" {call.client_handle}: it had given up on this one, and may take the response for the other's",
            frame=call.response_frame,
        )


def _handle_in_use(call: Exchange, state: ConnectionState) -> Iterator[Found]:
    if call.is_late and _is_certain(state) and state.handles_vary:
        yield Found(
            f"while {_name(call)} was in flight, another call was sent with its handle, {call.client_handle}:"
            " nothing but their order tells the responses apart"
        )


def _reserved_handle(call: Exchange, state: ConnectionState) -> Iterator[Found]:
    if call.request_frame is not None and is_push_handle(call.client_handle or 0):
        yield Found(
            f"{_name(call)} was called with the handle {call.client_handle}, which is reserved for pushes:"
            " readers take its response for one",
            "invocation.client_handle",
        )


def _before_login(call: Exchange, state: ConnectionState) -> Iterator[Found]:
    answer, request = state.login_answer, call.request_frame
    if answer is not None and request is not None and 0 < request.number < answer:
        yield Found(
            f"{_name(call)} was sent before the log-in was answered; a TLS port loses such calls, a plain one doesn't"
        )


def _unasked(push: Push, state: ConnectionState) -> Iterator[Found]:
    if not is_push_handle(push.client_handle) and not answers_malformed(push):
        yield Found(f"a response to nobody: no call with the handle {push.client_handle} is in flight")


def _malformed_answered(push: Push, state: ConnectionState) -> Iterator[Found]:
    if answers_malformed(push):
        text = push.response.status_string if push.response is not None else None
        yield Found(
            f"the server could not read a call, and answered under the connection's id, {push.client_handle}"
            + (f": {text}" if text else "")
        )


# fmt: off
CALL_RULES: tuple[Rule[Exchange], ...] = (
    Rule("response-lost",      DAMAGE,    None,     "a call whose response is missing from the capture", "TCP sequence numbers", _response_lost),
    Rule("request-lost",       DAMAGE,    None,     "a response whose call is missing from the capture", "TCP sequence numbers", _request_lost),
    Rule("in-flight-at-end",   DAMAGE,    None,     "a call that waits for its response when the capture ends", "ClientInterface.java: each invocation has a response", _in_flight_at_end),
    Rule("unanswered",         VIOLATION, None,     "the connection ended, or went on, without the response to a call", "ClientInterface.java: each invocation has a response", _unanswered),
    Rule("late-response",      VIOLATION, "client", "a client that always has the same handle sent its next call before this response", "voltdbclient: the handle is always 1, and never compared", _late),
    Rule("handle-in-use",      VIOLATION, "client", "a call was sent with the handle of one that is in flight", "responses come as they are ready, matched by handle only", _handle_in_use),
    Rule("reserved-handle",    VIOLATION, "client", "a call with a handle above 2^63-65 that is not the ping's", "voltclient: MAX_CLIENT_HANDLE", _reserved_handle),
    Rule("call-before-login",  NOTE,      "client", "a call sent before the log-in was answered", "observed: answered on a plain port, lost with TLS", _before_login),
    Rule("shutdown",           NOTE,      None,     "@Shutdown without a response, as usual", "observed: the connection is dropped", _shutdown),
)
UNASKED_RULES: tuple[Rule[Push], ...] = (
    Rule("unasked-response",   VIOLATION, "server", "a response with a handle that no call in flight has", "ClientResponseImpl.java: the handle as sent", _unasked),
    Rule("malformed-answered", NOTE,      "server", "a response under the connection's id: the server could not read a call", "ClientInterface.java: handleRead", _malformed_answered),
)
# fmt: on
