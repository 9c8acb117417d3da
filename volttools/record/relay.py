"""Takes connections, makes one of its own for each, and passes on what is said, both ways.

    client <-> Side | _Link | Side <-> server

Nothing is changed by it, as far as a relay can: a half-close is passed on as one, a reset as a reset,
and a server that can't be reached resets its client. Who reads slowly slows the other side down: a
side is not read while more than `BUFFER_BYTES` wait for the other one.

What passes is told to a `Tap`, which can do no harm: whatever it raises, the bytes go on. It is told a
little later, and of several pieces at once: that takes half the time, as code that has just run runs faster. It is
told behind an answer, when nobody waits, and behind what can be passed on by then.

Protocols of asyncio rather than its streams: 13 - 20 us of CPU for a call and its answer instead of
23 us (benchmarks/record.py has what became of it).
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from volttools.errors import UsageError
from volttools.faults.injector import Injector
from volttools.protocol.events import Direction
from volttools.protocol.frames import SERVER, CloseKind
from volttools.record.addresses import Address, reason
from volttools.record.faulting import FaultyPort, Gate
from volttools.record.pacing import LoginPacer
from volttools.record.side import Side

TELL_S: Final = 0.005
TELL_PIECES: Final = 8
TELL_BYTES: Final = 2**18
"""What passed is told after so long, or when it is so many bytes, or behind an answer when it is so many pieces:
then whoever waited has something to do."""

BACKLOG: Final = 1024
"""So many clients may connect at the same moment."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where is listened, and where what comes there goes.

    listen_tls  the server's side of TLS towards clients; None: they speak plainly
    to_tls      the client's side of TLS towards the server; None: it is spoken to plainly
    """

    listen: Address
    to: Address
    listen_tls: ssl.SSLContext | None = None
    to_tls: ssl.SSLContext | None = None


class Watcher(Protocol):
    """What is told of one connection: of each piece twice. Times are ns since 1970."""

    def write(self, direction: Direction, data: bytes, now_ns: int) -> None:
        """Write down what a side sent."""

    def look(self, direction: Direction, data: bytes, now_ns: int) -> None:
        """Find out what it means; it was written."""

    def note(self, text: str, now_ns: int) -> None:
        """A remark on what passes next."""

    def ended(self, direction: Direction, how: CloseKind, now_ns: int) -> None: ...


class Tap(Protocol):
    """What is told of a relay."""

    def opened(self, client: tuple[str, int], server: tuple[str, int], now_ns: int) -> Watcher:
        """A client came; `server` is where it gets to, by number if that is known."""

    def refused(self, server: str, error: OSError) -> None:
        """A server can't be reached."""

    def flush(self) -> None:
        """Put what watchers were told to write where it stays."""

    def failed(self, what: str, error: Exception) -> None:
        """Something went wrong that the connections are not to notice; `what` begins the sentence."""


class Changer(Protocol):
    """What may change what is passed on, for one connection."""

    def change(self, direction: Direction, data: bytes) -> bytes:
        """What goes on, now, in the place of what came; the rest may come later."""

    def end(self, direction: Direction) -> bytes:
        """What is still kept, as nothing more comes."""


MakeChanger = Callable[[Route, tuple[str, int], tuple[str, int]], Changer]


