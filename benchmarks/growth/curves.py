"""What was measured: plots of panels of curves; and the file that keeps them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.results import machine

MOST_EXPONENT = 1.25
"""Of the size: what grows by a higher one at its end, grows faster than the work. 1 would be linear, and between two
measurements it moves."""


@dataclass(frozen=True)
class Curve:
    """The cost of one unit of work, by size.

    points   size and cost, by size
    beside   the curve of ours that does the same work, if this one is a peer's
    """

    name: str
    points: list[tuple[float, float]]
    beside: str = ""

    @property
    def least(self) -> tuple[float, float]:
        """Where a unit costs least: size and cost."""
        return min(self.points, key=lambda point: point[1])

    @property
    def exponent(self) -> float:
        """By which power of the size all the work grows between its two largest sizes; 1 is linear."""
        if len(self.points) < 2:
            return 1.0
        (before, cost), (last, last_cost) = self.points[-2:]
        return 1 + math.log10(last_cost / cost) / math.log10(last / before)


@dataclass(frozen=True)
class Panel:
    """Curves over one axis of cost.

    title      what it costs: "CPU time of a row"
    unit       of the cost: "s" or "B"
    is_whole   the cost isn't that of one unit of work, but of all
    """

    title: str
    unit: str
    curves: list[Curve]
    is_whole: bool = False


@dataclass(frozen=True)
class Plot:
    """One picture.

    name   of its file
    axis   what grows: "rows of a table"
    unit   of the sizes: "" for a count, "B" for bytes
    """

    name: str
    axis: str
    panels: list[Panel]
    unit: str = ""


class Measured(NamedTuple):
    """What was found at one size: CPU time of a unit of work, and the memory of the process."""

    size: float
    cpu_s: float
    memory: float


def time_and_memory(
    name: str,
    axis: str,
    title: str,
    found: Mapping[str, Sequence[Measured]],
    *,
    beside: Mapping[str, str],
    unit: str = "",
) -> Plot:
    """A plot with a panel for either; `beside` says which curves are a peer's."""
    times = [
        Curve(what, [(m.size, m.cpu_s) for m in measured], beside.get(what, ""))
        for what, measured in found.items()
    ]
    memories = [
        Curve(what, [(m.size, m.memory) for m in measured], beside.get(what, ""))
        for what, measured in found.items()
    ]
    return Plot(name, axis, [Panel(title, "s", times), Panel("memory", "B", memories, is_whole=True)], unit)


def save(path: Path, plots: Iterable[Plot]) -> None:
    """Keep plots in a file; those of other names stay there as they were."""
    kept = {plot.name: plot for plot in load(path)} if path.exists() else {}
    kept |= {plot.name: plot for plot in plots}
    found = {"machine": machine(), "plots": [_rounded(asdict(plot)) for plot in kept.values()]}
    path.write_text(json.dumps(found, indent=1) + "\n")


def load(path: Path) -> list[Plot]:
    """Read what `save` wrote."""
    return [_plot(found) for found in json.loads(path.read_text())["plots"]]


def _plot(found: dict[str, Any]) -> Plot:
    panels = [Panel(**{**panel, "curves": list(map(_curve, panel["curves"]))}) for panel in found["panels"]]
    return Plot(**{**found, "panels": panels})


def _curve(found: dict[str, Any]) -> Curve:
    return Curve(**{**found, "points": [(size, cost) for size, cost in found["points"]]})


def _rounded(value: Any) -> Any:
    """Numbers with as many digits as mean something."""
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value
