"""Captures: from files to log-ins, exchanges, pushes and damage.

    for exchange in volttools.open("x.pcapng"):
        print(exchange.procedure, exchange.status)

Several files are one capture: their packets are merged by time, as if one program had caught
them all. dump_files have no times; they follow one after the other.

Everything streams. Memory holds what is in flight on open connections, never the capture.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, Self

from volttools.capture.dumpfile import DumpFileReader
from volttools.capture.keylogs import KeyLogLike, KeyLogs
from volttools.capture.network import Dissector
from volttools.capture.packets import Packet, PacketReader
from volttools.capture.sources import PathLike, Source
from volttools.capture.watching import Watch
from volttools.errors import CaptureError
from volttools.protocol.events import Damage, Event, Exchange, Login, Push
from volttools.protocol.pairing import Numbers
from volttools.protocol.recognition import DEFAULT_PORTS

Progress = Callable[[int, int | None], None]


@dataclass(slots=True)
class Summary:
    """What a capture held, as far as it was read.

    bytes        of files as they are, compressed or not
    connections  VoltDB's; foreign ones are counted by kind in `foreign`: "HTTP", "TLS" ...
    refused      connections to a VoltDB port on which nothing was said; some of `connections`
    skipped      packets that are not TCP, by what they are
    libraries    connections by the client library that was recognised
    damage       by kind, see DAMAGE_KINDS
    """

    files: int = 0
    packets: int = 0
    bytes: int = 0
    connections: int = 0
    refused: int = 0
    foreign: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    libraries: Counter[str] = field(default_factory=Counter)
    frames: int = 0
    logins: int = 0
    exchanges: int = 0
    pushes: int = 0
    damage: Counter[str] = field(default_factory=Counter)
    first_ns: int | None = None
    last_ns: int | None = None

    @property
    def damage_count(self) -> int:
        """How much damage there is, of any kind."""
        return sum(self.damage.values())


class Capture:
    """One or more files, read as one. Made by `open`.

    Iterating gives the exchanges; `events` gives everything. Each starts from the beginning,
    except that standard input can be read only once. `summary` is that of the last reading.
    """

    def __init__(
        self,
        paths: Iterable[PathLike],
        *,
        ports: Iterable[int] = (),
        on_progress: Progress | None = None,
        keylog: KeyLogLike | Iterable[KeyLogLike] | None = None,
    ) -> None:
        self._sources = [Source(path) for path in paths]
        if not self._sources:
            raise TypeError("a capture needs at least one file")
        self._ports = frozenset(ports)
        self._on_progress = on_progress
        self._key_logs = KeyLogs(keylog)
        self._files = ExitStack()
        self.summary = Summary()

    def __iter__(self) -> Iterator[Exchange]:
        return (e for e in self.events() if isinstance(e, Exchange) and not e.is_fragment)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the files."""
        self._files.close()

    def events(self) -> Iterator[Event]:
        """Everything, as it becomes known: exchanges when they are complete, and what else there is.

        Raises CaptureError for a file that is no capture.
        """
        self.close()
        summary = self.summary = Summary(files=len(self._sources))
        numbers = Numbers()
        watch = Watch(
            given_ports=self._ports,
            known_ports=frozenset(DEFAULT_PORTS),
            numbers=numbers,
            file=self._sources[0].name if len(self._sources) == 1 else None,
            key_log=self._key_logs.log,
        )
        packet_files: list[tuple[Source, IO[bytes]]] = []
        dump_files: list[tuple[Source, IO[bytes]]] = []
        try:
            for source in self._sources:
                kind, stream = source.open(self._tell_progress)
                self._files.callback(stream.close)
                (packet_files if kind == "packets" else dump_files).append((source, stream))
            for event in self._read(packet_files, dump_files, watch, numbers):
                _count(event, summary)
                yield event
        finally:
            self.close()
            summary.bytes = sum(source.done for source in self._sources)
            summary.frames = numbers.frame() - 1
            summary.connections, summary.refused = watch.connections, watch.refused
            summary.foreign, summary.libraries = watch.foreign, watch.libraries

    def _read(
        self,
        packet_files: list[tuple[Source, IO[bytes]]],
        dump_files: list[tuple[Source, IO[bytes]]],
        watch: Watch,
        numbers: Numbers,
    ) -> Iterator[Event]:
        if packet_files:
            yield from self._read_packets(packet_files, watch)
        for source, stream in dump_files:
            yield from DumpFileReader(stream, file=source.name, numbers=numbers, connect=watch.next_number)

    def _read_packets(self, files: list[tuple[Source, IO[bytes]]], watch: Watch) -> Iterator[Event]:
        readers = [PacketReader(stream, file=source.name) for source, stream in files]
        self._key_logs.begin(readers)
        damage = [_FileDamage(reader) for reader in readers]
        dissector = Dissector()
        segment_of = dissector.segment
        summary = self.summary
        for packet in readers[0] if len(readers) == 1 else _merged(readers):
            summary.packets += 1
            time_ns = packet.time_ns
            if time_ns is not None:
                summary.last_ns = time_ns
                if summary.first_ns is None:
                    summary.first_ns = time_ns
            found = segment_of(packet)
            if found is not None:
                yield from watch.segment(found[0], found[1])
            for file in damage:
                if file.is_new:
                    yield from file.told()
        yield from watch.finish()
        for file in damage:
            yield from file.told()
        summary.skipped = dissector.skipped

    def _tell_progress(self) -> None:
        if self._on_progress is not None:
            sizes = [source.size for source in self._sources]
            known = [size for size in sizes if size is not None]
            done = sum(source.done for source in self._sources)
            self._on_progress(done, sum(known) if len(known) == len(sizes) else None)


