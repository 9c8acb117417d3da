"""Values counted in fixed memory: which are frequent, and how many different ones there are.

Both can be merged, and both are exact while there are few different values.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Final, Generic, NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)


class HotKey(NamedTuple):
    """A frequent value: it came at least `times`, and at most `times + shortfall`."""

    text: str
    times: int
    shortfall: int


class HotKeys(Generic[K]):
    """The most frequent of many values: the sketch of Misra and Gries, which is space-saving turned round.

    Keeps `CAPACITY` values. When there are twice as many, what the (CAPACITY+1)th of them has is
    taken from all, and those with nothing left go. So a count is too small by `shortfall` at most,
    which is never more than total / CAPACITY: what came more often than that is always found.

    total      how many values there were
    shortfall  by how much a count may be too small; 0 while all values could be kept

    >>> from collections import Counter
    >>> found = HotKeys()
    >>> found.add(Counter("abracadabra"))
    >>> found.most(2)
    [HotKey(text='a', times=5, shortfall=0), HotKey(text='b', times=2, shortfall=0)]
    """

    CAPACITY: Final = 64
    __slots__ = ("_counts", "shortfall", "total")

    def __init__(self) -> None:
        self._counts: dict[K, int] = {}
        self.total = 0
        self.shortfall = 0

    def add(self, values: Mapping[K, int]) -> None:
        """Count values that came so many times."""
        counts = self._counts
        for value, times in values.items():
            counts[value] = counts.get(value, 0) + times
        self.total += sum(values.values())
        if len(counts) > 2 * self.CAPACITY:
            self._prune()

    def merge(self, other: HotKeys[K]) -> None:
        """Count those of another."""
        self.add(other._counts)
        self.total += other.total - sum(other._counts.values())
        self.shortfall += other.shortfall

    def _prune(self) -> None:
        taken = heapq.nlargest(self.CAPACITY + 1, self._counts.values())[-1]
        self._counts = {value: count - taken for value, count in self._counts.items() if count > taken}
        self.shortfall += taken

    def most(self, number: int, text_of: Callable[[K], str] = str) -> list[HotKey]:
        """The most frequent ones, the first first; equal ones in the order of their texts."""
        found = [(-count, text_of(value)) for value, count in self._counts.items()]
        return [HotKey(text, -count, self.shortfall) for count, text in heapq.nsmallest(number, found)]


class Distinct:
    """How many different values there are: the smallest hashes tell.

    Exact up to `CAPACITY`; beyond that within some 4 % (one standard deviation).

    >>> found = Distinct()
    >>> found.add("abracadabra")
    >>> found.count, found.is_exact
    (5, True)
    """

    CAPACITY: Final = 512
    __slots__ = ("_hashes", "_heap", "_is_full")

    def __init__(self) -> None:
        self._hashes: set[int] = set()
        self._heap: list[int] = []  # of negative hashes: the greatest is first
        self._is_full = False

    def add(self, texts: Iterable[str]) -> None:
        """Note values."""
        for text in texts:
            hashed = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8)
            self._add(int(hashed.hexdigest(), 16))

    def _add(self, number: int) -> None:
        if number in self._hashes or (self._is_full and number > -self._heap[0]):
            return
        if len(self._heap) < self.CAPACITY:
            heapq.heappush(self._heap, -number)
        else:
            self._is_full = True
            greatest = heapq.heappushpop(self._heap, -number)
            self._hashes.discard(-greatest)
            if -greatest == number:
                return
        self._hashes.add(number)

    def merge(self, other: Distinct) -> None:
        """Note the values of another."""
        for number in other._hashes:
            self._add(number)
        self._is_full = self._is_full or other._is_full

    @property
    def is_exact(self) -> bool:
        """Whether the count is no estimate."""
        return not self._is_full

    @property
    def count(self) -> int:
        """How many different values there are."""
        if self.is_exact:
            return len(self._hashes)
        return round((self.CAPACITY - 1) * 2**64 / -self._heap[0])
