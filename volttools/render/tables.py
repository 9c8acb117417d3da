"""Tables for people: a line a row, or a line a value where that would be too wide.

The lines are made here and not by rich.table, which takes 0.3 ms a row and fills lines with
blanks to their end: with `--rows 0` a result may have a million rows, and go into a pipe.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rich.console import Console

from volttools.formats.table import USUAL_TRAILING, Column, Row, Table
from volttools.render.cells import Line, Piece, left, right, width_of, wrap
from volttools.render.styles import sign
from volttools.render.values import show_value, value_style, visible
from volttools.words import counted

ROWS = 20
"""Rows of a table, and elements of a list, that are shown unless asked for more; 0 is all."""

INDENT = 4

_NAMES = 12  # columns of the names at the left
_CELL_LIMITS = (60, 40, 24, 16)  # characters of a value: the first that lets the table fit
_BLOCK_LIMIT = 30  # where the columns are in several blocks
_RECORD_LIMIT = 200
_USUAL_STATUS = Table.of([]).status


def table_details(table: Table, place: str, console: Console, rows: int = ROWS) -> Iterator[Line]:
    """A table: its size, its first rows, and how many are not shown."""
    size = f"{counted(len(table.columns), 'column')}, {counted(len(table.rows), 'row')}"
    status = "" if table.status == _USUAL_STATUS else f", status {table.status}"
    yield from named("table", [(f"{place}: ", "muted"), (size + status, "plain")])
    yield from table_lines(table, console, rows)


def table_lines(
    table: Table, console: Console, rows: int = ROWS, *, as_records: bool = False
) -> Iterator[Line]:
    """Its first rows, and how many are not shown.

    as_records   a line a value, whatever the width
    """
    columns = table.columns
    names = list(map(_name, columns))
    shown = table.rows[: rows or None]
    room = console.width - INDENT - 2
    if as_records and shown:
        yield from _records(columns, shown, console.width)
    elif not shown:
        yield from _heads(columns, names, room)
    elif (cells := _cells(columns, shown, room))[0] is not None:
        yield from _grid(columns, shown, cells[0], cells[1], sign(console, "rule"))
    elif (blocks := _blocks(columns, shown, room)) is not None:
        for start, end, texts, widths in blocks:
            yield indented([(f"columns {start + 1} to {end} of {len(columns)}", "muted")])
            part = [row[start:end] for row in shown]
            yield from _grid(columns[start:end], part, texts, widths, sign(console, "rule"))
    else:
        yield from _records(columns, shown, console.width)
    hidden = len(table.rows) - len(shown)
    if hidden:
        yield indented([(f"and {counted(hidden, 'more row')}", "muted")])
    if table.trailing and table.trailing != USUAL_TRAILING:
        yield from named("", [(f"{counted(len(table.trailing), 'byte')} behind the rows", "muted")])


def _cells(columns: list[Column], rows: Sequence[Row], room: int) -> tuple[list[list[str]] | None, list[int]]:
    """The texts of all values and the widths of the columns; no texts if they don't fit."""
    if sum(map(_head_width, columns)) + 2 * len(columns) > room:
        return None, []
    for limit in _CELL_LIMITS:
        texts, widths = _texts(columns, rows, limit)
        if sum(widths) + 2 * len(widths) <= room:
            return texts, widths
    return None, []


def _texts(columns: list[Column], rows: Sequence[Row], limit: int) -> tuple[list[list[str]], list[int]]:
    """The texts of all values, each of about `limit` characters, and the widths of the columns."""
    texts = [
        [show_value(column.type, value, limit) for column, value in zip(columns, row, strict=False)]
        for row in rows
    ]
    widths = list(map(_head_width, columns))
    for row in texts:
        for index, text in enumerate(row):
            if len(text) > widths[index] or not text.isascii():
                widths[index] = max(widths[index], width_of(text))
    return texts, widths


def _head_width(column: Column) -> int:
    return max(width_of(_name(column)), len(column.type_name))


def _name(column: Column) -> str:
    """Its name; "" where it has none, so that no line of nothing stands there."""
    return visible(column.name) or '""'


_MOST_BLOCKS = 4


