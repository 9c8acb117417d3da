"""The table in a document, between marks; and below it why goals were missed.

<!-- bench -->
...
<!-- end of bench -->
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from benchmarks import table
from benchmarks.figure import Figure
from benchmarks.goals import BY_ROW

_MARKED = re.compile(r"(<!-- bench -->\n).*?(<!-- end of bench -->)", re.DOTALL)


def write(path: Path, figures: Sequence[Figure]) -> None:
    """Put the table in its place. Raises SystemExit for a document without the marks."""
    path.write_text(with_table(path.read_text(), figures, name=str(path)))


def with_table(text: str, figures: Sequence[Figure], *, name: str = "the document") -> str:
    """A document with the table of these rows."""
    inside = f"\n{table.markdown(figures)}\n{misses(figures)}"
    found, count = _MARKED.subn(lambda marks: marks[1] + inside + marks[2], text)
    if count != 1:
        raise SystemExit(f"{name}: the table goes between <!-- bench --> and <!-- end of bench -->, once")
    return found


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
