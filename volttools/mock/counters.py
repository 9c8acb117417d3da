"""What a server counts of its calls, for @Statistics. Times are in nanoseconds, sizes in bytes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from volttools.formats.response import SUCCESS, UNEXPECTED_FAILURE, USER_ABORT
from volttools.mock.calls import Call, ClientConnection

MOST_LATENCIES = 100_000
"""Of one interval; what comes more is counted, and not kept."""

INTERVAL_NS = 5 * 10**9
MOST_COUNTED = 10_000
"""Procedures; those that come later are counted no more."""


@dataclass(slots=True)
class Spread:
    """Numbers of which only the ends and the sum are kept."""

    count: int = 0
    total: int = 0
    lowest: int = 0
    highest: int = 0

    def add(self, number: int) -> None:
        """One more."""
        if number < self.lowest or not self.count:
            self.lowest = number
        if number > self.highest:
            self.highest = number
        self.count += 1
        self.total += number

    @property
    def mean(self) -> int:
        """Rounded down; 0 of none."""
        return self.total // self.count if self.count else 0


@dataclass(slots=True)
class ClientCounts:
    """Calls of one procedure by one connection."""

    times: Spread = field(default_factory=Spread)
    aborts: int = 0
    failures: int = 0

    def ended(self, took: int, status: int) -> None:
        """One more was answered."""
        self.times.add(took)
        if status == USER_ABORT:
            self.aborts += 1
        elif status != SUCCESS:
            self.failures += 1


@dataclass(slots=True)
class ProcedureCounts(ClientCounts):
    """Calls of one procedure, at one node, of one partition."""

    results: Spread = field(default_factory=Spread)
    parameters: Spread = field(default_factory=Spread)


@dataclass(slots=True)
class ConnectionCounts:
    """What passed on one connection; calls that wait for their answers are outstanding."""

    bytes_read: int = 0
    messages_read: int = 0
    bytes_written: int = 0
    messages_written: int = 0
    outstanding: int = 0
    outstanding_bytes: int = 0
    procedures: dict[str, ClientCounts] = field(default_factory=dict)

    def of(self, procedure: str) -> ClientCounts:
        """The calls of one procedure."""
        counts = self.procedures.get(procedure)
        if counts is None:
            counts = ClientCounts()
            if len(self.procedures) < MOST_COUNTED:
                self.procedures[procedure] = counts
        return counts


@dataclass(slots=True)
class Latencies:
    """How long the calls of an interval took."""

    began_ns: int = 0
    count: int = 0
    kept: list[int] = field(default_factory=list)


class Counters:
    """All counts of a server, in its event loop."""

    def __init__(self) -> None:
        self.procedures: dict[tuple[int, str, int | None], ProcedureCounts] = {}
        self.connections: dict[ClientConnection, ConnectionCounts] = {}
        self.rows: dict[str, int] = {}
        self._latencies: dict[int, tuple[Latencies, Latencies]] = {}

    def came(self, call: Call) -> None:
        """A call came in."""
        counts = self.connections.get(call.connection)
        if counts is None:
            counts = self.connections[call.connection] = ConnectionCounts()
        counts.bytes_read += call.size
        counts.messages_read += 1
        counts.outstanding += 1
        counts.outstanding_bytes += call.size

    def answered(self, call: Call, status: int, size: int, now_ns: int) -> None:
        """It was answered, with so many bytes."""
        counts = self.connections.get(call.connection)
        if counts is not None:
            counts.bytes_written += size
            counts.messages_written += 1
            counts.outstanding -= 1
            counts.outstanding_bytes -= call.size
        took = now_ns - call.began_ns
        self._took(call.connection.host_id, took, now_ns)
        name = call.known_as or call.procedure
        if name.startswith("@") or (not call.known_as and status == UNEXPECTED_FAILURE):
            return  # the server's own, or one that there isn't
        key = (call.connection.host_id, name, call.partition)
        by_procedure = self.procedures.get(key)
        if by_procedure is None:
            if len(self.procedures) >= MOST_COUNTED:
                return
            by_procedure = self.procedures[key] = ProcedureCounts()
        by_procedure.results.add(size)
        by_procedure.parameters.add(call.size)
        by_procedure.ended(took, status)
        if counts is not None:
            counts.of(name).ended(took, status)

    def left(self, connection: ClientConnection) -> None:
        """A client has gone: its connection is counted no more."""
        self.connections.pop(connection, None)

    def changed_rows(self, table: str, by: int) -> None:
        """Rows were put into a table, or taken out."""
        self.rows[table] = max(0, self.rows.get(table, 0) + by)

    def keep_rows(self, tables: Iterable[str]) -> None:
        """Forget the rows of tables that are no more."""
        self.rows = {table: self.rows.get(table, 0) for table in tables}

    def _took(self, host_id: int, took_ns: int, now_ns: int) -> None:
        current = self.latencies(host_id, now_ns)[1]
        current.count += 1
        if len(current.kept) < MOST_LATENCIES:
            current.kept.append(took_ns)

    def latencies(self, host_id: int, now_ns: int) -> tuple[Latencies, Latencies]:
        """Those of the last whole interval of a node, and of the one that goes on."""
        pair = self._latencies.get(host_id)
        if pair is not None and now_ns - pair[1].began_ns < INTERVAL_NS:
            return pair
        start = now_ns - now_ns % INTERVAL_NS
        last = pair[1] if pair is not None and pair[1].began_ns == start - INTERVAL_NS else Latencies()
        pair = self._latencies[host_id] = (last, Latencies(start))
        return pair
