"""A connection of asyncio's: what the loop calls, and calls on their way.

Calls made in one turn of the loop are written together, and the answers that come in one read are
settled together; no task and no timer is made for a call.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Sequence
from typing import Any

from volttools.client.attempts import Attempts
from volttools.client.connection_settings import Address
from volttools.client.core import Core, Pending
from volttools.client.results import Result, failure
from volttools.client.session import SEND_BYTES
from volttools.client.signatures import Encode, Signature
from volttools.client.tap import Tap
from volttools.client.wire import cannot_connect
from volttools.errors import CallTimeout, ClientError
from volttools.formats.response import SUCCESS
from volttools.formats.tls import MAX_PLAIN_BYTES

_now = time.monotonic


class AsyncCall(Pending):
    """A call whose future is settled with it."""

    def __init__(
        self, procedure: str, timeout: float | None, future: asyncio.Future[Result], *, check: bool
    ) -> None:
        # As `Pending` does, without a call of it.
        self.procedure = procedure
        self.timeout = timeout
        self.started = _now()
        self.future = future
        self.check = check

    @property
    def is_settled(self) -> bool:
        """Whether there is a result or an error, or nobody wants one any more."""
        return self.future.done()

    def settle(self, status: int, body: bytes) -> None:
        """Give the future its result, unless nobody wants it any more."""
        future = self.future
        if future.done():
            return
        result = Result(self.procedure, status, body, int((_now() - self.started) * 1e9))
        if self.check and status != SUCCESS:
            future.set_exception(failure(result))
        else:
            future.set_result(result)

    def fail(self, error: ClientError) -> None:
        """Give the future its error."""
        self.error = error
        if not self.future.done():
            self.future.set_exception(error)


class AsyncConnection(asyncio.Protocol):
    """Bytes between the loop's transport and the core."""

    def __init__(self, core: Core, max_in_flight: int, tap: Tap | None) -> None:
        self.core = core
        self.loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self.ended: asyncio.Future[None] = self.loop.create_future()
        self.progress = asyncio.Event()  # of the log-in, and of pushes
        self._max_in_flight = max_in_flight
        self._tap = tap
        self.is_paused = False
        self._is_tls = False
        self._is_logging_in = True
        self._calls: list[Pending] = []  # to be written, and beside them
        self._frames: list[bytes] = []
        self._frames_bytes = 0
        self._waiting: dict[AsyncCall, asyncio.Future[None]] = {}  # for room, in order of arrival
        self._timer: asyncio.TimerHandle | None = None
        self._next_deadline = float("inf")

    # ------------------------------------------------- what the loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to write to."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._is_tls = transport.get_extra_info("ssl_object") is not None
        if self._tap is not None:
            local, peer = (transport.get_extra_info(name) for name in ("sockname", "peername"))
            self.core.watcher = self._tap.watch(Address(*local[:2]), Address(*peer[:2]), is_tls=self._is_tls)

    @property
    def transport(self) -> asyncio.Transport:
        """Where to write to; there is one once it is connected."""
        assert self._transport is not None
        return self._transport

    async def log_in(self) -> None:
        """Log in; nothing else is sent before the server let us in. Raises the error that it came to."""
        core = self.core
        core.begin()
        self.transport.write(core.take_outgoing())
        while core.welcome is None:
            if core.error is not None:
                raise core.error
            self.progress.clear()
            await self.progress.wait()
        self._is_logging_in = False

    def abort(self) -> None:
        """Break the connection off, if there is one."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Settle what was answered."""
        core = self.core
        core.received(data)
        if core.outgoing:
            self.transport.write(core.take_outgoing())
        if core.error is not None:
            self.transport.abort()
        if self._waiting:
            self._let_in()
        if self._is_logging_in or core.error is not None or core.pushes:
            self.progress.set()

    def eof_received(self) -> None:
        """The server closed: nothing that is under way will be answered."""
        self.core.eof()

    def connection_lost(self, error: Exception | None) -> None:
        """Settle all calls."""
        self._calls.clear()
        self._frames.clear()  # they were not sent, and their calls will say so
        if error is not None:
            self.core.broke(error)
        else:
            self.core.lost("the client closed the connection", by_server=False)
        if self._timer is not None:
            self._timer.cancel()
        self.progress.set()
        self._let_in()
        if not self.ended.done():
            self.ended.set_result(None)

    def pause_writing(self) -> None:
        """The server doesn't read."""
        self.is_paused = True

    def resume_writing(self) -> None:
        """It does again."""
        self.is_paused = False
        self._let_in()

    # -------------------------------------------------------------- calls

    def begin(self, call: Pending, encode: Encode) -> None:
        """Put a call on its way; it is written in this turn of the loop, or by `flush`."""
        self._enqueue(call, self.core.call(call, encode))

    def begin_ready(self, call: Pending, signature: Signature, arguments: Sequence[Any]) -> None:
        """The same for values that need no conversion."""
        self._enqueue(call, self.core.call_ready(call, signature, arguments))

    def _enqueue(self, call: Pending, frame: bytes) -> None:
        if not self._frames:
            self.loop.call_soon(self.flush)
        self._calls.append(call)
        self._frames.append(frame)
        self._frames_bytes += len(frame)
        if self._frames_bytes >= SEND_BYTES:
            self.flush()  # now: only then does the transport say whether the server takes it
        timeout = call.timeout
        if timeout is not None and call.started + timeout < self._next_deadline:
            self._look_at(call.started + timeout)

    @property
    def is_full(self) -> bool:
        """Whether a new call has to wait: for answers, or for the server to read. Nobody goes first."""
        if len(self.core.pending) < self._max_in_flight and not self.is_paused and not self._waiting:
            return False
        return self.core.error is None

    async def room(self, call: AsyncCall) -> None:
        """Wait until a call may begin, in order of arrival; CallTimeout at its deadline."""
        waiter: asyncio.Future[None] = self.loop.create_future()
        self._waiting[call] = waiter
        self._look_at(call.deadline)
        try:
            await waiter
        except BaseException:
            if self._waiting.pop(call, None) is None:
                self._let_in()  # it had its turn, and did not take it
            raise

    def _let_in(self) -> None:
        """Wake as many as there is room for."""
        room = self._max_in_flight - len(self.core.pending)
        if self.core.error is not None:
            room = len(self._waiting)
        elif self.is_paused:
            return
        while self._waiting and room > 0:
            call = next(iter(self._waiting))
            waiter = self._waiting.pop(call)
            if not waiter.done():
                waiter.set_result(None)
                room -= 1

    def flush(self) -> None:
        """Write the calls of this turn now. Over TLS no record may end inside of a frame's length, so a
        write there is one frame, or frames that fit into one record."""
        if self.transport.is_closing():
            return
        watcher = self.core.watcher
        frames, self._frames = self._frames, []
        calls, self._calls = self._calls, []
        size, self._frames_bytes = self._frames_bytes, 0
        if not frames:
            return
        if watcher is not None:
            for frame in frames:
                watcher.sent(frame)
        for call in calls:
            call.is_sent = True
        limit = MAX_PLAIN_BYTES if self._is_tls else SEND_BYTES
        if size <= limit:
            self.transport.write(b"".join(frames))
            return
        start = size = 0
        for index, frame in enumerate(frames):
            if index > start and size + len(frame) > limit:
                self.transport.write(b"".join(frames[start:index]))
                start, size = index, 0
            size += len(frame)
        self.transport.write(b"".join(frames[start:]))

    # ---------------------------------------------------------- deadlines

    def _look_at(self, deadline: float | None) -> None:
        """One timer for all calls: at the earliest deadline that is known all are looked at."""
        if deadline is None or deadline >= self._next_deadline:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._next_deadline = deadline
        self._timer = self.loop.call_later(max(0.0, deadline - time.monotonic()), self._expire)

    def _expire(self) -> None:
        self._timer = None
        self._next_deadline = float("inf")
        now = time.monotonic()
        self._look_at(self.core.expire(now))
        for call, waiter in list(self._waiting.items()):
            if call.deadline is not None and call.deadline <= now and not waiter.done():
                del self._waiting[call]
                waiter.set_exception(self._no_room(call))
            else:
                self._look_at(call.deadline)
        self._let_in()

    def _no_room(self, call: AsyncCall) -> CallTimeout:
        return CallTimeout(
            f"{call.procedure}: {len(self.core.pending):,} calls are in flight to {self.core.address}, and it had"
            f" no turn within {call.timeout:g} s; it was not sent",
            may_have_run=False,
        )


