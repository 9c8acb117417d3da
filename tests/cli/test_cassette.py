"""`volttools cassette`."""

import json
import os
from pathlib import Path

import pytest

from tests.cli.lines import lines_of
from tests.requirements import ROOT
from volttools.cli import run

DEMO = str(ROOT / "captures" / "demo.pcap")


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def made(capsys):
    assert run(["cassette", "from-capture", "--procedure", "Fail", DEMO, "-o", "fail.cassette"]) == 0
    capsys.readouterr()
    return "fail.cassette"


def test_a_piece_of_a_capture_becomes_a_cassette(capsys):
    assert run(["cassette", "from-capture", "--errors", "--procedure", "Fail", DEMO, "-o", "x.cassette"]) == 0
    assert capsys.readouterr().err == "volttools: wrote x.cassette: 4 calls\n"
    assert run(["cassette", "from-capture", DEMO, "-o", "x.cassette"]) == 2
    assert capsys.readouterr().err == "volttools: x.cassette is there already; --overwrite writes over it\n"
    assert run(["cassette", "from-capture", "--overwrite", DEMO, "-o", "x.cassette"]) == 0
    assert run(["cassette", "from-capture", "--procedure", "None", DEMO, "-o", "y.cassette"]) == 1
    assert not os.path.exists("y.cassette")


def test_it_is_shown_a_call_a_line(made, capsys):
    assert run(["cassette", "show", made]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == (
        "    1  Fail(5000, 'abort') -> USER_ABORT: VOLTDB ERROR: USER ABORT given up on purpose: ünicöde, 0.876 ms"
    )
    assert lines[3] == "    4  Fail(5000, 'expectation') -> SUCCESS, 0 rows, 0.83 ms"


def test_one_of_them_is_shown_as_it_stands_there(made, capsys):
    assert run(["cassette", "show", "--number", "4", made]) == 0
    out = capsys.readouterr().out
    assert out.startswith('{"kind": "exchange",\n "procedure": "Fail",\n')
    with open(made) as file:
        assert out in file.read()
    assert run(["cassette", "show", "--number", "6", made]) == 2
    assert "there is no number 6; 5 are in it" in capsys.readouterr().err


def test_a_capture_is_shown_as_json_lines(capsys):
    assert run(["cassette", "show", "--json", DEMO]) == 0
    lines = lines_of(capsys.readouterr().out)
    assert [line["number"] for line in lines] == list(range(1, 24))


def test_checking_tells_line_and_reason(made, capsys):
    assert run(["cassette", "check", made]) == 0
    assert capsys.readouterr().out == "fail.cassette: good\n"
    text = Path(made).read_text()
    Path(made).write_text(text.replace('"status"', '"state"', 1))
    assert run(["cassette", "check", made]) == 1
    assert capsys.readouterr().out.startswith(
        "fail.cassette: line 4: response: no member is called 'state'; "
    )
    assert run(["cassette", "check", "--json", made]) == 1
    assert json.loads(capsys.readouterr().out)["line"] == 4
    Path(made).write_text("".join(text.splitlines(keepends=True)[1:]))
    assert run(["cassette", "check", made]) == 0
    note, verdict = capsys.readouterr().out.splitlines()
    assert note.startswith("fail.cassette: line 1: the first line names no schema: begin with {")
    assert verdict == "fail.cassette: good, it can be played all the same"


def editor(monkeypatch, script):
    with open("editor.sh", "w") as file:
        file.write(f"#!/bin/sh\n{script}\n")
    os.chmod("editor.sh", 0o755)
    monkeypatch.setenv("EDITOR", os.path.abspath("editor.sh"))


def test_what_was_edited_is_kept(made, monkeypatch, capsys):
    editor(monkeypatch, 'sed -i s/5000/7000/g "$1"')
    assert run(["cassette", "edit", made]) == 0
    assert capsys.readouterr().err == "volttools: fail.cassette is changed\n"
    assert "7000" in Path(made).read_text()
    assert run(["cassette", "edit", made]) == 0
    assert capsys.readouterr().err == "volttools: fail.cassette is as it was\n"


def test_what_is_wrong_is_put_beside(made, monkeypatch, capsys):
    editor(monkeypatch, 'sed -i s/5000/x/ "$1"')
    assert run(["cassette", "edit", made]) == 1
    err = capsys.readouterr().err
    assert "volttools: line 6: no JSON: expecting value at column" in err
    assert "fail.cassette is as it was; what you wrote is in " in err


def test_an_editor_that_is_not_there_is_one_sentence(made, monkeypatch, capsys):
    monkeypatch.setenv("EDITOR", "./none")
    assert run(["cassette", "edit", made]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("words", [["show", "none"], ["check", "none"], ["edit", "none"]])
def test_a_file_that_is_not_there(words, capsys):
    assert run(["cassette", *words]) == 2
    assert "none: " in capsys.readouterr().err
