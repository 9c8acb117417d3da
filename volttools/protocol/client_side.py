"""The client's side of a connection, without input or output: bytes in, events out.

    side = ClientSide()
    send(side.login(user="op", password="secret"))
    for event in side.receive(data): ...          # LoggedIn, then Answered, Pushed, ...
    handle, data = side.call("Vote", parameters)

What the handle alone does not tell:
- several calls may be in flight with equal handles; answers belong to them in order
- a call that was given up (`give_up`) still gets its answer some day: as `LateResponse`,
  never as the answer of another call
- a response with a reserved handle that nothing awaits is a push

Of a response only the head is read here, so that one that can't be read is still the answer of its
call; `event.response` reads the rest.

A real server loses what is sent before the log-in is answered over TLS, so nothing can be
called before `LoggedIn`. A malformed invocation is answered under the connection's id
instead of its handle; that comes as `Unasked`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from volttools.codec import build, head_reader, parse
from volttools.errors import DecodeError, EncodeError, ProtocolError
from volttools.formats.frame import MAX_REQUEST_BYTES, PREFIX_BYTES, ServerFull
from volttools.formats.invocation import Extension, Invocation
from volttools.formats.login import (
    KERBEROS_SERVICE_NAME,
    KERBEROS_VERSION,
    KerberosServiceName,
    KerberosToken,
    LoginHead,
    LoginResponse,
)
from volttools.formats.notation import Record
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response, ResponseHead, is_push_handle
from volttools.protocol.events import Direction
from volttools.protocol.frame_buffer import FrameBuffer, framed
from volttools.protocol.login_strategy import LoginStrategy, PasswordLogin
from volttools.protocol.refusals import no_voltdb, refused
from volttools.protocol.states import State, Step, next_state

_read_head, _HEAD_BYTES = head_reader(ResponseHead)

_READY = State.READY  # once, as looking a member up takes a while

_LONGEST_CALL = PREFIX_BYTES + MAX_REQUEST_BYTES

FULL_STATUS = ServerFull().status
"""The status of a log-in that a full server says in its one byte."""

MAX_RESPONSE_BYTES = 256 * 2**20
"""The longest response that is taken; a server was seen to send 63 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """The server took the log-in."""

    response: LoginResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRefused:
    """It did not; `response` None: the one byte of a server that is full."""

    response: LoginResponse | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KerberosAsked:
    """The server wants a Kerberos token (the principal is in the first), or answers one."""

    message: KerberosServiceName | KerberosToken


@dataclass(slots=True)
class ResponseEvent:
    """A response of which only the head was read: most clients look at few of the others' rows."""

    client_handle: int
    status: int
    body: bytes = field(repr=False)

    @property
    def response(self) -> Response:
        """The whole, read anew each time; DecodeError if it can't be read."""
        return parse(Response, self.body)


class Answered(ResponseEvent):
    """The response to a call."""

    __slots__ = ()


class LateResponse(ResponseEvent):
    """The response to a call that was given up."""

    __slots__ = ()


class Pushed(ResponseEvent):
    """A response that no call asked for: topology, procedures, the server stopping."""

    __slots__ = ()


