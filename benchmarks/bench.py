"""How a row of the table is measured.

Peer, ours and, where there is one, the physical limit do the same work in turn, several times. A row's number
is the median over the repeats, with its spread: of the ratio of peer to ours within each repeat, so that what
disturbs both disturbs the row less. The garbage collector is on, as users have it.

    Row("rows: 5 varchar", lambda scale: beside("VoltResponse", theirs, ours, times=3))

A row's `open` makes what is measured: a `Work`, or a context manager of one, which starts servers and ends them.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.figure import Figure, Side, Unit


class Spent(NamedTuple):
    """What one call took."""

    cpu_s: float
    wall_s: float
    peak_bytes: int = 0


_WARM_S = 0.2

Sample = Callable[[], Spent]
"""One repeat."""


@dataclass(frozen=True)
class Work:
    """What is measured for a row.

    ours, peer   a repeat of either
    limit        the same by the least that the machine could do for it: memcpy, a bare socket ...
    server_cpu_s what a server in its own process has spent so far, if there is one
    check        raises AssertionError if peer and ours don't come to the same
    warm         what is done before the first repeat: generated code is there in any use that lasts
    """

    ours: Sample
    unit: Unit = Unit.RATIO
    peer_name: str = ""
    peer: Sample | None = None
    limit_name: str = ""
    limit: Sample | None = None
    server_cpu_s: Callable[[], float] | None = None
    check: Callable[[], None] = lambda: None
    warm: Callable[[], object] = lambda: None
    note: str = ""


@dataclass(frozen=True)
class Scale:
    """How much is measured.

    repeats         interleaved repeats of each row
    is_full         all rows, and captures of full size
    folder          for files that are made, which are deleted with it
    """

    repeats: int
    is_full: bool
    folder: Path

    def of(self, quick: int, full: int) -> int:
        """A size that depends on it."""
        return full if self.is_full else quick


@dataclass(frozen=True)
class Row:
    """One line of the table.

    is_full_only        measured by `make bench-full` only
    most_repeats        no more repeats than that: what takes long, or moves little
    most_repeats_full   the same in the full bench, if it isn't as many there
    """

    name: str
    open: Callable[[Scale], Work | AbstractContextManager[Work]]
    is_full_only: bool = False
    most_repeats: int = 99
    most_repeats_full: int | None = None

    def measure(self, scale: Scale) -> Figure:
        """Run all sides in turn; AssertionError if results differ."""
        began = time.perf_counter()
        found = self.open(scale)
        with nullcontext(found) if isinstance(found, Work) else found as work:
            figure = _measured(self.name, work, self._repeats(scale))
        return replace(figure, took_s=time.perf_counter() - began)

    def _repeats(self, scale: Scale) -> int:
        if scale.is_full and self.most_repeats_full is not None:
            return min(scale.repeats, self.most_repeats_full)
        return min(scale.repeats, self.most_repeats)


def beside(
    peer_name: str,
    peer: Callable[[], Any],
    ours: Callable[[], Any],
    *,
    times: int = 1,
    peer_times: int | None = None,
    same: Callable[[Any, Any], bool] = lambda peer, ours: bool(peer == ours),
    unit: Unit = Unit.RATIO,
    limit_name: str = "",
    limit: Callable[[], Any] | None = None,
    server_cpu_s: Callable[[], float] | None = None,
) -> Work:
    """The same work by the peer and by us, in this process.

    times   calls of `ours` in one repeat; `peer` is called as often, unless `peer_times` says otherwise:
            where it takes hundreds of times as long, its one call is long enough
    same    whether two results are equal; by default ==
    """

    def check() -> None:
        assert same(peer(), ours()), "results differ"

    def warm() -> None:
        """Signatures are compiled when they come a third time; what takes long has been there in the check."""
        began = time.perf_counter()
        for _ in range(3):
            if time.perf_counter() - began < _WARM_S:
                ours()

    return Work(
        repeated(ours, times),
        unit,
        peer_name,
        repeated(peer, peer_times or times),
        limit_name,
        repeated(limit, times) if limit else None,
        server_cpu_s,
        check,
        warm,
    )


def repeated(function: Callable[[], Any], times: int) -> Sample:
    """So many calls are one repeat."""

    def sample() -> Spent:
        gc.collect()  # nobody pays for what another one left, or for what was imported
        gc.freeze()
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(times):
            function()
        return Spent((time.process_time() - cpu) / times, (time.perf_counter() - wall) / times)

    return sample


def _measured(name: str, work: Work, repeats: int) -> Figure:
    work.check()
    work.warm()
    ours, peers, limits, shares = [], [], [], []
    for _ in range(repeats):
        if work.peer:
            peers.append(work.peer())
        spent, share = _with_server(work)
        ours.append(spent)
        shares.append(share)
        if work.limit:
            limits.append(work.limit())
    values = sorted(map(_VALUES[work.unit], ours, peers or limits or ours))
    clock = _CLOCKS[work.unit]
    return Figure(
        name=name,
        unit=work.unit,
        value=statistics.median(values),
        lowest=values[0],
        highest=values[-1],
        ours=_side(ours),
        peer_name=work.peer_name,
        peer=_side(peers) if peers else None,
        ratio=_median_ratio(peers, ours, clock) if peers else None,
        limit_name=work.limit_name,
        limit_share=_median_ratio(limits, ours, clock) if limits else None,
        server_share=statistics.median(shares) if work.server_cpu_s else None,
        note=work.note,
    )


def _with_server(work: Work) -> tuple[Spent, float]:
    """A repeat of ours, and the part of it in which the server was busy."""
    if work.server_cpu_s is None:
        return work.ours(), 0.0
    wall, cpu = time.perf_counter(), work.server_cpu_s()
    spent = work.ours()
    return spent, (work.server_cpu_s() - cpu) / (time.perf_counter() - wall)


def _side(spent: Sequence[Spent]) -> Side:
    return Side(statistics.median(s.cpu_s for s in spent), statistics.median(s.wall_s for s in spent))


def _cpu(spent: Spent) -> float:
    return spent.cpu_s


def _wall(spent: Spent) -> float:
    return spent.wall_s


def _median_ratio(others: Sequence[Spent], ours: Sequence[Spent], clock: Callable[[Spent], float]) -> float:
    return statistics.median(clock(other) / clock(own) for other, own in zip(others, ours, strict=True))


# How the number of a row comes from one repeat of ours and of the other side.
_VALUES: dict[Unit, Callable[[Spent, Spent], float]] = {
    Unit.RATIO: lambda ours, other: other.cpu_s / ours.cpu_s,
    Unit.TIMES: lambda ours, other: ours.cpu_s / other.cpu_s,
    Unit.CALLS: lambda ours, other: 1 / ours.cpu_s,
    Unit.MICROSECONDS: lambda ours, other: ours.wall_s * 1e6,
    Unit.MILLISECONDS: lambda ours, other: ours.wall_s * 1e3,
    Unit.MEGABYTES: lambda ours, other: ours.peak_bytes / 1e6,
}
_CLOCKS: dict[Unit, Callable[[Spent], float]] = {
    unit: _wall if unit in (Unit.MICROSECONDS, Unit.MILLISECONDS) else _cpu for unit in Unit
}
