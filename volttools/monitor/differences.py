"""Rates from successive answers. No clock here: each answer says when it came."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, TypeVar

from volttools.monitor.counters import Calls, ClientKey, Latencies, Memory, TableSize
from volttools.monitor.figures import (
    ClientFigures,
    Figures,
    NodeFigures,
    ProcedureFigures,
    TableFigures,
)

MEASURED_EACH: Final = 20
"""The server measures the time of one call in so many (ProcedureStatsCollector)."""

FEWEST_CALLS: Final = 5 * MEASURED_EACH
"""Of fewer calls in an interval hardly any was measured: their average says nothing."""

_MOST_ROUNDING: Final = 0.1

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The answers of one round; None for what was not asked for, or not told.

    at_ns        when the round ended, on any steady clock; each answer has its own time
    started_ms   when the cluster started, as the log-in told: other numbers begin with another start
    missing      selector -> why the server doesn't tell it
    """

    at_ns: int
    address: str
    version: str
    started_ms: int | None
    procedures: tuple[int, Mapping[str, Calls]] | None = None
    tables: tuple[int, Mapping[str, TableSize]] | None = None
    clients: tuple[int, Mapping[ClientKey, Calls]] | None = None
    latencies: Mapping[int, tuple[str, Latencies]] = field(default_factory=dict)
    memories: Mapping[int, tuple[str, Memory]] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)


class Differences:
    """Makes figures of samples, each with the one before."""

    def __init__(self) -> None:
        self._before: Sample | None = None

    def add(self, now: Sample) -> Figures:
        """The figures of a sample: rates since the last one, unless the server started anew in between."""
        before = self._before
        self._before = now
        passed_ns = None
        if before is None or before.started_ms != now.started_ms:
            before = Sample(
                at_ns=now.at_ns, address=now.address, version=now.version, started_ms=now.started_ms
            )
        else:
            passed_ns = now.at_ns - before.at_ns
        procedures = _procedures(before.procedures, now.procedures)
        return Figures(
            address=now.address,
            version=now.version,
            uptime_s=_uptime_s(now),
            interval_s=None if passed_ns is None else passed_ns / 1e9,
            calls_per_s=_sum(before, now, procedures),
            nodes=_nodes(now),
            procedures=procedures,
            tables=_tables(before.tables, now.tables),
            clients=_clients(before.clients, now.clients),
            missing=dict(now.missing),
        )


def per_second(before: int, now: int, passed_ns: int) -> float | None:
    """The rate of a counter; None where it went backwards, so began anew.

    >>> per_second(100, 300, 2 * 10**9), per_second(300, 100, 2 * 10**9)
    (100.0, None)
    """
    if now < before or passed_ns <= 0:
        return None
    return (now - before) * 1e9 / passed_ns


def average_between(before: Calls, now: Calls) -> int | None:
    """The average time in ns of the calls between two averages; None where they can't tell it.

    They can't where too few calls were measured, or where rounding, which counts for all calls since
    the start, would be more than a tenth.
    """
    calls = now.calls - before.calls
    time_ns = now.calls * now.avg_ns - before.calls * before.avg_ns
    if calls < FEWEST_CALLS or time_ns < 0:
        return None
    if now.calls * now.unit_ns > _MOST_ROUNDING * time_ns:
        return None
    return time_ns // calls


_NOTHING: Final = Calls(0, 0, 0, 0, 0)

_Answer = tuple[int, Mapping[Key, Value]]
"""When it came, in ns of any steady clock, and what it counts, by name."""


def _passed(before: tuple[int, object] | None, now: tuple[int, object] | None) -> int | None:
    """The ns between two answers; None if there are no two."""
    if before is None or now is None or now[0] <= before[0]:
        return None
    return now[0] - before[0]


def _rate(before: int, now: int, passed_ns: int | None) -> float | None:
    return None if passed_ns is None else per_second(before, now, passed_ns)


