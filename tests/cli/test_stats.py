import io
import json
import os
import pty
import select
import signal
import subprocess
import sys

import pytest

from tests.capture.files import pcap_head
from tests.capture.traffic import Traffic, pcap_of
from tests.protocol.wire import CLIENT, LOGIN
from tests.protocol.wire import call as made
from tests.samples import pcap
from volttools.cli import run
from volttools.cli.stats import CHANGES
from volttools.formats.network import ACK, FIN, SYN
from volttools.stats.baseline import KINDS


@pytest.fixture
def stats(captures, capsys):
    """Run stats; gives status, stdout and stderr."""

    def function(*arguments):
        status = run(["stats", *map(str, arguments)])
        return (status, *capsys.readouterr())

    return function


def test_a_page_is_told(stats):
    status, out, err = stats("--width", 80, "demo.pcap")
    assert (status, err) == (0, "")
    assert out.startswith("── digest by procedure ──")
    assert "volttools decode --exchange" in out


def test_what_only_clients_sent_is_told_and_is_status_2(stats, tmp_path):
    traffic = Traffic().packet(0, CLIENT, flags=SYN).sends(0, CLIENT, LOGIN)
    traffic.sends(1, CLIENT, made("Vote", 1))
    traffic.next[1] += 100  # the client acknowledges an answer
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap_of(traffic.packet(2, CLIENT, flags=FIN | ACK)))
    status, out, err = stats("--json", path)
    assert (status, json.loads(out)["calls"]) == (2, 1)
    assert err == (
        f"volttools: {path}: only what clients sent was captured, so nobody knows what was answered, what failed,"
        " and how long it took\n"
    )


def test_json_is_one_object(stats):
    status, out, _ = stats("--json", "demo.pcap")
    found = json.loads(out)
    assert (status, found["kind"], found["files"], found["calls"]) == (0, "digest", ["demo.pcap"], 5)
    assert sum(group["calls"] for group in found["groups"]) == 5


def test_csv_is_a_line_a_group(stats):
    _, out, _ = stats("--csv", "--by", "status", "demo.pcap")
    header, *lines = out.splitlines()
    assert header.startswith("group,calls,errors,share,")
    assert sum(int(line.split(",")[1]) for line in lines) == 5


def test_only_what_is_asked_for_is_counted(stats):
    _, out, _ = stats("--json", "--where", "status == SUCCESS", "demo.pcap")
    found = json.loads(out)
    assert found["statuses"] == {"SUCCESS": found["calls"]}
    assert found["read"] > found["calls"]


@pytest.mark.parametrize(
    ("arguments", "said"), [([], ""), (["--errors"], "volttools: one process reads it all: filters may")]
)
def test_several_processes_tell_the_same(stats, arguments, said):
    status, out, err = stats("--jobs", "2", *arguments, "demo.pcap")
    assert (status, out) == stats(*arguments, "demo.pcap")[:2]
    assert err.startswith(said)
    assert bool(err) is bool(said)


