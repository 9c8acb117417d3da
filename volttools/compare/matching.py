"""Which call of A is which of B.

By connection, the default:

1. the same call - procedure and parameters - on the same connection; the n-th with the n-th
2. at the end, of what is left: the same call on any connection
3. then the same procedure, or statement of @AdHoc, on the same connection, in order: they were called with other parameters

By call: the same call on any connection, the n-th with the n-th. By key: the same with what fields of a
call the user names. All of them hold no more than calls that wait for their partner.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable, Iterator
from typing import Protocol

from volttools.compare.calls import Call
from volttools.compare.connections import ConnectionPairs
from volttools.compare.settings import Settings

Match = tuple[Call | None, Call | None]
"""Of A and of B; None: there is none."""


class Matcher(Protocol):
    """Takes calls of both captures in turn, and gives pairs as soon as they are known."""

    def add(self, side: int, call: Call) -> Iterator[Match]:
        """Take a call of A (0) or B (1)."""

    def finish(self) -> Iterator[Match]:
        """The captures have ended: give what waited."""


def matcher_of(settings: Settings) -> Matcher:
    """The matcher of a mode."""
    return ByConnection() if settings.match == "connection" else ByCall()


class Waiting:
    """Calls under a key that wait for one of the other side: the n-th meets the n-th."""

    def __init__(self) -> None:
        self._waiting: tuple[dict[Hashable, Call | list[Call]], ...] = ({}, {})

    def meet(self, side: int, key: Hashable, call: Call) -> Call | None:
        """The call of the other side that waited under the key; None: this one waits now."""
        others = self._waiting[1 - side]
        found = others.pop(key, None)
        if found is None:
            self._wait(side, key, call)
            return None
        if isinstance(found, Call):
            return found
        first = found.pop(0)
        others[key] = found[0] if len(found) == 1 else found
        return first

    def _wait(self, side: int, key: Hashable, call: Call) -> None:
        mine = self._waiting[side]  # a list costs as much as a call, and most keys have one
        there = mine.get(key)
        if there is None:
            mine[key] = call
        elif isinstance(there, list):
            there.append(call)
        else:
            mine[key] = [there, call]

    def rest(self, side: int) -> list[tuple[Hashable, Call]]:
        """What waits still, by number; it waits no more."""
        found = [
            (key, call)
            for key, there in self._waiting[side].items()
            for call in (there if isinstance(there, list) else [there])
        ]
        self._waiting[side].clear()
        return sorted(found, key=lambda item: item[1].number)


class ByCall:
    """The same call on any connection."""

    def __init__(self) -> None:
        self._waiting = Waiting()

    def add(self, side: int, call: Call) -> Iterator[Match]:
        """See Matcher."""
        met = self._waiting.meet(side, call.key, call)
        if met is not None:
            yield _match(side, call, met)

    def finish(self) -> Iterator[Match]:
        """See Matcher."""
        for side in (0, 1):
            for _, call in self._waiting.rest(side):
                yield _match(side, call, None)


class ByConnection:
    """The same call on the same connection; then what else it could be."""

    def __init__(self) -> None:
        self._connections = ConnectionPairs()
        self._waiting = Waiting()

    def add(self, side: int, call: Call) -> Iterator[Match]:
        """See Matcher."""
        for placed in self._connections.place(side, call):
            yield from self._meet(placed.side, placed.pair, placed.call)

    def finish(self) -> Iterator[Match]:
        """See Matcher."""
        for placed in self._connections.finish():
            yield from self._meet(placed.side, placed.pair, placed.call)
        left = [(side, key, call) for side in (0, 1) for key, call in self._waiting.rest(side)]
        left = yield from _met(left, lambda key, call: call.key)
        left = yield from _met(left, lambda key, call: (key[0], call.family))  # type: ignore[index]
        for side, _, call in left:
            yield _match(side, call, None)

    def _meet(self, side: int, pair: int, call: Call) -> Iterator[Match]:
        met = self._waiting.meet(side, (pair, call.key), call)
        if met is not None:
            yield _match(side, call, met)


_Left = list[tuple[int, Hashable, Call]]


def _met(left: _Left, key_of: Callable[[Hashable, Call], Hashable]) -> Generator[Match, None, _Left]:
    """Gives those that meet under other keys; returns the others."""
    waiting = Waiting()
    first_keys = {id(call): key for _, key, call in left}
    for side, key, call in left:
        met = waiting.meet(side, key_of(key, call), call)
        if met is not None:
            yield _match(side, call, met)
    return [(side, first_keys[id(call)], call) for side in (0, 1) for _, call in waiting.rest(side)]


def _match(side: int, call: Call, met: Call | None) -> Match:
    return (call, met) if side == 0 else (met, call)
