"""From the bytes of one direction to its frames.

`FrameReader` gets bytes, holes and the end, as a capture or a socket gives them, and gives

    Frame       a whole one, or one with holes of which the length is known
    Damage      what is missing, and what can't be read
    ServerFull  the one unframed message

It is in one of two states. While it knows where the next frame begins, lengths lead from
frame to frame. A hole over a length, or a length that can't be one, ends that; then it
searches (`searching`), and what it passes over is told as one Damage "unreadable".

Lengths that are wrong without being impossible are found out by what they swallow: a frame
that never gets its end while whole messages pass is given up (`assembly`), and one that isn't
a message, and leads to no other frame, is searched as well.

Source of the framing: formats/frame.py. Memory is bounded by the frame's own bytes, time is
linear in them, however small the chunks are.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from volttools.formats.frame import PREFIX_BYTES, ServerFull
from volttools.protocol.assembly import PartialFrame, hidden_frame
from volttools.protocol.events import Damage, Direction, Frame
from volttools.protocol.frames import ENDINGS, CloseKind
from volttools.protocol.heads import add_answers, add_calls, head_of
from volttools.protocol.searching import BoundarySearch
from volttools.protocol.shapes import (
    CLIENT_VERSIONS,
    MAX_FRAME_BYTES,
    SERVER_VERSIONS,
    build_prefix,
    has_head,
    is_message,
    read_prefix,
)

Item = Frame | Damage | ServerFull

NO_LENGTH: Final = "can't be the length of a frame"
FOLLOWED_TOO_SOON: Final = "that other messages follow too soon"
"""What damage says of bytes that were sent as they are, if nothing is missing around them."""


class FrameReader:
    """Splits the bytes of one direction into frames.

    at_start   the first byte begins a frame: the connection was seen from its beginning
    direction  who sends; messages of the other side are not recognised
    file       noted on every frame
    is_idle    whether all bytes were given out in frames
    has_unread whether there are bytes of which frames may still be made
    """

    __slots__ = (
        "_add_sound",
        "_after_gap",
        "_again",
        "_is_midstream",
        "_last",
        "_partial",
        "_prefix",
        "_prefix_ns",
        "_search",
        "_search_offset",
        "_versions",
        "_why",
        "direction",
        "file",
        "has_unread",
        "is_idle",
        "offset",
    )

    def __init__(self, direction: Direction, *, at_start: bool = True, file: str | None = None) -> None:
        self.direction = direction
        self.file = file
        self.offset = 0  # of the next byte, in the stream
        is_client = direction is Direction.CLIENT
        self._versions = CLIENT_VERSIONS if is_client else SERVER_VERSIONS
        self._add_sound = add_calls if is_client else add_answers
        self._prefix = b""  # a torn length
        self._prefix_ns: int | None = None
        self._partial: PartialFrame | None = None
        self._last: PartialFrame | None = None  # what the last frame was made of, if of more than one chunk
        self._after_gap = False
        # Bytes to read once more, with their times, and whether a frame may begin there.
        self._again: deque[tuple[bytes, int | None, bool]] = deque()
        self._search: BoundarySearch | None = None
        self._search_offset = 0
        self._is_midstream = not at_start
        self._why = ""
        if not at_start:
            self._begin_search("the connection began before the capture")
        self._note_state()

    def _note_state(self) -> None:
        """Keep what is asked far more often than it changes."""
        search = self._search
        self.has_unread = (
            self._partial is not None or bool(self._prefix) or (search is not None and search.has_bytes)
        )
        self.is_idle = search is None and not self.has_unread

    # -- what goes in ---------------------------------------------------------------------

    def feed(self, data: bytes, seen_at_ns: int | None = None) -> list[Item]:
        """Take the next bytes; give what became complete."""
        items: list[Item] = []
        if self.is_idle:
            stop = self._split(data, seen_at_ns, items)
            if stop == len(data):
                return items
            data = data[stop:]
        if self._search is None:
            self._read(data, seen_at_ns, items)
        else:
            self._look(data, seen_at_ns, items)
        if self._again:
            self._read_again(items)
        self._note_state()
        return items

    def gap(self, length: int, seen_at_ns: int | None = None, reason: str = "missing") -> list[Item]:
        """Pass over bytes that are not in the capture."""
        damage = self._damage_of_gap(length, seen_at_ns, reason)
        items: list[Item] = [damage]
        if self._search is not None:
            self._settle(seen_at_ns, items)
        partial = self._partial
        if partial is not None:
            damage._head = partial.head
            passed = min(length, partial.left)
            partial.pass_hole(passed)
            self.offset += passed
            length -= passed
            if not partial.left:
                self._finish_frame(partial, seen_at_ns, items)
        if length:
            # More than the rest of a frame: the next boundary is lost.
            damage.lost_boundary = True
            if self._search is not None:
                self._end_search(self._search.end, seen_at_ns, items)
            elif self._prefix:
                start = self.offset - len(self._prefix)
                items.append(self._unreadable(start, len(self._prefix), "cut by the hole behind", seen_at_ns))
            self._prefix = b""
            self.offset += length
            self._begin_search("a frame's length is missing from the capture")
        self._note_state()
        return items

    def close(self, kind: CloseKind = "end of capture", seen_at_ns: int | None = None) -> list[Item]:
        """Take the end of the stream: what is under way will never be complete."""
        items: list[Item] = []
        if self._search is not None:
            self._settle(seen_at_ns, items)
        if self._search is not None:
            self._end_search(self._search.end, seen_at_ns, items)
        elif self._partial is not None:
            self._close_frame(self._partial, kind, seen_at_ns, items)
        elif self._prefix:
            items.append(self._leftover(kind, seen_at_ns))
        self._prefix = b""
        self._note_state()
        return items

    # -- from frame to frame ------------------------------------------------------------------

    def _read(self, data: bytes, seen_at_ns: int | None, items: list[Item]) -> None:
        """Split bytes into frames, up to where that ends."""
        if self._partial is not None:
            taken = self._continue_frame(self._partial, data, seen_at_ns, items)
            if taken is None:
                return
            data = data[taken:]
            if self._partial is None:
                data = data[self._split(data, seen_at_ns, items) :]
        base = self.offset
        began_ns = seen_at_ns
        if self._prefix and data:
            # A torn length: put it together with what follows, once.
            data = self._prefix + data
            base -= len(self._prefix)
            began_ns = self._prefix_ns
            self._prefix = b""
        position, end = 0, len(data)
        direction, file, versions = self.direction, self.file, self._versions
        while end - position >= PREFIX_BYTES:
            start = position + PREFIX_BYTES
            length = read_prefix(data[position:start])
            if not 0 < length <= MAX_FRAME_BYTES or (start < end and data[start] not in versions):
                self.offset = base + position
                self._lose(data[position:], length, seen_at_ns, items)
                return
            stop = start + length
            if stop > end:
                if self._begin_frame(data[position:], length, base + position, began_ns, items):
                    self.offset = base + end
                return
            body = data[start:stop]
            head = head_of(direction, body)
            if head is None and self._is_astray(body, data, stop):
                self.offset = base + position
                self._lose(data[position:], length, seen_at_ns, items)
                return
            items.append(
                Frame(
                    direction=direction,
                    body=body,
                    length=length,
                    offset=base + position,
                    seen_at_ns=seen_at_ns,
                    began_at_ns=began_ns,
                    after_gap=self._after_gap,
                    file=file,
                    head=head,
                )
            )
            self._after_gap = False
            self._last = None
            began_ns = seen_at_ns
            position = stop
        if position < end:
            self._prefix = data[position:]
            self._prefix_ns = began_ns
        self.offset = base + end

    def _split(self, data: bytes, seen_at_ns: int | None, items: list[Item]) -> int:
        """Split off the first frames if they are all there and begin as they should; where those end.

        `_read` would find the same, one by one.
        """
        stop = self._add_sound(data, self.offset, seen_at_ns, self.file, self._after_gap, items)
        if stop:
            self.offset += stop
            self._after_gap = False
            self._last = None
        return stop

    def _begin_frame(
        self, data: bytes, length: int, offset: int, began_ns: int | None, items: list[Item]
    ) -> bool:
        """Begin a frame of which not all is there; False if its length can't be right."""
        partial = PartialFrame(self.direction, length, offset, began_ns, data[PREFIX_BYTES:])
        hidden = hidden_frame(self.direction, data, PREFIX_BYTES)
        if hidden is not None:
            self._give_up(partial, hidden - PREFIX_BYTES, began_ns, items)
        elif not partial.is_credible():
            self.offset = offset
            self._lose(data, length, began_ns, items)
        else:
            self._partial = partial
            return True
        return False

    def _continue_frame(
        self, partial: PartialFrame, data: bytes, seen_at_ns: int | None, items: list[Item]
    ) -> int | None:
        """Take of `data` what belongs to the frame under way; the position behind it, or None if its
        length can't be right and all is set aside to be read again."""
        left = partial.left
        if not partial.filled and data[0] not in self._versions:
            self._partial = None
            self.offset = partial.offset
            self._lose(build_prefix(partial.length) + data, partial.length, seen_at_ns, items)
        elif left <= len(data):
            partial.add(data[:left], seen_at_ns)
            self.offset += left
            self._finish_frame(partial, seen_at_ns, items)
            return left
        elif partial.is_doubtful(data):
            partial.add(data, seen_at_ns)
            self._give_up(partial, partial.doubtful, seen_at_ns, items)
        else:
            partial.add(data, seen_at_ns)
            self.offset += len(data)
            return len(data)
        return None

    def _finish_frame(self, partial: PartialFrame, seen_at_ns: int | None, items: list[Item]) -> None:
        items.append(partial.to_frame(seen_at_ns, after_gap=self._after_gap, file=self.file))
        self._after_gap = False
        self._partial = None
        self._last = partial

    def _close_frame(
        self, partial: PartialFrame, kind: CloseKind, seen_at_ns: int | None, items: list[Item]
    ) -> None:
        """End a frame that isn't all there; what its length may have swallowed is read after all."""
        self._partial = None
        body = bytes(partial.body)
        hidden = None if partial.missing else hidden_frame(self.direction, body, 0, within=len(body))
        if hidden is not None:
            self._give_up(partial, hidden, seen_at_ns, items)
            self._read_again(items)
            items += self.close(kind, seen_at_ns)
            return
        received = partial.filled
        partial.pass_hole(partial.left)
        frame = partial.to_frame(seen_at_ns, after_gap=self._after_gap, file=self.file)
        frame.closed_by = kind
        items.append(self._incomplete(frame, PREFIX_BYTES + received, kind))

    def _give_up(self, partial: PartialFrame, start: int, seen_at_ns: int | None, items: list[Item]) -> None:
        """Give up a frame: what came of it from `start` on is read as frames of its own."""
        why = f"a length of {partial.length:,} {FOLLOWED_TOO_SOON}"
        items.append(self._unreadable(partial.offset, PREFIX_BYTES + start, why, seen_at_ns))
        self.offset = partial.offset + PREFIX_BYTES + start
        self._partial = None
        self._after_gap = True
        self._set_aside([(data, chunk_ns, True) for data, chunk_ns in partial.pieces_from(start)])

    # -- the search for a boundary -------------------------------------------------------------

    def _begin_search(self, why: str) -> None:
        self._search = BoundarySearch(self.direction)
        self._search_offset = self.offset
        self._why = why

    def _lose(self, data: bytes, length: int, seen_at_ns: int | None, items: list[Item]) -> None:
        """Begin to search, as `data` does not begin with a frame."""
        last = items[-1] if items else None
        if (
            isinstance(last, Frame)
            and last.is_whole
            and last.offset + last.bytes_on_wire == self.offset
            and not is_message(self.direction, last.body)
        ):
            # The frame before is none either: its length was wrong, and it may have swallowed some.
            items.pop()
            self.offset = last.offset
            length = last.length
            pieces = [(last.body, last.began_at_ns)] if self._last is None else self._last.pieces_from(0)
            first, first_ns = pieces[0]
            aside = [(build_prefix(length) + first, first_ns, False)]
            aside += [(piece, piece_ns, True) for piece, piece_ns in pieces[1:]]
            self._set_aside([*aside, (data, seen_at_ns, False)])
        else:
            self._set_aside([(data, seen_at_ns, False)])
        self._begin_search(f"{length:,} {NO_LENGTH} here")

    def _is_astray(self, body: bytes, data: bytes, stop: int) -> bool:
        """Whether a frame that begins like no call and no answer is none: its length leads nowhere."""
        if is_message(self.direction, body):
            return False  # a log-in, or a status that nobody knows
        if len(data) - stop <= PREFIX_BYTES:
            return False  # a bad message in a sound frame, as far as can be told
        length = read_prefix(data[stop : stop + PREFIX_BYTES])
        return not 0 < length <= MAX_FRAME_BYTES or not has_head(
            self.direction, data[stop + PREFIX_BYTES : stop + PREFIX_BYTES + length]
        )

    def _look(self, data: bytes, seen_at_ns: int | None, items: list[Item], *, is_start: bool = True) -> None:
        """Search for a frame in the next bytes."""
        assert self._search is not None
        self.offset += len(data)
        found = self._search.add(data, seen_at_ns, is_start=is_start)
        if found is not None:
            self._end_search(found, seen_at_ns, items)

    def _settle(self, seen_at_ns: int | None, items: list[Item]) -> None:
        """Take the best guess, if there is one, as the next bytes never come."""
        assert self._search is not None
        found = self._search.settle()
        if found is not None:
            self._end_search(found, seen_at_ns, items)
            self._read_again(items)

    def _end_search(self, position: int, seen_at_ns: int | None, items: list[Item]) -> None:
        """Go on at a position, as a frame begins there, or as all is over."""
        search = self._search
        assert search is not None
        self._search = None
        if position:
            items.append(self._unreadable(self._search_offset, position, self._why, seen_at_ns))
        # A stream whose first byte seen begins a frame has lost nothing.
        self._after_gap = not self._is_midstream or position > 0
        self._is_midstream = False
        self.offset = self._search_offset + position
        chunks = search.chunks_from(position)
        self._set_aside([(data, chunk_ns, True) for data, chunk_ns in chunks])

    def _set_aside(self, pieces: list[tuple[bytes, int | None, bool]]) -> None:
        """Read these bytes once more, before those that are set aside already."""
        self._again.extendleft(reversed(pieces))

    def _read_again(self, items: list[Item]) -> None:
        """Read what was set aside. A loop, as every piece of it may end in another search."""
        while self._again:
            data, seen_at_ns, is_start = self._again.popleft()
            if self._search is None:
                self._read(data, seen_at_ns, items)
            else:
                self._look(data, seen_at_ns, items, is_start=is_start)

    # -- what is damaged -----------------------------------------------------------------------

    def _damage_of_gap(self, length: int, seen_at_ns: int | None, reason: str) -> Damage:
        if reason == "snap length":
            what = reason
            message = f"{length:,} bytes of a packet were cut off: capture with a larger snap length"
        elif reason != "missing":
            what, message = "tls", f"{length:,} bytes are encrypted (TLS), and can't be read: {reason}"
        else:
            what = "gap"
            message = f"{length:,} bytes are missing from the capture"
        return self._damage(what, message, self.offset, length, seen_at_ns)

    def _unreadable(self, offset: int, length: int, why: str, seen_at_ns: int | None) -> Damage:
        if self._is_midstream:
            what = "midstream"
            message = f"{why}: {length:,} bytes passed over to find its first frame"
        else:
            what, message = "unreadable", f"{length:,} bytes passed over: {why}"
        return self._damage(what, message, offset, length, seen_at_ns)

    def _incomplete(self, frame: Frame, received: int, kind: CloseKind) -> Damage:
        message = f"{received:,} of a frame's {frame.bytes_on_wire:,} bytes, then {ENDINGS[kind]}"
        damage = self._damage("incomplete frame", message, frame.offset, received, frame.seen_at_ns)
        damage.frame = frame
        damage.closed_by = kind
        return damage

    def _leftover(self, kind: CloseKind, seen_at_ns: int | None) -> Item:
        size = len(self._prefix)
        offset = self.offset - size
        if self.direction is Direction.SERVER and not offset and self._prefix == FULL:
            return ServerFull()
        message = f"{size} of the {PREFIX_BYTES} bytes of a frame's length, then {ENDINGS[kind]}"
        damage = self._damage("incomplete frame", message, offset, size, seen_at_ns)
        damage.closed_by = kind
        return damage

    def _damage(self, what: str, message: str, offset: int, length: int, seen_at_ns: int | None) -> Damage:
        return Damage(
            what=what,
            message=message,
            direction=self.direction,
            offset=offset,
            length=length,
            seen_at_ns=seen_at_ns,
            file=self.file,
        )


FULL: Final = ServerFull.declaration.build(ServerFull())
