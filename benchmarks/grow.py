"""A large capture out of a small one: its packets again and again, each time between other hosts.

    python -m benchmarks.grow captures/types-all.pcap 5000 big.pcap
    python -m benchmarks.grow captures/types-all.pcap 5000 changed.pcap 1000

Takes captures of Ethernet and IPv4; the time goes on by ten seconds with each copy. A fourth number plants
differences: of each so many packets that end with the last row of an answer, one ends with another byte. Log-ins,
notifications and keep-alives are left alone, and so are FLOATs, whose last bit is within every tolerance.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import volttools
from volttools.capture.packets import Packet, PacketReader
from volttools.codec import build, parse
from volttools.formats.network import Ethernet, Ipv4
from volttools.formats.pcap import PcapHeader, PcapPacketHeader
from volttools.formats.response import PING_HANDLE
from volttools.formats.types import FLOAT
from volttools.protocol.events import Exchange

NANOSECONDS = 0xA1B23C4D
ETHERNET = 1
SECOND_NS = 1_000_000_000
SHORT = 60
"""Bytes by which the end of an answer is known; shorter ones are left alone."""


def copies(
    packets: list[Packet], count: int, *, endings: frozenset[bytes] = frozenset(), every: int = 1
) -> Iterator[bytes]:
    """The records of a pcap file; of `every` packets with one of these endings, one is changed."""
    answers = 0
    for number in range(count):
        network = (number + 1).to_bytes(3, "big")
        for packet in packets:
            frame = parse(Ethernet, packet.data)
            ip = parse(Ipv4, frame.payload)
            ip.source, ip.destination = network + ip.source[3:], network + ip.destination[3:]
            said = ip.options_and_payload
            if said[-SHORT:] in endings:
                answers += 1
                if answers % every == 0:
                    ip.options_and_payload = said[:-1] + bytes([said[-1] ^ 1])
            frame.payload = build(ip)
            yield _record(packet, build(frame), number * 10 * SECOND_NS)


def endings_of(source: Path) -> frozenset[bytes]:
    """How the answers of a capture end of which another last byte makes another value."""
    return frozenset(
        bytes(exchange.response_frame.body[-SHORT:])
        for exchange in volttools.open(source)
        if exchange.response_frame is not None and _ends_with_a_value(exchange)
    )


def _ends_with_a_value(exchange: Exchange) -> bool:
    response = exchange.response
    if response is None or exchange.client_handle == PING_HANDLE or not response.tables:
        return False
    last = response.tables[-1]
    return bool(last.rows) and last.columns[-1].type != FLOAT.code


def _record(packet: Packet, data: bytes, later_ns: int) -> bytes:
    seconds, fraction = divmod((packet.time_ns or 0) + later_ns, SECOND_NS)
    head = PcapPacketHeader(
        seconds=seconds, fraction=fraction, captured_length=len(data), original_length=packet.wire_length
    )
    return build(head) + data


def main() -> None:
    """Write the large capture."""
    if len(sys.argv) not in (4, 5):
        raise SystemExit(__doc__)
    source, count, target = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    with source.open("rb") as file:
        packets = list(PacketReader(file))
    planting: dict[str, Any] = {}
    if len(sys.argv) == 5:
        planting = {"endings": endings_of(source), "every": int(sys.argv[4])}
    with target.open("wb") as out:
        out.write(build(PcapHeader(magic=NANOSECONDS, link_type_and_fcs=ETHERNET)))
        for record in copies(packets, count, **planting):
            out.write(record)


if __name__ == "__main__":
    main()
