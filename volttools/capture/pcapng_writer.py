"""Writes pcapng files: one section, one interface, packets with nanoseconds.

A packet without a time goes into a Simple Packet Block, which has none; Wireshark shows such
packets without a time, too. A packet of which not all bytes are known has an original length
that is larger than what follows, as if a snap length had cut it.
"""

from __future__ import annotations

from typing import IO, Final

from volttools.codec import build
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
        padding = bytes(-length % 4)
        if time_ns is None and not missing_bytes:
            self._block(pcap.SIMPLE_PACKET, pcap.SimplePacket(original_length=length, data=data + padding))
            return
        high, low = pcap.halves_of_ticks(min(max(0, time_ns or 0), _LAST_TICK))
        self._block(
            pcap.ENHANCED_PACKET,
            pcap.EnhancedPacket(
                interface=0,
                timestamp_high=high,
                timestamp_low=low,
                captured_length=length,
                original_length=length + missing_bytes,
                data=data,
                padding=padding,
                options=b"" if comment is None else _comment(comment) + _END,
            ),
        )

    def _block(self, kind: int, record: Record) -> None:
        body = build(record)
        total = len(body) + pcap.BLOCK_HEAD_BYTES + pcap.BLOCK_TRAILER_BYTES
        block = build(pcap.Block(type=kind, total_length=total, body=body, trailing_length=total))
        self._stream.write(block)
        self.size += total


def _option(code: int, value: bytes) -> bytes:
    padding = bytes(-len(value) % 4)
    return build(pcap.Option(code=code, length=len(value), value=value, padding=padding))


def _comment(text: str) -> bytes:
    return _option(pcap.OPT_COMMENT, text.encode())


_END: Final = _option(pcap.OPT_END_OF_OPTIONS, b"")
