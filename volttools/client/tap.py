"""What passes a client's connections, recorded: `connect(..., tap="calls.pcapng")`, or to a callback.

The bytes are watched as a capture's are (`protocol.observer`), so a file holds what a capture of the
connection would have held: broken frames as well, and what TLS hides. The file is complete up to the
last byte that was sent or received, whatever ends the program. Hashes of passwords are zeros in it,
unless they are asked for.

A file that can't be written on, or a callback that fails, costs no call: there is a warning, and the
tap stops.
"""

from __future__ import annotations

import contextlib
import os
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

from volttools.capture.rewriting import Keeper, Rewriting, SecretsBlanker
from volttools.capture.writers import (
    DumpedConnectionWriter,
    Format,
    FramesWriter,
    HexWriter,
    JsonLinesWriter,
    PcapngFileWriter,
    format_of,
)
from volttools.client.connection_settings import Address
from volttools.errors import UsageError
from volttools.protocol.events import Connection, Direction, Event, Exchange, Frame
from volttools.protocol.numbering import Numbers
from volttools.protocol.observer import Observer
from volttools.protocol.recognition import Recognizer
from volttools.protocol.traffic import Ended, Hole, Sent, Step

TapTarget = str | os.PathLike[str] | Callable[[Exchange], None]
"""A file, whose name tells its format: .pcapng, .dump, .jsonl ...; or who is told of each exchange."""

_CLIENT, _SERVER = 0, 1


