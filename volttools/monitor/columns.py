"""What the views show, column by column: title, key, and how a figure is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from volttools.monitor.counters import CLIENTS, TABLES
from volttools.render.values import duration, size, visible


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a view.

    name      as --sort takes it
    key       sorts by it; a letter of the title
    value     the figure of a row, or None
    show      its text
    width     of the column
    is_text   it stands at the left and is sorted upwards
    """

    name: str
    key: str
    title: str
    value: Callable[[Any], Any]
    show: Callable[[Any], str]
    width: int
    is_text: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """A view: which figures, what is asked for besides what all views show, the columns in their order.

    rows      the member of Figures
    selector  None: asked for anyway
    order     the columns in the order in which they are given up where there is no room, the last one first
    """

    name: str
    rows: str
    selector: str | None
    columns: tuple[Column, ...]
    order: tuple[str, ...]

    def column(self, name: str) -> Column | None:
        """The column of that name."""
        return next((column for column in self.columns if column.name == name), None)

    def shown(self, width: int) -> list[Column]:
        """The columns that a screen of that width has room for; the first one takes what is left."""
        first, *rest = self.columns
        left = width - _FEWEST_FOR_NAMES
        kept = set()
        for name in self.order:
            column = self.column(name)
            assert column is not None
            left -= column.width + 1
            if left < 0:
                break
            kept.add(name)
        return [first, *(column for column in rest if column.name in kept)]


_FEWEST_FOR_NAMES: Final = 14


def rate(value: float) -> str:
    """A number a second.

    >>> rate(0), rate(0.25), rate(12.34), rate(12345.6)
    ('0', '0.25', '12.3', '12,346')
    """
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def _whole(value: int) -> str:
    return f"{value:,}"


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def _growth(value: float) -> str:
    return ("+" if value > 0 else "") + rate(value)


def _client(row: Any) -> str:
    return f"{row.name} {row.host_id}:{row.connection_id}"


def _of_calls(name: Callable[[Any], str], title: str) -> tuple[Column, ...]:
    return (
        Column("name", "n", title, name, visible, 0, is_text=True),
        Column("calls", "c", "calls/s", lambda row: row.calls_per_s, rate, 9),
        Column("avg", "a", "avg", lambda row: row.avg_ns, duration, 9),
        Column("max", "m", "max", lambda row: row.max_ns, duration, 8),
        Column("aborts", "b", "aborts/s", lambda row: row.aborts_per_s, rate, 9),
        Column("failures", "f", "failures/s", lambda row: row.failures_per_s, rate, 11),
        Column("total", "t", "total", lambda row: row.calls, _whole, 13),
    )


_SHARE: Final = Column("share", "s", "share", lambda row: row.share, _percent, 6)
_NAME, _CALLS, _AVG, _MAX, *_REST = _of_calls(lambda row: str(row.name), "name")

VIEWS: Final = {
    "procedures": View(
        "procedures",
        "procedures",
        None,
        (_NAME, _CALLS, _AVG, _MAX, _SHARE, *_REST),
        ("calls", "avg", "share", "max", "failures", "aborts", "total"),
    ),
    "tables": View(
        "tables",
        "tables",
        TABLES,
        (
            Column("name", "n", "name", lambda row: row.name, visible, 0, is_text=True),
            Column("rows", "o", "rows", lambda row: row.rows, _whole, 15),
            Column("growth", "g", "growth/s", lambda row: row.rows_per_s, _growth, 11),
            Column("memory", "m", "memory", lambda row: row.memory_bytes, size, 9),
            Column("parts", "i", "partitions", lambda row: _parts(row), str, 11),
        ),
        ("rows", "growth", "memory", "parts"),
    ),
    "clients": View(
        "clients",
        "clients",
        CLIENTS,
        _of_calls(_client, "connection"),
        ("calls", "avg", "max", "failures", "aborts", "total"),
    ),
}
"""The views by name, in the order of their keys 1, 2, 3."""

DEFAULT_SORT: Final = {"procedures": "share", "tables": "memory", "clients": "calls"}


def _parts(row: Any) -> str:
    return "replicated" if row.is_replicated else _whole(row.partitions)
