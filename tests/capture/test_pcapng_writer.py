import io

import pytest

from tests.capture.files import ipv4, read, tcp
from volttools.capture.pcapng_writer import PcapngWriter
from volttools.formats.network import RAW_IP


def written(*packets, **settings):
    stream = io.BytesIO()
    writer = PcapngWriter(stream, **settings)
    for data, time_ns, missing in packets:
        writer.packet(data, time_ns, missing_bytes=missing)
    assert writer.size == len(stream.getvalue())
    return stream.getvalue()


@pytest.mark.parametrize("length", range(4))
def test_packets_come_back_with_their_times(length):
    data = ipv4(tcp(b"x" * length))
    found, damage = read(written((data, 1_700_000_000_123_456_789, 0), (data, 2**63, 0)))
    assert damage == []
    assert [(p.data, p.time_ns, p.wire_length, p.link_type) for p in found] == [
        (data, 1_700_000_000_123_456_789, len(data), RAW_IP),
        (data, 2**63, len(data), RAW_IP),
    ]


def test_a_packet_without_a_time_has_none():
    data = ipv4(tcp(b"abc"))
    found, _ = read(written((data, None, 0)))
    assert [(p.data, p.time_ns) for p in found] == [(data, None)]


def test_what_is_missing_of_a_packet_counts_in_its_length():
    data = ipv4(tcp(b""))
    found, _ = read(written((data, 1, 99), (data, None, 99)))
    assert [(p.data, p.wire_length) for p in found] == [(data, len(data) + 99)] * 2


def test_comment_and_application_stand_in_the_section():
    data = written(comment="made anew")
    assert b"made anew" in data
    assert b"volttools " in data
    assert read(data) == ([], [])


def test_times_that_the_format_can_not_hold_become_its_first_or_last():
    data = ipv4(tcp(b""))
    found, _ = read(written((data, -5, 0), (data, 2**70, 0)))
    assert [packet.time_ns for packet in found] == [0, 2**64 - 1]
