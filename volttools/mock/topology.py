"""The topology of a cluster: which sites hold which partition, who leads it, and the ring of keys.

State without time or sockets; `nodes.py` says when it changes. Placement, ids and what follows the loss
and the return of a node are those of a real cluster of three (11.4, k-factor 1).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any, NamedTuple

from volttools.codec import build, builder
from volttools.errors import EncodeError, UsageError
from volttools.formats.table import Table
from volttools.formats.topology import MULTI_PARTITION, PARTITION_INTEGER, HashRing, json_of_ring
from volttools.formats.types import BIGINT, INTEGER, SMALLINT, STRING, TINYINT, VARBINARY, WireType
from volttools.protocol.partitioning import RING_TOKENS, ServerRing, owner, partition_keys

MOST_PARTITIONS = 1024

_SITES = (("Partition", INTEGER), ("Sites", STRING), ("Leader", STRING))
_RING = (("HASHTYPE", STRING), ("HASHCONFIG", VARBINARY))
_KEY_TYPES = {"INTEGER": INTEGER, "STRING": STRING, "VARCHAR": STRING, "VARBINARY": VARBINARY}
_INTEGERS = frozenset((TINYINT, SMALLINT, INTEGER, BIGINT))

_integer = builder(PARTITION_INTEGER)


class Site(NamedTuple):
    """One of a node's executors: it holds a copy of one partition."""

    host_id: int
    number: int

    def __str__(self) -> str:
        return f"{self.host_id}:{self.number}"


class ClusterLost(Exception):
    """What is left can't go on: a partition has no copy, or too few nodes are left. A real one ends itself."""


