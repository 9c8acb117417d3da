"""How latencies are spread: in a row of bars, or a line a step."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from volttools.histogram import Histogram


@dataclass(frozen=True, slots=True)
class Scale:
    """Columns between two latencies, each so many times the one before; ns."""

    least: int
    greatest: int
    columns: int

    @property
    def factor(self) -> float:
        """What a column is, divided by the one before."""
        return float((self.greatest / self.least) ** (1 / self.columns))

    def column(self, ns: int) -> int:
        """The column of a latency."""
        if ns <= self.least or self.greatest <= self.least:
            return 0
        share = math.log(ns / self.least) / math.log(self.greatest / self.least)
        return min(self.columns - 1, int(share * self.columns))

    def spread(self, latencies: Histogram) -> list[int | None]:
        """How many there are in each column; None for none, which is unlike a few."""
        found = [0] * self.columns
        for bucket in latencies.buckets():
            found[self.column(bucket.least)] += bucket.times
        return [number or None for number in found]


def scale_of(latencies: Histogram, columns: int) -> Scale | None:
    """The scale on which all of them have a place; None without any."""
    if latencies.minimum is None or latencies.maximum is None:
        return None
    return Scale(max(1, latencies.minimum), max(1, latencies.maximum), columns)


def steps(latencies: Histogram) -> list[tuple[int, int]]:
    """How many there are from 1, 2, 5, 10 ... on, up to the next; from the first that has some to the last."""
    edges: Sequence[int] = list(_edges(latencies.maximum or 0))
    found = [0] * len(edges)
    at = 0
    for bucket in latencies.buckets():
        while at + 1 < len(edges) and bucket.least >= edges[at + 1]:
            at += 1
        found[at] += bucket.times
    used = [index for index, number in enumerate(found) if number]
    if not used:
        return []
    return [(edges[index], found[index]) for index in range(used[0], used[-1] + 1)]


def _edges(greatest: int) -> Iterator[int]:
    """0, 1, 2, 5, 10, 20 ... up to the last that is not above."""
    yield 0
    power = 1
    while power <= greatest:
        yield from (edge for edge in (power, 2 * power, 5 * power) if edge <= greatest)
        power *= 10
