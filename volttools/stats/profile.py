"""The table at the heart of a digest: a line a group, the one that took the most time first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console

from volttools.render.cells import Line, Piece, cut, left, right
from volttools.render.sparkline import sparkline
from volttools.render.styles import SLOW_NS, VERY_SLOW_NS, sign
from volttools.render.values import duration, visible
from volttools.stats.digest import Digest
from volttools.stats.group import Group
from volttools.stats.spread import Scale, scale_of
from volttools.stats.timeline import Timeline

_NAME = 16  # columns that a group's name has at least; what can be missed more goes for it
_SPREAD, _WIDE_SPREAD = 8, 16
_TIMES = 16


@dataclass(frozen=True, slots=True)
class Column:
    """A column of numbers; `from_width` is how wide the screen must be for it."""

    title: str
    width: int
    from_width: int = 0


_COLUMNS = (
    Column("#", 3),
    Column("share", 6),
    Column("total", 8, 110),
    Column("calls", 9),
    Column("errors", 7),
    Column("p50", 8),
    Column("p95", 8, 100),
    Column("p99", 8),
    Column("p99.9", 8, 140),
    Column("max", 8, 95),
)
_MISSED_FIRST = ("p99", "errors", "p50", "share")


class Profile:
    """Lays out groups as lines of a table."""

    def __init__(self, digest: Digest, console: Console, width: int) -> None:
        self._digest = digest
        self._bars = sign(console, "sparkline")
        self._ellipsis = sign(console, "ellipsis")
        self._width = width
        has_errors = digest.whole.errors > 0
        self._columns = [
            column
            for column in _COLUMNS
            if width >= column.from_width and (has_errors or column.title != "errors")
        ]
        self.scale: Scale | None = scale_of(digest.whole.latencies, _WIDE_SPREAD if width >= 120 else _SPREAD)
        self._make_room()
        self.times: Timeline | None = None
        if width >= 120 and digest.span_ns:
            self.times = digest.whole.times.widened(_TIMES)

    def _make_room(self) -> None:
        """Leave out columns on a narrow screen, so that names can be read."""
        if self.scale is not None and self._room() < self.scale.columns + 1 + _NAME:
            self.scale = None
        for title in _MISSED_FIRST:
            if self._room() < _NAME:
                self._columns = [column for column in self._columns if column.title != title]

    def _room(self) -> int:
        """What the columns of numbers leave."""
        return self._width - sum(column.width + 1 for column in self._columns)

    def lines(self, groups: Sequence[Group], others: Group | None) -> list[Line]:
        """The header and a line for each group; what the bars mean stands below."""
        lines = [self._header()]
        lines += [self._line(str(rank), group) for rank, group in enumerate(groups, 1)]
        if others is not None:
            lines.append(self._line("", others))
        legend = self._legend()
        if legend:
            lines.append(cut([("  " + legend, "muted")], self._width, self._ellipsis))
        return lines

    def _header(self) -> Line:
        texts = [right(column.title, column.width) for column in self._columns]
        texts += [left("spread", self.scale.columns)] if self.scale is not None else []
        texts += [left("over time", _TIMES)] if self.times is not None else []
        return cut([(" ".join([*texts, self._digest.key.by]), "header")], self._width, self._ellipsis)

    def _line(self, rank: str, group: Group) -> Line:
        cells = self._cells(rank, group)
        line: Line = []
        for column in self._columns:
            text, style = cells[column.title]
            line += [(right(text, column.width), style), (" ", "plain")]
        if self.scale is not None:
            bars = sparkline(self.scale.spread(group.latencies), self._bars)
            line += [(left(bars, self.scale.columns), "sparkline"), (" ", "plain")]
        if self.times is not None:
            calls = [number or None for number in group.times.values_within(self.times)]
            line += [(left(sparkline(calls, self._bars), _TIMES), "sparkline"), (" ", "plain")]
        return cut([*line, (visible(group.name), "procedure")], self._width, self._ellipsis)

    def _cells(self, rank: str, group: Group) -> dict[str, Piece]:
        names = ("p50", "p95", "p99", "p99.9")
        found = dict(zip(names, group.latencies.percentiles(50, 95, 99, 99.9), strict=True))
        found["max"] = group.latencies.maximum
        return {
            "#": (rank, "number"),
            "share": (_share(self._digest.share_of(group)), "plain"),
            "total": (duration(group.latencies.total) if group.latencies.count else "-", "plain"),
            "calls": (f"{group.calls:,}", "plain"),
            "errors": (f"{group.errors:,}" if group.errors else "", "summary.bad"),
            **{name: _latency(ns) for name, ns in found.items()},
        }

    def _legend(self) -> str:
        parts = []
        if self.scale is not None and self.scale.greatest > self.scale.least:
            from_to = f"{duration(self.scale.least)} to {duration(self.scale.greatest)}"
            parts.append(f"spread: {from_to}, a bar is {self.scale.factor:.2g} times the one before")
        if self.times is not None:
            parts.append(f"over time: calls, a bar is {duration(self.times.width_ns)}")
        return "; ".join(parts)


def _latency(ns: int | None) -> Piece:
    if ns is None:
        return "-", "muted"
    style = "very_slow" if ns >= VERY_SLOW_NS else "slow" if ns >= SLOW_NS else "fast"
    return duration(ns), f"latency.{style}"


def _share(share: float) -> str:
    """As wide as its column: "9.4 %", "100 %"."""
    return f"{100 * share:.1f} %" if share < 0.9995 else "100 %"
