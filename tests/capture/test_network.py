"""TCP segments in packets of every link type, and what is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.capture.files import (
    ethernet,
    ipv4,
    ipv6,
    tcp,
)
from tests.capture.traffic import tcp_segments
from volttools.capture.network import Dissector
from volttools.capture.packet import Packet
from volttools.capture.streams import Segment
from volttools.codec import build
from volttools.formats import network

SEGMENT = Segment(7, 1000, 2000, 16, b"ask", 3)


def packet(data: bytes, link_type: int = network.ETHERNET, *, wire_length: int | None = None) -> Packet:
    return Packet(7, link_type, data, len(data) if wire_length is None else wire_length, 1, 0)


def segment(data: bytes, link_type: int = network.ETHERNET, **more: int) -> Segment:
    dissector = Dissector()
    ((_, found),) = tcp_segments([packet(data, link_type, **more)], dissector)
    assert not dissector.skipped
    return found


def skipped(data: bytes, link_type: int = network.ETHERNET) -> str:
    dissector = Dissector()
    assert dissector.segment(packet(data, link_type)) is None
    ((what, count),) = dissector.skipped.items()
    assert count == 1
    return what


def vlan(payload: bytes, ether_type: int) -> bytes:
    return build(network.VlanTag(tag_control=7, ether_type=ether_type, payload=payload))


def cooked(payload: bytes, protocol: int = network.ETHER_IPV4) -> bytes:
    return build(
        network.LinuxCooked(
            packet_type=0,
            arphrd_type=1,
            address_length=6,
            address=bytes(8),
            protocol=protocol,
            payload=payload,
        )
    )


def cooked_2(payload: bytes, protocol: int = network.ETHER_IPV4) -> bytes:
    return build(
        network.LinuxCooked2(
            protocol=protocol,
            interface_index=1,
            arphrd_type=1,
            packet_type=0,
            address_length=6,
            address=bytes(8),
            payload=payload,
        )
    )


def loop(payload: bytes, family: int) -> bytes:
    return build(network.BsdLoop(family=family, payload=payload))


def null_little(payload: bytes, family: int) -> bytes:
    return build(network.BsdNullLittle(family=family, payload=payload))


V4, V6 = ipv4(tcp()), ipv6(tcp())
IPV4, IPV6 = network.ETHER_IPV4, network.ETHER_IPV6

# fmt: off
LINK_LAYERS = [
    (network.ETHERNET,       ethernet(V4)),
    (network.ETHERNET,       ethernet(V6, IPV6)),
    (network.ETHERNET,       ethernet(vlan(V4, IPV4), 0x8100)),
    (network.ETHERNET,       ethernet(vlan(vlan(V6, IPV6), 0x8100), 0x88A8)),
    (network.LINUX_COOKED,   cooked(V4)),
    (network.LINUX_COOKED,   cooked(vlan(V6, IPV6), 0x8100)),
    (network.LINUX_COOKED_2, cooked_2(V4)),
    (network.LINUX_COOKED_2, cooked_2(V6, IPV6)),
    (network.BSD_NULL,       null_little(V4, 2)),
    (network.BSD_NULL,       null_little(V6, 30)),
    (network.BSD_NULL,       loop(V4, 2)),
    (network.BSD_NULL,       loop(V6, 24)),
    (network.BSD_LOOP,       loop(V4, 2)),
    (network.BSD_LOOP,       loop(V6, 28)),
    (network.RAW_IP,         V4),
    (network.RAW_IP,         V6),
    (network.RAW_IP_BSD,     V4),
    (network.RAW_IP_OPENBSD, V6),
    (network.RAW_IPV4,       V4),
    (network.RAW_IPV6,       V6),
]
# fmt: on


@pytest.mark.parametrize(("link_type", "data"), LINK_LAYERS)
def test_every_link_layer_leads_to_the_segment(link_type, data):
    assert segment(data, link_type) == SEGMENT


def test_every_declared_link_type_is_tested():
    assert {link_type for link_type, _ in LINK_LAYERS} == set(network.LINK_TYPES)


def test_a_segment_has_its_sender_first():
    endpoints, _ = next(tcp_segments([packet(ethernet(V4))]))
    assert [str(endpoint) for endpoint in endpoints] == ["10.0.0.1:40000", "10.0.0.2:21212"]
    endpoints, _ = next(tcp_segments([packet(V6, network.RAW_IP)]))
    assert [str(endpoint) for endpoint in endpoints] == ["[::1]:40000", "[::2]:21212"]


def test_options_are_no_payload():
    inner = tcp(options=bytes(12))
    assert segment(ethernet(ipv4(inner, options=bytes(8)))) == SEGMENT


def extension(next_header: int, payload: bytes, units: int = 0) -> bytes:
    return build(
        network.Ipv6Extension(
            next_header=next_header, length=units, content=bytes(units * 8 + 6), payload=payload
        )
    )


def fragment(payload: bytes, offset_and_more: int) -> bytes:
    return build(
        network.Ipv6Fragment(
            next_header=network.TCP,
            offset_and_more=offset_and_more,
            identification=1,
            payload=payload,
        )
    )


def test_extension_headers_are_no_payload():
    signed = build(
        network.Authentication(next_header=network.TCP, length=4, content=bytes(22), payload=tcp())
    )
    inner = extension(
        network.ROUTING,
        extension(network.DESTINATION, extension(network.AUTHENTICATION, signed, 2), 1),
    )
    data = ipv6(inner, next_header=network.HOP_BY_HOP)
    assert segment(data, network.RAW_IP) == SEGMENT
    atomic = ipv6(fragment(tcp(), 0), next_header=network.FRAGMENT)
    assert segment(atomic, network.RAW_IP) == SEGMENT


@pytest.mark.parametrize("padding", [1, 6, 100])
def test_padding_of_a_frame_is_no_payload(padding):
    assert segment(ethernet(V4) + bytes(padding)) == SEGMENT
    assert segment(ethernet(V6, IPV6) + bytes(padding)) == SEGMENT


def test_padding_of_a_frame_without_payload_is_no_payload():
    assert segment(ethernet(ipv4(tcp(b""))) + bytes(6)).wire_length == 0


def test_a_packet_without_ip_length_ends_with_its_frame():
    assert segment(ethernet(ipv4(tcp(), total_length=0))) == SEGMENT
    assert segment(ethernet(ipv6(tcp(), payload_length=0), IPV6)) == SEGMENT


@pytest.mark.parametrize("whole", [ipv4(tcp(bytes(1000))), ipv4(tcp(bytes(1000)), total_length=0)])
def test_a_snap_length_cuts_the_payload_and_not_its_length(whole):
    frame = ethernet(whole)
    found = segment(frame[:100], wire_length=len(frame))
    assert (len(found.payload), found.wire_length) == (100 - 54, 1000)


def test_a_snap_length_may_cut_the_options():
    frame = ethernet(ipv4(tcp(bytes(1000), options=bytes(12))))
    found = segment(frame[:60], wire_length=len(frame))
    assert (found.payload, found.wire_length) == (b"", 1000)


def test_an_ip_length_beyond_the_wire_is_not_believed():
    assert segment(ethernet(ipv4(tcp(), total_length=60_000))).wire_length == 3


def test_a_wire_length_beyond_belief_is_not_believed_without_an_ip_length():
    frame = ethernet(ipv4(tcp(), total_length=0))
    assert segment(frame, wire_length=2**32 - 1).wire_length <= 2**20 + 3


@pytest.mark.parametrize(
    ("data", "link_type", "what"),
    [
        (ethernet(b"", 0x0806), 1, "ARP"),
        (ethernet(b"", 0x1234), 1, "ether type 1234"),
        (ethernet(b"", 0x0026), 1, "802.3 frames"),
        (ethernet(ipv4(b"", protocol=17)), 1, "UDP"),
        (ethernet(ipv4(b"", protocol=1)), 1, "ICMP"),
        (ethernet(ipv4(b"", protocol=200)), 1, "IP protocol 200"),
        (ethernet(ipv4(tcp(), flags_and_fragment_offset=0x2000)), 1, "IP fragments"),
        (ethernet(ipv4(b"", flags_and_fragment_offset=1)), 1, "IP fragments"),
        (ipv6(fragment(tcp(), 1), next_header=network.FRAGMENT), 101, "IP fragments"),
        (ipv6(b"", next_header=58), 101, "ICMPv6"),
        (ipv6(extension(network.NO_NEXT, b""), next_header=0), 101, "IPv6 without content"),
        (loop(b"", 7), 108, "address family 7"),
        (null_little(b"", 7), 0, "address family 117440512"),
        (b"anything", 147, "link type 147"),
        (b"", 1, "damaged or cut headers"),
        (ethernet(V4)[:40], 1, "damaged or cut headers"),
        (ethernet(ipv4(tcp(), version_and_header_length=0x65)), 1, "damaged or cut headers"),
        (ethernet(ipv4(tcp(), version_and_header_length=0x44)), 1, "damaged or cut headers"),
        (ethernet(V4, IPV6), 1, "damaged or cut headers"),
        (ethernet(V6 + bytes(20), IPV4), 1, "damaged or cut headers"),
        (ethernet(ipv4(tcp(data_offset=0x40))), 1, "damaged or cut headers"),
        (ethernet(ipv4(tcp(data_offset=0xF0))), 1, "damaged or cut headers"),
        (ethernet(ipv4(tcp(), total_length=10)), 1, "damaged or cut headers"),
    ],
)
def test_what_is_not_tcp_is_counted_and_left_alone(data, link_type, what):
    assert skipped(data, link_type) == what


def test_headers_without_end_are_left_alone():
    payload = tcp()
    for _ in range(100):
        payload = extension(0, payload)
    assert skipped(ipv6(payload, next_header=0), network.RAW_IP) == "too many IPv6 extension headers"
    payload = V4
    for _ in range(100):
        payload = vlan(payload, 0x8100)
    assert skipped(ethernet(payload, 0x8100)) == "ether type 8100"


def test_the_text_of_addresses_is_remembered_within_bounds(monkeypatch):
    monkeypatch.setattr("volttools.capture.network.MAX_KNOWN", 4)
    dissector = Dissector()
    for port in range(20):
        dissector.segment(packet(ethernet(ipv4(tcp(source_port=port)))))
    assert len(dissector._known) <= 4


@given(
    st.sampled_from(LINK_LAYERS),
    st.lists(st.tuples(st.integers(0, 200), st.binary(max_size=4)), max_size=4),
    st.integers(0, 200),
)
def test_any_bytes_are_a_segment_or_counted(sample, changes, cut):
    link_type, data = sample
    changed = bytearray(data)
    for at, value in changes:
        changed[at % len(data) : at % len(data) + len(value)] = value
    dissector = Dissector()
    found = dissector.segment(packet(bytes(changed)[:cut], link_type, wire_length=len(data)))
    assert (found is None) is bool(dissector.skipped)
    if found:
        assert 0 <= len(found[1].payload) <= found[1].wire_length
