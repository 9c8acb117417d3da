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
