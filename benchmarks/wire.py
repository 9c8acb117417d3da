"""The plain client of the measurements: frames made beforehand, answers counted."""

from __future__ import annotations

import socket

from volttools.codec import build
from volttools.formats.login import LoginRequest
from volttools.protocol.frame_buffer import FrameBuffer, framed

_MOST_BYTES = 2**26


def login_frame() -> bytes:
    """A log-in that every server of the measurements takes."""
    return framed(build(LoginRequest(version=1, hash_scheme=1, password_hash=bytes(32), user="")))


class Wire:
    """A connection that is logged in."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = FrameBuffer(_MOST_BYTES)
        self.send(login_frame())
        self.await_answers(1)

    def send(self, data: bytes) -> None:
        """Send frames."""
        self.socket.sendall(data)

    def await_answers(self, count: int) -> None:
        """Wait for so many; AssertionError if the server closes the connection."""
        while count > 0:
            data = self.socket.recv(2**16)
            assert data, "the server closed the connection"
            count -= len(list(self._buffer.feed(data)))

    def close(self) -> None:
        """End it."""
        self.socket.close()
