"""The bodies of calls that wait for their partners: in memory up to a limit; beyond it, in a file."""

from __future__ import annotations

import tempfile
from typing import IO

from volttools.compare.calls import Bodies, Call
from volttools.errors import DecodeError


class Spool:
    """Keeps the bodies of calls until they are wanted.

    file    where to; None: a temporary one, when it is needed
    memory  bytes that may stay there
    """

    MEMORY = 32 * 10**6

    def __init__(self, file: IO[bytes] | None = None, *, memory: int = MEMORY) -> None:
        self._file = file
        self._is_own = file is None
        self._memory = memory
        self._held = 0
        self._end = 0
        self.spooled = 0

    def close(self) -> None:
        """Forget everything; the caller's file stays open."""
        if self._is_own and self._file is not None:
            self._file.close()
            self._file = None

    def park(self, call: Call) -> None:
        """Take the bodies of a call that may have to wait."""
        if self._held + call.size <= self._memory:
            self._held += call.size
        else:
            self._write(call)

    def write_out(self, call: Call) -> None:
        """Bring the bodies of a call that was parked to the file: it waits for long."""
        if len(call.bodies) == 2:
            self._held -= call.size
            self._write(call)

    def _write(self, call: Call) -> None:
        bodies = call.bodies
        assert len(bodies) == 2
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="volttools-compare-")  # noqa: SIM115 - until `close`
        request, response = bodies
        self._file.seek(self._end)
        self._file.write(request)
        if response is not None:
            self._file.write(response)
        call.bodies = (self._end, len(request), -1 if response is None else len(response))
        self._end += call.size
        self.spooled += 1

    def fetch(self, call: Call) -> Bodies:
        """Give them back; they are forgotten here."""
        bodies = call.bodies
        if len(bodies) == 2:
            self._held -= call.size
            return bodies
        assert self._file is not None
        start, request, response = bodies
        self._file.seek(start)
        body = self._file.read(request)
        if len(body) != request:
            raise DecodeError("the file of calls that wait was changed")
        return body, None if response < 0 else self._file.read(response)
