"""One connection as both clients have it, blocking and asyncio: no socket and no waiting here.

    data = core.begin()                      the log-in
    core.received(data)                      settles calls, keeps pushes; `core.outgoing` may have grown
    frame = core.call(pending, encode)       to be sent
    core.expire(now); core.lost("why")       settle calls without an answer

A call is `Pending` until it is settled, once: with its answer or with the error that is raised for it.
"""

from __future__ import annotations

import time
import warnings
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from volttools.client.attempts import why_not
from volttools.client.handshake import refusal_behind_handshake
from volttools.client.results import Result
from volttools.client.signatures import Encode, Signature
from volttools.errors import (
    CallTimeout,
    CannotConnect,
    ClientError,
    ConnectionLost,
    LoginRefused,
    ProtocolError,
)
from volttools.formats.login import LoginResponse
from volttools.formats.response import push_name
from volttools.protocol import client_side
from volttools.protocol.client_side import (
    FULL_STATUS,
    Answered,
    ClientEvent,
    ClientSide,
    Pushed,
    ResponseEvent,
    Unasked,
)
from volttools.protocol.login_strategy import LoginStrategy
from volttools.protocol.refusals import closed, refused, silent

_now = time.monotonic

MAX_KEPT_PUSHES = 256
"""Pushes that wait for `events()`; of more the oldest are dropped."""


class Watcher(Protocol):
    """Who sees each byte that passes, such as a tap."""

    def sent(self, data: bytes) -> None:
        """Bytes that are about to be sent: whole frames."""

    def received(self, data: bytes) -> None:
        """Bytes that came."""

    def ended(self, *, by_server: bool, was_reset: bool) -> None:
        """The connection's end."""


class Watchers:
    """Several watchers as one."""

    def __init__(self, *watchers: Watcher) -> None:
        self._watchers = watchers

    def sent(self, data: bytes) -> None:
        """As of `Watcher`."""
        for watcher in self._watchers:
            watcher.sent(data)

    def received(self, data: bytes) -> None:
        """As of `Watcher`."""
        for watcher in self._watchers:
            watcher.received(data)

    def ended(self, *, by_server: bool, was_reset: bool) -> None:
        """As of `Watcher`."""
        for watcher in self._watchers:
            watcher.ended(by_server=by_server, was_reset=was_reset)


@dataclass(frozen=True, slots=True)
class PushEvent:
    """What the server sent unasked.

    name    "topology", "procedures", "graceful stop" ...; "unasked" for an answer under nobody's handle,
            as for a call whose head the server could not read
    result  its status and tables
    """

    name: str
    result: Result


class Pending:
    """A call that was begun. `answer` or `error` is there when it is settled.

    started   on the clock of `time.monotonic`
    timeout   seconds that it has from then on; None: it waits for ever
    is_sent   whether all its bytes were given to the system
    """

    answer: Answered | None = None
    error: ClientError | None = None
    client_handle = 0
    is_sent = False

    def __init__(self, procedure: str, timeout: float | None) -> None:
        self.procedure = procedure
        self.timeout = timeout
        self.started = _now()

    @property
    def deadline(self) -> float | None:
        """When it has waited long enough, on the same clock; None: never."""
        return None if self.timeout is None else self.started + self.timeout

    @property
    def is_settled(self) -> bool:
        """Whether there is an answer or an error."""
        return self.answer is not None or self.error is not None

    def settle(self, status: int, body: bytes) -> None:
        """Take the answer."""
        self.answer = Answered(self.client_handle, status, body)

    def fail(self, error: ClientError) -> None:
        """Take the error."""
        self.error = error


