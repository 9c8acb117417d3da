"""The dump_file: each frame with its length, and a newline behind it.

As the original client writes it, but down to the system at once: what was sent is on disk before the
call waits. It holds the log-in as it was sent, with the hash of the password, which is enough to log in.
"""

from __future__ import annotations

import os
import warnings
from contextlib import suppress

from volttools.errors import ProtocolError
from volttools.formats.dumpfile import NEWLINE
from volttools.formats.frame import MAX_FRAME_BYTES, PREFIX_BYTES
from volttools.protocol.frame_buffer import FrameBuffer, framed


class DumpFile:
    """Watches a connection, and writes what passes. Stops with a warning where it can't be written."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open the file, emptying it. OSError if that can't be done."""
        self._path = path
        self._file: int | None = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        self._frames = FrameBuffer(MAX_FRAME_BYTES)

    def sent(self, data: bytes) -> None:
        """Write a frame that is about to be sent."""
        self.write(data + NEWLINE)

    def received(self, data: bytes) -> None:
        """Write the frames that these bytes complete."""
        with suppress(ProtocolError):  # the connection ends for it, and says so
            for body in self._frames.feed(data):
                self.write(framed(body) + NEWLINE)

    def ended(self, *, by_server: bool, was_reset: bool) -> None:
        """Write what the original writes of a frame that isn't whole: its length."""
        rest = self._frames.rest
        if len(rest) >= PREFIX_BYTES:
            self.write(rest[:PREFIX_BYTES])

    def close(self) -> None:
        """Close the file."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def write(self, data: bytes) -> None:
        """Write bytes as they are; a script may mark a place so, as there."""
        if self._file is None:
            return
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._file, view) :]
        except OSError as error:
            warnings.warn(
                f"{self._path}: {error.strerror}: the dump_file ends here", RuntimeWarning, stacklevel=2
            )
            self.close()
