"""Rules on tables, in responses and as parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from volttools.checks.finding import Found, Rule, Severity
from volttools.checks.state import ConnectionState
from volttools.codec import build
from volttools.formats.primitives import is_utf8
from volttools.formats.table import (
    MAX_ROW_BYTES,
    MAX_SQL_COLUMNS,
    NO_COLUMN_TYPES,
    USUAL_TRAILING,
    Row,
    Rows,
    Table,
)
from volttools.formats.types import TYPES
from volttools.words import counted

VIOLATION, NOTE = Severity.VIOLATION, Severity.NOTE


@dataclass(frozen=True, slots=True)
class Shown:
    """A table in a message.

    path         "response.tables[0]"
    frame_bytes  of the whole message: what bounds the length of its rows
    """

    table: Table
    path: str
    frame_bytes: int


def _header_length(shown: Shown, state: ConnectionState) -> Iterator[Found]:
    error = shown.table.header.length_error
    if error:
        says = f"{abs(error):,} {'less' if error < 0 else 'more'} than it takes"
        yield Found(f"the header's length is {says}; some readers rely on it", f"{shown.path}.header")


def _no_columns(shown: Shown, state: ConnectionState) -> Iterator[Found]:
    if not shown.table.header.column_types:
        yield Found("a table without columns; the Java client rejects it", f"{shown.path}.header")


def _many_columns(shown: Shown, state: ConnectionState) -> Iterator[Found]:
    columns = len(shown.table.header.column_types)
    if columns > MAX_SQL_COLUMNS:
        yield Found(f"{columns:,} columns; SQL has {MAX_SQL_COLUMNS:,} at most", f"{shown.path}.header")


def _column_type(shown: Shown, state: ConnectionState) -> Iterator[Found]:
    for index, code in enumerate(shown.table.header.column_types):
        name = TYPES.name_of(code)
        if TYPES.format_of(code) is None or name in NO_COLUMN_TYPES:
            message = f"a column of type {name} ({code}), which client libraries can't read"
            yield Found(message, f"{shown.path}.header.column_types[{index}]")
            return  # what follows in a row is unreadable as well


def _column_name(shown: Shown, state: ConnectionState) -> Iterator[Found]:
    for index, name in enumerate(shown.table.header.column_names):
        if name is None or not is_utf8(name):
            what = "NULL" if name is None else "not UTF-8"
            yield Found(f"a column's name is {what}", f"{shown.path}.header.column_names[{index}]")


def _zeros_behind(shown: Shown, state: ConnectionState) -> Iterator[Found]:
    if shown.table.trailing == USUAL_TRAILING:
        message = f"{len(USUAL_TRAILING)} zero bytes behind the rows, as in PROCEDUREPROFILE and its kin"
        yield Found(f"{message}; the Go client fails on them", f"{shown.path}.trailing")


def _bytes_behind(shown: Shown, state: ConnectionState) -> Iterator[Found]:
    trailing = shown.table.trailing
    if trailing and trailing != USUAL_TRAILING:
        yield Found(
            f"{counted(len(trailing), 'byte')} too many behind the rows, within the table",
            f"{shown.path}.trailing",
        )


def _long_row(shown: Shown, state: ConnectionState) -> Iterator[Found]:
    if shown.frame_bytes <= MAX_ROW_BYTES:
        return
    for index, row in enumerate(shown.table.rows):
        if _may_be_long(row) and (length := _row_bytes(shown.table, row)) > MAX_ROW_BYTES:
            message = f"a row of {length:,} bytes; {MAX_ROW_BYTES:,} is the most"
            yield Found(message, f"{shown.path}.rows[{index}]")


def _may_be_long(row: Row) -> bool:
    """Whether a row is worth to be measured: a text of n characters has up to 4 n bytes."""
    known = sum(len(value) for value in row if isinstance(value, (str, bytes)))
    others = any(not isinstance(value, (str, bytes, int, float, type(None))) for value in row)
    return others or 8 * known > MAX_ROW_BYTES


def _row_bytes(table: Table, row: Row) -> int:
    """The bytes of a row without its length, measured by building it."""
    header = table.header
    prefix_bytes: int = Rows.prefix.sizeof()
    with_row = len(build(Table(header=header, rows=[row])))
    return with_row - len(build(Table(header=header))) - prefix_bytes


# fmt: off
TABLE_RULES: tuple[Rule[Shown], ...] = (
    Rule("table-header-length", VIOLATION, None,     "the length of a table's header is wrong", "VoltTable.java; VoltTable of voltdbclient writes 4 too few", _header_length),
    Rule("no-columns",          VIOLATION, None,     "a table without columns", "VoltTable.java asserts a column", _no_columns),
    Rule("column-type",         VIOLATION, None,     "a column of a type that no reader takes: BOOLEAN, VOLTTABLE, unknown", "VoltTable.java and the readers of all clients", _column_type),
    Rule("column-name",         VIOLATION, None,     "a column's name that is NULL, or not UTF-8", "VoltTable.java", _column_name),
    Rule("bytes-behind-table",  VIOLATION, None,     "bytes behind the rows of a table", "VoltTable.java; the Go client fails on them", _bytes_behind),
    Rule("row-too-long",        VIOLATION, None,     "a row of more than 2 MiB", "VoltTable.java: addRow", _long_row),
    Rule("zeros-behind-table",  NOTE,      None,     "96 zero bytes behind the rows, as 11.4 sends in three statistics", "recording system-statistics", _zeros_behind),
    Rule("many-columns",        NOTE,      None,     "more columns than SQL allows", "SQL's limit", _many_columns),
)
# fmt: on
