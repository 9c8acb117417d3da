"""What happened when, in so many slots of time, however long it takes."""

from __future__ import annotations

from typing import Final

MOST_SLOTS: Final = 128
FIRST_WIDTH_NS: Final = 1_000
"""Of a slot; later ones are twice as wide, again and again."""


class Timeline:
    """Adds up amounts in slots of one width; when there are too many slots, two become one.

    Slots begin at multiples of their width since 1970, so two timelines can be merged.

    width_ns  of a slot

    >>> times = Timeline()
    >>> times.add(0); times.add(300_000_000, 2)
    >>> times.width_ns, len(times.values())
    (4096000, 74)
    """

    __slots__ = ("_first", "_last", "_slots", "width_ns")

    def __init__(self) -> None:
        self.width_ns = FIRST_WIDTH_NS
        self._slots: dict[int, float] = {}
        self._first = self._last = 0

    def add(self, time_ns: int, amount: float = 1) -> None:
        """Add an amount at a time."""
        slot = time_ns // self.width_ns
        if not (self._slots and self._first <= slot <= self._last):
            self._include(slot, slot)
            slot = time_ns // self.width_ns
        self._slots[slot] = self._slots.get(slot, 0) + amount

    def merge(self, other: Timeline) -> None:
        """Add what another has."""
        if not other._slots:
            return
        while self.width_ns < other.width_ns:
            self._widen()
        factor = self.width_ns // other.width_ns
        self._include(other._first // factor, other._last // factor)
        factor = self.width_ns // other.width_ns
        for slot, amount in other._slots.items():
            self._slots[slot // factor] = self._slots.get(slot // factor, 0) + amount

    def _include(self, first: int, last: int) -> None:
        """Let there be slots from one to another, which are wider if there would be too many."""
        if self._slots:
            first, last = min(first, self._first), max(last, self._last)
        while last - first >= MOST_SLOTS:
            self._widen()
            first, last = first // 2, last // 2
        self._first, self._last = first, last

    def _widen(self) -> None:
        wider: dict[int, float] = {}
        for slot, amount in self._slots.items():
            wider[slot // 2] = wider.get(slot // 2, 0) + amount
        self._slots = wider
        self._first, self._last = self._first // 2, self._last // 2
        self.width_ns *= 2

    def widened(self, most: int) -> Timeline:
        """The same in at most so many slots."""
        made = Timeline()
        made.merge(self)
        while made._last - made._first >= most:
            made._widen()
        return made

    def values(self) -> list[float]:
        """The amounts, slot by slot; empty without any."""
        return self.values_within(self)

    def values_within(self, whole: Timeline) -> list[float]:
        """The amounts in the slots of a timeline that begins no later, ends no earlier, and is as coarse."""
        if not whole._slots:
            return []
        factor = whole.width_ns // self.width_ns
        found = [0.0] * whole.length
        for slot, amount in self._slots.items():
            found[slot // factor - whole._first] += amount
        return found

    @property
    def start_ns(self) -> int:
        """Where the first slot begins."""
        return self._first * self.width_ns

    @property
    def length(self) -> int:
        """How many slots there are."""
        return self._last - self._first + 1 if self._slots else 0
