"""Frames over a socket that blocks."""

from __future__ import annotations

import time
from collections import deque
from contextlib import suppress
from socket import SHUT_RDWR
from typing import Protocol

from volttools.client.attempts import seconds_left
from volttools.codec import head_reader
from volttools.errors import ProtocolError
from volttools.formats.frame import PREFIX, PREFIX_BYTES
from volttools.protocol.client_side import MAX_RESPONSE_BYTES
from volttools.protocol.frame_buffer import FrameBuffer
from volttools.voltdbclient.dump import DumpFile

RECEIVE_BYTES = 2**16
"""At most so many bytes are read at once; a buffer of more would be mapped anew for each read."""

_read_prefix, _ = head_reader(PREFIX)


class Socket(Protocol):
    """As much of a socket as is used here: a script may give its own, for `bufferForRead` with `recv` alone."""

    def sendall(self, data: bytes, /) -> None:
        """Send them all."""

    def recv(self, size: int, /) -> bytes:
        """The next bytes; none at the end."""

    def gettimeout(self) -> float | None:
        """Seconds that `recv` and `sendall` may take; None: for ever."""

    def settimeout(self, seconds: float | None, /) -> None:
        """Change it."""

    def shutdown(self, how: int, /) -> None:
        """Send and receive no more."""

    def close(self) -> None:
        """Close it."""


def deadline_after(seconds: float | None) -> float | None:
    """On the clock of `time.monotonic`; None: never."""
    return None if seconds is None else time.monotonic() + seconds


def end(sock: Socket) -> None:
    """Close it; another thread that waits for it sees its end. A script's own may have nothing to close."""
    with suppress(OSError, AttributeError):
        sock.shutdown(SHUT_RDWR)
    with suppress(OSError, AttributeError):
        sock.close()


def timeout_of(sock: Socket) -> float | None:
    """How long it waits; for ever where it can't say."""
    return sock.gettimeout() if hasattr(sock, "gettimeout") else None


def limit(sock: Socket, deadline: float | None) -> None:
    """Let the socket wait till the deadline; TimeoutError if it has come."""
    if deadline is not None:
        sock.settimeout(seconds_left(deadline))


class Frames:
    """What goes over a socket, and what has come."""

    def __init__(self, dump: DumpFile | None = None) -> None:
        self._dump = dump
        self._buffer = FrameBuffer(MAX_RESPONSE_BYTES)
        self._is_between = True  # the buffer holds no part of a frame
        self._whole: deque[bytes] = deque()
        self._wrong: ProtocolError | None = None

    def send(self, sock: Socket, data: bytes) -> None:
        """Send what was written; it is in the dump_file before."""
        if self._dump is not None:
            self._dump.sent(data)
        sock.sendall(data)

    def receive_bytes(self, sock: Socket) -> bytes:
        """The next bytes, as they come; none at the end. TimeoutError as the socket says."""
        try:
            data = sock.recv(RECEIVE_BYTES)
        except BlockingIOError:  # of a socket that a script has told not to block
            raise TimeoutError from None
        if self._dump is not None and data:
            self._dump.received(data)
        return data

    def receive(self, sock: Socket, deadline: float | None = None) -> bytes:
        """The body of the next frame.

        The socket waits as long as it says, and till the deadline if there is more to be read. Raises
        TimeoutError; EOFError at the end; ProtocolError for a length that can't be; OSError where it broke.
        """
        is_first = True
        while not self._whole:
            if self._wrong is not None:
                raise self._wrong
            if not is_first:
                limit(sock, deadline)
            is_first = False
            data = self.receive_bytes(sock)
            if not data:
                raise EOFError(self._end())
            if (
                self._is_between
                and len(data) > PREFIX_BYTES
                and _read_prefix(data, 0)[0] == len(data) - PREFIX_BYTES
            ):
                return data[PREFIX_BYTES:]  # one whole frame, as nearly always
            self.take(data)
        return self._whole.popleft()

    def take(self, data: bytes) -> None:
        """Bytes that were received, and are to be given by `receive`."""
        try:
            self._whole.extend(self._buffer.feed(data))
        except ProtocolError as error:
            self._wrong = error  # when what is good before it has been given
        self._is_between = not self._buffer.rest

    def _end(self) -> str:
        cut = len(self._buffer.rest)
        why = "the server closed the connection"
        return f"{why}; {cut:,} bytes of a message that is not whole had come" if cut else why
