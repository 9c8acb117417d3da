"""Declarations of network headers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.codec import build, parser
from volttools.codec.codec import fallback_of
from volttools.errors import DecodeError
from volttools.formats import network
from volttools.formats.notation import Record

RECORDS = [
    value
    for value in vars(network).values()
    if isinstance(value, type) and issubclass(value, Record) and value is not Record
]

# fmt: off
SAMPLES = [
    (network.Ethernet,       "000000000001 000000000002 0800 45"),
    (network.VlanTag,        "0007 86dd 60"),
    (network.LinuxCooked,    "0000 0304 0006 0000000000000000 0800 45"),
    (network.LinuxCooked2,   "0800 0000 00000001 0304 00 06 0000000000000000 45"),
    (network.BsdLoop,        "00000002 45"),
    (network.BsdNullLittle,  "1e000000 60"),
    (network.Ipv4,           "4500003c 65ac4000 4006d70c 7f000001 7f000002 dad252dc"),
    (network.Ipv6,           "60012345 0014 06 40" + "00" * 15 + "01" + "00" * 15 + "02" + "dad2"),
    (network.Ipv4PseudoHeader, "7f000001 7f000002 00 06 0014"),
    (network.Ipv6PseudoHeader, "00" * 15 + "01" + "00" * 15 + "02" + "00000014 00000006"),
    (network.Ipv6Extension,  "06 00 000000000000 dad2"),
    (network.Ipv6Extension,  "06 01 000000000000 0102030405060708 dad2"),
    (network.Ipv6Fragment,   "06 00 0001 00000007 dad2"),
    (network.Authentication, "06 04 0000 00000001 00000002 000102030405060708090a0b dad2"),
    (network.Tcp,            "dad2 52dc 6d248905 00000000 a0 02 ffd7 fe31 0000 0204ffd7"),
]
# fmt: on


@pytest.mark.parametrize(("kind", "text"), SAMPLES)
def test_samples_are_the_same_after_parse_and_build(kind, text):
    data = bytes.fromhex(text)
    value = parser(kind)(data)
    assert build(value) == data
    assert kind.declaration.parse(data) == value
    assert kind.declaration.build(value) == data


def test_the_checksum_of_a_header_with_its_checksum_is_zero():
    """The example of RFC 1071, 3, and a header as a real host sent it."""
    assert network.internet_checksum(bytes.fromhex("0001 f203 f4f5 f6f7")) == 0xFFFF - 0xDDF2
    header = bytes.fromhex("4500003c 65ac4000 4006d70c 7f000001 7f000002")
    assert network.internet_checksum(header) == 0
    assert network.internet_checksum(b"\x01\x02\x03") == network.internet_checksum(b"\x01\x02\x03\x00")


def test_every_record_has_a_sample():
    assert {kind for kind, _ in SAMPLES} == set(RECORDS)


@pytest.mark.parametrize("kind", RECORDS)
def test_every_record_is_compiled(kind):
    assert fallback_of(kind) is None


@given(st.sampled_from(RECORDS), st.binary(max_size=80))
def test_any_bytes_are_a_header_or_a_decode_error(kind, data):
    try:
        value = parser(kind)(data)
    except DecodeError:
        return
    assert build(value) == data


def test_header_lengths_are_in_bytes():
    assert network.Ipv4(
        version_and_header_length=0x4F, total_length=0, source=b"", destination=b"", options_and_payload=b""
    ).header_length == 60  # fmt: skip
    tcp = network.Tcp(source_port=1, destination_port=2, sequence=3, options_and_payload=b"")
    assert tcp.header_length == network.TCP_HEADER_BYTES
    assert tcp.replace(data_offset=0xF0).header_length == 60


def test_an_atomic_fragment_is_no_fragment():
    piece = network.Ipv6Fragment(next_header=6, offset_and_more=0, identification=1, payload=b"")
    assert not piece.is_fragment
    assert piece.replace(offset_and_more=1).is_fragment
    assert piece.replace(offset_and_more=8).is_fragment
    assert not piece.replace(offset_and_more=6).is_fragment  # reserved bits
