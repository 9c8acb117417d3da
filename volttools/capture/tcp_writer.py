"""Writes what was sent as TCP packets: streams made anew, without the accidents of the old ones.

Each connection gets its handshake (if its beginning was captured), each frame its segments, in
the order of the steps, with right sequence numbers, acknowledgments and checksums. What was
lost, sent twice or out of order in the source doesn't come again. Bytes that are missing stay
missing: a segment of which only the headers are there holds their place, so nothing is made up
and what follows keeps its position.

Where the source has no addresses (dump_file), they are made up on loopback.
"""

from __future__ import annotations

import heapq
import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from typing import Final

from volttools.capture.pcapng_writer import PcapngWriter
from volttools.codec import build, head_remainder, head_writer
from volttools.errors import UsageError
from volttools.formats import network
from volttools.formats.frame import PREFIX
from volttools.formats.network import ACK, FIN, PSH, RST, SEQUENCE_MASK, SYN
from volttools.protocol.endpoints import read_endpoint
from volttools.protocol.events import Connection, Direction, Frame
from volttools.protocol.frames import CLIENT
from volttools.protocol.recognition import DEFAULT_PORTS
from volttools.protocol.traffic import Bytes, Ended, Hole, Note, Opened, Sent, Step

SEGMENT_BYTES: Final = 32_000
"""At most so many bytes go into one segment."""

WINDOW_BYTES: Final = 2 * SEGMENT_BYTES
"""So many may be unacknowledged; less than the window that headers say, so it is never full."""

REORDERED_PACKETS: Final = 4_096
REORDERED_BYTES: Final = 2**24
"""So many packets of several connections, and bytes, are put in order of time."""

NOT_THERE: Final = "are not in the original capture"

_FIRST_MADE_UP_PORT: Final = 49_152
_MADE_UP_PORTS: Final = 16_384

Address = tuple[bytes, int]


@dataclass(slots=True)
class _Side:
    address: Address
    sequence: int  # of the next byte
    acked: int  # of the other side's bytes; as last said
    is_closed: bool = False


@dataclass(slots=True)
class _Packet:
    data: bytes
    time_ns: int | None
    missing_bytes: int
    comment: str | None


@dataclass(slots=True)
class _Conversation:
    """The TCP state of one connection. `put` takes its packets: bytes, time, place, missing bytes, comment."""

    client: _Side
    server: _Side
    put: Callable[[bytes, int | None, int, int, str | None], None]
    time_ns: int | None = None
    place_ns: int = 0
    is_reset: bool = False
    ended: int = 0  # sides
    notes: list[str] = field(default_factory=list)  # for the next packet

    def side(self, direction: Direction) -> tuple[_Side, _Side]:
        """Who sends, and who receives."""
        sides = (self.client, self.server)
        return sides if direction is Direction.CLIENT else sides[::-1]

    def at(self, time_ns: int | None) -> None:
        """Go on to a time. It may be before the last one, where packets came in disorder; packets
        keep their order nevertheless."""
        self.time_ns = time_ns
        if time_ns is not None and time_ns > self.place_ns:
            self.place_ns = time_ns

    def open(self) -> None:
        """The handshake."""
        self._add(self.client, self.server, SYN, spends=1)
        self._add(self.server, self.client, SYN | ACK, spends=1)
        self._add(self.client, self.server, ACK)

    def send(self, direction: Direction, data: bytes) -> None:
        """Bytes of one side."""
        if direction is CLIENT:
            sender, receiver = self.client, self.server
        else:
            sender, receiver = self.server, self.client
        length = len(data)
        if 0 < length <= SEGMENT_BYTES:  # nearly always
            self._make_room(sender, receiver, length)
            self._add(sender, receiver, ACK | PSH, data, spends=length)
            return
        for start in range(0, len(data), SEGMENT_BYTES):
            piece = data[start : start + SEGMENT_BYTES]
            self._make_room(sender, receiver, len(piece))
            is_last = start + SEGMENT_BYTES >= len(data)
            self._add(sender, receiver, ACK | PSH if is_last else ACK, piece, spends=len(piece))

    def skip(self, direction: Direction, length: int, why: str) -> None:
        """Bytes of one side that nobody knows."""
        sender, receiver = self.side(direction)
        there = "1 byte here" if length == 1 else f"{length:,} bytes from here on"
        comment = f"{there} {why}"
        while length > 0:
            piece = min(length, SEGMENT_BYTES)
            self._make_room(sender, receiver, piece)
            self._add(sender, receiver, ACK, missing_bytes=piece, spends=piece, comment=comment)
            length -= piece

    def end(self, direction: Direction, how: str) -> None:
        """The end of one side."""
        sender, receiver = self.side(direction)
        if how == "fin" and not sender.is_closed and not self.is_reset:
            sender.is_closed = True
            self._add(sender, receiver, FIN | ACK, spends=1)
            if receiver.is_closed:
                self._add(receiver, sender, ACK)
        elif how == "rst" and not self.is_reset:
            self.is_reset = True
            self._add(sender, receiver, RST | ACK)

    def _make_room(self, sender: _Side, receiver: _Side, length: int) -> None:
        """Let the receiver acknowledge before there is too much on the way."""
        if ((sender.sequence - receiver.acked) & SEQUENCE_MASK) + length > WINDOW_BYTES:
            self._add(receiver, sender, ACK)

    def _add(
        self,
        sender: _Side,
        receiver: _Side,
        flags: int,
        payload: bytes = b"",
        *,
        spends: int = 0,
        missing_bytes: int = 0,
        comment: str | None = None,
    ) -> None:
        """One packet; `spends` sequence numbers."""
        acknowledgment = 0
        if flags & ACK:
            acknowledgment = sender.acked = receiver.sequence
        data = _ip_packet(
            sender.address, receiver.address, sender.sequence, acknowledgment, flags, payload, missing_bytes
        )
        sender.sequence = (sender.sequence + spends) & SEQUENCE_MASK
        if self.notes:
            comment = "\n".join([*self.notes, *([] if comment is None else [comment])])
            self.notes.clear()
        self.put(data, self.time_ns, self.place_ns, missing_bytes, comment)


