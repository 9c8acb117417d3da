"""Exchanges come as they are answered; calls are wanted in the order in which they were sent."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from typing import TypeVar

_T = TypeVar("_T")

MOST_HELD = 10_000
"""So many wait for one that was sent earlier; then it is passed over, and comes when it comes."""


def in_order(numbered: Iterable[tuple[int, _T]], most: int = MOST_HELD) -> Iterator[_T]:
    """Things by their numbers, which begin at 1, as soon as those before them have come.

    >>> list(in_order([(2, "b"), (1, "a"), (4, "d"), (3, "c")]))
    ['a', 'b', 'c', 'd']
    """
    held: list[tuple[int, int, _T]] = []
    expected = 1
    for arrival, (number, thing) in enumerate(numbered):
        if number == expected and not held:
            expected += 1
            yield thing
            continue
        heapq.heappush(held, (number, arrival, thing))
        while held and (held[0][0] <= expected or len(held) > most):
            found, _, first = heapq.heappop(held)
            expected = max(expected, found + 1)
            yield first
    while held:
        yield heapq.heappop(held)[2]
