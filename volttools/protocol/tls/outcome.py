"""What comes out of a conversation in TLS, in its order, also where something is lost.

How many bytes of content were lost is known only when the next record is found behind them: so
many bytes of records, less what so many records have around their content. Until then what
follows waits, of both sides.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from volttools.formats.tls import MAX_PLAIN_BYTES, Alert
from volttools.protocol.tls.records import Hole

MAX_WAITING_BYTES: Final = 2**20
"""If more waits behind a loss, its length is estimated."""


@dataclass(slots=True)
class Plain:
    """Bytes that a side said inside."""

    side: int
    data: bytes
    seen_at_ns: int | None


@dataclass(slots=True)
class PlainGap:
    """Bytes that a side said inside, and that can't be had.

    reason   "missing", "snap length": not in the capture; else a sentence's end that says why
    """

    side: int
    length: int
    seen_at_ns: int | None
    reason: str


@dataclass(slots=True)
class TlsAlert:
    """An alert that a side sent."""

    side: int
    alert: Alert
    seen_at_ns: int | None


@dataclass(slots=True)
class PlainEnd:
    """A side has ended: nothing of it follows."""

    side: int


TlsEvent = Plain | PlainGap | TlsAlert | PlainEnd


@dataclass(slots=True)
class _Loss:
    """A gap, and what is known of its length: bytes of records, and records that are counted."""

    gap: PlainGap
    bytes: int = 0
    records: int = 0
    is_settled: bool = False

    def settle(self, overhead: int, records: int) -> None:
        """Say how long it is. Records have at most so much content, so there are at least so many."""
        least = -(-self.bytes // (MAX_PLAIN_BYTES + overhead))
        self.gap.length = max(0, self.bytes - max(records, self.records, least) * overhead)
        self.is_settled = True


class Outcome:
    """Collects what comes out."""

    __slots__ = ("_last", "_losses", "_overheads", "_queue", "_waiting")

    def __init__(self) -> None:
        self._queue: deque[TlsEvent | _Loss] = deque()
        self._waiting = 0
        self._losses: list[_Loss | None] = [None, None]  # of each side, not settled
        self._overheads = [0, 0]
        self._last: list[_Loss | None] = [None, None]  # of sides of which nothing is read any more

    def tell(self, event: TlsEvent, length: int = 0) -> None:
        """Add what came out."""
        self._queue.append(event)
        self._waiting += length

    def lose(self, side: int, hole: Hole, *, is_last: bool = False) -> None:
        """Add to a side's loss.

        is_last  nothing of the side is read any more; nobody waits for it
        """
        losses = self._last if is_last else self._losses
        loss = losses[side]
        if loss is None:
            loss = losses[side] = _Loss(PlainGap(side, 0, hole.seen_at_ns, hole.reason))
            if not is_last:
                self._queue.append(loss)
        loss.bytes += hole.length
        loss.records += hole.records or 0

    def found(
        self, side: int, overhead: int, *, records: int = 0, handshake: int = 0, was_data: bool = True
    ) -> None:
        """A side's next record was found.

        overhead  what a record has around its content
        records   how many were passed over, as far as it is known
        handshake bytes of content in these that are known to be of a handshake
        was_data  whether they may have held more than a handshake
        """
        self._overheads[side] = overhead
        loss = self._losses[side]
        if loss is not None:
            self._losses[side] = None
            loss.bytes = max(0, loss.bytes - handshake) if was_data else 0
            loss.settle(overhead, records)

    def end(self, side: int, overhead: int) -> None:
        """A side has ended: no more will be known of its losses."""
        self.found(side, overhead)
        last, self._last[side] = self._last[side], None
        if last is not None:
            last.settle(overhead, 0)
            self._queue.append(last)
        self._queue.append(PlainEnd(side))

    def told(self) -> list[TlsEvent]:
        """What can come out now."""
        if self._waiting > MAX_WAITING_BYTES:
            for side, overhead in enumerate(self._overheads):
                self.found(side, overhead)
        events: list[TlsEvent] = []
        while self._queue:
            event = self._queue[0]
            if isinstance(event, _Loss):
                if not event.is_settled:
                    break
                if event.gap.length:
                    events.append(event.gap)
            else:
                events.append(event)
                if isinstance(event, Plain):
                    self._waiting -= len(event.data)
            self._queue.popleft()
        return events
