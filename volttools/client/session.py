"""A connection for one who waits: logged in, with calls in flight; what the blocking client stands on.

    session = Session.open(addresses, PasswordLogin("op", "secret"), connect_timeout=10)
    answered = session.exchange(Pending("@Ping", 1.0), encode)      # one call
    pending = session.begin(Pending("@Ping", 1.0), encode)          # several in flight
    answered = session.wait(pending)

Several threads may use a session; they take turns. What is submitted is sent when enough has
gathered, when something is waited for, or by `flush`.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from volttools.client.connection_settings import Address
from volttools.client.core import Core, Pending, Watcher
from volttools.client.signatures import Encode, Signature
from volttools.client.wire import Wire, dial
from volttools.errors import CannotConnect, ClientError, LoginRefused
from volttools.formats.tls import MAX_PLAIN_BYTES
from volttools.protocol.client_side import Answered
from volttools.protocol.login_strategy import LoginStrategy

SEND_BYTES = 2**16
"""So many bytes of calls are gathered before they are sent."""


class Watch(Protocol):
    """Makes the watcher of a new connection."""

    def __call__(self, local: Address | None, peer: Address | None, *, is_tls: bool) -> Watcher:
        """`local` and `peer` are the addresses of both ends."""


class Session:
    """One connection that is logged in."""

    def __init__(self, wire: Wire, core: Core) -> None:
        self.wire = wire
        self.core = core
        self._lock = threading.RLock()
        self._waiting: deque[tuple[Pending | None, bytes]] = deque()  # to be sent
        self._waiting_bytes = 0
        self._leaving: list[Pending] = []  # whose bytes are in `_unsent`
        self._unsent = memoryview(b"")

    @classmethod
    def open(
        cls,
        addresses: Sequence[Address],
        login: LoginStrategy,
        *,
        connect_timeout: float | None = 10.0,
        ssl_context: ssl.SSLContext | None = None,
        watch: Watch | None = None,
        make_core: Callable[..., Core] = Core,
    ) -> Session:
        """The first address that lets us in.

        Raises LoginRefused, or CannotConnect with what was wrong at each address.
        """
        failures: list[ClientError] = []
        for address in addresses:
            try:
                return cls._open(address, login, connect_timeout, ssl_context, watch, make_core)
            except (CannotConnect, LoginRefused) as error:
                if isinstance(error, LoginRefused) and not error.may_pass:
                    raise
                failures.append(error)
        raise no_server(failures)

    @classmethod
    def _open(
        cls,
        address: Address,
        login: LoginStrategy,
        connect_timeout: float | None,
        ssl_context: ssl.SSLContext | None,
        watch: Watch | None,
        make_core: Callable[..., Core],
    ) -> Session:
        deadline = None if connect_timeout is None else time.monotonic() + connect_timeout
        wire = dial(address, deadline, ssl_context)
        watcher = None if watch is None else watch(wire.local, wire.peer, is_tls=wire.is_tls)
        core = make_core(str(address), login, watcher=watcher, is_tls=wire.is_tls)
        session = cls(wire, core)
        try:
            session._log_in(deadline, connect_timeout)
        except BaseException:
            session.close()
            raise
        return session

    def _log_in(self, deadline: float | None, timeout: float | None) -> None:
        core = self.core
        core.begin()
        while core.welcome is None:
            data = core.take_outgoing()
            if data:
                self._enqueue(None, data)
            try:
                self._flush(deadline)
                if core.error is None:
                    self._receive(deadline)
            except TimeoutError:
                assert timeout is not None
                core.silent(timeout)
            if core.error is not None:
                raise core.error

    # ------------------------------------------------------------- calls

    def exchange(self, pending: Pending, encode: Encode) -> Answered:
        """Call, and wait for the answer.

        Raises EncodeError before a byte is sent, CallTimeout, ConnectionLost.
        """
        with self._lock:
            self._enqueue(pending, self.core.call(pending, encode))
            return self._finish(pending)

    def exchange_alone(
        self,
        signature: Signature,
        procedure: str,
        arguments: Sequence[Any],
        started: float,
        timeout: float | None,
    ) -> tuple[int, bytes] | None:
        """The status and the body that answer a call of values that need no conversion; as `exchange`.

        None, and nothing is done, where something else is under way. Where nothing is, the call's answer
        is what comes next; so the call is noted only if it isn't.
        """
        with self._lock:
            core = self.core
            if core.pending or core.error or core.watcher or self._waiting or self._unsent:
                return None
            side = core.side
            handle = side.next_handle
            frame = signature.frame(procedure, handle, arguments)
            side.begin(handle, frame)
            side.next_handle = handle + 1
            came: bytes | BaseException | None = None
            sent = 0
            try:
                sent = self.wire.try_send(frame)
                if sent == len(frame):
                    came = self.wire.receive(None if timeout is None else started + timeout)
                    answer = side.answer_to(handle, came)
                    if answer is not None:
                        return answer
            except BaseException as error:
                came = error
            pending = Pending(procedure, timeout)
            pending.started, pending.client_handle = started, handle
            core.pending[handle] = pending
            answered = self._resume(pending, frame, sent, came)
            return answered.status, answered.body

    def _resume(
        self, pending: Pending, frame: bytes, sent: int, came: bytes | BaseException | None
    ) -> Answered:
        """Go on with a call of which so much was sent, after what came then."""
        if sent == len(frame):
            pending.is_sent = True
        else:
            self._unsent = memoryview(frame)[sent:]
            self._leaving.append(pending)
        if isinstance(came, bytes):
            self._take(came)
        elif isinstance(came, TimeoutError):
            self.core.time_out(pending)
        elif isinstance(came, OSError):
            self._broken(came) if pending.is_sent else self._end_by_sending(came)
        elif came is not None:
            self.core.give_up(pending)
            raise came
        return self._finish(pending)

    def _finish(self, pending: Pending) -> Answered:
        """Wait for a call's answer, or raise what it came to."""
        try:
            self._settle(pending)
        except BaseException:  # Ctrl-C: nobody will ask for the answer
            self.core.give_up(pending)
            raise
        if pending.answer is None:
            assert pending.error is not None
            raise pending.error
        return pending.answer

    def begin(self, pending: Pending, encode: Encode) -> Pending:
        """Begin a call; `wait` for it. Raises EncodeError, and ConnectionLost for what is known by now."""
        with self._lock:
            frame = self.core.call(pending, encode)
            self._enqueue(pending, frame)
            if self._waiting_bytes >= SEND_BYTES:
                try:
                    self._flush(pending.deadline)
                except TimeoutError:
                    self.core.time_out(pending)
        return pending

    def wait(self, pending: Pending) -> Answered:
        """The answer to a call, or the error that it came to."""
        if pending.answer is None:
            with self._lock:
                self._settle(pending)
            if pending.error is not None:
                raise pending.error
        answer = pending.answer
        assert answer is not None
        return answer

    def _settle(self, pending: Pending) -> None:
        core, wire, deadline = self.core, self.wire, pending.deadline
        try:
            if self._waiting or self._unsent:
                self._flush(deadline)
            while pending.answer is None and pending.error is None:
                data = wire.receive(deadline)
                if data:
                    core.received(data)
                else:
                    core.eof()
        except TimeoutError:
            core.time_out(pending)
        except OSError as error:
            self._broken(error)
        if core.error is not None:
            wire.close()

    def wait_some(self, pending: Pending, seconds: float) -> bool:
        """Wait so long for a call's end; whether it came. Nothing is lost if it didn't."""
        until = time.monotonic() + seconds
        deadline = until if pending.deadline is None else min(until, pending.deadline)
        with self._lock:
            while not pending.is_settled:
                try:
                    self._flush(deadline)
                    if not pending.is_settled:
                        self._receive(deadline)
                except TimeoutError:
                    if deadline == until:
                        return False
                    self.core.time_out(pending)
        return True

    def cancel(self, pending: Pending) -> None:
        """Await a call no longer; `wait` raises a ClientError for it."""
        with self._lock:
            self.core.cancel(pending)

    def make_room(self, most: int, pending: Pending) -> None:
        """Take answers until fewer than `most` calls are in flight; CallTimeout at the call's deadline."""
        with self._lock:
            while len(self.core.pending) >= most and self.core.error is None:
                self.core.expire(time.monotonic())
                try:
                    self._flush(pending.deadline)
                    if len(self.core.pending) >= most:
                        self._receive(pending.deadline)
                except TimeoutError:
                    self.core.time_out(pending)
                    assert pending.error is not None
                    raise pending.error from None

    def flush(self, timeout: float | None = None) -> None:
        """Send all that was submitted. TimeoutError if the server does not take it in time."""
        with self._lock:
            self._flush(None if timeout is None else time.monotonic() + timeout)

    def receive_some(self, timeout: float | None = None) -> None:
        """Take what comes next, be it an answer or a push. TimeoutError if nothing does in time.

        Raises the connection's error once there is one.
        """
        with self._lock:
            if self.core.error is not None:
                raise self.core.error
            deadline = None if timeout is None else time.monotonic() + timeout
            self._flush(deadline)
            self._receive(deadline)

    def close(self) -> None:
        """Close the connection. Calls in flight fail; the server may run them nevertheless."""
        with self._lock:
            self.core.lost("the client closed the connection", by_server=False)
            self.wire.close()

    # ------------------------------------------------------------- bytes

    def _receive(self, deadline: float | None) -> None:
        """Take the next bytes, or the end; TimeoutError at the deadline."""
        try:
            data = self.wire.receive(deadline)
        except TimeoutError:
            raise
        except OSError as error:
            self._broken(error)
        else:
            self._take(data)

    def _take(self, data: bytes) -> None:
        core = self.core
        if data:
            core.received(data)
        else:
            core.eof()
        if core.error is not None:
            self.wire.close()

    def _broken(self, error: OSError) -> None:
        self.core.broke(error)
        self.wire.close()

    def _enqueue(self, pending: Pending | None, frame: bytes) -> None:
        self._waiting.append((pending, frame))
        self._waiting_bytes += len(frame)

    def _flush(self, deadline: float | None) -> None:
        """Send all that waits; read meanwhile, if the server doesn't. TimeoutError at the deadline."""
        while (self._unsent or self._waiting) and self.core.error is None:
            if not self._unsent:
                self._gather()
            try:
                sent = self.wire.try_send(self._unsent)
            except OSError as error:
                self._end_by_sending(error)
                return
            self._unsent = self._unsent[sent:]
            if not self._unsent:
                for pending in self._leaving:
                    pending.is_sent = True
                self._leaving.clear()
            elif not sent:
                self._wait_for_room(deadline)

    def _gather(self) -> None:
        """Put what waits together. Over TLS no record may end inside of a frame's length: a real
        server hangs then. So a write there is one frame, or frames that fit into one record."""
        limit = MAX_PLAIN_BYTES if self.wire.is_tls else SEND_BYTES
        frames: list[bytes] = []
        size = 0
        while self._waiting and (not frames or size + len(self._waiting[0][1]) <= limit):
            pending, frame = self._waiting.popleft()
            frames.append(frame)
            size += len(frame)
            if pending is not None:
                self._leaving.append(pending)
                if self.core.watcher is not None:
                    self.core.watcher.sent(frame)
        self._waiting_bytes -= size
        self._unsent = memoryview(frames[0] if len(frames) == 1 else b"".join(frames))

    def _wait_for_room(self, deadline: float | None) -> None:
        self.wire.wait(deadline, writing=True)
        try:
            data = self.wire.try_receive()
        except OSError as error:
            self._broken(error)
            return
        if data is not None:
            self._take(data)

    def _end_by_sending(self, error: OSError) -> None:
        """Sending failed; what the server said before that counts first."""
        try:
            while data := self.wire.try_receive():
                self.core.received(data)
        except ssl.SSLError as told:  # an alert says more than that sending failed
            error = told
        except OSError:
            pass
        self._broken(error)


def no_server(failures: Sequence[ClientError]) -> ClientError:
    """The error where no address let us in."""
    if len(failures) == 1:
        return failures[0]
    listed = "; ".join(failure.message for failure in failures)
    return CannotConnect(f"none of {len(failures)} addresses let us in: {listed}")
