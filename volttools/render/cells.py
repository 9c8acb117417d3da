"""Pieces of styled text, cut and padded to columns of the screen.

A piece is a text and the name of its style; a line is a list of pieces. Chinese and emoji
take two columns, so widths are counted in cells and not in characters.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.segment import Segment, Segments

from volttools.render.styles import style

Piece = tuple[str, str]
Line = list[Piece]

_UNIT = re.compile(r" (?:[num]?s|[kMGT]?B|%)(?!\w)")

_MOST_LINES = 4
"""So many lines a text takes below each other."""


def width_of(text: str) -> int:
    """The columns that a text takes."""
    return len(text) if text.isascii() else cell_len(text)


def line_width(line: Iterable[Piece]) -> int:
    """The columns that a line takes."""
    return sum(width_of(text) for text, _ in line)


def right(text: str, width: int) -> str:
    """A text moved to the right of its column; it is never cut."""
    return " " * (width - width_of(text)) + text


def left(text: str, width: int) -> str:
    """A text at the left of its column; it is never cut."""
    return text + " " * (width - width_of(text))


def fit(line: Line, width: int, ellipsis: str) -> Line:
    """A line cut to so many columns and filled up to them."""
    used = line_width(line)
    if used < width:
        return [*line, (" " * (width - used), "plain")]
    return cut(line, width, ellipsis)


def cut(line: Line, width: int | None, ellipsis: str = "...") -> Line:
    """A line of at most so many columns, None: as long as it is; the ellipsis shows that it was longer."""
    if width is None or line_width(line) <= width:
        return line
    return [*_first(line, max(0, width - width_of(ellipsis))), (ellipsis, "muted")]


def _first(line: Line, width: int) -> Line:
    kept: Line = []
    for text, name in line:
        room = width_of(text)
        if room >= width:
            if width:
                kept.append((set_cell_size(text, width), name))
            break
        kept.append((text, name))
        width -= room
    return kept


def wrap(text: str, width: int | None, most: int) -> list[str]:
    """Text in lines of `width` columns, broken at blanks where there are some, but not between a
    number and its unit; the last of `most` lines holds the rest, however long. Width None: one line."""
    if width is None:
        return [text]
    lines: list[str] = []
    while len(lines) < most - 1 and width_of(text) > width:
        end = len(text) if text.isascii() else 0
        if end:
            end = width
        else:
            used = 0
            for character in text:
                used += cell_len(character)
                if used > width:
                    break
                end += 1
        end = _last_blank(text, end // 4, end) or max(1, end)
        lines.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return [*lines, text]


def _last_blank(text: str, first: int, last: int) -> int | None:
    """Where a line may end between these."""
    blank = text.rfind(" ", first, last + 1)
    while blank > 0 and text[blank - 1].isdigit() and _UNIT.match(text, blank):
        blank = text.rfind(" ", first, blank)
    return blank if blank > 0 else None


def folded(line: Line, width: int | None) -> Iterator[Line]:
    """A label and a text, where the text takes up to four lines if it is wider than the screen; the last one is
    cut. Other lines stay.

    width   of the screen; None: lines as long as they are
    """
    if width is None or len(line) != 2 or line_width(line) <= width:
        yield line
        return
    label, (text, name) = line
    indent = width_of(label[0])
    for index, part in enumerate(wrap(text, width - indent, _MOST_LINES)):
        yield cut([(" " * indent, "plain") if index else label, (part, name)], width)


class LineWriter:
    """Prints lines in batches, because a print of rich costs more than a line does.

    immediate   print each line at once, for input that comes as it happens
    """

    BATCH = 500
    WAIT_S = 0.05

    def __init__(self, console: Console, *, immediate: bool = False) -> None:
        self.console = console
        self._immediate = immediate
        self._held: list[Segment] = []
        self._lines = 0
        self._flushed_at = 0.0  # long ago: the first line appears at once

    def write(self, line: Line) -> None:
        """Print a line, soon."""
        self._held.extend([Segment(text, style(name)) for text, name in line])
        self._held.append(Segment.line())
        self._lines += 1
        if self._immediate or self._lines >= self.BATCH or time.monotonic() - self._flushed_at > self.WAIT_S:
            self.flush()

    def flush(self) -> None:
        """Print what is held back."""
        if self._held:
            self.console.print(Segments(self._held), end="", crop=False)
            self._held = []
            self._lines = 0
        self._flushed_at = time.monotonic()
