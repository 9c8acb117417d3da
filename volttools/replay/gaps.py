"""Calls that are not wholly in a capture: which they are, as far as it tells.

Of a call whose answer was captured the exchange and its status are known, of one that was cut the procedure as well.
Of frames that were lost as a whole nobody knows what they were: they are told by their place between other calls.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from volttools.formats.response import status_name
from volttools.protocol.events import Connection, Damage, Direction, Exchange
from volttools.render.cells import Line
from volttools.render.values import duration, visible
from volttools.replay.labels import labelled
from volttools.words import counted

MOST_MISSING: Final = 1_000
"""So many are known one by one; all are counted."""
SHOWN: Final = 5
_OPEN: Final = 4

NOT_CAPTURED: Final = "the request is not in the capture"
DAMAGED: Final = "the request is damaged"
LOST_FRAMES: Final = "frames that were lost from the capture, and may have been calls"


@dataclass(slots=True, kw_only=True)
class Missing:
    """A call that is not wholly in the capture, or a hole in which there may have been some.

    why         one of the constants above
    connection  its number in the capture; client, server: who talked to whom, if that is known
    time_ns     when it was, or when its answer came
    offset, length   of the hole in what the client sent, in bytes
    exchange    its number, where there is an answer
    before, after   numbers of the calls of the connection that were sent before and after the hole
    """

    why: str
    connection: int
    client: str | None
    server: str | None
    time_ns: int | None = None
    offset: int | None = None
    length: int | None = None
    exchange: int | None = None
    before: int | None = None
    after: int | None = None
    procedure: str | None = None
    client_handle: int | None = None
    status: int | None = None

    @classmethod
    def on(cls, connection: Connection, why: str, **known: Any) -> Self:
        """What is missing on a connection."""
        return cls(
            why=why,
            connection=connection.number,
            client=connection.client,
            server=connection.server,
            **known,
        )

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return {name: getattr(self, name) for name in self.__slots__}

    def text(self, first_ns: int | None) -> str:
        """In words; times since `first_ns`."""
        when = ""
        if self.time_ns is not None and first_ns is not None:
            when = f" at {duration(self.time_ns - first_ns)}"
        return f"connection {self.connection}{when}: {self._what()}"

    def _what(self) -> str:
        if self.exchange is None:
            length = "some bytes" if self.length is None else counted(self.length, "byte")
            place = "" if self.offset is None else f" from {self.offset:,} on"
            return f"{length}{place}{self._between()}"
        name = f", {visible(self.procedure)}" if self.procedure else ""
        handle = "" if self.client_handle is None else f", client handle {self.client_handle}"
        status = "not answered"
        if self.status is not None:
            status = f"answered with {status_name(self.status)}"
        return f"exchange {self.exchange}{name}{handle}, {status}"

    def _between(self) -> str:
        if self.before is None and self.after is None:
            return ""
        if self.before is None:
            return f", before exchange {self.after}"
        if self.after is None:
            return f", behind exchange {self.before}"
        return f", between exchanges {self.before} and {self.after}"


class Gaps:
    """Collects them while a capture is read."""

    def __init__(self) -> None:
        self.found: list[Missing] = []
        self._last: dict[int, tuple[int, int]] = {}  # by connection: offset and number of its last request
        self._open: dict[int, deque[Missing]] = {}  # holes of which the neighbours may still come

    def damage(self, damage: Damage) -> bool:
        """Note a hole; whether there may have been calls in it."""
        if not damage.lost_boundary or damage.direction is Direction.SERVER:
            return False
        connection = damage.connection
        if connection is not None and len(self.found) < MOST_MISSING:
            hole = Missing.on(
                connection, LOST_FRAMES, time_ns=damage.seen_at_ns, offset=damage.offset, length=damage.length
            )
            offset, number = self._last.get(connection.number, (0, 0))
            if number and damage.offset is not None and offset < damage.offset:
                hole.before = number
            self.found.append(hole)
            self._open.setdefault(connection.number, deque(maxlen=_OPEN)).append(hole)
        return True

    def exchange(self, exchange: Exchange) -> None:
        """See whether it is a neighbour of a hole."""
        request, connection = exchange.request_frame, exchange.connection.number
        if request is None:
            return
        last = self._last.get(connection)
        if last is None or last[0] < request.offset:
            self._last[connection] = (request.offset, exchange.number)
        for hole in self._open.get(connection, ()):
            if hole.offset is None:
                continue
            if request.offset < hole.offset:
                hole.before = max(hole.before or 0, exchange.number)
            elif hole.after is None or exchange.number < hole.after:
                hole.after = exchange.number

    def lacks(self, exchange: Exchange, why: str) -> None:
        """Note a call that can't be made."""
        if len(self.found) < MOST_MISSING:
            self.found.append(
                Missing.on(
                    exchange.connection,
                    why,
                    time_ns=exchange.time_ns,
                    exchange=exchange.number,
                    procedure=exchange.procedure,
                    client_handle=exchange.client_handle,
                    status=exchange.status,
                )
            )


def left_out_lines(
    left_out: Mapping[str, int], missing: Sequence[Missing], first_ns: int | None, *, is_long: bool
) -> Iterator[Line]:
    """What of a capture can't be replayed, and why; the calls that are missing, all of them if `is_long`."""
    for index, (why, times) in enumerate(left_out.items()):
        yield labelled("" if index else "left out", f"{times:,}: {why}")
    shown = missing if is_long else missing[:SHOWN]
    for index, each in enumerate(shown):
        yield labelled("" if index else "missing", each.text(first_ns))
    if len(missing) > len(shown):
        yield labelled("", f"and {len(missing) - len(shown):,} more; -v lists them")
    elif missing and (unknown := missing_count(left_out) - len(missing)) > 0:
        yield labelled("", f"and {unknown:,} more; `volttools check` has their places")


def missing_count(left_out: Mapping[str, int]) -> int:
    """How many there are in all."""
    counts = Counter(left_out)
    return sum(counts[why] for why in (NOT_CAPTURED, DAMAGED, LOST_FRAMES))
