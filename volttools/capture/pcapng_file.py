"""The packets of a pcapng file.

A block says its length at both ends, so damage shows. Behind it, reading goes on with the
next block that agrees with itself; at any byte, since damage may be bytes too many or too few.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from volttools.capture.packet import MAX_PACKET_BYTES, SEARCH_BYTES, DamageLog, Packet
from volttools.capture.window import Window
from volttools.codec import fused_reader, parse, parser
from volttools.errors import CaptureError, DecodeError
from volttools.formats import pcap
from volttools.formats.pcap import in_order

# Options that are looked at in a block: more than anyone has. Each costs a copy of those
# behind it.
MAX_OPTIONS: Final = 256

# What is looked at of nearly every block.
_PLAIN_FIELDS: Final = (
    "BlockHead.type",
    "BlockHead.total_length",
    "EnhancedPacket.interface",
    "EnhancedPacket.timestamp_high",
    "EnhancedPacket.timestamp_low",
    "EnhancedPacket.captured_length",
    "EnhancedPacket.original_length",
)
_new: Final = tuple.__new__  # half the time of the class's own


@dataclass(slots=True)
class _Interface:
    """What an interface's packets have in common."""

    link_type: int
    snap_length: int
    ticks_per_s: int
    offset_ns: int
    ns_per_tick: int | None  # where that is a whole number

    def time_ns(self, high: int, low: int) -> int:
        """A packet's time, rounded down."""
        ticks = pcap.ticks_of(high, low)
        if self.ns_per_tick is not None:
            return ticks * self.ns_per_tick + self.offset_ns
        return ticks * 10**9 // self.ticks_per_s + self.offset_ns


