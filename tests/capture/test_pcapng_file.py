"""Packets of pcapng files, whole and broken."""

from __future__ import annotations

import io

import pytest

from tests.capture.files import (
    BLOCKS,
    NOW,
    ORDERS,
    block,
    enhanced,
    interface,
    made,
    option,
    read,
    section,
    whole,
)
from volttools.capture.packet import Packet
from volttools.capture.packets import PacketReader
from volttools.formats import pcap


@pytest.mark.parametrize("order", ORDERS)
def test_pcapng_in_either_byte_order(order):
    data = section(order) + interface(order) + enhanced(b"one", 10**6 * NOW + 5, order=order)
    assert whole(data) == [Packet(NOW * 10**9 + 5000, 1, b"one", 3, 1, len(section()) + 20)]


@pytest.mark.parametrize(
    ("resolution", "ticks", "ns"),
    [
        (b"\x06", 5, 5_000),
        (b"\x09", 5, 5),
        (b"\x00", 5, 5 * 10**9),
        (b"\x0c", 5_999, 5),
        (b"\x81", 3, 1_500_000_000),
        (b"\xa0", 2**31, 500_000_000),
        (b"\xff", 2**64 - 1, 0),
    ],
)
def test_times_have_the_resolution_of_their_interface(resolution, ticks, ns):
    options = option(pcap.IF_TIMESTAMP_RESOLUTION, resolution) + option(0, b"")
    assert whole(section() + interface(options=options) + enhanced(b"x", ticks))[0].time_ns == ns


def test_times_have_the_offset_of_their_interface():
    offset = made(pcap.TimestampOffset, "little", seconds=-7)
    options = option(pcap.IF_NAME, b"lo") + option(pcap.IF_TIMESTAMP_OFFSET, offset)
    data = section() + interface(options=options) + enhanced(b"x", 8 * 10**6)
    assert whole(data)[0].time_ns == 10**9


def test_interfaces_have_link_types_of_their_own_and_sections_their_own_interfaces():
    data = section() + interface(link_type=1) + interface(link_type=276)
    data += enhanced(b"a", 0, number=1) + enhanced(b"b", 0, number=0)
    data += section("big") + interface("big", link_type=101) + enhanced(b"c", 0, order="big")
    assert [(p.link_type, p.data, p.number) for p in whole(data)] == [
        (276, b"a", 1),
        (1, b"b", 2),
        (101, b"c", 3),
    ]


def test_a_simple_packet_has_no_time_and_the_length_of_the_interface():
    body = made(pcap.SimplePacket, "little", original_length=9, data=b"simpl" + bytes(3))
    data = section() + interface(snap_length=5) + block(pcap.SIMPLE_PACKET, body)
    (packet,) = whole(data)
    assert (packet.time_ns, packet.data, packet.wire_length) == (None, b"simpl", 9)


def test_an_obsolete_packet_is_a_packet():
    body = made(
        pcap.ObsoletePacket,
        "little",
        interface=0,
        drops=0xFFFF,
        timestamp_high=0,
        timestamp_low=3,
        captured_length=3,
        original_length=8,
        data=b"old",
        padding=b"\0",
    )
    (packet,) = whole(section() + interface() + block(pcap.OBSOLETE_PACKET, body))
    assert (packet.time_ns, packet.data, packet.wire_length) == (3000, b"old", 8)


def test_blocks_that_are_no_packets_are_passed_over():
    data = section() + interface()
    for kind in (pcap.NAME_RESOLUTION, pcap.CUSTOM, pcap.CUSTOM_DO_NOT_COPY, 0x80000123, 77):
        data += block(kind, bytes(8))
    data += enhanced(b"x", 0)
    assert len(whole(data)) == 1


def test_key_logs_are_kept():
    log = b"CLIENT_RANDOM 00 00\n"
    body = made(pcap.DecryptionSecrets, "little", secrets_length=len(log), secrets=log, padding=b"")
    reader = PacketReader(io.BytesIO(section() + block(pcap.DECRYPTION_SECRETS, body)))
    assert list(reader) == []
    assert reader.key_logs == [log]


def test_a_pcapng_file_cut_anywhere_gives_its_whole_packets():
    head = section() + interface()
    parts = [enhanced(bytes([n]) * (10 + n), n) for n in range(3)]
    data = head + b"".join(parts)
    ends = [len(head) + len(b"".join(parts[:n])) for n in range(4)]
    for cut in range(len(head), len(data) + 1):
        found, damage = read(data[:cut])
        assert len(found) == sum(cut >= end for end in ends[1:])
        start = max(end for end in ends if end <= cut)
        assert damage == ([] if cut in ends else [f"the file is cut off in a block at byte {start}"])


@pytest.mark.parametrize("length", [2**32 - 1, 2**31, 2**26, 10**6, 85, 160, 80, 12, 8, 0])
def test_a_wrong_pcapng_length_costs_one_packet_at_most(length):
    blocks = list(BLOCKS)
    blocks[2] = blocks[2][:4] + length.to_bytes(4, "little") + blocks[2][8:]
    found, damage = read(section() + interface() + b"".join(blocks))
    assert len(damage) == 1
    assert [p.data for p in found] == [b"%d" % n * 50 for n in range(6) if n != 2]


@pytest.mark.parametrize("change", [b"", b"xy", b"xyz", b"four"])
def test_bytes_too_many_or_too_few_cost_one_packet(change):
    blocks = list(BLOCKS)
    blocks[2] = blocks[2][:40] + change + blocks[2][41:]
    found, damage = read(section() + interface() + b"".join(blocks))
    assert len(damage) == 1
    assert [p.data for p in found] == [b"%d" % n * 50 for n in range(6) if n != 2]


def test_a_wrong_length_behind_a_block_costs_nothing():
    blocks = list(BLOCKS)
    blocks[2] = blocks[2][:-4] + bytes(4)
    assert len(whole(section() + interface() + b"".join(blocks))) == 6


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (enhanced(b"x", 0, number=1), "EnhancedPacket block that can't be read: there is no interface 1"),
        (block(pcap.ENHANCED_PACKET, bytes(8)), "EnhancedPacket block that can't be read: "),
        (block(pcap.INTERFACE_DESCRIPTION, b"\0"), "InterfaceDescription block that can't be read: "),
    ],
)
def test_a_block_that_cannot_be_read_is_noted(body, text):
    found, damage = read(section() + interface() + body + enhanced(b"y", 0))
    assert [p.data for p in found] == [b"y"]
    assert len(damage) == 1
    assert damage[0].startswith(text)
    assert damage[0].endswith(f"at byte {len(section()) + 20}")


def test_a_packet_before_any_interface_is_noted():
    body = made(pcap.SimplePacket, "little", original_length=4, data=b"simp")
    _, damage = read(section() + block(pcap.SIMPLE_PACKET, body))
    assert damage == ["SimplePacket block that can't be read: there is no interface 0 at byte 28"]
