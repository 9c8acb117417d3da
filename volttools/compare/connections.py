"""Which connection of A is which of B: numbers and ports tell nothing, what was called on them does.

Two are partners as soon as ALIKE of the first SAMPLE calls of their applications are the same. What is
left when the captures end goes by the most calls in common, then by order.

A connection of A has its pair at once, and calls of B wait until they know theirs. Of MOST_SINGLE
connections one remembers what was called on them; the oldest of more has the partner that is most like it by
then, or none: its calls are looked for on any connection, at the end.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from volttools.compare.calls import Call
from volttools.compare.overflow import Overflow
from volttools.compare.spool import Spool
from volttools.protocol.procedures import takes_sql

SAMPLE = 64
ALIKE = 12
MOST_SINGLE = 1_000
MOST_WAITING = 25_000
"""So many calls of B wait in memory; more wait on disk."""

_POPULAR = 100
"""A call that so many connections have made tells nothing of them."""
_MOST_PARTNERS = 16
"""Of so many that are like a connection one is chosen at the end."""

Placed = tuple[int, Call]
"""A side, and a call that knows its pair."""


@dataclass(slots=True, eq=False)
class _Connection:
    """One connection without a partner; `pair` is 0 for those of B."""

    number: int
    pair: int = 0
    sample: Counter[bytes] = field(default_factory=Counter)
    size: int = 0

    def shares(self, other: _Connection) -> int:
        """How many calls of the samples are the same."""
        return (self.sample & other.sample).total()


class _Candidate(NamedTuple):
    """One that may be a connection's partner; what is more like it has a smaller rank."""

    rank: tuple[int, int, int]
    connection: _Connection


class _Singles:
    """The connections of one side that have no partner, by number, and by what was called on them."""

    def __init__(self) -> None:
        self.by_number: dict[int, _Connection] = {}
        self._by_key: defaultdict[bytes, dict[int, _Connection]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self.by_number)

    def add(self, connection: _Connection) -> None:
        self.by_number[connection.number] = connection

    def note(self, connection: _Connection, key: bytes) -> None:
        """A call of a connection goes into its sample."""
        connection.sample[key] += 1
        connection.size += 1
        self._by_key[key][connection.number] = connection

    def remove(self, connection: _Connection) -> None:
        del self.by_number[connection.number]
        for key in connection.sample:
            there = self._by_key[key]
            del there[connection.number]
            if not there:
                del self._by_key[key]

    def with_call(self, key: bytes) -> list[_Connection]:
        """Those on which it was called."""
        found = self._by_key.get(key)
        return [] if found is None else list(found.values())

    def alike(self, connection: _Connection) -> list[_Candidate]:
        """Those that are like one of the other side; the most alike first."""
        shared: Counter[int] = Counter()
        for key, times in connection.sample.items():
            there = self._by_key.get(key, {})
            if len(there) <= _POPULAR:
                for number, other in there.items():
                    shared[number] += min(times, other.sample[key])
        found = [
            _Candidate((-times, *_distance(connection.number, number)), self.by_number[number])
            for number, times in shared.items()
        ]
        return sorted(found, key=_rank)[:_MOST_PARTNERS]


