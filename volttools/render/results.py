"""The answer to a call for people: its tables, and what the procedure said."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console

from volttools.formats.response import Response
from volttools.render.cells import Line
from volttools.render.outcomes import response_texts, status_piece
from volttools.render.tables import named, table_details
from volttools.render.values import visible
from volttools.words import counted


def result_lines(
    procedure: str, response: Response, latency_ns: int, console: Console, *, rows: int = 0
) -> Iterator[Line]:
    """The status, what was said besides it, and the tables.

    rows   of each table that are shown; 0: all
    """
    tables = response.tables
    counts = [counted(len(tables), "table")]
    if len(tables) == 1:
        counts = [counted(len(tables[0].rows), "row")]
    system = ".system" if procedure.startswith("@") else ""
    yield [
        (visible(procedure), f"procedure{system}"),
        (": ", "plain"),
        status_piece(response.status),
        (f" ({response.status})" if response.status < 0 else "", "muted"),
        (f", {counts[0]}, {latency_ns / 1e6:.3f} ms", "muted"),
    ]
    for text, style in response_texts(response):
        yield from named("says", [("\n".join(map(visible, text.split("\n"))), style)])
    for index, table in enumerate(tables):
        yield from table_details(table, f"tables[{index}]", console, rows)
