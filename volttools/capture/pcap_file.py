"""The packets of a pcap file.

Nothing in a pcap file says where a packet begins but the length of the one before. Where a
header makes no sense, the next packet is looked for: several headers in a row must make
sense, with lengths that lead from one to the next and times near those before. Headers that
are only odd are taken as they are, if nothing better is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from volttools.capture.packet import MAX_PACKET_BYTES, SEARCH_BYTES, DamageLog, Packet
from volttools.capture.window import Window
from volttools.codec import fused_reader, parser
from volttools.errors import CaptureError
from volttools.formats import pcap
from volttools.formats.pcap import in_order

# What a packet may be long without the file's snap length saying so: tcpdump's own bound.
USUAL_PACKET_BYTES: Final = 2**18

# How many headers in a row must make sense behind damage, and how near their times must be to
# the last good one.
SEARCH_HEADERS: Final = 3
SEARCH_SECONDS: Final = 10**6

_FIELDS: Final = tuple(f"PcapPacketHeader.{item.name}" for item in pcap.PcapPacketHeader.declaration.fields)
_new: Final = tuple.__new__  # half the time of the class's own


class PcapFile:
    """The packets of a pcap file. Raises CaptureError if it ends within its header."""

    def __init__(self, window: Window, damage: DamageLog) -> None:
        self._window = window
        self._damage = damage
        order, self._ticks_per_s = pcap.PCAP_MAGICS[window.data[:4]]
        if not window.need(pcap.PCAP_HEADER_BYTES):
            raise CaptureError("the file is cut off in its header", file=damage.file, offset=window.left)
        header = parser(in_order(pcap.PcapHeader, order))(window.data[: pcap.PCAP_HEADER_BYTES])
        window.at = pcap.PCAP_HEADER_BYTES
        self._link_type: int = header.link_type
        self._limit = max(USUAL_PACKET_BYTES, min(header.snap_length, MAX_PACKET_BYTES))
        self._parse: Callable[[bytes], pcap.PcapPacketHeader] = parser(in_order(pcap.PcapPacketHeader, order))
        self._read_plain, _ = fused_reader((in_order(pcap.PcapPacketHeader, order),), *_FIELDS)
        self._number = 0  # of the last packet
        self._last = 0  # its length, while it stays in the window
        self._seconds: int | None = None  # of the last good packet
        self._is_suspicious = True  # of headers that are odd but not impossible

    def read(self) -> Iterator[Packet]:
        """All packets; damage is noted. Goes on where it was left."""
        window, parse, link_type = self._window, self._parse, self._link_type
        ns_per_tick = 10**9 // self._ticks_per_s
        head_bytes = pcap.PCAP_PACKET_HEADER_BYTES
        while True:
            yield from self._plain_packets()
            if not window.need(head_bytes, last := self._last):
                break
            start = window.at
            head = parse(window.data[start : start + head_bytes])
            length = head.captured_length
            problem = None
            if length > self._limit:
                problem = "damaged packet header, and no packet behind it"
            elif self._is_odd(head) and self._finds_better(last):
                self._last = 0
                continue
            elif not window.need(head_bytes + length, last):
                problem = f"the file is cut off in packet {self._number + 1:,}"
            if problem:
                if not self._find_next(last, problem):
                    return
                self._last = 0
                continue
            start, offset = window.at, window.offset
            self._number += 1
            self._seconds = head.seconds
            self._last = head_bytes + length
            window.at = start + self._last
            yield Packet(
                head.seconds * 10**9 + head.fraction * ns_per_tick,
                link_type,
                window.data[start + head_bytes : window.at],
                head.original_length,
                self._number,
                offset,
            )
        if window.left:
            self._damage.note(
                f"the file is cut off in the header of packet {self._number + 1:,}", window.offset
            )

    def _plain_packets(self) -> Iterator[Packet]:
        """The packets from here on that are all in the window, and with which nothing is wrong.

        What comes next, if it is none of these, `read` finds out.
        """
        window, read_head, link_type = self._window, self._read_plain, self._link_type
        limit, ticks_per_s = self._limit, self._ticks_per_s
        ns_per_tick = 10**9 // ticks_per_s
        head_bytes = pcap.PCAP_PACKET_HEADER_BYTES
        data, at = window.data, window.at
        base = window.offset - at
        if self._seconds is None:
            return  # the first packet is looked at in peace
        number, before = self._number, self._seconds
        last = len(data) - head_bytes
        while at <= last:
            seconds, fraction, captured, original = read_head(data, at)
            start = at + head_bytes
            stop = start + captured
            if (
                stop > len(data)
                or not captured <= original <= MAX_PACKET_BYTES
                or captured > limit
                or fraction >= ticks_per_s
                or not -SEARCH_SECONDS <= seconds - before <= SEARCH_SECONDS
            ):
                return
            number += 1
            before = seconds
            packet = (
                seconds * 10**9 + fraction * ns_per_tick,
                link_type,
                data[start:stop],
                original,
                number,
                base + at,
            )
            self._number, self._seconds, self._last = number, seconds, stop - at
            window.at = at = stop
            yield _new(Packet, packet)

    def _is_odd(self, head: pcap.PcapPacketHeader) -> bool:
        return self._is_suspicious and not self._makes_sense(head, self._seconds)

    def _makes_sense(self, head: pcap.PcapPacketHeader, seconds: int | None) -> bool:
        return (
            head.captured_length <= head.original_length <= MAX_PACKET_BYTES
            and head.fraction < self._ticks_per_s
            and (seconds is None or abs(head.seconds - seconds) <= SEARCH_SECONDS)
        )

    def _finds_better(self, last: int) -> bool:
        """Whether the header here, which is odd, is none; then go to the next."""
        window = self._window
        window.look(SEARCH_BYTES, last)
        if self._is_chain(window.at, None):
            return False  # only the clock has jumped
        if self._find_next(last, None):
            return True
        self._is_suspicious = False  # odd, but so is all the file
        return False

    def _find_next(self, last: int, problem: str | None) -> bool:
        """Go to the next packet that makes sense. It may lie within the last one, whose length
        may have been wrong. If there is none, that is the problem, if it is one."""
        window = self._window
        here = window.offset
        if problem:
            window.need(SEARCH_BYTES, last)
        else:
            window.look(SEARCH_BYTES, last)
        here_at = window.at
        first = here_at - max(0, last - pcap.PCAP_PACKET_HEADER_BYTES)
        stop = min(len(window.data), here_at + SEARCH_BYTES) - pcap.PCAP_PACKET_HEADER_BYTES
        for at in range(first, stop + 1):
            if at != here_at and self._is_chain(at, self._seconds):
                window.at = at
                self._damage.note_skipped("damaged packet header", here, at - here_at)
                return True
        if problem:
            self._damage.note(problem, here)
        return False

    def _is_chain(self, at: int, seconds: int | None) -> bool:
        """Whether packets that make sense, the first near a time, follow one another from here
        on, or to the end."""
        data = self._window.data
        for count in range(SEARCH_HEADERS):
            if count and at == len(data):
                return True
            if len(data) - at < pcap.PCAP_PACKET_HEADER_BYTES:
                return False
            head = self._parse(data[at : at + pcap.PCAP_PACKET_HEADER_BYTES])
            if not 0 < head.captured_length <= self._limit or not (
                self._makes_sense(head, seconds)
                or (count and self._seconds is not None and self._makes_sense(head, self._seconds))
            ):
                return False
            seconds = head.seconds
            at += pcap.PCAP_PACKET_HEADER_BYTES + head.captured_length
        return True
