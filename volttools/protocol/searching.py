"""Where the next frame begins, when the length before it is lost.

TCP knows no messages, so a hole over a length leaves bytes of which nobody says where a frame
begins. But most senders write a frame at once: the start of a segment is the best guess. A
guess counts when the bytes are one whole message of that direction (`shapes`). A message that
is not all there yet is believed by its head alone only at the start of a segment, and only if
nothing better comes.
"""

from __future__ import annotations

from typing import Final

from volttools.formats.frame import PREFIX_BYTES
from volttools.protocol.events import Direction
from volttools.protocol.shapes import (
    HEAD_PATTERNS,
    HEAD_SPAN,
    REQUEST_HEAD_BYTES,
    has_head,
    is_length,
    is_message,
    may_begin,
    read_prefix,
)

MAX_GUESS_BYTES: Final = 2**24
"""A frame longer than this is only looked for at the start of a segment."""

MAX_GUESSES: Final = 64
"""So many unfinished guesses are kept; of more, the oldest is given up."""


class BoundarySearch:
    """Looks for the next start of a frame in the bytes that are added.

    Positions count from the start of the search; `dropped` bytes of it are forgotten already.
    """

    __slots__ = ("_buffer", "_chunks", "_direction", "_found", "_guesses", "_pattern", "_scanned", "dropped")

    def __init__(self, direction: Direction) -> None:
        self.dropped = 0
        self._direction = direction
        self._pattern = HEAD_PATTERNS[direction]
        self._buffer = bytearray()
        self._chunks: list[tuple[int, int | None]] = []  # position, time
        self._scanned = 0
        # Position -> (is at the start of a chunk, position up to which bytes are needed).
        self._guesses: dict[int, tuple[bool, int]] = {}
        self._found: dict[int, bool] = {}

    @property
    def end(self) -> int:
        """How many bytes were added."""
        return self.dropped + len(self._buffer)

    @property
    def has_bytes(self) -> bool:
        """Whether there are bytes in which a frame may begin."""
        return bool(self._buffer)

    def add(self, data: bytes, seen_at_ns: int | None, *, is_start: bool = True) -> int | None:
        """Take the next bytes; the position of a frame, or None.

        is_start  whether they begin a segment (or a stream), where a frame is likely to begin
        """
        start = self.end
        self._chunks.append((start, seen_at_ns))
        self._buffer += data
        end = self.end
        for position, (at_start, needed) in list(self._guesses.items()):
            if needed <= end:
                del self._guesses[position]
                self._judge(position, at_start)
        if is_start:
            self._judge(start, True)
        if (found := self._best()) is not None:
            return found
        # One after the other: what follows the first frame is for its reader to split.
        for match in self._pattern.finditer(self._buffer, self._scanned - self.dropped):
            position = match.start() + self.dropped
            if position not in self._guesses and (position != start or not is_start):
                self._judge(position, False)
                if (found := self._best()) is not None:
                    return found
        self._scanned = max(self._scanned, end - HEAD_SPAN + 1)
        self._forget()
        return None

    def settle(self) -> int | None:
        """The best of the frames that are not all there, now that the next bytes never come."""
        for position in sorted(self._guesses):
            start = position - self.dropped + PREFIX_BYTES
            if self._guesses[position][0] and has_head(
                self._direction, bytes(self._buffer[start : start + REQUEST_HEAD_BYTES])
            ):
                return position
        return None

    def chunks_from(self, position: int) -> list[tuple[bytes, int | None]]:
        """The bytes from a position on, with their times, as they were added."""
        chunks = []
        stops = [start for start, _ in self._chunks[1:]] + [self.end]
        # `stops` is one longer where nothing was added.
        for (begin, seen_at_ns), stop in zip(self._chunks, stops, strict=False):
            start = max(begin, position)
            if start < stop:
                data = bytes(self._buffer[start - self.dropped : stop - self.dropped])
                chunks.append((data, seen_at_ns))
        return chunks

    def _judge(self, position: int, at_start: bool) -> None:
        """Note whether a frame begins at a position, or that it can't be told yet."""
        start = position - self.dropped + PREFIX_BYTES
        available = len(self._buffer) - start
        if available < 1:
            self._guesses[position] = (at_start, position + PREFIX_BYTES + 1)
            return
        length = read_prefix(bytes(self._buffer[start - PREFIX_BYTES : start]))
        if not is_length(length) or not may_begin(self._direction, self._buffer[start]):
            return
        if length <= available:
            if is_message(self._direction, bytes(self._buffer[start : start + length])):
                self._found[position] = at_start
            return
        if not at_start and length > MAX_GUESS_BYTES:
            return
        if has_head(self._direction, bytes(self._buffer[start : start + REQUEST_HEAD_BYTES])) is not False:
            if len(self._guesses) >= MAX_GUESSES:
                del self._guesses[min(self._guesses)]
            self._guesses[position] = (at_start, position + PREFIX_BYTES + length)

    def _best(self) -> int | None:
        """The first whole message that no better guess stands before."""
        likely = min((p for p, (at_start, _) in self._guesses.items() if at_start), default=None)
        for position in sorted(self._found):
            if likely is None or position < likely or self._found[position]:
                return position
        return None

    def _forget(self) -> None:
        """Drop the bytes in which nothing begins."""
        keep = min((*self._guesses, *self._found, max(self._scanned, self.dropped)))
        if keep <= self.dropped:
            return
        del self._buffer[: keep - self.dropped]
        self.dropped = keep
        while len(self._chunks) > 1 and self._chunks[1][0] <= keep:
            del self._chunks[0]
