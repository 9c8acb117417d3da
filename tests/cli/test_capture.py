"""volttools capture: by a fake tcpdump that writes a capture, and by the real one on loopback."""

import json
import os
import signal
import stat
import subprocess
import sys

import pytest

from tests.capture.traffic import Traffic, calls, pcap_of
from tests.requirements import require_tool
from volttools.cli import run
from volttools.client import connect
from volttools.mock import MockServer

PCAP = pcap_of(calls(Traffic().logs_in(0), (1, "A"), (2, "B")))
COUNTS = "5 packets captured\\n7 packets received by filter\\n{} packets dropped by kernel\\n"
LATER = 'trap stop=1 TERM; while [ -z "$stop" ]; do sleep 0.05; done'


class Capture:
    """A running `volttools capture`."""

    def __init__(self, *arguments, path=None):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "volttools", "capture", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **({"PATH": path} if path else {})},
        )

    def until(self, procedure):
        """Wait until a call is shown."""
        for text in self.process.stdout:
            if json.loads(text).get("procedure") == procedure:
                return
        pytest.fail(f"{procedure} was not shown: {self.process.stderr.read()}")

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
            self.process.send_signal(signal.SIGTERM)  # which ends what captures, too
        self.process.communicate()


@pytest.fixture
def fake(tmp_path):
    """Makes the directory of a tcpdump that writes PCAP, and then does something."""
    (tmp_path / "x.pcap").write_bytes(PCAP)

    def make(then, *, dropped=0):
        folder = tmp_path / "bin"
        folder.mkdir()
        for name in ("tcpdump", "dumpcap"):
            path = folder / name
            lines = ["#!/bin/sh", "PATH=/usr/bin:/bin", f"echo $@ > {tmp_path}/called"]
            lines += ["echo 'listening on any' >&2", f"cat {tmp_path}/x.pcap", then]
            lines += [f"printf '{COUNTS.format(dropped)}' >&2", ""]
            path.write_text("\n".join(lines))
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(folder)

    return make


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_calls_are_shown_as_they_come_and_a_signal_ends_it_with_a_summary(fake, number):
    with Capture("--json", "10.0.0.7", "--port", "7", path=fake(LATER)) as capture:
        assert (
            "on any: (tcp port 7) and (host 10.0.0.7); Ctrl-C ends it\n" in capture.process.stderr.readline()
        )
        capture.until("B")
        status, out, err = capture.ends(number)
    summary = json.loads(out)
    assert (status, err) == (0, "")
    assert (summary["statuses"], summary["dropped"]) == ({"SUCCESS": 2}, 0)


def test_packets_that_the_kernel_dropped_are_told(fake):
    with Capture("--errors", path=fake(":", dropped=2)) as capture:
        status, out, err = capture.ends()
    assert status == 1
    assert "the kernel dropped 2 of 7 packets, so calls are missing" in err
    assert "2 packets that the kernel dropped" in out


def test_the_capture_is_kept(fake, tmp_path):
    path = tmp_path / "kept.pcap"
    folder = fake(":")
    with Capture("--json", "-o", path, path=folder) as capture:
        capture.until("B")
        assert capture.ends()[0] == 0
    assert path.read_bytes() == PCAP
    with Capture("-o", path, path=folder) as capture:
        status, _, err = capture.ends()
    assert status == 2
    assert "kept.pcap is there already; --overwrite writes over it" in err


def test_what_captures_is_ended_by_a_signal_that_comes_before_decoding(fake, tmp_path):
    folder = fake(":")
    program = tmp_path / "bin" / "tcpdump"
    program.write_text(
        f"#!/bin/sh\necho $$ > {tmp_path}/x.pid\nmv {tmp_path}/x.pid {tmp_path}/pid\nexec /bin/sleep 60\n".replace(
            "mv ", "/bin/mv "
        )
    )
    (tmp_path / "bin" / "dumpcap").unlink()
    with Capture(path=folder) as capture:  # it waits: the program doesn't say that it is ready
        while not (tmp_path / "pid").exists():
            assert capture.process.poll() is None
        assert capture.ends(signal.SIGTERM)[0] == 130
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_it_ends_after_a_duration(fake):
    with Capture("--json", "--duration", "50ms", path=fake(LATER)) as capture:
        status, out, _ = capture.ends()
    assert status == 0
    assert json.loads(out.splitlines()[-1])["kind"] == "summary"


def test_one_that_cannot_capture_ends_with_status_2(fake, capsys, monkeypatch):
    monkeypatch.setattr("volttools.capture.live.SYSTEM_PATH", "")
    monkeypatch.setenv("PATH", "/nonexistent")
    assert run(["capture"]) == 2
    assert capsys.readouterr().err.startswith("volttools: neither tcpdump nor dumpcap is installed")


def test_one_that_ends_by_itself_is_told_behind_what_came(fake):
    with Capture("--json", path=fake("echo 'tcpdump: any went down' >&2; exit 1")) as capture:
        capture.until("B")
        status, _, err = capture.ends()
    assert status == 1
    assert "can't capture: any went down; what came before is shown" in err


@pytest.mark.interop
@pytest.mark.parametrize("tool", ["tcpdump", "dumpcap"])
def test_the_real_programs_on_loopback(tool, tmp_path):
    require_tool(tool)
    require_tool("root's rights") if os.geteuid() else None
    output = ["-o", tmp_path / ("x.pcapng" if tool == "dumpcap" else "x.pcap")]
    with MockServer() as server:
        server.handle("Echo", lambda call: call.params[0])
        server.handle("Last", 1)
        with Capture("-i", "lo", "--json", "--port", server.port, *output) as capture:
            assert f"{tool} on lo: tcp port {server.port}" in capture.process.stderr.readline()
            with connect(f"127.0.0.1:{server.port}") as client:
                for number in range(3):
                    client.call("Echo", number)
                client.call("Last")
            capture.until("Last")
            status, out, err = capture.ends(signal.SIGINT)
    summary = json.loads(out.splitlines()[-1])
    assert (status, err, summary["dropped"]) == (0, "", 0)
    assert summary["statuses"]["SUCCESS"] >= 3
