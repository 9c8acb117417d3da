"""From the bytes of one side to TLS records.

`RecordReader` gets bytes, holes and the end, and gives

    TlsRecord  a whole one
    Hole       bytes of records that are not wholly there

While it knows where the next record begins, lengths lead from record to record. A hole inside
one record costs that record only. A hole over the head of one, or a head that can't be one, ends
that; then it looks for the next head. Ciphertext looks like a head once in 10 million bytes, so
every head that is found is shown to `is_record`, which can try its keys on what follows.

Memory is bounded by two records and a chunk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from volttools.codec import parser
from volttools.formats.tls import HEAD_PATTERN, TLS_HEADER_BYTES, TlsRecordHeader

_HEADER = parser(TlsRecordHeader)


@dataclass(slots=True)
class TlsRecord:
    """A whole record, and the time of its last byte."""

    header: TlsRecordHeader
    body: bytes
    seen_at_ns: int | None

    @property
    def bytes_on_wire(self) -> int:
        """Its size with its head."""
        return TLS_HEADER_BYTES + len(self.body)


@dataclass(slots=True)
class Hole:
    """Bytes of a stream that can't be read, as some of them are missing.

    length   with those that are there; 0: it begins here, and where it ends is searched
    records  how many records they are, if that is known: it is where the heads are
    reason   why: "missing", "snap length", or a sentence's end
    """

    length: int
    records: int | None
    seen_at_ns: int | None
    reason: str


Item = TlsRecord | Hole

CUT: Final = "cut"
"""Reason of a last record that is not all there, as its side has ended."""


class RecordReader:
    """Splits the bytes of one side into records.

    is_record  whether what looks like a record, behind so many lost bytes, is one
    """

    __slots__ = ("_buffer", "_hole", "_is_record", "_left")

    def __init__(self, is_record: Callable[[TlsRecord, int], bool]) -> None:
        self._is_record = is_record
        self._buffer = bytearray()
        self._left = 0  # bytes to come of a record with a hole
        self._hole: Hole | None = None  # a head is looked for behind it

    def feed(self, data: bytes, seen_at_ns: int | None) -> Iterator[Item]:
        """The records that become complete by the next bytes."""
        if self._left:
            skipped = min(self._left, len(data))
            self._left -= skipped
            data = data[skipped:]
        self._buffer += data
        yield from self._records(seen_at_ns)

    def gap(self, length: int, seen_at_ns: int | None, reason: str) -> Iterator[Item]:
        """Pass over bytes that are not in the capture."""
        if self._hole is not None:
            yield from self._give_up_search(seen_at_ns)
            if self._hole is not None:
                self._hole.length += length
                return
        if self._left:
            passed = min(self._left, length)
            self._left -= passed
            length -= passed
        elif len(self._buffer) >= TLS_HEADER_BYTES:
            header = _HEADER(bytes(self._buffer[:TLS_HEADER_BYTES]))
            whole = TLS_HEADER_BYTES + header.length
            missing = whole - len(self._buffer)
            self._buffer.clear()
            yield Hole(whole, 1, seen_at_ns, reason)
            self._left = max(0, missing - length)
            length = max(0, length - missing)
        if length:
            yield self._begin_search(Hole(len(self._buffer) + length, None, seen_at_ns, reason))

    def close(self, seen_at_ns: int | None) -> Iterator[Item]:
        """What is left at the end of the stream."""
        if self._hole is not None:
            yield from self._give_up_search(seen_at_ns)
        if self._hole is not None:
            yield self._hole
        elif self._buffer:
            yield Hole(len(self._buffer), 1, seen_at_ns, CUT)
        self._buffer.clear()
        self._hole = None

    # -- from record to record --------------------------------------------------------------

    def _records(self, seen_at_ns: int | None) -> Iterator[Item]:
        while True:
            if self._hole is not None:
                yield from self._search(seen_at_ns)
                if self._hole is not None:
                    return
            position = 0
            buffer = self._buffer
            while len(buffer) - position >= TLS_HEADER_BYTES:
                start = position + TLS_HEADER_BYTES
                header: TlsRecordHeader = _HEADER(bytes(buffer[position:start]))
                if not header.is_plausible:
                    break
                end = start + header.length
                if end > len(buffer):
                    del buffer[:position]
                    return
                record = TlsRecord(header, bytes(buffer[start:end]), seen_at_ns)
                position = end
                yield record
            del buffer[:position]
            if len(buffer) < TLS_HEADER_BYTES:
                return
            reason = "no TLS record begins where one should"
            yield self._begin_search(Hole(0, None, seen_at_ns, reason), skip=1)

    # -- the search for a head --------------------------------------------------------------

    def _begin_search(self, hole: Hole, skip: int = 0) -> Hole:
        """Look for a head in what follows; `skip` bytes of it are surely none. Gives what says so."""
        self._hole = hole
        hole.length += skip
        if skip:
            del self._buffer[:skip]
        else:
            self._buffer.clear()
        return Hole(0, None, hole.seen_at_ns, hole.reason)

    def _search(self, seen_at_ns: int | None, *, is_end: bool = False) -> Iterator[Item]:
        """Look for a record that is one; what is before it belongs to the hole."""
        hole, buffer = self._hole, self._buffer
        assert hole is not None
        position = 0
        while (match := HEAD_PATTERN.search(buffer, position)) is not None:
            position = match.start()
            start = position + TLS_HEADER_BYTES
            if start > len(buffer):
                break
            header: TlsRecordHeader = _HEADER(bytes(buffer[position:start]))
            end = start + header.length
            if header.is_plausible and end <= len(buffer):
                record = TlsRecord(header, bytes(buffer[start:end]), seen_at_ns)
                hole.length += position
                del buffer[:position]
                if self._is_record(record, hole.length):
                    self._hole = None
                    yield hole
                    return
                position = 0
            elif header.is_plausible and not is_end:
                break  # it may be one, when all of it is there
            position += 1
        else:
            # A head may be cut at the end.
            position = max(position, len(buffer) - TLS_HEADER_BYTES + 1, 0)
        if is_end:
            position = len(buffer)
        hole.length += position
        del buffer[:position]

    def _give_up_search(self, seen_at_ns: int | None) -> Iterator[Item]:
        """Take what can be found now, as the next bytes never come."""
        while self._hole is not None and self._buffer:
            yield from self._search(seen_at_ns, is_end=True)
            if self._hole is None:
                yield from self._records(seen_at_ns)
