"""The summary at the end: what there was, what went wrong, what was slow, what was lost."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console

from volttools.formats.response import SUCCESS, status_name
from volttools.protocol.events import Connection, Damage, Event, Exchange, Login, Push
from volttools.render.cells import Line, Piece, right, wrap
from volttools.render.labelled import NAMES, counts, flow, judged, named
from volttools.render.outcomes import (
    addresses,
    bytes_of,
    damage_text,
    end_text,
    malformed_text,
    procedure_text,
    status_kind,
)
from volttools.render.styles import sign
from volttools.render.times import clock_text
from volttools.render.values import duration, size, visible
from volttools.words import counted

SLOWEST = 5
_MESSAGES = 5  # of what could not be decoded
_CONNECTIONS = 8  # that are listed
_BATCH_EVENTS = 256
_BATCH_BYTES = 2**20


@dataclass(slots=True)
class Tally:
    """Counts of events; `add` takes each one as it comes.

    statuses   exchanges by status in words, "no answer" and its kin among them
    slowest    (latency, -exchange number, procedure) of the slowest five
    damage     kinds of what could not be decoded, with their number
    messages   the first few sentences about it
    foreign    traffic that is not VoltDB's: a name and a count
    dropped    packets that the kernel lost while they were captured; None where nobody tells
    """

    connections: dict[int, Connection] = field(default_factory=dict)
    exchanges: int = 0
    unreadable: int = 0
    partial: int = 0
    calls: Counter[int] = field(default_factory=Counter)  # exchanges of each connection
    statuses: Counter[str] = field(default_factory=Counter)
    logins: Counter[str] = field(default_factory=Counter)
    pushes: Counter[str] = field(default_factory=Counter)
    damage: Counter[str] = field(default_factory=Counter)
    messages: list[str] = field(default_factory=list)
    slowest: list[tuple[int, int, str]] = field(default_factory=list)
    bytes: int = 0
    first_ns: int | None = None
    last_ns: int | None = None
    foreign: Mapping[str, int] = field(default_factory=dict)
    dropped: int | None = None
    interrupted: bool = False
    shown: int | None = None  # how many exchanges were shown, if only some were asked for
    found_among: int | None = None  # of how many exchanges these are those that were asked for

    def add(self, event: Event) -> None:
        """Count an event."""
        began_ns, ended_ns = event.time_ns, event.ended_ns
        if began_ns is not None and ended_ns is not None:
            if self.first_ns is None or began_ns < self.first_ns:
                self.first_ns = began_ns
            if self.last_ns is None or ended_ns > self.last_ns:
                self.last_ns = ended_ns
        if event.connection is not None:
            self.connections[event.connection.number] = event.connection
        if isinstance(event, Exchange):
            self._add_exchange(event)
        elif isinstance(event, Push):
            self.pushes[event.name] += 1
            self.bytes += bytes_of(event)
        elif isinstance(event, Login):
            accepted = event.response is not None and event.response.accepted
            refused = event.server_full or event.response is not None
            missing = "partial answer" if event.is_partial else "without answer"
            self.logins["accepted" if accepted else "refused" if refused else missing] += 1
            self.bytes += bytes_of(event)
        else:
            self._add_damage(event)

    def add_all(self, events: Iterable[Event]) -> None:
        """Count many, some at a time: reading and counting in turn, each drives the other out of the
        processor's caches, which takes as long again as the counting."""
        batch: list[Event] = []
        room = _BATCH_BYTES
        try:
            for event in events:
                batch.append(event)
                room -= _BATCH_BYTES // _BATCH_EVENTS
                for frame in event.frames:
                    room -= frame.length
                if room <= 0:
                    for one in batch:
                        self.add(one)
                    batch.clear()
                    room = _BATCH_BYTES
        finally:  # also what was read when it was interrupted
            for one in batch:
                self.add(one)

    def _add_exchange(self, exchange: Exchange) -> None:
        self.exchanges += 1
        self.calls[exchange.connection.number] += 1
        self.bytes += bytes_of(exchange)
        self.statuses[status_kind(exchange)] += 1
        if exchange.is_partial:
            self.partial += 1
        elif not exchange.is_readable:
            self.unreadable += 1
            why = malformed_text(exchange) or "can't be read wholly"
            self._say(f"exchange {exchange.number}, {procedure_text(exchange)}: {why}", exchange)
        latency_ns = exchange.latency_ns
        if latency_ns is not None and not (len(self.slowest) == SLOWEST and latency_ns <= self.slowest[0][0]):
            heapq.heappush(self.slowest, (latency_ns, -exchange.number, procedure_text(exchange)))
            if len(self.slowest) > SLOWEST:
                heapq.heappop(self.slowest)

    def _add_damage(self, damage: Damage) -> None:
        if damage.is_error:
            self.damage[damage.what] += 1
            self._say(damage_text(damage), damage)

    def _say(self, message: str, event: Event) -> None:
        if len(self.messages) < _MESSAGES:
            place = f"connection {event.connection.number}: " if event.connection else ""
            self.messages.append(place + message)

    @property
    def is_empty(self) -> bool:
        """Whether there was no VoltDB traffic at all."""
        return not (self.exchanges or self.logins or self.pushes or self.damage)

    @property
    def is_damaged(self) -> bool:
        """Whether something could not be decoded."""
        return bool(self.damage or self.unreadable or self.partial)

    def clients(self) -> Counter[str]:
        """Connections by the client library, as far as it was recognised."""
        return Counter(connection.library or "not recognised" for connection in self.connections.values())


