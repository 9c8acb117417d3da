"""The plugin in runs of pytest of its own; a second mock server is the real one that is recorded."""

import os
import re
import tomllib

import pytest

from tests.plugin_runs import CALLS, PLUGIN, calls_of, modules, real, record, recorded, run
from tests.requirements import ROOT
from volttools.capture.reader import open as open_capture
from volttools.client import connect
from volttools.mock import MockServer

pytest_plugins = "pytester"

__all__ = ["modules", "real", "record", "run"]


# ----------------------------------------------------------------- fixtures


def test_server_and_client(pytester, run):
    pytester.makepyfile("""
        def test_it(volt_server, volt_client):
            volt_server.handle("Vote", lambda call: call.params[0])
            assert volt_client.call("Vote", 7).scalar() == 7
            volt_server.assert_called("Vote", 7)

        def test_a_miss_of_a_server_without_cassette_is_an_error_of_its_caller(volt_client):
            assert volt_client.call("Vote", 7, check=False).status == -3
    """)
    result = run()
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line("*= volttools =*")


def test_a_cluster_has_three_nodes_and_the_client_is_its(pytester, run):
    pytester.makepyfile("""
        def test_it(volt_cluster, volt_client):
            volt_cluster.handle("Vote", 1)
            assert len(volt_cluster.nodes) == 3
            volt_client.call("Vote", 7)
            volt_cluster.assert_called("Vote", 7)

        def test_both(volt_cluster, volt_server):
            pass
    """)
    result = run()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["a test has volt_server or volt_cluster, not both; make another MockServer()"]
    )


def test_options_of_the_servers_are_a_fixture_to_override(pytester, run):
    pytester.makepyfile("""
        import pytest

        @pytest.fixture
        def volt_server_options():
            return {"users": {"op": "secret"}, "tls": True, "strict": True}

        def test_it(volt_server, volt_client):
            assert [connection.user for connection in volt_server.connections] == ["op"]

        def test_strict(volt_client):
            volt_client.call("Vote", 7, check=False)
    """)
    result = run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["1 call had no answer in the mock server:"])


def test_a_unittest_has_the_same(pytester, record, run):
    pytester.makepyfile("""
        import unittest
        import pytest
        from volttools.client import connect
        from volttools.testing import volt_cassette

        @pytest.mark.volt_cassette("shared")
        class Tests(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def _server(self, volt_server):
                self.server = volt_server

            def test_fixture(self):
                with connect(self.server.address) as client:
                    self.assertEqual(client.call("Double", 4).scalar(), 8)

        class OtherTests(unittest.TestCase):
            def test_block(self):
                with volt_cassette("block") as server, connect(server.address) as client:
                    self.assertEqual(client.call("Double", 5).scalar(), 10)

            def test_block_fails(self):
                with volt_cassette("failing", strict=False) as server, connect(server.address) as client:
                    self.assertEqual(client.call("Double", 6).scalar(), 0)
    """)
    result = record("once")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        ["*- volttools: last exchanges -*", "*Double 6 *SUCCESS*", "kept in *.pcapng"]
    )
    result.stdout.fnmatch_lines(["cassettes/block.cassette: 2 interactions recorded"])
    run("-k", "not fails").assert_outcomes(passed=2, deselected=1)
    assert recorded(pytester.path / "cassettes" / "shared.cassette") == [4]


# ------------------------------------------------------------- record modes


def test_nothing_is_recorded_unless_it_is_said_and_the_sentence_tells_how(pytester, run, real):
    pytester.makepyfile(CALLS)
    result = run(f"--volt-server={real.host}:{real.port}")
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines([
        "there is no cassette cassettes/test_nothing_*/test_double?4?.cassette; to record it: pytest "
        "--volt-record=once --volt-server=host:port"
    ])  # fmt: skip
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*During handling*")
    assert not (pytester.path / "cassettes").exists()


def test_once_records_and_plays(pytester, record, run, real):
    pytester.makepyfile(test_x=CALLS)
    result = record("once")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines([
        "volttools: record mode once",
        "*= volttools =*",
        "cassettes/test_x/test_double?4?.cassette: 2 interactions recorded",
        "cassettes/test_x/test_double?5?.cassette: 2 interactions recorded",
    ])  # fmt: skip
    assert recorded(pytester.path / "cassettes/test_x/test_double[4].cassette") == [4]
    for again in (record, lambda mode: run()):
        again("once").assert_outcomes(passed=2)
    assert calls_of(real) == 2


def test_new_adds_and_all_replaces(pytester, record, real, monkeypatch):
    path = pytester.path / "cassettes/shared.cassette"
    for mode, numbers, expected in [
        ("once", [1], [1]),
        ("new", [1, 2], [1, 2]),
        ("new_episodes", [3], [1, 2, 3]),
        ("all", [4, 5], [4, 5]),
        ("none", [4], [4, 5]),
    ]:
        test = f"test_{mode}"
        source = f"""
            import pytest

            @pytest.mark.volt_cassette("shared")
            @pytest.mark.parametrize("number", {numbers})
            def test_double(volt_client, number):
                assert volt_client.call("Double", number).scalar() == 2 * number
            """
        pytester.makepyfile(**{test: source})
        monkeypatch.setenv("PYTEST_XDIST_TESTRUNUID", f"run with {mode}")
        record(mode, f"{test}.py").assert_outcomes(passed=len(numbers))
        assert recorded(path) == expected, mode
    assert calls_of(real) == 5


