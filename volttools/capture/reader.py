"""Captures: from files to log-ins, exchanges, pushes and damage.

    for exchange in volttools.open("x.pcapng"):
        print(exchange.procedure, exchange.status)

Several files are one capture: their packets are merged by time, as if one program had caught
them all. JSON lines and dump_files follow one after the other.

Everything streams. Memory holds what is in flight on open connections, never the capture.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self, cast

from volttools.capture.keylogs import KeyLogLike, KeyLogs
from volttools.capture.network import Dissector
from volttools.capture.packets import FileDamage, Packet, PacketReader
from volttools.capture.parts import NotDivisibleError, Part
from volttools.capture.plain import plain_segment
from volttools.capture.sources import Kind, PathLike, Source
from volttools.capture.watching import Watch
from volttools.errors import UsageError
from volttools.protocol.events import Event, Exchange, Login, Push
from volttools.protocol.numbering import Numbers
from volttools.protocol.recognition import DEFAULT_PORTS
from volttools.protocol.traffic import Step

if TYPE_CHECKING:  # else only where there is such a file: most captures are packets
    from volttools.capture.followed import FollowedSource
    from volttools.capture.following import Follower, Following
    from volttools.capture.jsonlines_file import OnError
    from volttools.filters.filter import Filter

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
    losses       pieces of damage because of which something is missing, or could not be decoded
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
    losses: int = 0
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
    A capture that is followed gives what comes until `stop` is called.
    """

    def __init__(
        self,
        paths: Iterable[PathLike],
        *,
        ports: Iterable[int] = (),
        on_progress: Progress | None = None,
        follow: Following | bool = False,
        keylog: KeyLogLike | Iterable[KeyLogLike] | None = None,
        part: Part | None = None,
    ) -> None:
        self._part = part
        self._following: Following | None = None
        self._sources: list[Source | FollowedSource] = []
        if follow:
            from volttools.capture.followed import FollowedSource
            from volttools.capture.following import Following

            self._following = Following() if follow is True else follow
            self._sources += [FollowedSource(path) for path in paths]
        else:
            self._sources += [Source(path) for path in paths]
        if not self._sources:
            raise TypeError("a capture needs at least one file")
        self._ports = frozenset(ports)
        self._on_progress = on_progress
        self._key_logs = KeyLogs(keylog)
        self._files = ExitStack()
        self._follower: Follower | None = None
        self._is_stopped = False
        self.summary = Summary()

    def __iter__(self) -> Iterator[Exchange]:
        return (e for e in self.events() if isinstance(e, Exchange) and not e.is_fragment)

    def where(self, expression: str | Filter) -> Iterator[Event]:
        """The events for which a filter holds: `capture.where("latency > 5ms")`.

        Raises FilterError at once for an expression that is none.
        """
        from volttools.filters.filter import filter_of

        return filter(filter_of(expression).matches, self.events())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        for source in self._plain_sources:
            source.forget()

    def close(self) -> None:
        """Close the files."""
        self._files.close()

    @property
    def paths(self) -> list[str]:
        """The files, as they were given; "-" is a stream."""
        return [source.path for source in self._plain_sources]

    @property
    def _plain_sources(self) -> list[Source]:
        """The files that are not followed."""
        return [source for source in self._sources if isinstance(source, Source)]

    @property
    def names(self) -> list[str]:
        """What the files are called in messages."""
        return [source.name for source in self._sources]

    def lines(self, on_error: OnError) -> Iterator[Event]:
        """The events of JSON lines; `on_error` is told of each line that can't be read.

        Raises UsageError for files that hold something else.
        """
        from volttools.capture.jsonlines_file import JsonLinesFile

        for source in self._plain_sources:
            kind, stream = source.open(self._tell_progress, only_lines=True)
            with stream:
                if kind != "json lines":
                    raise UsageError(f"{source.name} holds no JSON lines: it is what `convert` reads")
                yield from JsonLinesFile(stream, file=source.name, on_error=on_error)

    def make_repeatable(self) -> None:
        """Let a stream be read more than once: what comes from it waits in a temporary file.

        Raises CaptureError if it was read already, or can't be.
        """
        for source in self._plain_sources:
            source.make_repeatable()

    def stop(self) -> None:
        """End following soon: what is in flight is told, as at the end of a file.

        May be called from a signal handler, or another thread.
        """
        self._is_stopped = True
        if self._follower is not None:
            self._follower.stop()

    def events(self) -> Iterator[Event]:
        """Everything, as it becomes known: exchanges when they are complete, and what else there is.

        Raises CaptureError for a file that is no capture.
        """
        return cast(Iterator[Event], self._everything(logs_traffic=False))  # there are no steps then

    def steps(self) -> Iterator[Step]:
        """What was sent, in the order it was sent: for writing it down again.

        Raises CaptureError for a file that is no capture, UsageError for one that is followed.
        """
        if self._following:
            raise UsageError("a capture that is followed can't be written down: wait until it has ended")
        return (found for found in self._everything(logs_traffic=True) if isinstance(found, Step))

    def _everything(self, *, logs_traffic: bool) -> Iterator[Event | Step]:
        self.close()
        summary = self.summary = Summary(files=len(self._sources))
        numbers = self._part or Numbers()
        watch = Watch(
            given_ports=self._ports,
            known_ports=frozenset(DEFAULT_PORTS),
            numbers=numbers,
            file=self._sources[0].name if len(self._sources) == 1 else None,
            logs_traffic=logs_traffic,
            key_log=self._key_logs.log,
        )
        try:
            for found in self._follow(watch, numbers) if self._following else self._read(watch, numbers):
                if found.__class__ is Exchange and summary.first_ns is not None:
                    summary.exchanges += 1  # nearly all
                elif not logs_traffic or isinstance(found, Event):
                    _count(cast(Event, found), summary)
                yield found
        finally:
            self._is_stopped = False
            self.close()
            summary.bytes = sum(source.done for source in self._sources)
            summary.frames = numbers.frame() - 1
            summary.connections, summary.refused = watch.connections, watch.refused
            summary.foreign, summary.libraries = watch.foreign, watch.libraries

    def _read(self, watch: Watch, numbers: Numbers) -> Iterator[Event | Step]:
        files: dict[Kind, list[tuple[Source, IO[bytes]]]] = {"packets": [], "dump_file": [], "json lines": []}
        for source in self._plain_sources:
            kind, stream = source.open(self._tell_progress)
            self._files.callback(stream.close)
            files[kind].append((source, stream))
        if self._part is not None and len(files["packets"]) < len(self._sources):
            raise NotDivisibleError("only packets can be divided")
        if files["packets"]:
            yield from self._read_packets(files["packets"], watch)
        for source, stream in files["json lines"]:
            from volttools.capture.jsonlines_file import JsonLinesFile

            lines = JsonLinesFile(
                stream,
                file=source.name,
                numbers=numbers,
                first_connection=watch.last_number,
                connect=watch.take_number,
            )
            yield from lines.steps() if watch.logs_traffic else lines
        for source, stream in files["dump_file"]:
            from volttools.capture.dumpfile import DumpFileReader

            reader = DumpFileReader(
                stream,
                file=source.name,
                numbers=numbers,
                connect=watch.next_number,
                logs_traffic=watch.logs_traffic,
            )
            for event in reader:
                yield event
                yield from _emptied(reader.steps)
            yield from _emptied(reader.steps)

    def _read_packets(self, files: list[tuple[Source, IO[bytes]]], watch: Watch) -> Iterator[Event | Step]:
        readers = [PacketReader(stream, file=source.name) for source, stream in files]
        self._key_logs.begin(readers)
        damage = [FileDamage(reader) for reader in readers]
        dissector = Dissector()
        for packet in readers[0] if len(readers) == 1 else _merged(readers):
            events = self._take_packet(packet, dissector, watch)
            if events:
                yield from events
            if watch.steps:
                yield from _emptied(watch.steps)
            for file in damage:
                if file.log.has_news:
                    yield from file.told()
        if self._part is not None:
            self._part.is_ending = True
        yield from watch.finish()
        yield from _emptied(watch.steps)
        for file in damage:
            yield from file.told()
        self.summary.skipped = dissector.skipped

    def _follow(self, watch: Watch, numbers: Numbers) -> Iterator[Event]:
        from volttools.capture.followed import Context, FollowedSource
        from volttools.capture.following import Follower, Lull

        assert self._following is not None
        sources = [source for source in self._sources if isinstance(source, FollowedSource)]
        self._key_logs.begin(())
        context = Context(numbers, watch, self._key_logs)
        self._follower = Follower(sources, self._following, context)
        if self._is_stopped:
            self._follower.stop()
        dissector = Dissector()
        self.summary.skipped = dissector.skipped
        for item in self._follower.items():
            if isinstance(item, Packet):
                yield from self._take_packet(item, dissector, watch)
            elif not isinstance(item, Lull):
                yield item
            elif self.summary.last_ns is not None:
                yield from watch.expire(self.summary.last_ns + item.length_ns)
        yield from watch.finish()

    def _take_packet(self, packet: Packet, dissector: Dissector, watch: Watch) -> Sequence[Event]:
        """Count a packet; what is known by it."""
        summary = self.summary
        summary.packets += 1
        time_ns = packet.time_ns
        if time_ns is not None:
            summary.last_ns = time_ns
            if summary.first_ns is None:
                summary.first_ns = time_ns
        plain = plain_segment(packet)
        part = self._part
        if part is not None:
            part.begin(summary.packets, is_unsure=watch.waits_long(time_ns))
            if plain is not None and part.skips(plain[0]):
                return ()
        lane = None if plain is None else watch.lanes.get(plain[0])
        if plain is not None and lane is not None:
            events = lane.take(time_ns, plain)
            if events is not None:
                return events
        found = dissector.segment(packet)
        if found is None:
            return ()
        if part is not None:
            if not part.has(found[0], None if plain is None else plain[0]):
                return ()
            if watch.may_be_late(*found):
                raise NotDivisibleError("a packet came long after others of its connection, and out of order")
        return watch.segment(*found, None if plain is None else plain[0])

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
    follow: Following | bool = False,
    keylog: KeyLogLike | Iterable[KeyLogLike] | None = None,
    part: Part | None = None,
) -> Capture:
    """Open captures: pcap, pcapng (also gzipped) and dump_files, as one.

    paths        files; "-" is standard input; binary file objects
    ports        server ports besides 21212 and 21211; what goes there is taken for VoltDB's
    on_progress  called with bytes read and their number, if known, some times a second
    follow       wait for more where a file ends, also for files that aren't there yet or take
                 the place of another; a path may be a shell pattern. `Following` says how long
    keylog       key logs (SSLKEYLOGFILE) for what is encrypted: names of files, or their content as
                 bytes; one or several. A pcapng file may hold its own
    part         read only a part of the connections, of one that several read together; see `parts`
    Raises CaptureError for files that aren't there; when read, for those that are no captures.
    """
    return Capture(paths, ports=ports, on_progress=on_progress, follow=follow, keylog=keylog, part=part)


def _merged(readers: list[PacketReader]) -> Iterator[Packet]:
    """The packets of several files by time; those without one follow those before them."""

    def timed(reader: PacketReader, index: int) -> Iterator[tuple[int, int, int, Packet]]:
        last_ns = 0
        for packet in reader:
            last_ns = last_ns if packet.time_ns is None else packet.time_ns
            yield last_ns, index, packet.number, packet

    for *_, packet in heapq.merge(*(timed(reader, i) for i, reader in enumerate(readers))):
        yield packet


def _emptied(steps: list[Step]) -> list[Step]:
    """The steps that were collected; the list is empty for the next ones."""
    taken = steps.copy()
    steps.clear()
    return taken


def _count(event: Event, summary: Summary) -> None:
    if summary.first_ns is None:
        summary.first_ns = event.time_ns  # of JSON lines; packets have told theirs before
    if isinstance(event, Exchange):
        summary.exchanges += 1
    elif isinstance(event, Login):
        summary.logins += 1
    elif isinstance(event, Push):
        summary.pushes += 1
    else:
        summary.damage[event.what] += 1
        summary.losses += event.is_error
