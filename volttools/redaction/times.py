"""Pseudonyms of moments: in the same century, and as round as they were.

Midnight stays midnight of some day, whole seconds stay whole seconds, and so for each decimal of a
second. A DATE, the TIMESTAMP of its midnight and both as text have one pseudonym.
"""

from __future__ import annotations

import datetime
import re
from bisect import bisect_right
from typing import Final

from volttools.redaction.numbers import Numbers, ranked, unranked
from volttools.redaction.permutation import Permutation, Permutations

SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND
EPOCH: Final = datetime.date(1970, 1, 1).toordinal()

# Unit in microseconds, and how many of them make the next coarser one.
_UNITS: Final[tuple[tuple[int, int], ...]] = (
    (DAY, 0),
    (SECOND, 86_400),
    *((10**power, 10) for power in range(5, -1, -1)),
)

# Where centuries begin; VoltDB's calendar begins in 1583.
_YEARS = (1, *range(100, 1501, 100), 1583, *range(1600, 10_000, 100))
_CENTURIES: Final = [datetime.date(year, 1, 1).toordinal() - EPOCH for year in _YEARS] + [
    datetime.date.max.toordinal() - EPOCH + 1
]

TIME_TEXT: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:([ T])(\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?)?", re.ASCII)
"""A date, and perhaps a time behind it, as SQL and clients write it."""


class Times:
    """The pseudonyms of moments under one key."""

    def __init__(self, permutations: Permutations, numbers: Numbers) -> None:
        self._permutations = permutations
        self._numbers = numbers
        self._known: dict[tuple[int, int], Permutation] = {}

    def timestamp(self, value: int) -> int:
        """Microseconds since 1970; what is no time of the years 1 to 9999 is treated as a number."""
        century = bisect_right(_CENTURIES, value // DAY)
        if not 0 < century < len(_CENTURIES):
            return self._numbers.integer(value)
        unit, ratio = next(found for found in _UNITS if value % found[0] == 0)
        per_day = DAY // unit
        first, end = _CENTURIES[century - 1] * per_day, _CENTURIES[century] * per_day
        count = value // unit
        if not ratio:
            return unit * (first + self._permutation(unit, century, end - first)(count - first))
        lowest = ranked(first + 1, ratio)
        permuted = self._permutation(unit, century, end - first - (end - first) // ratio)
        return unit * unranked(lowest + permuted(ranked(count, ratio) - lowest), ratio)

    def _permutation(self, unit: int, century: int, size: int) -> Permutation:
        found = self._known.get((unit, century))
        if found is None:
            found = self._known[unit, century] = self._permutations[f"time {unit} {century}", size]
        return found

    def date(self, value: datetime.date | int) -> datetime.date | int:
        """A date; a number that is no date stays a number."""
        if isinstance(value, int):
            return self._numbers.integer(value)
        days = self.timestamp((value.toordinal() - EPOCH) * DAY) // DAY
        return datetime.date.fromordinal(days + EPOCH)

    def text(self, text: str) -> str:
        """A date or time as text, in the same form; ValueError if it is none."""
        match = TIME_TEXT.fullmatch(text)
        if match is None:
            raise ValueError("no date or time")
        moment = datetime.datetime.fromisoformat(f"{match[1]} {match[3] or '00:00:00'}")
        fraction = match[4] or ""
        seconds = (moment - _START) // datetime.timedelta(seconds=1)
        hidden = self.timestamp(seconds * SECOND + int(fraction.ljust(6, "0")))
        found = _START + datetime.timedelta(microseconds=hidden)
        made = f"{found.year:04}-{found:%m-%d}"
        if match[3]:
            made += f"{match[2]}{found:%H:%M:%S}"
        if fraction:
            made += "." + f"{found.microsecond:06}"[: len(fraction)]
        return made


_START: Final = datetime.datetime(1970, 1, 1)
