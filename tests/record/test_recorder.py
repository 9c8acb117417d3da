"""What passed is in the file: every byte, whatever it was, without hashes."""

import itertools
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.wire import ACCEPTED, answer, call, framed
from volttools.capture.reader import open as open_capture
from volttools.codec import build
from volttools.errors import CaptureError, UsageError
from volttools.formats.login import LoginRequest
from volttools.protocol.events import Direction, Exchange
from volttools.record import disk as disk_module
from volttools.record.recorder import Recorder
from volttools.record.rotation import Rotation
from volttools.redaction.redactor import Redactor
from volttools.redaction.rules import Rules

CLIENT, SERVER = Direction.CLIENT, Direction.SERVER
HASH = bytes(range(100, 132))
LOGIN = framed(build(LoginRequest(user="ann", password_hash=HASH)))
HELLO = [(CLIENT, LOGIN), (SERVER, framed(ACCEPTED))]
CALLS = [
    *HELLO,
    (CLIENT, framed(call("Vote", 1, 42))),
    (SERVER, framed(answer(1))),
    (CLIENT, framed(call("Fail", 2, "x"))),
    (SERVER, framed(answer(2, status=-2, text="no"))),
]
START = 1_700_000_000_000_000_000


class Clock:
    """A microsecond later each time."""

    def __init__(self):
        self.times = itertools.count(START, 1_000)
        self.ports = itertools.count(50_000)

    def play(self, recorder, said, *, how="fin", ends=None):
        """One connection."""
        ends = ends or (("10.0.0.1", next(self.ports)), ("10.0.0.2", 21_212))
        watched = recorder.opened(*ends, next(self.times))
        for direction, data in said:
            watched.data(direction, data, next(self.times))
        if how:
            for direction in Direction:
                watched.ended(direction, how, next(self.times))
        return watched


def streams(path):
    """The bytes of each side in a capture, by connection, as TCP has them."""
    from volttools.capture.conversations import ConversationTable
    from volttools.capture.network import Dissector
    from volttools.capture.packets import PacketReader
    from volttools.capture.reassembly import Data

    found = {}
    with open(path, "rb") as file:
        reader, table, dissector = PacketReader(file), ConversationTable(), Dissector()
        events = []
        for packet in reader:
            endpoints, segment = dissector.segment(packet)
            events += table.feed(endpoints, segment)
        events += table.finish()
        assert not reader.damage
    for connection, event in events:
        if isinstance(event, Data):
            found.setdefault(connection.number, [b"", b""])[event.side] += event.data
    return found


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "out.pcapng")


def test_a_recording_reads_as_what_was_said(path):
    recorder = Recorder(path, comment="a test")
    Clock().play(recorder, CALLS)
    recorder.close()
    with open_capture(path) as capture:
        found = list(capture)
        assert capture.summary.damage_count == 0
    assert [(e.procedure, e.status, e.latency_ns) for e in found] == [("Vote", 1, 1_000), ("Fail", -2, 1_000)]
    assert (found[0].connection.client, found[0].connection.server) == ("10.0.0.1:50000", "10.0.0.2:21212")
    assert found[0].request_frame.seen_at_ns == START + 3_000
    data = Path(path).read_bytes()
    assert b"recorded by volttools" in data
    assert b": a test" in data


def test_hashes_are_zeros_unless_they_are_to_be_kept(tmp_path):
    for keep in (False, True):
        for suffix in ("pcapng", "jsonl", "dump"):
            name = str(tmp_path / f"{keep}.{suffix}")
            recorder = Recorder(name, keep_login_hashes=keep)
            Clock().play(recorder, CALLS)
            recorder.close()
            data = Path(recorder.files[0]).read_bytes()
            assert (HASH in data or HASH.hex().encode() in data) is keep, name


@given(
    st.lists(
        st.tuples(st.sampled_from(Direction), st.one_of(st.binary(min_size=1, max_size=40), st.just(LOGIN))),
        max_size=15,
    )
)
def test_bytes_that_are_no_frames_are_all_there(tmp_path_factory, said):
    path = str(tmp_path_factory.mktemp("bytes") / "x.pcapng")
    recorder = Recorder(path, keep_login_hashes=True)
    Clock().play(recorder, said)
    recorder.close()
    expected = [b"".join(d for who, d in said if who is side) for side in Direction]
    assert streams(path).get(1, [b"", b""]) == expected
    assert not recorder.trouble