async def open_connection(
    connection: AsyncConnection, address: Address, timeout: float | None, ssl_context: ssl.SSLContext | None
) -> None:
    """Connect and log in. Raises LoginRefused, CannotConnect."""
    core = connection.core
    is_reached = is_connected = False
    try:
        async with asyncio.timeout(timeout):
            sock = await _reached(connection.loop, address, timeout)
            is_reached = True
            await connection.loop.create_connection(
                lambda: connection,
                sock=sock,
                ssl=ssl_context,
                server_hostname=None if ssl_context is None else address.host,
            )
            is_connected = True
            await connection.log_in()
    except TimeoutError as error:
        connection.abort()
        if not is_connected:
            raise cannot_connect(address, error, is_tls=is_reached and ssl_context is not None) from error
        assert timeout is not None
        core.silent(timeout)
        assert core.error is not None
        raise core.error from None
    except ClientError:
        connection.abort()
        raise
    except (OSError, ValueError) as error:
        connection.abort()
        raise cannot_connect(address, error, is_tls=is_reached and ssl_context is not None) from error
    except BaseException:
        connection.abort()
        raise


async def _reached(loop: asyncio.AbstractEventLoop, address: Address, timeout: float | None) -> socket.socket:
    """A socket to the first address of a name that takes it. OSError, which says why none does."""
    deadline = None if timeout is None else time.monotonic() + timeout
    found = await loop.getaddrinfo(*address, type=socket.SOCK_STREAM)
    attempts = Attempts(found, deadline)
    for (family, kind, protocol, _, where), seconds in attempts:
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setblocking(False)
            async with asyncio.timeout(seconds):
                await loop.sock_connect(sock, where)
            return sock
        except OSError as error:
            sock.close()
            attempts.failed(where, error)
        except BaseException:
            sock.close()
            raise
    raise attempts.error()
