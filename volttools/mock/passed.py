"""What passed on all connections, byte by byte, to be written as a capture: `server.save("x.pcapng")`.

The latest bytes are kept, up to a number of them; of each connection the log-in is kept besides, so
that what is written can be read.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from volttools.errors import UsageError
from volttools.protocol.events import Direction

_MOST_FIRST_BYTES = 4096
"""Of what each side sent first: a log-in and its answer."""


_PIECE_BYTES = 128
"""What a piece takes besides its bytes."""


class PassedConnection:
    """One connection: where it came from, and what it began with.

    first      what was sent first, though it is older than what is kept
    forgotten  how many bytes of each side behind that are kept no more, and when the last of them passed
    """

    __slots__ = ("_add", "_has_ended", "began_ns", "client", "first", "forgotten", "is_tls", "server")

    def __init__(
        self,
        add: Callable[[_Piece], None],
        client: tuple[Any, ...],
        server: tuple[Any, ...],
        *,
        is_tls: bool,
    ) -> None:
        self._add = add
        self._has_ended = False
        self.client, self.server, self.is_tls = client, server, is_tls
        self.began_ns = time.time_ns()
        self.first: list[_Piece] = []
        self.forgotten: dict[Direction, tuple[int, int]] = {}

    def client_sent(self, data: bytes) -> None:
        """Note what came."""
        self._add(_Piece(self, Direction.CLIENT, data, time.time_ns()))

    def server_sent(self, data: bytes) -> None:
        """Note what is sent."""
        self._add(_Piece(self, Direction.SERVER, data, time.time_ns()))

    def ended(self, *, by_server: bool, was_reset: bool = False) -> None:
        """Note who ended it, the first time."""
        if not self._has_ended:
            self._has_ended = True
            self._add(_Piece(self, None, b"", time.time_ns(), by_server, was_reset))


class _Piece(NamedTuple):
    connection: PassedConnection
    direction: Direction | None  # None: the end
    data: bytes
    time_ns: int
    by_server: bool = False
    was_reset: bool = False

    @property
    def cost(self) -> int:
        """What it takes of the memory that the log may have."""
        return len(self.data) + _PIECE_BYTES


class Passed:
    """The log. Written in the server's event loop, read from any thread."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._pieces: deque[_Piece] = deque()
        self._lock = threading.Lock()

    def connection(
        self, client: tuple[Any, ...], server: tuple[Any, ...], *, is_tls: bool
    ) -> PassedConnection:
        """A new connection."""
        return PassedConnection(self._add, client, server, is_tls=is_tls)

    def _add(self, piece: _Piece) -> None:
        with self._lock:
            self._pieces.append(piece)
            self._bytes += piece.cost
            while self._bytes > self._max_bytes:
                self._forget()

    def clear(self) -> None:
        """Forget what was, but for how open connections began."""
        with self._lock:
            while self._pieces:
                self._forget()

    def save(self, path: str | Path, *, keep_login_hashes: bool = False) -> None:
        """Write what is kept; the name tells the format. Hashes of passwords are zeros unless they are
        wanted. UsageError for a file that can't be written."""
        from volttools.client.connection_settings import Address
        from volttools.client.tap import Tap

        troubles: list[str] = []
        with self._lock:
            pieces = list(self._pieces)
        tap = Tap(path, keep_login_hashes=keep_login_hashes, on_trouble=troubles.append)
        watched: dict[PassedConnection, Any] = {}
        for piece in pieces:
            connection = piece.connection
            if connection not in watched:
                client, server = (Address(*each[:2]) for each in (connection.client, connection.server))
                watched[connection] = tap.watch(
                    client, server, is_tls=connection.is_tls, time_ns=connection.began_ns
                )
                for first in connection.first:
                    _tell(watched[connection], first)
                for direction, (length, time_ns) in connection.forgotten.items():
                    watched[connection].forgotten(direction, length, time_ns)
            _tell(watched[connection], piece)
        tap.close()
        if troubles:
            raise UsageError(troubles[0])

    def _forget(self) -> None:
        piece = self._pieces.popleft()
        self._bytes -= piece.cost
        connection, direction = piece.connection, piece.direction
        if direction is None:
            return
        size = sum(len(each.data) for each in connection.first) + len(piece.data)
        if not connection.forgotten and size <= _MOST_FIRST_BYTES:
            connection.first.append(piece)
        else:
            length, _ = connection.forgotten.get(direction, (0, 0))
            connection.forgotten[direction] = length + len(piece.data), piece.time_ns


def _tell(watched: Any, piece: _Piece) -> None:
    if piece.direction is None:
        watched.ended(by_server=piece.by_server, was_reset=piece.was_reset, time_ns=piece.time_ns)
    elif piece.direction is Direction.CLIENT:
        watched.sent(piece.data, piece.time_ns)
    else:
        watched.received(piece.data, piece.time_ns)
