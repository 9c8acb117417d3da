"""Faults on the way: what `volttools.faults` decides is done to what servers send through the proxy.

A `FaultyPort` takes connections in the place of asyncio's own server, as some faults come before TLS
does, and as a node that is down takes none. A `Gate` stands between a server and its client.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Protocol

from volttools.codec import parse
from volttools.errors import DecodeError, ProtocolError
from volttools.faults.actions import Plan, Send
from volttools.faults.delivery import Delivery
from volttools.faults.injections import Injection
from volttools.faults.injector import ConnectionFaults, Injector, Ticket
from volttools.formats.login import LoginRequest
from volttools.formats.response import is_push_handle
from volttools.protocol.frame_buffer import FrameBuffer, framed
from volttools.protocol.shapes import invocation_head, is_kerberos, response_head
from volttools.record.changing import MAX_CHANGED_BYTES, MOST_IN_FLIGHT
from volttools.sockets import accepted

MOST_HELD_BYTES: Final = 2**23
"""What may wait in a gate; then the server is not listened to."""

PAUSE_S: Final = 0.1
BACKLOG: Final = 1024


_Place = tuple[socket.AddressFamily, str]


class Link(Protocol):
    """The connection that a gate stands in."""

    def to_client(self, data: bytes) -> None:
        """Send the client bytes, and record them."""

    def cut(self, *, is_reset: bool) -> None:
        """End both sides."""

    def note(self, text: str) -> None:
        """Record a remark on what comes next."""

    def listen_to_server(self, wanted: bool) -> None:
        """Read what the server sends, or not now."""


class Gate:
    """Does to one connection what its faults say; the `Outlet` of its delivery.

    stops  whether no server is dialled, as the connection ends before that would be needed
    """

    def __init__(self, faults: ConnectionFaults, node_down: Callable[[float | None], None]) -> None:
        self._faults = faults
        faults.on_fault = self._note
        self._notes: list[str] = []  # of what is decided before the connection is recorded
        self._node_down = node_down
        self._delivery = Delivery(self)
        self._link: Link | None = None
        self._opening: Plan = ()
        self._awaits_hello = False
        self._client = FrameBuffer(MAX_CHANGED_BYTES)
        self._server = FrameBuffer(MAX_CHANGED_BYTES)
        self._is_lost = {"client": False, "server": False}
        self._login: Ticket | None = None
        self._has_asked = self._has_login = False
        self._calls: dict[int, deque[Ticket | None]] = {}
        self._in_flight = 0
        self._at_end: Callable[[], None] | None = None

    def decide(self, *, wants_tls: bool) -> None:
        """Find out what becomes of the connection, before anything is read of it."""
        self._opening = self._faults.opened()
        if not self._opening and wants_tls:
            self._opening = self._faults.handshake()
            self._awaits_hello = bool(self._opening)

    @property
    def stops(self) -> bool:
        """Whether the connection goes no further."""
        return bool(self._opening)

    def begin(self, link: Link) -> None:
        """The client's connection stands."""
        self._link = link
        for text in self._notes:
            link.note(text)
        if not self._awaits_hello:
            self._delivery.deliver(self._opening)

    # ------------------------------------------------------- what comes

    def from_client(self, data: bytes) -> None:
        """Look at what a client sends, in front of its going on."""
        if self._awaits_hello:
            self._awaits_hello = False
            self._delivery.deliver(self._opening)
        if self.stops or self._is_lost["client"]:
            return
        try:
            for body in self._client.feed(data):
                self._client_frame(body)
        except ProtocolError:
            self._is_lost["client"] = True

    def from_server(self, data: bytes) -> None:
        """Take what a server sends; what becomes of it gets to the link."""
        if self._is_lost["server"]:
            self._delivery.send(data)
            return
        try:
            for body in self._server.feed(data):
                self._server_frame(body)
        except ProtocolError:  # too long to be kept, or no frame: it goes on as it is
            self._is_lost["server"] = True
            self._delivery.send(self._server.rest)
        if self._delivery.pending_bytes > MOST_HELD_BYTES and self._link is not None:
            self._link.listen_to_server(False)

    def server_ended(self, then: Callable[[], None]) -> None:
        """The server sends nothing more: do something when all that it sent has got to the client."""
        if not self._is_lost["server"] and self._server.rest:
            self._delivery.send(self._server.rest)
        if self._delivery.pending:
            self._at_end = then
        else:
            then()

    def end(self) -> None:
        """The connection is over."""
        self._delivery.end()

    def _note(self, injection: Injection) -> None:
        if self._link is None:
            self._notes.append(str(injection))
        else:
            self._link.note(str(injection))

    def _client_frame(self, body: bytes) -> None:
        if not self._has_asked:
            self._has_asked = True
            try:
                user = parse(LoginRequest, body).user
            except DecodeError:
                user = None
            self._login = self._faults.login(user)
            return
        if not self._has_login and is_kerberos(body):
            return
        head = invocation_head(body)
        if head is None:
            return
        ticket = self._faults.called(head.procedure, body)
        if self._in_flight >= MOST_IN_FLIGHT:
            self._answered(next(iter(self._calls)))
        self._calls.setdefault(head.client_handle, deque()).append(ticket)
        self._in_flight += 1

    def _server_frame(self, body: bytes) -> None:
        if self._delivery.is_over:
            return  # it stalls: the server speaks to nobody
        if not self._has_login:
            if is_kerberos(body):
                self._delivery.send(framed(body))
                return
            self._has_login = True
            self._pass(self._login, body)
            return
        head = response_head(body)
        if head is not None and is_push_handle(head.client_handle):
            self._delivery.deliver(self._faults.pushed(framed(body)))
        else:
            self._pass(None if head is None else self._answered(head.client_handle), body)

    def _pass(self, ticket: Ticket | None, body: bytes) -> None:
        if ticket is None:
            self._delivery.send(framed(body))
        else:
            self._delivery.deliver(ticket.plan((Send(framed(body)),) if ticket.lets_in else ()))

    def _answered(self, handle: int) -> Ticket | None:
        """The faults of the call that a response answers: with equal handles, in the order of the calls."""
        calls = self._calls.get(handle)
        if calls is None:
            return None
        self._in_flight -= 1
        ticket = calls.popleft()
        if not calls:
            del self._calls[handle]
        return ticket

    # --------------------------------------------- what the delivery does

    def write(self, data: bytes) -> None:
        """Send the client bytes."""
        if self._link is not None:
            self._link.to_client(data)

    def close(self) -> None:
        """End the connection, behind what was sent."""
        if self._link is not None:
            self._link.cut(is_reset=False)

    def reset(self) -> None:
        """End it with an RST."""
        if self._link is not None:
            self._link.cut(is_reset=True)

    def stall(self) -> None:
        """Leave it open: what the server sends gets nowhere."""

    def node_down(self, for_s: float | None) -> None:
        """End all connections to the server, and take none for a while."""
        self._node_down(for_s)

    def later(self, seconds: float, action: Callable[[], None]) -> asyncio.TimerHandle:
        """Do something later."""
        return asyncio.get_running_loop().call_later(seconds, action)

    def settled(self) -> None:
        """Something was sent that had to wait."""
        if self._delivery.pending_bytes <= MOST_HELD_BYTES and self._link is not None:
            self._link.listen_to_server(True)
        if not self._delivery.pending and self._at_end is not None:
            then, self._at_end = self._at_end, None
            then()


