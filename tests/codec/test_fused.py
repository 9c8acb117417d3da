"""Fixed fields of records one behind the other, by one unpack."""

import struct

import pytest
from construct import Bytes, Int8ub
from hypothesis import given
from hypothesis import strategies as st

from volttools.codec import fused_reader, parse
from volttools.formats.network import Ethernet, Ipv4, Tcp
from volttools.formats.notation import Record, field, record
from volttools.formats.pcap import BlockHead, EnhancedPacket, little_endian

LAYERS = (Ethernet, Ipv4, Tcp)


@given(st.binary(min_size=54, max_size=60))
def test_values_are_those_of_parsing(data):
    frame = parse(Ethernet, data)
    ip = parse(Ipv4, frame.payload)
    segment = parse(Tcp, ip.options_and_payload)
    read, size = fused_reader(LAYERS, "Ethernet.ether_type", "Ipv4.source..Ipv4.destination", "Tcp.flags")
    assert read(data, 0) == (frame.ether_type, ip.source + ip.destination, segment.flags)
    assert data[size:] == segment.options_and_payload


@given(st.binary(min_size=28, max_size=28))
def test_either_byte_order(data):
    data = data[:20] + bytes(4) + data[24:]  # no bytes of the packet
    for kinds in ((BlockHead, EnhancedPacket), tuple(map(little_endian, (BlockHead, EnhancedPacket)))):
        read, size = fused_reader(kinds, "BlockHead.total_length", "EnhancedPacket.timestamp_low")
        head, packet = parse(kinds[0], data[:8]), parse(kinds[1], data[8:])
        assert read(b"xx" + data, 2) == (head.total_length, packet.timestamp_low)
        assert size == 28


@record
class Tag(Record):
    kind: int = field(Int8ub, "")
    code: int = field(Int8ub, "")
    name: bytes = field(Bytes(2), "")


@given(st.binary(min_size=24, max_size=24))
def test_fields_without_an_order_of_bytes_stand_beside_those_of_either(data):
    for head in (BlockHead, little_endian(BlockHead)):
        read, size = fused_reader((Tag, head), "Tag.kind", "Tag.code", "BlockHead.type")
        assert read(data, 0) == (data[0], data[1], parse(head, data[4:12]).type)
        assert size == 12
    read, size = fused_reader((Tag,), "Tag.code..Tag.name")
    assert (read(data, 0), size) == ((data[1:4],), 4)


def test_too_few_bytes_are_an_error():
    read, size = fused_reader(LAYERS, "Ethernet.ether_type")
    with pytest.raises(struct.error):
        read(bytes(size - 1), 0)


def test_fields_are_asked_for_in_their_order():
    with pytest.raises(ValueError, match=r"Ipv4\.protocol stands before"):
        fused_reader(LAYERS, "Tcp.flags", "Ipv4.protocol")
    with pytest.raises(ValueError, match="both byte orders"):
        fused_reader((BlockHead, little_endian(EnhancedPacket)), "BlockHead.type")
