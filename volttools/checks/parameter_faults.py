"""Why the bytes of a parameter set can't be read: known mistakes of client libraries, or another.

A set is judged by what would make it whole: the count that an empty array lacks, the call that
begins behind a half-written one. Sources: the clients that write so (voltdbclient, Go); recordings
dump-half-written-call, types-arrays-python.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Final, NamedTuple

from volttools.codec import build, parse, parser, spans
from volttools.errors import DecodeError
from volttools.formats.invocation import Invocation
from volttools.formats.parameters import PARAMETER_SET, Parameter
from volttools.formats.types import ARRAY, TYPES
from volttools.protocol.shapes import REQUEST_HEAD_BYTES, is_invocation, is_invocation_start
from volttools.words import counted

_SEARCHED: Final = 4_096  # bytes in which a glued call, or an array's start, is looked for
_MAX_TRIED: Final = 64  # arrays that are tried as empty ones
_MAX_BYTES_TRIED: Final = 2**20

INVALID: Final = TYPES.by_name("INVALID").code

_read_parameters = parser(PARAMETER_SET)


class Mistake(Enum):
    """What a client did wrong."""

    GLUED_CALL = "a call that was never finished, with another one behind it"
    ARRAY_WITHOUT_COUNT = "an empty array without its count"
    ARRAY_WITHOUT_TYPE = "an array without the type of its elements"
    BYTES_BEHIND = "bytes behind the parameters"
    OTHER = "anything else"


class Fault(NamedTuple):
    """A mistake, a sentence on it, and the field that can't be read: "parameters[1].value"."""

    mistake: Mistake
    message: str
    path: str


def fault_of(data: bytes) -> Fault:
    """Why a parameter set can't be read. `data` is from its count to the end of the frame."""
    message, path, error = _place_of(data)
    glued = _glued_call(data)
    if glued is not None:
        at, name = glued
        message += f"; a second call, {name}, stands from byte {at:,} on: the first was never finished"
        return Fault(Mistake.GLUED_CALL, message, path)
    if error.offset is not None and _is_whole(data[: error.offset]):
        message = f"{counted(len(data) - error.offset, 'byte')} too many behind the last parameter"
        return Fault(Mistake.BYTES_BEHIND, message, path)
    countless = _countless_array(data)
    if countless is not None:
        message += f"; with a count of 0 behind the element type at byte {countless:,} all would be readable"
        return Fault(Mistake.ARRAY_WITHOUT_COUNT, message, path)
    if _is_without_type(error):
        message += "; an array is 9D, element type, count, elements without type bytes"
        return Fault(Mistake.ARRAY_WITHOUT_TYPE, message, path)
    return Fault(Mistake.OTHER, message, path)


def _place_of(data: bytes) -> tuple[str, str, DecodeError]:
    """What can't be read, the field, and the error."""
    try:
        spans(PARAMETER_SET, data)
    except DecodeError as found:
        error = found
    else:
        error = DecodeError("unreadable")  # what is declared and what is compiled disagree
    path = f"parameters{(error.path or '').removeprefix('message')}"
    place = "" if error.offset is None else f" at byte {error.offset:,} of their {len(data):,}"
    return f"{error.message}{place}", path, error


def _glued_call(data: bytes) -> tuple[int, str] | None:
    """Where a whole second call stands at the end of a parameter set, and of what procedure."""
    for at in range(min(len(data), _SEARCHED)):
        if is_invocation_start(data[at : at + REQUEST_HEAD_BYTES]) and is_invocation(data[at:]):
            return at, parse(Invocation, data[at:]).procedure or ""
    return None


def _countless_array(data: bytes) -> int | None:
    """Where a count of 0 would make the set whole: behind the element type of an empty array."""
    if len(data) > _MAX_BYTES_TRIED:
        return None
    for tried, (at, count) in enumerate(_arrays(data)):
        if tried == _MAX_TRIED:
            break
        if _is_whole(data[:at] + count + data[at:]):
            return at
    return None


def _is_whole(data: bytes) -> bool:
    try:
        _read_parameters(data)
    except DecodeError:
        return False
    return True


def _arrays(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The places behind what may be an array's element type, with the count of an empty one."""
    for kind in TYPES:
        if kind.array_count is None:
            continue
        start = build(Parameter(type=ARRAY.code, element_type=kind.code, value=[]))
        count = kind.array_count.build(0)
        mark = start[: -len(count)]
        at = data.find(mark, 0, _SEARCHED)
        while at >= 0:
            yield at + len(mark), count
            at = data.find(mark, at + 1, _SEARCHED)


def _is_without_type(error: DecodeError) -> bool:
    """Whether reading failed at an array whose element type is the upper half of a count: zero."""
    node = error.partial
    while node is not None and node.children:
        names = {child.name: child for child in node.children}
        if "element_type" in names:
            return bool(names["element_type"].value == INVALID)
        node = node.children[-1]
    return False
