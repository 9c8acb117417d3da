"""The way of plain segments that go on where the last ones of their sender ended, as nearly all do.

Such a segment changes a few numbers, and its bytes come out at once: a `Lane` does just that, for one
sender of a connection. What a segment means that is anything else, `conversations` knows.
"""

from __future__ import annotations

from volttools.capture.conversations import Connection, ConversationTable
from volttools.capture.plain import PlainSegment
from volttools.capture.streams import WINDOW
from volttools.formats.network import ACK, FIN, RST, SEQUENCE_MASK, SYN
from volttools.protocol.events import Event
from volttools.protocol.observer import Observer
from volttools.protocol.traffic import Step

_LOOKED_AT = SYN | FIN | RST | ACK


class Lane:
    """One sender of a connection.

    observer   knows what is spoken, and takes what is sent
    steps      where to collect what was sent; None: nobody wants it
    """

    __slots__ = (
        "_conversation",
        "_observer",
        "_other",
        "_own",
        "_read",
        "_side",
        "_steps",
        "_table",
        "connection",
    )

    def __init__(
        self,
        table: ConversationTable,
        connection: Connection,
        side: int,
        observer: Observer,
        steps: list[Step] | None,
    ) -> None:
        self.connection = connection
        self._observer = observer
        self._read = observer.read_on if observer.goes_on[side] else observer.data
        self._steps = steps
        self._table = table
        self._side = side
        self._conversation = connection.conversation
        self._own = self._conversation.streams[side]
        self._other = self._conversation.streams[1 - side]

    def take(self, time_ns: int | None, segment: PlainSegment) -> list[Event] | None:
        """What is known by a segment; None, and nothing is done, if it does not just go on."""
        _, flags, sequence, acknowledgment, payload = segment
        table, connection, own, other = self._table, self.connection, self._own, self._other
        expected = other.expected
        if (
            flags & _LOOKED_AT != ACK
            or table.holding  # which the table looks after with each segment
            or not connection.is_simple
            or (payload and sequence != own.expected)
            or expected is None
            or (acknowledgment != expected and (acknowledgment - expected) & SEQUENCE_MASK <= WINDOW)
        ):
            return None
        acked = other.acked
        if acknowledgment != acked and (acked is None or (acknowledgment - acked) & SEQUENCE_MASK <= WINDOW):
            other.acked = acknowledgment  # as `acknowledge` does
        table.segments = connection.last_segment = table.segments + 1
        conversation = self._conversation
        conversation.segments += 1
        if time_ns is not None:
            conversation.last_ns = time_ns
        if not payload:
            return []
        length = len(payload)
        own.next += length
        own.expected = (sequence + length) & SEQUENCE_MASK
        events = self._read(self._side, payload, time_ns)
        if self._steps is not None:
            self._steps += self._observer.steps()
        return events
