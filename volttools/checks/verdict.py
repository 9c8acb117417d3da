"""What a check comes to: counts, and one sentence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from volttools.checks.finding import Finding, Severity
from volttools.protocol.events import Damage, Event, Exchange, Login, Push
from volttools.words import counted

_LOST = frozenset(("gap", "snap length", "unreadable", "midstream"))


@dataclass(slots=True)
class Verdict:
    """Counts of what was checked and found; filled by `check` as it goes.

    calls       exchanges of which at least one message is wholly there
    answered    of them have their whole response
    codes       findings by code
    severities  by severity
    sides       violations by who is to blame: "client", "server", "unknown"
    lost_bytes  that are missing, or can't be read because others are
    """

    connections: set[int] = field(default_factory=set)
    logins: int = 0
    calls: int = 0
    answered: int = 0
    pushes: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    severities: Counter[Severity] = field(default_factory=Counter)
    sides: Counter[str] = field(default_factory=Counter)
    lost_bytes: int = 0

    def add_event(self, event: Event) -> None:
        """Count an event."""
        if event.connection is not None:
            self.connections.add(event.connection.number)
        if isinstance(event, Exchange):
            if not event.is_fragment:
                self.calls += 1
                self.answered += event.response_frame is not None and event.response_frame.is_whole
        elif isinstance(event, Login):
            self.logins += 1
        elif isinstance(event, Push):
            self.pushes += 1
        elif isinstance(event, Damage) and event.what in _LOST:
            self.lost_bytes += event.length or 0

    def add_finding(self, finding: Finding) -> None:
        """Count a finding."""
        self.codes[finding.code] += 1
        self.severities[finding.severity] += 1
        if finding.severity is Severity.VIOLATION:
            self.sides[finding.side or "unknown"] += 1

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing to check."""
        return not (self.connections or self.codes)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return not self.severities[Severity.DAMAGE]

    @property
    def is_clean(self) -> bool:
        """Whether nothing is missing, and nobody did wrong; notes don't count."""
        return self.is_whole and not self.severities[Severity.VIOLATION]

    @property
    def sentence(self) -> str:
        """The verdict for people.

        >>> Verdict(connections={1, 2}, calls=2, answered=2).sentence
        'whole: 2 connections, 2 calls, every one answered'
        """
        if self.is_empty:
            return "nothing to check: no VoltDB traffic"
        parts = []
        if not self.is_whole:
            parts.append(self._counts(Severity.DAMAGE))
        parts.append(self._traffic())
        if self.severities[Severity.VIOLATION]:
            parts.append(self._violations())
        if self.severities[Severity.NOTE]:
            parts.append(counted(self.severities[Severity.NOTE], "note"))
        return f"{'whole' if self.is_whole else 'not whole'}: {'; '.join(parts)}"

    def _counts(self, severity: Severity) -> str:
        from volttools.checks.registry import RULES

        found = [f"{code} {n:,}" for code, n in self.codes.items() if RULES[code].severity is severity]
        lost = f" ({counted(self.lost_bytes, 'byte')})" if self.lost_bytes else ""
        return ", ".join(found) + lost

    def _traffic(self) -> str:
        parts = [counted(len(self.connections), "connection"), counted(self.calls, "call")]
        if self.calls:
            all_answered = self.answered == self.calls
            parts.append("every one answered" if all_answered else f"{self.answered:,} answered")
        return ", ".join(parts)

    def _violations(self) -> str:
        total = counted(self.severities[Severity.VIOLATION], "violation")
        by = {"client": "by the client", "server": "by the server", "unknown": "by whom isn't known"}
        if len(self.sides) == 1:
            return f"{total} {by[next(iter(self.sides))]}"
        return f"{total}: " + ", ".join(f"{n:,} {by[side]}" for side, n in sorted(self.sides.items()))


def summary_line(verdict: Verdict, files: list[str], *, interrupted: bool = False) -> dict[str, Any]:
    """The verdict as the last of the JSON lines."""
    return {
        "kind": "summary",
        "files": files,
        "whole": verdict.is_whole,
        "clean": verdict.is_clean,
        "verdict": verdict.sentence,
        "connections": len(verdict.connections),
        "logins": verdict.logins,
        "calls": verdict.calls,
        "answered": verdict.answered,
        "pushes": verdict.pushes,
        "lost_bytes": verdict.lost_bytes,
        "severities": {severity.value: verdict.severities[severity] for severity in Severity},
        "sides": dict(verdict.sides),
        "codes": dict(verdict.codes),
        "interrupted": interrupted,
    }


def finding_line(finding: Finding) -> dict[str, Any]:
    """A finding as a JSON line."""
    place = finding.place
    return {
        "kind": "finding",
        "code": finding.code,
        "severity": finding.severity.value,
        "side": finding.side,
        "message": finding.message,
        "file": place.file,
        "connection": place.connection,
        "exchange": place.exchange,
        "frame": place.frame,
        "direction": place.direction.value if place.direction is not None else None,
        "offset": place.offset,
        "path": place.path,
        "time_ns": finding.time_ns,
    }
