"""Bytes that are read from the first on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from struct import Struct


class ReadBuffer:
    """What the `read...` methods of a FastSerializer read: one message, without its length."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Hold nothing."""
        self.set(b"")

    def set(self, content: bytes) -> None:
        """Read these from now on."""
        self._buf = content
        self._off = 0

    def append(self, content: bytes) -> None:
        """Put more behind what there is."""
        self._buf += content

    def get_buffer(self) -> bytes:
        """All, read or not."""
        return self._buf

    def buffer_length(self) -> int:
        """How many bytes there are, read or not."""
        return len(self._buf)

    def remaining(self) -> int:
        """How many are not read yet."""
        return len(self._buf) - self._off

    def read(self, size: int) -> bytes:
        """The next bytes, which stay to be read: `shift` goes on."""
        return self._buf[self._off : self._off + size]

    def shift(self, size: int) -> None:
        """Leave out so many bytes."""
        self._off += size

    def unpack_struct(self, st: Struct) -> tuple[Any, ...]:
        """The next bytes by a Struct of Python's, which the script has made."""
        values = st.unpack_from(self._buf, self._off)
        self._off += st.size
        return values