class Tap:
    """Records the connections of one client."""

    def __init__(
        self,
        target: TapTarget,
        *,
        format: Format | None = None,
        keep_login_hashes: bool = False,
        on_trouble: Callable[[str], None] | None = None,
    ) -> None:
        """Open the file; its name tells the format if none is given. `on_trouble` is told why the tap
        stopped, in the place of a warning. UsageError if the name tells no format, or the file can't be
        written."""
        self._on_trouble = on_trouble
        self._rewriting = Rewriting(Keeper() if keep_login_hashes else SecretsBlanker())
        self._numbers = Numbers()
        self._connections = 0
        self._callback: Callable[[Exchange], None] | None = None
        self._file: _TapFile | None = None
        if callable(target):
            self._callback = target
        else:
            self._file = _TapFile(Path(target), format, keep_login_hashes=keep_login_hashes)

    def watch(
        self, local: Address | None, peer: Address | None, *, is_tls: bool, time_ns: int | None = None
    ) -> TapConnection:
        """The watcher of a new connection, from a client's address to a server's."""
        self._connections += 1
        connection = Connection(
            number=self._connections,
            client=None if local is None else str(local),
            server=None if peer is None else str(peer),
            first_seen_ns=_or_now(time_ns),
            is_tls=is_tls,
        )
        if self._file is not None:
            self._file.begin_connection()
        return TapConnection(self, connection, self._numbers)

    def take(self, events: Iterable[Event], steps: Iterable[Step]) -> None:
        """Record what came of some bytes. Never raises."""
        try:
            if self._callback is not None:
                for event in events:
                    if isinstance(event, Exchange):
                        self._callback(event)
            elif self._file is not None:
                self._file.write(
                    [self._rewriting.step(step) for step in steps],
                    [self._rewriting.event(event) for event in events],
                )
        except Exception as error:
            self._stop(error)

    def close(self) -> None:
        """Close the file."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _stop(self, error: Exception) -> None:
        name = self._file.path if self._file is not None else repr(self._callback)
        if self._on_trouble is not None:
            reason = error.strerror if isinstance(error, OSError) else None
            self._on_trouble(f"nothing more is recorded in {name}: {reason or error}")
        else:
            warnings.warn(f"the tap to {name} has stopped: {error!r}", RuntimeWarning, stacklevel=2)
        self._callback = None
        with contextlib.suppress(UsageError):  # closing tries once more to write
            self.close()


class TapConnection:
    """The watcher of one connection."""

    def __init__(self, tap: Tap, connection: Connection, numbers: Numbers) -> None:
        self._tap = tap
        self._observer = Observer(
            Recognizer(client_side=_CLIENT, server_side=_SERVER, is_given=True),
            lambda _: connection,
            numbers,
            logs_traffic=True,
        )
        # What passed and is in no step yet.
        self._untold = {direction: bytearray() for direction in Direction}
        self._gone = dict.fromkeys(Direction, 0)  # bytes that nobody has, and that are in no step yet

    def sent(self, data: bytes, time_ns: int | None = None) -> None:
        """Record what is about to be sent; by default now."""
        self._untold[Direction.CLIENT] += data
        self._take(self._observer.data(_CLIENT, data, _or_now(time_ns)))

    def received(self, data: bytes, time_ns: int | None = None) -> None:
        """Record what came; by default now."""
        self._untold[Direction.SERVER] += data
        self._take(self._observer.data(_SERVER, data, _or_now(time_ns)))

    def forgotten(self, direction: Direction, length: int, time_ns: int) -> None:
        """Record that bytes passed which nobody has any more."""
        side = _CLIENT if direction is Direction.CLIENT else _SERVER
        self._gone[direction] += length
        self._take(self._observer.gap(side, length, time_ns))

    def ended(self, *, by_server: bool, was_reset: bool, time_ns: int | None = None) -> None:
        """Record the end of both sides, and what was not answered."""
        now = _or_now(time_ns)
        first, second = (_SERVER, _CLIENT) if by_server else (_CLIENT, _SERVER)
        events = self._observer.closed(first, "rst" if was_reset else "fin", now)
        self._take(events + self._observer.closed(second, "fin", now))

    def _take(self, events: list[Event]) -> None:
        self._tap.take(events, self._with_all_bytes(self._observer.steps()))

    def _with_all_bytes(self, steps: Iterable[Step]) -> Iterator[Step]:
        """The steps, with the bytes in which there is no frame."""
        for step in steps:
            if isinstance(step, Sent):
                frame = step.frame
                size = len(frame.body) if step.is_full else frame.bytes_on_wire - frame.missing_bytes
                del self._untold[frame.direction][:size]
                yield step
            elif isinstance(step, Hole):
                gone = min(self._gone[step.direction], step.length)
                self._gone[step.direction] -= gone
                if gone:
                    yield replace(step, length=gone)
                yield from self._unframed(step, step.length - gone)
            else:
                if isinstance(step, Ended):
                    yield from self._unframed(step, len(self._untold[step.direction]))
                yield step

    def _unframed(self, step: Hole | Ended, length: int) -> Iterator[Step]:
        untold = self._untold[step.direction]
        data = bytes(untold[:length])
        del untold[:length]
        if data:
            frame = Frame(
                direction=step.direction, body=data, length=len(data), offset=0, seen_at_ns=step.time_ns
            )
            yield Sent(connection=step.connection, frame=frame, is_full=True)


def _or_now(time_ns: int | None) -> int:
    return time.time_ns() if time_ns is None else time_ns


class _TapFile:
    """A file of one of the formats, written through at each step."""

    def __init__(self, path: Path, format: Format | None, *, keep_login_hashes: bool) -> None:
        self.path = path
        self._format: Format = format or format_of(str(path), otherwise="say it: Tap(path, format=...)")
        try:
            self._stream: IO[bytes] = path.open("wb")
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}: the tap can't be written there") from error
        self._json: JsonLinesWriter | None = None
        self._steps: PcapngFileWriter | DumpedConnectionWriter | FramesWriter | None = None
        if self._format == "json":
            self._json = JsonLinesWriter(self._stream, keep_login_hashes=keep_login_hashes)
        elif self._format == "pcapng":
            self._steps = PcapngFileWriter(self._stream)

    def begin_connection(self) -> None:
        """A connection begins, behind the one before."""
        if self._format == "dump":
            self._steps = DumpedConnectionWriter(self._stream)
        elif self._format in ("frames", "hex"):
            self._steps = HexWriter(self._stream) if self._format == "hex" else FramesWriter(self._stream)

    def write(self, steps: list[Step], events: list[Event]) -> None:
        """Write, down to the system."""
        if self._json is not None:
            for event in events:
                self._json.event(event)
        elif self._steps is not None:
            for step in steps:
                self._steps.step(step)
            self._steps.close()  # what it holds back to put it in order; it can be written on
        self._stream.flush()

    def close(self) -> None:
        """Close it. UsageError if the last bytes can't be written."""
        try:
            self._stream.close()
        except OSError as error:
            raise UsageError(f"{self.path}: {error.strerror}") from error