class ConnectionPairs:
    """Tells calls their pair of connections, as soon as that is known.

    most  so many calls of B wait in memory
    """

    def __init__(self, spool: Spool, most: int | None = None) -> None:
        self._spool = spool
        self._most = MOST_WAITING if most is None else most
        self._pairs: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self._single = (_Singles(), _Singles())
        self._waiting: defaultdict[int, list[Call]] = defaultdict(list)
        self._count = 0
        self._overflow = Overflow()
        self._last = 0

    def knows(self, side: int, call: Call) -> bool:
        """Whether the pair of a call is known; then the call is told."""
        pair = self._pairs[side].get(call.connection)
        if pair is None:
            return False
        call.pair = pair
        return True

    def place(self, side: int, call: Call) -> Iterator[Placed]:
        """Take a call; gives what knows its pair now: it, and those that had waited, or nothing yet."""
        singles = self._single[side]
        mine = singles.by_number.get(call.connection)
        if mine is None:
            if len(singles) >= MOST_SINGLE:
                yield from self._give_up(side)
            mine = _Connection(call.connection, 0 if side else self._next())
            singles.add(mine)
        if side == 0:
            call.pair = mine.pair
            yield side, call
        else:
            self._wait(call)
        if mine.size >= SAMPLE or (call.procedure.startswith("@") and not takes_sql(call.procedure)):
            return
        singles.note(mine, call.key)
        if mine.size < ALIKE:
            return
        for other in self._single[1 - side].with_call(call.key):
            if mine.shares(other) >= ALIKE:
                yield from self._join(mine, other) if side == 0 else self._join(other, mine)
                return

    def finish(self) -> Iterator[Placed]:
        """Pair what is left, and give what waited; connections without a partner are pairs of their own."""
        ones, others = self._single
        likely = [(found, one) for one in ones.by_number.values() for found in others.alike(one)]
        for (_, other), one in sorted(likely, key=lambda item: item[0].rank):
            if one.number in ones.by_number and other.number in others.by_number:
                yield from self._join(one, other)
        pairs = zip(*(sorted(side.by_number.values(), key=_number) for side in self._single), strict=False)
        for one, other in pairs:
            yield from self._join(one, other)
        for alone in list(others.by_number.values()):
            yield from self._leave_alone(alone)

    def close(self) -> None:
        """Give the disk back."""
        self._overflow.close()

    # ------------------------------------------------------------ pairs

    def _next(self) -> int:
        self._last += 1
        return self._last

    def _join(self, one: _Connection, other: _Connection) -> Iterator[Placed]:
        """They are partners: give the calls of B that waited."""
        self._single[0].remove(one)
        self._single[1].remove(other)
        self._pairs[0][one.number] = one.pair
        yield from self._released(other.number, one.pair)

    def _leave_alone(self, other: _Connection) -> Iterator[Placed]:
        """Nobody is the partner of a connection of B."""
        self._single[1].remove(other)
        yield from self._released(other.number, self._next())

    def _give_up(self, side: int) -> Iterator[Placed]:
        """The oldest connection has waited long enough."""
        mine = next(iter(self._single[side].by_number.values()))
        found = self._single[1 - side].alike(mine)
        if found:
            other = found[0].connection
            yield from self._join(mine, other) if side == 0 else self._join(other, mine)
        elif side == 0:
            self._single[0].remove(mine)
            self._pairs[0][mine.number] = mine.pair
        else:
            yield from self._leave_alone(mine)

    # ------------------------------------------------------------ calls of B that wait

    def _wait(self, call: Call) -> None:
        self._waiting[call.connection].append(call)
        self._count += 1
        if self._count > self._most:
            for number, calls in self._waiting.items():
                for waiting in calls:
                    self._spool.write_out(waiting)
                self._overflow.add(1, ((number, waiting) for waiting in calls))
            self._waiting.clear()
            self._count = 0

    def _released(self, number: int, pair: int) -> Iterator[Placed]:
        """The calls of a connection of B, which know their pair now."""
        self._pairs[1][number] = pair
        in_memory = self._waiting.pop(number, [])
        self._count -= len(in_memory)
        for call in chain(self._overflow.pop_all(1, number), in_memory):
            call.pair = pair
            yield 1, call


def _distance(one: int, other: int) -> tuple[int, int]:
    """Sorts pairs of numbers: the nearest first, then the lowest; the same when A and B change places."""
    return abs(one - other), min(one, other)


def _rank(candidate: _Candidate) -> tuple[int, int, int]:
    return candidate.rank


def _number(connection: _Connection) -> int:
    return connection.number
