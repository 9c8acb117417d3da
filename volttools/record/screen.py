"""The recording as it goes on, for a terminal: a few lines that are drawn anew."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from volttools.record.statistics import WINDOW_S, Snapshot
from volttools.render.cells import Line, cut
from volttools.render.live import LiveLines
from volttools.render.styles import sign
from volttools.render.values import duration, size, visible
from volttools.words import counted

if TYPE_CHECKING:
    from rich.console import Console

_PROCEDURES: Final = 5


def screen_lines(now: Snapshot, width: int, ellipsis: str = "…") -> list[Line]:
    """What there is to see; each line has at most `width` columns."""
    title: Line = [
        (label("connections"), "header"),
        (f"{now.open:,} open, {now.connections:,} in all", "plain"),
    ]
    if now.refused:
        title.append((f", {now.refused:,} could not reach the server", "status.error"))
    if now.logins_refused:
        title.append((f", {counted(now.logins_refused, 'log-in')} refused", "status.error"))
    calls: Line = [(label("calls"), "header"), (f"{now.calls_per_s:,.0f}/s, {now.calls:,} in all", "plain")]
    if now.errors:
        calls.append((f", {now.errors:,} failed", "status.error"))
    lines: list[Line] = [
        title,
        calls,
        [
            (label("latency"), "header"),
            (f"p50 {_time(now.p50_ns)}, p99 {_time(now.p99_ns)}", "plain"),
            (f"  last {WINDOW_S} s", "muted"),
        ],
        [
            (label("bytes"), "header"),
            (
                f"{size(now.bytes_from_clients)} from clients, {size(now.bytes_from_servers)} from servers",
                "bytes",
            ),
        ],
    ]
    if now.files:
        written: Line = [
            (label("written"), "header"),
            (f"{size(now.bytes_written)} to {visible(now.files[-1])}", "plain"),
        ]
        if now.lost_bytes:
            written.append((f", {size(now.lost_bytes)} not recorded", "status.error"))
        lines.append(written)
    for index, (name, number) in enumerate(list(now.procedures.items())[:_PROCEDURES]):
        lines.append(
            [
                (label("" if index else "procedures"), "header"),
                (f"{number:>9,} ", "number"),
                (visible(name), "procedure"),
            ]
        )
    for index, text in enumerate(now.last_errors):
        said = " ".join(visible(text).split())
        lines.append([(label("" if index else "last errors"), "header"), (said, "status.text")])
    return [cut(line, width, ellipsis) for line in lines]


def summary_lines(found: Snapshot) -> list[str]:
    """What was recorded, in sentences."""
    failed = f" ({found.errors:,} failed)" if found.errors else ""
    lines = [
        f"{counted(found.connections, 'connection')}, {counted(found.calls, 'call')}{failed} in"
        f" {duration(found.duration_ns)}; latency p50 {_time(found.total_p50_ns)}, p99 {_time(found.total_p99_ns)}"
    ]
    if found.files:
        first, *others = found.files
        more = f" and {counted(len(others), 'other file')}" if others else ""
        lines.append(f"wrote {first}{more}: {size(found.bytes_written)}")
    if found.lost_bytes:
        lines.append(f"{size(found.lost_bytes)} were passed on and are not in it; the gaps are marked")
    return lines


def label(text: str) -> str:
    """The name of a line."""
    return f"{text:<13}"


def _time(ns: int | None) -> str:
    return "-" if ns is None else duration(ns)


class Screen:
    """Draws the statistics at the bottom of a terminal until it is left; `draw` now and then.

    snapshot   gives what is to be shown
    """

    def __init__(self, console: Console, snapshot: Callable[[], Snapshot]) -> None:
        self._console = console
        self._snapshot = snapshot
        self._live = LiveLines(console)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def draw(self) -> None:
        """Show how it is now."""
        self._live.draw(screen_lines(self._snapshot(), self._console.width, sign(self._console, "ellipsis")))
