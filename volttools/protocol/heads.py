"""Heads of frames, read while bytes are split into frames: as fast as it goes, and only where all is well.

What is not given here may be sound all the same; `shapes` and `framing` look closer.
"""

from __future__ import annotations

from typing import Any, Final

from volttools.codec import head_scanner
from volttools.formats.frame import PREFIX_BYTES
from volttools.formats.invocation import INVOCATION_VERSIONS, TIMEOUT_FLAGS, WITH_TIMEOUT, InvocationHead
from volttools.formats.response import FIELDS_PRESENT, STATUS_NAMES, ResponseHead
from volttools.protocol.frames import AnswerHead, CallHead, Direction, Frame
from volttools.protocol.shapes import plausible_request_head, plausible_response_head

scan_calls: Final = head_scanner(
    InvocationHead, "version", "batch_timeout_flag", "procedure", "client_handle"
)
"""The heads of invocations that stand one behind the other: (offset, length, *fields)."""

scan_answers: Final = head_scanner(ResponseHead, "version", "fields_present", "client_handle", "status")
"""The same for responses and pushes."""

_CLIENT: Final = Direction.CLIENT
_SERVER: Final = Direction.SERVER
_VERSIONS: Final = frozenset(INVOCATION_VERSIONS)
_UNKNOWN_FLAGS: Final = ~sum(FIELDS_PRESENT.bits.values())
_new: Final = tuple.__new__  # half the time of the class's own


def add_calls(
    data: bytes, base: int, seen_at_ns: int | None, file: str | None, after_gap: bool, items: list[Any]
) -> int:
    """Add the first frames that are all there and begin like invocations to `items`; where those end.

    base       the offset of data[0] in the stream
    after_gap  of the first of them
    """
    found, stop = scan_calls(data, 0, len(data))
    for at, length, version, flag, procedure, handle in found:
        if (
            not procedure
            or version not in _VERSIONS
            or not procedure.isprintable()
            or (version == WITH_TIMEOUT and flag not in TIMEOUT_FLAGS)
        ):
            return int(at)
        start = at + PREFIX_BYTES
        head = _new(CallHead, (version, procedure, handle))
        body = data[start : start + length]
        items.append(
            Frame(
                _CLIENT, body, length, base + at, 0, seen_at_ns, seen_at_ns, after_gap, (), file, None, head
            )
        )
    return stop


def add_answers(
    data: bytes, base: int, seen_at_ns: int | None, file: str | None, after_gap: bool, items: list[Any]
) -> int:
    """The same for responses."""
    found, stop = scan_answers(data, 0, len(data))
    for at, length, version, flags, handle, status in found:
        if version or flags & _UNKNOWN_FLAGS or status not in STATUS_NAMES:
            return int(at)
        start = at + PREFIX_BYTES
        head = _new(AnswerHead, (handle, status))
        body = data[start : start + length]
        items.append(
            Frame(
                _SERVER, body, length, base + at, 0, seen_at_ns, seen_at_ns, after_gap, (), file, None, head
            )
        )
    return stop


def head_of(direction: Direction, body: bytes) -> CallHead | AnswerHead | None:
    """The head of one message, if it begins like a call or an answer."""
    if direction is _CLIENT:
        call = plausible_request_head(body)
        return None if call is None else CallHead(call.version, call.procedure, call.client_handle)
    answer = plausible_response_head(body)
    return None if answer is None else AnswerHead(answer.client_handle, answer.status)
