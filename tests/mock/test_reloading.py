"""What has changed is read again: once it is whole, and without a connection that ends."""

import os
import shutil

import pytest

from tests.mock.wire import Wire
from tests.requirements import ROOT
from volttools.errors import UsageError
from volttools.jsonlines.lines import capture_line, line_bytes
from volttools.mock import MockServer
from volttools.mock.reloading import Reloading, captures_in

DEMO = ROOT / "captures" / "demo.pcap"


def recorded(path, number):
    """A capture in which P answers a number."""
    line = {
        "kind": "exchange", "procedure": "P", "params": [],
        "response": {"tables": [{"columns": [["", "BIGINT"]], "rows": [[number]]}]},
    }  # fmt: skip
    path.write_bytes(line_bytes(capture_line(["x"])) + line_bytes(line))


def touched(path, seconds):
    """As if it had been written so much later."""
    stat = path.stat()
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + seconds * 10**9))


@pytest.fixture
def running(tmp_path):
    """Gives a function that serves paths: the reloading, and a client."""
    opened = []

    def run(captures=(), handlers=None):
        reloading = Reloading([str(path) for path in captures], handlers and str(handlers))
        server = MockServer(recording=reloading.recording).start()
        reloading.serve(server)
        wire = Wire(server)
        opened.extend([wire.socket, server])
        wire.log_in()
        return reloading, lambda *call: wire.call(*call).tables[0].rows[0][0]

    yield run
    for each in opened:
        each.close()


def test_a_capture_is_read_again_when_it_stays_as_it_is(tmp_path, running):
    path = tmp_path / "a.jsonl"
    recorded(path, 1)
    reloading, call = running([path])
    assert call("P") == 1
    assert reloading.look() == []
    recorded(path, 22)
    assert reloading.look() == []  # it may still be being written
    assert call("P") == 1
    assert reloading.look() == ["the captures have changed, and were read again"]
    assert call("P") == 22
    assert reloading.look() == []


def test_files_that_come_into_a_directory_are_read(tmp_path, running):
    recorded(tmp_path / "a.jsonl", 1)
    (tmp_path / "README.md").write_text("no capture")
    (tmp_path / ".hidden.pcap").write_text("no capture either")
    reloading, call = running([tmp_path])
    shutil.copy(DEMO, tmp_path / "demo.pcap")
    assert [reloading.look(), len(reloading.look())] == [[], 1]
    assert captures_in([str(tmp_path)]) == [str(tmp_path / "a.jsonl"), str(tmp_path / "demo.pcap")]
    assert call("P") == 1


def test_what_can_not_be_read_leaves_what_was(tmp_path, running):
    path = tmp_path / "a.jsonl"
    recorded(path, 1)
    handlers = tmp_path / "h.py"
    handlers.write_text("def Q(): return 1\n")
    reloading, call = running([path], handlers)
    path.write_text("broken")
    handlers.write_text("def Q(:")
    reloading.look()
    first, second = reloading.look()
    assert first.startswith(f"{path}: ")
    assert first.endswith("; what was there before goes on answering")
    assert second.startswith(f"{handlers}, line 1: SyntaxError: ")
    assert (call("P"), call("Q")) == (1, 1)
    path.unlink()
    reloading.look()
    assert "No such file" in reloading.look()[0]
    recorded(path, 3)
    touched(path, 5)
    reloading.look()
    assert reloading.look() == ["the captures have changed, and were read again"]
    assert call("P") == 3


def test_handlers_come_and_go(tmp_path, running):
    handlers = tmp_path / "h.py"
    handlers.write_text("def A(): return 1\ndef B(): return 2\n")
    reloading, call = running(handlers=handlers)
    assert (call("A"), call("B")) == (1, 2)
    handlers.write_text("def B(): return 3\ndef Longer(): return 4\n")
    reloading.look()
    assert reloading.look() == [f"{handlers} has changed: 2 handlers"]
    assert (call("B"), call("Longer")) == (3, 4)
    with pytest.raises(IndexError):  # a miss has no table
        call("A")


def test_a_directory_without_captures_is_refused(tmp_path):
    with pytest.raises(UsageError) as raised:
        Reloading([str(tmp_path)], None)
    assert str(raised.value) == f"{tmp_path}: no capture is in there"