def _calls(before: Calls, now: Calls, passed_ns: int | None) -> dict[str, Any]:
    """The fields of CallFigures."""
    began_anew = now.calls < before.calls
    if began_anew:
        passed_ns = None
    average = None if passed_ns is None else average_between(before, now)
    return {
        "calls": now.calls,
        "calls_per_s": _rate(before.calls, now.calls, passed_ns),
        "avg_ns": now.avg_ns if average is None else average,
        "is_avg_of_interval": average is not None,
        "max_ns": now.max_ns,
        "aborts": now.aborts,
        "aborts_per_s": _rate(before.aborts, now.aborts, passed_ns),
        "failures": now.failures,
        "failures_per_s": _rate(before.failures, now.failures, passed_ns),
    }


def _procedures(
    before: _Answer[str, Calls] | None, now: _Answer[str, Calls] | None
) -> list[ProcedureFigures] | None:
    """Procedures; one that wasn't there before has made all its calls since."""
    if now is None:
        return None
    passed_ns = _passed(before, now)
    known = {} if before is None else before[1]
    found = {name: _calls(known.get(name, _NOTHING), calls, passed_ns) for name, calls in now[1].items()}
    times = {name: (each["calls_per_s"] or 0) * each["avg_ns"] for name, each in found.items()}
    total = sum(times.values())
    return [
        ProcedureFigures(
            name=name,
            share=times[name] / total if total and each["calls_per_s"] is not None else None,
            **each,
        )
        for name, each in found.items()
    ]


def _sum(before: Sample, now: Sample, procedures: list[ProcedureFigures] | None) -> float | None:
    """The rate of all; None where one of them isn't known, as the sum would be too small."""
    rates = [each.calls_per_s for each in procedures or ()]
    if _passed(before.procedures, now.procedures) is None or None in rates:
        return None
    return float(sum(each or 0 for each in rates))


def _clients(
    before: _Answer[ClientKey, Calls] | None, now: _Answer[ClientKey, Calls] | None
) -> list[ClientFigures] | None:
    """Connections; one that wasn't there before has made all its calls since."""
    if now is None:
        return None
    passed_ns = _passed(before, now)
    known = {} if before is None else before[1]
    return [
        ClientFigures(
            name=key.client,
            host_id=key.host_id,
            connection_id=key.connection_id,
            **_calls(known.get(key, _NOTHING), calls, passed_ns),
        )
        for key, calls in now[1].items()
    ]


def _tables(
    before: _Answer[str, TableSize] | None, now: _Answer[str, TableSize] | None
) -> list[TableFigures] | None:
    """Tables and their growth, which may be negative; none of one that has another number of parts."""
    if now is None:
        return None
    passed_ns = _passed(before, now)
    known = {} if before is None else before[1]
    found = []
    for name, size in now[1].items():
        was = known.get(name)
        grown = None
        if passed_ns is not None and (was is None or was.partitions == size.partitions):
            grown = (size.rows - (0 if was is None else was.rows)) * 1e9 / passed_ns
        found.append(
            TableFigures(
                name=name,
                kind=size.kind,
                rows=size.rows,
                rows_per_s=grown,
                memory_bytes=size.memory_bytes,
                partitions=size.partitions,
                is_replicated=size.is_replicated,
            )
        )
    return found


def _nodes(now: Sample) -> list[NodeFigures]:
    """What is told of each node, side by side: percentiles of several can't be made into one."""
    names = {host_id: name for part in (now.latencies, now.memories) for host_id, (name, _) in part.items()}
    found = []
    for host_id, name in sorted(names.items()):
        told: dict[str, Any] = {}
        if host_id in now.latencies:
            told |= asdict(now.latencies[host_id][1])
            del told["calls"]
        if host_id in now.memories:
            told |= asdict(now.memories[host_id][1])
            del told["time_ms"]
        found.append(NodeFigures(host_id=host_id, name=name, **told))
    return found


def _uptime_s(now: Sample) -> float | None:
    """By the clocks of the servers alone; None where they don't tell, or are at odds."""
    if now.started_ms is None or not now.memories:
        return None
    passed_ms = max(memory.time_ms for _, memory in now.memories.values()) - now.started_ms
    return passed_ms / 1000 if passed_ms >= 0 else None
