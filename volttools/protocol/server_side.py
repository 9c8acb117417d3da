"""The server's side of a connection, without input or output: bytes in, events out.

    side = ServerSide()
    for event in side.receive(data): ...     # LoginAsked, then Called, ...
    send(side.accept(LoginResponse(...)))
    send(side.respond(Response(client_handle=event.invocation.client_handle)))

As a real server does: frames of 1 .. 50 MiB, anything else ends the connection; an
invocation whose head is wrong is answered with status -3 under the connection's id;
what is sent behind the log-in is kept until it is answered (a real server does that on a
plain port).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from volttools.codec import NumberError, build, head_writer, parse
from volttools.errors import DecodeError, ProtocolError
from volttools.formats.frame import MAX_REQUEST_BYTES, ServerFull
from volttools.formats.invocation import Invocation
from volttools.formats.login import KerberosServiceName, KerberosToken, LoginRequest, LoginResponse
from volttools.formats.response import Response, ResponseHead, is_push_handle
from volttools.protocol.events import Direction
from volttools.protocol.frame_buffer import FrameBuffer, framed
from volttools.protocol.refused_calls import RefusedCall, accepted_invocation
from volttools.protocol.states import State, Step, next_state

_write_head = head_writer(ResponseHead, "version", "client_handle", "fields_present", "status")

_READY = State.READY  # once, as looking a member up takes a while


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginAsked:
    """A client wants in: `accept`, `refuse`, or `kerberos_service` first."""

    request: LoginRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenReceived:
    """The next token of the client's GSSAPI context."""

    token: bytes


@dataclass(slots=True)
class Called:
    """An invocation of `size` bytes; its parameters may be `Opaque` if they can't be read."""

    invocation: Invocation
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """A frame whose head is no invocation's: answered under the connection's id.

    status_string  what a real server answers, with status -3; None: no text
    """

    body: bytes
    status_string: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnected:
    """The connection has ended. `unanswered`: handles that got no response; `cut`: half a message."""

    unanswered: list[int]
    cut: bytes


ServerEvent = LoginAsked | TokenReceived | Called | Malformed | Disconnected


class ServerSide:
    """One connection as its server sees it. `state` says where it is."""

    def __init__(self, *, max_request_bytes: int = MAX_REQUEST_BYTES) -> None:
        self.state = State.CONNECTED
        self._frames = FrameBuffer(max_request_bytes)
        self._early: deque[bytes] = deque()  # frames that came behind the log-in, before its answer
        self._in_flight: dict[int, int] = {}  # calls, by client handle

    @property
    def in_flight(self) -> int:
        """Calls that have no response yet."""
        return sum(self._in_flight.values())

    # ---------------------------------------------------------- receiving

    def receive(self, data: bytes) -> Iterator[ServerEvent]:
        """What bytes of the client mean. Raises ProtocolError when it breaks the protocol."""
        for body in self._frames.feed(data):
            if self.state is _READY:  # as `_message`, for what nearly all are
                yield self._call(body)
            else:
                yield from self._message(body)

    def early(self) -> Iterator[ServerEvent]:
        """What the client had sent before it was accepted; ask once, behind `accept`."""
        while self._early:
            yield from self._message(self._early.popleft())

    def end(self) -> list[ServerEvent]:
        """The connection was closed, by whomever."""
        unanswered = [handle for handle, count in self._in_flight.items() for _ in range(count)]
        self._in_flight.clear()
        self._step(Step.CLOSE)
        return [Disconnected(unanswered=unanswered, cut=self._frames.rest)]

    def _message(self, body: bytes) -> Iterator[ServerEvent]:
        if self.state is _READY:
            yield self._call(body)
        elif self.state is State.CONNECTED:
            self._step(Step.LOGIN, Direction.CLIENT)
            yield LoginAsked(request=_login(body))
        elif self.state is State.KERBEROS:
            self._step(Step.KERBEROS_TOKEN, Direction.CLIENT)
            yield TokenReceived(token=_token(body))
        elif self.state is State.LOGGING_IN:
            self._early.append(body)
        else:
            self._step(Step.INVOCATION, Direction.CLIENT)  # raises

    def _call(self, body: bytes) -> ServerEvent:
        try:
            invocation = accepted_invocation(body)
        except RefusedCall as refused:
            return Malformed(body=body, status_string=refused.status_string)
        handle, in_flight = invocation.client_handle, self._in_flight
        in_flight[handle] = in_flight.get(handle, 0) + 1
        return Called(invocation, len(body))

    # ------------------------------------------------------------ sending

    def accept(self, response: LoginResponse) -> bytes:
        """Let the client in."""
        self._step(Step.ACCEPT)
        return framed(build(response))

    def refuse(self, status: int) -> bytes:
        """Refuse the log-in (see LOGIN_STATUS); close behind it."""
        self._step(Step.REFUSE)
        return framed(build(LoginResponse(status=status)))

    def refuse_full(self) -> bytes:
        """The one byte of a server that has reached its limit; close behind it."""
        self._step(Step.SERVER_FULL)
        return build(ServerFull())

    def kerberos_service(self, principal: str) -> bytes:
        """Ask for Kerberos."""
        self._step(Step.KERBEROS_SERVICE)
        return framed(build(KerberosServiceName(principal=principal)))

    def kerberos_token(self, token: bytes) -> bytes:
        """The next token of our GSSAPI context."""
        self._step(Step.KERBEROS_TOKEN)
        return framed(build(KerberosToken(token=token)))

    def respond(self, response: Response | ResponseHead, client_handle: int | None = None) -> bytes:
        """Answer a call in flight, under the response's handle or another; ValueError if none has it.

        A `ResponseHead` is an answer of which only the handle matters: one that was recorded.
        """
        handle = response.client_handle if client_handle is None else client_handle
        count = self._in_flight.get(handle)
        if not count:
            raise ValueError(f"no call with client handle {handle} is in flight")
        data = self._sent(_under(handle, response))
        if count == 1:
            del self._in_flight[handle]
        else:
            self._in_flight[handle] = count - 1
        return data

    def push(self, response: Response) -> bytes:
        """Send a response that nobody asked for; ValueError if its handle is not reserved."""
        if not is_push_handle(response.client_handle):
            raise ValueError(f"client handle {response.client_handle} is no push's")
        return self._send(response)

    def answer_malformed(self, response: Response) -> bytes:
        """Answer a `Malformed` frame: under the connection's id, as its handle is not known."""
        return self._send(response)

    def _send(self, response: Response) -> bytes:
        return self._sent(build(response))

    def _sent(self, body: bytes) -> bytes:
        if self.state is not _READY:
            self._step(Step.RESPONSE)
        return framed(body)

    def _step(self, step: Step, side: Direction = Direction.SERVER) -> None:
        self.state = next_state(self.state, side, step)


def _under(client_handle: int, response: Response | ResponseHead) -> bytes:
    """A response under a client handle."""
    if type(response) is ResponseHead:
        try:
            head = _write_head(response.version, client_handle, response.fields_present, response.status)
            return head + response.rest
        except (NumberError, TypeError):
            pass  # `build` says what is wrong
    if response.client_handle != client_handle:
        response = response.replace(client_handle=client_handle)
    return build(response)


def _login(body: bytes) -> LoginRequest:
    try:
        return parse(LoginRequest, body)
    except DecodeError as error:
        raise ProtocolError(f"the first frame is no log-in: {error}") from error


def _token(body: bytes) -> bytes:
    try:
        return parse(KerberosToken, body).token
    except DecodeError as error:
        raise ProtocolError(f"no Kerberos token: {error}") from error
