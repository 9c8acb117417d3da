"""Cassettes without pytest: what `volt_cassette` does; another mock server is the real one."""

import unittest
from pathlib import Path

import pytest

from volttools.cassettes import load
from volttools.client import connect
from volttools.errors import UsageError
from volttools.mock import MockServer, UnmatchedCalls, listening
from volttools.testing import active, block_network, playing, volt_cassette


@pytest.fixture
def real(monkeypatch):
    """What is recorded; the environment says where it is, and as whom."""
    with MockServer(users={"op": "secret"}) as server:
        server.handle("Double", lambda call: call.params[0] * 2)
        monkeypatch.setenv("VOLTTOOLS_HOST", f"{server.host}:{server.port}")
        monkeypatch.setenv("VOLTTOOLS_USER", "op")
        monkeypatch.setenv("VOLTTOOLS_PASSWORD", "secret")
        yield server


@pytest.fixture
def other():
    """A server that lets in everybody."""
    with MockServer() as server:
        server.handle("Double", lambda call: call.params[0] * 2)
        yield server


@pytest.fixture(autouse=True)
def _as_without_pytest(monkeypatch):
    """Whether or not the plugin is installed where this runs."""
    monkeypatch.setattr(active, "_settings", [])
    monkeypatch.setattr(active, "_uses", [])


def doubled(server, *numbers):
    with connect(server.address, signatures=False) as client:
        return [client.call("Double", number).scalar() for number in numbers]


def recorded(path):
    return [interaction.params for interaction in load(path)]


def test_an_option_that_a_server_does_not_have_is_told_before_a_missing_cassette(tmp_path):
    with (
        pytest.raises(
            UsageError, match=r"^a server of tests has no option 'record'; did you mean record_mode\?$"
        ),
        volt_cassette("a", directory=tmp_path, record="once"),
    ):
        pass
    with (
        pytest.raises(
            UsageError, match=r"no option 'zzz'; options are those of volttools\.mock\.MockServer$"
        ),
        playing.playing(None, {"zzz": 1}, active.settings()),
    ):
        pass


def test_what_was_recorded_once_is_played(real, tmp_path, monkeypatch):
    monkeypatch.setenv("VOLTTOOLS_RECORD_MODE", "once")
    for _ in range(2):
        with volt_cassette("a", directory=tmp_path) as server:
            assert doubled(server, 4) == [8]
    assert len(real.calls) == 1
    monkeypatch.delenv("VOLTTOOLS_RECORD_MODE")
    with volt_cassette("a", directory=tmp_path) as server:
        assert doubled(server, 4) == [8]
    assert len(real.calls) == 1


def test_the_cassette_stands_beside_the_test():
    beside = Path(__file__).parent / "cassettes" / "nothing.cassette"
    with pytest.raises(UsageError) as raised, volt_cassette("nothing"):
        pass
    assert str(raised.value) == (
        f"there is no cassette {beside.relative_to(Path.cwd())}; to record it: VOLTTOOLS_RECORD_MODE=once and "
        "VOLTTOOLS_HOST=host:port"
    )


def test_whom_to_record_must_be_said(tmp_path, monkeypatch):
    monkeypatch.delenv("VOLTTOOLS_HOST", raising=False)
    monkeypatch.setenv("VOLTTOOLS_PROFILES", "/dev/null")
    with (
        pytest.raises(UsageError, match="asks a real server, and nobody says which one"),
        volt_cassette("a", directory=tmp_path, record_mode="once"),
    ):
        pass


def test_kerberos_cannot_be_passed_on(real, tmp_path, monkeypatch):
    monkeypatch.delenv("VOLTTOOLS_USER")
    monkeypatch.delenv("VOLTTOOLS_PASSWORD")
    monkeypatch.setenv("VOLTTOOLS_KERBEROS", "true")
    with (
        pytest.raises(UsageError, match="not with a Kerberos ticket"),
        volt_cassette("a", directory=tmp_path, record_mode="all"),
    ):
        pass


def test_with_all_tests_of_a_run_share_a_cassette_and_replace_that_of_an_earlier_run(
    real, tmp_path, monkeypatch
):
    def run(name, *numbers):
        monkeypatch.setattr(active, "_settings", [active.Settings(record_mode="all", run=name)])
        for number in numbers:
            with volt_cassette("a", directory=tmp_path) as server:
                doubled(server, number)

    run("first", 1, 2)
    assert recorded(tmp_path / "a.cassette") == [(1,), (2,)]
    run("second", 3, 4)
    assert recorded(tmp_path / "a.cassette") == [(3,), (4,)]


def test_a_miss_fails_the_block_at_its_end(real, tmp_path):
    with volt_cassette("a", directory=tmp_path, record_mode="once") as server:
        doubled(server, 4)
    with (
        pytest.raises(
            UnmatchedCalls, match=r"1 call had no answer.*\n.*Double\(5\) was not recorded"
        ) as raised,
        volt_cassette("a", directory=tmp_path) as server,
        connect(server.address, signatures=False) as client,
    ):
        client.call("Double", 5, check=False)
    (note,) = raised.value.__notes__
    assert "Double 5" in note
    assert "kept in " in note
    with (
        volt_cassette("a", directory=tmp_path, strict=False) as server,
        connect(server.address, signatures=False) as client,
    ):
        assert client.call("Double", 5, check=False).status == -3


def test_two_servers_do_not_record_one_cassette(real, tmp_path):
    with (
        volt_cassette("a", directory=tmp_path, record_mode="all"),
        pytest.raises(UsageError, match="one server records a cassette at a time"),
        volt_cassette("a", directory=tmp_path, record_mode="all"),
    ):
        pass


@pytest.mark.parametrize("as_text", [True, False])
def test_the_real_server_is_reached_where_the_network_is_blocked(real, other, tmp_path, monkeypatch, as_text):
    monkeypatch.setattr(listening, "_there", set())  # as if it ran elsewhere
    given = {"passthrough": f"{other.host}:{other.port}"} if as_text else {}
    with block_network(), volt_cassette("a", directory=tmp_path, record_mode="new", **given) as server:
        assert doubled(server, 4) == [8]


def test_hooks_see_what_is_recorded(real, tmp_path):
    with volt_cassette(
        "a",
        directory=tmp_path,
        record_mode="once",
        before_record=lambda found: None if found.params == (1,) else found,
    ) as server:
        doubled(server, 1, 2)
    assert recorded(tmp_path / "a.cassette") == [(2,)]


def test_unittest_enters_it(real, tmp_path):
    class Tests(unittest.TestCase):
        def setUp(self):
            self.server = self.enterContext(
                volt_cassette("a", directory=tmp_path, record_mode="once", strict=False)
            )

        def test_four(self):
            assert doubled(self.server, 4) == [8]

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Tests).run(result)
    assert (result.testsRun, result.errors, result.failures) == (1, [], [])
    assert recorded(tmp_path / "a.cassette") == [(4,)]


def test_a_server_is_noted_for_who_asks(tmp_path):
    with active.noting(uses := []), playing.playing(None, {"partitions": 2}, active.Settings()) as use:
        assert uses == [use]
        assert not use.is_strict
