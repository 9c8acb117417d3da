"""Two runs side by side: `python -m benchmarks.compare A.json B.json`, or `make bench-compare A=... B=...`.

What is compared is as independent of the machine as it can be: the ratio to the peer, or to the physical limit.
A change is marked with * where it is larger than the spread of both runs. Exit status 1 where a row of B is more
than 20 % worse than in A, 0 otherwise; with --warn always 0, for those who only want to be told.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.figure import Figure
from benchmarks.results import Results, load
from benchmarks.table import is_below_floor

MOST_LOSS = 0.2


@dataclass(frozen=True)
class Change:
    """A row of both runs. `part` is how much better B is: 0.1 is a tenth, -0.25 a loss of a quarter."""

    before: Figure
    after: Figure

    @property
    def part(self) -> float:
        """How much better the second is."""
        return self.after.comparable / self.before.comparable - 1

    @property
    def is_loss(self) -> bool:
        """Whether it is worse by more than is accepted."""
        return self.part < -MOST_LOSS

    @property
    def is_beyond_spread(self) -> bool:
        """Whether repeats of one run differ less than the two runs do."""
        return abs(self.part) > max(_spread(self.before), _spread(self.after))

    def line(self) -> str:
        """For a terminal."""
        mark = "*" if self.is_beyond_spread else " "
        words = f"{self.before.unit.text(self.before.value):>16} {self.after.unit.text(self.after.value):>16}"
        return f"{self.before.name:<42} {words} {self.part:>+8.0%} {mark}{' LOSS' if self.is_loss else ''}"


def changes(before: Results, after: Results) -> Iterator[Change]:
    """Rows that both have, in the order of the first."""
    for name, figure in before.figures.items():
        if name in after.figures and after.figures[name].unit is figure.unit:
            yield Change(figure, after.figures[name])


def _spread(figure: Figure) -> float:
    """How far a repeat was from the median, as a part of it."""
    return max(figure.highest - figure.value, figure.value - figure.lowest) / figure.value


def main(words: Sequence[str] | None = None) -> int:
    """Print the comparison."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("a", metavar="A.json")
    parser.add_argument("b", metavar="B.json")
    parser.add_argument("--warn", action="store_true", help="exit with 0 also after a loss or a missed floor")
    options = parser.parse_args(words)
    before, after = load(options.a), load(options.b)
    found = list(changes(before, after))
    print(f"{'work':<42} {'A':>16} {'B':>16} {'better by':>9}")
    for change in found:
        print(change.line())
    for name in before.figures.keys() ^ after.figures.keys():
        print(f"{name:<42} only in {'A' if name in before.figures else 'B'}")
    lost = [change for change in found if change.is_loss]
    word = "warning: " if options.warn else ""
    for change in lost:
        within = "" if change.is_beyond_spread else ", which is within the spread"
        print(f"{word}lost {-change.part:.0%}: {change.before.name}{within}")
    if options.warn:
        for change in found:
            if is_below_floor(change.after):
                print(f"{word}below floor: {change.after.name}")
    if not found:
        print("no row is in both runs", file=sys.stderr)
        return 2
    return int(bool(lost) and not options.warn)


if __name__ == "__main__":
    sys.exit(main())
