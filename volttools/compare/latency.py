"""How long calls took in A and in B, and how sure that is.

The statement is that of Mann, Whitney, Hodges and Lehmann: of all pairs of a call in A and a call in B, take
how many times as long the one in B took. The middle of these ratios is the estimate; where the middle would lie
by chance alone in 99 of 100 cases is the interval. Nothing is assumed about how latencies are spread, and a
few calls that took very long move neither. The usual conditions hold: the interval is narrow where there are
many calls, and there is none where there are too few; calls that wait for each other are less than they seem.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from volttools.compare.kinds import Kind
from volttools.histogram import Histogram

CONFIDENCE = 0.99
_DEVIATIONS = 2.576
"""So many standard deviations, either way, hold 99 % of a normal distribution."""

_STEPS = 200
"""Ratios are told apart to a 200th: that is finer than the buckets of the histograms."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as long B takes: the estimate, and where it lies with 99 % confidence."""

    low: float
    estimate: float
    high: float


def ratio_of(a: Histogram, b: Histogram) -> Ratio | None:
    """How many times as long b takes; None where there are too few calls to tell."""
    pairs = a.count * b.count
    spread = math.sqrt(pairs * (a.count + b.count + 1) / 12)
    rank = math.floor(pairs / 2 - _DEVIATIONS * spread)
    if rank < 1:
        return None
    ratios = _ratios(a, b)
    falling = {-step: times for step, times in ratios.items()}
    middle = (_step_at(ratios, (pairs + 1) // 2) - _step_at(falling, (pairs + 1) // 2)) / 2
    low, high = _step_at(ratios, rank), -_step_at(falling, rank)
    return Ratio(*(math.exp(step / _STEPS) for step in (low, middle, high)))


def _ratios(a: Histogram, b: Histogram) -> Counter[int]:
    """How often each ratio occurs among all pairs; ratios as logarithms in steps."""
    found: Counter[int] = Counter()
    steps_b = _steps(b).items()
    for step_a, times_a in _steps(a).items():
        for step_b, times_b in steps_b:
            found[step_b - step_a] += times_a * times_b
    return found


def _steps(histogram: Histogram) -> Counter[int]:
    found: Counter[int] = Counter()
    for least, greatest, times in histogram.buckets():
        found[round(math.log(max(1, (least + greatest) / 2)) * _STEPS)] += times
    return found


def _step_at(ratios: Mapping[int, int], rank: int) -> int:
    """The ratio that stands at a rank, from 1, when all are sorted."""
    passed = 0
    for step in sorted(ratios):
        passed += ratios[step]
        if passed >= rank:
            return step
    raise AssertionError("a rank beyond the last one")


@dataclass(slots=True)
class Latency:
    """The latencies of one procedure, in ns: of pairs that both had an answer of the same status."""

    procedure: str
    a: Histogram = field(default_factory=Histogram)
    b: Histogram = field(default_factory=Histogram)
    ratio: Ratio | None = None
    verdict: Kind | None = None


class Latencies:
    """Collects latencies by procedure."""

    MOST_PROCEDURES = 1_000

    def __init__(self) -> None:
        self.others = 0  # pairs of calls of more procedures
        self._found: defaultdict[str, tuple[Histogram, Histogram]] = defaultdict(
            lambda: (Histogram(), Histogram())
        )

    def add(self, procedure: str, a_ns: int | None, b_ns: int | None) -> None:
        """Take a pair; one without times says nothing."""
        if a_ns is None or b_ns is None or min(a_ns, b_ns) < 0:
            return
        if procedure not in self._found and len(self._found) >= self.MOST_PROCEDURES:
            self.others += 1
            return
        one, other = self._found[procedure]
        one.add(a_ns)
        other.add(b_ns)

    def judged(self, slower: float, noise: Mapping[str, float] | None = None) -> list[Latency]:
        """All procedures, the one that took the most time in A and B first.

        slower  from which part on it counts: 0.1 is 10 %
        noise   by procedure, the ratio that two runs of one server had, if it was greater
        """
        found = [
            judged(procedure, a, b, max(1 + slower, (noise or {}).get(procedure, 1.0)))
            for procedure, (a, b) in self._found.items()
        ]
        return sorted(found, key=lambda one: (-one.a.total - one.b.total, one.procedure))

    def spread(self) -> dict[str, float]:
        """By procedure, how far from 1 the ratio may lie, either way: what is noise between two runs."""
        found = {}
        for procedure, (a, b) in self._found.items():
            ratio = ratio_of(a, b)
            if ratio is not None:
                found[procedure] = max(ratio.high, 1 / ratio.low)
        return found


def judged(procedure: str, a: Histogram, b: Histogram, least: float) -> Latency:
    """Whether B is slower or faster: by at least that factor, and for sure."""
    ratio = ratio_of(a, b)
    verdict = None
    if ratio is not None and ratio.estimate >= least and ratio.low > 1:
        verdict = Kind.SLOWER
    elif ratio is not None and ratio.estimate <= 1 / least and ratio.high < 1:
        verdict = Kind.FASTER
    return Latency(procedure, a, b, ratio, verdict)
