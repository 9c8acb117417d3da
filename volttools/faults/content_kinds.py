"""Faults of what a message says: another status, another handle, a field that is wrong, a push between.

Fields are found by their path through the declarations; nothing here knows where a field stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from volttools.codec import build, parse, spans
from volttools.codec.spans import Span
from volttools.errors import DecodeError
from volttools.faults.actions import Plan, Send, first_sending, with_data
from volttools.faults.draws import Draw
from volttools.faults.kinds import CannotApply, Chosen, Kind, Place, Subject, body_of
from volttools.faults.parameters import choice, field_path, hex_bytes, text, whole
from volttools.formats.login import LoginResponse
from volttools.formats.notation import Record
from volttools.formats.response import (
    HIGHEST_CLIENT_HANDLE,
    PUSH_HANDLES,
    STATUSES,
    SUCCESS,
    Response,
    ResponseHead,
)
from volttools.protocol.frame_buffer import framed

_STATUSES = {name: status for name, status in STATUSES.items() if status != SUCCESS}
_UNAVAILABLE = _STATUSES["SERVER_UNAVAILABLE"]

STATUS_TEXTS: Final[Mapping[int, str]] = {
    _STATUSES["USER_ABORT"]: "VOLTDB ERROR: USER ABORT",
    _STATUSES["GRACEFUL_FAILURE"]: "Request timed out at server before execution",
    _STATUSES["UNEXPECTED_FAILURE"]: "VOLTDB ERROR: UNEXPECTED FAILURE:",
    _UNAVAILABLE: "Server is paused and is available in read-only mode - please try again later.",
    _STATUSES["RESPONSE_UNKNOWN"]: (
        "Transaction dropped due to change in mastership. It is possible the transaction was committed"
    ),
    _STATUSES["TXN_RESTART"]: (
        "VOLTDB ERROR: TRANSACTION RESTART Transaction being restarted due to fault recovery or shutdown."
    ),
}
"""What the 11.4 server says with a status, where it was seen to send it."""


class Status(Kind):
    """The response is a failure with a status."""

    name = "status"
    place = Place.RESPONSE
    sees = "the call failed, with this status and text"
    parameters = (
        choice("status", "by name or number", _STATUSES),
        text("text", "the status string; empty: the server's own words, where they are known", ""),
    )

    def choose(self, given: Mapping[str, Any], draw: Draw, number: int, plan: Plan) -> Chosen:
        return {"status": given["status"], "text": given["text"] or STATUS_TEXTS.get(given["status"], "")}

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return _failed(plan, chosen["status"], chosen["text"])


class Busy(Kind):
    """The response is the refusal of a server that can't take the call now: SERVER_UNAVAILABLE."""

    name = "busy"
    place = Place.RESPONSE
    sees = "the call failed with SERVER_UNAVAILABLE: it may be tried again"
    parameters = (
        text("text", "the status string; by default that of a paused server", STATUS_TEXTS[_UNAVAILABLE]),
    )

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return _failed(plan, _UNAVAILABLE, chosen["text"])


class WrongHandle(Kind):
    """The response has the handle of no call, or of another one."""

    name = "wrong-handle"
    place = Place.RESPONSE
    sees = "the call times out; the answer is none to any call, and must do no harm"
    parameters = (whole("handle", "the handle; -1: one that is drawn", -1, least=-1),)

    def choose(self, given: Mapping[str, Any], draw: Draw, number: int, plan: Plan) -> Chosen:
        if given["handle"] >= 0:
            return {"handle": given["handle"]}
        half = HIGHEST_CLIENT_HANDLE // 2
        return {"handle": half + draw.whole(half)}  # no client has counted so far

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        def change(frame: bytes) -> bytes:
            return _changed(frame, ResponseHead, lambda head: head.replace(client_handle=chosen["handle"]))

        return with_data(plan, change)


