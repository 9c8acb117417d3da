"""From a JSON line back to an event: frames with their places and times, and who spoke.

The inverse of `lines.event_line`, as far as lines go: what an event's messages say is read from
its frames again, and what can't be read from them (lost, late) from the line.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from volttools.codec import parse
from volttools.errors import DecodeError, EncodeError
from volttools.formats.frame import MAX_FRAME_BYTES
from volttools.formats.login import LoginRequest, LoginResponse
from volttools.formats.notation import shown
from volttools.jsonlines.lines import SCHEMA
from volttools.jsonlines.members import Members
from volttools.jsonlines.messages import (
    INVOCATION_MEMBERS,
    LOGIN_MEMBERS,
    RESPONSE_MEMBERS,
    framed_body,
    invocation_body,
    kerberos_body,
    login_body,
    login_response_body,
    response_body,
)
from volttools.jsonlines.values import Json
from volttools.protocol.endpoints import read_endpoint
from volttools.protocol.events import (
    DAMAGE_KINDS,
    Connection,
    Damage,
    Direction,
    Event,
    Exchange,
    Frame,
    Login,
    Push,
)
from volttools.protocol.frames import ENDINGS, CloseKind
from volttools.protocol.login import kerberos_message
from volttools.protocol.shapes import invocation_head, response_head

Connect = Callable[[int | None, str | None, str | None], Connection]
"""Gives the Connection with a number, between two endpoints; the last one where the line says nothing."""

_FRAMES = ("request_frame", "response_frame", "response_time_ns", "request_part", "response_part")
_PARTIAL = ("request_partial", "response_partial", "response_incomplete")
_COMMON = ("kind", "connection", "client", "server", "time_ns", "latency_ns", "response", "notes")
_EXCHANGE = (
    *_COMMON,
    *INVOCATION_MEMBERS,
    *_FRAMES,
    *_PARTIAL,
    "number",
    "request_lost",
    "response_lost",
    "request_after_gap",
    "response_after_gap",
    "malformed",
    "late",
    "context",
)
_LOGIN = (*_COMMON, *LOGIN_MEMBERS, *_FRAMES, *_PARTIAL, "kerberos", "server_full", "tls", "context")
_PUSH = (*_COMMON, "name", "client_handle", "response_frame", "response_part", *_PARTIAL, "context")
_DAMAGE = (
    *("kind", "what", "message", "connection", "direction", "offset", "length", "time_ns", "file"),
    *("exchange", "frame", "frame_hex", "frame_part", "context"),
)
_L = TypeVar("_L", LoginRequest, LoginResponse)
_CLOSE_KINDS: dict[str, CloseKind] = {kind: kind for kind in ENDINGS}
_DIRECTIONS = {direction.value: direction for direction in Direction}


class LineReader:
    """Makes events of the lines of one file.

    connect  finds connections
    """

    def __init__(self, connect: Connect, *, file: str | None = None) -> None:
        self._connect = connect
        self._file = file
        self._offset = 0

    def event(self, found: Json, offset: int = 0) -> Event | None:
        """The event of a line; None for lines that tell of none. EncodeError for what is no line.

        offset  of the line in its file
        """
        self._offset = offset
        line = Members(found)
        kind = line.text("kind", "exchange")
        if kind == "capture":
            if line.required_number("schema", SCHEMA) > SCHEMA:
                raise line.error("schema", f"at most {SCHEMA}: a newer volttools wrote this")
            return None
        if kind == "summary":
            return None
        readers: dict[str | None, Callable[[Members], Event]] = {
            "exchange": self._exchange,
            "fragment": self._exchange,
            "login": self._login,
            "push": self._push,
            "damage": self._damage,
        }
        if kind not in readers:
            raise line.error("kind", "one of capture, exchange, fragment, login, push, damage, summary")
        return readers[kind](line)

    # ------------------------------------------------------------- kinds of events

    def _exchange(self, line: Members) -> Exchange:
        line.only_or_within("response", RESPONSE_MEMBERS, *_EXCHANGE)
        request = self._request(line, invocation_body(line))
        response = self._response(line, response_body(line))
        _check_part(line, "request_part", request, ("procedure", "client_handle", "version"))
        _check_part(line, "response_part", response, ("client_handle",))
        if request is None and response is None:
            raise EncodeError("neither a call nor a response: give procedure and params, or a response")
        exchange = Exchange(
            connection=self._connection(line),
            number=line.ordinal("number"),
            request_frame=request,
            response_frame=response,
            request_lost=line.flag("request_lost"),
            response_lost=line.flag("response_lost"),
            is_late=line.flag("late"),
        )
        exchange.client_handle = line.number("client_handle")
        if request is not None and (head := invocation_head(request.readable)) is not None:
            exchange.procedure, exchange.client_handle = head.procedure, head.client_handle
        if response is not None and (answer := response_head(response.readable)) is not None:
            exchange.status, exchange.client_handle = answer.status, answer.client_handle
        exchange.notes = _notes(line, exchange.remarks)
        return exchange

    def _login(self, line: Members) -> Login:
        line.only(*_LOGIN)
        login = Login(
            connection=self._connection(line),
            request_frame=self._request(line, login_body(line)),
            response_frame=self._response(line, login_response_body(line)),
            server_full=line.flag("server_full"),
        )
        login.connection.tls = line.text("tls")
        login.connection.is_tls = login.connection.tls is not None
        for found in line.objects("kerberos"):
            frame = self._kerberos(found)
            message = kerberos_message(frame)
            if message is None:
                raise found.error("frame_hex", "a message of the Kerberos exchange")
            login.kerberos.append((frame, message))
        if login.request_frame is not None and login.request_frame.is_whole:
            login.request = _parsed(LoginRequest, login.request_frame)
            login.connection.user = login.request.user
        if login.response_frame is not None and login.response_frame.is_whole:
            login.response = _parsed(LoginResponse, login.response_frame)
        login.notes = _notes(line, login.remarks)
        return login

    def _push(self, line: Members) -> Push:
        line.only(*_PUSH)
        frame = self._response(line, response_body(line))
        if frame is None:
            raise line.error("response", "what was pushed")
        frame.seen_at_ns = frame.began_at_ns = line.time("time_ns")
        head = response_head(frame.readable)
        handle = line.required_number("client_handle", 0) if head is None else head.client_handle
        push = Push(connection=self._connection(line), frame=frame, client_handle=handle)
        push.notes = _notes(line, push.remarks)
        return push

    def _damage(self, line: Members) -> Damage:
        line.only(*_DAMAGE)
        direction = line.text("direction")
        body = framed_body(line)
        frame = None
        if direction is not None:
            side = line.choice("direction", _DIRECTIONS)
            frame = self._frame(line, "frame_part", side, body)
        if frame is not None:
            frame.number = line.ordinal("frame")
            frame.seen_at_ns = line.time("time_ns")
        has_connection = line.value("connection") is not None
        return Damage(
            what=line.choice("what", {what: what for what in DAMAGE_KINDS}),
            message=line.text("message") or "",
            connection=self._connection(line) if has_connection else None,
            direction=_DIRECTIONS.get(direction or ""),
            offset=line.number("offset"),
            length=line.number("length"),
            seen_at_ns=line.time("time_ns"),
            frame=frame,
            file=line.text("file"),
            exchange=line.number("exchange"),
        )

    # ------------------------------------------------------------- their parts

    def _connection(self, line: Members) -> Connection:
        client, server = line.endpoint("client"), line.endpoint("server")
        if client and server and len(read_endpoint(client)[0]) != len(read_endpoint(server)[0]):
            raise line.error("server", "an address of the same kind as the client's")
        number = None if line.value("connection") is None else line.ordinal("connection")
        return self._connect(number, client, server)

    def _request(self, line: Members, body: bytes | None) -> Frame | None:
        side = Direction.CLIENT
        frame = self._frame(line, "request_part", side, body)
        if frame is not None:
            frame.number = line.ordinal("request_frame")
            frame.seen_at_ns = frame.began_at_ns = line.time("time_ns")
            frame.after_gap = line.flag("request_after_gap")
        return frame

    def _response(self, line: Members, body: bytes | None) -> Frame | None:
        side = Direction.SERVER
        frame = self._frame(line, "response_part", side, body)
        if frame is not None:
            frame.number = line.ordinal("response_frame")
            frame.after_gap = line.flag("response_after_gap")
            frame.seen_at_ns = line.time("response_time_ns")
            time_ns, latency_ns = line.time("time_ns"), line.number("latency_ns")
            if frame.seen_at_ns is None and time_ns is not None and latency_ns is not None:
                frame.seen_at_ns = time_ns + latency_ns
            frame.began_at_ns = frame.seen_at_ns
        return frame

    def _kerberos(self, found: Members) -> Frame:
        frame = self._whole(found.choice("from", _DIRECTIONS), kerberos_body(found))
        frame.number = found.ordinal("frame")
        frame.seen_at_ns = frame.began_at_ns = found.time("time_ns")
        return frame

    def _frame(self, line: Members, part: str, direction: Direction, body: bytes | None) -> Frame | None:
        """A frame of which a line tells the body, or what is there of it."""
        if body is None:
            return self._partial(line, part, direction)
        if line.value(part) is not None:
            raise line.error(part, "null: the line tells all of the frame")
        return self._whole(direction, body)

    def _whole(self, direction: Direction, body: bytes) -> Frame:
        return Frame(direction=direction, body=body, length=len(body), offset=self._offset, file=self._file)

    def _partial(self, line: Members, name: str, direction: Direction) -> Frame | None:
        """A frame of which not all is there."""
        part = line.object(name)
        if part is None:
            return None
        part.only("length", "missing", "body_hex", "closed_by", "status")
        body = part.bytes("body_hex") or b""
        length = part.required_number("length", len(body))
        if not 0 <= length <= MAX_FRAME_BYTES:
            raise part.error("length", f"a number of 0 .. {MAX_FRAME_BYTES:,}")
        missing: list[tuple[int, int]] = []
        for index, found in enumerate(part.items("missing") or []):
            start = missing[-1][1] if missing else 0
            is_range = isinstance(found, list) and len(found) == 2 and all(type(n) is int for n in found)
            if not is_range or not start <= found[0] < found[1] <= length:
                path = f"{part.place('missing')}[{index}]"
                raise EncodeError("expected [from, to] within the frame, behind the one before", path=path)
            if any(body[found[0] : found[1]]):
                raise part.error(
                    "body_hex", f"zeros from byte {found[0]:,} to {found[1]:,}, which are missing"
                )
            missing.append((found[0], found[1]))
        if not missing or len(body) > length or not missing[-1][0] <= len(body):
            raise part.error("missing", "the ranges of the body that are not there")
        closed_by = None
        if part.value("closed_by") is not None:
            closed_by = part.choice("closed_by", _CLOSE_KINDS)
        frame = self._whole(direction, body)
        frame.length, frame.missing, frame.closed_by = length, missing, closed_by
        return frame


def _check_part(line: Members, part: str, frame: Frame | None, names: tuple[str, ...]) -> None:
    """EncodeError for a member that says otherwise than the bytes of a message that isn't all there."""
    if frame is None or frame.is_whole:
        return
    head = (invocation_head if frame.direction is Direction.CLIENT else response_head)(frame.readable)
    for name in names:
        said = line.value(name)
        if head is not None and said is not None and said != (known := getattr(head, name)):
            raise line.error(name, f"{shown(known)}, which the bytes of {part} say: change those")


def _notes(line: Members, found: list[str]) -> list[str]:
    """The line's notes, without those that are found again when the messages are read."""
    notes = [str(note) for note in line.items("notes") or []]
    return [note for note in notes if note not in found]


def _parsed(kind: type[_L], frame: Frame) -> _L:
    try:
        return parse(kind, frame.body)
    except DecodeError as error:
        raise EncodeError(f"the bytes are no log-in: {error.message}", path="frame_hex") from None
