"""The file, or the files, that a capture is written to.

A name of its own for each part where a capture is split; nothing is overwritten without being
asked for; with thousands of connections only some files are open at a time.
"""

from __future__ import annotations

import os
import sys
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import IO, Final

from volttools.capture.sources import STDIN
from volttools.capture.writers import (
    STDOUT,
    DumpedConnectionWriter,
    DumpFileWriter,
    Format,
    FramesWriter,
    HexWriter,
    JsonLinesWriter,
    PcapngFileWriter,
    StepWriter,
)
from volttools.errors import CaptureError, UsageError
from volttools.protocol.events import Damage, Event, Exchange
from volttools.protocol.traffic import Sent, Step

MAX_OPEN_FILES: Final = 64
"""Of a capture that is split by connection; others are opened again when something more comes."""


@dataclass(slots=True)
class Converted:
    """What was written.

    files        in order
    frames       whole and partial ones
    left_out     frames that the format can't hold
    """

    files: list[str] = field(default_factory=list)
    frames: int = 0
    exchanges: int = 0
    connections: int = 0
    bytes: int = 0
    left_out: int = 0


class Target:
    """The file or files that are written."""

    def __init__(
        self,
        output: str,
        format: Format,
        *,
        by_connection: bool,
        max_bytes: int | None,
        keep_login_hashes: bool,
        overwrite: bool,
        inputs: list[str],
    ) -> None:
        if by_connection and max_bytes is not None:
            raise UsageError("split either by connection or by size, not by both")
        if output == STDOUT and (by_connection or max_bytes is not None):
            raise UsageError("standard output can't be split: give the name of a file")
        if max_bytes is not None and format == "dump":
            raise UsageError(
                "a dump_file can't be split by size: its connections follow one another. Split it by connection"
            )
        self.format = format
        self.converted = Converted()
        self._output = output
        self._by_connection = by_connection
        self._max_bytes = max_bytes
        self._keep = keep_login_hashes
        self._overwrite = overwrite
        self._inputs = inputs
        self._files: OrderedDict[str, _File] = OrderedDict()  # the least recently used first
        self._writers: dict[int, StepWriter | JsonLinesWriter] = {}
        self._connections: set[int] = set()
        self._parts = 0
        if not self._is_split:
            self._check_name(output)

    @property
    def _is_split(self) -> bool:
        return self._by_connection or self._max_bytes is not None

    def __enter__(self) -> Target:
        if not self._is_split:
            self._writer(0)  # it is there, even if nothing is written
        return self

    def __exit__(self, *error: object) -> None:
        try:
            # What was received is not lost, whatever went wrong behind it.
            for writer in self._writers.values():
                writer.close()
        finally:
            for file in self._files.values():
                file.close()
                self.converted.bytes += file.size

    def step(self, step: Step) -> None:
        """Write a step."""
        writer = self._writer(step.connection.number)
        assert not isinstance(writer, JsonLinesWriter)
        is_written = writer.step(step)
        if isinstance(step, Sent):
            self._count(step.connection.number, is_written)

    def event(self, event: Event) -> None:
        """Write an event."""
        number = 0 if event.connection is None else event.connection.number
        writer = self._writer(number)
        assert isinstance(writer, JsonLinesWriter)
        writer.event(event)
        self.converted.exchanges += isinstance(event, Exchange)
        self.converted.frames += 0 if isinstance(event, Damage) else len(event.frames)
        if number:
            self._connections.add(number)
            self.converted.connections = len(self._connections)

    def _count(self, number: int, is_written: bool) -> None:
        self._connections.add(number)
        self.converted.connections = len(self._connections)
        self.converted.frames += is_written
        self.converted.left_out += not is_written

    def _writer(self, connection: int) -> StepWriter | JsonLinesWriter:
        key = connection if self._by_connection else 0
        writer = self._writers.get(key)
        if writer is None:
            writer = self._writers[key] = self._made(self._open(self._name(connection)))
        elif self._max_bytes is not None and writer.size >= self._max_bytes:
            writer.go_on(self._open(self._name(connection)))  # type: ignore[arg-type]
        return writer

    def _made(self, file: _File) -> StepWriter | JsonLinesWriter:
        stream: IO[bytes] = file  # type: ignore[assignment]
        if self.format == "pcapng":
            return PcapngFileWriter(stream, is_one=self._by_connection)
        if self.format == "frames":
            return FramesWriter(stream)
        if self.format == "hex":
            return HexWriter(stream)
        if self.format == "json":
            return JsonLinesWriter(stream, keep_login_hashes=self._keep)
        return DumpedConnectionWriter(stream) if self._by_connection else DumpFileWriter(stream)

    def _name(self, connection: int) -> str:
        if not self._is_split:
            return self._output
        self._parts += 1
        number = connection if self._by_connection else self._parts
        stem, suffix = os.path.splitext(self._output)
        return f"{stem}-{number:04}{suffix}"

    def _check_name(self, path: str) -> None:
        """UsageError for a file that must not be written over."""
        if path == STDOUT:
            return
        if any(is_same_file(path, found) for found in self._inputs):
            raise UsageError(f"{path} is what is read: give the output another name")
        if os.path.isfile(path) and not self._overwrite:
            raise UsageError(f"{path} is there already: give another name, or --overwrite")

    def _open(self, path: str) -> _File:
        self._check_name(path)
        file = _File(path, self._files)
        self.converted.files.append(path)
        return file


class _File:
    """A file for writing that may be closed and opened again behind its writer's back."""

    def __init__(self, path: str, files: OrderedDict[str, _File]) -> None:
        self._path = path
        self._files = files
        self._stream: IO[bytes] | None = None
        self.size = 0
        self._open("wb")
        files[path] = self

    def write(self, data: bytes) -> int:
        """Write at the end."""
        stream = self._stream or self._open("ab")
        try:
            stream.write(data)
        except OSError as error:
            raise self._said(error) from None
        self.size += len(data)
        return len(data)

    def close(self) -> None:
        """Close it; standard output stays open."""
        stream, self._stream = self._stream, None
        try:
            if stream is not None and self._path == STDOUT:
                stream.flush()
            elif stream is not None:
                stream.close()
        except OSError as error:
            raise self._said(error) from None

    def _said(self, error: OSError) -> Exception:
        """What to tell of an error; that nobody reads any more is no error of the file."""
        if isinstance(error, BrokenPipeError):
            return error
        name = "standard output" if self._path == STDOUT else self._path
        return CaptureError(f"can't be written: {error.strerror}", file=name)

    def _open(self, mode: str) -> IO[bytes]:
        if self._path == STDOUT:
            self._stream = sys.stdout.buffer
            return self._stream
        open_files = [file for file in self._files.values() if file._stream is not None]
        if len(open_files) >= MAX_OPEN_FILES:
            open_files[0].close()
        try:
            stream: IO[bytes] = open(self._path, mode)  # noqa: SIM115  # `close` closes it
        except OSError as error:
            raise self._said(error) from None
        self._stream = stream
        if self._path in self._files:
            self._files.move_to_end(self._path)
        return stream


def is_same_file(output: str, source: str) -> bool:
    """Whether a file that is written is the one that is read, by whatever name."""
    try:
        if source == STDIN:
            return os.path.samestat(os.stat(output), os.fstat(sys.stdin.fileno()))
        return os.path.samefile(output, source)
    except (OSError, ValueError):  # it is not there, or no file
        return os.path.realpath(output) == os.path.realpath(source)
