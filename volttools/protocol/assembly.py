"""One frame that is not all there yet: its bytes, its holes, and doubts about its length.

A claimed length allocates nothing. The body holds the bytes that came; holes between them are
filled with zeros only as far as there are bytes to outweigh them.
"""

from __future__ import annotations

from typing import Final

from volttools.formats.frame import PREFIX_BYTES
from volttools.formats.invocation import InvocationHead
from volttools.formats.response import ResponseHead
from volttools.protocol.events import Direction, Frame
from volttools.protocol.shapes import (
    HEAD_PATTERNS,
    REQUEST_HEAD_BYTES,
    RESPONSE_HEAD_BYTES,
    has_head,
    is_kerberos,
    is_length,
    is_login_start,
    is_message,
    may_begin,
    plausible_request_head,
    plausible_response_head,
    read_prefix,
)

FREE_FILL_BYTES: Final = 2**16
"""Holes up to this are filled with zeros; longer ones only if as many bytes of the frame came."""

DOUBTS: Final = 2
"""So many whole messages inside one frame, where frames begin, and its length was wrong."""

LONG_LOGIN_BYTES: Final = 2**16
"""The answer to a log-in is shorter, even if the server's version is a silly one."""

MAX_CHUNKS: Final = 256
"""Of so many chunks of a frame the times are remembered, for what a wrong length swallowed."""

HIDING_BYTES: Final = 2**12
"""So much of a frame's beginning is looked through for frames that a wrong length swallowed."""


class PartialFrame:
    """A frame under way.

    filled    bytes of the body that are passed; more than len(body) if not all are kept
    missing   ranges of the body that are not in the capture, or not kept
    doubtful  where in the body another message seems to begin
    """

    __slots__ = (
        "_chunks",
        "_doubts",
        "began_ns",
        "body",
        "direction",
        "doubtful",
        "filled",
        "length",
        "missing",
        "offset",
    )

    def __init__(
        self, direction: Direction, length: int, offset: int, began_ns: int | None, start: bytes
    ) -> None:
        self.direction = direction
        self.length = length
        self.offset = offset
        self.began_ns = began_ns
        self.body = bytearray(start)
        self.filled = len(start)
        self.missing: list[tuple[int, int]] = []
        self.doubtful = 0
        self._doubts = 0
        # Where in the body chunks began, and when they came; of the first MAX_CHUNKS.
        self._chunks: list[tuple[int, int | None]] = [(0, began_ns)]

    @property
    def left(self) -> int:
        """How many bytes of the body are still to come."""
        return self.length - self.filled

    @property
    def head(self) -> InvocationHead | ResponseHead | None:
        """The message's head, if it is all there."""
        end = self.missing[0][0] if self.missing else len(self.body)
        start = bytes(self.body[: min(end, REQUEST_HEAD_BYTES)])
        return (
            plausible_request_head(start)
            if self.direction is Direction.CLIENT
            else plausible_response_head(start)
        )

    def add(self, data: bytes, seen_at_ns: int | None) -> None:
        """Take the next bytes of the body."""
        if len(self._chunks) < MAX_CHUNKS:
            self._chunks.append((self.filled, seen_at_ns))
        if self.filled == len(self.body):
            self.body += data
        else:
            # Behind a hole too long to be filled there's no place for them.
            start, _ = self.missing[-1]
            self.missing[-1] = (start, self.filled + len(data))
        self.filled += len(data)

    def pass_hole(self, length: int) -> None:
        """Pass over bytes of the body that never come."""
        if not length:
            return
        start, stop = self.filled, self.filled + length
        if self.missing and self.missing[-1][1] == start:
            self.missing[-1] = (self.missing[-1][0], stop)
        else:
            self.missing.append((start, stop))
        if start == len(self.body) and length <= FREE_FILL_BYTES + len(self.body):
            self.body += bytes(length)
        self.filled = stop

    def to_frame(self, seen_at_ns: int | None, *, after_gap: bool, file: str | None) -> Frame:
        """The frame, as far as it came."""
        if self.missing:
            start, stop = self.missing[-1]
            if stop >= len(self.body) > start:
                del self.body[start:]  # zeros at the end tell nothing
        return Frame(
            direction=self.direction,
            body=bytes(self.body),
            length=self.length,
            offset=self.offset,
            seen_at_ns=seen_at_ns,
            began_at_ns=self.began_ns,
            after_gap=after_gap,
            missing=self.missing or (),
            file=file,
        )

    def is_credible(self) -> bool:
        """Whether it begins like a message, as far as that can be told."""
        start = bytes(self.body[:REQUEST_HEAD_BYTES])
        if has_head(self.direction, start) is not False or is_kerberos(start):
            return True
        if self.direction is Direction.CLIENT:
            return is_login_start(start) is not False
        # Of an answer to a log-in there is too little to tell: it is the first frame, and short.
        return not self.offset and self.length <= LONG_LOGIN_BYTES

    def pieces_from(self, start: int) -> list[tuple[bytes, int | None]]:
        """The body from a position on, as it came: pieces and their times."""
        stops = [at for at, _ in self._chunks[1:]] + [len(self.body)]
        pieces = []
        for (at, seen_at_ns), stop in zip(self._chunks, stops, strict=True):
            begin = max(at, start)
            if begin < stop:
                pieces.append((bytes(self.body[begin:stop]), seen_at_ns))
        return pieces

    def is_doubtful(self, data: bytes) -> bool:
        """Whether the next chunks look so much like frames of their own that the length was wrong."""
        if len(data) < PREFIX_BYTES + RESPONSE_HEAD_BYTES or self.filled != len(self.body):
            return False
        if not self._doubts and self.missing:
            return False
        found = _whole_messages(self.direction, data, 0, at_most=DOUBTS)
        if not found:
            return False
        if not self._doubts:
            self.doubtful = self.filled
        self._doubts += found
        if self._doubts < DOUBTS:
            return False
        # Some may have begun before, in the middle of a chunk.
        hidden = hidden_frame(self.direction, bytes(self.body), 0, within=self.doubtful)
        if hidden is not None:
            self.doubtful = hidden
        return True


def hidden_frame(direction: Direction, data: bytes, start: int, *, within: int = HIDING_BYTES) -> int | None:
    """Where in a frame's bytes, from `start` on, other frames begin, so that its length is wrong."""
    for match in HEAD_PATTERNS[direction].finditer(data, start, start + within):
        if _whole_messages(direction, data, match.start(), at_most=DOUBTS) >= DOUBTS:
            return match.start()
    return None


def _whole_messages(direction: Direction, data: bytes, position: int, *, at_most: int) -> int:
    """How many whole messages follow each other from a position on."""
    count = 0
    while count < at_most and len(data) - position > PREFIX_BYTES:
        start = position + PREFIX_BYTES
        length = read_prefix(data[position:start])
        stop = start + length
        if not is_length(length) or stop > len(data) or not may_begin(direction, data[start]):
            break
        if not is_message(direction, data[start:stop]):
            break
        position = stop
        count += 1
    return count
