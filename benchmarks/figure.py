"""What is known of a row once it was measured: numbers, and words for them."""

from __future__ import annotations

import enum
from dataclasses import asdict, dataclass
from typing import Any, Self


class Unit(enum.Enum):
    """What the number of a row counts. `is_more_better` says which way it wants to go."""

    # fmt: off
    RATIO        = "x"         # peer's CPU time over ours
    TIMES        = "x time"    # our CPU time over the peer's
    CALLS        = "calls/s"   # per second of our process's CPU time
    MICROSECONDS = "us"        # on the clock
    MILLISECONDS = "ms"        # on the clock
    MEGABYTES    = "MB"        # resident at most
    # fmt: on

    @property
    def is_more_better(self) -> bool:
        """Whether a larger number is the better one."""
        return self in (Unit.RATIO, Unit.CALLS)

    def is_reached(self, value: float, wanted: float) -> bool:
        """Whether a value is as good as what is wanted, or better."""
        return value >= wanted if self.is_more_better else value <= wanted

    def text(self, value: float) -> str:
        """A value in words, such as "6.4x" or "25,000 calls/s"."""
        space = "" if self in (Unit.RATIO, Unit.TIMES) else " "
        return f"{number(value)}{space}{self.value}"


def number(value: float) -> str:
    """Three digits, or all before the point.

    >>> number(6.42), number(218.7), number(25000.4)
    ('6.42', '219', '25,000')
    """
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return f"{value:,.{digits}f}"


@dataclass(frozen=True)
class Side:
    """What one call took: medians over the repeats."""

    cpu_s: float
    wall_s: float


@dataclass(frozen=True)
class Figure:
    """A row that was measured.

    value           the median over the repeats, in its unit; `lowest` and `highest` are its spread
    ratio           the peer's CPU time over ours, whatever the unit is; None without a peer
    limit_share     the CPU time of what the machine can do at best, over ours; 1: as fast as that
    server_share    the part of the time in which the server was busy while our side was measured; 1: all
                    of it, so that the server was the limit
    note            what the value depends on besides, such as the size of a capture
    took_s          how long all of the measuring took, on the clock
    """

    name: str
    unit: Unit
    value: float
    lowest: float
    highest: float
    ours: Side
    peer_name: str = ""
    peer: Side | None = None
    ratio: float | None = None
    limit_name: str = ""
    limit_share: float | None = None
    server_share: float | None = None
    note: str = ""
    took_s: float = 0.0

    @property
    def comparable(self) -> float:
        """The number that says the same on another machine, as far as there is one: more is better."""
        if self.unit is Unit.MEGABYTES:
            return 1 / self.value
        if self.unit is Unit.TIMES:
            return 1 / self.value
        return self.ratio or self.limit_share or (self.value if self.unit.is_more_better else 1 / self.value)

    def as_json(self) -> dict[str, Any]:
        """For a file."""
        return {**asdict(self), "unit": self.unit.value}

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Self:
        """From a file; what is not of a figure is left out."""
        known = {key: row[key] for key in cls.__dataclass_fields__ if key in row}
        for side in ("ours", "peer"):
            if known.get(side) is not None:
                known[side] = Side(**known[side])
        return cls(**{**known, "unit": Unit(row["unit"])})