class TcpWriter:
    """Writes steps to a pcapng file, by time.

    is_ordered  whether steps come by time, as those of one connection do: then no packet waits for others
    """

    def __init__(self, pcapng: PcapngWriter, *, is_ordered: bool = False) -> None:
        self._is_ordered = is_ordered
        self._pcapng = pcapng
        self._conversations: dict[int, _Conversation] = {}
        self._waiting: list[tuple[int, int, _Packet]] = []
        self._waiting_bytes = 0
        self._order = count()
        self._last_ns = 0

    @property
    def size(self) -> int:
        """Bytes written, and bytes of packets that wait."""
        return self._pcapng.size + self._waiting_bytes

    def use(self, pcapng: PcapngWriter) -> None:
        """Write what waits, and what comes from now on to another file."""
        self.flush()
        self._pcapng = pcapng

    def send(self, connection: Connection, direction: Direction, data: bytes, time_ns: int | None) -> None:
        """Write bytes; as `write` does with `Bytes`."""
        conversation = self._conversations.get(connection.number) or self._conversation(connection)
        conversation.at(time_ns)
        conversation.send(direction, data)

    def write(self, step: Step) -> None:
        """Write one step. UsageError if the connection's addresses are none."""
        if isinstance(step, Bytes):
            self.send(step.connection, step.direction, step.data, step.time_ns)
            return
        conversation = self._conversation(step.connection)
        conversation.at(step.time_ns)
        if isinstance(step, Sent):
            self._frame(conversation, step)
        elif isinstance(step, Opened):
            if step.is_whole:
                conversation.open()
        elif isinstance(step, Hole):
            conversation.skip(step.direction, step.length, step.why or NOT_THERE)
        elif isinstance(step, Note):
            conversation.notes.append(step.text)
        else:
            conversation.end(step.direction, step.how)
            self._forget_if_over(step, conversation)

    def flush(self) -> None:
        """Write all that waits for packets with earlier times."""
        while self._waiting:
            self._write_first()

    def _frame(self, conversation: _Conversation, step: Sent) -> None:
        frame = step.frame
        if step.is_full:
            conversation.send(frame.direction, frame.body)
            return
        if frame.is_whole:
            conversation.send(frame.direction, frame.with_prefix())
            return
        for data, hole in pieces_of(frame):
            conversation.send(frame.direction, data)
            conversation.skip(frame.direction, hole, NOT_THERE)

    def _conversation(self, connection: Connection) -> _Conversation:
        found = self._conversations.get(connection.number)
        if found is None:
            client, server = _addresses(connection)
            # Streams of different connections on the same ports begin elsewhere.
            start = connection.number * 1_000_000 & SEQUENCE_MASK
            found = _Conversation(
                _Side(client, start, start + 500_000 & SEQUENCE_MASK),
                _Side(server, start + 500_000 & SEQUENCE_MASK, start),
                self._write_at_once if self._is_ordered else self._queue,
            )
            self._conversations[connection.number] = found
        return found

    def _forget_if_over(self, step: Ended, conversation: _Conversation) -> None:
        conversation.ended += 1
        if conversation.ended == len(Direction):
            del self._conversations[step.connection.number]

    def _write_at_once(
        self, data: bytes, time_ns: int | None, place_ns: int, missing_bytes: int, comment: str | None
    ) -> None:
        self._pcapng.packet(data, time_ns, missing_bytes=missing_bytes, comment=comment)

    def _queue(
        self, data: bytes, time_ns: int | None, place_ns: int, missing_bytes: int, comment: str | None
    ) -> None:
        self._last_ns = max(place_ns, self._last_ns if time_ns is None else 0)
        self._waiting_bytes += len(data)
        packet = _Packet(data, time_ns, missing_bytes, comment)
        heapq.heappush(self._waiting, (self._last_ns, next(self._order), packet))
        while len(self._waiting) > REORDERED_PACKETS or self._waiting_bytes > REORDERED_BYTES:
            self._write_first()

    def _write_first(self) -> None:
        *_, packet = heapq.heappop(self._waiting)
        self._waiting_bytes -= len(packet.data)
        self._pcapng.packet(
            packet.data, packet.time_ns, missing_bytes=packet.missing_bytes, comment=packet.comment
        )


