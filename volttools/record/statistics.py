"""What happened so far, in fixed memory: for the screen, and the summary at the end."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from volttools.formats.response import SUCCESS, status_name
from volttools.histogram import Histogram
from volttools.protocol.events import Damage, Event, Exchange, Login
from volttools.render.values import shorten

WINDOW_S: Final = 10
"""Rates and percentiles of now are those of so many seconds."""

LAST_ERRORS: Final = 5
_ERROR_CHARACTERS: Final = 500
MOST_PROCEDURES: Final = 1_000


@dataclass(slots=True)
class _Second:
    second: int
    calls: int = 0
    latencies: Histogram = field(default_factory=Histogram)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Statistics at one moment; times in ns, rates and percentiles of now over `WINDOW_S`.

    errors   calls that were answered with anything but success, or not at all
    damage   what could not be decoded, by kind
    lost_bytes   passed on and not recorded
    failures     how often something went wrong in the proxy itself
    """

    duration_ns: int
    connections: int
    open: int
    refused: int
    logins_refused: int
    calls: int
    errors: int
    pushes: int
    bytes_from_clients: int
    bytes_from_servers: int
    calls_per_s: float
    p50_ns: int | None
    p99_ns: int | None
    total_p50_ns: int | None
    total_p99_ns: int | None
    procedures: dict[str, int]
    statuses: dict[str, int]
    damage: dict[str, int]
    last_errors: list[str]
    lost_bytes: int
    failures: int
    files: list[str]
    bytes_written: int

    def as_json(self) -> dict[str, Any]:
        """As `record --json` prints it."""
        return {name: getattr(self, name) for name in self.__slots__}


class Statistics:
    """Counts events; times are ns since 1970."""

    def __init__(self, started_ns: int) -> None:
        self._started_ns = started_ns
        self.connections = 0
        self.open = 0
        self.refused = 0
        self.bytes_from_clients = 0
        self.bytes_from_servers = 0
        self.lost_bytes = 0
        self.failures = 0
        self._calls = 0
        self._errors = 0
        self._pushes = 0
        self._logins_refused = 0
        self._latencies = Histogram()  # of the seconds that are over
        self._seconds: deque[_Second] = deque(maxlen=WINDOW_S + 1)
        self._procedures: Counter[str] = Counter()
        self._statuses: Counter[str] = Counter()
        self._damage: Counter[str] = Counter()
        self._last_errors: dict[str, int] = {}  # how often each came; the last one last

    def add(self, event: Event, now_ns: int) -> None:
        """Count an event."""
        if isinstance(event, Exchange):
            self._exchange(event, now_ns)
        elif isinstance(event, Login):
            if event.is_error:
                self._logins_refused += 1
                reason = "not answered" if event.response is None else event.response.status_text
                self._note_error(f"log-in of connection {event.connection.number}: {reason}")
        elif isinstance(event, Damage):
            self._damage[event.what] += 1
            self._note_error(event.message)
        else:
            self._pushes += 1

    def _exchange(self, exchange: Exchange, now_ns: int) -> None:
        self._calls += 1
        name = exchange.procedure or "(unknown)"
        if name in self._procedures or len(self._procedures) < MOST_PROCEDURES:
            self._procedures[name] += 1
        status = exchange.status
        told = "unanswered" if status is None else status_name(status)
        self._statuses[told] += 1
        second = self._second(now_ns)
        second.calls += 1
        latency_ns = exchange.latency_ns
        if latency_ns is not None and latency_ns >= 0:
            second.latencies.add(latency_ns)
        if status != SUCCESS:
            self._errors += 1
            response = exchange.response
            text = response.status_string if response is not None and response.status_string else ""
            self._note_error(f"{name}: {told}{': ' if text else ''}{text}")

    def _note_error(self, text: str) -> None:
        """Remember an error; one that came before stands where it came last."""
        text = shorten(text, _ERROR_CHARACTERS)
        self._last_errors[text] = self._last_errors.pop(text, 0) + 1
        if len(self._last_errors) > LAST_ERRORS:
            del self._last_errors[next(iter(self._last_errors))]

    def _second(self, now_ns: int) -> _Second:
        second = now_ns // 10**9
        if not self._seconds or self._seconds[-1].second != second:
            if self._seconds:
                self._latencies.merge(self._seconds[-1].latencies)
            self._seconds.append(_Second(second))
        return self._seconds[-1]

    def _all_latencies(self) -> Histogram:
        """Of all seconds, the last one included."""
        found = Histogram()
        found.merge(self._latencies)
        if self._seconds:
            found.merge(self._seconds[-1].latencies)
        return found

    def snapshot(self, now_ns: int, *, files: Iterable[str], bytes_written: int) -> Snapshot:
        """All of it at this moment."""
        now = now_ns // 10**9
        recent = [second for second in self._seconds if now - WINDOW_S <= second.second < now]
        latencies = Histogram()
        for second in recent:
            latencies.merge(second.latencies)
        total_p50_ns, total_p99_ns = self._all_latencies().percentiles(50, 99)
        passed_s = min(WINDOW_S, max(1, now - self._started_ns // 10**9))
        return Snapshot(
            duration_ns=now_ns - self._started_ns,
            connections=self.connections,
            open=self.open,
            refused=self.refused,
            logins_refused=self._logins_refused,
            calls=self._calls,
            errors=self._errors,
            pushes=self._pushes,
            bytes_from_clients=self.bytes_from_clients,
            bytes_from_servers=self.bytes_from_servers,
            calls_per_s=sum(second.calls for second in recent) / passed_s,
            p50_ns=latencies.percentile(50),
            p99_ns=latencies.percentile(99),
            total_p50_ns=total_p50_ns,
            total_p99_ns=total_p99_ns,
            procedures=dict(self._procedures.most_common()),
            statuses=dict(self._statuses.most_common()),
            damage=dict(self._damage),
            last_errors=[
                text if times == 1 else f"{text} ({times:,} times)"
                for text, times in self._last_errors.items()
            ],
            lost_bytes=self.lost_bytes,
            failures=self.failures,
            files=list(files),
            bytes_written=bytes_written,
        )
