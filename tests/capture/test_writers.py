import io

import pytest

from tests.capture.test_dump_writer import logged_in
from tests.capture.test_tcp_writer import CLIENT, ONE, SERVER, frame, opened, sent
from tests.capture.traffic import dump_of
from tests.protocol.wire import ACCEPTED, LOGIN, answer, call, framed
from tests.samples import events
from volttools.capture.reader import open as open_capture
from volttools.capture.writers import (
    SUFFIXES,
    DumpedConnectionWriter,
    DumpFileWriter,
    FramesWriter,
    HexWriter,
    JsonLinesWriter,
    PcapngFileWriter,
    format_of,
)
from volttools.errors import UsageError
from volttools.protocol.traffic import Sent, full

STEPS = [opened(ONE), *logged_in(ONE, call("A", 1), answer(1))]
HOLED = Sent(connection=ONE, frame=frame(SERVER, b"abc", length=9, missing=[(3, 9)]))


def test_the_name_tells_the_format():
    assert [format_of(f"a/B{suffixes[0].upper()}") for suffixes in SUFFIXES.values()] == list(SUFFIXES)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "x.pcap",
            "x.pcap: pcap files are read, not written: write pcapng, which knows more (Wireshark reads it)",
        ),
        (
            "x",
            "x: its name doesn't tell its format: end it with one of .pcapng, .dump, .jsonl, .frames, .hex, or give --to",
        ),
    ],
)
def test_a_name_that_tells_none_is_refused(name, message):
    with pytest.raises(UsageError) as caught:
        format_of(name)
    assert str(caught.value) == message


@pytest.mark.parametrize("kind", [PcapngFileWriter, DumpFileWriter, DumpedConnectionWriter, FramesWriter])
def test_what_each_writes_is_read_again(kind):
    stream = io.BytesIO()
    writer = kind(stream)
    assert all(writer.step(step) for step in STEPS)
    writer.close()
    data = stream.getvalue()
    if kind is FramesWriter:
        assert data == b"".join(map(framed, [LOGIN, ACCEPTED, call("A", 1), answer(1)]))
        return
    with open_capture(io.BytesIO(data)) as capture:
        assert [exchange.procedure for exchange in capture] == ["A"]


@pytest.mark.parametrize("kind", [PcapngFileWriter, DumpedConnectionWriter, FramesWriter, HexWriter])
def test_a_writer_can_go_on_in_the_next_file(kind):
    first, second = io.BytesIO(), io.BytesIO()
    writer = kind(first)
    for step in STEPS[:3]:
        writer.step(step)
    size = writer.size
    writer.go_on(second)
    for step in STEPS[3:]:
        writer.step(step)
    writer.close()
    assert 0 < size <= len(first.getvalue())
    assert second.getvalue()


def test_what_a_format_cannot_hold_is_told():
    for kind in (DumpFileWriter, DumpedConnectionWriter, FramesWriter, HexWriter):
        writer = kind(io.BytesIO())
        assert not writer.step(HOLED)
        writer.close()
    assert PcapngFileWriter(io.BytesIO()).step(HOLED)
    dump = DumpFileWriter(io.BytesIO())
    with pytest.raises(UsageError, match="can't be split by size"):
        dump.go_on(io.BytesIO())
    dump.close()


def test_hex_is_a_frame_a_line():
    stream = io.BytesIO()
    writer = HexWriter(stream)
    for step in (sent(ONE, CLIENT, call("A", 1)), full(ONE)):
        writer.step(step)
    assert stream.getvalue().decode().splitlines() == [framed(call("A", 1)).hex(), "01"]


def test_a_dumped_connection_is_written_as_it_comes():
    stream = io.BytesIO()
    writer = DumpedConnectionWriter(stream)
    for step in STEPS:
        writer.step(step)
    assert stream.getvalue() == dump_of(LOGIN, ACCEPTED, call("A", 1), answer(1))
    assert writer.size == len(stream.getvalue())


def test_each_file_of_json_lines_begins_with_the_line_of_the_capture():
    first, second = io.BytesIO(), io.BytesIO()
    writer = JsonLinesWriter(first)
    writer.event(events()[1])
    assert writer.size == len(first.getvalue())
    writer.go_on(second)
    writer.event(events()[2])
    for stream in (first, second):
        lines = stream.getvalue().splitlines()
        assert lines[0].startswith(b'{"kind":"capture","schema":1')
        assert len(lines) == 2
