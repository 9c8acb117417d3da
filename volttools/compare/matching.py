"""Which call of A is which of B.

By connection, the default:

1. the same call - procedure and parameters - on the same connection; the n-th with the n-th
2. at the end, of what is left: the same call on any connection
3. then the same procedure, or statement of @AdHoc, on the same connection, in order: they were called with other parameters

By call: the same call on any connection, the n-th with the n-th. By key: the same with what fields of a
call the user names. All of them hold no more than calls that wait for their partner, most of them on disk.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from contextlib import closing
from typing import Protocol

from volttools.compare.calls import Call
from volttools.compare.connections import ConnectionPairs
from volttools.compare.settings import Settings
from volttools.compare.spool import Spool
from volttools.compare.waiting import Waiting

Match = tuple[Call | None, Call | None]
"""Of A and of B; None: there is none."""


class Matcher(Protocol):
    """Takes calls of both captures in turn, and gives pairs as soon as they are known."""

    def add(self, side: int, call: Call) -> Iterable[Match]:
        """Take a call of A (0) or B (1)."""

    def finish(self) -> Iterator[Match]:
        """The captures have ended: give what waited."""

    def close(self) -> None:
        """Give the disk back."""


def matcher_of(settings: Settings, spool: Spool) -> Matcher:
    """The matcher of a mode; `spool` has the bodies of calls."""
    return ByConnection(spool) if settings.match == "connection" else ByCall(spool)


class ByCall:
    """The same call on any connection."""

    def __init__(self, spool: Spool) -> None:
        self._waiting = Waiting(_by_call, spool)

    def add(self, side: int, call: Call) -> Iterable[Match]:
        """See Matcher."""
        met = self._waiting.meet(side, call)
        return () if met is None else (_match(side, call, met),)

    def finish(self) -> Iterator[Match]:
        """See Matcher."""
        yield from _alone(self._waiting)

    def close(self) -> None:
        """See Matcher."""
        self._waiting.close()


class ByConnection:
    """The same call on the same connection; then what else it could be."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._connections = ConnectionPairs(spool)
        self._waiting = Waiting(_by_pair_and_call, spool)

    def add(self, side: int, call: Call) -> Iterable[Match]:
        """See Matcher."""
        if self._connections.knows(side, call):
            met = self._waiting.meet(side, call)
            return () if met is None else (_match(side, call, met),)
        return self._meet(self._connections.place(side, call))

    def finish(self) -> Iterator[Match]:
        """See Matcher."""
        yield from self._meet(self._connections.finish())
        for key_of in (_by_call, _by_pair_and_family):
            left, self._waiting = self._waiting, Waiting(key_of, self._spool)
            with closing(left):
                yield from self._meet((side, call) for side in (0, 1) for call in left.rest(side))
        yield from _alone(self._waiting)

    def close(self) -> None:
        """See Matcher."""
        self._connections.close()
        self._waiting.close()

    def _meet(self, placed: Iterable[tuple[int, Call]]) -> Iterator[Match]:
        for side, call in placed:
            met = self._waiting.meet(side, call)
            if met is not None:
                yield _match(side, call, met)


def _alone(waiting: Waiting) -> Iterator[Match]:
    """What waits in vain."""
    for side in (0, 1):
        for call in waiting.rest(side):
            yield _match(side, call, None)


def _by_call(call: Call) -> Hashable:
    return call.key


def _by_pair_and_call(call: Call) -> Hashable:
    return call.pair, call.key


def _by_pair_and_family(call: Call) -> Hashable:
    return call.pair, call.family


def _match(side: int, call: Call, met: Call | None) -> Match:
    return (call, met) if side == 0 else (met, call)
