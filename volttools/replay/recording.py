"""What passes between the replay and its target, as pcapng: bytes as they go by, which costs little.

A `client.tap.Tap` looks for frames in what it writes, and takes longer for a call than making it. So this is
for pcapng; the other formats are written by a tap. As even this takes half as long as a call, it only notes what
passes, and writes it when there is time: `work`.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from volttools.capture.writers import PcapngFileWriter, format_of
from volttools.client.connection_settings import Address
from volttools.client.core import Watcher
from volttools.client.tap import Tap
from volttools.errors import UsageError
from volttools.protocol.events import Connection, Direction
from volttools.protocol.login_blanking import LoginBlanker
from volttools.protocol.traffic import Bytes, Ended, Opened, Step

MOST_STEPS: Final = 2_000
MOST_BYTES: Final = 2**24
"""So much waits to be written at most; then it is written at once."""
STEPS_AT_ONCE: Final = 3
"""So many are written where there is time."""


class Recording(Protocol):
    """Who records what passes on connections: a `Tap`, or one of these."""

    def watch(self, local: Address | None, peer: Address | None, *, is_tls: bool) -> Watcher:
        """The watcher of a new connection."""

    def close(self) -> None:
        """Close the file."""


def check_is_new(path: str, *, overwrite: bool) -> None:
    """UsageError for a file that is there and may not be written over."""
    if not overwrite and Path(path).exists():
        raise UsageError(f"{path} exists; give --overwrite to write over it")


def recording_to(path: str, *, overwrite: bool, on_trouble: Callable[[str], None]) -> Recording:
    """A recording to a new file, whose name tells the format. UsageError if it can't be made."""
    format = format_of(path, formats=("pcapng", "json", "dump"), otherwise="")
    check_is_new(path, overwrite=overwrite)
    if format != "pcapng":
        return Tap(path, on_trouble=on_trouble)
    return PcapngRecording(path, on_trouble=on_trouble)


class PcapngRecording:
    """Writes pcapng. What was noted and written is on its way to the disk after `flush`.

    A file that can't be written on is told, and nothing more is recorded; the replay goes on.
    """

    def __init__(self, path: str, *, on_trouble: Callable[[str], None]) -> None:
        self.path = path
        self._on_trouble = on_trouble
        self._connections = 0
        self._steps: deque[Step] = deque()  # to be written
        self._bytes = 0  # of them
        try:
            self._stream = open(path, "wb", buffering=2**18)  # noqa: SIM115 - closed by `close`
        except OSError as error:
            raise UsageError(f"{path}: {(error.strerror or '').lower()}: nothing can be recorded") from None
        self._writer: PcapngFileWriter | None = PcapngFileWriter(self._stream, is_one=True)
        self.flush()

    def watch(self, local: Address | None, peer: Address | None, *, is_tls: bool) -> _Watcher:
        """The watcher of a new connection."""
        self._connections += 1
        connection = Connection(
            number=self._connections,
            client=None if local is None else str(local),
            server=None if peer is None else str(peer),
            first_seen_ns=time.time_ns(),
            is_tls=is_tls,
        )
        return _Watcher(self, connection)

    def note(self, step: Step) -> None:
        """Keep a step until there is time to write it."""
        self._steps.append(step)
        self._bytes += _size(step)
        while len(self._steps) > MOST_STEPS or self._bytes > MOST_BYTES:
            self._write()

    def work(self) -> bool:
        """Write a few of the steps; whether there are more."""
        for _ in range(min(STEPS_AT_ONCE, len(self._steps))):
            self._write()
        return bool(self._steps)

    def flush(self) -> None:
        """Let the system have what was written."""
        if self._writer is not None:
            try:
                self._writer.close()  # what it holds back to put it in order; it can be written on
                self._stream.flush()
            except OSError as error:
                self._failed(error)

    def _write(self) -> None:
        step = self._steps.popleft()
        self._bytes -= _size(step)
        if self._writer is not None:
            try:
                self._writer.step(step)
            except OSError as error:
                self._failed(error)

    def close(self) -> None:
        """Write all of it, and close the file."""
        while self.work():
            pass
        self.flush()
        if self._writer is not None:
            self._writer = None
            self._stream.close()

    def _failed(self, error: OSError) -> None:
        self._writer = None
        with contextlib.suppress(OSError):  # closing tries once more to write
            self._stream.close()
        self._on_trouble(f"{self.path}: {error.strerror}; nothing more is recorded, and the replay goes on")


def _size(step: Step) -> int:
    return len(step.data) if isinstance(step, Bytes) else 0


class _Watcher:
    """Records one connection."""

    def __init__(self, recording: PcapngRecording, connection: Connection) -> None:
        self._recording = recording
        self._connection = connection
        self._blanker = LoginBlanker()
        time_ns = connection.first_seen_ns
        recording.note(Opened(connection=connection, time_ns=time_ns, is_whole=True))

    def sent(self, data: bytes) -> None:
        """Bytes that are about to be sent."""
        self._bytes(Direction.CLIENT, self._blanker.feed(Direction.CLIENT, data))

    def received(self, data: bytes) -> None:
        """Bytes that came."""
        self._bytes(Direction.SERVER, self._blanker.feed(Direction.SERVER, data))

    def ended(self, *, by_server: bool, was_reset: bool) -> None:
        """The connection's end."""
        first, second = (
            (Direction.SERVER, Direction.CLIENT) if by_server else (Direction.CLIENT, Direction.SERVER)
        )
        for direction in (first, second):
            self._bytes(direction, self._blanker.end(direction))
        for direction in (first, second):
            self._recording.note(
                Ended(
                    connection=self._connection,
                    direction=direction,
                    how="rst" if was_reset and direction is first else "fin",
                    time_ns=time.time_ns(),
                )
            )

    def _bytes(self, direction: Direction, data: bytes) -> None:
        if data:
            self._recording.note(
                Bytes(connection=self._connection, direction=direction, data=data, time_ns=time.time_ns())
            )
