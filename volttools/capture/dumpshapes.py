"""Where a frame begins in a dump_file: a length, a message, a newline.

A newline may stand anywhere, a length may be bare or wrong, and the file may end anywhere. So
a frame is believed for what it holds, and for what follows it.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from volttools.formats.dumpfile import NEWLINE
from volttools.formats.frame import PREFIX_BYTES
from volttools.formats.login import KERBEROS_VERSION
from volttools.protocol.shapes import (
    REQUEST_HEAD_BYTES,
    is_invocation_start,
    is_kerberos,
    is_length,
    is_login_request,
    is_login_response,
    is_login_start,
    is_response_start,
    read_prefix,
)

LOOK_BYTES: Final = 2**16
"""So much of a frame is looked at. Log-ins, and calls behind a bare length, are shorter."""

_FIRST_BYTES: Final = frozenset((0, 1, KERBEROS_VERSION))
"""The versions with which messages begin."""


_VERSIONS: Final = frozenset(bytes((first,)) for first in _FIRST_BYTES)


class Sight(Enum):
    """What stands at a place."""

    FRAME = "a whole frame with its newline"
    START = "the start of a frame"
    NOTHING = "no frame"


def looks_like_dump_file(first_bytes: bytes) -> bool:
    """Whether a file begins with a frame, from its first 4 kB (or all of it)."""
    return sight(first_bytes, 0, is_end=False) is not Sight.NOTHING


def sight(data: bytes, at: int, *, is_end: bool, needs_newline: bool = True) -> Sight:
    """What stands at a place, as far as the bytes go.

    is_end         nothing follows them: a frame may end without its newline
    needs_newline  False: whatever follows a whole frame is left to the caller
    """
    start = at + PREFIX_BYTES
    if len(data) <= start or data[start] not in _FIRST_BYTES:
        return Sight.NOTHING
    length = read_prefix(data[at:start])
    if not is_length(length):
        return Sight.NOTHING
    body = data[start : start + min(length, LOOK_BYTES)]
    if len(body) < length:
        has_start = _has_start(body)
        if (
            has_start is False
            or (has_start is None and not is_end)
            or _hides_frames(data, start, len(data) if is_end else start + length)
        ):
            return Sight.NOTHING
        return Sight.START
    if not is_message_like(body) or _hides_frames(data, start, start + length):
        return Sight.NOTHING
    behind = data[start + length : start + length + len(NEWLINE)]
    if behind == NEWLINE or not needs_newline:
        return Sight.FRAME
    if behind:
        return Sight.NOTHING
    return Sight.FRAME if is_end else Sight.START


def is_enclosed(data: bytes, at: int, length: int, *, is_end: bool) -> bool:
    """Whether bytes that look like no message are a frame: with a version, a newline behind it, and
    the next frame, or the file's end, behind that."""
    start = at + PREFIX_BYTES
    end = start + length
    if data[start : start + 1] not in _VERSIONS or data[end : end + len(NEWLINE)] != NEWLINE:
        return False
    if _hides_frames(data, start, end):
        return False
    behind = end + len(NEWLINE)
    if behind == len(data):
        return is_end
    return sight(data, behind, is_end=is_end) is not Sight.NOTHING


def is_message_like(body: bytes) -> bool:
    """Whether a whole body begins like a message of any kind."""
    return bool(
        is_invocation_start(body[:REQUEST_HEAD_BYTES])
        or is_response_start(body)
        or is_login_response(body)
        or is_login_request(body)
        or is_kerberos(body)
    )


def _has_start(body: bytes) -> bool | None:
    """Whether a body that is not all there begins like a message; None if too little is there."""
    head = body[:REQUEST_HEAD_BYTES]
    found = (is_invocation_start(head), is_response_start(head), is_login_start(head))
    if True in found or is_kerberos(head):
        return True
    return None if None in found else False


def _hides_frames(data: bytes, start: int, end: int) -> bool:
    """Whether whole frames, each behind a newline, stand where a frame's body should be.

    Two in a row, or one that ends where the body does, are no accident.
    """
    stop = min(end, start + LOOK_BYTES)
    at = data.find(NEWLINE, start, stop)
    while at >= 0:
        place = _end_of_frame(data, at + len(NEWLINE))
        if place is not None and (place >= end or _end_of_frame(data, place) is not None):
            return True
        at = data.find(NEWLINE, at + len(NEWLINE), stop)
    return False


def _end_of_frame(data: bytes, at: int) -> int | None:
    """The place behind a whole frame and its newline, if one begins here."""
    start = at + PREFIX_BYTES
    if len(data) <= start or data[start] not in _FIRST_BYTES:
        return None
    length = read_prefix(data[at:start])
    end = start + length
    if not is_length(length) or data[end : end + len(NEWLINE)] != NEWLINE:
        return None
    return end + len(NEWLINE) if is_message_like(data[start:end]) else None
