"""One FILE that is followed: packets and events, and where there is nothing more for now.

It is a name or a pattern, whose files are read one after the other as its `Trail` says, or a
pipe. Each file has its own header: byte order, link type and interfaces may change.
"""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TypeVar, cast

from volttools.capture.dumpfile import DumpFileReader
from volttools.capture.growing import Growing, GrowingFile, GrowingPipe
from volttools.capture.jsonlines_file import JsonLinesFile
from volttools.capture.keylogs import KeyLogs
from volttools.capture.packet import Packet
from volttools.capture.packets import FileDamage, PacketReader, detect
from volttools.capture.sources import STDIN, PathLike, Source
from volttools.capture.trail import Trail
from volttools.capture.watching import Watch
from volttools.capture.window import CHUNK_BYTES, NothingYet
from volttools.errors import CaptureError
from volttools.protocol.events import Damage, Event
from volttools.protocol.numbering import Numbers

T = TypeVar("T")


@dataclass(slots=True)
class Context:
    """What readers need of the capture, or it of them."""

    numbers: Numbers
    watch: Watch
    key_logs: KeyLogs


class FollowedSource:
    """One FILE that is followed: a name, a pattern, "-", or an open pipe.

    done  how many bytes were read of it, in all its files
    """

    size: int | None = None

    def __init__(self, path: PathLike) -> None:
        self._stream: IO[bytes] | None = None  # if it is one already
        self._trail: Trail | None = None  # of files, not of a pipe
        self._is_used = False
        self._files = 0  # that were begun
        self._done = 0
        # What is being read.
        self._pipe: GrowingPipe | None = None
        self._source: Source | None = None
        self._reader: PacketReader | DumpFileReader | JsonLinesFile | None = None
        if not isinstance(path, (str, os.PathLike)):
            self._stream = path
            self.name = str(getattr(path, "name", "stream"))
            return
        name = os.fspath(path)
        self.name = "standard input" if name == STDIN else name
        if name == STDIN:
            self._stream = sys.stdin.buffer
        elif os.path.isdir(name):
            raise CaptureError("a directory: to follow the files in it, give a pattern in quotes", file=name)
        elif not _is_pipe(name):
            self._trail = Trail(name)

    @property
    def done(self) -> int:
        """How many bytes were read of it, in all its files."""
        return self._done + (self._source.done if self._source else 0)

    @property
    def fileno(self) -> int | None:
        """The file number of a pipe that is open."""
        return self._pipe.fileno if self._pipe else None

    @property
    def has_part(self) -> bool:
        """Whether what is there ends within a packet: its writer keeps more in a buffer."""
        return isinstance(self._reader, PacketReader) and self._reader.has_part

    @property
    def missing(self) -> str | None:
        """What is waited for, if there was no file yet."""
        if self._trail is None or self._files:
            return None
        if self._trail.is_pattern:
            return f"{self.name}: no capture matches yet; waiting for one"
        if os.path.exists(self.name):
            return f"{self.name}: nothing is in it yet; waiting"
        return f"{self.name}: not there yet; waiting for it"

    def finish(self) -> Iterator[Event]:
        """What is left where following stops. A packet or frame that isn't whole is no damage."""
        if isinstance(self._reader, (DumpFileReader, JsonLinesFile)):
            yield from self._reader.finish()

    def items(self, context: Context) -> Generator[Packet | Event | None, None, None]:
        """Packets, events of dump_files, and damage; None where there is nothing more for now.

        From the beginning, except that an open pipe can be read only once.
        """
        self._files = self._done = 0
        if self._trail is None:
            yield from self._pipe_items(context)
            return
        trail = self._trail = Trail(self.name)
        refused: set[str] = set()  # files that may not be read
        while True:
            path = trail.take_next()
            if path is None:
                yield None
                continue
            try:
                file = GrowingFile(path, trail.has_next)
            except FileNotFoundError:
                continue
            except OSError as error:
                message = f"can't be opened: {error.strerror}"
                if not self._files and not trail.is_pattern:
                    raise CaptureError(message, file=path) from None
                if path not in refused:  # once, however often it grows
                    refused.add(path)
                    yield Damage(what="unreadable", message=message, file=path)
                continue
            refused.discard(path)
            try:
                for item in self._file_items(trail, file, context):
                    if item is None:
                        yield from map(_outgrown, trail.take_outgrown())
                    yield item
            finally:
                file.close()

    def _file_items(
        self, trail: Trail, file: GrowingFile, context: Context
    ) -> Iterator[Packet | Event | None]:
        trail.begin(file.identity)
        self._files += 1
        try:
            yield from self._stream_items(file, context)
        except CaptureError as error:
            if self._files == 1 and not trail.is_pattern:
                raise
            yield Damage(what="unreadable", message=error.message, offset=error.offset, file=file.name)
            yield from self._rest(file)
        if file.is_superseded:
            trail.leave(file.head, file.position)
        else:
            trail.forget(file.name)

    def _rest(self, file: GrowingFile) -> Iterator[None]:
        """Pass over what follows in a file that can't be read."""
        while True:
            try:
                if not file.read(CHUNK_BYTES):
                    return
            except NothingYet:
                yield None

    def _pipe_items(self, context: Context) -> Iterator[Packet | Event | None]:
        stream = self._stream
        if stream is not None and self._is_used:
            raise CaptureError("a stream can be read only once", file=self.name)
        self._is_used = True
        if stream is None:
            try:
                stream = cast(IO[bytes], io.FileIO(self.name, opener=_open_at_once))
            except OSError as error:
                raise CaptureError(f"can't be opened: {error.strerror}", file=self.name) from None
        self._pipe = GrowingPipe(stream, self.name)
        try:
            yield from self._stream_items(self._pipe, context)
        finally:
            self._pipe = None
            if self._stream is None:
                stream.close()

    def _stream_items(self, stream: Growing, context: Context) -> Iterator[Packet | Event | None]:
        """The items of one file, or of the pipe."""
        while True:
            with suppress(NothingYet):
                stream.begin()
                break
            yield None
        if detect(stream.start) == "gzip":
            raise CaptureError(
                "compressed with gzip: only what isn't compressed can be followed; unpack it, or"
                " decode it without following",
                file=stream.name,
            )
        source = self._source = Source(cast(IO[bytes], stream))
        try:
            kind, content = source.open()
            if kind == "packets":
                packets = PacketReader(content, file=stream.name)
                context.key_logs.add(packets)
                yield from self._packets(packets)
                context.key_logs.leave(packets)
            elif kind == "json lines":
                lines = self._reader = JsonLinesFile(
                    content,
                    file=stream.name,
                    numbers=context.numbers,
                    first_connection=context.watch.last_number,
                    connect=context.watch.take_number,
                )
                yield from _items_of(lines)
            else:
                reader = self._reader = DumpFileReader(
                    content, file=stream.name, numbers=context.numbers, connect=context.watch.next_number
                )
                yield from _items_of(reader)
        finally:
            self._done += source.done
            self._source = self._reader = None

    def _packets(self, reader: PacketReader) -> Iterator[Packet | Event | None]:
        self._reader = reader
        damage = FileDamage(reader)
        for packet in _items_of(reader):
            yield packet
            if damage.log.has_news:
                yield from damage.told()
        yield from damage.told()


def _items_of(reader: Iterable[T]) -> Iterator[T | None]:
    """The items of a reader; None where it has none for now."""
    while True:
        with suppress(NothingYet):
            yield from reader
            return
        yield None


def _is_pipe(name: str) -> bool:
    """Whether a name is that of something that is there and no file, such as a named pipe."""
    try:
        mode = os.stat(name).st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _open_at_once(name: str, flags: int) -> int:
    """Open a pipe without waiting for one who writes: others are to be read meanwhile, and Ctrl-C is to end it.

    Only Linux tells such a pipe from one that has ended.
    """
    return os.open(name, flags | os.O_NONBLOCK if sys.platform == "linux" else flags)


def _outgrown(path: str) -> Damage:
    return Damage(
        what="unreadable",
        message="it grew after a newer file had been begun, and what came is not read: follow files"
        " that are written at the same time one by one, each as a FILE",
        file=path,
    )
