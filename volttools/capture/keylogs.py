"""Where the secrets of TLS come from: key log files, their content, and captures that hold it.

A file may grow while it is read, as a client that is being captured writes to it. So it is looked
at again whenever a connection turns up that is not known: if its size or time has changed, what
is new is read.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from typing import Final

from volttools.capture.packets import PacketReader
from volttools.errors import CaptureError
from volttools.protocol.tls.aead import require
from volttools.protocol.tls.keylog import MAX_LINE_BYTES, KeyLog

KeyLogLike = str | os.PathLike[str] | bytes
"""A file's name, or the content of one."""

MAX_READ_BYTES: Final = 2**28
"""So much of a key log is read at once; secrets of a connection take 200 bytes to 1 kB."""

CHUNK_BYTES: Final = 2**20

_EXPECTED: Final = "a key log has lines such as CLIENT_RANDOM, 64 hex digits, 96 hex digits"


class KeyLogs:
    """The key logs that were given for a capture, as one.

    Raises CaptureError for a file that can't be read or holds no secrets, UsageError if what
    decrypts is not installed.
    """

    def __init__(self, given: KeyLogLike | Iterable[KeyLogLike] | None = None) -> None:
        several = [given] if isinstance(given, (str, bytes, os.PathLike)) else list(given or ())
        if several:
            require()
        self.log = KeyLog()
        self.log.is_given = bool(several)
        self._files = [_KeyLogFile(os.fspath(one)) for one in several if not isinstance(one, bytes)]
        self._readers: dict[PacketReader, int] = {}  # -> how many of its key logs were taken
        for one in several:
            if isinstance(one, bytes):
                before = self.log.secrets, self.log.strange
                self.log.add(one)
                _check(self.log, before, one, "the key log")
        for file in self._files:
            file.read_first(self.log)
        self.log.may_grow = bool(self._files)
        self.log.refresh = self._refresh

    def begin(self, readers: Iterable[PacketReader]) -> None:
        """Take the key logs in captures, too, as far as these are read."""
        self._readers = {}
        self.log.may_grow = bool(self._files)
        for reader in readers:
            self.add(reader)

    def add(self, reader: PacketReader) -> None:
        """Take the key logs in one more capture, too."""
        if reader.format == "pcapng":
            self._readers[reader] = 0
            self.log.may_grow = True

    def leave(self, reader: PacketReader) -> None:
        """Take what is left in a capture that was read to its end."""
        if reader in self._readers:
            self._take(reader)
            del self._readers[reader]

    def _refresh(self) -> None:
        for reader in self._readers:
            self._take(reader)
        for file in self._files:
            file.read_new(self.log)

    def _take(self, reader: PacketReader) -> None:
        found = reader.key_logs
        for text in found[self._readers[reader] :]:
            self.log.add(text)
        self._readers[reader] = len(found)


class _KeyLogFile:
    """A key log that may be written to while it is read."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None  # size and time, when it was read last
        self._position = 0  # behind the last whole line
        self._is_regular = True

    def read_first(self, log: KeyLog) -> None:
        """Read it; CaptureError if that can't be, or if it is no key log."""
        try:
            mode = os.stat(self._path).st_mode
            if stat.S_ISDIR(mode):
                raise CaptureError("a directory, not a key log", file=self._path)
            self._is_regular = stat.S_ISREG(mode)
            before = log.secrets, log.strange
            first = self._read(log)
        except OSError as error:
            raise CaptureError(f"the key log can't be read: {error.strerror}", file=self._path) from None
        _check(log, before, first, self._path)

    def read_new(self, log: KeyLog) -> None:
        """Read what was written since; a file that is gone or can't be read has nothing new."""
        if not self._is_regular:
            return
        try:
            found = os.stat(self._path)
            if (found.st_size, found.st_mtime_ns) != self._seen:
                self._read(log)
        except OSError:
            return

    def _read(self, log: KeyLog) -> bytes:
        """Read from where reading ended; gives the first bytes."""
        first = b""
        with open(self._path, "rb") as stream:
            status = os.fstat(stream.fileno())
            self._seen = status.st_size, status.st_mtime_ns
            if self._is_regular:
                if status.st_size < self._position:
                    self._position = 0  # it was begun anew
                stream.seek(self._position)
            rest, done = b"", 0
            while done < MAX_READ_BYTES and (chunk := stream.read(CHUNK_BYTES)):
                first = first or chunk[:100]
                done += len(chunk)
                lines, _, rest = (rest + chunk).rpartition(b"\n")
                log.add(lines)
                rest = rest[: MAX_LINE_BYTES + 1]  # a longer one is no secret, whatever it ends with
            if self._is_regular:
                self._position = stream.tell() - len(rest)
            log.add(rest)  # a last line without its end: it is read again when it has one
        return first


def _check(log: KeyLog, before: tuple[int, int], first: bytes, name: str) -> None:
    """Raise CaptureError if there was something since `before`, and none of it a secret."""
    secrets, strange = before
    if log.secrets > secrets or log.strange == strange:
        return
    problem = _EXPECTED
    if first.startswith(b"-----BEGIN"):
        problem = f"a certificate or private key, with which TLS can't be read: {_EXPECTED}"
    raise CaptureError(f"no TLS secrets in it: {problem}", file=name)
