"""Writes dump_files, as the official Python client would have: frames, one connection after another.

A dump_file has no directions, times or names of connections, and says less than other captures:

- connections are told apart by their log-ins, so only the first one may be without;
- of a response that isn't all there only the length is written, as the client does when it gives
  up, and only if a call follows; a call that isn't all there is left out, and so is what a server
  that is full says.
"""

from __future__ import annotations

import tempfile
from array import array
from typing import IO

from volttools.codec import build
from volttools.errors import UsageError
from volttools.formats.dumpfile import DumpedFrame
from volttools.formats.frame import PREFIX
from volttools.protocol.events import Direction
from volttools.protocol.traffic import Sent


class DumpedConnection:
    """The frames of one connection, as a dump_file has them."""

    def __init__(self) -> None:
        self._given_up = b""  # the length of a response that is not written yet
        self._has_begun = False

    def frame(self, step: Sent) -> bytes | None:
        """What to write for a frame; None for one that a dump_file can't hold."""
        frame = step.frame
        is_call = frame.direction is Direction.CLIENT
        if step.is_full or (is_call and not frame.is_whole):
            return None
        if not frame.is_whole:
            self._given_up = PREFIX.build(frame.length) if self._has_begun else b""
            return None
        self._has_begun = True
        # Nothing but a call behind it tells that a length is bare, and nothing at all at the beginning.
        given_up, self._given_up = self._given_up if is_call else b"", b""
        return given_up + build(DumpedFrame(body=frame.body))


class DumpWriter:
    """Collects the frames of connections in a temporary file; `close` writes them, connection by
    connection."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._spool = tempfile.TemporaryFile()  # noqa: SIM115  # `close` closes it
        self._connections: dict[int, DumpedConnection] = {}
        self._places: dict[int, array[int]] = {}  # offset and length in the spool, in turn
        self._logins: set[int] = set()

    def write(self, step: Sent) -> bool:
        """Take a frame; False for one that a dump_file can't hold."""
        number = step.connection.number
        data = self._connections.setdefault(number, DumpedConnection()).frame(step)
        if data is None:
            return False
        if number not in self._places and step.is_login:
            self._logins.add(number)
        self._places.setdefault(number, array("q")).extend((self._spool.tell(), len(data)))
        self._spool.write(data)
        return True

    def close(self) -> None:
        """Write the connections. UsageError if a reader could not tell them apart."""
        with self._spool:
            unknown = [number for number in self._places if number not in self._logins]
            if len(unknown) > 1:
                raise UsageError(
                    f"the log-ins of the connections {_listed(unknown)} are missing, so nobody could tell where in"
                    " one dump_file they begin: write a file for each (--split connection), or pcapng"
                )
            known = [number for number in self._places if number in self._logins]
            for number in [*unknown, *known]:
                places = self._places[number]
                for offset, length in zip(places[::2], places[1::2], strict=True):
                    self._spool.seek(offset)
                    self._stream.write(self._spool.read(length))


def _listed(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:5]))
    return f"{shown} ..." if len(numbers) > 5 else shown
