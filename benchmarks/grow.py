"""A large capture out of a small one: its packets again and again, each time between other hosts.

    python -m benchmarks.grow captures/types-all.pcap 5000 big.pcap
    python -m benchmarks.grow captures/types-all.pcap 5000 changed.pcap 1000

Takes captures of Ethernet and IPv4; the time goes on by ten seconds with each copy. A fourth number plants
differences: of each so many packets in which a server says more than SHORT bytes, one ends with another byte.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from volttools.capture.packets import Packet, PacketReader
from volttools.codec import build, parse
from volttools.formats.network import Ethernet, Ipv4, Tcp
from volttools.formats.pcap import PcapHeader, PcapPacketHeader
from volttools.protocol.recognition import DEFAULT_PORTS

NANOSECONDS = 0xA1B23C4D
ETHERNET = 1
SECOND_NS = 1_000_000_000
SHORT = 60


def copies(packets: list[Packet], count: int, every: int | None = None) -> Iterator[bytes]:
    """The records of a pcap file; of `every` long packets of a server one is changed."""
    answers = 0
    for number in range(count):
        network = (number + 1).to_bytes(3, "big")
        for packet in packets:
            frame = parse(Ethernet, packet.data)
            ip = parse(Ipv4, frame.payload)
            ip.source, ip.destination = network + ip.source[3:], network + ip.destination[3:]
            if every is not None and _is_answer(ip):
                answers += 1
                if answers % every == 0:
                    said = ip.options_and_payload
                    ip.options_and_payload = said[:-1] + bytes([said[-1] ^ 1])
            frame.payload = build(ip)
            yield _record(packet, build(frame), number * 10 * SECOND_NS)


def _is_answer(ip: Ipv4) -> bool:
    tcp = parse(Tcp, ip.options_and_payload)
    return tcp.source_port in DEFAULT_PORTS and len(ip.options_and_payload) - tcp.header_length > SHORT


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
    every = int(sys.argv[4]) if len(sys.argv) == 5 else None
    source, count, target = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    with source.open("rb") as file:
        packets = list(PacketReader(file))
    with target.open("wb") as out:
        out.write(build(PcapHeader(magic=NANOSECONDS, link_type_and_fcs=ETHERNET)))
        for record in copies(packets, count, every):
            out.write(record)


if __name__ == "__main__":
    main()
