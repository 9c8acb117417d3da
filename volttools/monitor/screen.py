"""The figures of an interval as a screen, for a terminal of any size, or for a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from volttools.monitor.columns import VIEWS, Column, rate
from volttools.monitor.figures import Figures, NodeFigures
from volttools.monitor.view import HELP, Choices
from volttools.render.cells import Line, cut, left, line_width, right, width_of
from volttools.render.sparkline import sparkline
from volttools.render.styles import sign
from volttools.render.values import duration, shorten, size, visible
from volttools.words import counted

if TYPE_CHECKING:
    from rich.console import Console

_MOST_BARS: Final = 60
_LABEL: Final = 9
_FEWEST_ROWS: Final = 4
_NONE: Final = "-"


@dataclass(slots=True)
class Show:
    """What there is to show: the last figures, the calls/s of those before them, and what went wrong.

    trouble   why there are no newer figures
    """

    figures: Figures | None = None
    history: list[float | None] = field(default_factory=list)
    trouble: str | None = None

    def take(self, figures: Figures) -> None:
        """Show these; the trouble is over."""
        self.figures = figures
        self.trouble = None
        if self.history or figures.calls_per_s is not None:
            self.history.append(figures.calls_per_s)
        del self.history[:-_MOST_BARS]


def screen_lines(
    show: Show, choices: Choices, console: Console, *, height: int | None = None, address: str = ""
) -> list[Line]:
    """A screen of at most `console.width` columns and `height` lines; without a height all rows, and no keys.

    address   of whom figures are awaited
    """
    width = console.width
    ellipsis = sign(console, "ellipsis")
    lines = [cut(line, width, ellipsis) for line in _lines(show, choices, console, height, address)]
    return lines if height is None else lines[:height]


def _lines(
    show: Show, choices: Choices, console: Console, height: int | None, address: str
) -> Iterator[Line]:
    is_live = height is not None
    width = console.width
    figures = show.figures
    if figures is None:
        yield [(visible(address), "header")]
        yield [(visible(show.trouble), "status.error") if show.trouble else ("asking ...", "muted")]
        return
    head = [_title(figures, choices, is_live=is_live, width=width)]
    head.append(_calls(show, figures, console))
    nodes = list(_nodes(figures, width))
    if height is not None:
        room = max(1, height - 6 - _FEWEST_ROWS) if height >= 12 else 1
        if len(nodes) > room:
            hidden = len(nodes) - max(0, room - 1)
            nodes = [*nodes[: room - 1], [(f"and {counted(hidden, 'more node')}", "muted")]]
    yield from head
    yield from nodes
    for selector, reason in figures.missing.items():
        yield [("not told ", "header"), (f"{selector}: {visible(reason)}", "status.text")]
    if show.trouble:
        yield [(visible(show.trouble), "status.error")]
    yield []
    if is_live:
        yield _tabs(choices)
    used = len(head) + len(nodes) + len(figures.missing) + bool(show.trouble) + 1 + is_live
    if choices.shows_help:
        yield from _help()
        return
    yield from _table(figures, choices, console, None if height is None else height - used - 1)


def _title(figures: Figures, choices: Choices, *, is_live: bool, width: int) -> Line:
    line: Line = [(visible(figures.address), "header"), (f"  {visible(figures.version)}", "plain")]
    if figures.uptime_s is not None:
        line.append((f"  up {_uptime(figures.uptime_s)}", "plain"))
    if figures.nodes:
        line.append((f"  {counted(len(figures.nodes), 'node')}", "plain"))
    if is_live:
        every = f"every {choices.interval_s:g} s"
    elif figures.interval_s is not None:
        every = f"in {figures.interval_s:.1f} s"
    else:
        every = "since the start"
    state = [(" paused ", "chosen")] if choices.is_paused else []
    blanks = width - line_width(line) - width_of(every) - line_width(state) - 1
    return [*line, (" " * max(2, blanks if is_live else 2), "plain"), *state, (f" {every}", "muted")]


def _calls(show: Show, figures: Figures, console: Console) -> Line:
    per_s = _NONE if figures.calls_per_s is None else f"{rate(figures.calls_per_s)}/s"
    line: Line = [(left("calls", _LABEL), "header"), (per_s, "number")]
    told = [each for each in show.history if each is not None]
    if len(told) > 1:
        most = f"  at most {rate(max(told))}/s"
        room = console.width - line_width(line) - len(most) - 2
        bars = sparkline(show.history[-room:] if room > 0 else [], sign(console, "sparkline"))
        line += [(f"  {bars}", "sparkline"), (most, "muted")]
    return line


def _nodes(figures: Figures, width: int) -> Iterator[Line]:
    """A line a node, that with the slowest calls first: their percentiles can't be made into one."""
    nodes = sorted(figures.nodes, key=lambda node: (-(node.p99_ns or 0), node.host_id))
    names = [f"{node.host_id} {visible(node.name)}" for node in nodes]
    longest = min(max(map(width_of, names), default=0), 20)
    for name, node in zip(names, nodes, strict=True):
        parts = _node(node)
        while len(parts) > 1 and _LABEL + longest + sum(len(text) + 2 for text, _ in parts) > width:
            parts.pop()
        yield [
            (left("node", _LABEL), "header"),
            (left(shorten(name, longest), longest), "login.name"),
            *((f"  {text}", style) for text, style in parts),
        ]


