"""Packets from files: every format, and every way in which a file can be broken."""

from __future__ import annotations

import gzip
import io
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.capture.files import (
    BLOCKS,
    NOW,
    SOUND,
    Pipe,
    interface,
    option,
    pcap_head,
    pcap_packet,
    section,
    whole,
)
from volttools.capture.packets import PacketReader, detect
from volttools.errors import CaptureError


def test_several_gzip_members_are_one_file():
    data = pcap_head() + pcap_packet(b"x" * 1000, NOW)
    packed = gzip.compress(data[:30], mtime=0) + gzip.compress(data[30:], mtime=0) + bytes(100)
    assert len(list(PacketReader(io.BytesIO(packed)))) == 1


def test_a_packet_is_there_as_soon_as_it_has_arrived():
    class Live(Pipe):
        asked = 0

        def read(self, count=-1):
            self.asked += 1
            return super().read(count)

    data = pcap_head() + pcap_packet(b"x" * 60, NOW) * 3
    stream = Live(data, 76)
    packets = iter(PacketReader(stream))
    for number in (1, 2, 3):
        assert next(packets).number == number
        assert stream.asked <= number + 1


def test_files_are_recognised():
    assert detect(pcap_head("big")[:4]) == detect(pcap_head("little", 10**9)) == "pcap"
    assert detect(section()) == detect(section("big")) == "pcapng"
    assert detect(gzip.compress(b"", mtime=0)) == "gzip"
    assert detect(b"") == detect(b"\n\r") == detect(b"PK\3\4") == "other"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "x: the file is empty"),
        (b"PK\3\4.", "x: expected a pcap or pcapng file, got one that begins with 50 4b 03 04"),
        (pcap_head()[:20], "x: the file is cut off in its header at byte 20"),
        (section()[:10], "x: the file is cut off or damaged in its first block at byte 0"),
        (b"\n\r\r\n" + bytes(24), "x: the file is cut off or damaged in its first block at byte 0"),
        (gzip.compress(b"", mtime=0)[:5], "x: the gzip file is cut off at byte 5"),
    ],
)
def test_what_is_no_capture_is_refused(data, text):
    with pytest.raises(CaptureError) as caught:
        PacketReader(io.BytesIO(data), file="x")
    assert str(caught.value) == text


def test_a_file_may_end_after_its_header():
    assert whole(pcap_head()) == whole(section()) == []


def test_a_gzip_file_that_is_cut_gives_what_it_holds():
    noise = random.Random(1).randbytes(100_000)
    packed = gzip.compress(pcap_head() + pcap_packet(noise, NOW) + pcap_packet(noise, NOW))
    reader = PacketReader(io.BytesIO(packed[:120_000]), file="x")
    assert len(list(reader)) == 1
    assert [str(error) for error in reader.damage] == [
        "x: the file is cut off in packet 2 at byte 100,040",
        "x: the gzip file is cut off at byte 120,000",
    ]


def test_a_header_that_is_cut_off_is_told():
    reader = PacketReader(io.BytesIO(pcap_head() + pcap_packet(b"x", NOW) + b"tail"), file="x")
    assert [packet.data for packet in reader] == [b"x"]
    assert [str(error) for error in reader.damage] == [
        "x: the file is cut off in the header of packet 2 at byte 41"
    ]


small_files = st.sampled_from(
    [
        pcap_head() + b"".join(SOUND),
        pcap_head("big", 10**9) + pcap_packet(b"x" * 20, NOW, order="big") * 3,
        section() + interface(options=option(9, b"\x09")) + b"".join(BLOCKS[:3]),
        gzip.compress(pcap_head() + b"".join(SOUND)),
    ]
)


@given(small_files, st.lists(st.tuples(st.integers(0, 2**16), st.binary(max_size=8)), max_size=4))
def test_any_bytes_end_in_packets_and_notes_or_one_error(data, changes):
    changed = bytearray(data)
    for at, value in changes:
        at %= len(changed)
        changed[at : at + len(value)] = value
    try:
        reader = PacketReader(io.BytesIO(bytes(changed)))
    except CaptureError:
        return
    found = list(reader)
    assert [p.number for p in found] == list(range(1, len(found) + 1))
    assert sum(len(p.data) for p in found) <= 2 * len(changed) + 2**12
    for error in reader.damage:
        assert 0 <= (error.offset or 0) <= len(changed) + 2**12


@pytest.mark.shared
def test_every_recording_is_read_to_its_end(shared_captures: Path):
    for path in sorted(shared_captures.glob("*.pcap*")):
        with path.open("rb") as stream:
            reader = PacketReader(stream)
            assert sum(1 for _ in reader) > 5
        assert len(reader.damage) == (1 if path.stem.startswith("file-cut") else 0)
