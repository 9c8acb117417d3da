"""One direction of a TCP connection: what came out, what waits, and where its bytes lie.

`Stream` turns sequence numbers, which are modulo 2**32 (RFC 9293, 3.4), into stream offsets,
which are not, and refuses those that make no sense. It keeps what must wait; when that comes
out is a matter of both directions and decided in `reassembly`.

Offset 0 is the byte behind the SYN. Without a SYN it is the first byte seen: until such a
stream is *started*, packets may still have changed places and offset 0 may move back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from volttools.capture.holding import HeldRuns, Run
from volttools.formats.network import ACK, PSH, RST, SEQUENCE_MASK

# Sequence numbers further away than this are garbage. An eighth of what a comparison modulo
# 2**32 can tell apart; a window can't be larger than a quarter (RFC 7323, 2.3).
WINDOW: Final = 2**28

# So many segments far away, each beginning where the one before ended, are no garbage: the
# capture lost more than WINDOW.
FAR_RUN: Final = 8


@dataclass(slots=True)
class Segment:
    """One captured TCP segment.

    time_ns      nanoseconds since 1970 UTC; None where the capture has no times
    flags        the control bits, FIN = 1 and so on
    wire_length  of the payload; more than len(payload) where a snap length cut it
    """

    time_ns: int | None
    sequence: int
    acknowledgment: int
    flags: int
    payload: bytes
    wire_length: int

    @property
    def ack(self) -> int | None:
        """The acknowledgment number, where there is one."""
        return self.acknowledgment if self.flags & ACK else None


@dataclass(slots=True)
class End:
    """A FIN or RST that waits for its place in the stream."""

    offset: int
    kind: Literal["fin", "rst"]
    ack: int | None
    time_ns: int | None
    arrival: int


@dataclass(slots=True)
class Stream:
    """The bytes of one side.

    next      offset up to which all has come out
    expected  the sequence number there; a guess until the stream is started
    """

    side: int
    next: int = 0
    expected: int | None = None
    held: HeldRuns = field(default_factory=HeldRuns)
    end: End | None = None
    is_closed: bool = False
    is_started: bool = False
    start_arrival: int = 0
    start_ns: int | None = None
    is_seen: bool = False  # anything but bare acknowledgments
    acked: int | None = None  # the highest acknowledgment of the other side
    _far_next: int = -1
    _far_run: int = 0

    @property
    def waiting(self) -> Run | End | None:
        """What comes out next, in time."""
        return self.held.runs[0] if self.held.runs else self.end

    def start_at(self, sequence: int) -> bool:
        """Take the first byte's sequence number, from a SYN; False if it makes no sense."""
        if self.is_closed or (self.is_started and (self.next or self.waiting)):
            return True  # a copy of the SYN, or one that came too late to tell anything
        if self.waiting and self.expected is not None:
            distance = signed(self.expected - sequence)
            if abs(distance) > WINDOW:
                return False
            self._shift(distance)
        self.expected = sequence
        self.is_started = True
        return True

    def locate(self, sequence: int, segment: Segment, arrival: int) -> int | None:
        """The offset of a segment's first byte; None if it is too far away."""
        self.is_seen = True
        if not self.is_started and self.waiting is None:
            self.expected = sequence
            self.start_arrival = arrival
            self.start_ns = segment.time_ns
        delta = 0 if self.expected is None else signed(sequence - self.expected)
        if not -WINDOW <= delta <= WINDOW:
            return None
        if delta < 0 and not self.is_started:
            self._shift(-delta)
            self.expected = sequence
            return 0
        return self.next + delta

    def ends_far_run(self, sequence: int, length: int) -> bool:
        """Note a segment too far away; whether by now there are too many in a row for garbage."""
        if not length or self.is_closed:
            return False
        self._far_run = self._far_run + 1 if sequence == self._far_next else 1
        self._far_next = (sequence + length) & SEQUENCE_MASK
        return self._far_run >= FAR_RUN

    def hold(self, offset: int, segment: Segment, arrival: int) -> bool:
        """Keep what is new in a segment; False if it lies behind the end of the stream."""
        end = offset + segment.wire_length
        start = max(offset, self.next)
        if start >= end:
            return True  # nothing new: a retransmission, a keep-alive probe
        if self.is_closed or (self.end and start >= self.end.offset):
            return False
        cut = offset + len(segment.payload)
        ack, now = segment.ack, segment.time_ns
        if start < cut:
            data = segment.payload[start - offset :]
            is_soft = end == offset + 1 and start > self.next and self._is_probe(segment)
            self.held.add(Run(start, cut, data, ack, now, arrival, is_soft))
            start = cut
        if start < end:
            self.held.add(Run(start, end, None, ack, now, arrival, is_soft=True))
        return True

    def hold_end(self, offset: int, segment: Segment, arrival: int) -> bool:
        """Keep the end of the stream for behind its last byte; False if it makes no sense."""
        if self.is_closed or self.end:
            return True
        last = max(self.next, self.held.runs[-1].end if self.held.runs else 0)
        if segment.flags & RST:
            # It may carry the number that its receiver acknowledged last, not its sender's own.
            self.end = End(max(offset, last), "rst", segment.ack, segment.time_ns, arrival)
            return True
        if offset < last:
            return False
        self.end = End(offset, "fin", segment.ack, segment.time_ns, arrival)
        return True

    def acknowledge(self, ack: int) -> None:
        """Learn from what the other side acknowledges."""
        if self.expected is None:
            self.expected = ack
        if self.acked is None or 0 < ((ack - self.acked) & SEQUENCE_MASK) <= WINDOW:
            self.acked = ack

    def advance(self, length: int) -> None:
        """Note that the next `length` bytes came out."""
        self.next += length
        if self.expected is not None:
            self.expected = (self.expected + length) & SEQUENCE_MASK

    def close(self) -> None:
        """Let nothing more come out."""
        self.is_closed = True
        self.end = None
        self.held.clear()

    def _shift(self, distance: int) -> None:
        """Add `distance` to the offsets of what waits before the start."""
        self.held.shift(distance)
        if self.end:
            self.end.offset = max(0, self.end.offset + distance)

    def _is_probe(self, segment: Segment) -> bool:
        """Whether a segment of one byte looks like a keep-alive probe (RFC 9293, 3.8.4).

        A probe repeats, as garbage, the last byte that the other side has acknowledged. Where
        that byte is known the probe is nothing new; behind a hole its habits have to tell.
        """
        is_acked = self.acked is not None and signed(self.acked - segment.sequence) >= 1
        return is_acked and not segment.flags & PSH


def signed(difference: int) -> int:
    """The difference of two sequence numbers, by the shorter way around.

    >>> signed(5 - 2**32 + 1), signed(2**32 - 1)
    (6, -1)
    """
    difference &= SEQUENCE_MASK
    return difference - 2**32 if difference >= 2**31 else difference
