"""A mock server as it goes on, for a terminal, and what it did in the end."""

from __future__ import annotations

from typing import Final

from volttools.mock.figures import WINDOW_S, Snapshot
from volttools.render.cells import Line, cut
from volttools.render.values import visible
from volttools.words import counted

_PROCEDURES: Final = 8


def screen_lines(now: Snapshot, width: int, ellipsis: str = "…", *, has_keys: bool = True) -> list[Line]:
    """What there is to see; each line has at most `width` columns."""
    lines: list[Line] = []
    for node in now.nodes:
        name = ("listening on" if len(now.nodes) == 1 else "nodes") if node.number == 0 else ""
        state: Line = [(label(name), "header"), (node.address, "plain" if node.is_up else "muted")]
        if len(now.nodes) > 1:
            number = str(node.number + 1)
            piece = (number, "key" if has_keys and node.number < 9 else "number")
            state = [state[0], piece, (" ", "plain"), state[1]]
            state.append((" up", "status.success") if node.is_up else (" down", "status.error"))
        lines.append(state)
    if now.control_url is not None:
        lines.append([(label("control"), "header"), (now.control_url, "plain")])
    lines.append(
        [
            (label("connections"), "header"),
            (f"{now.open:,} open, {now.connections:,} in all", "plain"),
        ]
    )
    calls: Line = [
        (label("calls"), "header"),
        (f"{now.calls_per_s:,.0f}/s, {now.calls:,} in all", "plain"),
    ]
    if now.errors:
        calls.append((f", {now.errors:,} failed", "status.error"))
    calls.append((f"  last {WINDOW_S} s", "muted"))
    lines.append(calls)
    lines.append(
        [(label("misses"), "header"), (f"{now.misses:,}", "status.error" if now.misses else "plain")]
    )
    if now.faults:
        lines.append([(label("faults"), "header"), (f"{now.faults:,} injected", "plain")])
    ranked = sorted(now.procedures.items(), key=lambda item: -item[1])
    for index, (name, number_of) in enumerate(ranked[:_PROCEDURES]):
        lines.append(
            [
                (label("" if index else "procedures"), "header"),
                (f"{number_of:>9,} ", "number"),
                (visible(name), "procedure"),
            ]
        )
    for index, text in enumerate(now.said):
        said = visible(" ".join(text.split()))
        lines.append([(label("" if index else "last said"), "header"), (said, "status.text")])
    if has_keys:
        lines += [[], _keys(now)]
    return [cut(line, width, ellipsis) for line in lines]


def summary_lines(found: Snapshot) -> list[str]:
    """What it did, in sentences."""
    failed = f" ({found.errors:,} failed)" if found.errors else ""
    missed = f", {counted(found.misses, 'miss', 'misses')}" if found.misses else ""
    faults = f", {counted(found.faults, 'fault')} injected" if found.faults else ""
    return [
        f"{counted(found.connections, 'connection')}, {counted(found.calls, 'call')}{failed}{missed}{faults}"
    ]


def label(text: str) -> str:
    """The name of a line."""
    return f"{text:<13}"


def _keys(now: Snapshot) -> Line:
    line: Line = [("q", "key"), (" quit", "muted")]
    if len(now.nodes) > 1:
        line += [("   1", "key"), (f" .. {min(9, len(now.nodes))} stop or start a node", "muted")]
    return line
