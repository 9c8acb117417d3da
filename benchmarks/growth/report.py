"""Curves in words: what a unit costs at the smallest size, at its least, and at the largest size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.growth.curves import MOST_EXPONENT, Curve, Panel, Plot
from benchmarks.growth.words import in_words

_HEADS = ("cost", "of", "at first", "least", "at last", "grows by the power")
_WIDTHS = (46, 30, 18, 18, 18)


def text(plots: Sequence[Plot]) -> str:
    """For a terminal."""
    return "".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, _WIDTHS, strict=False)), row[-1]]).rstrip()
        + "\n"
        for row in [_HEADS, *_rows(plots)]
    )


def markdown(plots: Sequence[Plot]) -> str:
    """For a document."""
    rows = [_HEADS, ("---",) * len(_HEADS), *_rows(plots)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def is_worse_than_linear(plots: Sequence[Plot]) -> bool:
    """Whether one of our curves grows so."""
    return any(_is_worse(panel, curve) for plot in plots for panel in plot.panels for curve in panel.curves)


def _is_worse(panel: Panel, curve: Curve) -> bool:
    return not (panel.is_whole or curve.beside) and curve.exponent > MOST_EXPONENT


def _rows(plots: Sequence[Plot]) -> Iterator[tuple[str, ...]]:
    for plot in plots:
        for panel in plot.panels:
            for curve in panel.curves:
                points = (curve.points[0], curve.least, curve.points[-1])
                words = (f"{in_words(c, panel.unit)} at {in_words(s, plot.unit)}" for s, c in points)
                power = "" if panel.is_whole else f"{curve.exponent:.2f}"
                remark = ", more than linear" if _is_worse(panel, curve) else ""
                yield (panel.title, curve.name, *words, power + remark)
