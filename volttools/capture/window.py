"""The part of a stream of bytes that is being looked at.

A capture comes from a file, from a pipe that can't go back, or compressed; it may be larger
than memory and end anywhere. `Window` reads ahead as little as a pipe demands, so that what
has arrived can be shown, and keeps as much as its reader may still want to look at again.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Final

from volttools.errors import CaptureError
from volttools.formats.pcap import GZIP_MAGIC

CHUNK_BYTES: Final = 2**18

# zlib: a gzip header and trailer around the data.
_GZIP_WBITS: Final = 31


class NothingYet(Exception):
    """Raised by the stream of a file that grows: what is asked for isn't there, but may come.

    It passes through what reads the stream. That is then asked again, and goes on at the
    packet or frame it had come to.
    """


class Window:
    """Bytes data[at:] of a stream, and those before `at` that are kept.

    failure  why the stream ended early, if it did
    """

    __slots__ = ("_base", "_is_ended", "_read", "at", "data", "failure")

    def __init__(self, stream: IO[bytes]) -> None:
        # read1 gives what there is; read would wait for a pipe to fill the chunk.
        self._read: Callable[[int], bytes] = getattr(stream, "read1", stream.read)
        self._base = 0
        self._is_ended = False
        self.data = b""
        self.at = 0
        self.failure: CaptureError | None = None
        if self.need(len(GZIP_MAGIC)) and self.data.startswith(GZIP_MAGIC):
            self._read = _Gunzip(self._read, self.data).read
            self.data = b""

    @property
    def offset(self) -> int:
        """Where `at` is in the stream; of a compressed one, in its content."""
        return self._base + self.at

    @property
    def left(self) -> int:
        """How many bytes from `at` on are in the window."""
        return len(self.data) - self.at

    def need(self, count: int, keep: int = 0) -> bool:
        """Have at least `count` bytes from `at` on; False if the stream ends before.

        The `keep` bytes before `at` stay; those before them may go, and then `at` moves.
        Raises NothingYet where they may still come.
        """
        if len(self.data) - self.at >= count:
            return True
        if self._is_ended:
            return False
        drop = max(0, self.at - keep)
        parts = [self.data[drop:]]
        self._base += drop
        self.at -= drop
        missing = count - (len(parts[0]) - self.at)
        try:
            while missing > 0:
                part = self._read_some()
                if not part:
                    break
                parts.append(part)
                missing -= len(part)
        finally:
            self.data = b"".join(parts)
        return missing <= 0

    def look(self, count: int, keep: int = 0) -> None:
        """As `need`, but without waiting: of a file that grows, have what is there by now."""
        with suppress(NothingYet):
            self.need(count, keep)

    def _read_some(self) -> bytes:
        try:
            part = self._read(CHUNK_BYTES)
        except CaptureError as error:
            self.failure = error
            part = b""
        if not part:
            self._is_ended = True
        return part


class _Gunzip:
    """The content of a gzip file: one member after another, without ever holding much of it."""

    def __init__(self, read: Callable[[int], bytes], first: bytes) -> None:
        self._read = read
        self._input = first
        self._offset = len(first)
        self._member = zlib.decompressobj(_GZIP_WBITS)

    def read(self, count: int) -> bytes:
        """The next bytes, at most `count`; b"" behind the last. Raises CaptureError."""
        while True:
            if self._member.eof:
                # Padding with zeros is customary.
                self._input = self._member.unused_data.lstrip(b"\0") or self._read_input()
                if not self._input.strip(b"\0"):
                    return b""
                self._member = zlib.decompressobj(_GZIP_WBITS)
            elif not self._input:
                self._input = self._read_input()
            is_cut = not self._input
            try:
                data = self._member.decompress(self._input, count)
            except zlib.error as error:
                message = f"the gzip compression is damaged: {error}"
                raise CaptureError(message, offset=self._offset) from None
            self._input = self._member.unconsumed_tail
            if data:
                return data
            if is_cut and not self._member.eof:
                raise CaptureError("the gzip file is cut off", offset=self._offset)

    def _read_input(self) -> bytes:
        data = self._read(CHUNK_BYTES)
        self._offset += len(data)
        return data
