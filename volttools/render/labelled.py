"""Lines with a name at their left: what a summary or a digest is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from volttools.render.cells import Line, Piece, left, line_width, width_of, wrap
from volttools.render.values import visible

NAMES: Final = 14
"""Columns of a name, behind two blanks."""

_MOST_LINES: Final = 4  # of one part


def named(name: str, pieces: Line) -> Line:
    """A line with its name; without one, its place stays empty."""
    return [("  " + left(name, NAMES), "header"), *pieces]


def flow(name: str, parts: Sequence[Piece], width: int) -> list[Line]:
    """Parts one after the other with commas between, in as many lines as they need."""
    room = width - NAMES - 2
    lines: list[Line] = []
    line: Line = []
    for index, (text, style) in enumerate(parts):
        comma = "," if index < len(parts) - 1 and not text.endswith((":", ";")) else ""
        pieces = wrap(text, room, _MOST_LINES) if width_of(text) > room and " " in text else [text]
        for number, piece in enumerate(pieces, 1):
            if line and line_width(line) + width_of(piece) + 2 > room:
                lines.append(line)
                line = []
            line += [(" ", "plain")] if line else []
            line += [(piece, style), (comma if number == len(pieces) else "", "plain")]
    if line:
        lines.append(line)
    return [named("" if index else name, line) for index, line in enumerate(lines)]


def counts(numbers: Mapping[str, int], style: str = "plain") -> list[Piece]:
    """Parts of a flow: names and how often, the most frequent first."""
    pairs = sorted(numbers.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(f"{visible(name)} {number:,}", style) for name, number in pairs]


def judged(numbers: Mapping[str, int], good: str) -> list[Piece]:
    """The same with the good one first, and the others in the colour of errors."""
    pairs = sorted(numbers.items(), key=lambda pair: (pair[0] != good, -pair[1], pair[0]))
    return [
        (f"{name} {number:,}", "summary.good" if name == good else "summary.bad") for name, number in pairs
    ]