class Core:
    """The state of one connection.

    address   of the server, for the texts of errors
    welcome   the server's answer to the log-in, once it let us in
    error     why the connection is of no use, once it is
    outgoing  frames of the log-in that are to be sent
    """

    def __init__(
        self,
        address: str,
        login: LoginStrategy,
        *,
        watcher: Watcher | None = None,
        is_tls: bool = False,
        on_push: Callable[[PushEvent], None] | None = None,
        on_procedures_changed: Callable[[], None] | None = None,
    ) -> None:
        self.address = address
        self.side = ClientSide()
        self.welcome: LoginResponse | None = None
        self.error: ClientError | None = None
        self.outgoing: list[bytes] = []
        self.pushes: deque[PushEvent] = deque(maxlen=MAX_KEPT_PUSHES)
        self.pending: dict[int, Pending] = {}
        self.watcher = watcher
        self._login = login
        self._is_tls = is_tls
        self._on_push = on_push
        self._on_procedures_changed = on_procedures_changed
        self._began = time.monotonic()
        self._is_kerberos = False

    # ------------------------------------------------------------ log-in

    def begin(self) -> None:
        """Put the log-in into `outgoing`; nothing else may be sent before the server let us in."""
        self.outgoing.append(self.side.login_by(self._login))

    def take_outgoing(self) -> bytes:
        """What is to be sent now."""
        data = b"".join(self.outgoing)
        self.outgoing.clear()
        if data and self.watcher is not None:
            self.watcher.sent(data)
        return data

    # ------------------------------------------------------------- calls

    def call(self, pending: Pending, encode: Encode) -> bytes:
        """The frame of a call, which is in flight from now on.

        Raises EncodeError, and the connection's error where there is one; nothing is in flight then.
        """
        if self.error is not None:
            raise self._not_sent(pending)
        handle, frame = self.side.call_encoded(encode)
        pending.client_handle = handle
        self.pending[handle] = pending
        return frame

    def call_ready(self, pending: Pending, signature: Signature, arguments: Sequence[Any]) -> bytes:
        """The same for values that need no conversion."""
        if self.error is not None:
            raise self._not_sent(pending)
        side = self.side
        pending.client_handle = handle = side.next_handle
        frame = signature.frame(pending.procedure, handle, arguments)
        side.begin(handle, frame)
        side.next_handle = handle + 1
        self.pending[handle] = pending
        return frame

    def give_up(self, pending: Pending) -> None:
        """Await a call no longer; its answer will be dropped when it comes."""
        if self.pending.get(pending.client_handle) is pending:
            del self.pending[pending.client_handle]
            self.side.give_up(pending.client_handle)

    def cancel(self, pending: Pending) -> None:
        """Settle a call whose answer nobody wants."""
        if self.pending.get(pending.client_handle) is pending:
            self.give_up(pending)
            pending.fail(ClientError(f"{pending.procedure}: the call was cancelled; it may run nevertheless"))

    def time_out(self, pending: Pending) -> None:
        """Settle a call that has waited long enough."""
        self.give_up(pending)
        fate = (
            "it may have run, or run later"
            if pending.is_sent
            else "not all of it is sent yet; it may run later"
        )
        pending.fail(
            CallTimeout(
                f"{pending.procedure}: no answer from {self.address} within {pending.timeout:g} s; {fate};"
                " the connection can be used on"
            )
        )

    def expire(self, now: float) -> float | None:
        """Time out what is due; the next deadline, or None if there is none."""
        following: float | None = None
        for pending in list(self.pending.values()):
            deadline = pending.deadline
            if deadline is None:
                continue
            if deadline <= now:
                self.time_out(pending)
            elif following is None or deadline < following:
                following = deadline
        return following

    # --------------------------------------------------------- receiving

    def received(self, data: bytes) -> None:
        """Settle what these bytes answer. Sets `error` if they break the protocol."""
        if self.watcher is not None:
            self.watcher.received(data)
        try:
            self.side.deliver(data, self.pending, self._other)
        except ProtocolError as error:
            if self.welcome is None:  # whoever it is may speak another protocol; the text says so
                self._fail(str(error))
            else:
                self._fail(f"it sent what is no message of the protocol: {error}")

    def _other(self, event: ClientEvent) -> None:
        if isinstance(event, client_side.LoggedIn):
            self.welcome = event.response
        elif isinstance(event, client_side.LoginRefused):
            self.error = self._refused(event)
        elif isinstance(event, client_side.KerberosAsked):
            self._is_kerberos = True
            answer = self.side.answer_kerberos(event.message)
            if answer:
                self.outgoing.append(answer)
        elif isinstance(event, Pushed | Unasked):
            self._push(event)
        elif isinstance(event, client_side.Unreadable) and self.error is None:
            # Whose answer it is can't be told, so somebody would wait in vain.
            self._fail(f"it sent what is no message of the protocol: {event.error}")

    def _refused(self, event: client_side.LoginRefused) -> LoginRefused:
        response = event.response
        principal = getattr(self._login, "principal", None)
        user = principal or getattr(self._login, "user", "")
        has_password = getattr(self._login, "password", None) != ""
        refusal = refused(
            response, kerberos=principal is not None, is_nobody=not user, has_password=has_password
        )
        status = FULL_STATUS if response is None else response.status
        who = f" of {user!r}" if user else ""
        return LoginRefused(
            f"{self.address} refused the log-in{who}: {refusal} (status {status})",
            status=status,
            reason=refusal.reason,
            may_pass=refusal.may_pass,
        )

    def _push(self, event: ResponseEvent) -> None:
        name = push_name(event.client_handle) if isinstance(event, Pushed) else "unasked"
        if name == "procedures" and self._on_procedures_changed is not None:
            self._on_procedures_changed()
        push = PushEvent(name, Result(name, event.status, event.body, 0))
        if self._on_push is None:
            self.pushes.append(push)
            return
        try:
            self._on_push(push)
        except Exception as error:  # the calls that are answered behind it can't help it
            warnings.warn(f"on_push failed on {name!r}: {error!r}", RuntimeWarning, stacklevel=2)

    # --------------------------------------------------------------- end

    def lost(self, why: str, *, by_server: bool = True, was_reset: bool = False) -> None:
        """The connection has ended; settles all calls. Only the first time counts."""
        if self.error is None:
            for event in self.side.end():
                if isinstance(event, client_side.Closed):
                    why = self._why_ended(why, event.cut, by_server=by_server)
                else:
                    self._other(event)  # the one byte of a server that is full
        if self.watcher is not None:
            self.watcher.ended(by_server=by_server, was_reset=was_reset)
            self.watcher = None
        if self.error is None:
            self._fail(why)

    def broke(self, error: Exception) -> None:
        """The connection broke."""
        refusal = None if self.welcome is not None else refusal_behind_handshake(error)
        if refusal is not None and self.error is None:
            self._fail(str(refusal))
        self.lost(f"the connection broke: {why_not(error)}", was_reset=True)

    def eof(self) -> None:
        """The server closed the connection."""
        self.lost("the server closed the connection")

    def silent(self, timeout: float) -> None:
        """The server has not answered the log-in within so many seconds."""
        self.lost(str(silent(after_s=timeout, tls=self._is_tls)), by_server=False)

    def _why_ended(self, why: str, cut: bytes, *, by_server: bool) -> str:
        if self.welcome is None and by_server:
            after_s = time.monotonic() - self._began
            return str(closed(after_s=after_s, tls=self._is_tls, kerberos_began=self._is_kerberos, cut=cut))
        return f"{why}; {len(cut):,} bytes of a message that is not whole had come" if cut else why

    def _fail(self, why: str) -> None:
        if self.welcome is None:
            self.error = CannotConnect(f"{self.address}: {why}")
        else:
            self.error = ConnectionLost(f"{self.address}: {why}")
        calls = list(self.pending.values())
        self.pending.clear()
        for call in calls:
            if call.is_sent:
                fate = "the call may have run"
                call.fail(
                    ConnectionLost(f"{call.procedure}: {fate}: {self.address}: {why}", may_have_run=True)
                )
            else:
                call.fail(self._not_sent(call))

    def _not_sent(self, pending: Pending) -> ClientError:
        return ConnectionLost(f"{pending.procedure}: it was not sent: {self.error}", may_have_run=False)
