"""Where the rows of a table begin and end, when their lengths differ.

A row's place follows from the length of the one before, so this is a loop in Python: a
third of the work of reading a table with strings. It assumes first that all rows are short,
so that the last byte of a length says it all - which is then compared for all rows at
once - and looks at whole lengths only where that was wrong.
"""

from __future__ import annotations

import itertools
import struct

from construct import FormatField

from volttools.codec.arrow import np
from volttools.codec.scalars import WrongBytesError

Positions = np.ndarray  # of int64
_SHORT = 256


def row_places(buf: bytes, o: int, end: int, count: int, prefix: FormatField) -> tuple[Positions, Positions]:
    """Where the values of each row begin, behind the row's length, and where they end.

    The rows stand one behind the other from `o` on. WrongBytesError unless all lie before `end`.
    """
    size = prefix.sizeof()
    if end - o < count * (size + _SHORT):
        starts = _short_rows(buf, o, count, size)
        if starts is not None:
            stops = starts + _lengths(buf, starts - size, prefix)
            if np.array_equal(starts[1:], stops[:-1] + size) and _is_within(starts, stops, end):
                return starts, stops
    starts = _rows(buf, o, count, prefix)
    stops = starts + _lengths(buf, starts - size, prefix)
    if not _is_within(starts, stops, end):
        raise WrongBytesError
    return starts, stops


def overlapping(buf: bytes, size: int) -> np.ndarray:
    """The bytes as an array in which element `i` is the `size` bytes from byte `i` on, without a copy.

    Indexed by positions, it gathers what stands there; IndexError where that is beyond the bytes.
    """
    return np.ndarray((max(0, len(buf) - size + 1),), f"V{size}", buf, 0, (1,))


def _short_rows(buf: bytes, o: int, count: int, size: int) -> Positions | None:
    """Where the values begin if no row is longer than one byte can say; None if one must be."""
    lengths: list[int] = []
    append = lengths.append
    at = o + size - 1
    try:
        for _ in itertools.repeat(None, count):  # a range makes a number for each
            length = buf[at]
            append(length)
            at += length + size
    except IndexError:
        return None
    starts = np.empty(count, np.int64)
    starts[:1] = o + size
    starts[1:] = np.frombuffer(bytes(lengths), np.uint8)[:-1]
    starts[1:] += size
    return np.cumsum(starts, out=starts)


def _rows(buf: bytes, o: int, count: int, prefix: FormatField) -> Positions:
    """Where the values begin, by whole lengths."""
    unpack = struct.Struct(prefix.fmtstr).unpack_from
    size = prefix.sizeof()
    starts: list[int] = []
    append = starts.append
    for _ in range(count):
        (length,) = unpack(buf, o)
        o += size
        append(o)
        o += length
    return np.array(starts, np.int64)


def _lengths(buf: bytes, positions: Positions, prefix: FormatField) -> np.ndarray:
    lengths: np.ndarray = overlapping(buf, prefix.sizeof())[positions].view(number_type(prefix.fmtstr[1:]))
    return lengths.astype(np.int64)


def _is_within(starts: Positions, stops: Positions, end: int) -> bool:
    return bool((stops >= starts).all() and (stops <= end).all())


def number_type(code: str) -> np.dtype:
    """numpy's big-endian number with that `struct` code; KeyError for a code that is no number's."""
    return np.dtype(f">{_KINDS[code]}{struct.calcsize('>' + code)}")


_KINDS = {**dict.fromkeys("bhilq", "i"), **dict.fromkeys("BHILQ", "u"), **dict.fromkeys("efd", "f")}
NUMBER_CODES = frozenset(_KINDS)
