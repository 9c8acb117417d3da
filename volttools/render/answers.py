"""An answer in a shell: the rows and how many there are, or what was done; little else."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console

from volttools.formats.response import SUCCESS, Response
from volttools.formats.table import Table
from volttools.render.cells import Line, left, width_of
from volttools.render.outcomes import response_texts
from volttools.render.results import result_lines
from volttools.render.styles import sign
from volttools.render.tables import indented, named, table_lines
from volttools.render.values import visible
from volttools.words import counted

_CHANGED = "modified_tuples"
_STATUS = "STATUS"


def answer_lines(
    procedure: str,
    response: Response,
    latency_ns: int,
    console: Console,
    *,
    rows: int = 0,
    as_records: bool = False,
) -> Iterator[Line]:
    """The tables of an answer; one that is no success as `results.result_lines` shows it.

    rows   of each table that are shown; 0: all
    """
    if response.status != SUCCESS:
        yield from result_lines(procedure, response, latency_ns, console, rows=rows)
        return
    for text, style in response_texts(response):
        yield from named("says", [("\n".join(map(visible, text.split("\n"))), style)])
    for table in response.tables:
        yield from _table_lines(table, console, rows=rows, as_records=as_records)
    if not response.tables:
        yield [("OK", "status.success")]


def listing_lines(table: Table, console: Console) -> Iterator[Line]:
    """A table of words that the shell made: without types, and with nothing for NULL."""
    cells = [[column.name for column in table.columns]]
    cells += [["" if value is None else visible(str(value)) for value in row] for row in table.rows]
    widths = [max(map(width_of, column)) for column in zip(*cells, strict=True)]
    for number, row in enumerate(cells):
        line = "  ".join(map(left, row, widths))
        yield indented([(line, "plain" if number else "header")])
        if not number:
            yield indented([(sign(console, "rule") * width_of(line), "header.rule")])
    yield [(f"({counted(len(table.rows), 'row')})", "muted")]


def _table_lines(table: Table, console: Console, *, rows: int, as_records: bool) -> Iterator[Line]:
    """The rows of a table, and how many there are; or what a statement did."""
    done = _done(table)
    if done is not None:
        yield [("OK", "status.success"), (done, "plain")]
        return
    yield from table_lines(table, console, rows, as_records=as_records)
    yield [(f"({counted(len(table.rows), 'row')})", "muted")]


def time_line(latency_ns: int) -> Line:
    """How long a call took."""
    return [(f"Time: {latency_ns / 1e6:.3f} ms", "muted")]


def _done(table: Table) -> str | None:
    """What a table says that is the answer to DML or DDL; None for any other."""
    if len(table.columns) != 1 or len(table.rows) != 1:
        return None
    name, (value,) = table.columns[0].name, table.rows[0]
    if name == _CHANGED and isinstance(value, int):
        return f", {counted(value, 'row')} changed"
    return "" if name == _STATUS and value == 0 else None
