"""decode --follow as it is used: a process that reads what another one writes, step by step."""

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.capture.files import pcap_head
from tests.capture.traffic import Traffic, calls, pcap_of
from volttools.capture.reader import Capture
from volttools.cli import run

HEAD = pcap_head()
SESSION = calls(Traffic().logs_in(0), (1, "A"), (2, "B"), (3, "C"))
PCAP = pcap_of(SESSION)
# The log-in, then each call with its answer.
ENDS = [len(pcap_of(part)) for part in (Traffic().logs_in(0), calls(Traffic().logs_in(0), (1, "A")), calls(Traffic().logs_in(0), (1, "A"), (2, "B")), SESSION)]  # fmt: skip
PARTS = [PCAP[start:end] for start, end in zip([0, *ENDS], ENDS, strict=False)]


class Decode:
    """A running `decode --follow`; `line` waits for its next line."""

    def __init__(self, *arguments, stdin=None):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "volttools", "decode", "--follow", *map(str, arguments)],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )

    def line(self):
        return self.process.stdout.readline()

    def event(self):
        line = json.loads(self.line())
        return line.get("procedure", line["kind"])

    def ends(self, number=None):
        """The status, the rest of stdout, and stderr; after a signal, if one is given."""
        if number is not None:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


def test_a_file_is_shown_as_it_grows_and_is_rotated(tmp_path):
    path = tmp_path / "x.pcap"
    with Decode("--json", path) as decode:
        assert decode.process.stderr.readline() == f"volttools: {path}: not there yet; waiting for it\n"
        assert decode.event() == "capture"
        for part, name in zip(PARTS, ["login", "A", "B"], strict=False):
            with path.open("ab") as file:
                file.write(part)
            assert decode.event() == name
        path.rename(tmp_path / "x.pcap.old")
        path.write_bytes(HEAD + PARTS[3])
        assert decode.event() == "C"
        status, out, err = decode.ends(signal.SIGINT)
    assert (status, err) == (130, "")
    assert json.loads(out)["statuses"] == {"SUCCESS": 3}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_pipe_is_shown_call_by_call_and_a_signal_ends_with_the_summary(number):
    with Decode("-", stdin=subprocess.PIPE) as decode:
        pipe = decode.process.stdin.buffer
        assert decode.line().split()[:2] == ["#", "time"]
        for part, name in zip(PARTS, ["log-in", "A", "B"], strict=False):
            pipe.write(part)
            pipe.flush()
            assert f" {name} " in decode.line()
        pipe.write(PARTS[3][: len(PARTS[3]) // 2])  # the call, and half of its answer
        pipe.flush()
        decode.process.send_signal(number)
        assert decode.process.wait(60) == 130
        rest = decode.process.stdout.read()
        assert decode.process.stderr.read() == ""
    assert " C " in rest.splitlines()[0]
    assert "no answer" in rest.splitlines()[0]
    assert "exchanges     3: SUCCESS 2, no answer 1" in rest
    assert "interrupted" not in rest


def test_it_ends_when_nobody_reads_any_more(tmp_path):
    path = tmp_path / "x.pcap"
    path.write_bytes(PCAP)
    with Decode(path) as decode:
        assert [decode.line() for _ in range(5)][-1]  # all of it: nothing is left to be written
        decode.process.stdout.close()
        assert decode.process.wait(60) == 0
        assert decode.process.stderr.read() == ""


def test_a_pipe_that_ends_ends_it(tmp_path):
    with Decode("--no-summary", "-", stdin=subprocess.PIPE) as decode:
        decode.process.stdin.buffer.write(PCAP)
        decode.process.stdin.close()
        decode.process.stdin = None
        status, out, _ = decode.ends()
    assert (status, len(out.splitlines())) == (0, 5)


def test_what_tshark_writes_is_shown(tshark, tmp_path):
    whole = tmp_path / "whole.pcap"
    whole.write_bytes(PCAP)
    with Decode("--json", tmp_path / "ring_*.pcapng") as decode:
        decode.event()
        for number, part in enumerate(("frame.number <= 5", "frame.number > 5")):
            command = [tshark, "-r", whole, "-Y", part, "-w", tmp_path / f"ring_{number}.pcapng"]
            subprocess.run(command, check=True, capture_output=True)
        assert [decode.event() for _ in range(4)] == ["login", "A", "B", "C"]
        assert decode.ends(signal.SIGINT)[0] == 130
    with Decode("--json", "-", stdin=subprocess.PIPE) as decode:
        command = [tshark, "-r", whole, "-w", "-"]
        subprocess.run(command, check=True, stdout=decode.process.stdin, stderr=subprocess.DEVNULL)
        decode.process.stdin.close()
        assert [decode.event() for _ in range(5)] == ["capture", "login", "A", "B", "C"]


# ---------------------------------------------------------------- without a second process


def test_idle_ends_it_with_the_summary_and_the_filters_hold(tmp_path, capsys):
    path = tmp_path / "x.pcap"
    path.write_bytes(PCAP)
    status = run(["decode", "-f", "--idle", "1ms", "--procedure", "B", str(path)])
    out, err = capsys.readouterr()
    assert (status, err) == (0, "")
    assert [line.split()[4] for line in out.splitlines()[1:2]] == ["B"]
    assert "summary of the whole capture, 1 of 3 exchanges shown" in out
    assert "to look at one" not in out  # the numbers depend on how it was followed


def test_idle_without_anything_is_status_2(tmp_path, capsys):
    path = tmp_path / "x.pcap"
    status = run(["decode", "--follow", "--idle", "1ms", str(path)])
    assert status == 2
    assert capsys.readouterr().err.startswith(
        f"volttools: {path}: not there yet; waiting for it\nvolttools: {path}: nothing was there for 0.1"
    )


def test_idle_needs_follow(capsys):
    assert run(["decode", "--idle", "1s", "x"]) == 2
    assert "--idle says when to end following, so it needs --follow" in capsys.readouterr().err


@pytest.mark.parametrize("times", [1, 2])
def test_one_signal_ends_it_and_a_second_one_at_once(tmp_path, capsys, monkeypatch, times):
    path = tmp_path / "x.pcap"
    path.write_bytes(PCAP)
    events = Capture.events

    def interrupted(self):
        for event in events(self):
            yield event
            if event.kind == "login":
                for _ in range(times):
                    signal.raise_signal(signal.SIGINT)  # to this thread, handled before it returns

    monkeypatch.setattr(Capture, "events", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
    try:
        assert run(["decode", "--follow", str(path)]) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    out = capsys.readouterr().out
    assert ("SUCCESS 3" in out) is (times == 1)
    assert ("summary" in out) is (times == 1)


def test_signals_are_as_before_when_it_ended(tmp_path, capsys):
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    run(["decode", "--follow", "--idle", "1ms", str(tmp_path / "x")])
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
