"""One FILE that is followed: its items, and where there are none for now."""

import os
import sys
import threading

import pytest

from tests.capture.files import pcap_head
from tests.capture.growth import append, delete, rename, write
from tests.capture.traffic import Traffic, calls, dump_of, pcap_of
from tests.protocol.wire import ACCEPTED, LOGIN, call
from volttools.capture.followed import Context, FollowedSource
from volttools.capture.keylogs import KeyLogs
from volttools.capture.watching import Watch
from volttools.errors import CaptureError
from volttools.protocol.numbering import Numbers

PCAP = pcap_of(calls(Traffic().logs_in(0), (1, "A")))


@pytest.fixture
def context():
    numbers = Numbers()
    watch = Watch(given_ports=frozenset(), known_ports=frozenset(), numbers=numbers)
    return Context(numbers, watch, KeyLogs())


def kinds(items):
    """What kinds of items come until there are none for now."""
    found = []
    for item in items:
        if item is None:
            return found
        found.append(getattr(item, "kind", type(item).__name__))
    return [*found, "end"]


def test_packets_then_nothing_then_more(tmp_path, context):
    path = tmp_path / "x.pcap"
    source = FollowedSource(path)
    assert source.missing == f"{path}: not there yet; waiting for it"
    items = source.items(context)
    assert kinds(items) == []
    write(path, b"")()
    assert source.missing == f"{path}: nothing is in it yet; waiting"
    write(path, PCAP[:-10])()
    assert kinds(items) == ["Packet"] * 5
    assert source.missing is None
    assert source.has_part
    append(path, PCAP[-10:])()
    assert kinds(items) == ["Packet"]
    assert not source.has_part
    assert source.done == len(PCAP)
    items.close()


def test_bytes_of_all_its_files_are_counted(tmp_path, context):
    path = tmp_path / "x.pcap"
    source = FollowedSource(path)
    items = source.items(context)
    for times in (1, 2, 3):
        write(path, PCAP)()
        assert kinds(items) == ["Packet"] * 6
        assert source.done == times * len(PCAP)
        delete(path)()
    items.close()


def test_what_a_dump_file_leaves_open_is_told_when_it_is_stopped(tmp_path, context):
    path = tmp_path / "dump"
    path.write_bytes(dump_of(LOGIN, ACCEPTED, call("A", 1)) + b"\0\0")
    source = FollowedSource(path)
    items = source.items(context)
    assert kinds(items) == ["login"]
    assert [(event.kind, event.procedure) for event in source.finish()] == [("exchange", "A")]
    items.close()


@pytest.mark.parametrize(("end", "found"), [(b"}", ["A"]), (b"", []), (b'}\n{"kind"', ["A"])])
def test_a_last_json_line_needs_no_end_and_half_a_line_is_no_damage(tmp_path, context, end, found):
    path = tmp_path / "calls.jsonl"
    path.write_bytes(b'{"kind": "exchange", "procedure": "A", "client_handle": 1, "params": []' + end)
    source = FollowedSource(path)
    items = source.items(context)
    events = list(iter(lambda: next(items), None))
    assert [event.procedure for event in [*events, *source.finish()]] == found
    items.close()


def test_a_named_pipe_ends_when_its_writer_closes_it(tmp_path, context):
    path = tmp_path / "fifo"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(PCAP,))
    writer.start()
    items = FollowedSource(path).items(context)
    found = []
    while "end" not in found:
        found += kinds(items)
    writer.join()
    assert found == ["Packet"] * 6 + ["end"]


@pytest.mark.skipif(sys.platform != "linux", reason="opening it waits for its writer")
def test_a_named_pipe_to_which_nobody_writes_yet_is_waited_for(tmp_path, context):
    path = tmp_path / "fifo"
    os.mkfifo(path)
    items = FollowedSource(path).items(context)
    assert kinds(items) == []
    with path.open("wb", buffering=0) as writer:
        assert kinds(items) == []
        writer.write(PCAP[:-10])
        assert kinds(items) == ["Packet"] * 5
        writer.write(PCAP[-10:])
    assert kinds(items) == ["Packet", "end"]


@pytest.mark.parametrize("name", ["x.pcap", "x*"])
def test_a_later_file_that_may_not_be_read_is_told_once_and_read_when_it_may_be(
    tmp_path, context, monkeypatch, name
):
    path = tmp_path / "x.pcap"
    write(path, PCAP)()
    source = FollowedSource(tmp_path / name)
    items = source.items(context)
    assert kinds(items) == ["Packet"] * 6
    rename(path, tmp_path / "old")()

    def refuse(path, has_next):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr("volttools.capture.followed.GrowingFile", refuse)
        write(path, PCAP[:-10])()
        (damage,) = iter(lambda: next(items), None)
        assert (damage.message, damage.file) == ("can't be opened: Permission denied", str(path))
        append(path, PCAP[-10:-5])()
        assert kinds(items) == []
    append(path, PCAP[-5:])()
    assert kinds(items) == ["Packet"] * 6
    items.close()


def test_a_file_that_may_not_be_read_is_an_error(tmp_path, context, monkeypatch):
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap_head())

    def refuse(path, has_next):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("volttools.capture.followed.GrowingFile", refuse)
    with pytest.raises(CaptureError) as caught:
        next(FollowedSource(path).items(context))
    assert str(caught.value) == f"{path}: can't be opened: Permission denied"
