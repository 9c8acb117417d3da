"""How many calls were waited for at once, over time, however long it takes."""

from __future__ import annotations

from typing import Final

from volttools.stats.timeline import FIRST_WIDTH_NS, Timeline

MOST_STEPS: Final = 8_192


class InFlight:
    """Adds up calls that were waited for from one time to another, in steps of time of one width.

    Two things are kept of each step: by how many calls more are in flight at its end than at its
    start, and for how long those were waited for within it that began or ended in it. That
    gives the average exactly, and the number at the start of each step. So what a call costs doesn't depend
    on how long it took, and two can be merged. When there are more than `MOST_STEPS`, two become one; steps
    begin at multiples of their width since 1970, as the slots of a Timeline do.

    width_ns  of a step
    """

    __slots__ = ("_changes", "_first", "_last", "_waited", "width_ns")

    def __init__(self) -> None:
        self.width_ns = FIRST_WIDTH_NS
        self._changes: dict[int, int] = {}
        self._waited: dict[int, int] = {}
        self._first = self._last = 0

    def add(self, began_ns: int, ended_ns: int) -> None:
        """Add a call."""
        changes, width = self._changes, self.width_ns
        first, last = began_ns // width, ended_ns // width
        if not changes or first < self._first or last > self._last:
            self._include(first, last)
            changes, width = self._changes, self.width_ns
            first, last = began_ns // width, ended_ns // width
        waited = self._waited
        if first == last:
            changes[first] = changes.get(first, 0)
            waited[first] = waited.get(first, 0) + ended_ns - began_ns
            return
        changes[first] = changes.get(first, 0) + 1
        waited[first] = waited.get(first, 0) + (first + 1) * width - began_ns
        # In the step in which it ends it counts as if it went on to the step's end, but for what is taken here.
        changes[last] = changes.get(last, 0) - 1
        waited[last] = waited.get(last, 0) - ((last + 1) * width - ended_ns)

    def merge(self, other: InFlight) -> None:
        """Add what another has."""
        if not other._changes:
            return
        while self.width_ns < other.width_ns:
            self._widen()
        added = other._copy()
        while added.width_ns < self.width_ns:
            added._widen()
        width_ns = self.width_ns
        self._include(added._first, added._last)
        while width_ns < self.width_ns:
            added._widen()
            width_ns *= 2
        for step, change in added._changes.items():
            self._changes[step] = self._changes.get(step, 0) + change
        for step, waited in added._waited.items():
            self._waited[step] = self._waited.get(step, 0) + waited

    def averages(self, slots: Timeline) -> list[float]:
        """Calls in flight in each slot of a timeline, which is as coarse and as long, on average."""
        return [waited / slots.width_ns for waited in self._by_slot(slots)[0]]

    def most(self, slots: Timeline) -> list[int]:
        """The same, at most: at the start of a step, of which there are up to `MOST_STEPS`.

        It is never below the average, nor above the truth; of what is shorter than a step it may not know.
        """
        waited, most = self._by_slot(slots)
        return [max(least, -(-ns // slots.width_ns)) for least, ns in zip(most, waited, strict=True)]

    def _by_slot(self, slots: Timeline) -> tuple[list[int], list[int]]:
        """For each slot ns waited for, and calls in flight at the start of a step of it, at most."""
        count, first, width = slots.length, slots.start_ns, self.width_ns
        waited, most = [0] * count, [0] * count
        if not self._changes:
            return waited, most
        flying = 0
        for step in range(self._first, self._last + 1):
            slot = (step * width - first) // slots.width_ns
            waited[slot] += flying * width + self._waited.get(step, 0)
            most[slot] = max(most[slot], flying)
            flying += self._changes.get(step, 0)
        return waited, most

    def _copy(self) -> InFlight:
        made = InFlight()
        made.width_ns, made._first, made._last = self.width_ns, self._first, self._last
        made._changes, made._waited = dict(self._changes), dict(self._waited)
        return made

    def _include(self, first: int, last: int) -> None:
        """Let there be steps from one to another, which are wider if there would be too many."""
        if self._changes:
            first, last = min(first, self._first), max(last, self._last)
        while last - first >= MOST_STEPS:
            self._widen()
            first, last = first // 2, last // 2
        self._first, self._last = first, last

    def _widen(self) -> None:
        """Make one of two steps."""
        width = self.width_ns
        changes: dict[int, int] = {}
        waited: dict[int, int] = {}
        for step, change in self._changes.items():
            ns = self._waited.get(step, 0)
            if step % 2 == 0:
                ns += change * width  # what began in the first half is in flight in the second
            changes[step // 2] = changes.get(step // 2, 0) + change
            waited[step // 2] = waited.get(step // 2, 0) + ns
        self._changes, self._waited = changes, waited
        self._first, self._last = self._first // 2, self._last // 2
        self.width_ns *= 2
