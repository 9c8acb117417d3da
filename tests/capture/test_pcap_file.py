"""Packets of pcap files, whole and broken."""

from __future__ import annotations

import pytest

from tests.capture.files import NOW, ORDERS, SOUND, pcap_head, pcap_packet, read, whole
from volttools.capture.packet import Packet


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("ticks", "ns"), [(10**6, 1000), (10**9, 1)])
def test_pcap_in_either_byte_order_and_resolution(order, ticks, ns):
    data = pcap_head(order, ticks, link_type=113)
    data += pcap_packet(b"one", NOW, 5, order=order) + pcap_packet(b"two", NOW, 6, order=order, original=9)
    assert whole(data) == [
        Packet(NOW * 10**9 + 5 * ns, 113, b"one", 3, 1, 24),
        Packet(NOW * 10**9 + 6 * ns, 113, b"two", 9, 2, 43),
    ]


def test_the_upper_half_of_a_pcap_link_type_is_not_part_of_it():
    assert whole(pcap_head(link_type=0xF4000001) + pcap_packet(b"x", NOW))[0].link_type == 1


def test_a_pcap_file_cut_anywhere_gives_its_whole_packets():
    parts = [pcap_packet(bytes([n]) * (10 + n), NOW, n) for n in range(4)]
    data = pcap_head() + b"".join(parts)
    ends = [24 + len(b"".join(parts[:n])) for n in range(5)]
    for cut in range(24, len(data) + 1):
        found, damage = read(data[:cut])
        assert len(found) == sum(cut >= end for end in ends[1:])
        if cut in ends:
            assert damage == []
        else:
            start = max(end for end in ends if end < cut)
            where = " the header of" if cut - start < 16 else ""
            text = f"the file is cut off in{where} packet {len(found) + 1} at byte {start:,}"
            assert damage == [text]


def damaged(number: int, field: int, value: int) -> bytes:
    """Six packets, with a 32-bit field of one's header overwritten."""
    parts = [bytearray(part) for part in SOUND]
    parts[number][field * 4 : field * 4 + 4] = value.to_bytes(4, "little")
    return pcap_head() + b"".join(parts)


@pytest.mark.parametrize("length", [2**32 - 1, 2**31, 10**6, 70_000, 300, 51, 49, 40, 1, 0])
def test_a_wrong_pcap_length_costs_one_packet_at_most(length):
    found, damage = read(damaged(2, 2, length), is_odd=True)
    assert len(damage) == 1
    assert [p.data for p in found if len(p.data) == 50] == [b"%d" % n * 50 for n in range(6) if n != 2]


def test_a_wrong_pcap_length_says_where_reading_goes_on():
    assert read(damaged(2, 2, 2**31))[1] == ["damaged packet header; going on 66 bytes behind it at byte 156"]


@pytest.mark.parametrize("field", [0, 1, 3])
def test_other_wrong_fields_of_a_pcap_header_cost_no_other_packet(field):
    found, _ = read(damaged(2, field, 2**31 + 5), is_odd=True)
    assert {b"%d" % n * 50 for n in range(6) if n != 2} <= {p.data for p in found}


def test_a_file_whose_headers_are_all_odd_is_read_as_it_is():
    # Nanoseconds under a magic that says microseconds.
    data = pcap_head() + b"".join(pcap_packet(b"x", NOW + n, 999_999_999) for n in range(6))
    assert len(whole(data)) == 6


def test_packets_with_times_far_apart_are_read_as_they_are():
    data = pcap_head() + b"".join(pcap_packet(b"x", n * 10**9, 0) for n in (1, 0, 3, 2))
    assert len(whole(data)) == 4


def test_a_packet_whose_time_alone_is_odd_is_read():
    parts = list(SOUND)
    parts[2] = pcap_packet(b"2" * 50, 5)
    assert len(whole(pcap_head() + b"".join(parts))) == 6
