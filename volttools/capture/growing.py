"""Streams of what is still being written: files and pipes that raise NothingYet at their end.

A `GrowingFile` ends where another file takes its place, or where it is written anew:

- Whoever writes leaves a file before the next one has any content. So when there is a next
  one, this one is read to its end once more, and that is its end.
- A file that is shorter than what was read of it, or begins with other bytes, was written
  anew. If it begins with zeros, it was emptied under its writer (logrotate's copytruncate),
  who goes on at the place where he was: so does the reading.

Each begins when enough is there to tell what kind of capture it is.
"""

from __future__ import annotations

import io
import os
import select
from collections.abc import Callable
from typing import IO, Final

from volttools.capture.trail import HEAD_BYTES, Identity
from volttools.capture.window import NothingYet
from volttools.errors import CaptureError

START_BYTES: Final = 64
"""Longer than any header that must be read at once; shorter than a log-in."""

_HOLE: Final = bytes(4)  # no capture begins so


class Growing:
    """What both have in common: `begin`, then `read`."""

    name: str

    def __init__(self) -> None:
        self.start = b""  # as long as they are not read

    def begin(self) -> None:
        """Have the first bytes. Raises NothingYet while they are too few, unless it ended."""
        while len(self.start) < START_BYTES:
            part = self._read_on(START_BYTES - len(self.start))
            if not part:
                return
            self.start += part

    def read(self, count: int) -> bytes:
        """The next bytes, at most `count`; b"" at the end. Raises NothingYet."""
        if self.start:
            data, self.start = self.start[:count], self.start[count:]
            return data
        return self._read_on(count)

    def _read_on(self, count: int) -> bytes:
        raise NotImplementedError


class GrowingFile(Growing):
    """A file that grows. Raises OSError if it can't be opened.

    has_next       whether another file comes after it
    is_superseded  it ended because another file follows
    """

    def __init__(self, path: str, has_next: Callable[[], bool]) -> None:
        super().__init__()
        self.name = path
        self.head = b""
        self.position = 0
        self.is_superseded = False
        self._is_rewritten = False
        self._has_next = has_next
        self._raw = io.FileIO(path)

    @property
    def identity(self) -> Identity:
        """Of the file, whatever its name is by now."""
        status = os.fstat(self._raw.fileno())
        return status.st_dev, status.st_ino

    def close(self) -> None:
        """Close the file."""
        self._raw.close()

    def _read_on(self, count: int) -> bytes:
        data = self._read_if_same(count)
        if data or self._is_rewritten or self.is_superseded:
            return data
        if not self._has_next():
            raise NothingYet
        # What was written before the next one had any content is there by now.
        self.is_superseded = True
        return self._read_if_same(count)

    def _read_if_same(self, count: int) -> bytes:
        """The next bytes, unless the file is written anew."""
        raw = self._raw
        size = os.fstat(raw.fileno()).st_size
        raw.seek(0)
        head = raw.read(HEAD_BYTES) or b""
        if size < self.position or not head.startswith(self.head):
            if not head:
                return b""  # what comes tells what became of it
            if not head.startswith(_HOLE):
                self._is_rewritten = True
                return b""
        self.head = head
        raw.seek(self.position)
        data = raw.read(count) or b""
        self.position += len(data)
        return data


class GrowingPipe(Growing):
    """A pipe that somebody writes to; it ends when that one closes it."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        super().__init__()
        self.name = name
        self._stream = stream
        self._read: Callable[[int], bytes | None] = getattr(stream, "read1", stream.read)
        self.fileno = fileno_of(stream)

    def _read_on(self, count: int) -> bytes:
        # Without a way to ask, reading waits.
        if self.fileno is not None and not select.select([self.fileno], [], [], 0)[0]:
            raise NothingYet
        try:
            data = self._read(count)
        except OSError as error:
            raise CaptureError(f"can't be read on: {error.strerror}", file=self.name) from None
        if data is None:
            raise NothingYet
        return data


def fileno_of(stream: IO[bytes]) -> int | None:
    """The number by which a stream can be waited for, if there is one."""
    try:
        number = stream.fileno()
        select.select([number], [], [], 0)
    except (OSError, ValueError, AttributeError, io.UnsupportedOperation):
        return None
    return number
