"""What one interval shows, and its JSON: one object an interval, documented in docs/top.md."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFigures:
    """Calls of a procedure, or of a connection.

    calls, aborts, failures   since the server, or the connection, started; so is `max_ns`
    *_per_s                   in the interval; None where it can't be told
    avg_ns                    of the interval if `is_avg_of_interval`, else since the start
    """

    name: str
    calls: int
    calls_per_s: float | None
    avg_ns: int
    is_avg_of_interval: bool
    max_ns: int
    aborts: int
    aborts_per_s: float | None
    failures: int
    failures_per_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureFigures(CallFigures):
    """A procedure; `share` is its part, 0 to 1, of the time that all procedures took in the interval."""

    share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFigures(CallFigures):
    """A connection; `name` is the client's host."""

    host_id: int
    connection_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFigures:
    """A table; as `counters.TableSize`, with its growth."""

    name: str
    kind: str
    rows: int
    rows_per_s: float | None
    memory_bytes: int
    partitions: int
    is_replicated: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFigures:
    """A node: its memory, and what clients waited in its last window; None where it isn't told."""

    host_id: int
    name: str
    rss_bytes: int | None = None
    tuple_bytes: int | None = None
    index_bytes: int | None = None
    window_ms: int | None = None
    calls_per_s: int | None = None
    p50_ns: int | None = None
    p95_ns: int | None = None
    p99_ns: int | None = None
    p999_ns: int | None = None
    max_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One interval.

    interval_s    that passed since the figures before; None: these are the first, and have no rates
    calls_per_s   of all procedures
    missing       selector -> why the server doesn't tell it
    """

    address: str
    version: str
    uptime_s: float | None
    interval_s: float | None
    calls_per_s: float | None
    nodes: list[NodeFigures] = field(default_factory=list)
    procedures: list[ProcedureFigures] | None = None
    tables: list[TableFigures] | None = None
    clients: list[ClientFigures] | None = None
    missing: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As `top --json` prints it."""
        return asdict(self)
