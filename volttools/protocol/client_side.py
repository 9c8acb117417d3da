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

A real server loses what is sent before the log-in is answered over TLS, so nothing can be
called before `LoggedIn`. A malformed invocation is answered under the connection's id
instead of its handle; that comes as `Unasked`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from volttools.codec import build, parse
from volttools.errors import DecodeError, ProtocolError
from volttools.formats.frame import ServerFull
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
from volttools.formats.response import Response, is_push_handle
from volttools.protocol.events import Direction
from volttools.protocol.frame_buffer import FrameBuffer, framed
from volttools.protocol.login_strategy import LoginStrategy, PasswordLogin
from volttools.protocol.refusals import no_voltdb, refused
from volttools.protocol.states import State, Step, next_state

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The response to a call."""

    client_handle: int
    response: Response


@dataclass(frozen=True, slots=True, kw_only=True)
class LateResponse:
    """The response to a call that was given up."""

    client_handle: int
    response: Response


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """A response that no call asked for: topology, procedures, the server stopping."""

    response: Response


@dataclass(frozen=True, slots=True, kw_only=True)
class Unasked:
    """A response with a handle of nobody's."""

    response: Response


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A whole frame that is no message; the connection goes on."""

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


class ClientSide:
    """One connection as its client sees it. `state` says where it is."""

    def __init__(self, *, max_response_bytes: int = MAX_RESPONSE_BYTES) -> None:
        self.state = State.CONNECTED
        self._frames = FrameBuffer(max_response_bytes)
        self._next_handle = 1
        self._strategy: LoginStrategy | None = None
        # Client handle -> whether each call in flight with it is still awaited, the oldest first.
        self._in_flight: dict[int, deque[bool]] = {}

    @property
    def in_flight(self) -> int:
        """Calls that await their response."""
        return sum(sum(calls) for calls in self._in_flight.values())

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
        handle = self._next_handle if client_handle is None else client_handle
        invocation = Invocation(
            version=0 if extensions is None else 2,
            procedure=procedure,
            client_handle=handle,
            extensions=None if extensions is None else list(extensions),
            parameters=list(parameters),
        )
        data = framed(build(invocation))
        self._step(Step.INVOCATION)
        self._in_flight.setdefault(handle, deque()).append(True)
        if client_handle is None:
            self._next_handle += 1
        return handle, data

    def give_up(self, client_handle: int) -> None:
        """Await the newest call with this handle no longer; KeyError if none is in flight."""
        calls = self._in_flight[client_handle]
        for index in range(len(calls) - 1, -1, -1):
            if calls[index]:
                calls[index] = False
                return
        raise KeyError(client_handle)

    # ---------------------------------------------------------- receiving

    def receive(self, data: bytes) -> Iterator[ClientEvent]:
        """What bytes of the server mean. Raises ProtocolError when it breaks the protocol."""
        try:
            for body in self._frames.feed(data):
                yield self._answer(body) if self.state is State.READY else self._login_answer(body)
        except ProtocolError as error:
            refusal = None if self.state is State.READY else no_voltdb(self._frames.rest)
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
        unanswered = [handle for handle, calls in self._in_flight.items() for awaited in calls if awaited]
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
        try:
            response = parse(Response, body)
        except DecodeError as error:
            return Unreadable(body=body, error=error)
        self._step(Step.RESPONSE, Direction.SERVER)
        handle = response.client_handle
        calls = self._in_flight.get(handle)
        if calls is None:
            return Pushed(response=response) if is_push_handle(handle) else Unasked(response=response)
        awaited = calls.popleft()
        if not calls:
            del self._in_flight[handle]
        event = Answered if awaited else LateResponse
        return event(client_handle=handle, response=response)

    def _step(self, step: Step, side: Direction = Direction.CLIENT) -> None:
        self.state = next_state(self.state, side, step)


_M = TypeVar("_M", bound=Record)


def _read(kind: type[_M], body: bytes) -> _M:
    """A message of the log-in; one that can't be read ends the connection."""
    try:
        return parse(kind, body)
    except DecodeError as error:
        raise ProtocolError(f"the answer to the log-in can't be read: {error}") from error
