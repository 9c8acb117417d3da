"""`volttools top`, against a server that counts on."""

import json

import pytest

from tests.cli.answering import nobody, server, silent
from tests.monitor.answers import handle_statistics, profile, table
from tests.pauses import Pauses
from volttools.cli import run
from volttools.mock import MockServer

__all__ = ["server"]

FAST = ["--interval", "1ms"]


@pytest.fixture
def counting(server):
    """A server on which each answer has 1,000 calls more than the one before."""
    calls = [5000]

    def profiles():
        calls[0] += 1000
        return table("PROCEDUREPROFILE", profile("Vote", calls[0]), profile("Idle", 7))

    handle_statistics(server, PROCEDUREPROFILE=profiles)
    return server


def asked(server):
    return [call.params[0] for call in server.calls if call.procedure == "@Statistics"]


def test_a_pipe_gets_one_screen_after_one_interval(counting, capsys):
    assert run(["top", counting.where, *FAST]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0].startswith(f"{counting.where}  11.4.0.beta1")
    assert lines[1].startswith("calls    ")
    assert lines[2].startswith("node     0 vm  no calls in 5 s  rss 315 MB")
    assert [line.split()[0] for line in lines[4:]] == ["name", "Vote", "Idle"]
    assert lines[5].split()[-1] == "7,000"
    assert err == ""
    assert asked(counting) == ["PROCEDUREPROFILE", "LATENCY", "MEMORY"] * 2


def test_once_is_the_same_and_count_gives_several(counting, capsys):
    assert run(["top", counting.where, *FAST, "--once", "--view", "tables", "--sort", "name"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[5:]] == [
        "CONTESTANTS",
        "VOTES",
        "V_VOTES_BY_PHONE",
    ]
    assert run(["top", counting.where, *FAST, "--count", "3"]) == 0
    screens = capsys.readouterr().out.split("\n\n")
    assert len([part for part in screens if part.startswith(counting.where)]) == 3


def test_json_has_all_views_and_an_object_an_interval(counting, capsys):
    assert run(["top", counting.where, *FAST, "--json", "--count", "2"]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert [each["calls"] for each in (first["procedures"][0], second["procedures"][0])] == [7000, 8000]
    assert first["calls_per_s"] > 0
    assert first["tables"][0]["name"] == "CONTESTANTS"
    assert first["clients"] == []
    assert second["time_ns"] > first["time_ns"]
    assert run(["top", counting.where, *FAST, "--json", "--count", "1", "--view", "clients"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["clients"], found["tables"]) == ([], None)


def test_what_the_server_does_not_tell_is_said(counting, capsys):
    handle_statistics(counting, PROCEDUREPROFILE="not allowed")
    assert run(["top", counting.where, *FAST]) == 0
    out = capsys.readouterr().out
    assert "not told PROCEDUREPROFILE: @Statistics: GRACEFUL_FAILURE (-2): not allowed" in out
    assert "rss 315 MB" in out


def test_a_lost_connection_is_said_and_it_goes_on(monkeypatch, capsys):
    """The first server ends behind the first round; another one is there at the next try."""
    with MockServer() as first, MockServer() as second:
        addresses = [first.address, second.address]
        for server in (first, second):
            handle_statistics(server)

        from volttools.client import connect

        monkeypatch.setattr(
            "volttools.cli.top.connected_to",
            lambda *given, **more: connect(addresses.pop(0), signatures=False),
        )
        pauses = []

        def pause(seconds):
            pauses.append(seconds)
            if len(pauses) == 1:
                first.close()

        monkeypatch.setattr("volttools.cli.top.pause", pause)
        assert run(["top", *FAST, "--json", "--count", "2"]) == 0
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 2
    assert err.startswith("volttools: ")
    assert err.endswith("; again in 1 s\n")
    assert pauses[1] == 1.0


def test_once_does_not_try_again(monkeypatch, capsys):
    with MockServer() as server:
        handle_statistics(server)
        monkeypatch.setattr("volttools.cli.top.pause", lambda seconds: server.close())
        assert run(["top", f"{server.host}:{server.port}", *FAST, "--once"]) == 2
    assert capsys.readouterr().err.startswith("volttools: ")


def test_ctrl_c_ends_a_stream_well(counting, monkeypatch, capsys):
    monkeypatch.setattr("volttools.cli.top.pause", Pauses(3))
    assert run(["top", counting.where, "--json"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_who_cannot_be_called_at_the_start_is_status_2(capsys):
    assert run(["top", nobody()]) == 2
    assert "nothing listens there" in capsys.readouterr().err
    with silent() as where:
        assert run(["top", where, "--timeout", "50ms"]) == 2
    assert "did not answer" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--sort", "growth"], "procedures have no column 'growth' to sort by; they have name, calls, avg"),
        (["--json", "--once"], "--json and --once don't go together"),
        (["--once", "--count", "3"], "--once and --count don't go together"),
        (["--interval", "0"], "invalid value for '--interval'"),
    ],
)
def test_what_does_not_go_together_is_refused(words, text, capsys):
    assert run(["top", *words]) == 2
    assert text in capsys.readouterr().err