def summary_line(tally: Tally) -> dict[str, Any]:
    """The summary as the last of the JSON lines."""
    return {
        "kind": "summary",
        "connections": len(tally.connections),
        "clients": dict(tally.clients()),
        "exchanges": tally.exchanges,
        "statuses": dict(tally.statuses),
        "logins": dict(tally.logins),
        "pushes": dict(tally.pushes),
        "slowest": [
            {"number": -number, "procedure": procedure, "latency_ns": latency_ns}
            for latency_ns, number, procedure in sorted(tally.slowest, reverse=True)
        ],
        "unreadable": tally.unreadable + tally.partial,
        "damage": dict(tally.damage),
        "foreign": dict(tally.foreign),
        "bytes": tally.bytes,
        "first_ns": tally.first_ns,
        "last_ns": tally.last_ns,
        "interrupted": tally.interrupted,
    } | {name: count for name in ("dropped", "found_among") if (count := getattr(tally, name)) is not None}


def summary_lines(tally: Tally, files: list[str], console: Console, *, can_repeat: bool = True) -> list[Line]:
    """The summary for people.

    can_repeat   whether the files, read again, give the same; else how to do so is not told
    """
    width = console.width
    rule = sign(console, "rule")
    title = f"{rule * 2} summary "
    if tally.shown is not None:
        title += f"of the whole capture, {tally.shown:,} of {counted(tally.exchanges, 'exchange')} shown "
    if tally.found_among is not None:
        title += f"of {tally.exchanges:,} of {counted(tally.found_among, 'exchange')} "
    lines: list[Line] = [[(title + rule * (min(width, 120) - len(title)), "header.rule")]]
    if tally.interrupted:
        lines.append([("  interrupted: the rest was not read", "summary.warning")])
    lines += flow("capture", _capture_parts(tally, files), width)
    if tally.dropped:
        says = f"{counted(tally.dropped, 'packet')} that the kernel dropped: what was in them is missing"
        lines.append(named("lost", [(says, "summary.warning")]))
    if tally.is_empty:
        says = "no VoltDB traffic" if tally.foreign else "nothing: no VoltDB traffic, and no other"
        lines.append(named("found", [(says, "summary.warning")]))
    lines += flow("clients", counts(tally.clients()), width)
    good = status_name(SUCCESS)
    if tally.exchanges:
        lines += flow(
            "exchanges", [(f"{tally.exchanges:,}:", "header"), *judged(tally.statuses, good)], width
        )
    lines += flow("log-ins", judged(tally.logins, "accepted"), width)
    lines += flow("pushes", counts(tally.pushes), width)
    lines += _connection_lines(tally, console, width)
    lines += _slowest_lines(tally, files if can_repeat else [])
    lines += _lost_lines(tally, width)
    lines += flow("left alone", counts(tally.foreign, "muted"), width)
    return lines


