"""Times as people write them: 20 ms, 1.5 s."""

from __future__ import annotations

import datetime
from typing import TypeAlias

from volttools.errors import UsageError
from volttools.filters.units import read_duration

Duration: TypeAlias = float | int | str | datetime.timedelta
"""Seconds, a timedelta, or text with a unit: "20 ms"."""


def seconds(duration: Duration) -> float:
    """A time in seconds. UsageError for what is none, or less than none.

    >>> seconds("20 ms")
    0.02
    """
    if isinstance(duration, datetime.timedelta):
        found = duration.total_seconds()
    elif isinstance(duration, str):
        nanoseconds = read_duration(duration)
        found = -1.0 if nanoseconds is None else nanoseconds / 1e9
    else:
        found = float(duration)
    if not 0 <= found < float("inf"):
        raise UsageError(f'{duration!r} is no time: give seconds, or text such as "20 ms" or "1.5 s"')
    return found
