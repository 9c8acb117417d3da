"""What is common to outputs is tested through the recorder; here is what each makes of its steps."""

import pytest

from tests.protocol.wire import ACCEPTED, LOGIN, call
from volttools.capture.reader import open as open_capture
from volttools.errors import UsageError
from volttools.protocol.events import Connection, Direction, Frame
from volttools.protocol.traffic import Bytes, Ended, Opened, Sent
from volttools.record.disk import Disk
from volttools.record.outputs import open_output

ONE = Connection(number=1, client="10.0.0.1:5", server="10.0.0.2:6")
NOW = 10**18


@pytest.fixture
def disk():
    disk = Disk(writes_at_once=True, on_trouble=lambda sentence: None)
    yield disk
    disk.close()


def output(path, format, disk, **settings):
    defaults = {
        "comment": "made in a test",
        "rotation": None,
        "takes_steps": False,
        "keep_login_hashes": True,
        "overwrite": False,
        "on_trouble": print,
        "now_ns": NOW,
    }
    return open_output(str(path), format, disk, **(defaults | settings))


def test_a_pcapng_without_a_connection_can_be_read(tmp_path, disk):
    output(tmp_path / "a.pcapng", "pcapng", disk).close()
    with open_capture(tmp_path / "a.pcapng") as capture:
        assert list(capture.events()) == []


def test_each_step_is_on_the_disk_as_a_whole(tmp_path, disk):
    path = tmp_path / "a.pcapng"
    made = output(path, "pcapng", disk)
    made.step(Opened(connection=ONE, time_ns=NOW, is_whole=True), NOW)
    for size in (1, 70_000):
        before = path.stat().st_size
        made.step(Bytes(connection=ONE, direction=Direction.CLIENT, data=b"x" * size, time_ns=NOW), NOW)
        assert path.stat().st_size > before + size
        with open_capture(path) as capture:
            list(capture.events())
            assert "file cut" not in capture.summary.damage


def test_a_dump_file_takes_frames_only(tmp_path, disk):
    made = output(tmp_path / "a.dump", "dump", disk)
    made.step(Opened(connection=ONE, time_ns=NOW, is_whole=True), NOW)
    for direction, body in (
        (Direction.CLIENT, LOGIN),
        (Direction.SERVER, ACCEPTED),
        (Direction.CLIENT, call()),
    ):
        frame = Frame(direction=direction, body=body, length=len(body), offset=0)
        assert made.step(Sent(connection=ONE, frame=frame), NOW)
    cut = Frame(direction=Direction.CLIENT, body=b"x", length=9, offset=0, missing=[(1, 9)])
    assert not made.step(Sent(connection=ONE, frame=cut), NOW)
    for direction in Direction:
        made.step(Ended(connection=ONE, direction=direction, how="fin", time_ns=NOW), NOW)
    made.close()
    assert made.names == [str(tmp_path / "a-0001.dump")]
    with open_capture(*made.names) as capture:
        assert [exchange.procedure for exchange in capture] == ["Vote"]


def test_a_dump_file_that_is_there_is_not_written_over(tmp_path, disk):
    (tmp_path / "a-0001.dump").write_bytes(b"mine")
    with pytest.raises(UsageError, match=r"a-0001\.dump is there already"):
        output(tmp_path / "a.dump", "dump", disk)