class Relay:
    """Listens on all routes, in the running loop.

    tap            is told what passes
    tells_first    whether bytes are written before they go on, or behind that, which costs no time on the way
    changer        makes what changes the bytes of a connection: of its route, and where the client is
                   and has found the relay
    injector       decides what goes wrong on the way to clients
    """

    def __init__(
        self,
        routes: Sequence[Route],
        tap: Tap,
        *,
        tells_first: bool = False,
        changer: MakeChanger | None = None,
        injector: Injector | None = None,
    ) -> None:
        self._routes = routes
        self.tap = tap
        self.tells_first = tells_first
        self.changer = changer
        self._injector = injector
        self._servers: list[asyncio.Server | FaultyPort] = []
        self.links: set[_Link] = set()
        self._untold: list[tuple[_Link, Direction, bytes, int]] = []
        self._untold_bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._is_telling = False
        self._is_failing = False

    async def start(self) -> list[Address]:
        """Listen; where, with the ports that were given for 0. Raises UsageError where that can't be."""
        self._loop = asyncio.get_running_loop()
        try:
            return [await self._listen(route, node) for node, route in enumerate(self._routes)]
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Listen no more, and end what is open."""
        for server in self._servers:
            server.close()
        for link in list(self.links):
            link.stop()
        await asyncio.sleep(0)  # transports close in the next round

    def passed(self, link: _Link, direction: Direction, data: bytes, now_ns: int) -> None:
        """Take what passed, to tell it soon."""
        untold = self._untold
        untold.append((link, direction, data, now_ns))
        self._untold_bytes += len(data)
        if self._untold_bytes >= TELL_BYTES:
            self.tell()
        elif direction is SERVER and len(untold) >= TELL_PIECES:
            if not self._is_telling:
                self._is_telling = True
                self._loop.call_soon(self.tell)  # behind what can be passed on now
        elif self._timer is None:
            self._timer = self._loop.call_later(TELL_S, self._look_at_the_time)

    def _look_at_the_time(self) -> None:
        """Tell what is old enough. Most was told by itself before: to make no timer for each costs less."""
        self._timer = None
        if self._untold:
            left_s = TELL_S - (time.time_ns() - self._untold[0][-1]) / 1e9
            if 0 < left_s <= TELL_S:
                self._timer = self._loop.call_later(left_s, self._look_at_the_time)
            else:
                self.tell()

    def tell(self) -> None:
        """Tell the tap what has passed and was not told yet."""
        self._is_telling = False
        untold = self._untold
        if not untold:
            return
        self._untold, self._untold_bytes = [], 0
        if not self.tells_first:
            for link, direction, data, now_ns in untold:
                if link.watcher is not None:
                    try:
                        link.watcher.write(direction, data, now_ns)
                    except Exception as error:
                        link.fail(error)
            self.flush()
        for link, direction, data, now_ns in untold:
            if link.watcher is not None:
                try:
                    link.watcher.look(direction, data, now_ns)
                except Exception as error:
                    link.fail(error)

    def flush(self) -> None:
        """Let what was written be put where it stays."""
        try:
            self.tap.flush()
        except Exception as error:
            if not self._is_failing:
                self._is_failing = True
                self.tap.failed("what passes can't be kept", error)

    async def _listen(self, route: Route, node: int) -> Address:
        host, port = route.listen
        try:
            if self._injector is not None:
                return self._listen_with_faults(self._injector, route, node)
            server = await self._loop.create_server(
                lambda: _Link(self, route).client, host, port, backlog=BACKLOG, ssl=route.listen_tls
            )
        except OSError as error:
            raise UsageError(f"can't listen on {route.listen}: {reason(error)}") from None
        self._servers.append(server)
        bound: int = server.sockets[0].getsockname()[1]
        return Address(host, bound)

    def _listen_with_faults(self, injector: Injector, route: Route, node: int) -> Address:
        links: set[_Link] = set()

        def drop_all() -> None:
            for link in list(links & self.links):
                link.cut(is_reset=False)

        def protocol(gate: Gate) -> asyncio.Protocol:
            links.intersection_update(self.links)
            link = _Link(self, route, gate)
            links.add(link)
            return link.client

        port = FaultyPort(injector, node, route.listen_tls, protocol, drop_all)
        port.listen(*route.listen)
        self._servers.append(port)
        return Address(route.listen.host, port.port)


class _Link:
    """One client's connection and the one that was made for it."""

    def __init__(self, relay: Relay, route: Route, gate: Gate | None = None) -> None:
        self._relay = relay
        self._route = route
        self._gate = gate
        self.client = Side(self, Direction.CLIENT)
        self.server = Side(self, Direction.SERVER)
        self.client.other, self.server.other = self.server, self.client
        self.watcher: Watcher | None = None
        self._changer: Changer | None = None
        self._pacer = None if route.to_tls is None else LoginPacer()
        self._connecting: asyncio.Task[None] | None = None
        self._came_ns = 0
        self._is_over = False

    # -- what happens ---------------------------------------------------------------------

    def connected(self, side: Side) -> None:
        """A side's connection stands."""
        if side is self.client:
            self._relay.links.add(self)
            self._came_ns = time.time_ns()
            if self._gate is not None and self._gate.stops:
                self._tell_opened(self._route.to)
                self._gate.begin(self)
                return
            side.transport.pause_reading()
            if self._relay.changer is not None:
                self._changer = self._relay.changer(self._route, side.peer, side.here)
            self._connecting = asyncio.get_running_loop().create_task(self._connect())
        elif self._is_over:
            side.transport.abort()
        else:
            self._tell_opened(side.peer)
            if self._gate is not None:
                self._gate.begin(self)
            self.client.transport.resume_reading()

    def data(self, side: Side, data: bytes) -> None:
        """A side sent something."""
        if self._changer is not None:
            data = self._changed(self._changer.change, side.direction, data)
        if self._gate is None:
            self._go_on(side, data)
        elif side is self.server:
            self._gate.from_server(data)
        else:
            self._gate.from_client(data)
            if self.server.is_connected:
                self._go_on(side, data)

    def _go_on(self, side: Side, data: bytes) -> None:
        """Pass on what a side sent, and tell it."""
        now_ns = time.time_ns()
        if self._relay.tells_first:
            self._tell_written(side.direction, data, now_ns)
        if self._pacer is None:
            side.other.transport.write(data)
        else:
            self._pass_on(self._pacer, side, data)
        self._relay.passed(self, side.direction, data, now_ns)

    def half_closed(self, side: Side) -> None:
        """A side will send nothing more."""
        if self._gate is not None and self._gate.stops:
            self.cut(is_reset=False)
            return
        if self._changer is not None:
            rest = self._changer.end(side.direction)
            if rest and self._gate is not None and side is self.server:
                self._gate.from_server(rest)
            elif rest:
                self._go_on(side, rest)
        if self._pacer is not None and side is self.client:
            self._write_each(self._pacer.end())
        if self._gate is None or side is self.client:
            self._end_half(side)
        else:
            self._gate.server_ended(lambda: self._end_half(side))

    def _end_half(self, side: Side) -> None:
        """Pass on that a side sends nothing more."""
        if self._is_over:
            return
        self._tell_end(side, "fin")
        side.other.end_writing()
        if side.other.has_ended:
            self._over("fin")
            self.client.close()
            self.server.close()

    def lost(self, side: Side, error: Exception | None) -> None:
        """A side's connection is gone."""
        if self._is_over:
            return
        if error is None:  # closed in order, by TLS, which knows no half-closed connection
            self._over("fin")
            side.other.close()
        else:
            self._tell_end(side, "rst")
            self._over("rst")
            side.other.reset()

    def stop(self) -> None:
        """End both sides, as the relay ends."""
        if self._is_over:
            return
        self._over("end of capture")
        self.client.close(at_once=True)
        self.server.close(at_once=True)

    # -- what a gate does -----------------------------------------------------------------

    def to_client(self, data: bytes) -> None:
        """Send the client bytes, as if the server had."""
        self._go_on(self.server, data)

    def cut(self, *, is_reset: bool) -> None:
        """End both sides, as the server would."""
        if self._is_over:
            return
        self._over("rst" if is_reset else "fin")
        self.server.close()
        if is_reset:
            self.client.reset()
        else:
            self.client.close()

    def note(self, text: str) -> None:
        """Record a remark on what comes next."""
        self._relay.tell()
        if self.watcher is not None:
            try:
                self.watcher.note(text, time.time_ns())
            except Exception as error:
                self.fail(error)

    def listen_to_server(self, wanted: bool) -> None:
        """Read what the server sends, or not now."""
        if self.server.is_connected and wanted:
            self.server.transport.resume_reading()
        elif self.server.is_connected:
            self.server.transport.pause_reading()

    def _pass_on(self, pacer: LoginPacer, side: Side, data: bytes) -> None:
        """Pass on what a side sent, the server's part of it as it can take it."""
        if side is self.client:
            self._write_each(pacer.from_client(data))
        else:
            self.client.transport.write(data)
            self._write_each(pacer.from_server(data))

    def _write_each(self, pieces: list[bytes]) -> None:
        """Write to a server with TLS: each piece is encrypted by itself."""
        for piece in pieces:
            self.server.transport.write(piece)

    def _over(self, how: CloseKind) -> None:
        """Nothing more comes from either side."""
        for side in (self.client, self.server):
            if not side.has_ended:
                self._tell_end(side, how)
        self._is_over = True
        if self._gate is not None:
            self._gate.end()
        self._relay.links.discard(self)
        if self._connecting is not None and not self._connecting.done():
            self._connecting.cancel()

    async def _connect(self) -> None:
        route = self._route
        try:
            await asyncio.get_running_loop().create_connection(
                lambda: self.server,
                *route.to,
                ssl=route.to_tls,
                server_hostname=route.to.host if route.to_tls else None,
            )
        except OSError as error:
            self._relay.tap.refused(str(route.to), error)
            self._tell_opened(route.to)
            self._tell_end(self.server, "rst")
            self._over("rst")
            self.client.reset()

    # -- what is told ---------------------------------------------------------------------

    def _tell_opened(self, server: tuple[str, int]) -> None:
        self._relay.tell()
        try:
            self.watcher = self._relay.tap.opened(self.client.peer, server, self._came_ns)
        except Exception as error:
            self.fail(error)

    def _tell_written(self, direction: Direction, data: bytes, now_ns: int) -> None:
        """Let what is about to be passed on be written, and stay."""
        if self.watcher is not None:
            try:
                self.watcher.write(direction, data, now_ns)
            except Exception as error:
                self.fail(error)
        self._relay.flush()

    def _tell_end(self, side: Side, how: CloseKind) -> None:
        self._relay.tell()
        side.has_ended = True
        if self.watcher is not None:
            try:
                self.watcher.ended(side.direction, how, time.time_ns())
            except Exception as error:
                self.fail(error)

    def _changed(
        self, change: Callable[[Direction, bytes], bytes], direction: Direction, data: bytes
    ) -> bytes:
        try:
            return change(direction, data)
        except Exception as error:
            self._changer = None
            self._relay.tap.failed("what is said on a connection can't be changed any more", error)
            return data

    def fail(self, error: Exception) -> None:
        """What goes wrong with telling must not disturb the connection."""
        self.watcher = None
        self._relay.tap.failed("a connection can't be recorded any more", error)
