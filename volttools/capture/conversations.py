"""Which segments belong to one TCP connection, and what connections there were.

A pair of endpoints names one connection at a time. `ConversationTable` numbers connections in
order of appearance, tells client from server by the handshake, and notices when a pair of
ports is used again. A connection that is over stays known for a while, so that late copies of
its packets don't look like a new one; then it is forgotten, so that memory stays flat.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from volttools.capture.reassembly import Event, TcpConversation
from volttools.capture.streams import Segment, signed
from volttools.formats.network import ACK, SYN

# Connections that may be over and still known.
MAX_OVER: Final = 1024
# Open connections; the longest idle ones go first. Each takes 2 kB.
MAX_OPEN: Final = 32_768
# Bytes that all connections together may hold; it is checked now and then.
MAX_HELD_BYTES: Final = 64 * 2**20
# How often, in capture time, connections that have fallen silent are looked at.
SWEEP_NS: Final = 10**9
# How often, in segments, what all connections hold is summed up.
SWEEP_SEGMENTS: Final = 256
# A SYN that comes late fits a stream that began within so many bytes and segments of it.
LATE_SYN_BYTES: Final = 2**16
LATE_SYN_SEGMENTS: Final = 64
# Segments of a connection that is over lie at most so far behind and ahead of its end.
LATE_BYTES_BEHIND: Final = 2**28
LATE_BYTES_AHEAD: Final = 2**16


class Endpoint(NamedTuple):
    """One end of a connection. It prints as "10.0.0.1:21212" or "[::1]:21212"."""

    address: str
    port: int

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


@dataclass(slots=True, eq=False)
class Connection:
    """One TCP connection of a capture.

    number        in order of appearance, from 1
    endpoints     side 0, who sent the first packet seen, and side 1
    client_side   0 or 1; None where no handshake was seen
    is_over       whether it was closed or reset: nothing new is to be expected
    is_simple     whether its next segments can be taken by a `Lane`
    last_segment  the number of its last segment in the capture
    """

    number: int
    endpoints: tuple[Endpoint, Endpoint]
    conversation: TcpConversation = field(default_factory=TcpConversation)
    client_side: int | None = None
    is_over: bool = False
    is_simple: bool = False
    last_segment: int = 0
    # Initial sequence numbers, from a side's SYN or the other side's answer to it.
    _initial: list[int | None] = field(default_factory=lambda: [None, None])

    @property
    def handshake(self) -> bool:
        """Whether any part of the handshake was seen."""
        return self.client_side is not None

    @property
    def client(self) -> Endpoint | None:
        """Who opened the connection, if that was seen."""
        return None if self.client_side is None else self.endpoints[self.client_side]

    @property
    def server(self) -> Endpoint | None:
        """Who accepted or refused the connection, if that was seen."""
        return None if self.client_side is None else self.endpoints[1 - self.client_side]

    def synchronize(self, side: int, segment: Segment) -> None:
        """Learn from a SYN who is who, and where the streams start."""
        self._initial[side] = segment.sequence
        if segment.flags & ACK:
            self._initial[1 - side] = (segment.acknowledgment - 1) & 0xFFFFFFFF
            self.client_side = 1 - side
        elif self.client_side is None:
            self.client_side = side

    def fits(self, side: int, segment: Segment) -> bool:
        """Whether a segment can be of this connection, and not of the next on the same ports."""
        if segment.flags & SYN:
            return self._fits_syn(side, segment)
        expected = self.conversation.expected(side)
        if not self.is_over or not segment.wire_length or expected is None:
            return True
        # Late copies lie near the end; a connection whose SYN was missed lies anywhere.
        ahead = signed(segment.sequence - expected)
        return -LATE_BYTES_BEHIND < ahead < LATE_BYTES_AHEAD

    def _fits_syn(self, side: int, segment: Segment) -> bool:
        known = self._initial[side]
        if known is not None:
            return known == segment.sequence
        if segment.flags & ACK and self._initial[1 - side] is not None:
            return self._initial[1 - side] == (segment.acknowledgment - 1) & 0xFFFFFFFF
        expected = self.conversation.expected(side)
        if expected is None:
            return not self.is_over
        return (
            self.conversation.segments <= LATE_SYN_SEGMENTS
            and 0 <= signed(expected - segment.sequence) <= LATE_SYN_BYTES
        )


class ConversationTable:
    """The connections of a capture.

    opened    how many there were so far
    segments  how many were taken
    holding   those that hold something back; a set in order of insertion, which is for reading
    """

    def __init__(self) -> None:
        self.opened = 0
        self._ignored = 0
        self.segments = 0
        # Both directions of each pair of endpoints -> the connection, the sender's side.
        self._known: dict[tuple[Endpoint, Endpoint], tuple[Connection, int]] = {}
        # Sets in order of insertion.
        self._open: dict[Connection, None] = {}
        self._over: dict[Connection, None] = {}
        self.holding: dict[Connection, None] = {}
        self._swept_ns: int | None = None
        self._overdue: set[Connection] = set()  # as far as `waits_long` is asked

    @property
    def ignored(self) -> int:
        """Segments that made no sense, so far."""
        known = (*self._open, *self._over)
        return self._ignored + sum(connection.conversation.ignored for connection in known)

    def feed(self, endpoints: tuple[Endpoint, Endpoint], segment: Segment) -> list[tuple[Connection, Event]]:
        """Take the next captured segment, sent from endpoints[0] to endpoints[1].

        Most events are of the segment's connection; some are of others that ended.
        """
        events: list[tuple[Connection, Event]] = []
        found = self._known.get(endpoints)
        if found is None:
            events += self._make_room()
            found = self._add(endpoints)
        elif (segment.flags & SYN or found[0].is_over) and not found[0].fits(found[1], segment):
            events += self._forget(found[0])
            found = self._add(endpoints)
        connection, side = found
        self.segments += 1
        connection.last_segment = self.segments
        if segment.flags & SYN:
            connection.synchronize(side, segment)
        conversation = connection.conversation
        was_holding = conversation.is_holding
        told = conversation.feed(side, segment)
        if told:
            events += [(connection, event) for event in told]
        if was_holding is not conversation.is_holding:
            self._note_holding(connection)
        if conversation.is_reset or (told and conversation.is_closed):
            self._note_over(connection)
        if self.holding:
            events += self._sweep(segment.time_ns)
        connection.is_simple = not connection.is_over and conversation.is_simple
        return events

    def connection_of(self, endpoints: tuple[Endpoint, Endpoint]) -> tuple[Connection, int] | None:
        """The connection between endpoints, and the side of the first of them."""
        return self._known.get(endpoints)

    def waits_long(self, now_ns: int | None) -> bool:
        """Whether something is held back that a segment elsewhere, by its time, may have let out by now."""
        before = self._overdue
        self._overdue = {
            connection
            for connection in self.holding
            if connection in before or (now_ns is not None and connection.conversation.waits_long(now_ns))
        }
        return bool(self._overdue)

    def may_be_late(self, endpoints: tuple[Endpoint, Endpoint], segment: Segment) -> bool:
        """Whether it matters if what `waits_long` was let out by a segment elsewhere before this one came."""
        connection, side = self._known.get(endpoints, (None, 0))
        return connection in self._overdue and not connection.conversation.goes_on(side, segment)

    def expire(self, now_ns: int) -> list[tuple[Connection, Event]]:
        """Give up what is overdue at capture time `now_ns`, where no segment says how late it is."""
        self._swept_ns = now_ns
        return [
            pair
            for connection in list(self.holding)
            for pair in self._after(connection, connection.conversation.expire(now_ns))
        ]

    def finish(self) -> list[tuple[Connection, Event]]:
        """End all connections, by number; each tells the end of both its sides."""
        left = sorted((*self._open, *self._over), key=lambda connection: connection.number)
        return [pair for connection in left for pair in self._forget(connection)]

    def _add(self, endpoints: tuple[Endpoint, Endpoint]) -> tuple[Connection, int]:
        self.opened += 1
        connection = Connection(self.opened, endpoints)
        self._known[endpoints[1], endpoints[0]] = (connection, 1)
        self._known[endpoints] = (connection, 0)
        self._open[connection] = None
        return connection, 0

    def _forget(self, connection: Connection) -> list[tuple[Connection, Event]]:
        """Finish a connection and drop it."""
        first, second = connection.endpoints
        for key in ((first, second), (second, first)):
            self._known.pop(key, None)
        for table in (self._open, self._over, self.holding):
            table.pop(connection, None)
        connection.is_simple = False
        told = connection.conversation.finish()
        self._ignored += connection.conversation.ignored
        return [(connection, event) for event in told]

    def _note_over(self, connection: Connection) -> None:
        if not connection.is_over:
            connection.is_over = True
            self._open.pop(connection)
            self._over[connection] = None

    def _note_holding(self, connection: Connection) -> None:
        if connection.conversation.is_holding:
            self.holding[connection] = None
        else:
            self.holding.pop(connection, None)

    def _make_room(self) -> Iterator[tuple[Connection, Event]]:
        """Forget connections where there are too many for another one."""
        while len(self._over) > MAX_OVER:
            yield from self._forget(next(iter(self._over)))
        if len(self._open) >= MAX_OPEN:
            idle_first = sorted(self._open, key=lambda connection: connection.last_segment)
            for connection in idle_first[: MAX_OPEN // 8]:
                yield from self._forget(connection)

    def _sweep(self, now_ns: int | None) -> Iterator[tuple[Connection, Event]]:
        """Look after the connections that hold something and may have fallen silent."""
        if self.segments % SWEEP_SEGMENTS == 0:
            yield from self._limit_held()
        if now_ns is None:
            return
        if self._swept_ns is not None and 0 <= now_ns - self._swept_ns < SWEEP_NS:
            return
        yield from self.expire(now_ns)

    def _limit_held(self) -> Iterator[tuple[Connection, Event]]:
        """Let out what waits longest, where all connections together hold too much."""
        held = sum(connection.conversation.held_bytes for connection in self.holding)
        for connection in list(self.holding):
            if held <= MAX_HELD_BYTES:
                return
            held -= connection.conversation.held_bytes
            yield from self._after(connection, connection.conversation.release())

    def _after(self, connection: Connection, told: list[Event]) -> Iterator[tuple[Connection, Event]]:
        """The events of a connection, whose state they changed."""
        self._note_holding(connection)
        if connection.conversation.is_closed:
            self._note_over(connection)
        for event in told:
            yield connection, event
