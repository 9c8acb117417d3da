"""A large capture out of a small one: its packets again and again, each time between other hosts.

    python -m benchmarks.grow captures/types-all.pcap 5000 big.pcap

Takes captures of Ethernet and IPv4; the time goes on by ten seconds with each copy.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from volttools.capture.packets import Packet, PacketReader
from volttools.codec import build, parse
from volttools.formats.network import Ethernet, Ipv4
from volttools.formats.pcap import PcapHeader, PcapPacketHeader

NANOSECONDS = 0xA1B23C4D
ETHERNET = 1
SECOND_NS = 1_000_000_000


def copies(packets: list[Packet], count: int) -> Iterator[bytes]:
    """The records of a pcap file."""
    for number in range(count):
        network = (number + 1).to_bytes(3, "big")
        for packet in packets:
            yield _record(packet, network, number * 10 * SECOND_NS)


def _record(packet: Packet, network: bytes, later_ns: int) -> bytes:
    frame = parse(Ethernet, packet.data)
    ip = parse(Ipv4, frame.payload)
    ip.source, ip.destination = network + ip.source[3:], network + ip.destination[3:]
    frame.payload = build(ip)
    data = build(frame)
    seconds, fraction = divmod((packet.time_ns or 0) + later_ns, SECOND_NS)
    head = PcapPacketHeader(
        seconds=seconds, fraction=fraction, captured_length=len(data), original_length=packet.wire_length
    )
    return build(head) + data


def main() -> None:
    """Write the large capture."""
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    source, count, target = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    with source.open("rb") as file:
        packets = list(PacketReader(file))
    with target.open("wb") as out:
        out.write(build(PcapHeader(magic=NANOSECONDS, link_type_and_fcs=ETHERNET)))
        for record in copies(packets, count):
            out.write(record)


if __name__ == "__main__":
    main()
