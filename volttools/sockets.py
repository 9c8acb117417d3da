"""What those that listen share: taking a connection, and ending one with a reset."""

from __future__ import annotations

import contextlib
import socket
from array import array
from typing import Any, Final

_RESET: Final = array("i", (1, 0))
"""SO_LINGER: on, 0 s: closing discards what waits, and sends a reset."""


def accepted(listener: socket.socket) -> tuple[socket.socket, Any] | None:
    """The next connection of a listener that never waits, and who it is; None if that has left already.

    Raises OSError where no descriptor is left. Not `loop.sock_accept`: one that is cancelled can lose the
    socket that it just got.
    """
    try:
        connection, peer = listener.accept()
    except (BlockingIOError, ConnectionError):
        return None
    connection.setblocking(False)
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection, peer


def reset_on_close(connection: socket.socket) -> None:
    """Let its closing be a reset; what waits is lost then."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
