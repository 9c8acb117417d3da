"""Files that are written from what was sent: one class a format, all with the same methods.

- pcapng: TCP streams made anew; see `tcp_writer`
- dump: what the official Python client would have written; see `dump_writer`
- json: what `decode --json` prints; written from events instead of steps
- frames: nothing but frames, each with its length, for programs that read a connection
- hex: the same as text, a frame a line
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import IO, Any, Final, Literal

from volttools.capture.dump_writer import DumpedConnection, DumpWriter
from volttools.capture.pcapng_writer import PcapngWriter
from volttools.capture.tcp_writer import TcpWriter
from volttools.errors import UsageError
from volttools.jsonlines.lines import capture_line, event_line, line_bytes
from volttools.protocol.events import Event
from volttools.protocol.traffic import Sent, Step

Format = Literal["pcapng", "dump", "json", "frames", "hex"]

STDOUT: Final = "-"

SUFFIXES: Final[dict[Format, tuple[str, ...]]] = {
    "pcapng": (".pcapng", ".ntar"),
    "dump": (".dump",),
    "json": (".jsonl", ".ndjson", ".json"),
    "frames": (".frames", ".bin"),
    "hex": (".hex",),
}
"""By what a file's name ends, where no format is asked for."""

COMMENT: Final = (
    "VoltDB traffic, written by volttools: TCP streams made anew from frames, without retransmissions"
)


def format_of(
    path: str, *, formats: Iterable[Format] = tuple(SUFFIXES), otherwise: str = "give --to"
) -> Format:
    """The format that a file's name asks for. UsageError if it asks for none.

    formats    which to name then
    otherwise  how else the format can be said; "" where it can't
    """
    if path == STDOUT:
        raise UsageError(
            f"standard output has no name that tells the format: give --to {', '.join(SUFFIXES)}"
        )
    for format, suffixes in SUFFIXES.items():
        if path.lower().endswith(suffixes):
            return format
    if path.lower().endswith((".pcap", ".cap")):
        raise UsageError(
            f"{path}: pcap files are read, not written: write pcapng, which knows more (Wireshark reads it)"
        )
    if os.path.isdir(path):
        raise UsageError(f"{path} is a directory: give the name of a file in it, such as calls.pcapng")
    known = ", ".join(SUFFIXES[format][0] for format in formats)
    or_else = f", or {otherwise}" if otherwise else ""
    raise UsageError(f"{path}: its name doesn't tell its format: end it with one of {known}{or_else}")


class PcapngFileWriter:
    """Writes steps to a pcapng file, of many connections or of one."""

    def __init__(self, stream: IO[bytes], *, is_one: bool = False) -> None:
        self._pcapng = PcapngWriter(stream, comment=COMMENT)
        self._tcp = TcpWriter(self._pcapng, is_ordered=is_one)

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._tcp.size

    def step(self, step: Step) -> bool:
        """Write a step; False for a frame that can't be written."""
        self._tcp.write(step)
        return True

    def go_on(self, stream: IO[bytes]) -> None:
        """Finish the file, and go on in the next one."""
        self._pcapng = PcapngWriter(stream, comment=COMMENT)
        self._tcp.use(self._pcapng)

    def close(self) -> None:
        """Write what waits."""
        self._tcp.flush()


class DumpFileWriter:
    """Writes steps to one dump_file, connection by connection."""

    size = 0  # all is written at the end

    def __init__(self, stream: IO[bytes]) -> None:
        self._dump = DumpWriter(stream)

    def step(self, step: Step) -> bool:
        """Write a step; False for a frame that can't be written."""
        return self._dump.write(step) if isinstance(step, Sent) else True

    def go_on(self, stream: IO[bytes]) -> None:
        """Not possible."""
        raise UsageError("a dump_file can't be split by size: its connections follow one another")

    def close(self) -> None:
        """Write what waits."""
        self._dump.close()


class DumpedConnectionWriter:
    """Writes the steps of one connection to a dump_file, as they come."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._connection = DumpedConnection()
        self.size = 0

    def step(self, step: Step) -> bool:
        """Write a step; False for a frame that can't be written."""
        data = self._connection.frame(step) if isinstance(step, Sent) else b""
        if data is None:
            return False
        self._stream.write(data)
        self.size += len(data)
        return True

    def go_on(self, stream: IO[bytes]) -> None:
        """Go on in another file."""
        self._stream, self.size = stream, 0

    def close(self) -> None:
        """Nothing waits."""


class FramesWriter:
    """Writes frames with their lengths and nothing around them."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.size = 0

    def step(self, step: Step) -> bool:
        """Write a step; False for a frame that isn't whole."""
        if not isinstance(step, Sent):
            return True
        if not step.frame.is_whole:
            return False
        data = self._text(step.frame.body if step.is_full else step.frame.with_prefix())
        self._stream.write(data)
        self.size += len(data)
        return True

    def _text(self, frame: bytes) -> bytes:
        return frame

    def go_on(self, stream: IO[bytes]) -> None:
        """Go on in another file."""
        self._stream, self.size = stream, 0

    def close(self) -> None:
        """Nothing waits."""


class HexWriter(FramesWriter):
    """Writes frames in hex, one a line."""

    def _text(self, frame: bytes) -> bytes:
        return frame.hex().encode() + b"\n"


class JsonLinesWriter:
    """Writes events as JSON lines."""

    def __init__(self, stream: IO[bytes], *, keep_login_hashes: bool = False) -> None:
        self._keep = keep_login_hashes
        self.go_on(stream)

    def event(self, event: Event) -> None:
        """Write the line of an event."""
        self._line(event_line(event, keep_login_hashes=self._keep))

    def go_on(self, stream: IO[bytes]) -> None:
        """Begin a file."""
        self._stream, self.size = stream, 0
        self._line(capture_line([]))

    def close(self) -> None:
        """Nothing waits."""

    def _line(self, line: dict[str, Any]) -> None:
        data = line_bytes(line)
        self._stream.write(data)
        self.size += len(data)


StepWriter = PcapngFileWriter | DumpFileWriter | DumpedConnectionWriter | FramesWriter
