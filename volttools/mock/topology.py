"""The topology of one node with n partitions: who leads what, and the ring that says where keys belong."""

from __future__ import annotations

from volttools.codec import build
from volttools.formats.table import Table
from volttools.formats.topology import MULTI_PARTITION, HashRing, json_of_ring
from volttools.formats.types import INTEGER, STRING, VARBINARY
from volttools.protocol.partitioning import partition_keys

_SITES = (("Partition", INTEGER), ("Sites", STRING), ("Leader", STRING))
_RING = (("HASHTYPE", STRING), ("HASHCONFIG", VARBINARY))
_KEY_TYPES = {"INTEGER": INTEGER, "STRING": STRING, "VARCHAR": STRING, "VARBINARY": VARBINARY}


class Topology:
    """All partitions of a ring on one node: partition n is led by its site n."""

    def __init__(self, ring: HashRing, host_id: int) -> None:
        self.ring = ring
        self.host_id = host_id
        self.partitions = len({token.partition for token in ring.tokens})

    def tables(self, *, as_json: bool = False) -> list[Table]:
        """@Statistics TOPO: sites and leaders, and the ring, raw or as JSON in gzip."""
        rows = [(number, site := f"{self.host_id}:{number}", site) for number in range(self.partitions)]
        initiator = f"{self.host_id}:{self.partitions}"
        rows.append((MULTI_PARTITION, initiator, initiator))
        config = json_of_ring(self.ring) if as_json else build(self.ring)
        return [Table.of(_SITES, rows), Table.of(_RING, [("ELASTIC", config)])]

    def keys_table(self, kind: str) -> Table | None:
        """@GetPartitionKeys: one key of each partition; None for what is no type of keys."""
        if kind not in _KEY_TYPES:
            return None
        columns = (("PARTITION_ID", INTEGER), ("PARTITION_KEY", _KEY_TYPES[kind]))
        return Table.of(columns, partition_keys(self.ring, _KEY_TYPES[kind]))
