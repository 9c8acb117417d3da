"""One captured packet, and what was wrong with the file around it."""

from __future__ import annotations

from typing import Final, NamedTuple

from volttools.errors import CaptureError

# What a header may claim. No link layer carries more than 64 kB, but segmentation offload
# hands larger packets to a capture, and USB captures, though not ours, are larger still.
MAX_PACKET_BYTES: Final = 64 * 2**20

# How far to look for the next packet behind damage.
SEARCH_BYTES: Final = 2**20

# Damage that is remembered; the rest is only counted.
MAX_DAMAGE: Final = 100


class Packet(NamedTuple):
    """One captured packet. A tuple, as a capture has millions of them.

    time_ns      nanoseconds since 1970 UTC; None where the file has no time for it
    link_type    what `data` begins with; see volttools.formats.network.LINK_TYPES
    wire_length  in bytes; more than len(data) where a snap length cut it
    number       in the file, from 1
    offset       of the packet's record in the file's content
    """

    time_ns: int | None
    link_type: int
    data: bytes
    wire_length: int
    number: int
    offset: int


class DamageLog:
    """What was damaged or cut off in a file: `count` places, the first 100 in `errors`.

    has_news   whether something was noted since somebody set it to False
    """

    def __init__(self, file: str | None) -> None:
        self.file = file
        self.errors: list[CaptureError] = []
        self.count = 0
        self.has_news = False

    def note(self, message: str, offset: int) -> None:
        """Remember damage at a byte of the file's content."""
        self.count += 1
        self.has_news = True
        if len(self.errors) < MAX_DAMAGE:
            self.errors.append(CaptureError(message, file=self.file, offset=offset))

    def note_skipped(self, message: str, offset: int, distance: int) -> None:
        """Remember damage, and how far from it there is something sound."""
        where = "behind" if distance > 0 else "before"
        self.note(f"{message}; going on {abs(distance):,} bytes {where} it", offset)