@pytest.mark.parametrize("mode", ["once", "new", "all"])
def test_two_workers_that_share_a_cassette_leave_it_whole(pytester, record, mode):
    pytester.makepyfile("""
        import pytest

        @pytest.mark.volt_cassette("shared")
        @pytest.mark.parametrize("number", range(12))
        def test_double(volt_client, number):
            for more in range(3):
                assert volt_client.call("Double", more).scalar() == 2 * more
    """)
    result = record(mode, "-n", "2")
    result.assert_outcomes(passed=12)
    result.stdout.fnmatch_lines(["cassettes/shared.cassette: 4 interactions recorded"])
    assert recorded(pytester.path / "cassettes" / "shared.cassette") == [0, 1, 2]
    assert sorted(path.name for path in (pytester.path / "cassettes").iterdir()) == ["shared.cassette"]


def test_tests_in_any_order_on_workers_play_their_own(pytester, record, run):
    pytester.makepyfile(test_x=CALLS, test_y=CALLS)
    pytester.makeconftest("""
        import random

        def pytest_collection_modifyitems(items):
            random.Random(3).shuffle(items)
    """)
    record("once", "-n", "2").assert_outcomes(passed=4)
    names = sorted(str(path.relative_to(pytester.path)) for path in pytester.path.rglob("*.cassette"))
    assert names == [
        f"cassettes/test_{module}/test_double[{number}].cassette" for module in "xy" for number in (4, 5)
    ]
    run("-p", "no:randomly").assert_outcomes(passed=4)


def test_the_mark_says_a_mode_that_the_command_line_overrules(pytester, record, run, real):
    pytester.makepyfile("""
        import pytest

        @pytest.mark.volt_cassette("shared", record_mode="new")
        def test_double(volt_client):
            assert volt_client.call("Double", 4).scalar() == 8
    """)
    run(f"--volt-server={real.host}:{real.port}").assert_outcomes(passed=1)
    pytester.path.joinpath("cassettes/shared.cassette").unlink()
    record("none").assert_outcomes(errors=1)


def test_settings_of_the_ini_file(pytester, real, run):
    pytester.makeini("""
        [pytest]
        volt_record_mode = once
        volt_cassette_dir = tapes
        volt_last_exchanges = 1
    """)
    pytester.makepyfile(test_x=CALLS + "        assert number != 5")
    result = run(f"--volt-server={real.host}:{real.port}")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["... 2 before", "*Double 5*"])
    assert recorded(pytester.path / "tapes/test_x/test_double[4].cassette") == [4]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("volt_record_mode = twice", "volt_record_mode is none, once, new_episodes, new, all, not 'twice'"),
        ("volt_last_exchanges = all", "volt_last_exchanges is a number, such as 10"),
    ],
)
def test_what_is_wrong_in_the_ini_file_is_said(pytester, run, line, said):
    pytester.makeini(f"[pytest]\n{line}")
    result = run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{said}"])


def test_hooks_change_what_is_recorded(pytester, record):
    pytester.makeconftest("""
        import pytest

        @pytest.fixture
        def volt_before_record():
            return lambda found: found if found.procedure == "Double" and found.params[0] == 4 else None
    """)
    pytester.makepyfile(test_x=CALLS)
    record("once").assert_outcomes(passed=2)
    names = [path.name for path in pytester.path.rglob("*.cassette")]
    assert names == ["test_double[4].cassette"]


def test_a_fixture_gives_the_cassette(pytester, record):
    pytester.makepyfile(test_x="""
        def test_it(volt_cassette, volt_client):
            volt_client.call("Double", 4)
            assert [each.params for each in volt_cassette if each.procedure == "Double"] == [(4,)]
            assert volt_cassette.path.name == "test_it.cassette"
    """)  # fmt: skip
    record("once").assert_outcomes(passed=1)


def test_a_capture_is_a_cassette(pytester, run, tmp_path):
    (pytester.path / "cassettes").mkdir()
    with MockServer() as server:
        server.handle("Double", 8)
        with connect(server.address) as client:
            client.call("Double", 4)
        server.save(pytester.path / "cassettes" / "calls.pcapng")
    pytester.makepyfile("""
        import pytest

        @pytest.mark.volt_cassette("calls.pcapng")
        def test_it(volt_client):
            assert volt_client.call("Double", 4).scalar() == 8
    """)
    run().assert_outcomes(passed=1)


# ------------------------------------------------------------------ reports


