"""Pseudonyms that keep an order: for range queries and sorted results, where that is worth its price.

Order leaks. Numbers are stretched by a secret factor and moved, so ratios of distances stay. Times are
moved by a secret number of days, so distances stay. Texts are written in a secret, sorted alphabet
for each position, which frequent words give away. Who knows a few originals knows about all others.

Values near the ends of their type's range may become equal, but never change places.
"""

from __future__ import annotations

import datetime
import hashlib
import math
from decimal import Decimal
from fractions import Fraction
from typing import Final

from volttools.formats.primitives import DECIMAL_DIGITS, DECIMAL_SCALE
from volttools.formats.types import WireType
from volttools.redaction.permutation import Key
from volttools.redaction.times import DAY, EPOCH

_SIXTEENTHS: Final = 16
_FIRST, _END = 0x100, 0x800  # code points that take the place of ASCII: two bytes in UTF-8
_POSITIONS: Final = 64  # alphabets; then they repeat
_ASCII: Final = 128
_DECIMAL_ONE: Final = 10**DECIMAL_SCALE  # in units of the last decimal
_LARGEST_DECIMAL: Final = 10**DECIMAL_DIGITS - 1
_LARGEST_FLOAT: Final = 1e308
_LAST_DAY: Final = datetime.date.max.toordinal() - EPOCH


class Ordered:
    """Order-preserving pseudonyms under one key."""

    def __init__(self, key: Key) -> None:
        self._key = key
        self._stretch = Fraction(_SIXTEENTHS + 3 + key.number("order factor", 6), _SIXTEENTHS)
        self._offset = 2 + key.number("order offset", 8)
        self._days = 700 + key.number("order days", 18_000)
        self._alphabets: dict[int, list[int]] = {}

    def integer(self, number: int, kind: WireType) -> int:
        """Away from 0 by a factor below 1.6 and a few; never beyond the type's range."""
        largest = -1 - kind.format.null[0] if kind.format is not None else abs(number)
        magnitude = min(math.floor(abs(number) * self._stretch) + self._offset, largest)
        return -magnitude if number < 0 else magnitude

    def decimal(self, value: Decimal) -> Decimal:
        """The same for a DECIMAL, in all of its decimals."""
        scaled = math.floor(abs(Fraction(value)) * self._stretch * _DECIMAL_ONE) + self._offset * _DECIMAL_ONE
        made = Decimal(min(scaled, _LARGEST_DECIMAL)).as_tuple()
        return Decimal((int(value < 0), made.digits, -DECIMAL_SCALE))

    def float(self, value: float) -> float:
        """The same for a FLOAT; NaN and infinities stay."""
        if not math.isfinite(value):
            return value
        magnitude = min(abs(value) * float(self._stretch) + self._offset, max(_LARGEST_FLOAT, abs(value)))
        return -magnitude if value < 0 else magnitude

    def timestamp(self, value: int, kind: WireType) -> int:
        """So many days later; what is no time of the years 1 to 9999 is moved as a number."""
        days = value // DAY
        if not 1 - EPOCH <= days <= _LAST_DAY:
            return self.integer(value, kind)
        return min(value + self._days * DAY, (_LAST_DAY + 1) * DAY - 1)

    def date(self, value: datetime.date | int, kind: WireType) -> datetime.date | int:
        """The same for a DATE; a number that is no date is moved as one."""
        if isinstance(value, int):
            return self.integer(value, kind)
        days = min(value.toordinal() - EPOCH + self._days, _LAST_DAY)
        return datetime.date.fromordinal(days + EPOCH)

    def text(self, text: str) -> str:
        """As many characters, in the order of their UTF-8; ASCII takes two bytes a character."""
        return "".join(self._char(ord(char), position) for position, char in enumerate(text))

    def _char(self, code: int, position: int) -> str:
        if code < _ASCII:
            return chr(self._alphabet(position % _POSITIONS)[code])
        if 0xD800 <= code < 0xE000:
            return chr(0x10FFFF)  # no UTF-8: behind everything
        moved = code + _END + self._offset
        if moved >= 0xD800:
            moved += 0x800  # over the surrogates
        return chr(min(moved, 0x10FFFF))

    def _alphabet(self, position: int) -> list[int]:
        found = self._alphabets.get(position)
        if found is None:
            stream = hashlib.shake_256(self._key.derive(f"order alphabet {position}")).hexdigest(8 * 4096)
            drawn: set[int] = set()
            for start in range(0, len(stream), 16):
                drawn.add(_FIRST + int(stream[start : start + 16], 16) % (_END - _FIRST))
                if len(drawn) == _ASCII:
                    break
            found = self._alphabets[position] = sorted(drawn)
        return found