def open(
    *paths: PathLike,
    ports: Iterable[int] = (),
    on_progress: Progress | None = None,
    keylog: KeyLogLike | Iterable[KeyLogLike] | None = None,
) -> Capture:
    """Open captures: pcap, pcapng (also gzipped) and dump_files, as one.

    paths        files; "-" is standard input; binary file objects
    ports        server ports besides 21212 and 21211; what goes there is taken for VoltDB's
    on_progress  called with bytes read and their number, if known, some times a second
    keylog       key logs (SSLKEYLOGFILE) for what is encrypted: names of files, or their content as
                 bytes; one or several. A pcapng file may hold its own
    Raises CaptureError for files that aren't there; when read, for those that are no captures.
    """
    return Capture(paths, ports=ports, on_progress=on_progress, keylog=keylog)


def _merged(readers: list[PacketReader]) -> Iterator[Packet]:
    """The packets of several files by time; those without one follow those before them."""

    def timed(reader: PacketReader, index: int) -> Iterator[tuple[int, int, int, Packet]]:
        last_ns = 0
        for packet in reader:
            last_ns = last_ns if packet.time_ns is None else packet.time_ns
            yield last_ns, index, packet.number, packet

    for *_, packet in heapq.merge(*(timed(reader, i) for i, reader in enumerate(readers))):
        yield packet


class _FileDamage:
    """What a file's reader notes, as events; each once."""

    def __init__(self, reader: PacketReader) -> None:
        self._reader = reader
        self._told = 0

    @property
    def is_new(self) -> bool:
        """Whether there is something to tell."""
        return self._reader.damage_count > self._told

    def told(self) -> Iterator[Damage]:
        """What is new."""
        errors: list[CaptureError] = self._reader.damage[self._told :]
        self._told = self._reader.damage_count
        for error in errors:
            what = "file cut" if "cut off" in error.message else "unreadable"
            yield Damage(what=what, message=error.message, offset=error.offset, file=error.file)


def _count(event: Event, summary: Summary) -> None:
    if isinstance(event, Exchange):
        summary.exchanges += 1
    elif isinstance(event, Login):
        summary.logins += 1
    elif isinstance(event, Push):
        summary.pushes += 1
    else:
        summary.damage[event.what] += 1
