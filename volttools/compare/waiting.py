"""Calls that wait for one of the other capture: some in memory, the oldest of more on disk."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Hashable, Iterator
from itertools import islice

from volttools.compare.calls import Call
from volttools.compare.overflow import Overflow
from volttools.compare.spool import Spool

MOST_IN_MEMORY = 25_000
"""So many calls of each side wait in memory, at some 700 bytes."""


class Waiting:
    """Calls under keys that wait for one of the other side: the n-th meets the n-th.

    key_of  calls that belong together have equal keys
    spool   has the bodies of calls
    most    so many of each side wait in memory
    in_memory   how many of each do
    """

    def __init__(self, key_of: Callable[[Call], Hashable], spool: Spool, most: int | None = None) -> None:
        self._key_of = key_of
        self._spool = spool
        self._most = MOST_IN_MEMORY if most is None else most
        self._memory: tuple[dict[Hashable, Call | list[Call]], ...] = ({}, {})
        self.in_memory = [0, 0]
        self._overflow = Overflow()

    def meet(self, side: int, call: Call) -> Call | None:
        """The call of the other side that waited for this one; None: this one waits now."""
        key, other = self._key_of(call), 1 - side
        if self._overflow.count[other]:  # what is there came before what is in memory
            found = self._overflow.pop(other, key)
            if found is not None:
                return found
        others = self._memory[other]
        there = others.pop(key, None)
        if there is None:
            self._wait(side, key, call)
            return None
        self.in_memory[other] -= 1
        if isinstance(there, Call):
            return there
        first = there.pop(0)
        others[key] = there[0] if len(there) == 1 else there
        return first

    def _wait(self, side: int, key: Hashable, call: Call) -> None:
        mine = self._memory[side]  # a list costs as much as a call, and most keys have one
        there = mine.get(key)
        if there is None:
            mine[key] = call
        elif isinstance(there, list):
            there.append(call)
        else:
            mine[key] = [there, call]
        self.in_memory[side] += 1
        if self.in_memory[side] > self._most:
            self._spill(side)

    def _spill(self, side: int) -> None:
        """Bring the older half to disk."""
        mine = self._memory[side]
        spilled = [
            (key, call) for key in list(islice(mine, (len(mine) + 1) // 2)) for call in _calls(mine.pop(key))
        ]
        for _, call in spilled:
            self._spool.write_out(call)
        self.in_memory[side] -= len(spilled)
        self._overflow.add(side, spilled)

    def rest(self, side: int) -> Iterator[Call]:
        """What waits still, by number; it waits no more."""
        mine = self._memory[side]
        left = sorted((call for there in mine.values() for call in _calls(there)), key=_number, reverse=True)
        mine.clear()
        self.in_memory[side] = 0
        yield from heapq.merge(self._overflow.by_number(side), _emptied(left), key=_number)

    def close(self) -> None:
        """Give the disk back."""
        self._overflow.close()


def _calls(there: Call | list[Call]) -> list[Call]:
    return there if isinstance(there, list) else [there]


def _emptied(calls: list[Call]) -> Iterator[Call]:
    """Calls from the last one on; they are kept no longer than that."""
    while calls:
        yield calls.pop()


def _number(call: Call) -> int:
    return call.number
