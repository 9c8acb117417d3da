"""What passes, as pcapng."""

from pathlib import Path

import pytest

import volttools
from volttools.client.connection_settings import Address
from volttools.client.tap import Tap
from volttools.errors import UsageError
from volttools.protocol.client_side import ClientSide
from volttools.protocol.frame_buffer import framed
from volttools.replay import recording as recording_module
from volttools.replay.recording import PcapngRecording, recording_to

HERE, THERE = Address("127.0.0.1", 50000), Address("127.0.0.1", 21212)
ACCEPTED = volttools.build(
    volttools.LoginResponse(host_id=0, connection_id=1, cluster_start=0, leader_address=0, build="b")
)


def nothing(text):
    raise AssertionError(text)


def test_frames_are_there_without_the_hash_as_soon_as_they_are_flushed(tmp_path):
    path = str(tmp_path / "x.pcapng")
    recording = PcapngRecording(path, on_trouble=nothing)
    side, watcher = ClientSide(), recording.watch(HERE, THERE, is_tls=False)
    watcher.sent(side.login(user="op", password="secret"))
    watcher.received(framed(ACCEPTED))
    list(side.receive(framed(ACCEPTED)))
    watcher.sent(side.call("Vote")[1])
    watcher.received(framed(volttools.build(volttools.Response(client_handle=1))))
    while recording.work():
        pass
    recording.flush()
    with volttools.open(path) as capture:
        login, exchange = capture.events()
        assert (login.request.user, set(login.request.password_hash)) == ("op", {0})
        assert (exchange.procedure, exchange.status) == ("Vote", 1)
    watcher.ended(by_server=True, was_reset=False)
    recording.close()
    with volttools.open(path) as capture:
        (exchange,) = capture
        assert (exchange.connection.closed_by, exchange.connection.server) == ("server", str(THERE))


def test_the_name_tells_the_format_and_what_is_there_stays(tmp_path):
    path = tmp_path / "x.jsonl"
    recording = recording_to(str(path), overwrite=False, on_trouble=nothing)
    assert isinstance(recording, Tap)
    recording.close()
    with pytest.raises(UsageError, match="exists; give --overwrite"):
        recording_to(str(path), overwrite=False, on_trouble=nothing)
    with pytest.raises(UsageError, match=r"end it with one of \.pcapng, \.jsonl, \.dump$"):
        recording_to(str(tmp_path / "x.what"), overwrite=False, on_trouble=nothing)
    with pytest.raises(UsageError, match="nothing can be recorded"):
        recording_to(str(tmp_path / "no" / "x.pcapng"), overwrite=False, on_trouble=nothing)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is a device of Linux")
def test_a_full_disk_costs_the_recording_only():
    said = []
    recording = PcapngRecording("/dev/full", on_trouble=said.append)
    recording.watch(HERE, THERE, is_tls=False).sent(b"\0\0\0\1\0")
    recording.work()
    recording.flush()
    recording.close()
    assert said == ["/dev/full: No space left on device; nothing more is recorded, and the replay goes on"]


def test_what_waits_to_be_written_has_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(recording_module, "MOST_STEPS", 10)
    path = tmp_path / "x.pcapng"
    recording = PcapngRecording(str(path), on_trouble=nothing)
    watcher = recording.watch(HERE, THERE, is_tls=False)
    for _ in range(10):
        watcher.sent(b"\0\0\0\1\0")
    recording.flush()
    few = path.stat().st_size
    for _ in range(100):
        watcher.sent(b"\0\0\0\1\0")
    recording.flush()
    assert path.stat().st_size > few
    assert len(recording._steps) == 10
    recording.close()
    assert recording._bytes == 0
