"""@Statistics: the columns of a real server, with figures where the mock has them.

Counted: calls, their times and sizes, connections, what passed on them, rows that were loaded or inserted.
Everything else is zero, or has no rows.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from volttools.formats.response import OPERATIONAL_FAILURE, Response
from volttools.formats.table import Row, Table
from volttools.formats.topology import MULTI_PARTITION
from volttools.mock.answers import failure
from volttools.mock.calls import Call, ClientConnection
from volttools.mock.counters import INTERVAL_NS, ConnectionCounts, ProcedureCounts, Spread
from volttools.mock.schema.model import Schema
from volttools.mock.schema.model import Table as DeclaredTable
from volttools.mock.system.facts import Facts, SystemProcedure, refused
from volttools.mock.system.statistics_columns import (
    WITH_TRAILING_BYTES,
    WITHOUT_SOURCE,
    columns_of,
    tables_of,
)
from volttools.mock.topology import Site

_HOSTNAME = "localhost"
_DESCRIPTORS, _CLIENTS = 20_000, 19_700  # the limits that a server has by default
_EMPTY_TABLE_BYTES = 2048
_PERCENTILES = (50.0, 95.0, 99.0, 99.9, 99.99, 99.999)
_NS_PER_MS = 10**6
_NS_PER_US = 1000
_Rows = Iterator[Row]


class Statistics:
    """Answers @Statistics, but for TOPO."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._cpu = (time.process_time_ns(), time.perf_counter_ns())
        self._rows: dict[str, Callable[[Call], _Rows]] = {
            "COMMANDLOG": lambda call: self._of_hosts(call, 0, 0, 0, 0, 0),
            "CPU": lambda call: self._of_hosts(call, self._cpu_percent()),
            "DRROLE": lambda call: iter([("NONE", "DISABLED", -1)]),
            "GC": lambda call: self._of_hosts(call, 0, 0, 0, 0),
            "IDLETIME": lambda call: self._of_sites(call, 0, 100.0, 0, 0, 0, 0),
            "STARVATION": lambda call: self._of_sites(call, 0, 100.0, 0, 0, 0, 0),
            "QUEUE": lambda call: self._of_sites(call, 0, 0, 0, 0),
            "LATENCY_COMPRESSED": lambda call: self._latency_histogram(call, 1),
            "LATENCY_HISTOGRAM": lambda call: self._latency_histogram(call, 2),
            "INDEX": self._indexes,
            "INITIATOR": self._initiator,
            "IOSTATS": self._io,
            "LATENCY": self._latency,
            "LIMITS": self._limits,
            "LIVECLIENTS": self._live_clients,
            "MEMORY": self._memory,
            "PARTITIONCOUNT": self._partition_count,
            "PROCEDURE": self._procedure,
            "PROCEDUREDETAIL": lambda call: self._procedure_detail(call),
            "PROCEDUREDETAIL of MANAGEMENT": lambda call: self._procedure_detail(call, 1, 0),
            "PROCEDUREINPUT": lambda call: self._procedure_sizes(call, lambda counts: counts.parameters),
            "PROCEDUREOUTPUT": lambda call: self._procedure_sizes(call, lambda counts: counts.results),
            "PROCEDUREPROFILE": self._procedure_profile,
            "TABLE": self._tables,
            "TTL": self._ttl,
        }

    def procedures(self) -> dict[str, SystemProcedure]:
        """By name."""
        return {"@Statistics": self._statistics}

    def _statistics(self, call: Call) -> Response:
        params = call.params
        if not 1 <= len(params) <= 2:
            text = f"Incorrect number of arguments to @Statistics (expects 2, received {len(params)})"
            return refused(text)
        selector = params[0].upper() if isinstance(params[0], str) else ""
        tables = tables_of(selector)
        if not tables and selector not in WITHOUT_SOURCE and selector != "TOPO":
            text = f"First argument to @Statistics must be a valid STRING selector, instead was {params[0]}"
            return refused(text)
        if len(params) == 2 and isinstance(params[1], str):
            text = (
                "Failed to get statistics (class java.lang.String cannot be cast to class java.lang.Number "
                "(java.lang.String and java.lang.Number are in module java.base of loader 'bootstrap'))."
            )
            return failure(OPERATIONAL_FAILURE, text)
        if selector == "TOPO":
            return Response(tables=self._facts.topology.tables(as_json=params[1:] == (1,)))
        if not tables:
            text = f'Requested info "{params[0]}" is not yet available or not supported in the current configuration.'
            return refused(text)
        return Response(tables=[self._table(name, call) for name in tables])

    def _table(self, name: str, call: Call) -> Table:
        rows = self._rows.get(name)
        table = Table.of(columns_of(name), [] if rows is None else list(rows(call)))
        return table.replace(trailing=bytes(96)) if name in WITH_TRAILING_BYTES else table

    # ------------------------------------------------------- of the nodes

    def _host_ids(self, call: Call) -> list[int]:
        return [host.host_id for host in self._facts.hosts(call.connection)]

    def _prefix(self, host_id: int) -> tuple[int, int, str]:
        return self._facts.now_ms, host_id, _HOSTNAME

    def _of_hosts(self, call: Call, *values: Any) -> _Rows:
        for host_id in self._host_ids(call):
            yield (*self._prefix(host_id), *values)

    def _of_sites(self, call: Call, *values: Any) -> _Rows:
        """A row for each site, and for the initiator."""
        topology = self._facts.topology
        for host_id in self._host_ids(call):
            numbers = list(range(topology.sites_per_host))
            if topology.initiator.host_id == host_id:
                numbers.append(topology.initiator.number)
            for number in numbers:
                yield (*self._prefix(host_id), number, *values)

    def _copies(self, call: Call) -> Iterator[tuple[int, Site]]:
        """Every copy of every partition on living nodes."""
        for host_id in self._host_ids(call):
            for partition in range(self._facts.topology.partitions):
                for site in self._facts.topology.sites(partition):
                    if site.host_id == host_id:
                        yield partition, site

    def _partition_count(self, call: Call) -> _Rows:
        yield (*self._prefix(call.connection.host_id), self._facts.topology.partitions)

    def _memory(self, call: Call) -> _Rows:
        used_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if sys.platform == "darwin":  # there it is bytes
            used_kb //= 1024
        physical_kb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024
        rows = sum(self._facts.counters.rows.values())
        yield from self._of_hosts(call, used_kb, 0, 0, 0, 0, 0, 0, rows, 0, physical_kb, 0)

    def _cpu_percent(self) -> int:
        """Of one core, since it was asked last."""
        now = (time.process_time_ns(), time.perf_counter_ns())
        (used, at), self._cpu = self._cpu, now
        return round(100 * (now[0] - used) / max(1, now[1] - at))

    # ----------------------------------------------------- of the clients

    def _connections(self, call: Call) -> Iterator[tuple[ClientConnection, ConnectionCounts]]:
        counted = self._facts.counters.connections
        by_host: dict[int, list[ClientConnection]] = {}
        for connection in self._facts.connections():
            by_host.setdefault(connection.host_id, []).append(connection)
        for host_id in self._host_ids(call):
            for connection in by_host.get(host_id, ()):
                yield connection, counted.get(connection) or ConnectionCounts()

    def _live_clients(self, call: Call) -> _Rows:
        for connection, counts in self._connections(call):
            own = connection is call.connection  # this call isn't one that waits
            waiting = counts.outstanding - own
            outstanding_bytes = counts.outstanding_bytes - (call.size if own else 0)
            yield (
                *self._prefix(connection.host_id),
                connection.id,
                _client_name(connection),
                int(connection.is_admin),
                outstanding_bytes,
                0,
                waiting,
            )

    def _limits(self, call: Call) -> _Rows:
        connected = [connection for connection, _ in self._connections(call)]
        for host_id in self._host_ids(call):
            here = sum(connection.host_id == host_id for connection in connected)
            last = max((one.id for one in connected if one.host_id == host_id), default=0)
            yield (
                *self._prefix(host_id),
                _DESCRIPTORS,
                _DESCRIPTORS - _CLIENTS + here,
                _CLIENTS,
                here,
                last,
                0,
            )

    def _io(self, call: Call) -> _Rows:
        found = list(self._connections(call))
        for host_id in self._host_ids(call):
            here = [pair for pair in found if pair[0].host_id == host_id]
            yield (
                *self._prefix(host_id),
                -1,
                "GLOBAL",
                *map(sum, zip((0, 0, 0, 0), *map(_passed, here), strict=True)),
            )
            for connection, counts in here:
                name = _client_name(connection)
                yield (*self._prefix(host_id), connection.id, name, *_passed((connection, counts)))

    def _initiator(self, call: Call) -> _Rows:
        site = self._facts.topology.initiator.number
        for connection, counts in self._connections(call):
            for procedure, calls in list(counts.procedures.items()):
                times = [
                    number // _NS_PER_MS
                    for number in (calls.times.mean, calls.times.lowest, calls.times.highest)
                ]
                figures = (calls.times.count, *times, calls.aborts, calls.failures)
                name = _client_name(connection)
                yield (*self._prefix(connection.host_id), site, connection.id, name, procedure, *figures)

    def _latency(self, call: Call) -> _Rows:
        now = time.perf_counter_ns()
        interval_s = INTERVAL_NS // 10**9
        for host_id in self._host_ids(call):
            last, _ = self._facts.counters.latencies(host_id, now)
            kept = sorted(last.kept)
            values = [_percentile(kept, percent) // _NS_PER_US for percent in _PERCENTILES]
            highest = kept[-1] // _NS_PER_US if kept else 0
            per_second = last.count // interval_s
            yield (*self._prefix(host_id), interval_s * 1000, last.count, per_second, *values, highest)

    def _latency_histogram(self, call: Call, columns: int) -> _Rows:
        yield from ((*self._prefix(host_id), 0, *[b""] * columns) for host_id in self._host_ids(call))

    # -------------------------------------------------- of the procedures

    def _counted(self, call: Call) -> Iterator[tuple[int, Site, int, str, ProcedureCounts]]:
        """Host, site and partition where calls were executed, the procedure, and its counts there."""
        topology = self._facts.topology
        living = set(self._host_ids(call))
        for (host_id, procedure, partition), counts in list(self._facts.counters.procedures.items()):
            if host_id not in living:
                continue
            if partition is None:
                yield host_id, topology.initiator, MULTI_PARTITION, procedure, counts
            else:
                site = next(iter(topology.sites(partition)), topology.initiator)
                yield host_id, site, partition, procedure, counts

    def _procedure(self, call: Call) -> _Rows:
        for host_id, site, partition, procedure, counts in self._counted(call):
            figures = (counts.times.count, counts.times.count, *_figures(counts), 1, 0)
            yield (*self._prefix(host_id), site.number, partition, procedure, *figures)

    def _procedure_detail(self, call: Call, *kinds: int) -> _Rows:
        for host_id, site, partition, procedure, counts in self._counted(call):
            figures = (counts.times.count, counts.times.count, *_figures(counts), *kinds)
            yield (*self._prefix(host_id), site.number, partition, procedure, "<ALL>", *figures)

    def _summed(self, call: Call) -> dict[str, list[ProcedureCounts]]:
        found: dict[str, list[ProcedureCounts]] = {}
        for _, _, _, procedure, counts in self._counted(call):
            found.setdefault(procedure, []).append(counts)
        return found

    def _procedure_profile(self, call: Call) -> _Rows:
        times = {
            name: (_together([counts.times for counts in all_counts]), all_counts)
            for name, all_counts in self._summed(call).items()
        }
        total = sum(spread.total for spread, _ in times.values())
        for name, (spread, counts) in sorted(times.items(), key=lambda item: -item[1][0].total):
            aborts, failures = sum(one.aborts for one in counts), sum(one.failures for one in counts)
            numbers = (spread.mean, spread.lowest, spread.highest)
            yield (
                self._facts.now_ms,
                name,
                _percent(spread, total),
                spread.count,
                *numbers,
                aborts,
                failures,
            )

    def _procedure_sizes(self, call: Call, sizes: Callable[[ProcedureCounts], Spread]) -> _Rows:
        spreads = {
            name: _together([sizes(one) for one in counts]) for name, counts in self._summed(call).items()
        }
        total = sum(spread.total for spread in spreads.values())
        for name, spread in sorted(spreads.items(), key=lambda item: -item[1].total):
            numbers = (spread.lowest, spread.highest, spread.mean, spread.total // 2**20)
            yield (self._facts.now_ms, name, _percent(spread, total), spread.count, *numbers)

    # ------------------------------------------------------ of the schema

    @property
    def _schema(self) -> Schema:
        return self._facts.procedures.declarations.schema

    def _row_count(self, table: DeclaredTable, partition: int) -> int:
        """Rows in a partition: all of a replicated table's, an even part of another's."""
        count = self._facts.counters.rows.get(table.name, 0)
        if table.partition_column is None:
            return count
        partitions = self._facts.topology.partitions
        return count // partitions + (partition < count % partitions)

    def _tables(self, call: Call) -> _Rows:
        schema = self._schema
        for partition, site in self._copies(call):
            for name in sorted(schema.tables):
                table = schema.tables[name]
                kind = "StreamedTable" if table.kind == "EXPORT" else "PersistentTable"
                count = self._row_count(table, partition)
                is_dr = "true" if table.is_dr else "false"
                sizes = (count, _EMPTY_TABLE_BYTES, 0, 0, None, None, is_dr, "false")
                yield (*self._prefix(site.host_id), site.number, partition, name, kind, *sizes)

    def _indexes(self, call: Call) -> _Rows:
        schema = self._schema
        for partition, site in self._copies(call):
            for name in sorted(schema.tables):
                table = schema.tables[name]
                for index in table.indexes:
                    kind = "CompactingTreeUniqueIndex" if index.unique else "CompactingTreeMultiMapIndex"
                    count = self._row_count(table, partition)
                    facts = (index.name, name, kind, int(index.unique), 1, count, 0)
                    yield (*self._prefix(site.host_id), site.number, partition, *facts)

    def _ttl(self, call: Call) -> _Rows:
        for name in sorted(self._schema.tables):
            if self._schema.tables[name].ttl_column is not None:
                yield (self._facts.now_ms, name, 0, 0, self._facts.counters.rows.get(name, 0), None)


def _client_name(connection: ClientConnection) -> str:
    return str(connection.peer[0])


def _passed(pair: tuple[ClientConnection, ConnectionCounts]) -> tuple[int, int, int, int]:
    counts = pair[1]
    return counts.bytes_read, counts.messages_read, counts.bytes_written, counts.messages_written


def _figures(counts: ProcedureCounts) -> tuple[int, ...]:
    spreads = (counts.times, counts.results, counts.parameters)
    numbers = [number for one in spreads for number in (one.lowest, one.highest, one.mean)]
    return (*numbers, counts.aborts, counts.failures)


def _together(spreads: Sequence[Spread]) -> Spread:
    return Spread(
        count=sum(one.count for one in spreads),
        total=sum(one.total for one in spreads),
        lowest=min(one.lowest for one in spreads),
        highest=max(one.highest for one in spreads),
    )


def _percent(spread: Spread, total: int) -> int:
    return round(100 * spread.total / total) if total else 0


def _percentile(kept: Sequence[int], percent: float) -> int:
    return kept[min(len(kept) - 1, int(len(kept) * percent / 100))] if kept else 0
