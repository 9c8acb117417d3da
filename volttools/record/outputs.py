"""What a recording is written as: each output takes what it needs of what passes.

    pcapng     bytes as they passed; or frames, where they are changed on the way (`takes_steps`)
    dump       frames, a file for each connection, as the official Python client writes them
    json       events: calls when they are answered

Nothing waits and nothing raises here: `disk` has the files. It gets each step at once, and bytes that are sent
with `flush`, so that many packets are one piece for it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import IO, Final, cast

from volttools.capture.dump_writer import DumpedConnection
from volttools.capture.pcapng_writer import PcapngWriter
from volttools.capture.tcp_writer import TcpWriter
from volttools.capture.writers import STDOUT, Format, JsonLinesWriter
from volttools.errors import UsageError
from volttools.protocol.events import Connection, Direction, Event
from volttools.protocol.traffic import Ended, Sent, Step
from volttools.record.disk import Disk, RecordedFile
from volttools.record.rotation import Rotation, Series

FORMATS: Final[tuple[Format, ...]] = ("pcapng", "dump", "json")


class _Collected:
    """A stream that keeps what is written until it is taken: what belongs together goes to the disk at once."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Keep bytes."""
        self._parts.append(data)
        return len(data)

    def take(self) -> bytes:
        """What was written since the last call."""
        parts = self._parts
        if len(parts) == 1:
            return parts.pop()
        data = b"".join(parts)
        parts.clear()
        return data


class _Files:
    """One file after the other, where it is to be rotated."""

    def __init__(
        self,
        output: str,
        rotation: Rotation | None,
        disk: Disk,
        *,
        overwrite: bool,
        on_trouble: Callable[[str], None],
    ) -> None:
        if rotation is not None and output == STDOUT:
            raise UsageError("standard output can't be rotated: give the name of a file")
        self._disk = disk
        self._rotation = rotation
        self._output = output
        self._overwrite = overwrite
        self._series = None if rotation is None else Series(output, rotation, on_trouble)
        self._file: RecordedFile | None = None
        self._begun_ns = 0
        self.names: list[str] = []

    def begin(self, now_ns: int) -> None:
        """Make the first file. Raises UsageError or CaptureError if that can't be."""
        name = self._output if self._series is None else self._series.next_name(now_ns)
        self._use(self._disk.open(name, overwrite=self._overwrite), now_ns)

    @property
    def are_rotated(self) -> bool:
        """Whether there is ever another file."""
        return self._rotation is not None

    def is_due(self, now_ns: int) -> bool:
        """Whether to go on in the next file."""
        if self._rotation is None or self._file is None:
            return False
        return self._rotation.is_due(self._file.bytes_taken, now_ns - self._begun_ns)

    def go_on(self, now_ns: int) -> None:
        """Begin the next file."""
        assert self._file is not None
        assert self._series is not None
        self._file.close()
        self._use(self._disk.open_later(self._series.next_name(now_ns)), now_ns)

    def write(self, data: bytes) -> None:
        """Write to the file of now."""
        assert self._file is not None
        if data:
            self._file.write(data)

    def close(self) -> None:
        """Nothing more comes."""
        if self._file is not None:
            self._file.close()

    def finish(self) -> None:
        """Wait for what is done on the side; all is written."""
        if self._series is not None:
            self._series.close()

    def _use(self, file: RecordedFile, now_ns: int) -> None:
        self._file, self._begun_ns = file, now_ns
        self.names.append(file.path)
        series = self._series
        if series is not None:
            file.on_closed = lambda: series.finished(file.path)


class PcapngOutput:
    """Writes a pcapng file: streams of TCP made of what was relayed.

    takes_steps  whether it gets frames, instead of bytes
    """

    takes_events = False

    def __init__(self, files: _Files, *, comment: str, takes_steps: bool, now_ns: int) -> None:
        self.takes_steps = takes_steps
        self._files = files
        self._comment = comment
        self._stream = _Collected()
        files.begin(now_ns)
        self._tcp = TcpWriter(self._pcapng(), is_ordered=True)
        self.flush()

    def step(self, step: Step, now_ns: int) -> bool:
        """Write a step; False for what it can't hold."""
        if self._files.are_rotated:
            self._rotate(now_ns)
        self._tcp.write(step)
        self.flush()
        return True

    def send(self, connection: Connection, direction: Direction, data: bytes, now_ns: int) -> None:
        """Write bytes as they passed; `flush` is to follow, behind this piece or several."""
        if self._files.are_rotated:
            self._rotate(now_ns)
        self._tcp.send(connection, direction, data, now_ns)

    def _rotate(self, now_ns: int) -> None:
        """Go on in the next file, if it is time for that."""
        self.flush()
        if self._files.is_due(now_ns):
            self._files.go_on(now_ns)
            self._tcp.use(self._pcapng())

    def event(self, event: Event, now_ns: int) -> None:
        """Nothing: bytes tell all."""

    def close(self) -> None:
        """Nothing more comes."""
        self.flush()
        self._files.close()

    def finish(self) -> None:
        """Wait for what is done on the side; all is written."""
        self._files.finish()

    @property
    def names(self) -> list[str]:
        """The files so far."""
        return self._files.names

    def _pcapng(self) -> PcapngWriter:
        return PcapngWriter(cast(IO[bytes], self._stream), comment=self._comment)

    def flush(self) -> None:
        """Give the disk what was written."""
        self._files.write(self._stream.take())


