"""What came in: calls and connections, and waiting for them without sleeping."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from volttools.formats.invocation import Invocation
from volttools.formats.notation import Opaque
from volttools.formats.table import Table
from volttools.mock.sources import Chain


@dataclass(slots=True, kw_only=True, eq=False)
class ClientConnection:
    """A connection that has been let in.

    id          as the client was told; counts at each node
    number      counts the connections of the server, from 1
    host_id     of the node that it is at
    user        as it called itself
    peer        its address: host and port, more for IPv6
    local       the address that it dialled
    subscribed  whether it gets pushes
    is_admin    whether it came to the port for administrators
    """

    id: int
    host_id: int
    user: str
    peer: tuple[Any, ...]
    local: tuple[Any, ...]
    number: int = 0
    subscribed: bool = False
    is_admin: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Call:
    """One call, as its handler sees it.

    number      counts the calls of the server, from 1
    time_ns     when it came, since 1970
    params      Python values, NULL is None; the table of types is in docs/library.md. Where the procedure's
                parameters are declared, as values of these types
    invocation  the message as it came: types, extensions, version
    partition   the partition that its key belongs to; None: it goes to several, or none is declared
    is_read_only whether its procedure was declared so
    exception   what its handler raised, if it did
    is_miss     whether nothing answered it
    status      of its answer; None while there is none, and where none was sent
    latency_ns  from the call to its answer, or to what was done in its place
    asked       number of the source that was asked last
    converted   the parameters as their declared types; None where none are declared
    began_ns    when it came, by a clock that only goes on
    size        bytes of the message
    known_as    the procedure's name in the catalog; "" where it isn't there
    """

    number: int
    connection: ClientConnection
    invocation: Invocation
    time_ns: int = 0
    chain: Chain = field(repr=False)
    partition: int | None = None
    is_read_only: bool = False
    exception: Exception | None = None
    is_miss: bool = False
    status: int | None = None
    latency_ns: int | None = None
    asked: int = field(default=0, repr=False)
    converted: tuple[Any, ...] | None = field(default=None, repr=False)
    began_ns: int = field(default=0, repr=False)
    size: int = field(default=0, repr=False)
    known_as: str = field(default="", repr=False)

    def default(self) -> Any:
        """What the server would answer without the handler: to be returned, or looked at if it is a
        response. Where a real server is asked (`passthrough`), something to await."""
        asking = self.asked
        answer = self.chain.answer(self, asking + 1)
        self.asked = asking
        return answer

    @property
    def procedure(self) -> str:
        """Its name."""
        return self.invocation.procedure or ""

    @property
    def params(self) -> tuple[Any, ...]:
        """The values of its parameters."""
        if self.converted is not None:
            return self.converted
        parameters = self.invocation.parameters
        return () if isinstance(parameters, Opaque) else tuple(parameter.value for parameter in parameters)

    @property
    def client_handle(self) -> int:
        """What the client calls it by."""
        return self.invocation.client_handle


Listener: TypeAlias = Callable[[Call, bytes], object]
"""Is told of each call that is answered, with the frame that is sent; b"" if none is, or not as it should be.
Called in the server's event loop, so it must not wait."""


_LARGE_BYTES = 64 * 1024
_OBJECT_BYTES, _ROW_BYTES = 8, 64


def _bytes_of_objects(call: Call) -> int:
    """What the values of a large call take beside its bytes: the places of an array, the tuples of rows."""
    parameters = call.invocation.parameters
    if isinstance(parameters, Opaque):
        return 0
    values = [parameter.value for parameter in parameters]
    places = sum(len(value) for value in values if isinstance(value, list))
    rows = sum(len(value.rows) for value in values if isinstance(value, Table))
    return places * _OBJECT_BYTES + rows * _ROW_BYTES


class Journal:
    """The last calls, and who is connected; safe to read from any thread.

    Calls are kept up to a number and up to a number of bytes, with what their values take; the oldest go first,
    the last one stays if its own bytes are few enough.
    """

    def __init__(self, max_calls: int, max_bytes: int) -> None:
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._waiting = 0  # threads in `wait_until`: nobody else needs to be told of changes
        self._max_calls, self._max_bytes = max_calls, max_bytes
        self._calls: deque[tuple[Call, int]] = deque()
        self._bytes = 0
        self._connections: dict[ClientConnection, None] = {}  # in the order in which they came
        self.call_count = 0
        self.connection_count = 0
        self.listeners: tuple[Listener, ...] = ()

    def add(self, call: Call, size: int) -> None:
        """Note a call of so many bytes."""
        kept = int(size <= self._max_bytes)
        size = size if size < _LARGE_BYTES else size + _bytes_of_objects(call)
        with self._lock:
            self.call_count += 1
            calls = self._calls
            calls.append((call, size))
            self._bytes += size
            while (len(calls) > self._max_calls or self._bytes > self._max_bytes) and len(calls) > kept:
                self._bytes -= calls.popleft()[1]
            if self._waiting:
                self._changed.notify_all()

    def answered(self, call: Call, frame: bytes, delay_s: float = 0.0) -> None:
        """Note what becomes of a call, so many seconds later; `frame` as `Listener` gets it."""
        call.latency_ns = max(0, time.time_ns() - call.time_ns) + int(delay_s * 1e9)
        if self._waiting:  # who begins to wait now looks at the call first
            with self._lock:
                self._changed.notify_all()
        for listener in self.listeners:
            listener(call, frame)

    def connected(self, connection: ClientConnection) -> None:
        """Note a connection that was let in."""
        with self._changed:
            self.connection_count += 1
            connection.number = self.connection_count
            self._connections[connection] = None
            self._changed.notify_all()

    def disconnected(self, connection: ClientConnection) -> None:
        """Note its end."""
        with self._changed:
            self._connections.pop(connection, None)
            self._changed.notify_all()

    @property
    def calls(self) -> list[Call]:
        """The calls that are kept, in the order they came."""
        with self._changed:
            return [call for call, _ in self._calls]

    @property
    def connections(self) -> list[ClientConnection]:
        """Who is connected."""
        with self._changed:
            return list(self._connections)

    def clear(self) -> None:
        """Forget the calls."""
        with self._changed:
            self._calls.clear()
            self._bytes = self.call_count = 0
            self._changed.notify_all()

    def wait_until(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Wait, without polling, until a call or connection makes the condition true; False in vain."""
        with self._changed:
            self._waiting += 1
            try:
                return self._changed.wait_for(condition, timeout_s)
            finally:
                self._waiting -= 1
