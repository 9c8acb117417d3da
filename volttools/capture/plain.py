"""The way of nearly all packets of a capture, which are as plain as can be: straight to the payload.

A packet goes through `network` layer by layer, whatever it is. Here its headers are read by one
unpack, which is derived from the same declarations, if there is nothing special about it: TCP in
IPv4 without options, in one piece, all of it captured. Both ways give the same segment.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from volttools.capture.packet import Packet
from volttools.codec import fused_reader
from volttools.codec.fused import TO
from volttools.formats import network
from volttools.formats.network import IPV4_FRAGMENT, TCP
from volttools.formats.notation import Record

PlainSegment = tuple[bytes, int, int, int, bytes]
"""Addresses and ports of sender and receiver as they are; flags, sequence, acknowledgment, payload."""

_FIELDS: Final = (
    "Ipv4.total_length",
    "Ipv4.flags_and_fragment_offset",
    "Ipv4.protocol",
    "Ipv4.source..Tcp.destination_port",
    "Tcp.sequence",
    "Tcp.acknowledgment",
    "Tcp.data_offset",
    "Tcp.flags",
)

_VERSION: Final = "Ipv4.version_and_header_length"
_HEADER_BYTES: Final = network.IPV4_HEADER_BYTES + network.TCP_HEADER_BYTES
_PLAIN_IPV4: Final = network.Ipv4(
    total_length=0, source=b"", destination=b"", options_and_payload=b""
).version_and_header_length
"""Version 4, without options: what a header says that is built as declared."""


class _Headers(NamedTuple):
    """How the headers of a link type are read.

    begin    the first value of a plain packet: that it holds IPv4, without options
    before   how many bytes stand before IP
    size     how many bytes all headers take, without options
    """

    read: Callable[[bytes, int], tuple[Any, ...]]
    begin: object
    before: int
    size: int


def _raw() -> _Headers:
    """Without a link layer."""
    read, size = fused_reader((network.Ipv4, network.Tcp), _VERSION, *_FIELDS)
    return _Headers(read, _PLAIN_IPV4, 0, size)


def _behind(layer: type[Record], field: str) -> _Headers:
    """Behind a link layer, in the last field of which stands what it holds."""
    layers = (layer, network.Ipv4, network.Tcp)
    kind = f"{layer.__name__}.{field}"
    read, size = fused_reader(layers, f"{kind}{TO}{_VERSION}", *_FIELDS)
    begin = _built(layer, kind, network.ETHER_IPV4) + _built(network.Ipv4, _VERSION, _PLAIN_IPV4)
    return _Headers(read, begin, size - _HEADER_BYTES, size)


def _built(layer: type[Record], name: str, value: int) -> bytes:
    """The bytes of a value in a field, such as "Ethernet.ether_type"."""
    fields = layer.declaration.wire_fields()
    (format,) = (item.format for item in fields if name == f"{layer.__name__}.{item.name}")
    built: bytes = format.build(value)
    return built


def _behind_cooked_2() -> _Headers:
    """Behind the link layer that says first what it holds."""
    layers = (network.LinuxCooked2, network.Ipv4, network.Tcp)
    read, size = fused_reader(layers, "LinuxCooked2.protocol", _VERSION, *_FIELDS)

    def read_both(data: bytes, at: int) -> tuple[Any, ...]:
        kind, version, *values = read(data, at)
        return (kind, version), *values

    return _Headers(read_both, (network.ETHER_IPV4, _PLAIN_IPV4), size - _HEADER_BYTES, size)


_HEADERS: Final = {
    network.ETHERNET: _behind(network.Ethernet, "ether_type"),
    network.LINUX_COOKED: _behind(network.LinuxCooked, "protocol"),
    network.LINUX_COOKED_2: _behind_cooked_2(),
    network.RAW_IP: _raw(),
    network.RAW_IPV4: _raw(),
}

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
    _, link_type, data, _, _, _ = packet  # quicker than by names
    headers = _HEADERS.get(link_type)
    if headers is None:
        return None
    read, plain, before, size = headers
    if len(data) < size:
        return None
    begin, total, fragment, protocol, key, sequence, ack, offset, flags = read(data, 0)
    start = size + _OPTION_BYTES[offset]
    stop = before + total
    if (
        begin != plain
        or protocol != TCP
        or fragment & IPV4_FRAGMENT
        or not size <= start <= stop <= len(data)
    ):
        return None
    return key, flags, sequence, ack, data[start:stop]
