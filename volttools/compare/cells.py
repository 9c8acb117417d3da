"""When two cells of a column are the same value.

integers, BOOLEAN, DATE   equal
DECIMAL                   equal to the last digit; the wire always has twelve decimals
FLOAT                     equal within the tolerance; NaN is NaN
TIMESTAMP                 equal within the window
STRING                    equal but for what patterns match
VARBINARY                 equal bytes
GEOGRAPHY, GEOGRAPHY_POINT   equal as text, which has twelve decimals
anything else             equal as it is shown

NULL is NULL only: neither 0 nor an empty text. Where the types differ, numbers are compared by value,
everything else not at all: that the type differs is told.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from volttools.formats import types
from volttools.formats.geography import Geography, Point

Key = Callable[[Any], Hashable]

_INTEGERS = {types.TINYINT.code, types.SMALLINT.code, types.INTEGER.code, types.BIGINT.code}
_NUMBERS = _INTEGERS | {types.DECIMAL.code, types.FLOAT.code}
_FLOAT, _TIMESTAMP, _STRING = types.FLOAT.code, types.TIMESTAMP.code, types.STRING.code
_AS_THEY_ARE = _NUMBERS - {_FLOAT} | {
    _TIMESTAMP,
    _STRING,
    types.VARBINARY.code,
    types.DATE.code,
    types.BOOLEAN.code,
}


@dataclass(frozen=True, slots=True)
class Cells:
    """How the cells of one column are compared.

    a, b       where the column stands in rows of A and of B
    key        cells that are equal to the last digit have equal keys; None: as they are
    tolerance  of FLOAT, as a part of the greater value; None where equal is equal
    window     of TIMESTAMP, in microseconds; 0 where equal is equal
    """

    a: int
    b: int
    key: Key | None = None
    tolerance: float = 0.0
    window: int = 0

    @property
    def is_inexact(self) -> bool:
        """Whether unequal cells may be the same."""
        return self.tolerance > 0 or self.window > 0

    def are_near(self, one: Any, other: Any) -> bool:
        """Whether two cells are the same although their keys may differ."""
        if one is None or other is None:
            return one is other
        if self.window:
            return bool(abs(one - other) <= self.window)
        left, right = float(one), float(other)
        if math.isnan(left) or math.isnan(right):
            return math.isnan(left) and math.isnan(right)
        return left == right or math.isclose(left, right, rel_tol=self.tolerance)


def cells_of(
    place: tuple[int, int],
    codes: tuple[int, int],
    *,
    tolerance: float,
    within_us: int,
    patterns: Sequence[re.Pattern[str]],
) -> Cells | None:
    """How to compare a column of these types; None: values of such types don't compare.

    place  where the column stands in A and in B
    """
    a, b = place
    if codes[0] != codes[1]:
        if not _NUMBERS.issuperset(codes):
            return None
        return Cells(a, b, _number, tolerance if _FLOAT in codes else 0.0)
    code = codes[0]
    if code == _FLOAT:
        return Cells(a, b, _number, tolerance)
    if code == _TIMESTAMP:
        return Cells(a, b, None, window=within_us)
    if code == _STRING and patterns:
        return Cells(a, b, _without(patterns))
    return Cells(a, b, None if code in _AS_THEY_ARE else _text)


def _number(value: Any) -> Hashable:
    """Numbers of any type are equal by value in Python; but no NaN equals itself."""
    return "NaN" if isinstance(value, float) and math.isnan(value) else value


def _text(value: Any) -> Hashable:
    return value.wkt if isinstance(value, (Point, Geography)) else repr(value)


def _without(patterns: Sequence[re.Pattern[str]]) -> Key:
    def key(value: Any) -> Hashable:
        return None if value is None else without(value, patterns)

    return key


def without(text: str, patterns: Sequence[re.Pattern[str]]) -> str:
    """A text without what the patterns match.

    >>> without("row 17 of 20", [re.compile(r"[0-9]+")])
    'row * of *'
    """
    for pattern in patterns:
        text = pattern.sub("*", text)
    return text
