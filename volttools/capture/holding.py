"""The bytes of one direction of a connection that wait for their turn, sorted and without overlap.

`HeldRuns` decides which copy of a byte counts: the first seen. Only what is *soft* gives way
to a later copy: a length whose bytes a snap length cut off, or a byte that may be a
keep-alive's garbage. When a run comes out is decided in `reassembly`.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from operator import attrgetter


@dataclass(slots=True)
class Run:
    """Bytes [offset, end) of a stream, from one segment.

    data     the bytes; None where only their number is known
    ack      what the segment acknowledged, a sequence number of the other direction
    arrival  the segment's number in the connection, in the order of capture
    """

    offset: int
    end: int
    data: bytes | None
    ack: int | None
    time_ns: int | None
    arrival: int
    is_soft: bool = False


_BY_OFFSET = attrgetter("offset")


class HeldRuns:
    """Runs by offset. `runs` is for reading; `held_bytes` counts the bytes in them."""

    __slots__ = ("held_bytes", "runs", "soft")

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.held_bytes = 0
        self.soft = 0

    def add(self, new: Run) -> None:
        """Hold those parts of a run that are not held yet."""
        if self.soft and not new.is_soft:
            self._clear_soft(new.offset, new.end)
        runs = self.runs
        position = new.offset
        index = max(0, bisect_right(runs, position, key=_BY_OFFSET) - 1)
        while position < new.end:
            while index < len(runs) and runs[index].end <= position:
                index += 1
            stop = new.end
            if index < len(runs):
                run = runs[index]
                if run.offset <= position:
                    if _acknowledges_less(new, run):
                        self._acknowledge_less(index, new)
                    position = run.end
                    continue
                stop = min(stop, run.offset)
            self._insert(index, _part(new, position, stop))
            position = stop

    def pop_first(self) -> Run:
        """Take the run with the lowest offset out."""
        run = self.runs.pop(0)
        self._uncount(run)
        return run

    def shift(self, distance: int) -> None:
        """Add `distance` to all offsets; what comes to lie before offset 0 goes."""
        for run in self.runs:
            run.offset += distance
            run.end += distance
        while self.runs and self.runs[0].offset < 0:
            run = self.pop_first()
            if run.end > 0:
                self._insert(0, _part(run, 0, run.end))

    def clear(self) -> None:
        """Forget everything."""
        self.runs.clear()
        self.held_bytes = 0
        self.soft = 0

    def _clear_soft(self, offset: int, end: int) -> None:
        """Make way in [offset, end): take what is soft there out."""
        runs = self.runs
        index = max(0, bisect_right(runs, offset, key=_BY_OFFSET) - 1)
        while index < len(runs) and runs[index].offset < end:
            run = runs[index]
            if not run.is_soft or run.end <= offset:
                index += 1
                continue
            del runs[index]
            self._uncount(run)
            if run.offset < offset:
                self._insert(index, _part(run, run.offset, offset))
                index += 1
            if run.end > end:
                self._insert(index, _part(run, end, run.end))

    def _acknowledge_less(self, index: int, copy: Run) -> None:
        """Let the bytes of a run that are in a copy, too, wait for no more than the copy does."""
        run = self.runs.pop(index)
        self._uncount(run)
        start, end = max(run.offset, copy.offset), min(run.end, copy.end)
        if end < run.end:
            self._insert(index, _part(run, end, run.end))
        both = _part(run, start, end)
        self._insert(index, replace(both, ack=copy.ack))
        if run.offset < start:
            self._insert(index, _part(run, run.offset, start))

    def _insert(self, index: int, run: Run) -> None:
        self.runs.insert(index, run)
        self.soft += run.is_soft
        self.held_bytes += len(run.data) if run.data else 0

    def _uncount(self, run: Run) -> None:
        self.soft -= run.is_soft
        self.held_bytes -= len(run.data) if run.data else 0


def _part(run: Run, offset: int, end: int) -> Run:
    """Bytes [offset, end) of a run, as a run."""
    if offset == run.offset and end == run.end:
        return run
    data = run.data
    if data is not None:
        data = data[offset - run.offset : end - run.offset]
    return Run(offset, end, data, run.ack, run.time_ns, run.arrival, run.is_soft)


def _acknowledges_less(copy: Run, run: Run) -> bool:
    """Whether a copy of a run was sent when its host had received less.

    A retransmission acknowledges more than its original. Captured before it, it would wait
    for bytes that are the answer to the original.
    """
    if copy.ack is None or run.ack is None:
        return run.ack is not None
    return 0 < (run.ack - copy.ack) & 0xFFFFFFFF < 2**31
