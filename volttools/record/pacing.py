"""What a client sends, as a server with TLS wants it: frame by frame, and none before the log-in is answered.

A real server loses calls that come in one record with the log-in, and hangs where a record ends behind
the length of a frame (observed with 11.4). Clients that speak plainly to a proxy may send so; what goes
on to a TLS port is therefore written a frame at a time, each in records of its own.
"""

from __future__ import annotations

from collections import deque

from volttools.errors import ProtocolError
from volttools.formats.frame import MAX_REQUEST_BYTES
from volttools.formats.login import KERBEROS_VERSION
from volttools.protocol.client_side import MAX_RESPONSE_BYTES
from volttools.protocol.frame_buffer import FrameBuffer, framed


class LoginPacer:
    """Paces one connection. Both methods give the frames that may go to the server now, each to be written
    by itself. Bytes that are no frames go on as they are."""

    def __init__(self) -> None:
        self._client: FrameBuffer | None = FrameBuffer(MAX_REQUEST_BYTES)
        self._server: FrameBuffer | None = FrameBuffer(MAX_RESPONSE_BYTES)
        self._waiting: deque[bytes] = deque()
        self._may_send = 1  # frames, until the log-in is answered

    def from_client(self, data: bytes) -> list[bytes]:
        """Take bytes of the client."""
        if self._client is None:
            return [data]
        try:
            self._waiting.extend(map(framed, self._client.feed(data)))
        except ProtocolError:
            return self.end()
        return self._released()

    def from_server(self, data: bytes) -> list[bytes]:
        """Take bytes of the server, which go on to the client in any case."""
        if self._server is None:
            return []
        try:
            for body in self._server.feed(data):
                self._may_send += 1
                if body[0] != KERBEROS_VERSION:
                    self._server = None
                    break
        except ProtocolError:
            self._server = None
        return self._released()

    def end(self) -> list[bytes]:
        """All that waits, as there is nothing to wait for any more."""
        rest = b"" if self._client is None else self._client.rest
        self._client = self._server = None
        return [*self._released(), *([rest] if rest else [])]

    def _released(self) -> list[bytes]:
        released: list[bytes] = []
        while self._waiting and (self._server is None or self._may_send):
            released.append(self._waiting.popleft())
            self._may_send = max(0, self._may_send - 1)
        return released