def _blocks(
    columns: list[Column], rows: Sequence[Row], room: int
) -> list[tuple[int, int, list[list[str]], list[int]]] | None:
    """The table in blocks of whole columns, each as wide as the screen; None if there are too many,
    or a row is short of columns. For one row, a line a value reads better.

    Each block has the first column and the one behind its last, its texts, and its widths.
    """
    if len(rows) < 2 or any(len(row) < len(columns) for row in rows):
        return None
    texts, widths = _texts(columns, rows, _BLOCK_LIMIT)
    ends = [0]
    used = 0
    for index, width in enumerate(widths):
        if index > ends[-1] and used + width + 2 > room:
            ends.append(index)
            used = 0
        used += width + 2
        if used > room:
            return None
    ends.append(len(columns))
    if len(ends) > _MOST_BLOCKS + 1:
        return None
    return [
        (start, end, [row[start:end] for row in texts], widths[start:end]) for start, end in pairwise(ends)
    ]


def _heads(columns: list[Column], names: list[str], room: int) -> Iterator[Line]:
    """The names and types of the columns of a table without rows, in lines of whole columns."""
    line = ""
    for name, column in zip(names, columns, strict=True):
        text = f"{name} {column.type_name}"
        if line and width_of(line) + width_of(text) + 3 > room:
            yield indented([(line + ",", "muted")])
            line = text
        else:
            line = f"{line}, {text}" if line else text
    if line:
        yield indented([(line, "muted")])


def _grid(
    columns: list[Column], rows: Sequence[Row], cells: list[list[str]], widths: list[int], rule: str
) -> Iterator[Line]:
    """A line a row, below the names and types of the columns."""
    places = [right if value_style(column.type, 0) == "value.number" else left for column in columns]
    names: Line = []
    types: Line = []
    for column, place, width in zip(columns, places, widths, strict=True):
        names.append((place(_name(column), width) + "  ", "header"))
        types.append((place(column.type_name, width) + "  ", "type"))
    yield indented(names)
    yield indented(types)
    yield indented([(rule * (sum(widths) + 2 * (len(widths) - 1)), "header.rule")])
    for row, texts in zip(rows, cells, strict=True):
        yield indented(
            [
                (place(text, width) + "  ", value_style(column.type, value))
                for place, text, width, column, value in zip(
                    places, texts, widths, columns, row, strict=False
                )
            ]
        )


def _records(columns: list[Column], rows: Sequence[Row], width: int) -> Iterator[Line]:
    """A line a value."""
    names = list(map(_name, columns))
    for number, row in enumerate(rows, 1):
        yield indented([(f"row {number}", "header")])
        yield from aligned(
            [
                (
                    (f"  {name}", "plain"),
                    (column.type_name, "type"),
                    (show_value(column.type, value, _RECORD_LIMIT), value_style(column.type, value)),
                )
                for name, column, value in zip(names, columns, row, strict=False)
            ],
            width,
        )


def aligned(rows: Sequence[Sequence[Piece]], width: int, *, first_is_number: bool = False) -> Iterator[Line]:
    """Rows of cells in columns; the last cell takes as many lines as it needs."""
    columns = len(rows[0]) - 1 if rows else 0
    widths = [max(width_of(row[index][0]) for row in rows) for index in range(columns)]
    used = INDENT + 2 + sum(widths) + 2 * columns
    for row in rows:
        *cells, (text, name) = row
        line: Line = []
        for index, ((cell, cell_style), cell_width) in enumerate(zip(cells, widths, strict=True)):
            place = right if first_is_number and index == 0 else left
            line.append((place(cell, cell_width) + "  ", cell_style))
        parts = [part for block in text.split("\n") for part in wrap(block, max(20, width - used), 1_000)]
        yield indented([*line, (parts[0], name)])
        for part in parts[1:]:
            yield indented([(" " * (used - INDENT - 2), "plain"), (part, name)])


def named(name: str, pieces: Line) -> Iterator[Line]:
    """Text with its name at the left; more lines of it stand below each other."""
    line: Line = [(" " * INDENT + left(name, _NAMES), "header"), ("  ", "plain")]
    for text, style in pieces:
        first, *more = text.split("\n")
        line.append((first, style))
        for part in more:
            yield _trimmed(line)
            line = [(" " * (INDENT + _NAMES + 2), "plain"), (part, style)]
    yield _trimmed(line)


def indented(line: Line) -> Line:
    """A line below a name, without blanks at its end."""
    return _trimmed([(" " * (INDENT + 2), "plain"), *line])


def _trimmed(line: Line) -> Line:
    return [*line[:-1], (line[-1][0].rstrip(), line[-1][1])] if line else line
