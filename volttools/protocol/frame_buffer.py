"""Frames out of the bytes of a live connection.

Unlike `framing`, which reads captures and looks for the next frame behind damage, this
gives up at the first length that can't be: a live peer that breaks the framing is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from volttools.codec import NumberError, build, head_reader, number_writer
from volttools.errors import ProtocolError
from volttools.formats.frame import PREFIX, PREFIX_BYTES, RawFrame

_read_prefix, _ = head_reader(PREFIX)
_prefix = number_writer(PREFIX)


def framed(body: bytes) -> bytes:
    """A message with its length in front."""
    try:
        return _prefix(len(body)) + body
    except NumberError:
        return build(RawFrame(body=body))  # says what is wrong


class FrameBuffer:
    """Collects bytes and gives whole messages. Holds no more than was received.

    max_bytes  the longest message that is taken; the server's own limit is 50 MiB
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._data = bytearray()

    def feed(self, data: bytes) -> Iterable[bytes]:
        """The messages that `data` completes, without their lengths. Raises ProtocolError behind the
        last good one."""
        kept = self._data
        source: bytes | bytearray = data
        if (body := self.sole(data)) is not None:
            return [body]
        if kept:
            kept += data
            source = kept
        bodies: list[bytes] = []
        start, end = 0, len(source)
        error: ProtocolError | None = None
        while end - start >= PREFIX_BYTES:
            length = _read_prefix(source, start)[0]
            if not 0 < length <= self._max_bytes:
                error = self._bad(length)
                break
            stop = start + PREFIX_BYTES + length
            if stop > end:
                break
            bodies.append(bytes(source[start + PREFIX_BYTES : stop]))
            start = stop
        # Once a call, not once a frame: that would copy the rest each time.
        if source is kept:
            del kept[:start]
        elif start < end:
            kept += data[start:]
        return bodies if error is None else _and_raise(bodies, error)

    def sole(self, data: bytes) -> bytes | None:
        """The message where `data` is one whole, as nearly all answers come; else None, and `data` is
        still to be fed."""
        if self._data or len(data) <= PREFIX_BYTES:
            return None
        if _read_prefix(data, 0)[0] == len(data) - PREFIX_BYTES <= self._max_bytes:
            return data[PREFIX_BYTES:]
        return None

    def _bad(self, length: int) -> ProtocolError:
        return ProtocolError(f"a frame of length {length:,}; 1 .. {self._max_bytes:,} can be")

    @property
    def rest(self) -> bytes:
        """What was received of a message that is not whole, with its length."""
        return bytes(self._data)

    def missing(self) -> int | None:
        """How many bytes the message under way still lacks; None if not even its length is there."""
        if len(self._data) < PREFIX_BYTES:
            return None
        length = _read_prefix(self._data, 0)[0]
        if not 0 < length <= self._max_bytes:
            raise self._bad(length)
        return int(PREFIX_BYTES + length - len(self._data))


def _and_raise(bodies: list[bytes], error: ProtocolError) -> Iterator[bytes]:
    yield from bodies
    raise error
