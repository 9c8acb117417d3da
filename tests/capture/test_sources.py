"""Files, streams, and what is no capture."""

import bz2
import gzip
import io
import lzma
import os

import pytest

from tests.capture.traffic import Traffic, dump_of, pcap_of
from tests.protocol.wire import ACCEPTED, LOGIN
from volttools.capture.sources import Source
from volttools.errors import CaptureError

PCAP = pcap_of(Traffic().logs_in())
DUMP = dump_of(LOGIN, ACCEPTED)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PCAP, "packets"),
        (DUMP, "dump_file"),
        (gzip.compress(PCAP, mtime=0), "packets"),
        (gzip.compress(DUMP, mtime=0), "dump_file"),
    ],
)
def test_the_kind_is_found_and_nothing_is_lost(tmp_path, data, kind):
    path = tmp_path / "x"
    path.write_bytes(data)
    source = Source(path)
    found, stream = source.open()
    with stream:
        content = b"".join(iter(lambda: stream.read(7), b""))
    assert found == kind
    assert content == (DUMP if kind == "dump_file" else PCAP)
    assert source.done == source.size == len(data)


@pytest.fixture
def pipe():
    """What a shell makes of <(...): a name that can be opened again, under which there is nothing any more."""
    reading, writing = os.pipe()
    os.write(writing, DUMP)
    os.close(writing)
    yield f"/dev/fd/{reading}"
    os.close(reading)


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="there are no names for pipes")
def test_a_pipe_with_a_name_is_a_stream(pipe):
    source = Source(pipe)
    assert (source.is_stream, source.size) == (True, None)
    kind, stream = source.open()
    with stream:
        assert (kind, stream.read()) == ("dump_file", DUMP)
    with pytest.raises(CaptureError, match="a stream can be read only once"):
        source.open()


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="there are no names for pipes")
def test_a_pipe_with_a_name_is_kept_to_be_read_again(pipe):
    source = Source(pipe)
    source.make_repeatable()
    for _ in range(2):
        _, stream = source.open()
        with stream:
            assert stream.read() == DUMP
    source.forget()


def test_a_stream_is_read_once():
    source = Source(io.BytesIO(DUMP))
    kind, stream = source.open()
    assert (kind, stream.read()) == ("dump_file", DUMP)
    with pytest.raises(CaptureError, match="a stream can be read only once"):
        source.open()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x7fELF\x02\x01\x01" + bytes(20), "not a capture, it begins with 7f 45 4c 46 02 01 01 00: give"),
        (b"Dear diary, today", "not a capture, it begins with 'Dear diary, toda': give a pcap"),
        (b"# Title\n\nText of it", "not a capture, it begins with '# Title': give a pcap"),
        (bytes.fromhex("28b52ffd") + bytes(20), "compressed with zstd: unpack it first"),
        (lzma.compress(PCAP), "compressed with xz: unpack it first"),
        (bz2.compress(PCAP), "compressed with bzip2: unpack it first"),
        (gzip.compress(PCAP, mtime=0)[:12], "the gzip file is cut off"),
    ],
)
def test_what_is_no_capture_is_said_with_what_to_give(tmp_path, data, message):
    path = tmp_path / "x"
    path.write_bytes(data)
    with pytest.raises(CaptureError) as caught:
        Source(path).open()
    assert str(caught.value).startswith(f"{path}: {message}")


def test_who_wants_json_lines_is_told_of_them_and_not_of_pcap():
    with pytest.raises(CaptureError) as caught:
        Source(io.BytesIO(b"foo\n")).open(only_lines=True)
    assert "not JSON lines, it begins with 'foo': give JSON lines, as volttools decode --json" in str(
        caught.value
    )
    assert "pcap" not in str(caught.value)


@pytest.mark.parametrize("name", ["a.frames", "b.HEX"])
def test_bare_frames_are_said_to_be_written_only(tmp_path, name):
    (tmp_path / name).write_bytes(b"00000001")
    with pytest.raises(
        CaptureError, match="bare frames don't tell who sent them, so they are written and not read"
    ):
        Source(tmp_path / name).open()


def test_an_empty_file_is_a_dump_file_without_frames(tmp_path):
    path = tmp_path / "x"
    path.touch()
    kind, stream = Source(path).open()
    with stream:
        assert (kind, stream.read()) == ("dump_file", b"")


def test_files_that_are_not_there_are_said_at_once(tmp_path):
    with pytest.raises(CaptureError, match="can't be opened: No such file or directory"):
        Source(tmp_path / "none")
    with pytest.raises(CaptureError, match="a directory: give a pcap"):
        Source(tmp_path)
