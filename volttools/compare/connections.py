"""Which connection of A is which of B: numbers and ports tell nothing, what was called on them does.

Two are partners as soon as ALIKE of the first SAMPLE calls of their applications are the same. What is
left when the captures end goes by the most calls in common, then by order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from volttools.compare.calls import Call
from volttools.protocol.procedures import takes_sql

SAMPLE = 64
ALIKE = 12


@dataclass(slots=True, eq=False)
class _Connection:
    """One connection without a partner; `waiting` are its calls."""

    number: int
    sample: Counter[bytes] = field(default_factory=Counter)
    waiting: list[Call] = field(default_factory=list)

    def shares(self, other: _Connection) -> int:
        """How many calls of the samples are the same."""
        return (self.sample & other.sample).total()


@dataclass(frozen=True, slots=True)
class Placed:
    """A call of side 0 (A) or 1 (B), and the pair of connections that it belongs to."""

    side: int
    pair: int
    call: Call


class ConnectionPairs:
    """Gives calls the number of their pair of connections, as soon as that is known."""

    def __init__(self) -> None:
        self._pairs: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self._single: tuple[dict[int, _Connection], dict[int, _Connection]] = ({}, {})
        self._last = 0

    def place(self, side: int, call: Call) -> Iterator[Placed]:
        """Take a call; gives it, and those that had waited on its connection, or nothing yet."""
        pair = self._pairs[side].get(call.connection)
        if pair is not None:
            yield Placed(side, pair, call)
            return
        single = self._single[side]
        if call.connection not in single:
            single[call.connection] = _Connection(call.connection)
        mine = single[call.connection]
        mine.waiting.append(call)
        if mine.sample.total() >= SAMPLE or (
            call.procedure.startswith("@") and not takes_sql(call.procedure)
        ):
            return
        mine.sample[call.key] += 1
        if mine.sample.total() < ALIKE:
            return
        for other in self._single[1 - side].values():
            if call.key in other.sample and mine.shares(other) >= ALIKE:
                yield from self._join(mine, other) if side == 0 else self._join(other, mine)
                return

    def finish(self) -> Iterator[Placed]:
        """Pair what is left, and give what waited; connections without a partner are pairs of their own."""
        ones, others = (list(single.values()) for single in self._single)
        shared = ((one.shares(other), one, other) for one in ones for other in others)
        by_likeness = sorted(
            (item for item in shared if item[0]),
            key=lambda item: (-item[0], *_distance(item[1].number, item[2].number)),
        )
        for _, one, other in by_likeness:
            if one.number in self._single[0] and other.number in self._single[1]:
                yield from self._join(one, other)
        for one, other in zip(*(sorted(side.values(), key=_number) for side in self._single), strict=False):
            yield from self._join(one, other)
        for side in (0, 1):
            for alone in list(self._single[side].values()):
                self._last += 1
                yield from (Placed(side, self._last, call) for call in alone.waiting)
            self._single[side].clear()

    def _join(self, one: _Connection, other: _Connection) -> Iterator[Placed]:
        self._last += 1
        for side, connection in enumerate((one, other)):
            del self._single[side][connection.number]
            self._pairs[side][connection.number] = self._last
            for call in connection.waiting:
                yield Placed(side, self._last, call)


def _distance(one: int, other: int) -> tuple[int, int]:
    """Sorts pairs of numbers: the nearest first, then the lowest; the same when A and B change places."""
    return abs(one - other), min(one, other)


def _number(connection: _Connection) -> int:
    return connection.number
