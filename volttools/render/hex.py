"""The bytes of a frame, sixteen a line, each in the colour of its field."""

from __future__ import annotations

from bisect import bisect_right
from itertools import groupby, zip_longest

from rich.console import Console

from volttools.protocol.secrets import hash_range
from volttools.render.cells import Line, fit
from volttools.render.styles import field_style, sign
from volttools.render.tree import ELIDED, HIDDEN, MISSING, Field, FrameTree, shown_bytes, tree_lines

PER_LINE = 16
WIDTH = 8 + 3 * PER_LINE + 1 + 2 + PER_LINE
"""Columns that a line takes, with room for offsets of six digits."""

SIDE_BY_SIDE = 120
"""From this width on the bytes stand beside the tree."""

_LONG = 512  # bytes of one field that are shown whole; of more, its first and last lines
_KEPT = 128


def hex_lines(tree: FrameTree, *, keep_login_hashes: bool = False, everything: bool = False) -> list[Line]:
    """The bytes of a frame in lines: offset, hex, text.

    everything   also what lies within very long fields, and in elements that are not opened
    """
    view = _Bytes(tree, keep_login_hashes)
    length = len(view.data)
    skipped = [] if everything else _skipped(view.leaves)
    lines: list[Line] = []
    position = 0
    for start, end in [*skipped, (length, length)]:
        lines += [view.line(offset) for offset in range(position, start, PER_LINE)]
        if end > start:
            lines.append([(f"{'...':>6}  {end - start:,} bytes not shown", "muted")])
        position = end
    return lines


def tree_with_hex(
    tree: FrameTree, console: Console, *, keep_login_hashes: bool = False, everything: bool = False
) -> list[Line]:
    """The tree and the bytes: side by side where there is room, else one below the other."""
    dump = hex_lines(tree, keep_login_hashes=keep_login_hashes, everything=everything)
    beside = console.width >= SIDE_BY_SIDE
    room = console.width - WIDTH - 3 if beside else console.width
    lines = tree_lines(
        tree,
        console,
        with_bytes=console.color_system is None,
        keep_login_hashes=keep_login_hashes,
        width=room,
    )
    if not beside:
        return [*lines, [("", "plain")], *dump]
    ellipsis = sign(console, "ellipsis")
    return [
        [*fit(one or [], room, ellipsis), ("   ", "plain"), *(other or [])]
        for one, other in zip_longest(lines, dump)
    ]


def _skipped(leaves: list[Field]) -> list[tuple[int, int]]:
    """Ranges of whole lines that are left out."""
    ranges = []
    for found in leaves:
        span = found.span
        if span.name == ELIDED:
            start, end = span.start, span.end
        elif span.end - span.start > _LONG:
            start, end = span.start + _KEPT, span.end - PER_LINE
        else:
            continue
        start, end = -(-start // PER_LINE) * PER_LINE, end // PER_LINE * PER_LINE
        if end > start + PER_LINE:
            ranges.append((start, end))
    return ranges


class _Bytes:
    """The bytes of a frame as they may be shown, and the style of each."""

    def __init__(self, tree: FrameTree, keep_login_hashes: bool) -> None:
        self.leaves = tree.leaves()
        self.data = shown_bytes(tree, keep_login_hashes)
        self._starts = [found.span.start for found in self.leaves]
        self._missing = tree.frame.missing
        self._hidden = None if keep_login_hashes else hash_range(tree.frame)
        self._keeps_secrets = keep_login_hashes

    def line(self, offset: int) -> Line:
        """The bytes from an offset on."""
        chunk = self.data[offset : offset + PER_LINE]
        names = [self._style_at(offset + index) for index in range(len(chunk))]
        line: Line = [(f"{offset:6}  ", "bytes.offset")]
        for index, (byte, name) in enumerate(zip(chunk, names, strict=True)):
            text = _UNSHOWN.get(name, f"{byte:02x}")
            line.append((f"{byte:02x}" if name == "secret" and self._keeps_secrets else text, name))
            line.append(("  " if index == PER_LINE // 2 - 1 else " ", "plain"))
        blanks = PER_LINE - len(chunk)
        line.append((" " * (3 * blanks + (len(chunk) < PER_LINE // 2) + 1), "plain"))
        for name, run in groupby(range(len(chunk)), key=names.__getitem__):
            hides = name == "bytes.missing" or (name == "secret" and not self._keeps_secrets)
            text = "".join((_UNSHOWN[name][0] if hides else _character(chunk[index])) for index in run)
            line.append((text, name))
        return line

    def _style_at(self, offset: int) -> str:
        if any(start <= offset < end for start, end in self._missing):
            return "bytes.missing"
        if self._hidden and self._hidden[0] <= offset < self._hidden[1]:
            return "secret"
        index = bisect_right(self._starts, offset) - 1
        if index < 0 or offset >= self.leaves[index].span.end:
            return "plain"
        found = self.leaves[index]
        return "secret" if found.span.secret else field_style(found.colour or 0)


_UNSHOWN = {"bytes.missing": MISSING, "secret": HIDDEN}


def _character(byte: int) -> str:
    return chr(byte) if 0x20 <= byte < 0x7F else "."
