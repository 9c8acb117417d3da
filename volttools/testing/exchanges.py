"""What a test's clients and its server said last, as `volttools decode` shows it."""

from __future__ import annotations

import io
from collections import deque
from pathlib import Path
from typing import Final

from volttools.errors import VoltToolsError
from volttools.mock import MockServer
from volttools.protocol.events import Event

MOST_SHOWN: Final = 10
WIDTH: Final = 100


def last_exchanges(server: MockServer, path: Path, *, count: int = MOST_SHOWN, width: int = WIDTH) -> str:
    """Write all that passed into a file, and give the last of it as lines for people, with the file's path.

    path   of a .pcapng; its directory is made
    count  of exchanges, log-ins and pushes that are shown
    width  of the lines, in characters
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        server.save(path)
        shown, is_any = _decoded(path, count, width)
    except (VoltToolsError, OSError) as error:
        return f"the exchanges could not be kept in {path}: {error}"
    if not is_any:
        path.unlink(missing_ok=True)
        return "nothing: no client connected to the mock server"
    return f"{shown}kept in {path}\n"


def _decoded(path: Path, count: int, width: int) -> tuple[str, bool]:
    from rich.console import Console

    from volttools.capture.reader import open as open_capture
    from volttools.render.cells import LineWriter
    from volttools.render.lines import LineRenderer

    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        color_system=None,
        force_terminal=False,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    lines = LineRenderer(console, one_line=False, width=width)
    writer = LineWriter(console)
    last: deque[Event] = deque(maxlen=count)
    total = 0
    with open_capture(path) as capture:
        for event in capture.events():
            last.append(event)
            total += 1
    lines.start_ns = capture.summary.first_ns
    writer.write(lines.header())
    if total > len(last):
        writer.write([(f"... {total - len(last):,} before", "muted")])
    for event in last:
        for line in lines.lines(event):
            writer.write(line)
    writer.flush()
    return out.getvalue(), bool(total)
