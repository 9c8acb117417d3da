"""From capture files to packets: pcap and pcapng, in any byte order, compressed or not.

Yields what is whole. Damage doesn't stop it: it notes where and what, looks for the next
packet, and goes on there. Memory is bounded by one packet, and a packet by
`packet.MAX_PACKET_BYTES`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Literal

from volttools.capture.packet import DamageLog, Packet
from volttools.capture.pcap_file import PcapFile
from volttools.capture.pcapng_file import PcapngFile
from volttools.capture.window import Window
from volttools.errors import CaptureError
from volttools.formats import pcap
from volttools.protocol.events import Damage

__all__ = ["FileDamage", "Packet", "PacketReader", "detect"]

Format = Literal["pcap", "pcapng", "gzip", "other"]


def detect(first_bytes: bytes) -> Format:
    """What kind of file begins with these bytes; four of them are enough.

    >>> detect(bytes.fromhex("D4C3B2A1"))
    'pcap'
    """
    if first_bytes[:4] in pcap.PCAP_MAGICS:
        return "pcap"
    if first_bytes.startswith(pcap.SECTION_MAGIC):
        return "pcapng"
    return "gzip" if first_bytes.startswith(pcap.GZIP_MAGIC) else "other"


class PacketReader:
    """Iterates over the packets of a capture file, once; after NothingYet it goes on where it was.

    Raises CaptureError where a file doesn't begin like a capture. `format` is "pcap" or
    "pcapng".
    """

    def __init__(self, stream: IO[bytes], *, file: str | None = None) -> None:
        self._window = window = Window(stream)
        self._damage = damage = DamageLog(file)
        self._contents: PcapFile | PcapngFile
        window.need(4)
        self.format = detect(window.data[:4])
        if self.format == "pcap":
            self._contents = PcapFile(window, damage)
        elif self.format == "pcapng":
            self._contents = PcapngFile(window, damage)
        else:
            raise self._not_a_capture()

    def __iter__(self) -> Iterator[Packet]:
        yield from self._contents.read()
        failure = self._window.failure
        if failure is not None:
            self._damage.note(failure.message, failure.offset or 0)

    @property
    def damage(self) -> list[CaptureError]:
        """What was damaged or cut off, as far as the file is read: the first 100 places."""
        return self._damage.errors

    @property
    def damage_log(self) -> DamageLog:
        """Where it is noted."""
        return self._damage

    @property
    def has_part(self) -> bool:
        """Whether what is read ends within a packet, after NothingYet."""
        return self._window.left > 0

    @property
    def key_logs(self) -> list[bytes]:
        """TLS key logs in a pcapng file, as far as it is read."""
        return self._contents.key_logs if isinstance(self._contents, PcapngFile) else []

    @property
    def offset(self) -> int:
        """How far the file is read, in bytes of its content, for progress."""
        return self._window.offset

    def _not_a_capture(self) -> CaptureError:
        file, first = self._damage.file, self._window.data[:4]
        if self._window.failure is not None:
            return self._window.failure.with_place(file=file)
        if not first:
            return CaptureError("the file is empty", file=file)
        begin = first.hex(" ")
        return CaptureError(f"expected a pcap or pcapng file, got one that begins with {begin}", file=file)


class FileDamage:
    """What a file's reader notes, as events; each once.

    log   where it notes it; `has_news` when there is something to tell
    """

    def __init__(self, reader: PacketReader) -> None:
        self.log = reader.damage_log
        self._told = 0

    def told(self) -> Iterator[Damage]:
        """What is new."""
        errors: list[CaptureError] = self.log.errors[self._told :]
        self._told = self.log.count
        self.log.has_news = False
        for error in errors:
            what = "file cut" if "cut off" in error.message else "unreadable"
            yield Damage(what=what, message=error.message, offset=error.offset, file=error.file)
