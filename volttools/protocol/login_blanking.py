"""The bytes of a connection without the secrets of its log-in, as they pass.

Who records bytes instead of frames can't wait for frames to be whole: they may be large, or none. So
only what a log-in is made of is kept until it is whole, and all else is given out as it comes:

- until the log-in is answered, frames of up to `MAX_KEPT_BYTES`, of both sides
- later, nothing; a log-in that stands in the middle of calls is still blanked, as far as it is in
  one piece

A longer frame that begins like a log-in becomes zeros as a whole. The number of bytes never changes.
"""

from __future__ import annotations

from typing import Final

from volttools.codec import parse
from volttools.errors import DecodeError
from volttools.formats.frame import PREFIX_BYTES
from volttools.formats.login import KERBEROS_VERSION, SERVICES, LoginRequest
from volttools.protocol.frames import SERVER, Direction, Frame
from volttools.protocol.secrets import without_secrets
from volttools.protocol.shapes import (
    is_invocation_start,
    is_length,
    is_login_start,
    login_hash_range,
    read_prefix,
)

MAX_KEPT_BYTES: Final = 2**20
"""A longer frame is no log-in of anybody's, or has a name of a megabyte."""

_START_BYTES: Final = 64
"""As much of a frame as tells whether it is a log-in."""

_SERVICES: Final = tuple(service.encode() for service in SERVICES)


class LoginBlanker:
    """Blanks the log-in of one connection."""

    __slots__ = ("_is_answered", "_is_over", "_kept", "_left", "_zeroing")

    def __init__(self) -> None:
        self._is_answered = False
        self._is_over = False  # it is answered, and nothing is kept any more
        self._kept = {direction: bytearray() for direction in Direction}
        self._left = dict.fromkeys(Direction, 0)  # bytes of a frame that is too long to keep
        self._zeroing = False  # whether that of the client becomes zeros

    def feed(self, direction: Direction, data: bytes) -> bytes:
        """What may be written of what was kept and of the next bytes of a side."""
        if not self._is_over:
            given = self._in_login(direction, data)
            self._is_over = self._is_answered and not any((*self._kept.values(), *self._left.values()))
            return given
        return data if direction is SERVER else _without_login(data)

    def _in_login(self, direction: Direction, data: bytes) -> bytes:
        kept = self._kept[direction]
        if not self._is_answered or (direction is Direction.CLIENT and (kept or self._left[direction])):
            kept += data
            return self._frames(direction, kept)
        if direction is Direction.SERVER:
            return self._all(direction) + data
        return _without_login(data)

    def end(self, direction: Direction) -> bytes:
        """What was kept, as nothing more comes from a side."""
        kept = self._all(direction)
        if len(kept) <= PREFIX_BYTES:
            return kept
        body = kept[PREFIX_BYTES:]
        missing = [(len(body), read_prefix(kept[:PREFIX_BYTES]))]
        return kept[:PREFIX_BYTES] + _blanked(direction, body, missing)

    def _all(self, direction: Direction) -> bytes:
        kept = bytes(self._kept[direction])
        self._kept[direction].clear()
        return kept

    def _frames(self, direction: Direction, kept: bytearray) -> bytes:
        """Take out what is whole, and what is too long to wait for."""
        given = bytearray()
        while kept:
            if self._left[direction]:
                given += self._piece(direction, kept)
                continue
            if self._is_answered and direction is Direction.SERVER:
                return bytes(given) + self._all(direction)
            if len(kept) <= PREFIX_BYTES:
                break
            length = read_prefix(bytes(kept[:PREFIX_BYTES]))
            if not is_length(length):  # these are no frames
                self._is_answered = True
                return bytes(given) + self._all(direction)
            end = PREFIX_BYTES + length
            if len(kept) < end and length <= MAX_KEPT_BYTES:
                break
            given += kept[:PREFIX_BYTES]
            if len(kept) < end:
                start = bytes(kept[PREFIX_BYTES:][:_START_BYTES])
                self._zeroing = direction is Direction.CLIENT and is_login_start(start) is not False
                self._left[direction] = length
                del kept[:PREFIX_BYTES]
            else:
                given += self._frame(direction, bytes(kept[PREFIX_BYTES:end]))
                del kept[:end]
        return bytes(given)

    def _piece(self, direction: Direction, kept: bytearray) -> bytes:
        """What came of a frame that is too long."""
        piece = bytes(kept[: self._left[direction]])
        del kept[: len(piece)]
        self._left[direction] -= len(piece)
        return bytes(len(piece)) if self._zeroing and direction is Direction.CLIENT else piece

    def _frame(self, direction: Direction, body: bytes) -> bytes:
        if direction is Direction.SERVER and body[0] != KERBEROS_VERSION:
            self._is_answered = True
            return body
        return _blanked(direction, body, [])


def _without_login(data: bytes) -> bytes:
    """What stands among calls, without the hash of a log-in that is there in one piece."""
    for service in _SERVICES:
        if service in data:
            found = login_hash_range(data)
            if found is not None:
                return data[: found[0]] + bytes(found[1] - found[0]) + data[found[1] :]
    return data


def _blanked(direction: Direction, body: bytes, missing: list[tuple[int, int]]) -> bytes:
    """A body without its secret; as long as it was."""
    frame = Frame(direction=direction, body=body, length=len(body), offset=0, missing=missing)
    blanked = without_secrets(frame)
    if blanked is body and direction is Direction.CLIENT and not is_invocation_start(body):
        return _without_odd_hash(body)
    return blanked


def _without_odd_hash(body: bytes) -> bytes:
    """A log-in to a service that no server knows, without its hash."""
    try:
        login = parse(LoginRequest, body)
    except DecodeError:
        return body
    hidden = len(login.password_hash)
    return body[: len(body) - hidden] + bytes(hidden)
