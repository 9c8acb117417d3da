"""When something was seen: nanoseconds since 1970 as clock times and as seconds."""

from __future__ import annotations

import datetime

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def clock_text(time_ns: int, *, local: bool = False, with_date: bool = True) -> str:
    """A time to the microsecond, in UTC or in the zone of this machine.

    >>> clock_text(1_700_000_000_123_456_789)
    '2023-11-14 22:13:20.123456'
    """
    moment = _EPOCH + datetime.timedelta(microseconds=time_ns // 1_000)
    if local:
        moment = moment.astimezone()
    text = moment.replace(tzinfo=None).isoformat(" ", "microseconds")
    return text if with_date else text[11:]


def seconds_text(ns: int, *, sign: str = "") -> str:
    """A distance in seconds with six decimals; `sign` stands before what is not negative.

    >>> seconds_text(1_482_000), seconds_text(-5_000)
    ('0.001482', '-0.000005')
    """
    microseconds = abs(ns) // 1_000
    return f"{'-' if ns < 0 else sign}{microseconds // 1_000_000}.{microseconds % 1_000_000:06}"


def read_time(text: str, *, local: bool = False, on_day_of: int = 0) -> int:
    """An ISO time as ns since 1970; without a zone it is UTC, or this machine's if `local`.

    A time alone is one of the day of `on_day_of`. Raises ValueError for what is no time.

    >>> read_time("2023-11-14T22:13:20.5Z"), read_time("22:13:20.5", on_day_of=1_700_000_000_000_000_000)
    (1700000000500000000, 1700000000500000000)
    """
    zone = None if local else datetime.UTC
    try:
        clock = datetime.time.fromisoformat(text)
    except ValueError:
        moment = datetime.datetime.fromisoformat(text)
    else:
        day = (_EPOCH + datetime.timedelta(microseconds=on_day_of // 1_000)).astimezone(zone)
        moment = datetime.datetime.combine(day.date(), clock)
    if moment.tzinfo is None:
        moment = moment.astimezone() if local else moment.replace(tzinfo=datetime.UTC)
    return (moment - _EPOCH) // datetime.timedelta(microseconds=1) * 1_000
