"""Captures of whole conversations, as files: packets of TCP, one a frame, and dump_files."""

from __future__ import annotations

from tests.capture.files import NOW, ethernet, ipv4, pcap_head, pcap_packet, tcp
from tests.protocol.wire import ACCEPTED, CLIENT, LOGIN, SERVER, answer, call, framed
from volttools.capture.network import Dissector
from volttools.formats.network import ACK, FIN, PSH, RST, SYN

HELLO = bytes.fromhex("16030100050100000100") + bytes(60)


class Traffic:
    """Packets of one connection; times are seconds after NOW."""

    def __init__(self, *, client_port=50_000, server_port=21212):
        self.ports = (client_port, server_port)
        self.next = [1_000, 9_000]
        self.packets = []  # (seconds, packet)

    def packet(self, seconds, side, data=b"", flags=ACK | PSH):
        segment = tcp(
            data,
            source_port=self.ports[side],
            destination_port=self.ports[1 - side],
            sequence=self.next[side],
            acknowledgment=self.next[1 - side] if flags & ACK else 0,
            flags=flags,
        )
        addresses = [bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])]
        ip = ipv4(segment, source=addresses[side], destination=addresses[1 - side])
        self.packets.append((seconds, ethernet(ip)))
        self.next[side] += len(data) + bool(flags & (SYN | FIN))
        return self

    def opens(self, seconds=0):
        return self.packet(seconds, CLIENT, flags=SYN).packet(seconds, SERVER, flags=SYN | ACK)

    def sends(self, seconds, side, *bodies):
        return self.packet(seconds, side, b"".join(map(framed, bodies)))

    def logs_in(self, seconds=0):
        self.opens(seconds)
        return self.sends(seconds, CLIENT, LOGIN).sends(seconds, SERVER, ACCEPTED)

    def closes(self, seconds):
        self.packet(seconds, CLIENT, flags=FIN | ACK)
        return self.packet(seconds, SERVER, flags=FIN | ACK)

    def refuses(self, seconds):
        self.packet(seconds, CLIENT, flags=SYN)
        return self.packet(seconds, SERVER, flags=RST | ACK)


def tcp_segments(packets, dissector=None):
    """The TCP segments of packets, each with its sender and receiver."""
    return filter(None, map((dissector or Dissector()).segment, packets))


def pcap_of(*traffic, head=None):
    """A pcap file of several connections, by time."""
    packets = sorted((packet for one in traffic for packet in one.packets), key=lambda packet: packet[0])
    data = head or pcap_head()
    return data + b"".join(pcap_packet(packet, NOW + int(at), int(at % 1 * 10**6)) for at, packet in packets)


def calls(traffic, *steps):
    """Calls and their answers: (seconds, procedure)."""
    for seconds, procedure in steps:
        traffic.sends(seconds, CLIENT, call(procedure, 1)).sends(seconds + 0.5, SERVER, answer(1))
    return traffic


def dump_of(*bodies):
    """A dump_file of frames of both directions."""
    return b"".join(framed(body) + b"\n" for body in bodies)
