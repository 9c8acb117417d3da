import json

import pytest

from tests.requirements import ROOT
from volttools.capture.reader import open as open_capture
from volttools.cli import run

DEMO = str(ROOT / "captures" / "demo.pcap")


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_lines_written_by_hand_become_a_capture(tmp_path, capsys):
    (tmp_path / "hand.jsonl").write_text(
        '{"kind":"login","user":"ann","response":{"build":"mine"}}\n'
        '{"procedure":"Vote","params":[5,"NY"],"response":{"status":"USER_ABORT","status_string":"no"}}\n'
    )
    assert run(["encode", "hand.jsonl", "-o", "hand.pcapng"]) == 0
    assert capsys.readouterr().err == "volttools: wrote hand.pcapng: 4 frames of 1 connection, 744 B\n"
    with open_capture("hand.pcapng") as capture:
        (exchange,) = capture
    assert (exchange.procedure, exchange.status, exchange.connection.user) == ("Vote", -1, "ann")


def test_hex_goes_to_standard_output(capfdbinary):
    assert run(["convert", DEMO, "-o", "x.jsonl"]) == 0
    capfdbinary.readouterr()
    assert run(["encode", "x.jsonl", "-o", "-", "--to", "hex"]) == 0
    out, _ = capfdbinary.readouterr()
    frames = [bytes.fromhex(line) for line in out.decode().splitlines()]
    assert len(frames) == 48
    assert all(len(frame) == 4 + int(frame[:4].hex(), 16) for frame in frames)


def test_a_bad_line_is_named_and_nothing_is_written(tmp_path, capsys):
    (tmp_path / "x.jsonl").write_text(
        '{"procedure":"A"}\n{"procedure":"A","params":[["INTEGER",3000000000]]}\n'
    )
    assert run(["encode", "x.jsonl", "-o", "x.pcapng"]) == 2
    assert capsys.readouterr().err.startswith("volttools: x.jsonl: line 2: params[0]: ")
    assert not (tmp_path / "x.pcapng").exists()


def test_json_says_what_was_written(tmp_path, capsys):
    (tmp_path / "x.jsonl").write_text('{"procedure":"@Ping"}\n')
    assert run(["encode", "x.jsonl", "-o", "x.frames", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["frames"] == 1
