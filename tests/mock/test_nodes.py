"""A cluster in one process: any node takes any call, nodes go and come back, and clients are told."""

import asyncio
import contextlib
import socket
from types import SimpleNamespace

import pytest

from tests.mock.wire import Wire, connected
from volttools.errors import UsageError
from volttools.formats.types import BIGINT, STRING
from volttools.mock import MockServer

NEVER_S = 3600


def cluster(**given):
    """Three nodes that change only when they are told to."""
    return MockServer(**({"nodes": 3, "ring_tokens": 256, "tick_s": NEVER_S, "election_s": 0} | given))


@pytest.fixture
def server():
    with cluster() as running:
        yield running


@contextlib.contextmanager
def everywhere(server):
    """A client at each node that is up."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(connected(node)) for node in server.nodes if node.is_up]


def overview(wire):
    (table,) = wire.call("@SystemInformation", "OVERVIEW").tables
    return [(host, value) for host, key, value in table.rows if key == "CLIENTPORT"]


def topo(wire):
    sites, _ = wire.call("@Statistics", "TOPO", 0).tables
    return {partition: (where, leader) for partition, where, leader in sites.rows}


def key_of(server, partition):
    return dict(server.topology.keys_table("INTEGER").rows)[partition]


def stuck(call):
    """A call that is worked on until something else settles it."""
    return asyncio.get_running_loop().create_future()


def test_each_node_has_its_own_id_and_counts_its_own_connections(server):
    seen = []
    for node in server.nodes:
        for _ in range(2):
            with Wire(node) as wire:
                welcome = wire.log_in()
                seen.append((welcome.host_id, welcome.connection_id, welcome.cluster_start))
    starts = {start for _, _, start in seen}
    assert [ids[:2] for ids in seen] == [(0, 1), (0, 2), (1, 1), (1, 2), (2, 1), (2, 2)]
    assert len(starts) == 1


def test_the_node_that_is_asked_comes_first_in_the_overview(server):
    ports = {node.host_id: str(node.port) for node in server.nodes}
    with everywhere(server) as wires:
        for asked, wire in enumerate(wires):
            found = overview(wire)
            assert found[0] == (asked, ports[asked])
            assert dict(found) == ports


def test_any_node_takes_any_call_and_the_topology_is_the_same_from_all(server):
    server.handle("P", lambda call: call.params[0], types=(BIGINT,), partitioned_on=0)
    with everywhere(server) as wires:
        assert topo(wires[0]) == topo(wires[1]) == topo(wires[2])
        for number, wire in enumerate(wires):
            assert wire.call("P", number).tables[0].rows == [(number,)]
    calls = [call for call in server.calls if call.procedure == "P"]
    assert [(call.connection.host_id, call.params) for call in calls] == [(0, (0,)), (1, (1,)), (2, (2,))]
    assert [call.partition for call in calls] == [
        server.topology.partition_of(BIGINT, number) for number in range(3)
    ]


def test_a_node_that_dies_is_gone_from_topology_and_overview_and_refuses(server):
    with everywhere(server) as (first, second, third):
        server.stop_node(1)
        assert second.rest() == b""
        assert [host for host, _ in overview(first)] == [0, 2]
        assert [host for host, _ in overview(third)] == [2, 0]
        assert topo(first)[1] == ("0:1, 2:0", "2:0")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(server.nodes[1].address, timeout=20)


def test_it_comes_back_with_a_new_id_and_leads_again_later(server):
    with connected(server.nodes[0]) as wire:
        wire.call("@Subscribe", "TOPOLOGY")
        server.stop_node(1)
        server.tick()
        assert wire.pushed().tables[0].rows[2][1:] == ("2:1", "2:1")

        assert server.start_node(1) == 3
        with Wire(server.nodes[1]) as back:
            assert back.log_in().host_id == 3
        assert [host for host, _ in overview(wire)] == [0, 2, 3]
        server.tick()
        assert wire.pushed().tables[0].rows[2][1:] == ("2:1, 3:1", "2:1")
        server.tick()  # the leaders are spread again
        assert topo(wire)[2] == ("2:1, 3:1", "3:1")
        server.tick()
        assert wire.pushed().tables[0].rows[2][1:] == ("2:1, 3:1", "3:1")
        server.tick()
        assert wire.call("@Ping").status == 1  # nothing else was pushed


def test_pushes_come_by_themselves_at_the_next_tick():
    with cluster(tick_s=0.05) as server, connected(server.nodes[2]) as wire:
        wire.call("@Subscribe", "TOPOLOGY")
        server.move_leader(0, 1)
        assert wire.pushed().tables[0].rows[0] == (0, "0:0, 1:0", "1:0")


def test_what_was_in_flight_to_a_dead_leader_is_dropped_and_the_rest_unharmed(server):
    server.handle("Write", stuck, types=(BIGINT,), partitioned_on=0)
    server.handle("ReadAll", stuck, read_only=True)
    server.handle("WriteAll", stuck)
    dead = server.topology.leader(1)
    others = [partition for partition in range(3) if server.topology.leader(partition) != dead]
    assert dead != server.topology.leader(None)
    with connected(server.nodes[0]) as wire:
        handles = [wire.start("Write", key_of(server, partition)) for partition in (1, *others)]
        handles += [wire.start("ReadAll"), wire.start("WriteAll")]
        server.wait_for_calls(5)
        server.stop_node(dead)
        answers = {event.client_handle: event for event in (wire.event(), wire.event())}
        assert {handle: event.status for handle, event in answers.items()} == {handles[0]: -7, handles[3]: -8}
        dropped, restarted = answers[handles[0]].response, answers[handles[3]].response
        assert dropped.status_string == (
            "Transaction dropped due to change in mastership. It is possible the transaction was committed"
        )
        assert restarted.status_string == (
            "VOLTDB ERROR: TRANSACTION RESTART Transaction being restarted due to fault recovery or shutdown."
        )
        assert (dropped.tables, dropped.app_status) == ([], -128)
        assert wire.call("@Ping").status == 1  # and nothing else was answered


def test_until_a_leader_is_elected_its_calls_are_dropped():
    with cluster(election_s=NEVER_S) as server:
        server.handle("P", 1, types=(STRING,), partitioned_on=0)
        keys = dict(server.topology.keys_table("STRING").rows)
        dead = server.topology.leader(1)
        alive = next(partition for partition in range(3) if server.topology.leader(partition) != dead)
        server.stop_node(dead)
        with connected(server.nodes[0]) as wire:
            assert wire.call("P", keys[1]).status == -7
            assert wire.call("P", keys[alive]).status == 1


def test_a_cluster_that_lost_too_much_ends_itself(server):
    server.handle("P", 1)
    with everywhere(server) as (first, _, third):
        server.stop_node(1)
        server.stop_node(2)
        assert third.rest() == b""
        first.start("P")
        first.start("@Ping")
        assert first.event().status == 1  # of the ping: the call gets no answer
        assert first.rest() == b""
    assert not any(node.is_up for node in server.nodes)
    with pytest.raises(UsageError, match="the cluster is lost"):
        server.start_node(1)


def test_a_node_is_stopped_by_a_call(server):
    with everywhere(server) as (first, second, _):
        first.call("@Subscribe", "TOPOLOGY")
        response = first.call("@StopNode", 1)
        assert (response.status, response.status_string, response.tables) == (1, "SUCCESS", [])
        assert second.rest() == b""
        server.tick()
        assert first.pushed().tables[0].rows[1] == (1, "0:1, 2:0", "2:0")
        text = first.call("@StopNode", 2).status_string
        assert text == (
            "It's unsafe to shutdown node 2. Cannot stop the requested node. Cluster doesn't have enough "
            "replicas. Use shutdown to stop the cluster."
        )


def test_a_node_hands_over_before_it_is_stopped(server):
    with connected(server.nodes[1]) as wire:
        led = [partition for partition in range(3) if server.topology.leader(partition) == 1]
        assert led
        assert wire.call("@PrepareStopNode", 1).status == 1
        assert all(server.topology.leader(partition) != 1 for partition in led)
        wrong = wire.call("@PrepareStopNode", 99)
        assert (wrong.status, wrong.status_string) == (-2, "@PrepareStopNode: 99 is not valid.")


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ((99,), "Invalid Host Id or Host Id not member of cluster: 99"),
        ((), "@StopNode must provide hostId"),
        (
            ("x",),
            "@StopNode must have one Integer parameter specified. Provided type was java.lang.String",
        ),
    ],
)
def test_a_node_that_is_none_is_not_stopped(server, parameters, text):
    with connected(server.nodes[0]) as wire:
        response = wire.call("@StopNode", *parameters)
        assert (response.status, response.status_string) == (-2, text)


def test_a_lone_node_is_not_stopped():
    with MockServer() as server, connected(server) as wire:
        text = wire.call("@StopNode", 0).status_string
        assert text.startswith("It's unsafe to shutdown node 0. Cannot stop the requested node. Stopping ")
        assert wire.call("@PrepareStopNode", 0).status_string == (
            "@PrepareStopNode: Stopping individual nodes is only allowed on a K-safe cluster"
        )


def test_what_makes_no_sense_is_refused(server):
    with pytest.raises(UsageError, match=r"there is no node 3: nodes are 0 \.\. 2"):
        server.stop_node(3)
    with pytest.raises(UsageError, match=r"^node 0 is up already$"):
        server.start_node(0)
    server.stop_node(0)
    with pytest.raises(UsageError, match=r"^node 0 is down already$"):
        server.stop_node(0)
    with pytest.raises(
        UsageError, match="2 nodes from port 65535 on need the ports up to 65536, and 65535 is"
    ):
        MockServer(port=65535, nodes=2)
    with pytest.raises(UsageError, match="3 nodes from port 65534 on"):
        MockServer(admin_port=65534, nodes=3)
    MockServer(port=65534, nodes=2)
    with pytest.raises(UsageError, match="2 hosts for 3 nodes"):
        MockServer(host=["127.0.0.1", "127.0.0.2"], nodes=3)
    with pytest.raises(UsageError, match=r"a server has 1 \.\. 64 nodes, not 0"):
        MockServer(nodes=0)


def test_nodes_have_ports_in_a_row_or_hosts_of_their_own():
    with MockServer(host=["127.0.0.1", "127.0.0.2"], nodes=2, ring_tokens=256) as server:
        assert [node.host for node in server.nodes] == ["127.0.0.1", "127.0.0.2"]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=r"can't listen on 127\.0\.0\.1:\d+: Address already in use"):
            cluster(port=port - 1).start()


def test_everything_ends_with_the_server(server):
    with everywhere(server) as wires:
        server.stop_node(1)
        server.start_node(1)
        server.close()
        assert [wire.rest() for wire in wires] == [b"", b"", b""]


def administrators(node):
    """What a client connects to."""
    return SimpleNamespace(address=(node.host, node.admin_port))


def test_administrators_have_a_port_of_their_own():
    with MockServer(nodes=3, admin_port=0) as server:
        ports = {port for node in server.nodes for port in (node.port, node.admin_port)}
        assert len(ports) == 6
        node = server.nodes[1]
        with Wire(server) as plain, Wire(administrators(node)) as admin:
            first, second = plain.log_in(), admin.log_in()
            assert (first.host_id, second.host_id) == (0, 1)
            assert server.wait_until(lambda: len(server.connections) == 2)
            rows = admin.call("@SystemInformation", "OVERVIEW").tables[0].rows
            told = {host: value for host, key, value in rows if key == "ADMINPORT"}
            assert told == {each.host_id: str(each.admin_port) for each in server.nodes}
            server.stop_node(1)
            assert admin.rest() == b""
            with pytest.raises(ConnectionRefusedError):
                Wire(administrators(node))
        server.start_node(1)
        with Wire(administrators(node)) as admin:
            assert admin.log_in().host_id == 3


def test_connections_of_both_ports_are_counted_together():
    with MockServer(admin_port=0) as server:
        (node,) = server.nodes
        with Wire(server) as plain, Wire(administrators(node)) as admin:
            assert [plain.log_in().connection_id, admin.log_in().connection_id] == [1, 2]
