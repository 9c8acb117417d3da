"""Pseudonyms of numbers: the same sign, as many digits, as many decimals.

The value decides, not the type: 42 as INTEGER, BIGINT, FLOAT and DECIMAL, in SQL and as text has one
pseudonym. It fits wherever the value fitted, because classes end where a type ends: 100 .. 127
(TINYINT) is one, 128 .. 999 the next.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from volttools.formats.primitives import DECIMAL_DIGITS, DECIMAL_SCALE, halves_from_decimal
from volttools.formats.types import BIGINT, INTEGER, SMALLINT, TINYINT, reads_as_null
from volttools.redaction.permutation import Permutations

_TYPES_END = {-kind.format.null[0] for kind in (TINYINT, SMALLINT, INTEGER, BIGINT) if kind.format}
_LARGEST_CLASS: Final = 60  # digits; more than any type has
_EDGES: Final = sorted({0} | {10**digits for digits in range(1, _LARGEST_CLASS + 1)} | _TYPES_END)
_EXACT: Final = 10**15  # integers below have a FLOAT of their own
_SAFE: Final = DECIMAL_DIGITS - DECIMAL_SCALE  # digits before the point that every DECIMAL has room for
_WALK: Final = 64  # steps in search of a FLOAT that can be used

NUMBER_TEXT: Final = re.compile(r"(-?)(0*)(0|[1-9]\d{0,39})?(\.\d{1,40})?", re.ASCII)
"""A number as people write it: sign, leading zeros, digits, decimals; each may be absent."""

_Class = tuple[int, Callable[[int], int]]  # its lowest number, and what permutes those above it


class Numbers:
    """The pseudonyms of numbers under one key."""

    def __init__(self, permutations: Permutations) -> None:
        self._permutations = permutations
        self._classes: dict[tuple[bool, int], _Class] = {}
        self._significands: dict[tuple[bool, int, int], _Class] = {}

    def integer(self, number: int) -> int:
        """An integer with as many digits, of the same types, and never a type's NULL.

        0 has the pseudonym of a one-digit number.
        """
        negative = number < 0
        magnitude = -number if negative else number
        edge = bisect_right(_EDGES, magnitude)
        found = self._classes.get((negative, edge)) or self._class(negative, edge)
        lowest, permuted = found
        magnitude = lowest + permuted(magnitude - lowest)
        return -magnitude if negative else magnitude

    def _class(self, negative: bool, edge: int) -> _Class:
        if edge == len(_EDGES):
            raise ValueError(f"an integer of more than {_LARGEST_CLASS} digits")
        lowest = 1 if negative and edge == 1 else _EDGES[edge - 1]
        sign = "negative" if negative else "positive"
        permuted = self._permutations[f"integer {sign} {lowest}", _EDGES[edge] - lowest]
        self._classes[negative, edge] = lowest, permuted
        return lowest, permuted

    def significand(self, digits: int, exponent: int, *, negative: bool) -> int:
        """The digits of a number that is no integer: as many of them, the last one not 0."""
        length = len(str(digits))
        found = self._significands.get((negative, length, exponent))
        lowest, permuted = found or self._significand_class(negative, length, exponent)
        return unranked(lowest + permuted(ranked(digits, 10) - lowest), 10)

    def _significand_class(self, negative: bool, length: int, exponent: int) -> _Class:
        lowest = ranked(10 ** (length - 1) + (length > 1), 10)
        size = 9 if length == 1 else 81 * 10 ** (length - 2)
        sign = "negative" if negative else "positive"
        permuted = self._permutations[f"digits {length} {exponent} {sign}", size]
        self._significands[negative, length, exponent] = lowest, permuted
        return lowest, permuted

    def text(self, text: str) -> str:
        """A number as text, of the same length; ValueError if it is none that is known here.

        >>> from volttools.redaction.permutation import Key
        >>> len(Numbers(Permutations(Key(b"k"))).text("-0012.50"))
        8
        """
        match = NUMBER_TEXT.fullmatch(text)
        if match is None or not (match[2] or match[3] or match[4]):
            raise ValueError("no number")
        sign, zeros, digits, decimals = match.groups(default="")
        if zeros and not digits:
            zeros, digits = zeros[:-1], "0"
        stripped = decimals.rstrip("0")
        if len(stripped) <= 1:  # no decimals, or zeros
            number = self.integer(int(f"{sign}{digits or 0}"))
            whole = str(abs(number)) if digits else ""
            return sign + zeros + whole + decimals
        fraction = len(stripped) - 1
        significant = self.significand(int(digits + stripped[1:]), -fraction, negative=bool(sign))
        whole = str(significant).zfill(fraction + len(digits))
        cut = len(whole) - fraction
        return f"{sign}{zeros}{whole[:cut]}.{whole[cut:]}".ljust(len(text), "0")

    def decimal(self, value: Decimal) -> Decimal:
        """A DECIMAL of as many digits before and behind the point, within its range."""
        text = format(value, "f")
        while True:
            text = self.text(text)
            found = Decimal(text)
            if found.adjusted() < _SAFE:
                return found
            try:
                halves_from_decimal(found)
            except ValueError:  # a number of 39 digits; one of them is not far
                continue
            return found

    def float(self, value: float) -> float:
        """A FLOAT of the same order of magnitude; NaN and infinities stay."""
        if not math.isfinite(value):
            return value
        if value.is_integer() and abs(value) < _EXACT:
            return float(self.integer(int(value)))
        sign, digits, exponent = Decimal(repr(value)).as_tuple()
        assert isinstance(exponent, int)
        number = int("".join(map(str, digits)))
        while number % 10 == 0:
            number //= 10
            exponent += 1
        for _ in range(_WALK):
            number = self.significand(number, exponent, negative=bool(sign))
            found = float(f"{'-' if sign else ''}{number}e{exponent}")
            if found not in (0.0, value) and math.isfinite(found) and not reads_as_null(found):
                return found
        # at the ends of what a FLOAT holds: then of another magnitude
        return float(f"{'-' if sign else ''}{number}e{max(-300, min(exponent, 250))}")


def ranked(number: int, ratio: int) -> int:
    """The position of a number among those that `ratio` does not divide."""
    return number - number // ratio - 1


def unranked(rank: int, ratio: int) -> int:
    """The inverse of `ranked`."""
    return rank + rank // (ratio - 1) + 1
