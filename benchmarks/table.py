"""The one table, as lines of a terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.figure import Figure, Side, Unit, number
from benchmarks.goals import BY_ROW

HEADS = ("work", "peer", "peer's", "ours", "result", "spread", "floor", "goal", "of the limit", "")
_WIDTHS = (42, 24, 10, 10, 14, 17, 6, 6, 24)


def cells(figure: Figure) -> tuple[str, ...]:
    """A row's cells, in the order of HEADS."""
    goal = BY_ROW.get(figure.name)
    return (
        figure.name,
        figure.peer_name,
        _time(figure.peer, figure.unit) if figure.peer else "",
        _time(figure.ours, figure.unit),
        figure.unit.text(figure.value),
        f"{number(figure.lowest)} - {number(figure.highest)}",
        f"{goal.floor:,g}" if goal else "",
        f"{goal.goal:,g}" if goal and goal.goal is not None else "",
        f"{figure.limit_share:.0%} of {figure.limit_name}" if figure.limit_share is not None else "",
        _remark(figure),
    )


def is_below_floor(figure: Figure) -> bool:
    """Whether a row misses its floor."""
    goal = BY_ROW.get(figure.name)
    return goal is not None and not goal.unit.is_reached(figure.value, goal.floor)


def is_below_goal(figure: Figure) -> bool:
    """Whether a row misses its goal."""
    goal = BY_ROW.get(figure.name)
    return goal is not None and goal.goal is not None and not goal.unit.is_reached(figure.value, goal.goal)


def heads() -> str:
    """The first line for a terminal."""
    return _line("took", HEADS)


def line(figure: Figure) -> str:
    """A row for a terminal, which also tells how long it was measured."""
    return _line(f"{figure.took_s:.1f} s", cells(figure))


def _line(took: str, row: Sequence[str]) -> str:
    padded = [cell.ljust(width) for cell, width in zip(row, _WIDTHS, strict=False)]
    return "  ".join([took.rjust(7), *padded, row[-1]]).rstrip()


def markdown(figures: Iterable[Figure]) -> str:
    """The whole table."""
    lines = [HEADS, ("---",) * len(HEADS), *map(cells, figures)]
    return "".join(f"| {' | '.join(row)} |\n" for row in lines)


def _remark(figure: Figure) -> str:
    words = []
    if is_below_floor(figure):
        words.append("below floor")
    elif is_below_goal(figure):
        words.append("below goal")
    if figure.server_share is not None:
        words.append(f"server {figure.server_share:.0%} busy")
    if figure.note:
        words.append(figure.note)
    return "; ".join(words)


def _time(side: Side, unit: Unit) -> str:
    on_the_clock = unit in (Unit.MICROSECONDS, Unit.MILLISECONDS)
    seconds = side.wall_s if on_the_clock else side.cpu_s
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.2f} us"
