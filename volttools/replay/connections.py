"""Connections to the target: each is opened before it is needed, and comes back when it is lost.

A `Line` is what stands for a recorded connection. It has at most one connection to the target at a time;
calls that are due while it has none wait in its queue. It gives up when the target could not be reached
for a while: then what waits is never sent.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from volttools.client.aio_connection import AsyncConnection, open_connection
from volttools.client.connection_settings import Address
from volttools.client.core import Core, Watchers
from volttools.errors import CannotConnect, ClientError, LoginRefused
from volttools.protocol.login_strategy import LoginStrategy
from volttools.replay.recording import Recording
from volttools.replay.schedule import Planned
from volttools.replay.troubles import Trouble

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0
"""Between attempts to reach a target that was lost; each pause is twice the one before."""


@dataclass(frozen=True, slots=True)
class Target:
    """How lines connect.

    addresses     of the target's nodes; lines are dealt to them in turn
    login         gives the log-in of one more connection
    reconnect_s   give up when it could not be reached for so long
    most_in_flight   calls of one line; more of them wait
    recordings    of what passes
    """

    addresses: tuple[Address, ...]
    login: Callable[[], LoginStrategy]
    ssl_context: ssl.SSLContext | None = None
    connect_timeout: float | None = 10.0
    reconnect_s: float = 30.0
    most_in_flight: int = 3_000
    recordings: tuple[Recording, ...] = ()


class State(Enum):
    """Of a line."""

    NEW = "not opened"
    OPENING = "being opened"
    UP = "open"
    GONE = "given up"
    CLOSED = "closed"


class Line:
    """What stands for a recorded connection.

    queue     calls that may not leave yet, in their order
    is_ending  no more calls will come: it is closed when all are over
    on_change  is called when it can take calls again, or was given up
    on_trouble is told when it is lost, is back, and is given up: its number from 1 on, and why
    """

    def __init__(
        self,
        index: int,
        target: Target,
        *,
        on_change: Callable[[Line], None],
        on_trouble: Callable[[Trouble, int, Exception | None], None],
    ) -> None:
        self.index = index
        self.state = State.NEW
        self.queue: deque[Planned] = deque()
        self.error: ClientError | None = None
        self.leaving = 0  # calls that were taken from the queue and are not begun yet
        self.losses = 0
        self.thinks_until_ns = 0  # the first call of the queue; 0: it doesn't
        self.connection: _Connection | None = None
        self._target = target
        self._address = target.addresses[index % len(target.addresses)]
        self._on_change, self._on_trouble = on_change, on_trouble
        self.is_ending = False
        self._task: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None

    @property
    def may_send(self) -> bool:
        """Whether one more call could be written now."""
        connection = self.connection
        if self.state is not State.UP or connection is None or connection.core.error is not None:
            return False
        in_flight = len(connection.core.pending) + self.leaving
        return in_flight < self._target.most_in_flight and not connection.is_paused

    def open(self, *, is_patient: bool) -> None:
        """Begin to connect, unless that was done; `is_patient`: it may take as long as to get it back."""
        if self.state is State.NEW:
            self.state = State.OPENING
            self._task = asyncio.ensure_future(self._open(is_patient=is_patient))

    async def opened(self) -> None:
        """Wait until it is open or was given up."""
        while self.state is State.OPENING and self._task is not None:
            await self._task

    def close_when_done(self, within_s: float) -> None:
        """Begin to close it, if no call is to come, waits or is under way."""
        pending = self.connection.core.pending if self.connection is not None else ()
        if self.is_ending and not self.queue and not self.leaving and not pending and self._closing is None:
            self._closing = asyncio.ensure_future(self._close(within_s))

    async def close(self, within_s: float) -> None:
        """Close it; calls in flight fail."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close(within_s))
        await self._closing

    async def _close(self, within_s: float) -> None:
        self.state = State.CLOSED
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        connection = self.connection
        if connection is None:
            return
        connection.core.lost("the replay closed the connection", by_server=False)
        connection.transport.close()
        try:
            async with asyncio.timeout(within_s):
                await asyncio.shield(connection.ended)
        except TimeoutError:  # what was sent last can't be delivered
            connection.transport.abort()
            await connection.ended

    async def _open(self, *, is_patient: bool) -> None:
        """Connect, or give up: at the first failure, or after having tried for a while."""
        loop = asyncio.get_running_loop()
        gives_up_at = loop.time() + self._target.reconnect_s
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                self.connection = await self._connected()
            except (CannotConnect, LoginRefused) as error:
                self.error = error
                may_pass = isinstance(error, CannotConnect) or error.may_pass
                if not is_patient or not may_pass or loop.time() + pause_s > gives_up_at:
                    self.state = State.GONE
                    if is_patient:
                        self._on_trouble(Trouble.GIVEN_UP, self.index + 1, error)
                    break
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            else:
                self.state = State.UP
                if self.losses:
                    self._on_trouble(Trouble.BACK, self.index + 1, None)
                break
        self._on_change(self)

    async def _connected(self) -> _Connection:
        target = self._target
        core = Core(str(self._address), target.login(), is_tls=target.ssl_context is not None)
        connection = _Connection(core, target.most_in_flight, target.recordings, self)
        await open_connection(connection, self._address, target.connect_timeout, target.ssl_context)
        return connection

    def room(self) -> None:
        """The connection takes calls again."""
        self._on_change(self)

    def lost(self, connection: _Connection) -> None:
        """The connection has ended."""
        if self.state is not State.UP or connection is not self.connection:
            return
        self.losses += 1
        self.error = connection.core.error
        self.state = State.OPENING
        self._on_trouble(Trouble.LOST, self.index + 1, self.error)
        self._task = asyncio.ensure_future(self._open(is_patient=True))


class _Connection(AsyncConnection):
    """Tells its line what becomes of it."""

    def __init__(
        self, core: Core, most_in_flight: int, recordings: tuple[Recording, ...], line: Line
    ) -> None:
        super().__init__(core, most_in_flight, None)
        self._recordings = recordings
        self._line = line

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let all recordings watch."""
        super().connection_made(transport)
        local, peer = (Address(*transport.get_extra_info(name)[:2]) for name in ("sockname", "peername"))
        is_tls = transport.get_extra_info("ssl_object") is not None
        watchers = [one.watch(local, peer, is_tls=is_tls) for one in self._recordings]
        if watchers:
            self.core.watcher = watchers[0] if len(watchers) == 1 else Watchers(*watchers)

    def connection_lost(self, error: Exception | None) -> None:
        """Settle all calls, and let the line look for another connection."""
        super().connection_lost(error)
        self._line.lost(self)

    def resume_writing(self) -> None:
        """The server reads again."""
        super().resume_writing()
        self._line.room()