def test_the_first_groups_only_if_so_asked(stats):
    _, out, _ = stats("--json", "--by", "connection", "--top", 1, "demo.pcap")
    assert len(json.loads(out)["groups"]) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["song.txt"], "volttools: song.txt: not a capture"),
        (["no such file"], "volttools: no such file: "),
        (["empty.pcap"], "volttools: empty.pcap: there is no call of VoltDB in it\n"),
        (["--where", "latency > 1h", "demo.pcap"], "volttools: demo.pcap: none of 5 calls matches --where 'latency > 1h'\n"),
        (["--by", "nonsense", "demo.pcap"], "volttools: can't count by 'nonsense': column 1: no field is called"),
        (["--baseline", "song.txt", "demo.pcap"], "volttools: song.txt is no baseline that"),
        (["--update", "demo.pcap"], "volttools stats: --update and --fail-on are about a baseline"),
        (["--jobs", "2", "--follow", "demo.pcap"], "volttools stats: --jobs and --follow don't go together"),
        (["--every", "1s", "demo.pcap"], "volttools stats: --every is how often to tell what grows"),
        (["--json", "--csv", "demo.pcap"], "volttools stats: --json and --csv don't go together"),
        (["--baseline", "b", "--tolerance", "much", "demo.pcap"], "volttools stats: invalid value for '--tolerance': 'much' is no percentage"),
        ([], "volttools stats: missing argument 'FILE...'"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_status_2_and_a_sentence(stats, arguments, said):
    status, out, err = stats(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith(said)


def test_where_there_is_no_call_what_there_is_instead_is_told(stats, captures):
    traffic = Traffic().logs_in(0)
    (captures / "login.pcap").write_bytes(pcap_of(traffic))
    said = "there is no call of VoltDB in it, but log-ins accepted 1; volttools decode tells more"
    assert stats("login.pcap") == (2, "", f"volttools: login.pcap: {said}\n")


def test_a_baseline_is_saved_then_compared(stats, captures):
    status, out, err = stats("--baseline", "b", "demo.pcap")
    assert (status, err) == (0, "volttools: the baseline was saved to b\n")
    assert "since b" not in out
    status, out, err = stats("--baseline", "b", "demo.pcap")
    assert (status, err) == (0, "")
    assert out.splitlines()[-1] == "  nothing is new, slower, more frequent, gone, or fails more"


def test_what_changed_since_is_status_1_unless_it_is_allowed(stats):
    stats("--baseline", "b", "demo.pcap")
    arguments = ["--json", "--baseline", "b", "--where", 'procedure == "ORDERS.insert"', "demo.pcap"]
    status, out, _ = stats(*arguments)
    changes = json.loads(out)["changes"]
    assert status == 1
    assert {change["kind"] for change in changes} >= {"gone"}
    assert stats("--fail-on", "slower", *arguments)[0] == 0


def test_a_baseline_is_updated_after_comparing(stats):
    stats("--baseline", "b", "demo.pcap")
    arguments = ["--baseline", "b", "--where", 'procedure == "ORDERS.insert"', "demo.pcap"]
    assert stats("--update", *arguments)[0] == 1
    assert stats(*arguments)[0] == 0


def test_the_kinds_of_changes_are_said_twice_alike():
    assert CHANGES == KINDS


def process(*arguments, **settings):
    return subprocess.Popen(
        [sys.executable, "-m", "volttools", "stats", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm"},
        **settings,
    )


def test_what_grows_is_told_at_its_end(tmp_path):
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap())
    done = process("--follow", "--idle", "200ms", "--every", "1h", "--json", path, stdout=subprocess.PIPE)
    out, _ = done.communicate(timeout=60)
    assert (done.returncode, json.loads(out)["calls"]) == (0, 5)


def test_json_is_a_line_whenever_there_is_something_new(tmp_path):
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap_head())
    running = process("--follow", "--every", "1ms", "--json", path, stdout=subprocess.PIPE)
    try:
        with open(path, "ab") as file:
            file.write(pcap()[len(pcap_head()) :])
            file.flush()
            lines = [json.loads(running.stdout.readline())]
            while lines[-1]["calls"] < 5:
                lines.append(json.loads(running.stdout.readline()))
            running.send_signal(signal.SIGINT)
            lines += map(json.loads, running.stdout)
    finally:
        running.kill()
        running.wait(timeout=60)
        running.stdout.close()
    assert len(lines) > 1
    assert lines[-1]["calls"] == 5
    assert [line["kind"] for line in lines] == ["digest"] * len(lines)


def read_until(terminal, text):
    seen = ""
    while text not in seen:
        assert select.select([terminal], [], [], 60)[0], seen
        seen += os.read(terminal, 65536).decode(errors="replace")
    return seen


def test_on_a_terminal_the_page_is_drawn_as_it_grows(tmp_path):
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap_head())
    mine, its = pty.openpty()
    running = process("--follow", path, stdin=its, stdout=its, stderr=its)
    os.close(its)
    try:
        with open(path, "ab") as file:
            file.write(pcap()[len(pcap_head()) :])
        read_until(mine, "Everything")
        running.send_signal(signal.SIGINT)
        read_until(mine, "\x1b[?1049l")  # the screen of before is back
    finally:
        running.kill()
        running.wait(timeout=60)
        os.close(mine)


def test_an_interrupted_digest_is_that_of_a_part(stats, monkeypatch):
    from volttools.capture.reader import Capture

    events = Capture.events

    def interrupted(capture):
        found = events(capture)
        yield from (next(found) for _ in range(3))
        raise KeyboardInterrupt

    monkeypatch.setattr(Capture, "events", interrupted)
    status, out, err = stats("--json", "--baseline", "b", "demo.pcap")
    found = json.loads(out)
    assert (status, err) == (130, "volttools: interrupted: the rest was not read\n")
    assert found["interrupted"] is True
    assert 0 < found["calls"] < 5
    assert not os.path.exists("b")


def test_a_reader_that_leaves_ends_it(captures, monkeypatch):
    class Gone(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Gone())
    assert run(["stats", "demo.pcap"]) == 0
