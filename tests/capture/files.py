"""Capture files and packets for tests, built from the declarations."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable
from contextlib import suppress
from typing import IO, Any, TypeVar, cast

from volttools.capture.packet import Packet
from volttools.capture.packets import PacketReader
from volttools.capture.window import NothingYet
from volttools.codec import build
from volttools.formats import network, pcap
from volttools.formats.notation import Record
from volttools.formats.pcap import ByteOrder, in_order

T = TypeVar("T")

NOW = 1_700_000_000
ORDERS: list[ByteOrder] = ["big", "little"]
MAGICS = {(magic.order, magic.ticks_per_s): raw for raw, magic in pcap.PCAP_MAGICS.items()}


def made(kind: type[Record], order: ByteOrder, **values: Any) -> bytes:
    return build(in_order(kind, order)(**values))


def pcap_head(order: ByteOrder = "little", ticks: int = 10**6, link_type: int = 1) -> bytes:
    magic = int.from_bytes(MAGICS["big", ticks], "big")
    return made(pcap.PcapHeader, order, magic=magic, link_type_and_fcs=link_type)


def pcap_packet(
    data: bytes, seconds: int, fraction: int = 0, *, order: ByteOrder = "little", original: int = 0
) -> bytes:
    head = made(
        pcap.PcapPacketHeader,
        order,
        seconds=seconds,
        fraction=fraction,
        captured_length=len(data),
        original_length=original or len(data),
    )
    return head + data


def block(kind: int, body: bytes, order: ByteOrder = "little") -> bytes:
    body += bytes(-len(body) % 4)
    length = len(body) + 12
    return made(pcap.Block, order, type=kind, total_length=length, body=body, trailing_length=length)


def section(order: ByteOrder = "little") -> bytes:
    return block(pcap.SECTION_HEADER, made(pcap.SectionHeader, order), order)


def option(code: int, value: bytes, order: ByteOrder = "little") -> bytes:
    padding = bytes(-len(value) % 4)
    return made(pcap.Option, order, code=code, length=len(value), value=value, padding=padding)


def interface(
    order: ByteOrder = "little", link_type: int = 1, options: bytes = b"", snap_length: int = 0
) -> bytes:
    body = made(
        pcap.InterfaceDescription,
        order,
        link_type=link_type,
        snap_length=snap_length,
        options=options,
    )
    return block(pcap.INTERFACE_DESCRIPTION, body, order)


def enhanced(
    data: bytes, ticks: int, *, number: int = 0, order: ByteOrder = "little", original: int = 0
) -> bytes:
    body = made(
        pcap.EnhancedPacket,
        order,
        interface=number,
        timestamp_high=ticks >> 32,
        timestamp_low=ticks & 0xFFFFFFFF,
        captured_length=len(data),
        original_length=original or len(data),
        data=data,
        padding=bytes(-len(data) % 4),
    )
    return block(pcap.ENHANCED_PACKET, body, order)


# Files that are sound: six packets of 50 bytes.
SOUND = [pcap_packet(b"%d" % n * 50, NOW + n, n) for n in range(6)]
BLOCKS = [enhanced(b"%d" % n * 50, n) for n in range(6)]

# ---------------------------------------------------------------------------- packets

SOURCE, DESTINATION = bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])
SOURCE_6, DESTINATION_6 = bytes(15) + b"\1", bytes(15) + b"\2"


def tcp(payload: bytes = b"ask", *, options: bytes = b"", **values: Any) -> bytes:
    fields: dict[str, Any] = {
        "source_port": 40000,
        "destination_port": 21212,
        "sequence": 1000,
        "acknowledgment": 2000,
        "data_offset": (20 + len(options)) // 4 << 4,
        "options_and_payload": options + payload,
    }
    return build(network.Tcp(**fields | values))


def ipv4(payload: bytes, *, options: bytes = b"", **values: Any) -> bytes:
    fields: dict[str, Any] = {
        "version_and_header_length": 0x40 + (20 + len(options)) // 4,
        "total_length": 20 + len(options) + len(payload),
        "source": SOURCE,
        "destination": DESTINATION,
        "options_and_payload": options + payload,
    }
    return build(network.Ipv4(**fields | values))


def ipv6(payload: bytes, **values: Any) -> bytes:
    fields: dict[str, Any] = {
        "payload_length": len(payload),
        "source": SOURCE_6,
        "destination": DESTINATION_6,
        "payload": payload,
    }
    return build(network.Ipv6(**fields | values))


def ethernet(payload: bytes, ether_type: int = network.ETHER_IPV4) -> bytes:
    frame = network.Ethernet(destination=bytes(6), source=bytes(6), ether_type=ether_type, payload=payload)
    return build(frame)


# ---------------------------------------------------------------------------- reading


class Pipe(io.RawIOBase):
    """A stream that can't go back and gives a few bytes at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        self._data, self._step = data, step

    def readable(self) -> bool:
        return True

    def read(self, count: int = -1) -> bytes:
        part, self._data = self._data[: self._step], self._data[self._step :]
        return part


class Hesitant(io.RawIOBase):
    """A stream of a file that grows by a few bytes at a time, after what a header needs."""

    def __init__(self, data: bytes, step: int, start: int = 64) -> None:
        self._data, self._step, self._start = data, step, start
        self._is_there = True
        self._hesitates = len(data) > start

    def read(self, count: int = -1) -> bytes:
        self._is_there = not self._is_there
        if self._is_there and self._hesitates:
            raise NothingYet
        length, self._start = self._start or self._step, 0
        part, self._data = self._data[:length], self._data[length:]
        return part


def all_of(reader: Iterable[T]) -> list[T]:
    """What a reader gives in the end, however often there is nothing yet."""
    found: list[T] = []
    while True:
        with suppress(NothingYet):
            for item in reader:
                found.append(item)
            return found


def read(data: bytes, *, is_odd: bool = False) -> tuple[list[Packet], list[str]]:
    """What a file holds; the same must come out of a pipe, of it compressed, and as it grows.

    is_odd   a header of pcap is odd; as it grows, it is judged by what is there
    """
    reader = PacketReader(io.BytesIO(data))
    found = list(reader)
    damage = [str(error) for error in reader.damage]
    streams: list[IO[bytes]] = [io.BytesIO(gzip.compress(data, mtime=0)), cast(IO[bytes], Pipe(data, 7))]
    for stream in streams:
        again = PacketReader(stream)
        assert list(again) == found
        assert [str(error) for error in again.damage] == damage
    growing = PacketReader(cast(IO[bytes], Hesitant(data, 7)))
    packets = all_of(growing)
    if is_odd:
        assert len(packets) >= len(found) - 1
        return found, damage
    assert packets == found
    assert [str(error) for error in growing.damage] == damage
    return found, damage


def whole(data: bytes) -> list[Packet]:
    found, damage = read(data)
    assert damage == []
    return found
