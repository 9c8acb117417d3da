import json

import pytest

from tests.requirements import ROOT
from volttools.capture.reader import open as open_capture
from volttools.cli import run

CAPTURES = ROOT / "captures"
DEMO, LOST = str(CAPTURES / "demo.pcap"), str(CAPTURES / "lost-many.pcapng")


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_what_was_written_is_said(capsys):
    assert run(["convert", DEMO, "-o", "x.pcapng"]) == 0
    out, err = capsys.readouterr()
    assert (out, err) == ("", "volttools: wrote x.pcapng: 48 frames of 1 connection, 13.6 kB\n")
    with open_capture("x.pcapng") as capture:
        assert len(list(capture)) == 23


def test_damage_of_the_source_is_said_and_is_the_status(capsys):
    assert run(["convert", LOST, "-o", "x.dump"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "volttools: wrote x.dump: 68 frames of 3 connections, 53.3 kB",
        "volttools: left out 4 frames that are not whole, which this format can't hold; pcapng and JSON lines can",
        "volttools: 11 places of the source could not be read: volttools check tells where",
    ]


def test_several_files_are_counted(capsys):
    assert run(["convert", LOST, "-o", "x.pcapng", "--split", "connection"]) == 1
    assert "wrote x-0001.pcapng and 2 other files: 72 frames of 3 connections" in capsys.readouterr().err
    assert run(["convert", LOST, "-o", "y.pcapng", "--split", "20kB"]) == 1
    assert "wrote y-0001.pcapng and 4 other files" in capsys.readouterr().err


def test_json_says_the_same(capsys):
    assert run(["convert", DEMO, "-o", "x.jsonl", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["files"] == ["x.jsonl"]
    assert (found["exchanges"], found["connections"], found["left_out"]) == (23, 1, 0)


def test_standard_output_gets_the_capture_and_nothing_else(capfdbinary):
    assert run(["convert", DEMO, "-o", "-", "--to", "json"]) == 0
    out, err = capfdbinary.readouterr()
    assert err == b""
    assert [json.loads(line)["kind"] for line in out.splitlines()[:3]] == ["capture", "login", "exchange"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-o", "x"], "x: its name doesn't tell its format"),
        (["-o", "-"], "standard output has no name that tells the format: give --to pcapng, dump,"),
        (["-o", "/"], "/ is a directory: give the name of a file in it, such as calls.pcapng"),
        (["-o", "-", "--to", "json", "--json"], "--json and -o - don't go together"),
        (["-o", "x.pcapng", "--split", "often"], "'often' is neither 'connection' nor a size such as 100MB"),
        (["-o", "x.dump", "--split", "1MB"], "a dump_file can't be split by size"),
        ([], "missing option '-o' / '--output'"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(words, message, capsys):
    assert run(["convert", DEMO, *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert len(err.splitlines()) == 1
