"""Captures of which the packets were lost, doubled, late, cut, torn, or wrapped in other headers, as networks do it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from tests.capture.files import ethernet, ipv4, ipv6, pcap_head, pcap_packet
from volttools.capture.packet import Packet
from volttools.codec import build, parse
from volttools.formats import network

MOST_PACKETS = 400
SECOND = 10**9
_WHOLE = 2**16


@dataclass(frozen=True)
class Piece:
    """A TCP segment as it is sent; `cut` leaves so many bytes of its packet."""

    time_ns: int
    addresses: tuple[bytes, bytes]
    tcp: network.Tcp
    wrap: Callable[[Piece], bytes] | None = None
    cut: int = _WHOLE

    @property
    def head(self) -> int:
        """The bytes of the TCP header behind its fixed part."""
        return max(0, self.tcp.header_length - network.TCP_HEADER_BYTES)


def pieces_of(packets: Iterable[Packet]) -> list[Piece]:
    """The TCP segments over IPv4 and Ethernet in packets; others are left out."""
    found = []
    for packet in packets:
        if packet.link_type != network.ETHERNET:
            continue
        frame = parse(network.Ethernet, packet.data)
        if frame.ether_type != network.ETHER_IPV4:
            continue
        ip = parse(network.Ipv4, frame.payload)
        if ip.protocol == network.TCP:
            body = ip.options_and_payload[: ip.total_length - network.IPV4_HEADER_BYTES]
            tcp = parse(network.Tcp, body)
            found.append(Piece(packet.time_ns or 0, (ip.source, ip.destination), tcp))
    return found


def scrambled(rng: random.Random, sources: Sequence[Sequence[Piece]], *, harm: float | None = None) -> bytes:
    """A pcap of pieces of some sources, at the same time, with harm done to a share of them."""
    harm = rng.choice((0, 0, 0.002, 0.02, 0.1)) if harm is None else harm
    wrap = rng.choice((_plain, _plain, _plain, _tagged, _ipv6, _optional, _any(rng)))
    pieces: list[Piece] = []
    for number in range(rng.choice((1, 1, 2, 3))):
        chosen = _stretch(rng, rng.choice(sources))
        other_host = bytes([10, 9, 0, rng.choice((number, 0))])
        first_ns = chosen[0].time_ns if chosen else 0
        for piece in chosen:
            at = 1_700_000_000 * SECOND + piece.time_ns - first_ns
            pieces.append(replace(piece, time_ns=at, addresses=_renamed(piece, other_host)))
    pieces.sort(key=lambda piece: piece.time_ns)
    made: list[Piece] = []
    for piece in pieces:
        made += _harmed(rng, piece) if rng.random() < harm else [piece]
    if rng.random() < 0.8:
        made.sort(key=lambda piece: piece.time_ns)
    data = pcap_head(ticks=SECOND)
    for piece in made:
        packet = (piece.wrap or wrap)(piece)
        seconds, fraction = divmod(piece.time_ns, SECOND)
        data += pcap_packet(packet[: piece.cut], seconds, fraction, original=len(packet))
    return data


def _stretch(rng: random.Random, pieces: Sequence[Piece]) -> Sequence[Piece]:
    """Some of them in a row; from the first on, or from the middle."""
    start = rng.choice((0, 0, 0, rng.randrange(len(pieces) + 1)))
    return pieces[start : start + rng.choice((MOST_PACKETS, rng.randrange(1, MOST_PACKETS)))]


def _renamed(piece: Piece, host: bytes) -> tuple[bytes, bytes]:
    """Whoever asks is another host, so that a capture can be there twice."""
    source, destination = piece.addresses
    is_asking = piece.tcp.source_port > piece.tcp.destination_port
    return (host, destination) if is_asking else (source, host)


def _harmed(rng: random.Random, piece: Piece) -> list[Piece]:
    late = replace(piece, time_ns=piece.time_ns + rng.choice((10**3, 10**6, 10**8, SECOND, 9 * SECOND)))
    match rng.randrange(9):
        case 0:
            return []
        case 1:
            return [piece, late]
        case 2:
            return [late]
        case 3:
            return [replace(piece, time_ns=max(0, piece.time_ns - rng.choice((10**6, SECOND, 90 * SECOND))))]
        case 4:
            return [replace(piece, cut=rng.choice((0, 13, 33, 54, 60, 66, 100)))]
        case 5:
            return _torn(rng, piece)
        case 6:
            flags = rng.choice((network.FIN, network.RST, network.SYN, network.ACK, 0))
            return [replace(piece, tcp=piece.tcp.replace(flags=piece.tcp.flags ^ flags))]
        case 7:
            field = rng.choice(("sequence", "acknowledgment"))
            moved = getattr(piece.tcp, field) + rng.choice((-(2**20), -1, 1, 2**16, 2**31))
            return [replace(piece, tcp=piece.tcp.replace(**{field: moved % 2**32}))]
        case _:
            return [replace(piece, wrap=_any(rng))]


def _torn(rng: random.Random, piece: Piece) -> list[Piece]:
    """Sent again in two pieces, which may overlap; the first, the second, or both before the whole."""
    options, payload = (
        piece.tcp.options_and_payload[: piece.head],
        piece.tcp.options_and_payload[piece.head :],
    )
    at, back = rng.randrange(len(payload) + 1), rng.choice((0, 0, 1, 5))
    begin = max(0, at - back)
    first = piece.tcp.replace(options_and_payload=options + payload[:at])
    second = piece.tcp.replace(
        sequence=(piece.tcp.sequence + begin) % 2**32, options_and_payload=options + payload[begin:]
    )
    both = [replace(piece, tcp=first), replace(piece, tcp=second)]
    return rng.choice((both, both[::-1], [piece, both[1]], [both[0], piece]))


def _plain(piece: Piece) -> bytes:
    source, destination = piece.addresses
    return ethernet(ipv4(build(piece.tcp), source=source, destination=destination))


def _tagged(piece: Piece) -> bytes:
    """Of a virtual network."""
    plain = _plain(piece)
    return plain[:12] + min(network.ETHER_VLAN).to_bytes(2, "big") + b"\0\7" + plain[12:]


def _ipv6(piece: Piece) -> bytes:
    source, destination = (bytes(12) + address for address in piece.addresses)
    packet = ipv6(build(piece.tcp), source=source, destination=destination)
    return ethernet(packet, network.ETHER_IPV6)


def _optional(piece: Piece) -> bytes:
    """With options of IPv4."""
    source, destination = piece.addresses
    return ethernet(ipv4(build(piece.tcp), options=b"\1" * 4, source=source, destination=destination))


def _any(rng: random.Random) -> Callable[[Piece], bytes]:
    """Each packet another way."""
    return lambda piece: rng.choice((_plain, _tagged, _optional))(piece)
