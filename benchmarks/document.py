"""The table of docs/performance.md, and below it why floors and goals were missed."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks import table
from benchmarks.figure import Figure
from benchmarks.goals import BY_ROW


def text(figures: Sequence[Figure]) -> str:
    """Both, as Markdown."""
    return f"{table.markdown(figures)}\n{misses(figures)}"


def misses(figures: Sequence[Figure]) -> str:
    """A list of the goals that were missed, each with its reason."""
    lines = []
    for figure in figures:
        if table.is_below_floor(figure) or table.is_below_goal(figure):
            goal = BY_ROW[figure.name]
            wanted = "floor" if table.is_below_floor(figure) else "goal"
            reason = goal.miss or "the reason is not known yet"
            lines.append(f"- **{figure.name}** misses its {wanted}: {reason}.\n")
    return "".join([*lines, "\n"]) if lines else ""