def _node(node: NodeFigures) -> Line:
    """What is told of a node, the most important first."""
    parts: Line = []
    if node.window_ms is not None:
        if not node.calls_per_s and node.p50_ns is None:
            parts.append((f"no calls in {node.window_ms / 1000:g} s", "muted"))
        else:
            times = (("p50", node.p50_ns), ("p99", node.p99_ns), ("max", node.max_ns))
            parts += [(f"{name} {_time(time)}", "plain") for name, time in times]
    if node.rss_bytes is not None:
        parts.append((f"rss {size(node.rss_bytes)}", "plain"))
    if node.p50_ns is not None:
        parts += [
            (f"{node.calls_per_s or 0:,}/s", "plain"),
            (f"p95 {_time(node.p95_ns)}", "plain"),
            (f"p99.9 {_time(node.p999_ns)}", "plain"),
        ]
    if node.tuple_bytes is not None:
        parts.append((f"tables {size(node.tuple_bytes)}", "plain"))
    if node.window_ms is not None and node.p50_ns is not None:
        parts.append((f"last {node.window_ms / 1000:g} s", "muted"))
    return parts


def _tabs(choices: Choices) -> Line:
    line: Line = []
    for number, name in enumerate(VIEWS, 1):
        line += [(f" {number} {name} ", "chosen" if name == choices.view else "muted"), (" ", "plain")]
    if choices.is_typing:
        line += [(f" /{visible(choices.pattern)}", "plain"), ("_", "key")]
    elif choices.pattern:
        line.append((f" names with {visible(choices.pattern)!r}, Esc: all", "note"))
    else:
        line.append((" ? help, q quit" if choices.has_keys else " Ctrl-C quits", "muted"))
    return line


def _help() -> Iterator[Line]:
    yield []
    for keys, text in HELP:
        yield [(left(keys, 19), "header"), (text, "plain")]


def _table(figures: Figures, choices: Choices, console: Console, room: int | None) -> Iterator[Line]:
    """The header, and as many rows as there is room for."""
    view = choices.shown
    columns = view.shown(console.width)
    rows: Sequence[Any] | None = getattr(figures, view.rows)
    if rows is None:
        yield [("asking ..." if view.selector not in figures.missing else "not told", "muted")]
        return
    shown = choices.rows(list(rows))
    if room is not None:
        choices.first = max(0, min(choices.first, len(shown) - max(1, room)))
        shown = shown[choices.first : choices.first + max(0, room)]
    first, *others = columns
    texts = [visible(str(first.value(row))) for row in shown]
    taken = sum(column.width + 1 for column in others)
    most = console.width - taken
    widest = max(map(width_of, [first.title + "  ", *texts]))
    name_width = min(most, widest) if room is None else most
    yield [piece for column in columns for piece in _head(column, choices, console, name_width)]
    ellipsis = sign(console, "ellipsis")
    for text, row in zip(texts, shown, strict=True):
        line = cut([(text, _name_style(choices, text))], name_width, ellipsis)
        line = [*line, (" " * (name_width - line_width(line)), "plain")]
        for column in others:
            value = column.value(row)
            told = _NONE if value is None else column.show(value)
            if column.name == "avg" and not row.is_avg_of_interval:
                told = f"~{told}"
            line += [(" ", "plain"), (right(told, column.width), _style(column, row, value))]
        yield line
    if not shown:
        yield [(f"no {view.name}" + (f" with {choices.pattern!r}" if choices.pattern else ""), "muted")]


def _head(column: Column, choices: Choices, console: Console, name_width: int) -> Line:
    """The title of a column: its key underlined, and a sign where it is sorted by."""
    order = ""
    if column is choices.column:
        is_up = column.is_text is not choices.is_reversed
        order = sign(console, "sorted.up" if is_up else "sorted.down")
    at = column.title.index(column.key)
    title: Line = [
        (column.title[:at], "header"),
        (column.title[at], "key"),
        (column.title[at + 1 :] + order, "header"),
    ]
    if column.is_text:
        return [*title, (" " * (name_width - line_width(title)), "plain")]
    return [(" " * (column.width + 1 - line_width(title)), "plain"), *title]


def _name_style(choices: Choices, name: str) -> str:
    if choices.view == "procedures":
        return "procedure.system" if name.startswith("@") else "procedure"
    return "plain"


def _style(column: Column, row: Any, value: Any) -> str:
    if value is None or (column.name == "avg" and not row.is_avg_of_interval):
        return "muted"
    if column.name in ("aborts", "failures") and value:
        return "status.error" if column.name == "failures" else "status.missing"
    return "number" if column.name == "calls" else "plain"


def _time(ns: int | None) -> str:
    return _NONE if ns is None else duration(ns)


def _uptime(seconds: float) -> str:
    days, rest = divmod(round(seconds), 86_400)
    hours, rest = divmod(rest, 3600)
    clock = f"{hours:02}:{rest // 60:02}:{rest % 60:02}"
    return f"{counted(days, 'day')} {clock}" if days else clock