@given(st.data())
def test_cut_anywhere_the_same_calls_are_found(tmp_path_factory, data):
    path = str(tmp_path_factory.mktemp("cut") / "x.pcapng")
    said = []
    for direction, whole in CALLS:
        cuts = sorted(data.draw(st.sets(st.integers(1, len(whole) - 1), max_size=3)))
        places = [0, *cuts, len(whole)]
        said += [(direction, whole[a:b]) for a, b in itertools.pairwise(places)]
    seen = []
    recorder = Recorder(path, on_event=seen.append)
    Clock().play(recorder, said)
    recorder.close()
    with open_capture(path) as capture:
        assert [e.procedure for e in capture] == ["Vote", "Fail"]
    assert [e.procedure for e in seen if isinstance(e, Exchange)] == ["Vote", "Fail"]


@pytest.mark.parametrize(
    ("how", "kind"), [("fin", "fin"), ("rst", "rst"), ("end of capture", "end of capture")]
)
def test_the_end_of_a_connection_is_written(path, how, kind):
    recorder = Recorder(path)
    Clock().play(recorder, CALLS[:3], how=how)
    recorder.close()
    with open_capture(path) as capture:
        (exchange,) = list(capture)
    assert exchange.connection.closed_kind == kind
    assert exchange.response is None


def test_what_is_open_at_the_end_is_closed_in_the_statistics(path):
    recorder = Recorder(path)
    Clock().play(recorder, CALLS, how=None)
    assert recorder.snapshot().open == 1
    recorder.close()
    found = recorder.snapshot()
    assert (found.open, found.calls, found.errors, found.procedures) == (0, 2, 1, {"Vote": 1, "Fail": 1})
    assert found.last_errors == ["Fail: GRACEFUL_FAILURE: no"]
    assert found.files == [path]


def test_json_lines_hold_the_calls(tmp_path):
    name = str(tmp_path / "out.jsonl")
    recorder = Recorder(name)
    Clock().play(recorder, CALLS)
    recorder.close()
    with open_capture(name) as capture:
        assert [(e.procedure, e.status) for e in capture] == [("Vote", 1), ("Fail", -2)]


def test_a_dump_file_for_each_connection(tmp_path):
    name = str(tmp_path / "out.dump")
    recorder = Recorder(name)
    clock = Clock()
    clock.play(recorder, CALLS)
    clock.play(recorder, CALLS[:4])
    recorder.close()
    assert recorder.files == [str(tmp_path / "out-0001.dump"), str(tmp_path / "out-0002.dump")]
    with open_capture(recorder.files[0]) as capture:
        assert [e.procedure for e in capture] == ["Vote", "Fail"]
    with open_capture(recorder.files[1]) as capture:
        assert [e.procedure for e in capture] == ["Vote"]


@pytest.mark.parametrize("suffix", ["pcapng", "jsonl"])
def test_values_are_redacted_before_they_are_written(tmp_path, suffix):
    name = str(tmp_path / f"out.{suffix}")
    seen = []
    redactor = Redactor(Rules.from_text(""), b"k" * 32)
    recorder = Recorder(name, rewriter=redactor, on_event=seen.append)
    said = [*HELLO, (CLIENT, framed(call("Vote", 1, "my secret value"))), (SERVER, framed(answer(1)))]
    Clock().play(recorder, [*said, (CLIENT, b"\xff\xff\xff\xffmy secret value")])
    recorder.close()
    data = Path(name).read_bytes()
    assert b"secret value" not in data
    assert b"row 1" not in data
    assert HASH not in data
    with open_capture(name) as capture:
        (exchange,) = list(capture)
    assert (exchange.procedure, exchange.status) == ("Vote", 1)
    assert all("secret" not in repr(event) for event in seen)


def test_ipv4_and_ipv6_can_meet(path):
    recorder = Recorder(path)
    Clock().play(recorder, CALLS, ends=(("10.0.0.1", 5), ("fd00::1", 21212)))
    recorder.close()
    with open_capture(path) as capture:
        assert {e.connection.client for e in capture} == {"[::ffff:a00:1]:5"}


# ------------------------------------------------------------------------ rotation


def test_files_of_a_size_follow_one_another_and_read_as_one(tmp_path):
    name = str(tmp_path / "out.pcapng")
    recorder = Recorder(name, rotation=Rotation(max_bytes=2_000))
    many = [(d, framed(b)) for i in range(30) for d, b in ((CLIENT, call("Vote", i)), (SERVER, answer(i)))]
    Clock().play(recorder, [*HELLO, *many])
    recorder.close()
    files = sorted(str(path) for path in tmp_path.iterdir())
    assert files == recorder.files
    assert len(files) > 3
    with open_capture(*files) as capture:
        assert len(list(capture)) == 30
        assert capture.summary.damage_count == 0
    for file in files:
        with open_capture(file) as capture:
            assert list(capture)


