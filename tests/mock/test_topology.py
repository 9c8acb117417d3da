"""Where partitions are, who leads them, and what follows when a node is lost or comes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.codec import parse
from volttools.errors import UsageError
from volttools.formats.topology import HashRing, ring_of_json
from volttools.formats.types import BIGINT, STRING, TYPES
from volttools.mock.topology import ClusterLost, Site, Topology
from volttools.protocol.partitioning import ServerRing, server_ring


def test_all_partitions_are_on_the_node_and_16383_is_the_initiator():
    sites, _ = Topology(server_ring(2), first_host_id=5).tables()
    assert sites.rows == [(0, "5:0", "5:0"), (1, "5:1", "5:1"), (16383, "5:2", "5:2")]
    assert [column.name for column in sites.columns] == ["Partition", "Sites", "Leader"]


def test_the_ring_is_raw_or_json():
    topology = Topology(server_ring(3))
    _, raw = topology.tables()
    _, as_json = topology.tables(as_json=True)
    assert [row[0] for row in raw.rows + as_json.rows] == ["ELASTIC", "ELASTIC"]
    assert parse(HashRing, raw.rows[0][1]) == topology.ring == ring_of_json(as_json.rows[0][1])


@pytest.mark.parametrize("partitions", [1, 3])
def test_a_ring_that_is_made_when_asked_for_is_the_same(partitions):
    later, now = Topology.of(ServerRing(partitions, 256)), Topology.of(server_ring(partitions, 256))
    assert later.partitions == now.partitions == partitions
    assert later.ring == now.ring
    assert later.tables() == now.tables()


def test_keys_have_the_type_that_was_asked_for():
    topology = Topology(server_ring(1))
    assert topology.keys_table("INTEGER").rows == [(0, 0)]
    assert topology.keys_table("VARCHAR").rows == [(0, "0")]
    assert topology.keys_table("VARBINARY").rows == [(0, bytes(4))]
    assert topology.keys_table("FLOAT") is None


def three():
    return Topology.of(server_ring(3, 256), nodes=3)


def rows(topology):
    sites, _ = topology.tables()
    return {partition: (where, leader) for partition, where, leader in sites.rows}


def test_three_nodes_are_placed_and_change_as_was_seen_of_a_real_cluster():
    topology = three()
    assert (topology.k_factor, topology.sites_per_host) == (1, 2)
    assert {partition: where for partition, (where, _) in rows(topology).items()} == {
        0: "0:0, 1:0",
        1: "0:1, 2:0",
        2: "1:1, 2:1",
        16383: "0:2",
    }
    assert sorted(leader.partition(":")[0] for _, leader in list(rows(topology).values())[:3]) == [
        "0",
        "1",
        "2",
    ]

    topology.lose(1)
    assert rows(topology) == {
        0: ("0:0", "0:0"),
        1: ("0:1, 2:0", "2:0"),
        2: ("2:1", "2:1"),
        16383: ("0:2", "0:2"),
    }

    assert topology.rejoin() == 3
    assert rows(topology) == {
        0: ("0:0, 3:0", "0:0"),
        1: ("0:1, 2:0", "2:0"),
        2: ("2:1, 3:1", "2:1"),
        16383: ("0:2", "0:2"),
    }

    assert topology.balance()
    assert rows(topology)[2] == ("2:1, 3:1", "3:1")
    assert not topology.balance()


def test_another_host_becomes_the_initiator_when_its_own_is_lost():
    topology = three()
    topology.lose(0)
    assert rows(topology)[16383] == ("1:2", "1:2")
    assert topology.leader(None) == 1


def test_sites_are_sorted_as_text():
    topology = Topology.of(server_ring(1, 256), first_host_id=9, nodes=2)
    assert rows(topology)[0][0] == "10:0, 9:0"


@pytest.mark.parametrize(
    ("nodes", "partitions", "k_factor", "lost", "text"),
    [
        (1, 1, 0, [0], "the last node is gone"),
        (3, 3, 0, [1], "partition 1 has no copy left"),
        (3, 3, 1, [1, 2], "partition 2 has no copy left"),
        (2, 2, 1, [0], "1 of 2 nodes are left"),
    ],
)
def test_too_great_a_loss_ends_the_cluster_and_changes_nothing(nodes, partitions, k_factor, lost, text):
    topology = Topology.of(server_ring(partitions, 256), nodes=nodes, k_factor=k_factor)
    for host in lost[:-1]:
        topology.lose(host)
    before = rows(topology)
    with pytest.raises(ClusterLost, match=text):
        topology.lose(lost[-1])
    assert rows(topology) == before


def test_of_two_nodes_the_first_goes_on_alone():
    topology = Topology.of(server_ring(2, 256), nodes=2)
    topology.lose(1)
    assert {leader for _, leader in rows(topology).values()} == {"0:0", "0:1", "0:2"}


@pytest.mark.parametrize(
    ("nodes", "partitions", "k_factor", "text"),
    [
        (2, 2, 2, "a k-factor of 2 needs 3 nodes or more; there are 2"),
        (3, 2, 1, "2 partitions in 2 copies can't be spread evenly over 3 nodes"),
        (2, 2, -1, "a k-factor of -1"),
    ],
)
def test_what_can_be_no_cluster_is_refused(nodes, partitions, k_factor, text):
    with pytest.raises(UsageError, match=text):
        Topology.of(server_ring(partitions, 256), nodes=nodes, k_factor=k_factor)


def test_a_leader_moves_only_to_where_a_copy_is():
    topology = three()
    topology.move_leader(0, 1)
    assert rows(topology)[0] == ("0:0, 1:0", "1:0")
    with pytest.raises(UsageError, match="host 2 has no copy of partition 0"):
        topology.move_leader(0, 2)


def test_keys_are_hashed_as_their_parameter_is_declared():
    topology = three()
    keys = {partition: key for partition, key in topology.keys_table("INTEGER").rows}
    texts = {partition: key for partition, key in topology.keys_table("STRING").rows}
    for partition, key in keys.items():
        assert topology.partition_of(BIGINT, key) == topology.partition_of(BIGINT, str(key)) == partition
    for partition, text in texts.items():
        assert topology.partition_of(STRING, text) == topology.partition_of(STRING, int(text)) == partition
    for kind, value in ((BIGINT, None), (BIGINT, "abc"), (BIGINT, 2**70), (TYPES.by_name("FLOAT"), None)):
        assert topology.partition_of(kind, value) == 0


@given(st.data())
def test_whatever_happens_each_partition_has_its_copies_on_living_hosts_and_one_of_them_leads(data):
    nodes = data.draw(st.integers(1, 6))
    topology = Topology.of(server_ring(nodes, 256), nodes=nodes)
    for _ in range(data.draw(st.integers(0, 8))):
        match data.draw(st.sampled_from(["lose", "rejoin", "balance"])):
            case "lose":
                try:
                    topology.lose(data.draw(st.sampled_from(topology.hosts)))
                except ClusterLost:
                    break
            case "rejoin" if len(topology.hosts) < nodes:
                topology.rejoin()
            case _:
                topology.balance()
        everywhere: list[Site] = []
        for partition in range(topology.partitions):
            sites = topology.sites(partition)
            everywhere += sites
            hosts = [site.host_id for site in sites]
            assert 1 <= len(set(hosts)) == len(hosts) <= topology.k_factor + 1
            assert topology.leader(partition) in hosts
            assert set(hosts) <= set(topology.hosts)
        assert len(set(everywhere)) == len(everywhere)
        assert topology.leader(None) in topology.hosts
        if len(topology.hosts) == nodes:
            assert len(everywhere) == nodes * topology.sites_per_host