class PcapngFile:
    """The packets of a pcapng file. Raises CaptureError if its first block is not sound.

    key_logs  TLS key logs, as far as the file is read
    """

    def __init__(self, window: Window, damage: DamageLog) -> None:
        self.key_logs: list[bytes] = []
        self._window = window
        self._damage = damage
        self._interfaces: list[_Interface] = []
        self._number = 0
        self._order: pcap.ByteOrder = "big"
        if not self._begin_section():
            raise CaptureError(
                "the file is cut off or damaged in its first block",
                file=damage.file,
                offset=self._window.offset,
            )

    def _begin_section(self) -> bool:
        """Take the byte order from the section header here."""
        window = self._window
        magic_at = pcap.SECTION_ORDER_OFFSET
        if not window.need(magic_at + 4):
            return False
        at = window.at + magic_at
        order = pcap.BYTE_ORDERS.get(window.data[at : at + 4])
        if order is None:
            return False
        self._order = order
        self._interfaces = []
        self._parse_head = parser(in_order(pcap.BlockHead, order))
        self._parse_trailer = parser(in_order(pcap.BlockTrailer, order))
        layers = (in_order(pcap.BlockHead, order), in_order(pcap.EnhancedPacket, order))
        self._read_plain, self._plain_bytes = fused_reader(layers, *_PLAIN_FIELDS)
        trailer = (in_order(pcap.BlockTrailer, order),)
        self._read_trailer, _ = fused_reader(trailer, "BlockTrailer.total_length")
        return True

    def read(self) -> Iterator[Packet]:
        """All packets; damage is noted. Goes on where it was left."""
        window = self._window
        head_bytes = pcap.BLOCK_HEAD_BYTES
        while True:
            yield from self._plain_packets()
            if not window.need(head_bytes):
                break
            at = window.at
            if window.data.startswith(pcap.SECTION_MAGIC, at) and not self._begin_section():
                if not self._find_next("section header without a byte order"):
                    return
                continue
            at = window.at
            head = self._parse_head(window.data[at : at + head_bytes])
            length = head.total_length
            if not _is_block_length(length):
                if not self._find_next(f"block of {length:,} bytes"):
                    return
                continue
            if not window.need(length):
                if not self._find_next("the file is cut off in a block"):
                    return
                continue
            if not self._ends_with(window.at, length) and not self._is_followed(length):
                if not self._find_next("block without its length at the end"):
                    return
                continue
            at, offset = window.at, window.offset
            body = window.data[at + head_bytes : at + length - pcap.BLOCK_TRAILER_BYTES]
            window.at = at + length
            packet = self._take(head.type, body, offset)
            if packet is not None:
                yield packet
        if window.left:
            self._damage.note("the file is cut off in a block", window.offset)

    def _plain_packets(self) -> Iterator[Packet]:
        """The packets from here on that are all in the window, and with which nothing is wrong.

        What the next block is, if it is not one of these, `read` finds out.
        """
        window, read_head, read_trailer = self._window, self._read_plain, self._read_trailer
        data, at = window.data, window.at
        if len(data) > MAX_PACKET_BYTES:
            return
        base, end = window.offset - at, len(data)
        head_bytes, trailer_bytes, alignment = self._plain_bytes, pcap.BLOCK_TRAILER_BYTES, pcap.ALIGNMENT
        around_bytes = head_bytes + trailer_bytes
        ticks_of_high, enhanced = pcap.TICKS_OF_HIGH, pcap.ENHANCED_PACKET
        interface_number, link_type, ns_per_tick, offset_ns = -1, 0, 0, 0
        last = end - around_bytes
        while at <= last:
            kind, length, interface, high, low, captured, original = read_head(data, at)
            stop = at + length
            if (
                kind != enhanced
                or captured > length - around_bytes
                or length % alignment
                or stop > end
                or read_trailer(data, stop - trailer_bytes)[0] != length
            ):
                return
            if interface != interface_number:
                found = self._plain_interface(interface)
                if found is None:
                    return
                interface_number = interface
                link_type, ns_per_tick, offset_ns = found
            self._number = number = self._number + 1
            start = at + head_bytes
            packet = (
                (high * ticks_of_high + low) * ns_per_tick + offset_ns,
                link_type,
                data[start : start + captured],
                original,
                number,
                base + at,
            )
            window.at = at = stop
            yield _new(Packet, packet)

    def _plain_interface(self, number: int) -> tuple[int, int, int] | None:
        """Link type, ns of a tick, and what to add to times; None if there is no such interface, or a tick
        is no whole number of ns."""
        if number >= len(self._interfaces):
            return None
        found = self._interfaces[number]
        return None if found.ns_per_tick is None else (found.link_type, found.ns_per_tick, found.offset_ns)

    def _ends_with(self, at: int, length: int) -> bool:
        """Whether the block here says its length at its end, too."""
        end = at + length
        data = self._window.data[end - pcap.BLOCK_TRAILER_BYTES : end]
        return len(data) == pcap.BLOCK_TRAILER_BYTES and self._parse_trailer(data).total_length == length

    def _is_followed(self, length: int) -> bool:
        """Whether a known block, or the file's end, follows: then only a trailer was wrong."""
        window = self._window
        window.need(length + pcap.BLOCK_HEAD_BYTES)
        start = window.at + length
        data = window.data[start : start + pcap.BLOCK_HEAD_BYTES]
        if len(data) < pcap.BLOCK_HEAD_BYTES:
            return not data
        head = self._parse_head(data)
        return head.type in pcap.BLOCKS and _is_block_length(head.total_length)

    def _find_next(self, problem: str) -> bool:
        """Go to the next block of a known type that says the same length at both ends."""
        window = self._window
        here = window.offset
        window.need(SEARCH_BYTES)
        start = window.at
        stop = min(len(window.data), start + SEARCH_BYTES) - pcap.BLOCK_HEAD_BYTES
        for at in range(start + 1, stop + 1):
            if self._is_sound(at):
                window.at = at
                self._damage.note_skipped(problem, here, at - start)
                return True
        self._damage.note(problem, here)
        return False

    def _is_sound(self, at: int) -> bool:
        """Whether a block is here that agrees with itself in all that it says."""
        data = self._window.data
        head = self._parse_head(data[at : at + pcap.BLOCK_HEAD_BYTES])
        length = head.total_length
        if head.type not in pcap.BLOCKS or not _is_block_length(length):
            return False
        if not self._ends_with(at, length):
            return False
        body = data[at + pcap.BLOCK_HEAD_BYTES : at + length - pcap.BLOCK_TRAILER_BYTES]
        try:
            self._parse_block(head.type, body)
        except DecodeError:
            return False
        return True

    def _take(self, kind: int, body: bytes, offset: int) -> Packet | None:
        """Read the body of a block; gives a packet if it is one."""
        if kind not in pcap.BLOCKS:
            return None
        try:
            block = self._parse_block(kind, body)
            if kind in (pcap.ENHANCED_PACKET, pcap.OBSOLETE_PACKET):
                return self._packet(block, offset)
            if kind == pcap.SIMPLE_PACKET:
                return self._simple_packet(block, offset)
            if kind == pcap.INTERFACE_DESCRIPTION:
                self._interfaces.append(self._interface(block))
            elif kind == pcap.DECRYPTION_SECRETS and block.secrets_type == pcap.TLS_KEY_LOG:
                self.key_logs.append(block.secrets)
        except DecodeError as error:
            name = pcap.BLOCKS[kind].__name__
            self._damage.note(f"{name} block that can't be read: {error.message}", offset)
        return None

    def _parse_block(self, kind: int, body: bytes) -> Any:
        return parse(in_order(pcap.BLOCKS[kind], self._order), body)

    def _packet(self, block: pcap.EnhancedPacket | pcap.ObsoletePacket, offset: int) -> Packet:
        if block.interface >= len(self._interfaces):
            raise DecodeError(f"there is no interface {block.interface:,}")
        interface = self._interfaces[block.interface]
        self._number += 1
        return Packet(
            interface.time_ns(block.timestamp_high, block.timestamp_low),
            interface.link_type,
            block.data,
            block.original_length,
            self._number,
            offset,
        )

    def _simple_packet(self, block: pcap.SimplePacket, offset: int) -> Packet:
        if not self._interfaces:
            raise DecodeError("there is no interface 0")
        interface = self._interfaces[0]
        length = min(block.original_length, interface.snap_length or block.original_length)
        self._number += 1
        data = block.data[:length]
        return Packet(None, interface.link_type, data, block.original_length, self._number, offset)

    def _interface(self, block: pcap.InterfaceDescription) -> _Interface:
        ticks_per_s, offset_s = 10**6, 0
        for code, value in self._options(block.options):
            if code == pcap.IF_TIMESTAMP_RESOLUTION and value:
                resolution = parser(pcap.TimestampResolution)(value[:1])
                ticks_per_s = resolution.ticks_per_s
            elif code == pcap.IF_TIMESTAMP_OFFSET and value:
                offset = parser(in_order(pcap.TimestampOffset, self._order))(value)
                offset_s = offset.seconds
        whole = 10**9 // ticks_per_s if 10**9 % ticks_per_s == 0 else None
        return _Interface(block.link_type, block.snap_length, ticks_per_s, offset_s * 10**9, whole)

    def _options(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The options of a block: code and value."""
        parse = parser(in_order(pcap.Option, self._order))
        for _ in range(MAX_OPTIONS):
            if not data:
                return
            option = parse(data)
            if option.code == pcap.OPT_END_OF_OPTIONS:
                return
            yield option.code, option.value
            data = option.rest


def _is_block_length(length: int) -> bool:
    return (
        pcap.BLOCK_HEAD_BYTES + pcap.BLOCK_TRAILER_BYTES <= length <= MAX_PACKET_BYTES
        and length % pcap.ALIGNMENT == 0
    )
