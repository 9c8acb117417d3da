"""@Statistics TOPO and @GetPartitionKeys of one node."""

from volttools.codec import parse
from volttools.formats.topology import HashRing, ring_of_json
from volttools.mock.topology import Topology
from volttools.protocol.partitioning import even_ring


def test_all_partitions_are_on_the_node_and_16383_is_the_initiator():
    sites, _ = Topology(even_ring(2), host_id=5).tables()
    assert sites.rows == [(0, "5:0", "5:0"), (1, "5:1", "5:1"), (16383, "5:2", "5:2")]
    assert [column.name for column in sites.columns] == ["Partition", "Sites", "Leader"]


def test_the_ring_is_raw_or_json():
    topology = Topology(even_ring(3), host_id=0)
    _, raw = topology.tables()
    _, as_json = topology.tables(as_json=True)
    assert [row[0] for row in raw.rows + as_json.rows] == ["ELASTIC", "ELASTIC"]
    assert parse(HashRing, raw.rows[0][1]) == topology.ring == ring_of_json(as_json.rows[0][1])


def test_keys_have_the_type_that_was_asked_for():
    topology = Topology(even_ring(1), host_id=0)
    assert topology.keys_table("INTEGER").rows == [(0, 0)]
    assert topology.keys_table("VARCHAR").rows == [(0, "0")]
    assert topology.keys_table("VARBINARY").rows == [(0, bytes(4))]
    assert topology.keys_table("FLOAT") is None
