"""From TCP segments to the bytes that each side sent, in an order that could have happened.

A capture is a witness with a bad memory: it sees packets twice, late, in the wrong order, cut
short, or not at all. `TcpConversation` takes the segments of both directions of one connection
as they were captured, and tells of

    Data    bytes of one side, each stream offset once, in stream order
    Gap     bytes that were sent but are not in the capture
    Closed  the end of one side's stream

Two rules decide when something comes out.

1. **No hole passes in silence.** What lies behind a hole waits until the hole is filled or
   given up; then it becomes a `Gap`.
2. **Causes come before effects.** A segment that acknowledges N bytes of the other side was
   sent after its host had received them, so it waits until the other stream has come out that
   far. A response never comes out before its request, however late that was captured.

Waiting is bounded: by segments, by bytes and by capture time, and it ends with the connection.
At a bound the item that was captured first is released: the holes before it become gaps, and
what it acknowledges is waited for no longer.

Nothing here looks at a clock. Which segments belong to one connection is told by
`conversations`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from volttools.capture.holding import Run
from volttools.capture.streams import WINDOW, End, Segment, Stream, signed
from volttools.formats.network import ACK, FIN, RST, SEQUENCE_MASK, SYN
from volttools.protocol.frames import CloseKind

__all__ = [
    "Closed",
    "Data",
    "Event",
    "Gap",
    "Segment",
    "TcpConversation",
]

# What one connection may hold: more than a pipelining client has in flight, and little enough
# for thousands of connections.
MAX_HELD_BYTES: Final = 2**20
MAX_HELD_SEGMENTS: Final = 512
MAX_HELD_NS: Final = 5 * 10**9

# How many segments of the connection may pass, and how much time, before a stream without a
# SYN must start; and before a side that is not seen at all counts as not captured.
START_SEGMENTS: Final = 16
START_NS: Final = 10**9

GapReason = Literal["missing", "snap length"]


@dataclass(slots=True)
class Data:
    """New bytes of `side`, from stream offset `offset` on.

    They are from one segment and, unless it overlaps what came before, begin where it began.
    """

    side: int
    offset: int
    data: bytes
    time_ns: int | None


@dataclass(slots=True)
class Gap:
    """`length` bytes of `side`, from stream offset `offset` on, are not in the capture."""

    side: int
    offset: int
    length: int
    time_ns: int | None
    reason: GapReason


@dataclass(slots=True)
class Closed:
    """The stream of `side` ended: nothing of that side follows.

    "fin"             the side closed it
    "rst"             one of the sides broke the connection
    "end of capture"  nothing more of it was captured
    """

    side: int
    kind: CloseKind
    time_ns: int | None


Event = Data | Gap | Closed


@dataclass(slots=True)
class _Patience:
    """How long one side is waited for."""

    waived: int = 0  # acknowledgments of it up to this offset were waited for long enough
    is_absent: bool = False  # nothing of it was seen in good time


class TcpConversation:
    """Both directions of one TCP connection. Sides are 0 and 1, as the caller numbers them.

    has_data    whether anything but the end came out
    ignored     segments that make no sense: far outside of the window, or behind the end
    is_holding  whether anything waits
    is_reset    whether there was an RST
    segments    that were captured, with copies and bare acknowledgments
    last_ns     when the last one was, as far as that is known
    """

    __slots__ = (
        "_events",
        "_is_finished",
        "_oldest_ns",
        "_patience",
        "has_data",
        "ignored",
        "is_holding",
        "is_reset",
        "last_ns",
        "segments",
        "streams",
    )

    def __init__(self) -> None:
        self.streams = (Stream(0), Stream(1))
        self._patience = (_Patience(), _Patience())
        self._events: list[Event] = []
        self.segments = 0
        self.last_ns: int | None = None
        self._oldest_ns: int | None = None  # what waits is not older
        self._is_finished = False
        self.has_data = False
        self.ignored = 0
        self.is_holding = False
        self.is_reset = False

    @property
    def is_closed(self) -> bool:
        """Whether both streams have ended."""
        return self.streams[0].is_closed and self.streams[1].is_closed

    @property
    def is_simple(self) -> bool:
        """Whether the next bytes of either side come out at once, if they acknowledge what came out."""
        first, second = self.streams
        return (
            not self.is_holding
            and self.has_data
            and (first.is_seen and first.is_started and not first.is_closed)
            and (second.is_seen and second.is_started and not second.is_closed)
        )

    @property
    def held_bytes(self) -> int:
        """How many bytes wait."""
        return sum(stream.held.held_bytes for stream in self.streams)

    @property
    def held_segments(self) -> int:
        """How many runs of bytes wait."""
        return sum(len(stream.held.runs) for stream in self.streams)

    def expected(self, side: int) -> int | None:
        """The sequence number of the byte of `side` that comes out next, if known."""
        return self.streams[side].expected

    def is_unseen(self, side: int) -> bool:
        """Whether a side sent bytes, as the other one acknowledged them, of which none was captured."""
        me = self.streams[side]
        if me.is_seen or me.acked is None or me.expected is None:
            return False
        return (me.acked - me.expected) & SEQUENCE_MASK > 1  # one may be its FIN

    # -- what goes in ---------------------------------------------------------------------

    def feed(self, side: int, segment: Segment) -> list[Event]:
        """Take the next captured segment, sent by `side`; tell what is known by now."""
        self.segments += 1
        if segment.time_ns is not None:
            self.last_ns = segment.time_ns
        me = self.streams[side]
        if self.is_holding or segment.flags & (SYN | FIN | RST):
            return self._feed_slowly(me, segment)
        length = segment.wire_length
        if not length:
            self._note(me, segment)
            return []
        if (
            segment.sequence != me.expected
            or not me.is_started
            or me.is_closed
            or len(segment.payload) != length
            or self._must_wait(segment.ack, self.streams[1 - side])
        ):
            return self._feed_slowly(me, segment)
        # The common case without a detour: the next bytes, and nothing to wait for.
        self._note(me, segment)
        me.is_seen = True
        self.has_data = True
        offset = me.next
        me.next = offset + length
        me.expected = (segment.sequence + length) & SEQUENCE_MASK
        return [Data(side, offset, segment.payload, segment.time_ns)]

    def waits_long(self, now_ns: int) -> bool:
        """Whether something may have waited for so long that the time alone lets it out."""
        return self.is_holding and (self._oldest_ns is None or now_ns - self._oldest_ns > START_NS)

    def goes_on(self, side: int, segment: Segment) -> bool:
        """Whether a segment stands behind all of its side that came or waits; so it is no matter which of it is."""
        me = self.streams[side]
        if segment.flags & SYN or me.expected is None:
            return False
        behind = me.held.runs[-1].end - me.next if me.held.runs else 0
        return segment.sequence == (me.expected + behind) & SEQUENCE_MASK

    def expire(self, now_ns: int) -> list[Event]:
        """Give up what is overdue at capture time `now_ns`."""
        self._enforce(now_ns)
        return self._take_events()

    def release(self) -> list[Event]:
        """Give up all waiting for now."""
        for me in self.streams:
            me.is_started |= me.waiting is not None
        self._pump()
        while self.is_holding:
            self._release(self._oldest()[0])
        return self._take_events()

    def finish(self) -> list[Event]:
        """Tell all that waits, and the end of both sides. What is fed later is ignored."""
        self._events = self.release()
        for me in self.streams:
            if not me.is_closed:
                self._close(me, "rst" if self.is_reset else "end of capture", self.last_ns)
        self._is_finished = True
        return self._take_events()

    def _feed_slowly(self, me: Stream, segment: Segment) -> list[Event]:
        if self._is_finished:
            self.ignored += 1
            return []
        sequence = segment.sequence
        if segment.flags & SYN:
            self._synchronize(me, segment)
            sequence = (sequence + 1) & SEQUENCE_MASK
        self._note(me, segment)
        if segment.wire_length or segment.flags & (FIN | RST):
            self._hold(me, sequence, segment)
        self._pump()
        self._enforce(segment.time_ns)
        return self._take_events()

    def _note(self, me: Stream, segment: Segment) -> None:
        """Learn from a segment what doesn't depend on its place."""
        if me.expected is None:
            me.expected = segment.sequence
        if segment.flags & ACK:
            self.streams[1 - me.side].acknowledge(segment.acknowledgment)

    def _synchronize(self, me: Stream, segment: Segment) -> None:
        """Take the start of a stream from its SYN; the answer to a SYN tells the other's too."""
        me.is_seen = True
        makes_sense = me.start_at((segment.sequence + 1) & SEQUENCE_MASK)
        peer = self.streams[1 - me.side]
        if segment.flags & ACK and not peer.is_started:
            makes_sense &= peer.start_at(segment.acknowledgment)
        self.ignored += not makes_sense

    def _hold(self, me: Stream, sequence: int, segment: Segment) -> None:
        """Put the bytes and the end that a segment brings to what waits."""
        length = segment.wire_length
        offset = me.locate(sequence, segment, self.segments)
        if offset is None:
            self.ignored += 1
            if not me.ends_far_run(sequence, length):
                return
            self._jump(me, sequence, segment.time_ns)
            offset = me.next
        makes_sense = me.hold(offset, segment, self.segments)
        if segment.flags & (FIN | RST):
            makes_sense &= me.hold_end(offset + length, segment, self.segments)
            if segment.flags & RST:
                self.is_reset = True
                # Refused: there are no earlier bytes to wait for.
                me.is_started |= not (self.has_data or me.held.runs)
        self.ignored += not makes_sense
        if not self.is_holding and me.waiting:
            self.is_holding = True
            self._oldest_ns = segment.time_ns

    def _jump(self, me: Stream, sequence: int, now_ns: int | None) -> None:
        """Go on at a sequence number far away, with a gap."""
        me.is_started = True
        while me.waiting:
            self._release(me)
        if not me.is_closed and me.expected is not None:
            self._skip(me, (sequence - me.expected) & SEQUENCE_MASK, now_ns)

    # -- what comes out -------------------------------------------------------------------

    def _take_events(self) -> list[Event]:
        events, self._events = self._events, []
        return events

    def _must_wait(self, ack: int | None, peer: Stream) -> bool:
        """Whether what acknowledges `ack` was sent after bytes of `peer` that aren't out."""
        if ack is None or ack == peer.expected or peer.expected is None or peer.is_closed:
            return False
        ahead = (ack - peer.expected) & SEQUENCE_MASK
        if ahead > WINDOW:
            return False  # old, or garbage
        patience = self._patience[peer.side]
        return peer.next + ahead > patience.waived and (peer.is_seen or not patience.is_absent)

    def _pump(self) -> None:
        """Let out what has no reason to wait."""
        first, second = self.streams
        while self._drain(first) | self._drain(second):
            pass
        self.is_holding = first.waiting is not None or second.waiting is not None

    def _drain(self, me: Stream) -> bool:
        """Let out what may come out of one side now; whether there was anything."""
        peer = self.streams[1 - me.side]
        waived = self._patience[me.side].waived
        moved = False
        while me.is_started and (item := me.waiting) and not self._must_wait(item.ack, peer):
            if item.offset > me.next:
                if item.offset > waived:
                    break
                # The missing bytes were acknowledged, and waited for, long enough.
                self._skip_hole(me, item)
            elif isinstance(item, Run):
                self._deliver(me)
            else:
                self._close(me, item.kind, item.time_ns)
            moved = True
        return moved

    def _deliver(self, me: Stream) -> None:
        """Let the first held run out."""
        run = me.held.pop_first()
        length = run.end - run.offset
        if run.data is None:
            self._events.append(Gap(me.side, run.offset, length, run.time_ns, "snap length"))
        else:
            self._events.append(Data(me.side, run.offset, run.data, run.time_ns))
        self.has_data = True
        me.advance(length)

    def _skip(self, me: Stream, length: int, now_ns: int | None) -> None:
        """Tell that the next bytes are missing."""
        self._events.append(Gap(me.side, me.next, length, now_ns, "missing"))
        self.has_data = True
        me.advance(length)

    def _skip_hole(self, me: Stream, item: Run | End) -> None:
        """Tell that the bytes before a waiting item are missing."""
        stop = item.offset
        if isinstance(item, Run) and item.is_soft and item.data is not None:
            # A keep-alive's garbage, where the last byte of what is missing would be.
            stop = me.held.pop_first().end
        self._skip(me, stop - me.next, item.time_ns)

    def _close(self, me: Stream, kind: CloseKind, now_ns: int | None) -> None:
        me.close()
        self._events.append(Closed(me.side, kind, now_ns))

    # -- the end of patience --------------------------------------------------------------

    def _enforce(self, now_ns: int | None) -> None:
        """Keep the bounds on what waits."""
        if not self.is_holding:
            return
        self._enforce_start(now_ns)
        while self.is_holding and (
            self.held_segments > MAX_HELD_SEGMENTS
            or self.held_bytes > MAX_HELD_BYTES
            or self._is_overdue(now_ns)
        ):
            self._release(self._oldest()[0])

    def _enforce_start(self, now_ns: int | None) -> None:
        """Start streams that had their chance; wait no more for a side that isn't there."""
        has_many = self.held_segments >= START_SEGMENTS
        for me, patience in zip(self.streams, self._patience, strict=True):
            if not me.is_started and me.waiting and self._must_start(me, now_ns):
                me.is_started = True
                self._pump()
            if has_many and not (me.is_seen or patience.is_absent):
                patience.is_absent = True
                self._pump()

    def _must_start(self, me: Stream, now_ns: int | None) -> bool:
        if self.segments - me.start_arrival >= START_SEGMENTS:
            return True
        return now_ns is not None and me.start_ns is not None and now_ns - me.start_ns > START_NS

    def _is_overdue(self, now_ns: int | None) -> bool:
        if now_ns is None or self._oldest_ns is None or now_ns - self._oldest_ns <= MAX_HELD_NS:
            return False
        # What was the oldest may be out by now: look.
        self._oldest_ns = self._oldest()[1].time_ns
        return self._oldest_ns is not None and now_ns - self._oldest_ns > MAX_HELD_NS

    def _oldest(self) -> tuple[Stream, Run | End]:
        """What was captured first of all that waits, and its stream."""
        waiting: list[tuple[Stream, Run | End]] = []
        for me in self.streams:
            waiting.extend((me, run) for run in me.held.runs)
            if me.end:
                waiting.append((me, me.end))
        return min(waiting, key=lambda pair: pair[1].arrival)

    def _release(self, me: Stream) -> None:
        """Let at least one item of a side out, whatever it waits for."""
        if not me.is_started:
            me.is_started = True
            self._pump()
        item = me.waiting
        if item is None:
            return
        peer = self.streams[1 - me.side]
        if item.ack is not None and self._must_wait(item.ack, peer):
            self._wait_no_more(peer, item.ack)
        if me.waiting is item and item.offset > me.next:
            self._skip_hole(me, item)
        self._pump()

    def _wait_no_more(self, peer: Stream, ack: int) -> None:
        """Wait no longer for bytes of `peer` up to an acknowledgment of them."""
        need = peer.next + signed(ack - (peer.expected or 0))
        patience = self._patience[peer.side]
        patience.waived = max(patience.waived, need)
        peer.is_started = True
        item = peer.waiting
        if item and peer.next < item.offset:
            # What follows the hole is here, so it is one: tell it before its effects.
            if item.offset <= need:
                self._skip_hole(peer, item)
            else:
                self._skip(peer, need - peer.next, item.time_ns)
        self._pump()