def test_missing_and_unused_interactions_are_told_at_the_end(pytester, record, run):
    source = """
        import pytest

        @pytest.mark.volt_cassette("shared")
        @pytest.mark.parametrize("number", {})
        def test_double(volt_client, number):
            volt_client.call("Double", number, check=False)
    """
    pytester.makepyfile(test_x=source.format([1, 2, 3]))
    record("new").assert_outcomes(passed=3)
    pytester.makepyfile(test_y=source.format([1, 2]))
    for workers in ([], ["-n", "2"]):
        result = run(*workers, "test_y.py")
        result.assert_outcomes(passed=2)
        result.stdout.fnmatch_lines([
            "*= volttools =*",
            "cassettes/shared.cassette: no test asked for",
            "  Double(3), recorded as number 4",
        ])  # fmt: skip
        result.stdout.no_fnmatch_line("*Double(2)*")
    pytester.makepyfile(test_z=source.format([1, 44]))
    result = run("test_z.py")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([
        "1 call had no answer in the mock server:",
        "*= volttools =*",
        "test_z.py::test_double?44?: 1 call had no answer",
        "  call 2: The call Double(44) was not recorded. The nearest recorded call is *",
    ])  # fmt: skip
    result.stdout.no_fnmatch_line("*no test asked for*")


def test_a_failing_test_shows_the_last_exchanges_and_keeps_all(pytester, run):
    pytester.makepyfile(test_x="""
        def test_it(volt_server, volt_client):
            volt_server.handle("Vote", 1)
            for number in range(20):
                volt_client.call("Vote", number)
            assert False
    """)  # fmt: skip
    result = run("--volt-keep=kept")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([
        "*- volttools: last exchanges -*",
        "   #  time (s) conn handle call *",
        "... 12 before",
        "*Vote 10 *SUCCESS*",
        "*Vote 19 *SUCCESS*",
        f"kept in {pytester.path}/kept/test_x.py.test_it.pcapng",
    ])  # fmt: skip
    with open_capture(pytester.path / "kept" / "test_x.py.test_it.pcapng") as capture:
        assert sum(exchange.procedure == "Vote" for exchange in capture) == 20


def test_without_a_directory_exchanges_are_kept_under_basetemp(pytester, run):
    pytester.makepyfile("def test_it(volt_client): assert False")
    found = re.search(r"kept in (\S+\.pcapng)", run("--basetemp=base").stdout.str())
    assert found[1].startswith(f"{pytester.path}/base/volttools/")
    assert os.path.exists(found[1])


def test_who_fails_in_setup_shows_what_passed_as_well(pytester, run):
    pytester.makepyfile("""
        import pytest

        @pytest.fixture
        def application(volt_client):
            volt_client.call("Start")

        def test_it(application):
            pass
    """)
    result = run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*- volttools: last exchanges -*", "*Procedure Start was not found*"])


def test_a_client_that_never_came_is_told(pytester, run):
    pytester.makepyfile("def test_it(volt_server): assert False")
    run().stdout.fnmatch_lines(["nothing: no client connected to the mock server"])


def test_tests_without_servers_have_no_section(pytester, run):
    pytester.makepyfile("def test_it(): assert False")
    result = run()
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*volttools*exchanges*")


def test_a_mark_that_nothing_plays_is_warned_of(pytester, run):
    pytester.makepyfile("""
        import pytest

        @pytest.mark.volt_cassette("x")
        def test_it():
            pass
    """)
    result = run("-W", "default")
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(
        ["*marked volt_cassette and uses no volt_server, *nothing plays its cassette"]
    )


# ----------------------------------------------------------------- the start


def test_a_run_that_uses_nothing_of_it_imports_next_to_nothing(pytester, run):
    pytester.makepyfile("""
        import sys

        def test_it():
            found = {name for name in sys.modules if name.split(".")[0] in ("volttools", "pyarrow", "rich")}
            assert found == {
                "volttools",
                "volttools.pytest_plugin",
                "volttools.testing",
                "volttools.testing.active",
                "volttools.version",
            }
    """)
    run(in_process=False).assert_outcomes(passed=1)


def test_it_is_there_after_install(pytester, monkeypatch):
    """The entry point of pyproject.toml, as pip writes it."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        groups = tomllib.load(file)["project"]["entry-points"]
    assert set(groups) == {"pytest11"}
    info = pytester.mkdir("site") / "plugged-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugged\nVersion: 1.0\n")
    entries = [f"{name} = {value}" for name, value in groups["pytest11"].items()]
    (info / "entry_points.txt").write_text("\n".join(["[pytest11]", *entries]))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(info.parent)]))
    result = pytester.runpytest_subprocess("--help")
    result.stdout.fnmatch_lines(["*--volt-record=*"])


def test_the_example_passes(pytester, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    directory = ROOT / "examples" / "python"
    result = pytester.runpytest_subprocess(
        "-p", PLUGIN, "-p", "no:cacheprovider", "-c", directory / "pytest.ini", directory
    )
    assert result.ret == 0
    result.stdout.no_fnmatch_line("*no test asked for*")


def test_what_the_page_shows_passes(pytester, record, real):
    real.handle("Vote", 1)
    real.handle("Results", [("Kelly Clauss", 1)])
    page = (ROOT / "docs" / "pytest.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    pytester.makepyfile(**{f"test_{number}": block for number, block in enumerate(blocks)})
    record("once").assert_outcomes(passed=6)