class Unasked(ResponseEvent):
    """A response with a handle of nobody's."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A whole frame that is too short for a response; the connection goes on."""

    body: bytes
    error: DecodeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The connection has ended. `unanswered`: handles of the calls in flight, in order.

    They may have run or not. `cut`: bytes of a message that did not become whole.
    """

    unanswered: list[int]
    cut: bytes


ClientEvent = (
    LoggedIn | LoginRefused | KerberosAsked | Answered | LateResponse | Pushed | Unasked | Unreadable | Closed
)


class Waiter(Protocol):
    """Who awaits the answer to a call."""

    def settle(self, status: int, body: bytes) -> None:
        """Take the answer: its status, and the response as it came."""


_W = TypeVar("_W", bound=Waiter)


class ClientSide:
    """One connection as its client sees it. `state` says where it is.

    next_handle  of the next call that gives none
    """

    def __init__(self, *, max_response_bytes: int = MAX_RESPONSE_BYTES) -> None:
        self.state = State.CONNECTED
        self._frames = FrameBuffer(max_response_bytes)
        self.next_handle = 1
        self._strategy: LoginStrategy | None = None
        # Client handle -> whether the call in flight with it is still awaited; of several, the oldest first.
        self._in_flight: dict[int, bool | deque[bool]] = {}

    @property
    def in_flight(self) -> int:
        """Calls that await their response."""
        return sum(sum(_each(calls)) for calls in self._in_flight.values())

    # ------------------------------------------------------------ sending

    def login(
        self,
        *,
        user: str = "",
        password: str = "",
        service: str = "database",
        hash_scheme: int = 1,
        version: int = 1,
    ) -> bytes:
        """The log-in: SHA-256 (hash_scheme 1) or SHA-1 (0) of the password; version 0 is SHA-1."""
        return self.login_by(
            PasswordLogin(
                user=user, password=password, service=service, hash_scheme=hash_scheme, version=version
            )
        )

    def login_by(self, strategy: LoginStrategy) -> bytes:
        """The log-in by a strategy, which answers later as well: see `answer_kerberos`."""
        data = framed(build(strategy.request()))
        self._step(Step.LOGIN)
        self._strategy = strategy
        return data

    def answer_kerberos(self, message: KerberosServiceName | KerberosToken) -> bytes:
        """What the strategy answers to a `KerberosAsked`; empty, and not to be sent, if the server speaks next.

        Raises ProtocolError when the log-in can't go on.
        """
        if self._strategy is None:
            raise ProtocolError("a Kerberos message before the log-in")
        token = self._strategy.answer(message)
        return b"" if token is None else self.kerberos_token(token.token)

    def kerberos_token(self, token: bytes) -> bytes:
        """The next token of our GSSAPI context."""
        self._step(Step.KERBEROS_TOKEN)
        return framed(build(KerberosToken(token=token)))

    def call(
        self,
        procedure: str,
        parameters: Sequence[Parameter] = (),
        *,
        client_handle: int | None = None,
        extensions: Sequence[Extension] | None = None,
    ) -> tuple[int, bytes]:
        """An invocation: its client handle, the next free one unless it is given, and its bytes.

        Version 0, or version 2 if there are extensions. Raises EncodeError before anything
        is noted as in flight.
        """
        return self.call_encoded(
            lambda handle: invocation_frame(procedure, handle, parameters, extensions),
            client_handle=client_handle,
        )

    def call_encoded(
        self, encode: Callable[[int], bytes], *, client_handle: int | None = None
    ) -> tuple[int, bytes]:
        """As `call`, for those who encode themselves: client handle -> the whole frame."""
        handle = self.next_handle if client_handle is None else client_handle
        data = encode(handle)
        self.begin(handle, data)
        if client_handle is None:
            self.next_handle += 1
        return handle, data

    def begin(self, client_handle: int, frame: bytes) -> None:
        """Note the call that this frame is as in flight. EncodeError where it is too long for a server."""
        if len(frame) > _LONGEST_CALL:
            raise EncodeError(f"the call takes {len(frame):,} bytes, a server takes {_LONGEST_CALL:,}")
        if self.state is not _READY:
            self._step(Step.INVOCATION)
        calls = self._in_flight.get(client_handle)
        if calls is None:
            self._in_flight[client_handle] = True
        elif isinstance(calls, deque):
            calls.append(True)
        else:
            self._in_flight[client_handle] = deque((calls, True))

    def give_up(self, client_handle: int) -> None:
        """Await the newest call with this handle no longer; KeyError if none is in flight."""
        calls = self._in_flight[client_handle]
        if calls is True:
            self._in_flight[client_handle] = False
            return
        if isinstance(calls, deque):
            for index in range(len(calls) - 1, -1, -1):
                if calls[index]:
                    calls[index] = False
                    return
        raise KeyError(client_handle)

    # ---------------------------------------------------------- receiving

    def receive(self, data: bytes) -> Iterable[ClientEvent]:
        """What bytes of the server mean. Raises ProtocolError, behind what is good, when it breaks the
        protocol."""
        bodies = self._frames.feed(data)
        if self.state is not _READY or type(bodies) is not list:
            return self._receive(bodies)
        return [self._answer(body) for body in bodies]

    def deliver(self, data: bytes, waiters: dict[int, _W], otherwise: Callable[[ClientEvent], None]) -> None:
        """As `receive`, but what answers one of the `waiters`, by client handle, is given to it, and only of
        what else there is are events made."""
        if self.state is not _READY:
            for event in self.receive(data):
                otherwise(event)
            return
        in_flight = self._in_flight
        for body in self._frames.feed(data):
            # What `_answer` does, without a call for what nearly all bodies are.
            if len(body) >= _HEAD_BYTES:
                _, handle, _, status = _read_head(body, 0)
                if handle in waiters and in_flight.get(handle) is True:
                    del in_flight[handle]
                    waiters.pop(handle).settle(status, body)
                    continue
            otherwise(self._answer(body))

    def answer_to(self, client_handle: int, data: bytes) -> tuple[int, bytes] | None:
        """The status and the body where `data` is just the answer to the one call in flight; else None, and
        `data` is still to be received."""
        body = self._frames.sole(data)
        if body is None or len(body) < _HEAD_BYTES:
            return None
        _, handle, _, status = _read_head(body, 0)
        if handle != client_handle or self._in_flight.get(handle) is not True:
            return None
        del self._in_flight[handle]
        return status, body

    def _receive(self, bodies: Iterable[bytes]) -> Iterator[ClientEvent]:
        try:
            for body in bodies:
                yield self._answer(body) if self.state is _READY else self._login_answer(body)
        except ProtocolError as error:
            refusal = None if self.state is _READY else no_voltdb(self._frames.rest)
            if refusal is None:
                raise
            raise ProtocolError(str(refusal)) from error

    def end(self) -> list[ClientEvent]:
        """The connection was closed, by whomever."""
        events: list[ClientEvent] = []
        cut = self._frames.rest
        if self.state in (State.CONNECTED, State.LOGGING_IN) and cut == build(ServerFull()):
            self._step(Step.SERVER_FULL, Direction.SERVER)
            events.append(LoginRefused(response=None, reason=refused(None).reason))
            cut = b""
        unanswered = [
            handle for handle, calls in self._in_flight.items() for awaited in _each(calls) if awaited
        ]
        self._in_flight.clear()
        self._step(Step.CLOSE)
        return [*events, Closed(unanswered=unanswered, cut=cut)]

    def _login_answer(self, body: bytes) -> ClientEvent:
        head = _read(LoginHead, body)
        if head.version == KERBEROS_VERSION:
            if head.code == KERBEROS_SERVICE_NAME:
                self._step(Step.KERBEROS_SERVICE, Direction.SERVER)
                return KerberosAsked(message=_read(KerberosServiceName, body))
            self._step(Step.KERBEROS_TOKEN, Direction.SERVER)
            return KerberosAsked(message=_read(KerberosToken, body))
        response = _read(LoginResponse, body)
        if response.accepted and self._strategy is not None:
            self._strategy.accepted()
        self._step(Step.ACCEPT if response.accepted else Step.REFUSE, Direction.SERVER)
        if response.accepted:
            return LoggedIn(response=response)
        return LoginRefused(response=response, reason=response.status_text)

    def _answer(self, body: bytes) -> ClientEvent:
        if len(body) < _HEAD_BYTES:
            error = DecodeError(f"{len(body)} bytes are no response: its head takes {_HEAD_BYTES}")
            return Unreadable(body=body, error=error)
        _, handle, _, status = _read_head(body, 0)
        calls = self._in_flight.pop(handle, None)
        if calls is None:
            kind = Pushed if is_push_handle(handle) else Unasked
            return kind(handle, status, body)
        if isinstance(calls, deque):
            awaited = calls.popleft()
            if calls:
                self._in_flight[handle] = calls
        else:
            awaited = calls
        return (Answered if awaited else LateResponse)(handle, status, body)

    def _step(self, step: Step, side: Direction = Direction.CLIENT) -> None:
        self.state = next_state(self.state, side, step)


def _each(calls: bool | deque[bool]) -> Iterable[bool]:
    return calls if isinstance(calls, deque) else (calls,)


def invocation_frame(
    procedure: str,
    client_handle: int,
    parameters: Sequence[Parameter],
    extensions: Sequence[Extension] | None = None,
) -> bytes:
    """A call with its length: version 2 with extensions, else version 0. Raises EncodeError."""
    invocation = Invocation(
        version=0 if extensions is None else 2,
        procedure=procedure,
        client_handle=client_handle,
        extensions=None if extensions is None else list(extensions),
        parameters=list(parameters),
    )
    return framed(build(invocation))


_M = TypeVar("_M", bound=Record)


def _read(kind: type[_M], body: bytes) -> _M:
    """A message of the log-in; one that can't be read ends the connection."""
    try:
        return parse(kind, body)
    except DecodeError as error:
        raise ProtocolError(f"the answer to the log-in can't be read: {error}") from error
