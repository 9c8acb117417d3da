"""How a row of the table is measured.

Peer and ours run the same work in turn, several times; a row's figure is the ratio of
their CPU time, peer over ours, as the median over the repeats with its spread. The
garbage collector is on, as users have it.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Work:
    """One row: the same work by peer and by us.

    repeat   calls of `ours` in one repeat; `peer` is called as often, unless `peer_repeat` says
             otherwise: where it takes hundreds of times as long, its one call is long enough
    floor    the least ratio that is accepted; None: shown only
    same     whether two results are equal; by default ==
    """

    name: str
    peer_name: str
    peer: Callable[[], Any]
    ours: Callable[[], Any]
    repeat: int
    floor: float | None = None
    same: Callable[[Any, Any], bool] = lambda peer, ours: bool(peer == ours)
    peer_repeat: int | None = None


@dataclass(frozen=True)
class Figure:
    """What came out: CPU seconds a call, and ratios over the repeats."""

    work: Work
    peer_s: float
    ours_s: float
    ratio: float
    lowest: float
    highest: float

    @property
    def is_below_floor(self) -> bool:
        """Whether the floor was missed."""
        return self.work.floor is not None and self.ratio < self.work.floor


def measure(work: Work, *, repeats: int) -> Figure:
    """Run both sides in turn; AssertionError if their results differ."""
    assert work.same(work.peer(), work.ours()), f"{work.name}: results differ"
    for _ in range(3):  # generated code is warm, as in any use that lasts
        work.ours()
    peers, ours = [], []
    for _ in range(repeats):
        peers.append(_cpu_seconds(work.peer, work.peer_repeat or work.repeat))
        ours.append(_cpu_seconds(work.ours, work.repeat))
    ratios = sorted(p / o for p, o in zip(peers, ours, strict=True))
    return Figure(
        work,
        statistics.median(peers),
        statistics.median(ours),
        statistics.median(ratios),
        ratios[0],
        ratios[-1],
    )


def _cpu_seconds(function: Callable[[], Any], times: int) -> float:
    gc.collect()  # neither side pays for what the other one left, or for what was imported
    gc.freeze()
    start = time.process_time()
    for _ in range(times):
        function()
    return (time.process_time() - start) / times
