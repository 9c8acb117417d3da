"""`volttools info`, against a server."""

import json

import volttools
from tests.cli.answering import answering, nobody, refuse, server
from tests.cli.lines import lines_of
from tests.pauses import Pauses
from volttools.cli import run

__all__ = ["server"]


def test_it_shows_what_the_server_tells(server, capsys):
    assert run(["info", server.where]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[:3] == [
        server.where,
        "version 11.4.0.beta1 11.4.0.beta1_volttools-mock",
        "cluster 1 host, RUNNING",
    ]
    assert lines[3].startswith(f"host 0 localhost {server.where} 11.4.0.beta1 up 0 days 00:00:0")
    assert lines[4:] == [
        "partitions 1",
        "partition 0 led by 0:0 sites 0:0",
        "procedures 4",
        "Refuse, Store, Two, Votes",
    ]


def test_json_has_all_of_it(server, capsysbinary):
    assert run(["info", server.where, "--json"]) == 0
    found = json.loads(capsysbinary.readouterr().out)
    assert found["version"] == "11.4.0.beta1"
    assert found["hosts"]["0"]["CLUSTERSTATE"] == "RUNNING"
    assert found["procedures"] == ["Refuse", "Store", "Two", "Votes"]
    assert found["missing"] == []


def test_what_the_server_refuses_to_tell_is_said_and_is_status_1(server, capsys):
    server.handle("@Statistics", refuse)
    assert run(["info", server.where]) == 1
    out = capsys.readouterr().out
    assert "not told      @Statistics: USER_ABORT (-1): no such\\nvoter" in out
    assert "partitions" not in out


def test_it_can_be_recorded(server, tmp_path):
    assert run(["info", server.where, "--tap", "info.pcapng"]) == 0
    with volttools.open(tmp_path / "info.pcapng") as capture:
        assert [each.procedure for each in capture] == ["@SystemInformation", "@Statistics", "@SystemCatalog"]


def test_who_is_not_let_in_has_status_2(capsys):
    assert run(["info", nobody()]) == 2
    assert "nothing listens there" in capsys.readouterr().err
    with answering(users={"ann": "sesame"}) as server:
        assert run(["info", server.where, "--user", "ann"]) == 2
    assert "the log-in had no password: give the password" in capsys.readouterr().err


def test_a_watch_says_what_has_changed(server, monkeypatch, capsys):
    pauses = Pauses(2, lambda: server.handle("Another", 1))
    monkeypatch.setattr("volttools.cli.info.pause", pauses)
    assert run(["info", server.where, "--watch", "2"]) == 0
    assert pauses == [2.0, 2.0]
    first, second = capsys.readouterr().out.split("\n\n")
    assert first.startswith(server.where)
    assert second.startswith(f"changed: 1 procedure new: Another\n{server.where}\n")


def test_a_watch_in_json_has_the_changes(server, monkeypatch, capsys):
    steps = iter([lambda: server.handle("@Statistics", refuse), lambda: None])
    monkeypatch.setattr("volttools.cli.info.pause", Pauses(3, lambda: next(steps)()))
    assert run(["info", server.where, "--watch", "2", "--json"]) == 1
    changes = [line["changes"] for line in lines_of(capsys.readouterr().out)]
    assert changes[0] == changes[2] == []
    assert changes[1][0] == "partition 0 is gone"
    assert changes[1][1].startswith("no longer told: @Statistics: USER_ABORT")
