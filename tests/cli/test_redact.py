import json

import click
import pytest

from tests.requirements import ROOT
from tests.samples import pcap
from volttools.capture.reader import open as open_capture
from volttools.cli import redact
from volttools.protocol.traffic import Sent

RULES = str(ROOT / "examples" / "redact.toml")


@pytest.fixture
def capture(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap())
    return str(path)


def run(*arguments):
    return redact.command.main(list(arguments), prog_name="redact", standalone_mode=False)


def test_explain_tells_what_would_be_done_and_writes_nothing(capture, tmp_path, capsys):
    assert run("--explain", capture) == 0
    out, err = capsys.readouterr()
    assert out.startswith("messages   log-in answers 1, log-ins 1, pushes 1, requests 5, responses 5\n")
    assert "\nORDERS.insert\n  parameter 0                  BIGINT          2 replaced\n" in out
    assert "\n  column PRICE                 DECIMAL         2 replaced\n" in out
    assert err == ""
    assert list(tmp_path.iterdir()) == [tmp_path / "x.pcap"]


def test_a_rule_that_matches_nothing_is_told_and_gives_status_1(capture, capsys):
    assert run("--explain", "--rules", RULES, capture) == 1
    assert "matched nothing: a name misspelt, or an earlier rule?" in capsys.readouterr().out


def test_the_report_as_json_on_the_screen_and_in_a_file(capture, tmp_path, capsys):
    assert run("--explain", "--json", capture) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["messages"]["requests"] == 5
    assert run("--explain", "--report", "r.json", capture) == 0
    assert json.loads((tmp_path / "r.json").read_text()) == shown
    assert run("--explain", "--report", "r.txt", capture) == 0
    assert (tmp_path / "r.txt").read_text().startswith("messages")
    assert capsys.readouterr().out == ""


def test_the_report_holds_no_value(capture, capsys):
    run("--explain", "--json", capture)
    out = capsys.readouterr().out
    assert "bolt" not in out
    assert "admin" not in out


def test_a_new_key_is_made_without_a_capture(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run("--new-key", "redact.key") == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "volttools: redact.key is a new key; keep it where the originals are\n"
    assert (tmp_path / "redact.key").read_text().strip() not in err


def redacted(*arguments):
    """The bodies of the frames that were written."""
    run(*arguments, "-o", "safe.pcapng", "--overwrite")
    with open_capture("safe.pcapng") as found:
        return [step.frame.body for step in found.steps() if step.__class__ is Sent]


def test_the_same_key_gives_the_same_capture_and_another_key_another(capture, capsys):
    run("--new-key", "redact.key")
    first, second = (redacted("--key-file", "redact.key", capture) for _ in range(2))
    assert first == second
    assert "no --key-file" not in capsys.readouterr().err
    assert redacted(capture) != first
    assert "volttools: no --key-file, so a key for this run" in capsys.readouterr().err


def test_a_redacted_capture_has_the_same_calls_and_none_of_the_values(capture, capsys):
    run(capture, "-o", "safe.pcapng")
    assert "volttools: wrote safe.pcapng: 13 frames of 1 connection" in capsys.readouterr().err
    with open_capture(capture) as original, open_capture("safe.pcapng") as found:
        assert [(e.procedure, e.status) for e in found] == [(e.procedure, e.status) for e in original]
    with open("safe.pcapng", "rb") as file:
        assert b"bolt" not in file.read()


def test_only_what_is_asked_for_is_written(capture, capsys):
    run("--where", 'procedure == "ORDERS.insert"', capture, "-o", "x.jsonl")
    with open_capture("x.jsonl") as found:
        assert {exchange.procedure for exchange in found} == {"ORDERS.insert"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "missing argument 'FILE...'"),
        (["x.pcap"], "missing option '--output'; or --explain, to see what would be done"),
        (["--explain", "-o", "y", "x.pcap"], "--explain and --output don't go together: it writes nothing"),
        (["--new-key", "k", "-o", "y"], "missing argument 'FILE...': there is nothing to redact"),
        (
            ["--report", "./x.pcap", "-o", "y", "x.pcap"],
            "--report ./x.pcap: that file is read or written for something else",
        ),
        (
            ["--report", "y.pcapng", "-o", "y.pcapng", "x.pcap"],
            "--report y.pcapng: that file is read or written for something else",
        ),
        (
            ["--new-key", "k", "--key-file", "k", "x.pcap"],
            "--key-file and --new-key don't go together: --new-key is used as well",
        ),
    ],
)
@pytest.mark.usefixtures("capture")
def test_what_does_not_go_together_is_said(arguments, message):
    with pytest.raises(click.UsageError) as caught:
        run(*arguments)
    assert caught.value.message == message
