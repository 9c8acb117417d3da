"""The short way of plain packets is the long way of all packets, made short: both give the same."""

from __future__ import annotations

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
    ethernet,
    interface,
    ipv4,
    ipv6,
    option,
    pcap_head,
    pcap_packet,
    read,
    section,
    tcp,
)
from tests.capture.long_way import the_long_way
from tests.capture.test_network import cooked, cooked_2
from tests.capture.traffic import Traffic, pcap_of
from tests.protocol.wire import CLIENT, SERVER, answer, call
from tests.requirements import ROOT
from volttools.capture.network import Dissector
from volttools.capture.packet import Packet
from volttools.capture.plain import plain_segment
from volttools.capture.reader import open as open_capture
from volttools.errors import CaptureError
from volttools.formats import network
from volttools.jsonlines.lines import event_line

SEGMENT = tcp(options=bytes(12))
PLAIN = {
    network.ETHERNET: ethernet(ipv4(SEGMENT)) + bytes(6),
    network.LINUX_COOKED: cooked(ipv4(SEGMENT)),
    network.LINUX_COOKED_2: cooked_2(ipv4(SEGMENT)),
    network.RAW_IP: ipv4(SEGMENT),
    network.RAW_IPV4: ipv4(SEGMENT),
}
CHANGES = st.lists(st.tuples(st.integers(0, 2**16), st.binary(min_size=1, max_size=2)), max_size=3)


def changed(data, changes):
    found = bytearray(data)
    for at, value in changes:
        at %= len(found)
        found[at : at + len(value)] = value
    return bytes(found)


# -- packets -------------------------------------------------------------------------------------


@pytest.mark.parametrize("link_type", PLAIN)
def test_packets_of_these_link_types_are_plain(link_type):
    data = PLAIN[link_type]
    assert plain_segment(Packet(7, link_type, data, len(data), 1, 0)) is not None


@pytest.mark.parametrize(
    "data",
    [
        ipv4(SEGMENT, protocol=17),
        ipv4(SEGMENT, options=bytes(4)),
        ipv4(SEGMENT, version_and_header_length=0x65),
        ipv4(SEGMENT, flags_and_fragment_offset=0x2000),  # more of it follows
        ipv4(SEGMENT, flags_and_fragment_offset=1),
        ipv4(SEGMENT, total_length=20 + len(SEGMENT) + 1),
        ipv4(SEGMENT, total_length=20),
        ipv4(tcp(data_offset=0x40)),
        ipv4(tcp(data_offset=0xF0)),
        ipv4(SEGMENT)[:39],
        ipv6(SEGMENT),
    ],
)
def test_other_packets_are_not_plain(data):
    assert plain_segment(Packet(7, network.RAW_IP, data, len(data), 1, 0)) is None


@given(st.sampled_from(sorted(PLAIN)), CHANGES, st.integers(0, 4), st.integers(0, 3))
def test_a_plain_segment_is_the_one_that_the_layers_give(link_type, changes, cut, unknown):
    data = changed(PLAIN[link_type], changes)
    packet = Packet(7, link_type, data[: len(data) - cut], len(data) - cut + unknown, 1, 0)
    plain = plain_segment(packet)
    if plain is None:
        return
    _, flags, sequence, acknowledgment, payload = plain
    dissector = Dissector()
    found = dissector.segment(packet)
    assert found is not None
    segment = found[1]
    assert (segment.flags, segment.sequence, segment.acknowledgment) == (flags, sequence, acknowledgment)
    assert segment.payload == payload
    assert segment.wire_length == len(payload)


# -- files ---------------------------------------------------------------------------------------

FILES = st.sampled_from(
    [
        pcap_head() + b"".join(SOUND),
        pcap_head("big", 10**9) + pcap_packet(b"x" * 20, NOW, order="big") * 3,
        section() + interface(options=option(9, b"\x09")) + b"".join(BLOCKS[:3]),
        section() + interface() + interface(link_type=276) + b"".join(BLOCKS),
    ]
)


@given(FILES, CHANGES, st.integers(0, 40))
def test_packets_of_any_file_are_the_same(data, changes, cut):
    data = changed(data, changes)
    data = data[: len(data) - cut]

    def packets():
        try:
            return read(data, is_odd=True)
        except CaptureError as error:
            return str(error)

    found = packets()
    with the_long_way():
        assert packets() == found


# -- whole captures ------------------------------------------------------------------------------


def lines_of(source, **options):
    capture = open_capture(source, **options)
    lines = [event_line(event, keep_login_hashes=True) for event in capture.events()]
    return lines, capture.summary


@st.composite
def captures(draw):
    """Connections whose packets are lost, doubled and out of order, some on the same ports."""
    rng = random.Random(draw(st.integers(0, 2**32)))
    found = []
    for port in draw(st.lists(st.sampled_from([1111, 2222]), min_size=1, max_size=3)):
        traffic = Traffic(client_port=port)
        begin = 20 * len(found)
        if draw(st.booleans()):
            traffic.logs_in(begin)
        for number in range(1, draw(st.integers(1, 8))):
            several = [call(f"P{number}", n) for n in range(rng.choice([1, 1, 1, 3]))]
            traffic.sends(begin + number, CLIENT, *several)
            traffic.packet(begin + number + 0.2, SERVER)
            answers = b"".join(
                len(body).to_bytes(4, "big") + body for body in (answer(n) for n in range(len(several)))
            )
            torn = rng.choice([0, 0, 0, 2, 9])
            traffic.packet(begin + number + 0.5, SERVER, answers[:torn] if torn else answers)
            if torn:
                traffic.packet(begin + number + 0.6, SERVER, answers[torn:])
        if draw(st.booleans()):
            traffic.closes(begin + 10)
        found.append(traffic)
    for traffic in found:
        for _ in range(draw(st.integers(0, 2)) if traffic.packets else 0):
            at = rng.randrange(len(traffic.packets))
            what = rng.choice(["lost", "doubled", "late"])
            seconds, packet = traffic.packets[at]
            if what != "doubled" and len(traffic.packets) > 1:
                del traffic.packets[at]
            if what != "lost":
                traffic.packets.append((seconds + rng.choice([0.01, 2, 9]), packet))
    return pcap_of(*found)


@given(captures(), st.booleans())
def test_any_capture_gives_the_same_events(data, logs_traffic):
    def found():
        capture = open_capture(io.BytesIO(data))
        if logs_traffic:
            return [repr(step) for step in capture.steps()]
        return lines_of(io.BytesIO(data))

    short = found()
    with the_long_way():
        assert found() == short


def assert_same(path):
    short = lines_of(path)
    with the_long_way():
        assert lines_of(path) == short


@pytest.mark.parametrize("path", sorted((ROOT / "captures").glob("*.pcap*")), ids=lambda path: path.name)
def test_recordings_give_the_same_events(path):
    assert_same(path)


@pytest.mark.shared
def test_every_recording_gives_the_same_events(shared_captures: Path):
    for path in sorted(shared_captures.glob("*.pcap*")):
        assert_same(path)
