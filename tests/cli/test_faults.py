import json

import pytest

from tests.cli.lines import lines_of
from volttools.cli import run

GOOD = '[[fault]]\nkind = "delay"\ntime = "20ms"\nprocedure = "Vote"\n'


def test_without_a_command_it_lists_all_kinds(capsys):
    assert run(["faults"]) == 0
    out = capsys.readouterr().out
    for word in ("connect-stall", "tls-stall", "graceful-stop", "probability", "kinds"):
        assert word in out


def test_as_json(capsys):
    assert run(["faults", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["kinds"]) >= 24


def test_one_kind(capsys):
    assert run(["faults", "show", "jitter"]) == 0
    out = capsys.readouterr().out
    assert "distribution" in out
    assert '[[fault]]\nkind = "jitter"\nmean = "20ms"\n' in out
    assert run(["faults", "show", "jiter"]) == 2
    assert "did you mean jitter?" in capsys.readouterr().err


def test_scenarios_are_checked(tmp_path, capsys):
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(GOOD)
    bad.write_text(GOOD.replace("time", "tme"))
    assert run(["faults", "check", str(good)]) == 0
    assert capsys.readouterr().out == (
        f"{good}: good: 1 rule, seed 0\n    1  delay time=20ms: procedure Vote\n"
    )
    assert run(["faults", "check", str(good), str(bad)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == (
        f"{bad}: fault 1: tme: delay has no such key; did you mean time?"
    )
    assert run(["faults", "check", "--json", str(bad), str(good)]) == 1
    lines = lines_of(capsys.readouterr().out)
    assert lines[0]["error"].endswith("did you mean time?")
    assert (lines[1]["seed"], lines[1]["rules"]) == (0, ["delay time=20ms: procedure Vote"])
    assert run(["faults", "check", str(tmp_path / "none.toml")]) == 2
    assert "no such file" in capsys.readouterr().err


def test_a_log_is_checked_too(tmp_path, capsys):
    log = tmp_path / "run.jsonl"
    log.write_text('{"rule": 1, "kind": "drop", "node": 0, "connection": 1, "call": 1, "chosen": {}}\n')
    assert run(["faults", "check", str(log)]) == 0
    assert capsys.readouterr().out == f"{log}: a log, 1 fault to be injected again\n"


@pytest.mark.parametrize("option", [["--seed", "7"], ["--fault-log", "x.jsonl"]])
def test_what_is_about_faults_needs_faults(option, capsys):
    assert run(["record", "--to", "127.0.0.1:1", *option]) == 2
    assert f"{option[0]} is about --faults: give that too" in capsys.readouterr().err
