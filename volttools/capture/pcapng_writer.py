"""Writes pcapng files: one section, one interface, packets with nanoseconds.

A packet without a time goes into a Simple Packet Block, which has none; Wireshark shows such
packets without a time, too. A packet of which not all bytes are known has an original length
that is larger than what follows, as if a snap length had cut it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import IO, Final

from volttools.codec import build, head_reader, head_writer
from volttools.formats import network, pcap
from volttools.formats.notation import Record
from volttools.version import __version__

_TICKS_EXPONENT: Final = 9  # 10**-9 s
_LAST_TICK: Final = 2**64 - 1  # in the year 2554; nothing is before 1970


class PcapngWriter:
    """Writes packets that begin with an IP header to a binary stream.

    size   bytes written so far
    """

    def __init__(self, stream: IO[bytes], *, comment: str | None = None) -> None:
        self._stream = stream
        self.size = 0
        options = _option(pcap.SECTION_APPLICATION, f"volttools {__version__}".encode())
        if comment is not None:
            options = _comment(comment) + options
        self._block(pcap.SECTION_HEADER, pcap.SectionHeader(options=options + _END))
        resolution = build(pcap.TimestampResolution(exponent=_TICKS_EXPONENT))
        self._block(
            pcap.INTERFACE_DESCRIPTION,
            pcap.InterfaceDescription(
                link_type=network.RAW_IP,
                reserved=0,
                options=_option(pcap.IF_TIMESTAMP_RESOLUTION, resolution) + _END,
            ),
        )

    def packet(
        self, data: bytes, time_ns: int | None, *, missing_bytes: int = 0, comment: str | None = None
    ) -> None:
        """Write a packet.

        missing_bytes  how many bytes of its end are not known; they are not written
        """
        length = len(data)
        if time_ns is None and not missing_bytes:
            self._write(pcap.SIMPLE_PACKET, _simple_head(length) + data + _PADDINGS[length % pcap.ALIGNMENT])
            return
        if time_ns is None or not 0 <= time_ns <= _LAST_TICK:
            time_ns = min(max(0, time_ns or 0), _LAST_TICK)
        high, low = pcap.halves_of_ticks(time_ns)
        options = b"" if comment is None else _comment(comment) + _END
        total, padding, trailer = _around_packet(length, len(options))
        head = _enhanced_head(pcap.ENHANCED_PACKET, total, 0, high, low, length, length + missing_bytes)
        self._stream.write(b"".join((head, data, padding, options, trailer)))
        self.size += total

    def _block(self, kind: int, record: Record) -> None:
        self._write(kind, build(record))

    def _write(self, kind: int, body: bytes) -> None:
        before, behind = _around(kind, len(body))
        block = before + body + behind
        self._stream.write(block)
        self.size += len(block)


_PADDINGS: Final = [bytes(-length % pcap.ALIGNMENT) for length in range(pcap.ALIGNMENT)]
_simple_head = head_writer(pcap.SimplePacket, "original_length")
_enhanced_head = head_writer(
    (pcap.BlockHead, pcap.EnhancedPacket),
    "type",
    "total_length",
    "interface",
    "timestamp_high",
    "timestamp_low",
    "captured_length",
    "original_length",
)
_ENHANCED_HEAD_BYTES: Final = head_reader(pcap.EnhancedPacket)[1]


@lru_cache(maxsize=4_096)
def _around(kind: int, length: int) -> tuple[bytes, bytes]:
    """What stands before and behind the body of a block. Most blocks are alike."""
    total = length + pcap.BLOCK_HEAD_BYTES + pcap.BLOCK_TRAILER_BYTES
    return build(pcap.BlockHead(type=kind, total_length=total)), build(pcap.BlockTrailer(total_length=total))


@lru_cache(maxsize=4_096)
def _around_packet(length: int, options_length: int) -> tuple[int, bytes, bytes]:
    """Of the block of a packet that has a time: its length, and what stands behind packet and options."""
    padding = _PADDINGS[length % pcap.ALIGNMENT]
    body = _ENHANCED_HEAD_BYTES + length + len(padding) + options_length
    before, trailer = _around(pcap.ENHANCED_PACKET, body)
    return len(before) + body + len(trailer), padding, trailer


def _option(code: int, value: bytes) -> bytes:
    padding = bytes(-len(value) % pcap.ALIGNMENT)
    return build(pcap.Option(code=code, length=len(value), value=value, padding=padding))


def _comment(text: str) -> bytes:
    return _option(pcap.OPT_COMMENT, text.encode())


_END: Final = _option(pcap.OPT_END_OF_OPTIONS, b"")