def _capture_parts(tally: Tally, files: list[str]) -> list[Piece]:
    only = "standard input" if files == ["-"] else files[0] if len(files) == 1 else None
    parts = [visible(only) if only is not None else counted(len(files), "file")]
    parts.append(counted(len(tally.connections), "connection"))
    if tally.bytes:
        parts.append(f"{size(tally.bytes)} of frames")
    if tally.first_ns is not None and tally.last_ns is not None:
        span = f"{duration(tally.last_ns - tally.first_ns)} " if tally.last_ns > tally.first_ns else ""
        parts.append(f"{span}from {clock_text(tally.first_ns)[:19]} UTC")
    return [(part, "plain") for part in parts]


def _connection_lines(tally: Tally, console: Console, width: int) -> list[Line]:
    """Who spoke with whom, and how it ended, if there were several; a dump_file doesn't know."""
    known = [c for c in tally.connections.values() if c.client is not None or c.server is not None]
    if len(known) < 2:
        return []
    lines: list[Line] = []
    for connection in sorted(known, key=lambda c: c.number)[:_CONNECTIONS]:
        parts = [addresses(connection, sign(console, "to"))]
        if connection.user:
            parts.append(f"user {visible(connection.user)}")
        if connection.library:
            parts.append(visible(connection.library))
        calls = tally.calls[connection.number]
        parts.append(counted(calls, "exchange"))
        parts += [end_text(connection)] if connection.closed_kind else []
        first, *more = wrap(", ".join(parts), max(40, width - NAMES - 7), 3)
        pieces: Line = [(f"{connection.number:>3,}  ", "connection"), (first, "plain")]
        lines.append(named("" if lines else "connections", pieces))
        lines += [named("", [(f"     {part}", "plain")]) for part in more]
    if len(known) > _CONNECTIONS:
        lines.append(named("", [(f"     and {len(known) - _CONNECTIONS:,} more", "muted")]))
    return lines


def _slowest_lines(tally: Tally, files: list[str]) -> list[Line]:
    lines: list[Line] = []
    slowest = sorted(tally.slowest, reverse=True)
    for latency_ns, number, procedure in slowest:
        pieces: Line = [
            (right(duration(latency_ns), 9), "latency.slow"),
            (f"  #{-number:<6,} ", "number"),
            (procedure, "procedure"),
        ]
        lines.append(named("" if lines else "slowest", pieces))
    if slowest and files and files != ["-"]:
        show = decode_command(-slowest[0][1], files)
        lines.append(named("", [("to look at one: ", "muted"), (show, "command")]))
    return lines


def decode_command(number: int, files: Sequence[str], options: Sequence[str] = ()) -> str:
    """The command that shows an exchange of a capture.

    options   that are needed to read it: "--keylog", "keys.txt"
    """
    import shlex

    words = [shlex.quote(visible(word)) for word in (*options, *files[:3])] + ["..."] * (len(files) > 3)
    return f"volttools decode --exchange {number} {' '.join(words)}"


def _lost_lines(tally: Tally, width: int) -> list[Line]:
    if not tally.is_damaged:
        return []
    parts = counts(tally.damage, "summary.bad")
    if tally.unreadable:
        parts.append((f"unreadable exchanges {tally.unreadable:,}", "summary.bad"))
    if tally.partial:
        parts.append((f"partial responses {tally.partial:,}", "summary.bad"))
    lines = flow("not decoded", parts, width)
    indent = " " * (NAMES + 2)
    for message in tally.messages:
        text = wrap(visible(" ".join(message.split())), max(40, width - len(indent)), 3)
        lines += [
            [(indent + ("  " if index else "") + part, "damage.text")] for index, part in enumerate(text)
        ]
    hidden = sum(tally.damage.values()) + tally.unreadable - len(tally.messages)
    if hidden:
        lines.append([(f"{indent}and {hidden:,} more: volttools decode --errors", "muted")])
    return lines
