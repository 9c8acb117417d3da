"""Clients of other languages through the recording proxy: the recording holds what they say they called
and were answered, no more and no less."""

import subprocess

import pytest

from tests.interop.foreign import (
    BUILD_S,
    JAVA_CLIENTS,
    all_lines,
    calls_of,
    java_client,
    rust_client,
)
from tests.interop.foreign_server import (
    KEYS,
    PARTITIONS,
    PASSWORD,
    PLACES,
    TABLE,
    USER,
    add_procedures,
    cluster,
    voted,
)
from tests.interop.recorded import in_order, recorded_calls
from tests.requirements import require_tool
from volttools.capture.reader import open as open_capture
from volttools.mock import MockServer
from volttools.record import Proxy
from volttools.record.proxy import routes_of
from volttools.record.tls import client_context, own_context

pytestmark = [pytest.mark.interop, pytest.mark.timeout(BUILD_S)]

SCENARIOS = ("parameters", "table", "failures", "pipeline", "everywhere")
TRUST_STORE_PASSWORD = "changeit"  # as in Interop.java


@pytest.fixture
def server():
    with MockServer(users={USER: PASSWORD}, partitions=PARTITIONS) as running:
        yield add_procedures(running, (TABLE, PLACES))


def java(client, port, trust_store, *scenarios):
    """What a Java client prints."""
    return all_lines(*java_client(client), "localhost", str(port), USER, PASSWORD, trust_store, *scenarios)


@pytest.mark.parametrize("client", JAVA_CLIENTS)
def test_what_java_says_is_what_was_recorded(client, server, tmp_path):
    path = tmp_path / "out.pcapng"
    with Proxy(to=f":{server.port}", output=str(path), rewrites_topology=True) as proxy:
        said = calls_of(java(client, proxy.port, "-", *SCENARIOS))
        assert not proxy.recorder.trouble
    assert len(said) > 1000
    assert in_order(said) == in_order(recorded_calls(path))


def test_what_rust_says_is_what_was_recorded(server, tmp_path):
    path = tmp_path / "out.pcapng"
    scenarios = ("parameters", "pipeline")
    with Proxy(to=f":{server.port}", output=str(path)) as proxy:
        said = calls_of(all_lines(*rust_client(), "127.0.0.1", str(proxy.port), USER, PASSWORD, *scenarios))
        assert not proxy.recorder.trouble
    assert len(said) > 1000
    found = [
        {
            "procedure": call["procedure"],
            "params": call["params"],
            "rows": call["response"]["tables"][0]["rows"],
        }
        for call in recorded_calls(path)
    ]
    for call in said:
        call["rows"] = call["rows"] or [[0]]  # of Take, whose answer it doesn't tell
    assert in_order(said) == in_order(found)


@pytest.mark.parametrize("client", JAVA_CLIENTS)
@pytest.mark.parametrize("speaks_tls_to_server", [False, True])
def test_java_trusts_the_proxy_and_its_calls_are_recorded_as_plain_ones(
    client, speaks_tls_to_server, tmp_path
):
    path = tmp_path / "out.pcapng"
    context, ca = own_context([], tmp_path / "ca")
    trust_store = str(tmp_path / "trust.jks")
    keytool = [require_tool("keytool"), "-importcert", "-noprompt", "-alias", "proxy", "-file", str(ca)]
    keytool += ["-keystore", trust_store, "-storetype", "JKS", "-storepass", TRUST_STORE_PASSWORD]
    subprocess.run(keytool, check=True, capture_output=True)
    with MockServer(users={USER: PASSWORD}, tls=speaks_tls_to_server) as server:
        add_procedures(server)
        to_tls = client_context(insecure=True) if speaks_tls_to_server else None
        routes = routes_of(f"localhost:{server.port}", [], listen_tls=context, to_tls=to_tls)
        with Proxy(routes=routes, output=str(path), rewrites_topology=True) as proxy:
            said = calls_of(java(client, proxy.port, trust_store, "table", "pipeline"))
            assert not proxy.recorder.trouble
    assert len(said) > 1000
    assert in_order(said) == in_order(recorded_calls(path))


@pytest.mark.parametrize("client", JAVA_CLIENTS)
def test_java_finds_the_nodes_of_a_cluster_at_the_proxy(client, tmp_path):
    path = tmp_path / "out.pcapng"
    with cluster() as server:
        add_procedures(server)
        to = [f"127.0.0.1:{node.address[1]}" for node in server.nodes]
        with Proxy(to=to, listen=[":0", ":0"], output=str(path), rewrites_topology=True) as proxy:
            command = [*java_client(client), "127.0.0.1", str(proxy.port), USER, PASSWORD, "-"]
            said = calls_of(all_lines(*command, "cluster", "routes"))
            assert not proxy.recorder.trouble
        assert set(voted(server).values()) == {0, 1}
    assert len(said) == len(KEYS)
    assert in_order(said) == in_order(recorded_calls(path))
    with open_capture(path) as capture:
        servers = {exchange.connection.server for exchange in capture if exchange.procedure == "Vote"}
    assert servers == set(to)
