"""Where tests may connect to while the network is blocked."""

import subprocess
import sys

import pytest

from tests.plugin_runs import modules, real, record, run
from tests.requirements import ROOT

pytest_plugins = "pytester"

__all__ = ["modules", "real", "record", "run"]


# ------------------------------------------------------------------ network

ELSEWHERE = """
    import os
    import pytest
    from volttools.client import connect

    def test_elsewhere(volt_server):
        connect(os.environ["ELSEWHERE"], user="op", password="secret").close()
"""


@pytest.fixture
def elsewhere():
    """A server of another process."""
    code = (
        "import sys; from volttools.mock import MockServer\n"
        "with MockServer() as server: print(server.port, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        yield f"127.0.0.1:{process.stdout.readline().decode().strip()}"
        process.stdin.close()
        process.wait()


def test_tests_reach_mock_servers_only_where_the_network_is_blocked(pytester, run, elsewhere, monkeypatch):
    monkeypatch.setenv("ELSEWHERE", elsewhere)
    pytester.makepyfile(ELSEWHERE)
    run().assert_outcomes(passed=1)
    result = run("--volt-block-network")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([
        "volttools: network blocked",
        f"*NetworkBlocked: a connection to {elsewhere} was refused: the network is blocked in tests, *",
    ])  # fmt: skip
    run("--volt-block-network", f"--volt-allow={elsewhere}").assert_outcomes(passed=1)
    run().assert_outcomes(passed=1)


def test_the_ini_file_and_a_mark_block_and_allow_as_well(pytester, run, elsewhere, monkeypatch):
    monkeypatch.setenv("ELSEWHERE", elsewhere)
    pytester.makepyfile(ELSEWHERE.replace("def test", "@pytest.mark.volt_block_network\n    def test"))
    run().assert_outcomes(failed=1)
    pytester.makeini("[pytest]\nvolt_allowed_hosts = 127.0.0.1")
    run().assert_outcomes(passed=1)
    pytester.makeini("[pytest]\nvolt_block_network = true")
    mark = '@pytest.mark.volt_block_network(allowed_hosts=["localhost"])'
    pytester.makepyfile(ELSEWHERE.replace("def test", f"{mark}\n    def test"))
    run().assert_outcomes(passed=1)


def test_the_server_that_is_recorded_is_within_reach(pytester, run, elsewhere):
    pytester.makepyfile("""
        def test_it(volt_cassette, volt_client):
            assert volt_client.call("@SystemCatalog", "TABLES", check=False)
    """)
    options = ["--volt-block-network", f"--volt-server={elsewhere}"]
    result = run(*options, "--volt-record=once")
    result.assert_outcomes(passed=1)
    pytester.makepyfile("""
        import pytest

        @pytest.mark.volt_cassette(record_mode="all")
        def test_it(volt_client):
            assert volt_client.call("@SystemCatalog", "TABLES", check=False)
    """)
    run(*options).assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["volttools: record mode once, network blocked", "*: * recorded"])
