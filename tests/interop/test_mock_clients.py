"""The official Python clients, unchanged, against a mock server."""

import contextlib
import gc
import threading
import warnings

import pytest
import voltclient
import voltdbclient
from voltclient import VoltType

from tests.requirements import ROOT
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, INTEGER, STRING, TYPES
from volttools.mock import Fault, MockServer
from volttools.protocol.partitioning import owner

ROWS = 200


@pytest.fixture
def server():
    with MockServer(users={"op": "secret"}, partitions=4) as running:
        yield running


def one_at_a_time(server, **given):
    return voltdbclient.FastSerializer(server.host, server.port, username="op", password="secret", **given)


def many_at_once(server):
    return voltclient.VoltClient([server.host], port=server.port, username="op", password="secret")


def test_voltdbclient_calls_with_every_kind_of_answer(server):
    table = Table.of([("N", TYPES.by_name("TINYINT")), ("S", STRING)], [(None, None), (1, "é")])
    server.handle("Tables", [table, table])
    server.handle("Abort", ValueError("given up"))
    client = one_at_a_time(server)

    def call(procedure):
        return voltdbclient.VoltProcedure(client, procedure, []).call()

    tables = call("Tables").tables
    assert [table.tuples for table in tables] == [[[None, None], [1, "é"]]] * 2
    response = call("Abort")
    assert (response.status, response.statusString) == (-1, "VOLTDB ERROR: USER ABORT given up")
    assert call("Nobody").statusString.startswith("Procedure Nobody was not found")
    client.close()


