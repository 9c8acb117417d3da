"""Declarations of capture files: byte order, round trip, and the numbers of the drafts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.codec import build, parser
from volttools.codec.codec import fallback_of
from volttools.formats import pcap
from volttools.formats.notation import Record
from volttools.formats.pcap import in_order, little_endian

RECORDS = [
    value
    for value in vars(pcap).values()
    if isinstance(value, type) and issubclass(value, Record) and value is not Record
]

# fmt: off
SAMPLES = [
    (pcap.PcapHeader,            "big",    "a1b2c3d4 0002 0004 00000000 00000000 00040000 00000001"),
    (pcap.PcapHeader,            "little", "d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000"),
    (pcap.PcapPacketHeader,      "little", "01000000 02000000 03000000 04000000"),
    (pcap.BlockHead,             "big",    "0a0d0d0a 0000001c"),
    (pcap.BlockTrailer,          "little", "1c000000"),
    (pcap.Block,                 "big",    "00000bad 00000010 31323334 00000010"),
    (pcap.Block,                 "little", "0a0d0d0a 0c000000 0c000000"),
    (pcap.Option,                "big",    "0001 0005 68656c6c6f 000000 00000000"),
    (pcap.Option,                "little", "0000 0000"),
    (pcap.SectionHeader,         "big",    "1a2b3c4d 0001 0000 ffffffffffffffff"),
    (pcap.SectionHeader,         "little", "4d3c2b1a 0100 0000 ffffffffffffffff 00000000"),
    (pcap.InterfaceDescription,  "big",    "0001 0000 00040000 0009 0001 09000000"),
    (pcap.TimestampResolution,   "big",    "89"),
    (pcap.TimestampOffset,       "little", "f9ffffffffffffff"),
    (pcap.EnhancedPacket,        "big",    "00000000 00050000 00000001 00000005 00000009 6162636465 000000"),
    (pcap.SimplePacket,          "big",    "00000003 61626300"),
    (pcap.ObsoletePacket,        "big",    "0000 ffff 00050000 00000001 00000004 00000004 61626364"),
    (pcap.NameRecord,            "big",    "0001 0006 7f000001 6100 0000 00000000"),
    (pcap.NameResolution,        "big",    "00000000"),
    (pcap.InterfaceStatistics,   "big",    "00000000 00050000 00000001"),
    (pcap.DecryptionSecrets,     "little", "4b534c54 05000000 61626364 65 000000"),
    (pcap.Custom,                "big",    "00007ed9 01020304"),
]
# fmt: on


@pytest.mark.parametrize(("kind", "order", "text"), SAMPLES)
def test_samples_are_the_same_after_parse_and_build(kind, order, text):
    data = bytes.fromhex(text)
    twin = in_order(kind, order)
    value = parser(twin)(data)
    assert build(value) == data
    assert twin.declaration.parse(data) == value
    assert twin.declaration.build(value) == data


def test_every_record_has_a_sample():
    assert {kind for kind, _, _ in SAMPLES} == set(RECORDS)


@pytest.mark.parametrize("kind", RECORDS)
def test_every_record_is_compiled_in_both_byte_orders(kind):
    assert fallback_of(kind) is None
    assert fallback_of(little_endian(kind)) is None


def test_a_twin_has_the_same_values():
    big = parser(pcap.PcapPacketHeader)(bytes.fromhex("00000001000000020000000300000004"))
    little = parser(little_endian(pcap.PcapPacketHeader))(bytes.fromhex("01000000020000000300000004000000"))
    assert [big[f.name] for f in big.declaration.fields] == [1, 2, 3, 4]
    assert [little[f.name] for f in little.declaration.fields] == [1, 2, 3, 4]
    assert little_endian(pcap.PcapPacketHeader) is little_endian(pcap.PcapPacketHeader)


def test_magics_name_byte_order_and_resolution():
    for raw, magic in pcap.PCAP_MAGICS.items():
        number = int.from_bytes(raw, magic.order)
        assert number == (0xA1B2C3D4 if magic.ticks_per_s == 10**6 else 0xA1B23C4D)


@given(st.integers(0, 255))
def test_a_resolution_is_a_power_of_ten_or_two(exponent):
    ticks = pcap.TimestampResolution(exponent=exponent).ticks_per_s
    assert ticks == (2 ** (exponent - 128) if exponent >= 128 else 10**exponent)


def test_lengths_of_fixed_parts_are_those_of_their_declarations():
    assert pcap.PcapHeader.declaration.struct.sizeof() == pcap.PCAP_HEADER_BYTES
    assert pcap.PcapPacketHeader.declaration.struct.sizeof() == pcap.PCAP_PACKET_HEADER_BYTES
    assert pcap.BlockHead.declaration.struct.sizeof() == pcap.BLOCK_HEAD_BYTES
    assert pcap.BlockTrailer.declaration.struct.sizeof() == pcap.BLOCK_TRAILER_BYTES


def test_secrets_are_not_printed():
    block = pcap.DecryptionSecrets(secrets_length=3, secrets=b"key")
    assert "key" not in repr(block)
