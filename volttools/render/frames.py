"""The frames of an event, opened: a title, the tree of fields, and the bytes if asked."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console

from volttools.protocol.events import Damage, Direction, Event, Exchange, Frame
from volttools.render.cells import Line, cut, wrap
from volttools.render.details import connection_lines, frame_text
from volttools.render.hex import tree_with_hex
from volttools.render.outcomes import malformed_text
from volttools.render.styles import sign
from volttools.render.tables import INDENT, ROWS
from volttools.render.tree import FrameTree, kinds_of, open_frame, tree_lines
from volttools.render.values import visible

DOCS_FROM = 120
"""From this width on, the tree says what each field is."""


def frame_views(
    event: Event,
    console: Console,
    *,
    only: int | None = None,
    with_hex: bool = False,
    rows: int = ROWS,
    keep_login_hashes: bool = False,
) -> Iterator[Line]:
    """The frames of an event in lines.

    only   the number of the one frame to show
    rows   elements of each list that are opened; 0 is all
    """
    if event.connection is not None and not (isinstance(event, Damage) and event.frame is None):
        yield from connection_lines(event.connection, console)
    for frame, kind in kinds_of(event):
        if only is not None and frame.number != only:
            continue
        tree = open_frame(frame, kind, console, max_elements=rows or None)
        yield _title(tree, frame, console)
        if with_hex:
            yield from tree_with_hex(tree, console, keep_login_hashes=keep_login_hashes, everything=not rows)
        else:
            yield from tree_lines(
                tree,
                console,
                with_docs=console.width >= DOCS_FROM,
                keep_login_hashes=keep_login_hashes,
                width=console.width,
            )
        is_request = isinstance(event, Exchange) and frame is event.request_frame
        malformed = malformed_text(event) if isinstance(event, Exchange) and is_request else None
        if malformed is not None:
            for part in wrap(visible(malformed), max(40, console.width - INDENT), 100):
                yield [(" " * INDENT + part, "note")]


def _title(tree: FrameTree, frame: Frame, console: Console) -> Line:
    to = sign(console, "to")
    way = f"client {to} server" if frame.direction is Direction.CLIENT else f"server {to} client"
    title = [(" " * INDENT + tree.kind.__name__, "summary.title"), (f"  {way}, {frame_text(frame)}", "muted")]
    return cut(title, console.width, sign(console, "ellipsis"))