class Corrupt(Kind):
    """One field of the response is wrong; the length of the message stays right."""

    name = "corrupt"
    place = Place.RESPONSE
    sees = "whatever the field makes of it: a wrong value, or a message that can't be read"
    parameters = (
        field_path("field", "its path, as `volttools decode -vv` shows it: tables[0].rows[0].NAME"),
        choice("how", "what becomes of its bytes", {how: how for how in ("flip", "zero", "ones")}, "flip"),
        hex_bytes("bytes", "what stands in their place, repeated or cut to fit; then `how` says nothing", ""),
    )

    def choose(self, given: Mapping[str, Any], draw: Draw, number: int, plan: Plan) -> Chosen:
        path, how, written = given["field"], given["how"], given["bytes"]
        if written:
            return {"field": path, "bytes": written}
        if how != "flip":
            return {"field": path, "bytes": {"zero": "00", "ones": "ff"}[how]}
        return {"field": path, "byte": draw.share(), "bit": draw.whole(8)}

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        if first_sending(plan) is None:
            raise CannotApply("nothing is sent")
        return with_data(plan, lambda frame: _corrupted(frame, subject.record, chosen))


class LoginCorrupt(Corrupt):
    """One field of the answer to a log-in is wrong; the length of the message stays right."""

    name = "login-corrupt"
    place = Place.LOGIN
    sees = "a wrong value, a refusal, or an answer that can't be read"
    parameters = (
        field_path("field", "its path: status, connection_id, build ..."),
        *Corrupt.parameters[1:],
    )


class UnexpectedPush(Kind):
    """A push comes before the response, whether the client subscribed or not."""

    name = "push"
    place = Place.RESPONSE
    sees = "a push that it may know or not; the call is answered"
    parameters = (
        choice("push", "which one", {name: name for name in PUSH_HANDLES if name != "ping"}, "topology"),
    )

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return _behind_waits(plan, Send(subject.push(chosen["push"])))


class GracefulStop(Kind):
    """The notice of a newer server that it is going to stop comes before the response."""

    name = "graceful-stop"
    place = Place.RESPONSE
    sees = "a push with which newer clients leave the node; the call is answered"

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return _behind_waits(plan, Send(subject.push("graceful stop")))


def _behind_waits(plan: Plan, sending: Send) -> Plan:
    at = first_sending(plan)
    at = 0 if at is None else at
    return (*plan[:at], sending, *plan[at:])


def _failed(plan: Plan, status: int, words: str) -> Plan:
    def change(frame: bytes) -> bytes:
        try:
            handle = parse(ResponseHead, body_of(frame)).client_handle
        except DecodeError as error:
            raise CannotApply(str(error)) from None
        return framed(build(Response(client_handle=handle, status=status, status_string=words or None)))

    return with_data(plan, change)


def _changed(frame: bytes, record: type[Record], change: Any) -> bytes:
    try:
        return framed(build(change(parse(record, body_of(frame)))))
    except DecodeError as error:
        raise CannotApply(str(error)) from None


def _corrupted(frame: bytes, record: type[Record], chosen: Chosen) -> bytes:
    body = bytearray(body_of(frame))
    span = _find(record, bytes(body), chosen["field"])
    length = span.end - span.start
    if not length:
        raise CannotApply(f"{chosen['field']} has no bytes here")
    if "bytes" in chosen:
        pattern = bytes.fromhex(chosen["bytes"])
        body[span.start : span.end] = (pattern * (length // len(pattern) + 1))[:length]
    else:
        body[span.start + int(chosen["byte"] * length)] ^= 1 << chosen["bit"]
    return framed(bytes(body))


def _find(record: type[Record], body: bytes, path: str) -> Span:
    """The span of a field in a message. Raises CannotApply if it has none."""
    try:
        span = spans(record, body)
    except DecodeError as error:
        if error.partial is None:
            raise CannotApply(str(error)) from None
        span = error.partial  # as far as it can be read
    for name in path.replace("[", ".[").split("."):
        inner = next((child for child in span.children if child.name == name), None)
        if inner is None:
            raise CannotApply(f"the message has no {path}")
        span = inner
    return span


def message_fields(place: Place) -> list[str]:
    """The outermost fields that a message at a place can have."""
    record: type[Record] = LoginResponse if place is Place.LOGIN else Response
    return [field.name for field in record.declaration.wire_fields()]


KINDS = (Status, Busy, WrongHandle, Corrupt, LoginCorrupt, UnexpectedPush, GracefulStop)
