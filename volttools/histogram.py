"""Latencies and sizes counted in buckets: percentiles of millions of numbers in little memory.

The buckets are those of HDR histograms at two significant digits: each octave is divided into 128
of one width, so a percentile is never below the true one, and above it by less than a 128th.
Numbers below 256 are counted one by one. Count, sum, least and greatest are exact. Only buckets
that hold something take memory: some thousand at most for latencies from microseconds to hours.

Not the package hdrhistogram: it holds every bucket (180 KB each, where there may be thousands), is
compiled, needs pbr, and takes longer to import than most commands take to run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, Self

_BITS: Final = 7

PRECISION: Final = 1 / (1 << _BITS)
"""A percentile is too great by less than this share of it."""


class Bucket(NamedTuple):
    """How often there were numbers from `least` to `greatest`, both included."""

    least: int
    greatest: int
    times: int


class Histogram:
    """Counts integers from 0 on. Can be merged: the whole of two parts equals that of all numbers.

    count      how many numbers there were
    total      their sum
    minimum    the least of them; None without any
    maximum    the greatest of them; None without any

    >>> found = Histogram()
    >>> for us in range(1, 1001): found.add(us * 1000)
    >>> found.percentile(50), found.percentile(99.9), found.percentile(100)
    (501759, 999423, 1000000)
    """

    __slots__ = ("_counts", "count", "maximum", "minimum", "total")

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}  # by the least number of the bucket
        self.count = 0
        self.total = 0
        self.minimum: int | None = None
        self.maximum: int | None = None

    def add(self, value: int, times: int = 1) -> None:
        """Count a number; ValueError if it is below 0."""
        if value < 0:
            raise ValueError(f"a histogram counts from 0 on, not {value}")
        shift = value.bit_length() - _BITS - 1
        least = value >> shift << shift if shift > 0 else value
        self._counts[least] = self._counts.get(least, 0) + times
        self.count += times
        self.total += value * times
        if self.minimum is None or value < self.minimum:
            self.minimum = value
        if self.maximum is None or value > self.maximum:
            self.maximum = value

    def merge(self, other: Histogram) -> None:
        """Count what another one has counted."""
        for least, count in other._counts.items():
            self._counts[least] = self._counts.get(least, 0) + count
        self.count += other.count
        self.total += other.total
        if other.minimum is not None and other.maximum is not None:
            self.minimum = other.minimum if self.minimum is None else min(self.minimum, other.minimum)
            self.maximum = other.maximum if self.maximum is None else max(self.maximum, other.maximum)

    @property
    def mean(self) -> float | None:
        """The mean, which is exact; None without any number."""
        return self.total / self.count if self.count else None

    def percentile(self, percent: float) -> int | None:
        """The number that so many percent don't exceed, rounded up to its bucket; None without any.

        percent   from 0 to 100; thousandths count
        """
        return self.percentiles(percent)[0]

    def percentiles(self, *percents: float) -> list[int | None]:
        """Several at once, in the order asked for."""
        if self.maximum is None:
            return [None] * len(percents)
        buckets = self.buckets()
        passed, greatest = 0, 0
        found: dict[float, int | None] = {}
        for percent in sorted(percents):
            rank = max(1, -(-self.count * round(percent * 1000) // 100_000))
            while passed < rank:
                _, greatest, times = next(buckets)
                passed += times
            found[percent] = greatest
        return [found[percent] for percent in percents]

    def buckets(self) -> Iterator[Bucket]:
        """What was counted, from the least number to the greatest; the last ends at the maximum."""
        for least in sorted(self._counts):
            width = 1 << max(0, least.bit_length() - _BITS - 1)
            yield Bucket(least, min(least + width - 1, self.maximum or 0), self._counts[least])

    def as_json(self) -> dict[str, Any]:
        """All of it as JSON; `from_json` reads it."""
        return {
            "count": self.count,
            "total": self.total,
            "minimum": self.minimum,
            "maximum": self.maximum,
            "buckets": [[least, self._counts[least]] for least in sorted(self._counts)],
        }

    @classmethod
    def from_json(cls, text: Mapping[str, Any]) -> Self:
        """What `as_json` gave; ValueError if it is something else."""
        made = cls()
        try:
            for least, count in text["buckets"]:
                if least < 0 or count < 1:
                    raise ValueError(f"no bucket: {count} times {least}")
                made.add(int(least), int(count))
            if made.count != text["count"]:
                raise ValueError("the buckets don't add up to the count")
            made.total = int(text["total"])
            if made.count:
                made.minimum, made.maximum = int(text["minimum"]), int(text["maximum"])
        except (KeyError, OverflowError, TypeError) as error:
            raise ValueError(f"not a histogram: {error!r}") from error
        return made

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Histogram):
            return NotImplemented
        return self.as_json() == other.as_json()

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"<Histogram of {self.count:,} from {self.minimum} to {self.maximum}>"
