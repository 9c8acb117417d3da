"""From packets to TCP segments: link layer, VLAN tags, IPv4 or IPv6, TCP.

What is not TCP is counted and left alone. A packet's lengths are taken for what they are:
Ethernet pads short frames, so the IP header says where a packet ends; segmentation offload
leaves that at 0, and then the frame does; a snap length cuts the frame, and then the IP
header says how much there was.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Final

from volttools.capture.conversations import Endpoint
from volttools.capture.packet import Packet
from volttools.capture.streams import Segment
from volttools.codec import parse
from volttools.errors import DecodeError
from volttools.formats import network
from volttools.kept import Kept

__all__ = ["Dissector", "Endpoints"]

Endpoints = tuple[Endpoint, Endpoint]

# Tags and extension headers in one packet; each costs a copy of what follows it.
MAX_HEADERS: Final = 8
# Pairs of addresses and ports whose text is remembered.
MAX_KNOWN: Final = 65_536
# A packet without an IP length may be so much longer than what was captured of it: more than
# any segmentation offload makes, and little enough not to take garbage for a length.
MAX_UNKNOWN_BYTES: Final = 2**20

_DAMAGED = "damaged or cut headers"

# Each is compiled when there is such a packet.
_parse_ethernet: Callable[[bytes], network.Ethernet] = partial(parse, network.Ethernet)
_parse_vlan: Callable[[bytes], network.VlanTag] = partial(parse, network.VlanTag)
_parse_cooked: Callable[[bytes], network.LinuxCooked] = partial(parse, network.LinuxCooked)
_parse_cooked_2: Callable[[bytes], network.LinuxCooked2] = partial(parse, network.LinuxCooked2)
_parse_loop: Callable[[bytes], network.BsdLoop] = partial(parse, network.BsdLoop)
_parse_null: Callable[[bytes], network.BsdNullLittle] = partial(parse, network.BsdNullLittle)
_parse_ipv4: Callable[[bytes], network.Ipv4] = partial(parse, network.Ipv4)
_parse_ipv6: Callable[[bytes], network.Ipv6] = partial(parse, network.Ipv6)
_parse_extension: Callable[[bytes], network.Ipv6Extension] = partial(parse, network.Ipv6Extension)
_parse_fragment: Callable[[bytes], network.Ipv6Fragment] = partial(parse, network.Ipv6Fragment)
_parse_authentication: Callable[[bytes], network.Authentication] = partial(parse, network.Authentication)
_parse_tcp: Callable[[bytes], network.Tcp] = partial(parse, network.Tcp)


class _NotTcpError(Exception):
    """A packet holds something else; the text says what, for counting."""


class Dissector:
    """Finds the TCP segment in a packet; counts in `skipped` what other packets hold."""

    def __init__(self) -> None:
        self.skipped: Counter[str] = Counter()
        self._known = Kept[tuple[bytes, bytes, int, int], Endpoints](MAX_KNOWN)

    def segment(self, packet: Packet) -> tuple[Endpoints, Segment] | None:
        """The segment in a packet with its sender and receiver; None if there is none."""
        try:
            layer = _LINK_LAYERS.get(packet.link_type)
            if layer is None:
                raise _NotTcpError(f"link type {packet.link_type}")
            protocol, payload = layer(packet.data)
            if protocol == network.ETHER_IPV4:
                return self._ipv4(packet, payload)
            if protocol == network.ETHER_IPV6:
                return self._ipv6(packet, payload)
            raise _NotTcpError(_ether_type_name(protocol))
        except DecodeError:
            self.skipped[_DAMAGED] += 1
        except _NotTcpError as error:
            self.skipped[str(error)] += 1
        return None

    def _ipv4(self, packet: Packet, data: bytes) -> tuple[Endpoints, Segment]:
        ip = _parse_ipv4(data)
        options = ip.header_length - network.IPV4_HEADER_BYTES
        if ip.version != 4 or options < 0:
            raise _NotTcpError(_DAMAGED)
        if ip.flags_and_fragment_offset & network.IPV4_FRAGMENT:
            raise _NotTcpError("IP fragments")
        if ip.protocol != network.TCP:
            raise _NotTcpError(_protocol_name(ip.protocol))
        payload = ip.options_and_payload[options:] if options else ip.options_and_payload
        length = ip.total_length - ip.header_length if ip.total_length else None
        return self._tcp(packet, ip.source, ip.destination, payload, length)

    def _ipv6(self, packet: Packet, data: bytes) -> tuple[Endpoints, Segment]:
        ip = _parse_ipv6(data)
        if ip.version != 6:
            raise _NotTcpError(_DAMAGED)
        protocol, payload = ip.next_header, ip.payload
        length = ip.payload_length or None
        for _ in range(MAX_HEADERS):
            if protocol == network.TCP:
                return self._tcp(packet, ip.source, ip.destination, payload, length)
            protocol, rest = _ipv6_extension(protocol, payload)
            if length is not None:
                length -= len(payload) - len(rest)
            payload = rest
        raise _NotTcpError("too many IPv6 extension headers")

    def _tcp(
        self, packet: Packet, source: bytes, destination: bytes, data: bytes, length: int | None
    ) -> tuple[Endpoints, Segment]:
        """`length`: of header and payload by the IP header, which may have left it out."""
        # What the capture doesn't have, by the capture's own account.
        unknown = max(0, packet.wire_length - len(packet.data))
        if length is None:
            length = len(data) + min(unknown, MAX_UNKNOWN_BYTES)
        elif length < len(data):
            data = data[: max(0, length)]  # the rest pads the frame
        else:
            length = min(length, len(data) + unknown)
        tcp = _parse_tcp(data)
        header = tcp.header_length
        if header < network.TCP_HEADER_BYTES or header > length:
            raise _NotTcpError(_DAMAGED)
        options = header - network.TCP_HEADER_BYTES
        payload = tcp.options_and_payload[options:] if options else tcp.options_and_payload
        key = (source, destination, tcp.source_port, tcp.destination_port)
        endpoints = self._known.get(key)
        if endpoints is None:
            endpoints = self._name(key)
        return endpoints, Segment(
            packet.time_ns,
            tcp.sequence,
            tcp.acknowledgment,
            tcp.flags,
            payload,
            length - header,
        )

    def _name(self, key: tuple[bytes, bytes, int, int]) -> Endpoints:
        source, destination, source_port, destination_port = key
        endpoints = (
            Endpoint(str(ipaddress.ip_address(source)), source_port),
            Endpoint(str(ipaddress.ip_address(destination)), destination_port),
        )
        return self._known.keep(key, endpoints)


# -- link layers: bytes -> ether type and what follows ----------------------------------------


def _ethernet(data: bytes) -> tuple[int, bytes]:
    frame = _parse_ethernet(data)
    if frame.ether_type in network.ETHER_VLAN:
        return _untagged(frame.ether_type, frame.payload)
    return frame.ether_type, frame.payload


def _untagged(ether_type: int, payload: bytes) -> tuple[int, bytes]:
    """Take VLAN tags off, if there are any."""
    for _ in range(MAX_HEADERS):
        if ether_type not in network.ETHER_VLAN:
            break
        tag = _parse_vlan(payload)
        ether_type, payload = tag.ether_type, tag.payload
    return ether_type, payload


def _cooked(data: bytes) -> tuple[int, bytes]:
    frame = _parse_cooked(data)
    return _untagged(frame.protocol, frame.payload)


def _cooked_2(data: bytes) -> tuple[int, bytes]:
    frame = _parse_cooked_2(data)
    return _untagged(frame.protocol, frame.payload)


def _loop(data: bytes) -> tuple[int, bytes]:
    frame = _parse_loop(data)
    return _family(frame.family), frame.payload


def _null(data: bytes) -> tuple[int, bytes]:
    """The family is in the byte order of the machine that captured: the one that makes sense."""
    frame = _parse_null(data)
    if frame.family not in network.FAMILIES:
        return _loop(data)
    return _family(frame.family), frame.payload


def _family(family: int) -> int:
    if family == network.FAMILY_IPV4:
        return network.ETHER_IPV4
    if family in network.FAMILIES_IPV6:
        return network.ETHER_IPV6
    raise _NotTcpError(f"address family {family}")


def _raw_ip(data: bytes) -> tuple[int, bytes]:
    version = _parse_ipv4(data).version
    return (network.ETHER_IPV6 if version == 6 else network.ETHER_IPV4), data


_LINK_LAYERS: dict[int, Callable[[bytes], tuple[int, bytes]]] = {
    network.ETHERNET: _ethernet,
    network.LINUX_COOKED: _cooked,
    network.LINUX_COOKED_2: _cooked_2,
    network.BSD_NULL: _null,
    network.BSD_LOOP: _loop,
    network.RAW_IP: _raw_ip,
    network.RAW_IP_BSD: _raw_ip,
    network.RAW_IP_OPENBSD: _raw_ip,
    network.RAW_IPV4: lambda data: (network.ETHER_IPV4, data),
    network.RAW_IPV6: lambda data: (network.ETHER_IPV6, data),
}


def _ipv6_extension(protocol: int, data: bytes) -> tuple[int, bytes]:
    """Take one extension header off."""
    if protocol in network.IPV6_EXTENSIONS:
        extension = _parse_extension(data)
        return extension.next_header, extension.payload
    if protocol == network.FRAGMENT:
        fragment = _parse_fragment(data)
        if fragment.is_fragment:
            raise _NotTcpError("IP fragments")
        return fragment.next_header, fragment.payload
    if protocol == network.AUTHENTICATION:
        signed = _parse_authentication(data)
        return signed.next_header, signed.payload
    raise _NotTcpError(_protocol_name(protocol))


def _ether_type_name(ether_type: int) -> str:
    if ether_type < network.ETHER_LENGTH:
        return "802.3 frames"
    return network.ETHER_TYPES.get(ether_type) or f"ether type {ether_type:04x}"


def _protocol_name(protocol: int) -> str:
    return network.PROTOCOLS.get(protocol) or f"IP protocol {protocol}"
