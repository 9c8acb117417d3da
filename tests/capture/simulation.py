"""A TCP connection that is known completely, and the ways in which captures distort it."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

from volttools.capture.reassembly import Closed, Data, Event, Gap, Segment
from volttools.formats.network import ACK, FIN, PSH, RST, SYN

__all__ = ["ACK", "FIN", "PSH", "RST", "SYN", "Connection", "Packet", "Received", "connections", "disordered"]

_MASK = 2**32 - 1


@dataclass
class Packet:
    """What one side sent: stream offset, bytes, how much of the other stream it had received."""

    side: int
    offset: int
    data: bytes
    received: int
    flags: int = ACK | PSH


@dataclass
class Connection:
    """Packets in the order in which they were sent; FIN and SYN count in no stream offset."""

    initial: tuple[int, int]
    packets: list[Packet]
    streams: tuple[bytes, bytes]
    interval_ns: int = 1000

    def segment(self, packet: Packet, number: int = 0) -> Segment:
        own, other = self.initial[packet.side], self.initial[1 - packet.side]
        syn = packet.flags & SYN
        return Segment(
            number * self.interval_ns,
            (own + packet.offset + (0 if syn else 1)) & _MASK,
            (other + packet.received + 1) & _MASK if packet.flags & ACK else 0,
            packet.flags,
            packet.data,
            len(packet.data),
        )

    def handshake(self) -> list[Packet]:
        return [
            Packet(0, 0, b"", 0, SYN),
            Packet(1, 0, b"", 0, SYN | ACK),
            Packet(0, 0, b"", 0, ACK),
        ]

    def ends(self) -> list[Packet]:
        first, second = (len(stream) for stream in self.streams)
        return [Packet(0, first, b"", second, FIN | ACK), Packet(1, second, b"", first + 1, FIN | ACK)]


@dataclass
class Received:
    """What came out: checks that offsets never jump, and nothing follows an end."""

    streams: tuple[bytearray, bytearray] = field(default_factory=lambda: (bytearray(), bytearray()))
    gaps: tuple[list[tuple[int, int]], list[tuple[int, int]]] = field(default_factory=lambda: ([], []))
    closed: list[str | None] = field(default_factory=lambda: [None, None])
    position: list[int] = field(default_factory=lambda: [0, 0])

    def take(self, events: list[Event]) -> None:
        for event in events:
            side = event.side
            assert self.closed[side] is None, f"{event} behind the end"
            if isinstance(event, Closed):
                self.closed[side] = event.kind
                continue
            assert event.offset == self.position[side]
            if isinstance(event, Data):
                assert event.data
                self.streams[side].extend(event.data)
                self.position[side] += len(event.data)
            elif isinstance(event, Gap):
                assert event.length > 0
                self._take_gap(side, event.offset, event.offset + event.length)
                self.position[side] += event.length

    def _take_gap(self, side: int, start: int, end: int) -> None:
        gaps = self.gaps[side]
        if gaps and gaps[-1][1] == start:
            start = gaps.pop()[0]
        gaps.append((start, end))


@st.composite
def connections(draw: st.DrawFn, max_messages: int = 12) -> Connection:
    """Both sides send messages, in any segments, having received all or less of the other's."""
    initial = (draw(st.sampled_from([0, 1000, 2**32 - 20])), draw(st.sampled_from([5, 2**32 - 3])))
    sent, acknowledged = [b"", b""], [0, 0]
    packets = []
    for _ in range(draw(st.integers(1, max_messages))):
        side = draw(st.integers(0, 1))
        message = draw(st.binary(min_size=1, max_size=40))
        if draw(st.booleans()):
            acknowledged[side] = len(sent[1 - side])
        step = draw(st.sampled_from([1, 7, 16, 40]))
        for start in range(0, len(message), step):
            piece = message[start : start + step]
            packets.append(Packet(side, len(sent[side]), piece, acknowledged[side]))
            sent[side] += piece
    return Connection(initial, packets, (sent[0], sent[1]))


@st.composite
def disordered(draw: st.DrawFn, connection: Connection, distance: int = 6) -> list[Packet]:
    """The packets with copies, and copies with other borders, all at most `distance` late."""
    packets = list(connection.packets)
    timed: list[tuple[float, Packet]] = []
    for number, packet in enumerate(packets):
        timed.append((number + draw(st.integers(0, distance)), packet))
        copy = draw(st.integers(0, 9))
        if copy == 0:
            timed.append((number + draw(st.integers(0, distance)), packet))
        elif copy == 1 and packet.data:
            again = _other_borders(draw, connection, packet)
            timed.append((number + 0.5 + draw(st.integers(0, distance)), again))
    return [packet for _, packet in sorted(timed, key=lambda pair: pair[0])]


def _other_borders(draw: st.DrawFn, connection: Connection, packet: Packet) -> Packet:
    """Some of what was sent up to the end of a packet, sent again after it."""
    end = packet.offset + len(packet.data)
    start = draw(st.integers(max(0, end - 60), end - 1))
    data = connection.streams[packet.side][start:end]
    return Packet(packet.side, start, data, packet.received)