def test_old_files_are_compressed_and_deleted(tmp_path):
    name = str(tmp_path / "out.pcapng")
    (tmp_path / "out-other.pcapng").write_bytes(b"not ours")
    for _ in range(2):
        recorder = Recorder(name, rotation=Rotation(max_bytes=2_000, keep=3, compress=True))
        many = [(d, framed(b)) for i in range(40) for d, b in ((CLIENT, call("V", i)), (SERVER, answer(i)))]
        Clock().play(recorder, [*HELLO, *many])
        recorder.close()
        assert not recorder.trouble
    left = sorted(path.name for path in tmp_path.iterdir())
    assert len(left) == 4
    assert left.pop() == "out-other.pcapng"
    assert all(name.endswith("Z-" + name[-14:-10] + ".pcapng.gz") for name in left)
    with open_capture(*(str(tmp_path / name) for name in left)) as capture:
        assert list(capture)


def test_a_file_of_a_time(tmp_path):
    recorder = Recorder(str(tmp_path / "out.jsonl"), rotation=Rotation(max_ns=10**9))
    watched = recorder.opened(("10.0.0.1", 1), ("10.0.0.2", 2), START)
    now = recorder.statistics._started_ns
    for direction, data in CALLS:
        now += 600_000_000
        watched.data(direction, data, now)
    recorder.close()
    assert len(recorder.files) == 4  # of log-in, two calls, and what was begun first


# ------------------------------------------------------------------------ trouble


def test_a_file_that_is_there_is_not_written_over(path):
    with open(path, "w") as file:
        file.write("mine")
    with pytest.raises(UsageError, match="is there already: give another name, or --overwrite"):
        Recorder(path)
    Recorder(path, overwrite=True).close()
    assert Path(path).read_bytes()[:4] == bytes.fromhex("0a0d0d0a")


