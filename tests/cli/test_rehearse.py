"""`volttools rehearse`, between servers."""

import json
import os
import sys

import pytest

from tests.cli.answering import nobody, silent
from tests.rehearse.shop import recorded_in, sent, shops, where
from tests.replay.made import line, write
from volttools.cli import run
from volttools.cli.replaying import ReplayProgress
from volttools.mock import MockServer


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    return recorded_in(tmp_path_factory.mktemp("shop"))


@pytest.fixture(autouse=True)
def environment(tmp_path, monkeypatch):
    for name in ("HOST", "USER", "PASSWORD", "PROFILE"):
        monkeypatch.delenv(f"VOLTTOOLS_{name}", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


def rehearse(*words):
    return run(["rehearse", *words])


def test_servers_that_do_the_same_are_status_0(recorded, capsys):
    with shops(False, False) as (old, new):
        assert rehearse(where(old), where(new), recorded, "--no-latency", "--speed", "2x") == 0
    out, err = capsys.readouterr()
    assert out.startswith(
        "SAME: the new server gave the same answers to the 96 % of the calls that were tested; how fast was"
        " not asked.\n"
    )
    assert err == ""


def test_other_answers_are_status_1_on_a_page_and_in_a_file(recorded, tmp_path, capsys):
    with shops(False, True) as (old, new):
        assert (
            rehearse(where(old), where(new), recorded, "--no-latency", "-o", "upgrade", "--width", "100") == 1
        )
    out = capsys.readouterr().out
    assert out.startswith("DIFFERENT: the new server does not do the same; 4 findings.\n")
    found = json.loads((tmp_path / "upgrade" / "verdict.json").read_text())
    assert len(found["findings"]) == 4
    assert sorted(path.name for path in (tmp_path / "upgrade").iterdir()) == [
        "comparison.jsonl",
        "learned.toml",
        "new.pcapng",
        "old-again.pcapng",
        "old.pcapng",
        "verdict.json",
    ]


def test_the_same_answers_later_are_status_1(recorded, capsys):
    with shops(False, True) as (old, new):
        words = [where(old), where(new), recorded, "--where", 'procedure == "Search"', "--slower", "100"]
        assert rehearse(*words) == 1
        assert sent(new) == ["Search"] * 40
    assert capsys.readouterr().out.startswith("SLOWER: the new server is slower; 1 finding.\n")


def test_only_the_new_server_and_rules(recorded, tmp_path, capsys):
    (tmp_path / "rules.toml").write_text('[[rule]]\ncolumn = "SESSION"\n')
    with shops(False) as (new,):
        words = ["--only-new", where(new), recorded, "--no-latency", "--json"]
        assert rehearse(*words) == 1
        assert json.loads(capsys.readouterr().out)["findings"][0]["procedure"] == "GetSession"
        assert rehearse(*words, "--rules", "rules.toml") == 0
        assert json.loads(capsys.readouterr().out)["files"]["verdict"] == "rehearsal-2/verdict.json"


def test_writes_go_to_both_servers(recorded, capsys):
    with shops(False, False) as (old, new):
        words = ["--writes", "--no-latency", "--as-fast-as-possible", "--order", "total", "--map", "map.toml"]
        assert rehearse(where(old), where(new), recorded, *words, "--where", 'procedure ~ "Buy|Get"') == 0
        assert (sent(old).count("Buy"), sent(new).count("Buy")) == (20, 10)


def test_each_run_begins_with_a_reset(tmp_path, capfd):
    """The command is called three times, and told which run and which server it is for."""
    capture = write(tmp_path / "calls.jsonl", [line(1, 1, 1, "Add", 1)])
    totals = {}
    with MockServer() as old, MockServer() as new:
        for server in (old, new):
            server.handle("Add", lambda call: totals.setdefault("calls", 0))
        reset = 'echo "$VOLTTOOLS_RUN $VOLTTOOLS_SERVER" >> runs.txt; echo restored'
        words = [where(old), where(new), capture, "--writes", "--no-latency", "--json", "--reset", reset]
        assert rehearse(*words) == 0
        told = [one.split() for one in (tmp_path / "runs.txt").read_text().splitlines()]
        assert told == [["old", where(old)], ["old-again", where(old)], ["new", where(new)]]
        out, err = capfd.readouterr()
        assert json.loads(out)["same"]
        assert err.count("restored") == 3
        assert rehearse(*words[:-1], '[ "$VOLTTOOLS_RUN" != old-again ] || exit 7') == 2
        assert (
            "--reset ended with status 7 before the replay on the old server, second time"
            in capfd.readouterr().err
        )
        assert sent(new) == ["Add"]
        assert rehearse(*words[:-1], "exit 7") == 2
    assert sorted(path.name for path in tmp_path.glob("rehearsal*")) == ["rehearsal", "rehearsal-2"]


@pytest.mark.skipif(os.name != "posix", reason="without signals between processes")
@pytest.mark.parametrize(
    ("run", "kept"), [("old", "nothing was recorded"), ("new", "what was recorded so far is in rehearsal")]
)
@pytest.mark.parametrize("status", [0, 1])  # Ctrl-C ends a command of --reset as well
def test_one_that_is_interrupted_is_status_130(recorded, tmp_path, capfd, run, kept, status):
    reset = f'[ "$VOLTTOOLS_RUN" != {run} ] || {{ kill -INT $PPID; exit {status}; }}'
    with shops(False, False) as (old, new):
        assert rehearse(where(old), where(new), recorded, "--speed", "9x", "--reset", reset) == 130
        assert sent(new) == []
    assert capfd.readouterr().err == f"volttools: the rehearsal was interrupted; {kept}\n"
    assert (tmp_path / "rehearsal").exists() == (run == "new")


def test_what_a_reset_prints_stands_on_lines_of_its_own(tmp_path, monkeypatch, capfd):
    """The line of progress of the run before is wiped first."""
    capture = write(tmp_path / "calls.jsonl", [line(1, 1, 1, "Add", 1)])
    monkeypatch.setattr(ReplayProgress, "EVERY_S", 0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with MockServer() as old, MockServer() as new:
        for server in (old, new):
            server.handle("Add", 1)
        words = [where(old), where(new), capture, "--writes", "--no-latency", "--reset", "echo restored >&2"]
        assert rehearse(*words) == 0
    before = capfd.readouterr().err.split("restored")[:3]
    assert before[0] == ""
    assert ["sent" in text and text.endswith("\r\x1b[K") for text in before[1:]] == [True, True]


def test_limits_and_copies_of_connections(recorded, capsys):
    with shops(False, False) as (old, new):
        words = [where(old), where(new), recorded, "--no-latency", "--json", "--as-fast-as-possible"]
        assert rehearse(*words, "--scale", "2") == 0
        tested = json.loads(capsys.readouterr().out)["tested"]
        assert tested == {"calls": 480, "of": 500, "share": 0.96}
        assert rehearse(*words, "--count", "20") == 0
        found = json.loads(capsys.readouterr().out)
        assert found["tested"]["calls"] == 20
        assert found["verdict"] == (
            "SAME, BUT ONLY 8 % TESTED: to those calls the new server gave the same answers; how fast was not"
            " asked; of the others nothing is known."
        )
        words = [
            "--only-new",
            where(new),
            recorded,
            "--no-latency",
            "--json",
            "--where",
            'procedure != "GetSession"',
        ]
        assert rehearse(*words, "--count", "20") == 0
        assert json.loads(capsys.readouterr().out)["tested"]["calls"] == 20


def test_each_server_has_its_profile(tmp_path, capsys):
    capture = write(tmp_path / "calls.jsonl", [line(1, 1, 1, "Get", 1)])
    profiles = ""
    with MockServer(users={"ann": "one"}) as old, MockServer(users={"bob": "two"}) as new:
        for server in (old, new):
            server.handle("Get", 1, read_only=True)
        for name, user, password in (("before", "ann", "one"), ("after", "bob", "two")):
            profiles += f'[{name}]\nuser = "{user}"\npassword = "{password}"\n'
        config = tmp_path / "config" / "volttools"
        config.mkdir(parents=True)
        (config / "profiles.toml").write_text(profiles)
        (config / "profiles.toml").chmod(0o600)
        words = [where(old), where(new), capture]
        assert rehearse(*words, "--old-profile", "before", "--new-profile", "after") == 0, capsys.readouterr()
        assert rehearse(*words, "--old-profile", "before") == 2
        assert sent(new) == ["Get"]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], "say OLD, NEW and CAPTURE"),
        (["one", "calls.jsonl"], "wanted are OLD NEW CAPTURE, and 2 are given; without OLD, --only-new"),
        (["--only-new", "one", "two", "calls.jsonl"], "with --only-new there is no OLD"),
        (["one", "two", "calls.jsonl", "--speed", "2", "--rate", "9/s"], "don't go together"),
        (["--only-new", "one", "calls.jsonl", "--scale", "2"], "make other connections than those"),
        (["one", "two", "calls.jsonl", "--as-fast-as-possible", "--for", "9s"], "give --count instead"),
        (["db1:0", "db2", "calls.jsonl"], "0 is no port"),
        (["no-such-host.invalid", "db2", "calls.jsonl"], "no address of that name"),
        (["NOBODY", "NOBODY", "calls.jsonl"], "nothing listens there"),
        (["--timeout", "100ms", "SILENT", "NOBODY", "calls.jsonl"], "did not answer"),
        (["NOBODY", "NOBODY", "absent.pcap"], "absent.pcap: can't be opened"),
        (["NOBODY", "NOBODY", "song.txt"], "not a capture"),
        (["NOBODY", "NOBODY", "empty.pcap"], "there is no call in it"),
        (["NOBODY", "NOBODY", "calls.jsonl", "--where", 'procedure == "X"'], "no call of it passes"),
        (["NOBODY", "NOBODY", "calls.jsonl", "--rules", "song.txt"], "song.txt"),
        (["NOBODY", "NOBODY", "calls.jsonl", "--old-profile", "nix"], "and so no profile"),
        (["SERVER", "SERVER", "calls.jsonl", "-o", "full"], "full has files in it"),
        (["SERVER", "SERVER", "writes.jsonl"], "--writes would let them through"),
        (["REFUSING", "SERVER", "calls.jsonl"], "wants a user"),
        (["SERVER", "SERVER", "here.jsonl"], "is the server that was recorded"),
    ],
)
def test_what_can_not_be_is_one_sentence_and_status_2(words, text, tmp_path, capsys):
    write(tmp_path / "calls.jsonl", [line(1, 1, 1, "Get", 1)])
    write(tmp_path / "writes.jsonl", [line(1, 1, 1, "Put", 1)])
    (tmp_path / "song.txt").write_text("hello, world\n" * 20)
    (tmp_path / "empty.pcap").write_bytes(b"")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with silent() as mute, MockServer() as server, MockServer(users={"ann": "sesame"}) as refusing:
        server.handle("Get", 1, read_only=True)
        server.handle("Put", 1)
        write(tmp_path / "here.jsonl", [line(1, 1, 1, "Get", 1, server=where(server))])
        places = {"NOBODY": nobody(), "SILENT": mute, "SERVER": where(server), "REFUSING": where(refusing)}
        assert rehearse(*(places.get(word, word) for word in words)) == 2
        assert sent(server) == []
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1), err
    assert text in err
    assert not (tmp_path / "rehearsal").exists()
