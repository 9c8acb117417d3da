"""`volttools replay`, against servers."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.answering import nobody, silent
from tests.replay.made import line, one_side, write
from tests.requirements import ROOT
from volttools.cli import run
from volttools.mock import MockServer

CALLS = [line(n, n % 2 + 1, n, "Put" if n % 4 == 0 else "Get", n) for n in range(1, 13)]


@pytest.fixture
def server():
    with MockServer(max_calls=100_000) as server:
        server.where = f"{server.host}:{server.port}"
        server.handle("Get", lambda call: 1, read_only=True)
        server.handle("Put", lambda call: 1)
        yield server


@pytest.fixture
def capture(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return write(tmp_path / "calls.jsonl", CALLS)


def sent(server):
    return sorted(call.params[0] for call in server.calls if not call.procedure.startswith("@"))


def test_what_reads_is_replayed(server, capture, capsys):
    assert run(["replay", capture, server.where]) == 0
    out = capsys.readouterr().out
    assert "  sent        9 of 9 calls on 2 connections in " in out
    assert "  held back   3 Put: write (--writes sends it)" in out
    assert sent(server) == [n for n in range(1, 13) if n % 4]


def test_options_reach_the_replay(server, capture, capsys):
    words = [
        "--writes",
        "--rate",
        "2000/s",
        "--loop",
        "3",
        "--scale",
        "2",
        "--connections",
        "3",
        "--count",
        "70",
    ]
    assert run(["replay", capture, server.where, *words, "--order", "causal", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["planned"], found["sent"], found["connections"], found["order"]) == (70, 70, 3, "causal")
    assert len(sent(server)) == 70


def test_a_filter_and_a_limit_of_time(server, capture, capsys):
    words = [
        "--where",
        "params[0] < 4",
        "--loop",
        "forever",
        "--as-fast-as-possible",
        "--for",
        "100ms",
        "--json",
    ]
    assert run(["replay", capture, server.where, *words]) == 0
    assert json.loads(capsys.readouterr().out)["planned"] is None
    assert set(sent(server)) == {1, 2, 3}


def test_several_captures_are_one_by_time(server, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    even, odd = ([line(n, 1, n, "Get", n) for n in range(first, 12, 2)] for first in (2, 1))
    captures = [write(tmp_path / "even.jsonl", even), write(tmp_path / "odd.jsonl", odd)]
    words = [*captures, server.where, "--order", "total", "--as-fast-as-possible"]
    assert run(["replay", *words]) == 0
    assert [call.params[0] for call in server.calls if call.procedure == "Get"] == list(range(1, 12))
    assert "even.jsonl, " in capsys.readouterr().out
    assert run(["replay", *captures]) == 2
    assert "say where to: all of the arguments are files" in capsys.readouterr().err


def test_the_filters_of_decode_choose_calls(server, capture, capsys):
    assert (
        run(["replay", capture, server.where, "--procedure", "g*", "--connection", "1", "--until", "7ms"])
        == 0
    )
    assert sent(server) == [2, 6]
    assert run(["replay", capture, server.where, "--errors"]) == 2
    assert "no call of it passes the filters" in capsys.readouterr().err


def test_calls_that_are_missing_are_listed(server, tmp_path, capsys):
    capture = str(ROOT / "captures" / "lost-many.pcapng")
    assert run(["replay", capture, server.where, "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert "  missing     connection 1 at 77.2 ms: 46 bytes from 2,407 on, behind exchange 14\n" in out
    assert "              and 3 more; -v lists them\n" in out
    assert run(["replay", capture, server.where, "--dry-run", "-v"]) == 0
    assert "more; -v" not in capsys.readouterr().out
    assert run(["replay", capture, server.where, "--dry-run", "--json"]) == 0
    missing = json.loads(capsys.readouterr().out)["missing"]
    assert [(one["connection"], one["exchange"], one["before"]) for one in missing[:2]] == [
        (1, None, 14),
        (1, 15, None),
    ]


def test_a_dry_run_sends_and_writes_nothing(server, capture, capsys):
    before = Path(capture).read_bytes()
    assert run(["replay", capture, server.where, "--dry-run", "--overwrite", "-o", capture]) == 0
    assert Path(capture).read_bytes() == before
    assert "  would send  9 calls on 2 connections, within " in capsys.readouterr().out
    assert run(["replay", capture, server.where, "--dry-run", "--writes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["planned"] == 12
    assert sent(server) == []


def test_calls_that_fail_are_status_1(server, capture, capsys):
    server.handle("Get", ValueError("no"), read_only=True)
    assert run(["replay", capture, server.where]) == 1
    assert "  failed      9: USER_ABORT" in capsys.readouterr().out


def bad(tmp_path, kind):
    """A file in which there is nothing to replay."""
    path = tmp_path / f"{kind}.what"
    if kind == "empty":
        path.write_bytes(b"")
    elif kind == "text":
        path.write_text("hello, world\n" * 20)
    elif kind == "answers only":
        found = line(1, 1, 0, "Get", 1)
        found = {name: found[name] for name in found if name not in ("params", "request_frame")}
        write(path, [found | {"procedure": None, "request_lost": True}])
    elif kind == "library":
        write(path, [line(1, 1, 0, "@Ping")])
    return str(path)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("absent", "no such file"),
        ("empty", "there is no call in it"),
        ("text", "not a capture"),
        ("answers only", "the requests are not in the capture"),
        ("library", "client libraries made all of its calls"),
    ],
)
def test_a_capture_without_calls_is_one_sentence_and_status_2(server, tmp_path, capsys, kind, text):
    assert run(["replay", bad(tmp_path, kind), server.where]) == 2
    out, err = capsys.readouterr()
    assert text in err.lower()
    assert (out, err.count("\n")) == ("", 1)
    assert server.call_count == server.connection_count == 0


def test_one_direction_is_refused_and_what_clients_sent_may_be_replayed(server, tmp_path, capsys):
    clients = one_side(tmp_path / "clients.pcap", server=False)
    for path, text in (
        (clients, "only what clients sent was captured"),
        (one_side(tmp_path / "server.pcap", server=True), "only what servers sent was captured"),
    ):
        assert run(["replay", path, server.where, "--writes"]) == 2
        out, err = capsys.readouterr()
        assert text in err
        assert (out, err.count("\n")) == ("", 1)
    assert run(["rehearse", "--only-new", server.where, clients]) == 2
    assert run(["rehearse", "--only-new", server.where, clients, "--without-answers"]) == 2
    assert server.call_count == server.connection_count == 0
    capsys.readouterr()
    assert run(["replay", clients, server.where, "--writes", "--without-answers", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["sent"] == 22


def test_a_target_that_does_not_work_is_one_sentence_and_status_2(capture, capsys):
    with silent() as where:
        assert run(["replay", capture, where, "--timeout", "100ms"]) == 2
    assert run(["replay", capture, nobody()]) == 2
    assert run(["replay", capture, "no-such-host.invalid"]) == 2
    assert run(["replay", capture, "db1:0"]) == 2
    with MockServer(users={"ann": "sesame"}) as server:
        assert run(["replay", capture, f"{server.host}:{server.port}"]) == 2
        assert run(["replay", capture, f"{server.host}:{server.port}", "--tls"]) == 2
        assert server.call_count == 0
    err = capsys.readouterr().err.splitlines()
    assert len(err) == 6
    for text, said in zip(
        [
            "did not answer",
            "nothing listens there",
            "no address of that name",
            "0 is no port",
            "wants a user",
            "tls",
        ],
        err,
        strict=True,
    ):
        assert text in said.lower()


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["no-such.pcapng"], "no-such.pcapng is neither a file nor a host"),
        (["."], ". is neither a file nor a host"),
        (["--speed", "2x", "--rate", "5"], "--speed and --rate don't go together"),
        (["--speed", "fast"], "'fast' is no speed"),
        (["--rate", "5/m"], "rate '5/m' is none"),
        (["--loop", "0"], "neither a number of times nor 'forever'"),
        (["--resume"], "--resume is about what is written: give -o FILE too"),
        (["-o", "x.pcapng", "--resume"], "there is no replay to go on with"),
        (["-o", "x.pcapng", "--resume", "--overwrite"], "--overwrite throws it away"),
        (["-o", "-"], "-o needs the name of a file"),
        (["-o", "x.what"], "end it with one of .pcapng, .jsonl, .dump"),
        (["--scale", "1000000000"], "one machine has ports for 65,535 at most: lower --scale"),
        (["--where", "status ="], "status"),
        (["--script", "no.py"], "no.py"),
    ],
)
def test_options_that_make_no_sense_are_one_sentence(server, capture, capsys, words, text):
    assert run(["replay", capture, server.where, *words]) == 2
    assert text in capsys.readouterr().err
    assert sent(server) == []


def test_the_recorded_server_is_no_target(server, tmp_path, capsys):
    capture = write(tmp_path / "x.jsonl", [line(1, 1, 0, "Get", 1, server=server.where)])
    assert run(["replay", capture, server.where]) == 2
    assert "is the server that was recorded" in capsys.readouterr().err
    assert server.connection_count == 0
    assert run(["replay", capture, server.where, "--allow-recorded-target"]) == 0


def process(*words):
    return subprocess.Popen(
        [sys.executable, "-m", "volttools", "replay", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def wait_for(server, calls, process):
    """Until so many calls have come."""
    until = time.monotonic() + 60
    while len(sent(server)) < calls:
        assert process.poll() is None, process.stderr.read().decode()
        assert time.monotonic() < until
        time.sleep(0.005)


def test_a_replay_that_was_killed_goes_on_and_sends_nothing_twice(server, tmp_path, capsys):
    total = 2000  # of which the first are seen here long before the last is made
    capture = write(tmp_path / "many.jsonl", [line(n, n % 4 + 1, n, "Put", n) for n in range(1, total + 1)])
    output = str(tmp_path / "out.pcapng")
    words = [capture, server.where, "--writes", "--rate", "400", "-o", output]
    killed = process(*words)
    with killed:
        wait_for(server, 50, killed)
        killed.send_signal(signal.SIGKILL)
    before = len(sent(server))
    assert before < total
    assert run(["replay", *words, "--as-fast-as-possible", "--resume"]) == 2, "one pace is enough"
    capsys.readouterr()
    words[words.index("--rate") : words.index("--rate") + 2] = ["--as-fast-as-possible"]
    status = run(["replay", *words, "--resume", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert status == (1 if found["sent_before_unanswered"] else 0)
    came = sent(server)
    assert len(came) == len(set(came)), "nothing twice"
    assert found["sent"] + found["sent_before"] == total
    missing = set(range(1, total + 1)) - set(came)
    assert len(missing) <= found["sent_before_unanswered"], "only what may have been sent is not sent again"
    assert found["sent_before"] >= before


def test_ctrl_c_ends_it_with_a_report(server, tmp_path):
    capture = write(tmp_path / "slow.jsonl", [line(n, 1, n * 200, "Get", n) for n in range(1, 1000)])
    ended = process(capture, server.where)
    with ended:
        wait_for(server, 2, ended)
        ended.send_signal(signal.SIGINT)
        out = ended.stdout.read().decode()
    assert ended.returncode == 1
    assert "  ended early it was interrupted" in out
    assert "  answered    SUCCESS " in out


def test_a_map_is_made_and_used_as_it_was_edited(server, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    server.handle("New", lambda call: [(call.params[0] + 900,)], read_only=True)
    table = {"columns": [["C1", "BIGINT"]], "rows": [[5000]]}
    other = {"columns": [["C1", "BIGINT"]], "rows": [[6000]]}
    calls = [line(1, 1, 0, "New", 1, tables=[table]), line(2, 1, 5, "New", 2, tables=[other])]
    capture = write(tmp_path / "x.jsonl", [*calls, line(3, 1, 10, "Get", 5000), line(4, 1, 15, "Get", 6000)])
    assert run(["replay", capture, server.where, "--map", "map.toml"]) == 0
    out, err = capsys.readouterr()
    assert err == "volttools: 1 rule for values that the server made: written to map.toml\n"
    assert "              New, table 1, C1 → Get, parameter 1: 2 replaced, 0 the same\n" in out
    assert sent(server) == [1, 2, 901, 902]
    (tmp_path / "map.toml").write_text("# none of them is so\n")
    assert run(["replay", capture, server.where, "--map", "map.toml"]) == 0
    assert {5000, 6000} <= set(sent(server))
