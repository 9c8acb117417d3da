"""What has changed is read again: once it is whole, and without a connection that ends."""

import json
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


def recorded(path, number, procedure="P"):
    """A capture in which a procedure answers a number."""
    line = {
        "kind": "exchange", "procedure": procedure, "params": [],
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

    def run(captures=(), handlers=None, **how):
        reloading = Reloading([str(path) for path in captures], handlers and str(handlers), **how)
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


def what_reads(server):
    """What the catalog lists, and whether it only reads."""
    with Wire(server) as wire:
        wire.log_in()
        table = wire.call("@SystemCatalog", "PROCEDURES").tables[0]
    names = [column.name for column in table.columns]
    name, remarks = names.index("PROCEDURE_NAME"), names.index("REMARKS")
    return {row[name]: json.loads(row[remarks])["readOnly"] for row in table.rows}


def test_what_only_reads_is_in_the_catalog_and_answered_as_recorded(tmp_path):
    path, handlers = tmp_path / "a.jsonl", tmp_path / "handlers.py"
    recorded(path, 7)
    handlers.write_text("def GetOne(): return 1\ndef Put(): return 2")
    reloading = Reloading([str(path)], str(handlers), read_only=["p", "Get*"])
    with MockServer(recording=reloading.recording) as server, Wire(server) as wire:
        reloading.serve(server)
        assert what_reads(server) == {"P": True, "GetOne": True, "Put": False}
        wire.log_in()
        assert wire.call("P").tables[0].rows == [(7,)]
        recorded(path, 8, "GetAll")
        touched(path, 1)
        assert reloading.look() == []
        assert reloading.look() == ["the captures have changed, and were read again"]
        assert what_reads(server) == {"GetAll": True, "GetOne": True, "Put": False}
        handlers.write_text("def GetAll(): return 3")
        touched(handlers, 1)
        assert reloading.look() == []
        assert reloading.look() == [f"{handlers} has changed: 1 handler"]
        assert what_reads(server) == {"GetAll": True}
        assert wire.call("GetAll").tables[0].rows == [(3,)]


@pytest.mark.parametrize("pattern", ["Nope", "@AdHoc"])
def test_what_reads_must_be_there(pattern):
    reloading = Reloading([str(DEMO)], None, read_only=[pattern])
    with (
        MockServer(recording=reloading.recording) as server,
        pytest.raises(
            UsageError, match=f"--read-only '{pattern}': no procedure of that name was recorded or"
        ),
    ):
        reloading.serve(server)