def test_a_file_that_can_not_be_written_is_said_at_once(tmp_path):
    with pytest.raises(CaptureError, match="can't be written: No such file or directory"):
        Recorder(str(tmp_path / "nowhere" / "out.pcapng"))


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("x.hex", {}, "a recording is written as pcapng, dump or json, not as hex: convert it later"),
        ("x.pcap", {}, "pcap files are read, not written"),
        ("x.txt", {}, "end it with one of .pcapng, .dump, .jsonl, or say it with --format"),
        ("-", {"rotation": Rotation(max_bytes=1)}, "standard output can't be rotated"),
        ("-", {"to": "dump"}, "so standard output can't take it"),
        ("x.dump", {"rotation": Rotation(max_bytes=1)}, "dump_files can't be rotated"),
    ],
)
def test_what_does_not_go_together_is_refused(tmp_path, monkeypatch, name, settings, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        Recorder(name, **settings)
    assert message in str(caught.value)


class FullDisk:
    """Lets `os.write` fail from some number of bytes on, until there is room."""

    def __init__(self, monkeypatch, room):
        self.room = room
        self._write = disk_module.os.write
        monkeypatch.setattr(disk_module.os, "write", self.write)
        monkeypatch.setattr(disk_module, "RETRY_S", 0.0)

    def write(self, fd, data):
        if self.room <= 0:
            raise OSError(28, "No space left on device")
        done = self._write(fd, data[: self.room])
        self.room -= done
        return done


def test_a_disk_that_was_full_for_a_moment_loses_nothing(path, monkeypatch):
    disk = FullDisk(monkeypatch, 700)
    recorder = Recorder(path, writes_at_once=True)
    clock = Clock()
    clock.play(recorder, CALLS)
    assert recorder.trouble == [
        f"{path} can't be written: No space left on device; all is passed on nevertheless, and kept for later up to 64 MiB"
    ]
    disk.room = 10**9
    clock.play(recorder, CALLS)
    recorder.close()
    assert recorder.trouble[1:] == ["the recording is written again"]
    with open_capture(path) as capture:
        assert len(list(capture)) == 4
        assert capture.summary.damage_count == 0


def test_a_disk_that_stays_full_leaves_a_gap_that_is_marked(path, monkeypatch):
    disk = FullDisk(monkeypatch, 10**9)
    recorder = Recorder(path, writes_at_once=True)
    clock = Clock()
    long = clock.play(recorder, CALLS, how=None)
    monkeypatch.setattr(disk_module, "MOST_WAITING_BYTES", 2_000)
    disk.room = 0
    lost = [(d, framed(b)) for i in range(90) for d, b in ((CLIENT, call("Lost", i)), (SERVER, answer(i)))]
    for direction, data in lost:
        long.data(direction, data, next(clock.times))
    clock.play(recorder, CALLS)  # nobody misses what nobody saw
    begun = clock.play(recorder, CALLS[:3], how=None)
    disk.room = 10**9
    for watched, handle in itertools.product((long, begun), range(1000, 1005)):
        for direction, body in ((CLIENT, call("Seen", handle)), (SERVER, answer(handle))):
            watched.data(direction, framed(body), next(clock.times))
    recorder.close()
    assert [text.partition(";")[0] for text in recorder.trouble] == [
        f"{path} can't be written: No space left on device",
        "the recording is written again",
    ]
    assert recorder.snapshot().lost_bytes > 5_000
    with open_capture(path) as capture:
        calls = [(e.connection.number, e.procedure) for e in capture]
        assert calls[0] == (1, "Vote")
        assert (1, "Seen") in calls
        assert (2, "Seen") in calls
        assert capture.summary.damage["snap length"] == 4  # both sides of two connections
    assert b"were passed on and not recorded, as the disk did not take them" in Path(path).read_bytes()


def test_what_makes_no_sense_is_not_kept_for_ever(path, monkeypatch):
    monkeypatch.setattr("volttools.record.recorder.MOST_UNREAD_BYTES", 50_000)
    recorder = Recorder(path)
    unanswered = [(CLIENT, framed(call("Vote", i, "x" * 5000))) for i in range(20)]
    Clock().play(recorder, [*HELLO, *unanswered])
    recorder.close()
    assert len(recorder.trouble) == 1
    assert recorder.trouble[0].startswith("connection 1 is not decoded any more: ")
    with open_capture(path) as capture:
        assert len(list(capture)) == 20


def test_who_is_told_may_fail(path):
    def fail(event):
        raise ValueError("no")

    recorder = Recorder(path, on_event=fail)
    Clock().play(recorder, CALLS)
    recorder.close()
    assert recorder.trouble == ["what is told of calls is told no more: ValueError: no"]
    with open_capture(path) as capture:
        assert len(list(capture)) == 2


def test_tshark_follows_a_recording_without_a_warning(tshark, tmp_path):
    path = str(tmp_path / "out.pcapng")
    recorder = Recorder(path)
    clock = Clock()
    big = framed(call("Big", 3, "x" * 300_000))
    pieces = [(CLIENT, big[i : i + 65536]) for i in range(0, len(big), 65536)]
    clock.play(recorder, [*CALLS, *pieces, (SERVER, framed(answer(3)))])
    clock.play(recorder, [*CALLS, (CLIENT, b"\xff\xffgarbage")], how="rst")
    clock.play(recorder, CALLS, ends=(("fd00::1", 5), ("fd00::2", 6)), how="end of capture")
    recorder.close()
    complaints = "tcp.analysis.flags || _ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0"
    checks = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
    done = subprocess.run(
        [tshark, "-n", "-r", path, *checks, "-Y", complaints], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""


def test_what_goes_wrong_in_the_proxy_itself_is_counted(path):
    recorder = Recorder(path)
    recorder.failed("something failed", ValueError("why"))
    recorder.refused("db1:21212", OSError(111, "x"))
    recorder.close()
    assert recorder.trouble == ["something failed: why", "can't connect to db1:21212: connection refused"]
    assert (recorder.snapshot().failures, recorder.snapshot().refused) == (1, 1)


def test_what_nobody_wants_to_know_is_not_found_out(path):
    recorder = Recorder(path, decodes=False)
    Clock().play(recorder, CALLS)
    recorder.close()
    assert (recorder.snapshot().calls, recorder.snapshot().connections) == (0, 1)
    with open_capture(path) as capture:
        assert [e.procedure for e in capture] == ["Vote", "Fail"]


@pytest.mark.parametrize("suffix", ["jsonl", "dump"])
def test_what_is_written_of_calls_is_found_out_in_any_case(tmp_path, suffix):
    recorder = Recorder(str(tmp_path / f"out.{suffix}"), decodes=False)
    Clock().play(recorder, CALLS)
    recorder.close()
    with open_capture(recorder.files[0]) as capture:
        assert [e.procedure for e in capture] == ["Vote", "Fail"]