class Topology:
    """Partitions of a ring on nodes.

    nodes           how many, with host ids from `first_host_id`
    sites_per_host  executors of each; their number times nodes is that of the partitions' copies
    k_factor        copies of each partition beside the first
    """

    def __init__(
        self, ring: HashRing | ServerRing, *, first_host_id: int = 0, nodes: int = 1, k_factor: int = 0
    ) -> None:
        self._ring = ring
        self.partitions = _partitions(ring)
        self.nodes = nodes
        self.k_factor = k_factor
        self.sites_per_host = self.partitions * (k_factor + 1) // nodes
        self.hosts = list(range(first_host_id, first_host_id + nodes))
        self._next_host_id = first_host_id + nodes
        self._sites: dict[int, list[Site]] = {}
        self._leaders: dict[int, Site] = {}
        self._place()
        self.initiator = Site(first_host_id, self.sites_per_host)
        """The site through which calls of several partitions go."""

    @classmethod
    def of(
        cls,
        ring: HashRing | ServerRing,
        *,
        first_host_id: int = 0,
        nodes: int = 1,
        k_factor: int | None = None,
    ) -> Topology:
        """One that can be; UsageError for what can't. k_factor None: 1 where there are two nodes or more,
        and the partitions' copies can be spread evenly."""
        partitions = _partitions(ring)
        if k_factor is None:
            k_factor = 1 if nodes > 1 and partitions * 2 % nodes == 0 else 0
        copies = partitions * (k_factor + 1)
        if not 0 <= k_factor < nodes:
            raise UsageError(
                f"a k-factor of {k_factor} needs {k_factor + 1} nodes or more; there are {nodes}"
            )
        if copies % nodes:
            raise UsageError(
                f"{partitions} partitions in {k_factor + 1} copies can't be spread evenly over {nodes} nodes: "
                f"partitions x copies must be a multiple of {nodes}"
            )
        return cls(ring, first_host_id=first_host_id, nodes=nodes, k_factor=k_factor)

    def _place(self) -> None:
        used = dict.fromkeys(self.hosts, 0)
        leading = dict.fromkeys(self.hosts, 0)
        for partition in range(self.partitions):
            chosen = sorted(self.hosts, key=lambda host: (used[host], host))[: self.k_factor + 1]
            self._sites[partition] = [Site(host, used[host]) for host in chosen]
            for host in chosen:
                used[host] += 1
            leader = min(self._sites[partition], key=lambda site: (leading[site.host_id], site.host_id))
            leading[leader.host_id] += 1
            self._leaders[partition] = leader

    # ------------------------------------------------------------ asking

    @property
    def ring(self) -> HashRing:
        """The tokens of the partitions; those of a server of ours are made when somebody asks."""
        return self._ring.made() if isinstance(self._ring, ServerRing) else self._ring

    def tables(self, *, as_json: bool = False) -> list[Table]:
        """@Statistics TOPO: sites and leaders, and the ring, raw or as JSON in gzip."""
        rows = [
            (partition, ", ".join(sorted(map(str, sites))), str(self._leaders[partition]))
            for partition, sites in self._sites.items()
        ]
        rows.append((MULTI_PARTITION, str(self.initiator), str(self.initiator)))
        config = json_of_ring(self.ring) if as_json else build(self.ring)
        return [Table.of(_SITES, rows), Table.of(_RING, [("ELASTIC", config)])]

    def keys_table(self, kind: str) -> Table | None:
        """@GetPartitionKeys: one key of each partition; None for what is no type of keys."""
        if kind not in _KEY_TYPES:
            return None
        columns = (("PARTITION_ID", INTEGER), ("PARTITION_KEY", _KEY_TYPES[kind]))
        return Table.of(columns, partition_keys(self.ring, _KEY_TYPES[kind]))

    def key_of(self, partition: int) -> int:
        """The key of a partition that @GetPartitionKeys INTEGER gives."""
        return self._keys[partition]

    @functools.cached_property
    def _keys(self) -> dict[int, int]:
        return dict(partition_keys(self.ring, INTEGER))

    def leader(self, partition: int | None) -> int:
        """The host that leads a partition; None: the one through which calls of several partitions go."""
        return (self.initiator if partition is None else self._leaders[partition]).host_id

    def sites(self, partition: int) -> list[Site]:
        """The living copies of a partition."""
        return list(self._sites[partition])

    def partition_of(self, kind: WireType | None, value: Any) -> int:
        """The partition that a key belongs to, by the type that its procedure declares; NULL's is 0."""
        key = _key_bytes(kind, value)
        return 0 if key is None else owner(self.ring, key)

    # ---------------------------------------------------------- changing

    def lose(self, host_id: int) -> None:
        """A node is gone: its copies are, and what it led is led by others.

        ClusterLost if what is left can't go on; nothing is changed then.
        """
        before = len(self.hosts)
        left = [host for host in self.hosts if host != host_id]
        if not left:
            raise ClusterLost("the last node is gone")
        for partition, sites in self._sites.items():
            if all(site.host_id == host_id for site in sites):
                raise ClusterLost(f"partition {partition} has no copy left")
        if 2 * len(left) < before or (2 * len(left) == before and min(self.hosts) == host_id):
            raise ClusterLost(f"{len(left)} of {before} nodes are left, which may be the smaller half")
        self.hosts = left
        for partition, sites in self._sites.items():
            self._sites[partition] = [site for site in sites if site.host_id != host_id]
        for partition, leader in self._leaders.items():
            if leader.host_id == host_id:
                self._leaders[partition] = self._least_leading(self._sites[partition])
        if self.initiator.host_id == host_id:
            self.initiator = Site(left[0], self.sites_per_host)

    def can_lose(self, host_id: int) -> bool:
        """Whether the rest would go on, with copies of all partitions."""
        return len(self.hosts) > 1 and all(
            any(site.host_id != host_id for site in sites) for sites in self._sites.values()
        )

    def resign(self, host_id: int) -> None:
        """Let others lead what this host leads, as far as they have copies."""
        for partition, leader in self._leaders.items():
            others = [site for site in self._sites[partition] if site.host_id != host_id]
            if leader.host_id == host_id and others:
                self._leaders[partition] = self._least_leading(others)

    @property
    def next_host_id(self) -> int:
        """Of the node that comes back next."""
        return self._next_host_id

    def rejoin(self) -> int:
        """A node comes back: its new host id. It takes the partitions that lack a copy, and leads none."""
        host_id = self._next_host_id
        self._next_host_id += 1
        self.hosts.append(host_id)
        lacking = [number for number, sites in self._sites.items() if len(sites) <= self.k_factor]
        for number, partition in enumerate(lacking[: self.sites_per_host]):
            self._sites[partition].append(Site(host_id, number))
        return host_id

    def move_leader(self, partition: int, host_id: int) -> None:
        """Let another copy of a partition lead it; UsageError where that host has none."""
        for site in self._sites.get(partition, ()):
            if site.host_id == host_id:
                self._leaders[partition] = site
                return
        raise UsageError(f"host {host_id} has no copy of partition {partition}, so it can't lead it")

    def balance(self) -> bool:
        """Spread the leaders again, as a cluster does some seconds after a node's return; whether any moved."""
        moved = False
        while True:
            leading = self._leading()
            moves = [
                (leading[leader.host_id] - leading[site.host_id], -site.host_id, partition, site)
                for partition, leader in self._leaders.items()
                for site in self._sites[partition]
            ]
            difference, _, partition, site = max(moves, key=lambda move: (move[0], move[2], move[1]))
            if difference < 2:
                return moved
            self._leaders[partition] = site
            moved = True

    def _leading(self) -> dict[int, int]:
        leading = dict.fromkeys(self.hosts, 0)
        for leader in self._leaders.values():
            leading[leader.host_id] = leading.get(leader.host_id, 0) + 1
        return leading

    def _least_leading(self, sites: Iterable[Site]) -> Site:
        leading = self._leading()
        return min(sites, key=lambda site: (leading[site.host_id], site.host_id))


def _partitions(ring: HashRing | ServerRing) -> int:
    if isinstance(ring, ServerRing):
        return ring.partitions
    return len({token.partition for token in ring.tokens})


def _key_bytes(kind: WireType | None, value: Any) -> bytes | None:
    """What is hashed of a key: integers as eight bytes, text in UTF-8, bytes as they are; None for NULL."""
    try:
        if kind in _INTEGERS:
            return _integer(int(value))
        if isinstance(value, int) and kind is not STRING:
            return _integer(value)
    except (ValueError, TypeError, EncodeError):
        return None
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    return None if value is None else str(value).encode()


def new_ring(
    partitions: int | None, tokens: int, *, recorded: HashRing | None = None
) -> HashRing | ServerRing:
    """A server's ring with so many partitions; None: the recorded one, else one partition. UsageError for
    what can be no ring."""
    if partitions is None and recorded is not None:
        return recorded
    if partitions is None:
        partitions = 1
    if not 1 <= partitions <= MOST_PARTITIONS:
        raise UsageError(f"a server has 1 .. {MOST_PARTITIONS} partitions, not {partitions}")
    if not partitions <= tokens <= RING_TOKENS:
        raise UsageError(
            f"a ring of {partitions} partitions has {partitions} .. {RING_TOKENS} tokens, not {tokens}"
        )
    return ServerRing(partitions, tokens)
