"""Units, and durations, sizes and ISO times as text; options of commands use them as well."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

NS_PER = {
    "ns": 1,
    "us": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "min": 60 * 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
"""Durations."""

BYTES_PER = {
    "B": 1,
    "kB": 10**3,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
}
"""Sizes."""

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_QUANTITY: Final = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*([A-Za-z]*)", re.ASCII)


def read_duration(text: str) -> int | None:
    """A number with its unit as ns; None if it is none.

    >>> read_duration("10ms"), read_duration("1.5 s"), read_duration("soon")
    (10000000, 1500000000, None)
    """
    return _quantity(text, NS_PER)


def read_size(text: str) -> int | None:
    """A number of bytes, with a unit or without, whose B may be absent; None if it is none.

    >>> read_size("100MB"), read_size("1.5 k"), read_size("1GiB"), read_size("much")
    (100000000, 1500, 1073741824, None)
    """
    return _quantity(text, BYTES_PER | {unit.removesuffix("B"): size for unit, size in BYTES_PER.items()})


def _quantity(text: str, units: Mapping[str, int]) -> int | None:
    match = _QUANTITY.fullmatch(text.strip())
    unit = None if match is None else units.get(match[2])
    return None if match is None or unit is None else round(Decimal(match[1]) * unit)


def read_time(text: str, *, local: bool = False, on_day_of: int = 0) -> int:
    """An ISO time as ns since 1970; without a zone it is UTC, or this machine's if `local`.

    A time alone is one of the day of `on_day_of`; "UTC" may stand behind it, as screens have it.
    Raises ValueError for what is no time.

    >>> read_time("2023-11-14T22:13:20.5Z"), read_time("22:13:20.5", on_day_of=1_700_000_000_000_000_000)
    (1700000000500000000, 1700000000500000000)
    """
    zone = None if local else datetime.UTC
    if text.endswith("UTC"):
        text = text.removesuffix("UTC").rstrip() + "Z"
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


def is_date(text: str) -> bool:
    """Whether a text begins with an ISO date: "12:30" and "20260102" are times, or numbers, but none here."""
    try:
        datetime.date.fromisoformat(text[:10])
    except ValueError:
        return False
    return text[4:5] == "-"


def date_ns(date: datetime.date) -> int:
    """Midnight UTC of a date as ns since 1970.

    >>> date_ns(datetime.date(1970, 1, 2))
    86400000000000
    """
    return (date.toordinal() - _EPOCH.toordinal()) * 24 * NS_PER["h"]