@contextlib.contextmanager
def leak():
    """The official client leaves its socket open when a log-in is refused, and so a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


def test_voltdbclient_is_refused_with_a_wrong_password(server):
    with leak(), pytest.raises(RuntimeError, match=r"Authentication failed\."):
        voltdbclient.FastSerializer(server.host, server.port, username="op", password="wrong")


def test_voltdbclient_reports_a_lost_connection(server):
    server.handle("Dies", Fault(sends="half", answer=5, then="close"))
    client = one_at_a_time(server)
    response = voltdbclient.VoltProcedure(client, "Dies", []).call()
    assert response.status == -1
    assert "Connection broken" in response.statusString
    client.close()


def test_voltdbclient_times_out_on_a_call_that_is_not_answered(server):
    server.handle("Silent", Fault(sends="nothing"))
    client = one_at_a_time(server, procedure_timeout=0.2)
    response = voltdbclient.VoltProcedure(client, "Silent", []).call()
    assert "timeout: procedure call took longer than" in response.statusString
    client.close()


def test_voltclient_learns_topology_and_procedures_and_subscribes(server):
    server.handle("Vote", lambda call: call.params[0], types=(BIGINT, STRING), partitioned_on=0)
    with many_at_once(server) as client:
        topology = client.topology
        assert set(topology.partitions) == {0, 1, 2, 3, 16383}
        assert topology.procedures["Vote"].partition_param_type == BIGINT.code
        assert client.call("Vote", [VoltType.BIGINT, VoltType.STRING], [5, "x"]).tables[0].tuples == [[5]]
        server.wait_for_calls(
            2, "@SystemCatalog", timeout_s=60
        )  # when it connects, and when it has subscribed
        assert [connection.subscribed for connection in server.connections] == [True]
        server.push_topology()
        server.wait_for_calls(3, "@SystemCatalog", timeout_s=60)


def test_voltclient_agrees_on_the_partition_of_a_key(server):
    with many_at_once(server) as client:
        ring = server.topology.ring
        for key in range(200):
            wanted = owner(ring, key.to_bytes(8, "little"))
            assert client.get_partition_for_parameter(VoltType.BIGINT, key) == wanted


def test_voltclient_calls_every_partition(server):
    server.handle("Which", lambda call: call.params[0], types=(INTEGER,), partitioned_on=0)
    with many_at_once(server) as client:
        results = client.call_all_partitions("Which")
        assert sorted(result.partition_id for result in results) == [0, 1, 2, 3]
        for result in results:
            assert result.response.tables[0].tuples == [[result.partition_key]]


def test_voltclient_loads_rows_into_a_declared_table(server):
    server.declare("create table t (id integer not null, name varchar(20)); partition table t on column id")
    with many_at_once(server) as client:
        with voltclient.VoltBulkLoader(client, "T", batch_size=50) as loader:
            for number in range(ROWS):
                loader.insert_row(number, f"name {number}")
        assert (loader.completed_row_count, loader.failed_row_count) == (ROWS, 0)
    assert server.rows_in("t") == ROWS
    loads = [call for call in server.calls if call.procedure == "@LoadSinglepartitionTable"]
    loaded = [row for call in loads for row in call.params[3].rows]
    assert sorted(loaded) == [(number, f"name {number}") for number in range(ROWS)]


def test_voltclient_loads_a_replicated_table_and_hears_of_rows_that_do_not_fit(server):
    server.declare("create table r (id integer not null, name varchar(20))")
    with many_at_once(server) as client:
        with voltclient.VoltBulkLoader(client, "R", batch_size=10) as loader:
            for number in range(20):
                loader.insert_row(number, None)
        assert loader.completed_row_count == 20
    assert server.rows_in("r") == 20


def test_voltdbclient_calls_default_procedures_and_changes_the_schema(server):
    client = one_at_a_time(server)

    def call(procedure, types, *values):
        return voltdbclient.VoltProcedure(client, procedure, types).call(list(values))

    text = [client.VOLTTYPE_STRING]
    assert call("@AdHoc", text, "create table t (id integer primary key, v varchar(5))").status == 1
    assert call("T.insert", [client.VOLTTYPE_INTEGER, *text], 1, "x").tables[0].tuples == [[1]]
    assert call("T.insert", [*text, *text], "no number", "x").statusString.startswith(
        "VOLTDB ERROR: PROCEDURE T.insert"
    )
    assert call("@AdHoc", text, "create table t (a integer)").status == -2
    client.close()


def test_voltclient_has_thousands_of_calls_in_flight(server):
    server.handle("Echo", lambda call: call.params[0])
    with many_at_once(server) as client:
        futures = [client.call_async("Echo", [VoltType.BIGINT], [number]) for number in range(3000)]
        assert [future.result().tables[0].tuples[0][0] for future in futures] == list(range(3000))


def test_voltclient_connects_again_when_the_connection_is_lost(server):
    with many_at_once(server) as client:
        server.wait_for_calls(1, "@Subscribe", timeout_s=60)
        (first,) = server.connections
        server.disconnect()
        assert server.wait_until(
            lambda: [c.id for c in server.connections] not in ([], [first.id]), timeout_s=60
        )
        server.wait_for_calls(2, "@Subscribe", timeout_s=60)
        assert client.call("@Ping").status == 1


def test_a_recording_answers_the_client_as_the_real_server_did():
    with MockServer.from_capture(ROOT / "captures" / "demo.pcap") as server:
        client = voltdbclient.FastSerializer(server.host, server.port)
        call = voltdbclient.VoltProcedure(client, "Fail", [client.VOLTTYPE_INTEGER, client.VOLTTYPE_STRING])
        response = call.call([5000, "abort"])
        assert response.status == -1
        assert response.statusString.startswith("VOLTDB ERROR: USER ABORT given up on purpose: ünicöde")
        client.close()


def test_no_thread_of_a_server_outlives_it():
    before = set(threading.enumerate())  # servers of other tests may go on
    server = MockServer().start()
    (thread,) = set(threading.enumerate()) - before
    assert thread.name == "volttools mock server"
    server.close()
    assert not thread.is_alive()


@pytest.fixture
def cluster():
    with MockServer(nodes=3, ring_tokens=256, tick_s=0.2, election_s=0) as running:
        running.handle("Vote", lambda call: call.params[0], types=(BIGINT,), partitioned_on=0)
        yield running


def routed(cluster):
    """Whether each call so far arrived where its partition was led from."""
    votes = [call for call in cluster.calls if call.procedure == "Vote"]
    return [cluster.topology.leader(call.partition) == call.connection.host_id for call in votes]


def test_voltclient_sends_each_call_to_the_leader_of_its_partition(cluster):
    first = cluster.nodes[0]
    with voltclient.VoltClient([first.host], port=first.port, username="", password="") as client:
        assert cluster.wait_until(lambda: len({c.host_id for c in cluster.connections}) == 3, timeout_s=60)
        for key in range(60):
            assert client.call("Vote", [VoltType.BIGINT], [key]).tables[0].tuples == [[key]]
        # The first calls may go before all nodes are dialled.
        assert len({call.connection.host_id for call in cluster.calls if call.procedure == "Vote"}) == 3
        assert all(routed(cluster)[-40:])


def vote(client, key):
    """The status of a call; None where its connection was lost."""
    try:
        return client.call("Vote", [VoltType.BIGINT], [key]).status
    except voltclient.VoltConnectionError:
        return None


def test_voltclient_survives_a_node_s_loss_and_finds_it_again(cluster):
    first = cluster.nodes[0]
    with voltclient.VoltClient([first.host], port=first.port, username="", password="") as client:
        assert cluster.wait_until(lambda: len({c.host_id for c in cluster.connections}) == 3, timeout_s=60)
        assert cluster.wait_until(
            lambda: any(connection.subscribed for connection in cluster.connections), timeout_s=60
        )
        cluster.stop_node(2)
        found = [vote(client, key) for key in range(30)]
        # One may have been on its way to the node, before the client saw that this is gone.
        assert found.count(None) <= 1
        assert found.count(1) >= 29
        assert cluster.start_node(2) == 3
        assert cluster.wait_until(lambda: {c.host_id for c in cluster.connections} == {0, 1, 3}, timeout_s=40)
        for key in range(30):
            assert client.call("Vote", [VoltType.BIGINT], [key]).status == 1