def pieces_of(frame: Frame) -> Iterator[tuple[bytes, int]]:
    """What is there of a frame with its length: bytes, and how many are missing behind them."""
    start = 0
    prefix: bytes = PREFIX.build(frame.length)
    for begin, end in frame.missing:
        is_cut_off = end == frame.length and frame.closed_by is not None
        yield prefix + frame.body[start:begin], 0 if is_cut_off else end - begin
        prefix, start = b"", end
    if start < len(frame.body):
        yield prefix + frame.body[start:], 0


def _addresses(connection: Connection) -> tuple[Address, Address]:
    """Client and server; made up where the capture doesn't tell, of the same kind as the other."""
    port = _FIRST_MADE_UP_PORT + connection.number % _MADE_UP_PORTS
    client = _address(connection.client)
    server = _address(connection.server)
    other = client or server
    host = ipaddress.ip_address("::1" if other and len(other[0]) > 4 else "127.0.0.1").packed
    client = client or (host, port)
    server = server or (host, DEFAULT_PORTS[0])
    if len(client[0]) != len(server[0]):
        raise UsageError(
            f"connection {connection.number}: {connection.client} and {connection.server} can't talk to each other:"
            " one is an IPv4 address, the other an IPv6 address"
        )
    return client, server


def _address(endpoint: str | None) -> Address | None:
    if endpoint is None:
        return None
    try:
        return read_endpoint(endpoint)
    except ValueError:
        raise UsageError(
            f'{endpoint!r} is no address: write "10.0.0.1:21212" or "[::1]:21212", or leave it out'
        ) from None


def _ip_packet(
    source: Address,
    destination: Address,
    sequence: int,
    acknowledgment: int,
    flags: int,
    payload: bytes,
    missing_bytes: int,
) -> bytes:
    """An IP packet with one segment; the lengths in it count what is missing, too."""
    from_host, from_port = source
    to_host, to_port = destination
    length = network.TCP_HEADER_BYTES + len(payload) + missing_bytes
    head, total = _ip_head(from_host, to_host, length)
    total += _tcp_sum(from_port, to_port, sequence, acknowledgment, flags)
    # Over what is missing it can't be right, and nobody who sees that looks at it.
    checksum = network.checksum_of_sum(total + network.internet_sum(payload))
    return head + _tcp_head(from_port, to_port, sequence, acknowledgment, flags, checksum) + payload


_NUMBERS: Final = ("source_port", "destination_port", "sequence", "acknowledgment", "flags")
_tcp_head = head_writer(network.Tcp, *_NUMBERS, "checksum")
_tcp_sum = head_remainder(network.Tcp, network.CHECKSUM_MODULUS, *_NUMBERS)


@lru_cache(maxsize=4_096)
def _ip_head(source: bytes, destination: bytes, length: int) -> tuple[bytes, int]:
    """The IP header before a segment, and the sum of what its checksum covers instead. Most are alike."""
    is_ipv4 = len(source) == network.IPV4_ADDRESS_BYTES
    pseudo = network.Ipv4PseudoHeader if is_ipv4 else network.Ipv6PseudoHeader
    pseudo_sum = network.internet_sum(build(pseudo(source=source, destination=destination, length=length)))
    if not is_ipv4:
        ipv6 = network.Ipv6(payload_length=length, source=source, destination=destination, payload=b"")
        return build(ipv6), pseudo_sum
    ip = network.Ipv4(
        total_length=network.IPV4_HEADER_BYTES + length,
        source=source,
        destination=destination,
        options_and_payload=b"",
    )
    ip.checksum = network.internet_checksum(build(ip))
    return build(ip), pseudo_sum