class FaultyPort:
    """Takes the connections of one node, with a gate for each.

    protocol  makes what serves a connection of its gate
    drop_all  ends all connections of the node
    """

    def __init__(
        self,
        injector: Injector,
        node: int,
        tls: ssl.SSLContext | None,
        protocol: Callable[[Gate], asyncio.Protocol],
        drop_all: Callable[[], None],
    ) -> None:
        self._injector = injector
        self._node = node
        self._tls = tls
        self._protocol = protocol
        self._drop_all = drop_all
        self._listeners: list[socket.socket] = []
        self._coming: set[asyncio.Task[Any]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self.port = 0

    def listen(self, host: str, port: int) -> None:
        """Listen on all addresses of a host; OSError where that can't be."""
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        self.port = port
        self._open(list(dict.fromkeys((family, str(place[0])) for family, _, _, _, place in found)))

    def close(self) -> None:
        """Listen no more."""
        self._shut()
        for task in self._coming:
            task.cancel()

    def node_down(self, for_s: float | None) -> None:
        """End all connections; take none for so many seconds, or for ever."""
        places = [(listener.family, str(listener.getsockname()[0])) for listener in self._listeners]
        self._shut()
        if for_s is not None and places:
            self._come_back(for_s, places)
        self._drop_all()

    def _open(self, places: list[_Place]) -> None:
        try:
            for family, host in places:
                listener = socket.create_server((host, self.port), family=family, backlog=BACKLOG)
                self._listeners.append(listener)
                listener.setblocking(False)
                self.port = listener.getsockname()[1]
        except OSError:
            self._shut()
            raise
        self._resume()

    def _come_back(self, after_s: float, places: list[_Place]) -> None:
        def back() -> None:
            self._timer = None
            try:
                self._open(places)
            except OSError:  # somebody else has the port: perhaps not for long
                self._come_back(PAUSE_S, places)

        self._timer = asyncio.get_running_loop().call_later(after_s, back)

    def _shut(self) -> None:
        self._pause()
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()

    def _pause(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for listener in self._listeners:
            asyncio.get_running_loop().remove_reader(listener)

    def _resume(self) -> None:
        self._timer = None
        for listener in self._listeners:
            asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            taken = accepted(listener)
        except OSError:  # no descriptor is left: one may be, later
            self._pause()
            self._timer = loop.call_later(PAUSE_S, self._resume)
            return
        if taken is None:
            return
        connection, peer = taken
        faults = self._injector.connection(node=self._node, client=f"{peer[0]}:{peer[1]}")
        gate = Gate(faults, self.node_down)
        gate.decide(wants_tls=self._tls is not None)
        task = loop.create_task(self._connect(connection, gate))
        self._coming.add(task)

        def ended(task: asyncio.Task[None]) -> None:
            self._coming.discard(task)
            if task.cancelled():  # perhaps before it began, so it can't do that itself
                connection.close()

        task.add_done_callback(ended)

    async def _connect(self, connection: socket.socket, gate: Gate) -> None:
        tls = None if gate.stops else self._tls
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: self._protocol(gate), connection, ssl=tls
            )
        except OSError:  # its handshake failed
            with contextlib.suppress(OSError):
                connection.close()
