"""What is counted of calls that belong together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from volttools.formats.parameters import Parameter
from volttools.formats.response import SUCCESS, status_name
from volttools.histogram import Histogram
from volttools.protocol.events import Exchange
from volttools.stats.calls import Call
from volttools.stats.timeline import Timeline
from volttools.stats.values import Values

MOST_PARAMETERS: Final = 6
"""Of so many parameters of a procedure the values are counted."""

GOOD: Final = status_name(SUCCESS)


@dataclass(slots=True)
class Split:
    """Where the time went of calls whose response says how long the cluster took; all ns.

    total      their latencies together
    cluster    within the cluster, as the server says, which counts whole ms
    transfer   while the response arrived, from its first byte to its last
    behind     while calls sent before, on the same connection, were unanswered; a part of the others
    """

    total: int = 0
    cluster: int = 0
    transfer: int = 0
    behind: int = 0

    @property
    def elsewhere(self) -> int:
        """The rest: the network, and what waits on either side of it."""
        return self.total - self.cluster - self.transfer

    def add(self, latency_ns: int, cluster_ns: int, transfer_ns: int, behind_ns: int) -> None:
        """Add a call's times; parts are no longer than what they are parts of."""
        cluster_ns = max(0, min(cluster_ns, latency_ns))
        self.total += latency_ns
        self.cluster += cluster_ns
        self.transfer += max(0, min(transfer_ns, latency_ns - cluster_ns))
        self.behind += behind_ns

    def merge(self, other: Split) -> None:
        """Add those of another."""
        self.total += other.total
        self.cluster += other.cluster
        self.transfer += other.transfer
        self.behind += other.behind


@dataclass(slots=True)
class Group:
    """Counts of calls that belong together.

    statuses        calls by status in words, "no answer" and its kin among them
    latencies       in ns, of calls that have one
    told_cluster_ns what the servers said they took, also where the capture has no times
    slowest         (latency in ns, number of the exchange) of the worst call
    failed          number of the first exchange that did not succeed, as they were sent
    values          of parameters, by position
    """

    name: str
    calls: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    latencies: Histogram = field(default_factory=Histogram)
    split: Split = field(default_factory=Split)
    told_cluster_ns: int = 0
    rows: int = 0
    request_bytes: int = 0
    response_bytes: int = 0
    slowest: tuple[int, int] | None = None
    failed: int | None = None
    times: Timeline = field(default_factory=Timeline)
    values: dict[int, Values] = field(default_factory=dict)

    def add(self, call: Call, behind_ns: int = 0) -> None:
        """Count a call.

        behind_ns   how long it waited behind others of its connection
        """
        self.calls += 1
        self.statuses[call.status] += 1
        number = call.number
        if call.status != GOOD and (self.failed is None or number < self.failed):
            self.failed = number
        self.request_bytes += call.request_bytes
        self.response_bytes += call.response_bytes
        self.rows += call.rows
        cluster_ns, latency_ns = call.cluster_ns, call.latency_ns
        if cluster_ns is not None and cluster_ns > 0:
            self.told_cluster_ns += cluster_ns
        if call.began_ns is not None:
            self.times.add(call.began_ns)
        if latency_ns is None:
            return
        self.latencies.add(latency_ns)
        slowest = self.slowest
        if slowest is None or latency_ns > slowest[0] or (latency_ns == slowest[0] and number < slowest[1]):
            self.slowest = (latency_ns, number)
        if cluster_ns is not None:
            self.split.add(latency_ns, cluster_ns, call.transfer_ns, behind_ns)

    def add_values(self, exchange: Exchange, first: int, slot: int = 0) -> None:
        """Count the values of a call's parameters, from position `first` on; `slot` is its connection's."""
        from volttools.filters.fields import FIELDS

        parameters: list[Parameter] = FIELDS["params"].read(exchange) or []
        for position in range(first, min(len(parameters), MOST_PARAMETERS)):
            values = self.values.get(position)
            if values is None:
                values = self.values[position] = Values()
            values.add(parameters[position], slot)

    def merge(self, other: Group) -> None:
        """Count those of another."""
        self.merge_calls(other)
        for position, values in other.values.items():
            self.values.setdefault(position, Values()).merge(values)

    def merge_calls(self, other: Group) -> None:
        """The same without the values of parameters."""
        self.calls += other.calls
        self.statuses.update(other.statuses)
        self.latencies.merge(other.latencies)
        self.split.merge(other.split)
        self.told_cluster_ns += other.told_cluster_ns
        self.rows += other.rows
        self.request_bytes += other.request_bytes
        self.response_bytes += other.response_bytes
        self.slowest = _worse(self.slowest, other.slowest)
        if self.failed is None or (other.failed is not None and other.failed < self.failed):
            self.failed = other.failed
        self.times.merge(other.times)

    @property
    def errors(self) -> int:
        """Calls that did not succeed, or were not answered."""
        return self.calls - self.statuses[GOOD]

    @property
    def rank(self) -> tuple[int, int, int]:
        """What groups are ordered by, the greatest first: time waited for, else time in the cluster, else calls."""
        return self.latencies.total, self.told_cluster_ns, self.calls


def _worse(one: tuple[int, int] | None, other: tuple[int, int] | None) -> tuple[int, int] | None:
    """The slower of two; of equals the first."""
    if one is None or other is None:
        return one if other is None else other
    return min(one, other, key=lambda call: (-call[0], call[1]))
