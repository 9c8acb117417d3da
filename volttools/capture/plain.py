"""The way of nearly all packets of a capture, which are as plain as can be: straight to the payload.

A packet goes through `network` layer by layer, whatever it is. Here its headers are read by one
unpack, which is derived from the same declarations, if there is nothing special about it: TCP in
IPv4 without options, in one piece, all of it captured. Both ways give the same segment.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from volttools.capture.packet import Packet
from volttools.codec import fused_reader
from volttools.formats import network
from volttools.formats.notation import Record

PlainSegment = tuple[bytes, int, int, int, bytes]
"""Addresses and ports of sender and receiver as they are; flags, sequence, acknowledgment, payload."""

_FIELDS: Final = (
    "Ipv4.version_and_header_length",
    "Ipv4.total_length",
    "Ipv4.flags_and_fragment_offset",
    "Ipv4.protocol",
    "Ipv4.source..Tcp.destination_port",
    "Tcp.sequence",
    "Tcp.acknowledgment",
    "Tcp.data_offset",
    "Tcp.flags",
)

_Reader = tuple[Callable[[bytes, int], tuple[Any, ...]], int, int]


def _reader(layer: type[Record] | None = None, field: str = "") -> _Reader:
    """What reads all headers at once, and how many bytes stand before IP and before the payload of TCP.

    layer, field   the link layer, if there is one, and where it says what it holds
    """
    layers, fields = (network.Ipv4, network.Tcp), _FIELDS
    if layer is None:
        read, size = fused_reader(layers, *fields)
        return (lambda data, at: (network.ETHER_IPV4, *read(data, at))), 0, size
    read, size = fused_reader((layer, *layers), f"{layer.__name__}.{field}", *fields)
    return read, size - network.IPV4_HEADER_BYTES - network.TCP_HEADER_BYTES, size


_READERS: Final[dict[int, _Reader]] = {
    network.ETHERNET: _reader(network.Ethernet, "ether_type"),
    network.LINUX_COOKED: _reader(network.LinuxCooked, "protocol"),
    network.LINUX_COOKED_2: _reader(network.LinuxCooked2, "protocol"),
    network.RAW_IP: _reader(),
    network.RAW_IPV4: _reader(),
}

_PLAIN_IPV4: Final = network.Ipv4(
    total_length=0, source=b"", destination=b"", options_and_payload=b""
).version_and_header_length
"""Version 4, without options: what a header says that is built as declared."""

_OPTION_BYTES: Final = [
    network.Tcp(
        source_port=0, destination_port=0, sequence=0, data_offset=number, options_and_payload=b""
    ).header_length
    - network.TCP_HEADER_BYTES
    for number in range(256)
]
"""How many bytes of options a TCP header has, by its data offset; less than none in a damaged one."""


def plain_segment(packet: Packet) -> PlainSegment | None:
    """The segment in a packet, if it is plain; None for all that `Dissector` has to look at."""
    _, link_type, data, _, _, _ = packet
    reader = _READERS.get(link_type)
    if reader is None:
        return None
    read, before, size = reader
    if len(data) < size:
        return None
    kind, version, total, fragment, protocol, key, sequence, ack, offset, flags = read(data, 0)
    start = size + _OPTION_BYTES[offset]
    stop = before + total
    if (
        kind != network.ETHER_IPV4
        or version != _PLAIN_IPV4
        or protocol != network.TCP
        or fragment & network.IPV4_FRAGMENT
        or not size <= start <= stop <= len(data)
    ):
        return None
    return key, flags, sequence, ack, data[start:stop]
