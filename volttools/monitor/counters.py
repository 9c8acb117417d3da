"""What the answers of @Statistics count, each selector read into one kind of record.

Always with delta flag 0, which is since the server started: with 1 the server answers since anybody last asked
so, whoever that was, and two who watch would take the numbers from each other.

Source: columns of system-statistics.pcap; units of the server's StatsProcProfTable, InitiatorStats, LatencyStats.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

LATENCY: Final = "LATENCY"
MEMORY: Final = "MEMORY"
PROCEDURES: Final = "PROCEDUREPROFILE"
TABLES: Final = "TABLE"
CLIENTS: Final = "INITIATOR"

_US: Final = 1_000
MS: Final = 1_000_000
_KB: Final = 1_024


class Columns(Protocol):
    """A table whose columns have names, such as `volttools.client.results.ResultTable`."""

    def column(self, name: str | int) -> list[Any]:
        """The values of a column; UsageError if there is none of that name."""


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls since the counting began, and the time that they took.

    avg_ns, max_ns   as the server tells; of the calls that it measured
    unit_ns          what the average is rounded down to
    """

    calls: int
    avg_ns: int
    max_ns: int
    aborts: int
    failures: int
    unit_ns: int = 1


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A connection: its number counts on each node from the start."""

    host_id: int
    connection_id: int
    client: str


@dataclass(frozen=True, slots=True)
class TableSize:
    """A table, of which one copy is counted, however many there are.

    rows, memory_bytes   tuples, and what is allocated for them and their texts; without indexes
    partitions           parts that were added; 1 for a replicated table
    is_replicated        whether every partition has all rows; None where the catalog didn't tell
    """

    kind: str
    rows: int
    memory_bytes: int
    partitions: int
    is_replicated: bool | None


@dataclass(frozen=True, slots=True)
class Latencies:
    """Latencies in one node's last window, as its clients wait: times in ns, None where there was no call."""

    window_ms: int
    calls: int
    calls_per_s: int
    p50_ns: int | None
    p95_ns: int | None
    p99_ns: int | None
    p999_ns: int | None
    max_ns: int | None


@dataclass(frozen=True, slots=True)
class Memory:
    """A node's memory, in bytes, and its clock in ms since 1970."""

    time_ms: int
    rss_bytes: int
    tuple_bytes: int
    index_bytes: int


def procedures(table: Columns) -> dict[str, Calls]:
    """PROCEDUREPROFILE: a row a procedure, of all nodes.

    The server has added them up, and counts the replicas of a partition once. Times are ns.
    """
    names = ("PROCEDURE", "INVOCATIONS", "AVG", "MAX", "ABORTS", "FAILURES")
    return {name or "?": Calls(*numbers) for name, *numbers in _rows(table, names)}


def clients(table: Columns) -> dict[ClientKey, Calls]:
    """INITIATOR: a row a connection and procedure, added up for each connection. Times are whole ms."""
    names = (
        "HOST_ID", "CONNECTION_ID", "CONNECTION_HOSTNAME",
        "INVOCATIONS", "AVG_EXECUTION_TIME", "MAX_EXECUTION_TIME", "ABORTS", "FAILURES",
    )  # fmt: skip
    sums: dict[ClientKey, list[int]] = {}
    for host_id, connection_id, client, calls, avg_ms, max_ms, aborts, failures in _rows(table, names):
        found = sums.setdefault(ClientKey(host_id, connection_id, client or "?"), [0, 0, 0, 0, 0])
        found[0] += calls
        found[1] += calls * avg_ms
        found[2] = max(found[2], max_ms)
        found[3] += aborts
        found[4] += failures
    return {
        key: Calls(calls, time_ms * MS // calls if calls else 0, max_ms * MS, aborts, failures, MS)
        for key, (calls, time_ms, max_ms, aborts, failures) in sums.items()
    }


def tables(table: Columns, replicated: frozenset[str] | None) -> dict[str, TableSize]:
    """TABLE: a row a table, site and partition, kB; of the copies of a partition the fullest counts.

    replicated   tables of which every partition has all rows; None: not known, so all partitions are added
    """
    names = (
        "TABLE_NAME", "TABLE_TYPE", "PARTITION_ID",
        "TUPLE_COUNT", "TUPLE_ALLOCATED_MEMORY", "STRING_DATA_MEMORY",
    )  # fmt: skip
    parts: dict[str, dict[int, tuple[int, int]]] = {}
    kinds: dict[str, str] = {}
    for name, kind, partition, rows, tuples_kb, texts_kb in _rows(table, names):
        name = name or "?"
        kinds[name] = kind or ""
        copies = parts.setdefault(name, {})
        one = 0 if replicated is not None and name in replicated else partition
        copies[one] = max(copies.get(one, (0, 0)), (rows, (tuples_kb + texts_kb) * _KB))
    return {
        name: TableSize(
            kinds[name],
            sum(rows for rows, _ in copies.values()),
            sum(memory for _, memory in copies.values()),
            len(copies),
            None if replicated is None else name in replicated,
        )
        for name, copies in parts.items()
    }


def replicated_tables(catalog: Columns) -> frozenset[str]:
    """@SystemCatalog TABLES: the tables and views whose remarks tell of no column that they are partitioned by."""
    return frozenset(
        name
        for name, remarks in zip(catalog.column("TABLE_NAME"), catalog.column("REMARKS"), strict=True)
        if not _is_partitioned(remarks)
    )


def _is_partitioned(remarks: str | None) -> bool:
    try:
        found = json.loads(remarks or "{}")
    except ValueError:  # of another server, perhaps
        return True
    return isinstance(found, dict) and "partitionColumn" in found


def latencies(table: Columns) -> dict[int, tuple[str, Latencies]]:
    """LATENCY: host id -> name, and its last window. A row a node, in us."""
    names = ("HOST_ID", "HOSTNAME", "INTERVAL", "COUNT", "TPS", "P50", "P95", "P99", "P99.9", "MAX")
    found = {}
    for host_id, host, window_ms, calls, per_s, *times_us in _rows(table, names):
        times = [time_us * _US if calls else None for time_us in times_us]
        found[host_id] = host or "?", Latencies(window_ms, calls, per_s, *times)
    return found


def memories(table: Columns) -> dict[int, tuple[str, Memory]]:
    """MEMORY: host id -> name, and its memory. A row a node, in kB."""
    names = ("HOST_ID", "HOSTNAME", "TIMESTAMP", "RSS", "TUPLEALLOCATED", "STRINGMEMORY", "INDEXMEMORY")
    return {
        host_id: (host or "?", Memory(time_ms, rss * _KB, (tuples + texts) * _KB, indexes * _KB))
        for host_id, host, time_ms, rss, tuples, texts, indexes in _rows(table, names)
    }


def _rows(table: Columns, names: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """These columns, row by row; NULL is nothing, so 0."""
    for row in zip(*(table.column(name) for name in names), strict=True):
        yield tuple(0 if value is None else value for value in row)