class JsonLinesOutput:
    """Writes events as JSON lines."""

    takes_steps = False
    takes_events = True

    def __init__(self, files: _Files, *, keep_login_hashes: bool, now_ns: int) -> None:
        self._files = files
        self._stream = _Collected()
        files.begin(now_ns)
        self._lines = JsonLinesWriter(cast(IO[bytes], self._stream), keep_login_hashes=keep_login_hashes)
        files.write(self._stream.take())

    def step(self, step: Step, now_ns: int) -> bool:
        """Nothing: events tell all."""
        return True

    def event(self, event: Event, now_ns: int) -> None:
        """Write an event."""
        if self._files.is_due(now_ns):
            self._files.go_on(now_ns)
            self._lines.go_on(cast(IO[bytes], self._stream))
        self._lines.event(event)
        self._files.write(self._stream.take())

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing more comes."""
        self._files.close()

    def finish(self) -> None:
        """Wait for what is done on the side; all is written."""
        self._files.finish()

    @property
    def names(self) -> list[str]:
        """The files so far."""
        return self._files.names


class DumpOutput:
    """Writes a dump_file for each connection: NAME-0001.dump and so on."""

    takes_steps = True
    takes_events = False

    def __init__(self, output: str, disk: Disk, *, overwrite: bool) -> None:
        if output == STDOUT:
            raise UsageError(
                "a dump_file holds one connection, so standard output can't take it: give a name"
            )
        self._stem, self._suffix = os.path.splitext(output)
        self._disk = disk
        if os.path.exists(self._name(1)) and not overwrite:
            raise UsageError(f"{self._name(1)} is there already: give another name, or --overwrite")
        self._open: dict[int, tuple[RecordedFile, DumpedConnection]] = {}
        self.names: list[str] = []

    def step(self, step: Step, now_ns: int) -> bool:
        """Write a step; False for a frame that a dump_file can't hold."""
        number = step.connection.number
        if isinstance(step, Ended):
            # The other side's end may come, and nothing more is written behind the first one but holes.
            if number in self._open:
                self._open.pop(number)[0].close()
            return True
        if not isinstance(step, Sent):
            return True
        found = self._open.get(number)
        if found is None:
            found = self._open[number] = (self._disk.open_later(self._name(number)), DumpedConnection())
            self.names.append(found[0].path)
        data = found[1].frame(step)
        if data:
            found[0].write(data)
        return data is not None

    def event(self, event: Event, now_ns: int) -> None:
        """Nothing: frames tell all."""

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing more comes."""
        for file, _ in self._open.values():
            file.close()

    def finish(self) -> None:
        """Nothing is done on the side."""

    def _name(self, number: int) -> str:
        return f"{self._stem}-{number:04}{self._suffix}"


Output = PcapngOutput | JsonLinesOutput | DumpOutput


def open_output(
    output: str,
    format: Format,
    disk: Disk,
    *,
    comment: str,
    rotation: Rotation | None,
    takes_steps: bool,
    keep_login_hashes: bool,
    overwrite: bool,
    on_trouble: Callable[[str], None],
    now_ns: int,
) -> Output:
    """Begin an output. Raises UsageError for what can't be done, CaptureError for what can't be written."""
    if format not in FORMATS:
        raise UsageError(f"a recording is written as pcapng, dump or json, not as {format}: convert it later")
    if format == "dump":
        if rotation is not None:
            raise UsageError("dump_files can't be rotated: there is one for each connection")
        return DumpOutput(output, disk, overwrite=overwrite)
    files = _Files(output, rotation, disk, overwrite=overwrite, on_trouble=on_trouble)
    if format == "json":
        return JsonLinesOutput(files, keep_login_hashes=keep_login_hashes, now_ns=now_ns)
    return PcapngOutput(files, comment=comment, takes_steps=takes_steps, now_ns=now_ns)
