"""Whether the rows of a table can be read, without making their values.

Rows of fixed width have one right length, which is compared for all of them at once. With strings, a row's place
follows from the lengths in the one before.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from construct import Construct, FormatField

from volttools.codec.rows import MOST_SIGNATURES
from volttools.codec.scalars import WrongBytesError
from volttools.codec.short_texts import unsigned, unsigned_null
from volttools.formats.notation import Packed, Varying
from volttools.formats.table import Rows
from volttools.kept import Kept

CheckFunction = Callable[[bytes, int, int], int]
"""(bytes, offset, end of what may be read) -> the offset behind what was checked; it may lie beyond the end, which
whoever knows that end has to look at. It raises what `scalars.WRONG` lists for what can't be read."""


class RowChecks(Kept[tuple[int, ...], CheckFunction]):
    """The checks of one `Rows` declaration, by column types.

    values  a check for each type's values
    """

    def __init__(self, format: Rows, values: Mapping[int, CheckFunction]) -> None:
        super().__init__(MOST_SIGNATURES)
        self._format = format
        self._values = values

    def __missing__(self, types: tuple[int, ...]) -> CheckFunction:
        return self.keep(types, self._check_of(types))

    def _check_of(self, types: tuple[int, ...]) -> CheckFunction:
        columns = self._format.readable(types)
        is_opaque = len(columns) < len(types)
        widths = [width_of(column) for column in columns]
        known = [width for width in widths if width is not None]
        if not is_opaque and len(known) == len(widths):
            return _fixed_rows(self._format.prefix, sum(known))
        checks = [self._values[code] for code in types[: len(columns)]]
        return _varying_rows(self._format.prefix, _steps(columns, checks), is_opaque=is_opaque)


def width_of(format: Construct) -> int | None:
    """The bytes of a value, if all its values take so many and any bytes are one."""
    return int(format.sizeof()) if isinstance(format, (FormatField, Packed)) else None


def _fixed_rows(prefix: FormatField, size: int) -> CheckFunction:
    """For rows of so many bytes each."""
    number = struct.Struct(prefix.fmtstr)
    unpack, prefix_size = number.unpack_from, number.size
    stride = prefix_size + size
    length = number.pack(size)
    places = list(enumerate(bytes([byte]) for byte in length))

    def check(buf: bytes, o: int, end: int) -> int:
        (count,) = unpack(buf, o)
        o += prefix_size
        stop: int = o + count * stride
        if count == 1:
            if buf[o : o + prefix_size] != length:
                raise WrongBytesError
        elif (
            count < 0
            or stop > end
            or any(buf[o + place : stop : stride] != byte * count for place, byte in places)
        ):
            raise WrongBytesError
        return stop

    return check


class _Step(NamedTuple):
    """What stands before a string, and its length; or the check of a value that is neither."""

    unpack: Callable[[bytes, int], tuple[int, ...]]
    size: int
    null: int
    check: CheckFunction | None


def _steps(columns: Sequence[Construct], checks: Sequence[CheckFunction]) -> tuple[list[_Step], int]:
    """The steps through a row, and the bytes behind the last one."""
    steps: list[_Step] = []
    before = 0
    for column, check in zip(columns, checks, strict=True):
        width = width_of(column)
        if width is not None:
            before += width
            continue
        if isinstance(column, Varying):
            number = struct.Struct(f">{before}x{unsigned(column.prefix).fmtstr[1:]}")
            steps.append(_Step(number.unpack_from, number.size, unsigned_null(column), None))
        else:
            steps.append(_Step(struct.Struct("").unpack_from, before, 0, check))
        before = 0
    return steps, before


def _varying_rows(prefix: FormatField, steps: tuple[list[_Step], int], *, is_opaque: bool) -> CheckFunction:
    """For rows of several lengths; `is_opaque`: behind the columns stand others, which can't be read."""
    inside, behind = steps
    number = struct.Struct(prefix.fmtstr)
    unpack_prefix, prefix_size = number.unpack_from, number.size

    def check(buf: bytes, o: int, end: int) -> int:
        (count,) = unpack_prefix(buf, o)
        o += prefix_size
        if count < 0 or count > end - o:
            raise WrongBytesError
        for _ in itertools.repeat(None, count):
            (length,) = unpack_prefix(buf, o)
            o += prefix_size
            stop = o + length
            for unpack, size, null, check_value in inside:
                if check_value is None:
                    (text,) = unpack(buf, o)
                    o += size if text == null else size + text
                else:
                    o = check_value(buf, o + size, stop)
            o += behind
            if o != stop:
                if not is_opaque or o > stop:
                    raise WrongBytesError
                o = stop
        return o

    return check
