"""Cassettes in a server: what is played, recorded and written in each mode."""

import dataclasses

import pytest

from tests.mock.wire import connected
from tests.requirements import ROOT
from volttools.cassettes import Cassette, load
from volttools.errors import UsageError
from volttools.mock import Match, MockServer


@pytest.fixture
def real():
    with MockServer() as server:
        answers = iter(range(100, 200))
        server.handle("P", lambda call: next(answers))
        yield server


@pytest.fixture
def path(tmp_path, real):
    """A cassette in which P(1) is answered with 100."""
    path = tmp_path / "p.cassette"
    ask(real, path, "once", 1)
    return path


def ask(real, path, mode, *numbers, **given):
    target = f"{real.host}:{real.port}"
    server = MockServer(cassette=path, record_mode=mode, passthrough=target, **given)
    with server, connected(server) as wire:
        responses = [wire.call("P", number) for number in numbers]
    return [each.tables[0].rows[0][0] if each.status == 1 else each.status for each in responses]


def params(path):
    return [each.params for each in load(path)]


def test_once_records_where_there_was_no_cassette_and_plays_then(path, real):
    assert params(path) == [(1,)]
    assert ask(real, path, "once", 1, 2, 1) == [100, -3, 100]
    assert params(path) == [(1,)]
    assert real.call_count == 1


def test_none_plays_and_never_asks(path, real):
    assert ask(real, path, "none", 1, 2) == [100, -3]
    assert real.call_count == 1
    with MockServer(cassette=path) as server, connected(server) as wire:
        assert wire.call("P", 1).tables[0].rows == [(100,)]


def test_new_episodes_plays_what_it_has_and_records_the_rest(path, real):
    assert ask(real, path, "new_episodes", 1, 2) == [100, 101]
    assert params(path) == [(1,), (2,)]
    assert ask(real, path, "none", 2) == [101]


def test_all_records_everything_again(path, real):
    assert ask(real, path, "all", 1, 3) == [101, 102]
    assert params(path) == [(1,), (3,)]


def test_all_with_nobody_to_ask_keeps_what_was(path, real, tmp_path):
    before = path.read_bytes()
    server = MockServer(cassette=path, record_mode="all", passthrough="127.0.0.1:1")
    with server, connected(server) as wire:
        assert wire.call("P", 1).status == -3
    assert path.read_bytes() == before


def test_a_call_that_is_made_more_often_is_recorded_if_it_may_not_repeat(path, real):
    assert ask(real, path, "new_episodes", 1, 1, on_exhausted="fail") == [100, 101]
    assert params(path) == [(1,), (1,)]


def test_hooks_and_rules_are_those_of_the_cassette(tmp_path, real):
    def hidden(found):
        return dataclasses.replace(found, response=found.response.replace(status_string="hidden"))

    path = tmp_path / "x.cassette"
    ask(real, path, "once", 1, before_record=hidden)
    (found,) = load(path)
    assert found.response.status_string == "hidden"
    assert found.latency_ns > 0
    assert ask(real, path, "none", 7, match=Match(any_parameters=True)) == [100]


def test_a_cassette_in_memory_is_played_as_well(real):
    cassette = Cassette()
    with pytest.raises(UsageError, match="record mode once asks a real server"):
        MockServer(cassette=cassette, record_mode="once")
    cassette = load(ROOT / "captures" / "demo.pcap")
    with MockServer(cassette=cassette) as server, connected(server) as wire:
        assert wire.call("NoSuchProcedure", 1).status == -3
        assert len(server.unused_answers) == 22


def test_what_can_t_be_is_refused_when_the_server_is_made(tmp_path):
    with pytest.raises(UsageError, match=r"there is no cassette .*x\.cassette; another record mode"):
        MockServer(cassette=tmp_path / "x.cassette")
    with pytest.raises(UsageError, match="give its address as passthrough"):
        MockServer(cassette=tmp_path / "x.cassette", record_mode="new_episodes")
    with pytest.raises(UsageError, match="no record mode is called 'often'"):
        MockServer(cassette=tmp_path / "x.cassette", record_mode="often")
    with pytest.raises(UsageError, match="a recording or a cassette, not both"):
        MockServer.from_capture(ROOT / "captures" / "demo.pcap", cassette=tmp_path / "x.cassette")


@pytest.mark.parametrize(
    "given",
    [
        {"record_mode": "once"},
        {"before_record": print},
        {"match": Match()},
        {"on_exhausted": "fail"},
        {"latency": 2},
    ],
)
def test_what_is_for_a_cassette_is_refused_without_one(given):
    (name,) = given
    with pytest.raises(UsageError, match=f"{name} is for a cassette, which was not given"):
        MockServer(**given)


def test_hooks_are_given_where_the_cassette_is_loaded(path):
    with pytest.raises(UsageError, match="give before_record to load"):
        MockServer(cassette=load(path), before_record=[print])


def test_a_reset_begins_anew(real, path):
    with MockServer(cassette=path, on_exhausted="fail") as server, connected(server) as wire:
        server.handle("Own", 1)
        server.stub("Own").returns(2)
        statuses = [wire.call("P", 1).status for _ in range(2)]
        server.reset()
        assert (server.calls, server.misses, len(server.unused_answers)) == ([], [], 1)
        assert [*statuses, wire.call("P", 1).status] == [1, -3, 1]
        assert wire.call("Own").tables[0].rows == [(1,)]


def test_a_cassette_can_be_given_as_a_capture(path):
    with MockServer.from_capture(path) as server, connected(server) as wire:
        assert wire.call("P", 1).tables[0].rows == [(100,)]
    assert server.unused_answers == []


def test_recorded_answers_that_nobody_wanted_are_listed():
    with MockServer.from_capture(ROOT / "captures" / "demo.pcap") as server, connected(server) as wire:
        wire.call("NoSuchProcedure", 1)
        unused = [str(each) for each in server.unused_answers]
    assert len(unused) == 22
    assert "TYPES.select(), recorded as number 6" in unused
