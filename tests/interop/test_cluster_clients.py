"""Real clients, unchanged, on a cluster of three nodes: many calls, a node's loss and return, time-outs, procedures
that aren't there, TLS, and users.

What each does by itself when a node is lost is theirs: Java's clients and voltclient dial the node that came back,
as soon as a push names it; Go's knows only the nodes that it was given.
"""

import subprocess

import pytest

from tests.interop.drivers import Drivers
from tests.interop.foreign import BUILD_S
from tests.requirements import require_tool
from volttools.formats.types import BIGINT
from volttools.mock import Fault, MockServer

pytestmark = [pytest.mark.interop, pytest.mark.timeout(BUILD_S)]

ALL = ("Java Client", "Java Client2", "Go", "Python voltclient")
ROUTING = ("Java Client", "Java Client2", "Python voltclient")
SPEAKING_TLS = ("Java Client", "Java Client2", "Python voltclient", "Python voltdbclient")

MANY = 10_000
FEW = 30
TIMEOUT_MS = 1000
RECONNECTS_S = 60
"""Clients wait before they dial again: Client2 15 s, when the push comes before the port is open."""

TRUST_STORE_PASSWORD = "changeit"  # as in Interop.java
USER, PASSWORD = "op", "secret"


@pytest.fixture(scope="module")
def drivers():
    running = Drivers()
    yield running
    running.close()


def add_procedures(server):
    server.handle("Echo", lambda call: call.params[0], types=(BIGINT,), partitioned_on=0)
    server.handle("Silent", Fault(sends="nothing"))
    return server


@pytest.fixture
def cluster():
    with MockServer(nodes=3, ring_tokens=256, tick_s=0.2, election_s=0) as running:
        yield add_procedures(running)


def hosts(cluster):
    """The nodes that somebody is connected to."""
    return {connection.host_id for connection in cluster.connections}


def connect(driver, cluster):
    assert driver.connect(cluster.nodes[0].address) == {"connected": True}


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("client", ALL)
def test_ten_thousand_calls_are_answered(client, asynchronous, cluster, drivers):
    driver = drivers.of(client)
    connect(driver, cluster)
    answer = driver.call_often("Echo", MANY, asynchronous=asynchronous)
    assert answer == {"statuses": {"1": MANY}, "echoed": MANY}


@pytest.mark.parametrize("client", ROUTING)
def test_calls_go_to_leaders_and_on_when_a_node_is_lost_and_comes_back(client, cluster, drivers):
    driver = drivers.of(client)
    connect(driver, cluster)
    assert cluster.wait_until(lambda: hosts(cluster) == {0, 1, 2}, timeout_s=60)
    assert cluster.wait_until(
        lambda: any(connection.subscribed for connection in cluster.connections), timeout_s=60
    )
    all_go_to_leaders(driver, cluster)

    cluster.stop_node(2)
    assert cluster.wait_until(lambda: hosts(cluster) == {0, 1}, timeout_s=60)
    all_go_to_leaders(driver, cluster)

    assert cluster.start_node(2) == 3
    assert cluster.wait_until(lambda: hosts(cluster) == {0, 1, 3}, timeout_s=RECONNECTS_S)
    all_go_to_leaders(driver, cluster)
    drivers.end(client)  # it would look for this cluster on


def all_go_to_leaders(driver, cluster):
    """Call until all calls go where they should: when a client knows can't be seen from outside."""
    leader = cluster.topology.leader

    def went_right():
        cluster.clear_calls()
        driver.call_often("Echo", FEW, asynchronous=False)
        calls = [call for call in cluster.calls if call.procedure == "Echo"]
        return len(calls) == FEW and all(leader(call.partition) == call.connection.host_id for call in calls)

    for _ in range(MANY):
        if went_right():
            return
    pytest.fail("after very many calls some still went to nodes that don't lead their partition")


def test_go_goes_on_with_the_nodes_that_are_left_if_it_was_told_only_of_them(cluster, drivers):
    driver = drivers.of("Go")
    connect(driver, cluster)
    assert hosts(cluster) == {0}
    cluster.stop_node(2)
    answer = driver.call_often("Echo", FEW, asynchronous=False)
    assert answer == {"statuses": {"1": FEW}, "echoed": FEW}
    cluster.start_node(2)
    assert driver.call_often("Echo", FEW, asynchronous=True)["echoed"] == FEW
    assert hosts(cluster) == {0}


@pytest.mark.parametrize(
    ("client", "text"),
    [
        ("Java Client", "No response received in the allotted time"),
        ("Java Client2", "No response received in the allotted time"),
        ("Go", "timeout"),
        ("Python voltclient", "VoltTimeoutError"),
        ("Python voltdbclient", "timeout: procedure call took longer than 1 seconds"),
    ],
)
def test_a_call_that_is_not_answered_times_out_and_the_next_is_answered(client, text, cluster, drivers):
    driver = drivers.of(client)
    assert driver.connect(cluster.nodes[0].address, timeout_ms=TIMEOUT_MS) == {"connected": True}
    assert text in str(driver.call("Silent"))
    if client != "Python voltdbclient":  # which is through with the connection
        assert driver.call_often("Echo", 1, asynchronous=False)["echoed"] == 1


@pytest.mark.parametrize("client", ALL)
def test_a_procedure_that_is_not_there(client, cluster, drivers):
    driver = drivers.of(client)
    connect(driver, cluster)
    assert "Procedure Nobody was not found" in str(driver.call("Nobody", ("BIGINT", 1)))


@pytest.mark.parametrize("client", ALL)
def test_users(client, drivers):
    driver = drivers.of(client)
    with MockServer(nodes=3, ring_tokens=256, users={USER: PASSWORD}) as cluster:
        add_procedures(cluster)
        address = cluster.nodes[0].address
        for user, password in ((USER, "wrong"), ("nobody", PASSWORD)):
            assert "refused" in driver.connect(address, user=user, password=password)
        assert driver.connect(address, user=USER, password=PASSWORD) == {"connected": True}
        assert driver.call_often("Echo", FEW, asynchronous=False)["echoed"] == FEW


@pytest.mark.parametrize("client", SPEAKING_TLS)
def test_tls(client, drivers, tmp_path):
    driver = drivers.of(client)
    with MockServer(nodes=3, ring_tokens=256, tls=True) as cluster:
        add_procedures(cluster)
        trust = tmp_path / "ca.pem"
        trust.write_bytes(cluster.ca_pem)
        if client.startswith("Java"):
            trust = trust_store_of(trust)
        host, port = cluster.nodes[0].address
        assert driver.connect((host, port), trust=str(trust)) == {"connected": True}
        for asynchronous in (False, True):
            answer = driver.call_often("Echo", MANY // 10, asynchronous=asynchronous)
            assert answer == {"statuses": {"1": MANY // 10}, "echoed": MANY // 10}
    drivers.end(client)


def trust_store_of(ca):
    """The same for Java."""
    store = str(ca.with_suffix(".jks"))
    command = [require_tool("keytool"), "-importcert", "-noprompt", "-alias", "ca", "-file", str(ca)]
    command += ["-keystore", store, "-storetype", "JKS", "-storepass", TRUST_STORE_PASSWORD]
    subprocess.run(command, check=True, capture_output=True)
    return store
