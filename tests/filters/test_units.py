import datetime
import time

import pytest

from tests.samples import START_NS
from volttools.filters.units import BYTES_PER, date_ns, is_date, read_duration, read_size, read_time


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("10ms", 10_000_000),
        ("1.5 s", 1_500_000_000),
        ("200us", 200_000),
        ("7ns", 7),
        ("2min", 120 * 10**9),
        ("2m", 120 * 10**9),
        ("1h", 3600 * 10**9),
        ("-1s", -(10**9)),
        ("4.35us", 4350),
    ],
)
def test_durations_have_units(text, ns):
    assert read_duration(text) == ns


@pytest.mark.parametrize(
    ("text", "size"),
    [
        *((f"3{unit}", 3 * size) for unit, size in BYTES_PER.items()),
        ("10", 10),
        ("2.5 M", 2_500_000),
        ("1Gi", 2**30),
    ],
)
def test_sizes_have_the_units_of_filters_or_none(text, size):
    assert read_size(text) == size


@pytest.mark.parametrize("text", ["", "ms", "5 parsecs", "5 5s", "1e3s", "MB", "5mb"])
def test_what_is_no_quantity_is_none(text):
    assert read_duration(text) is None
    assert read_size(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-02T03:04:05",
        "2026-01-02 03:04:05Z",
        "2026-01-02 03:04:05 UTC",
        "2026-01-02T04:04:05+01:00",
        "03:04:05",
    ],
)
def test_times_are_read_as_iso(text):
    assert read_time(text, on_day_of=START_NS) == START_NS


def test_times_are_utc_unless_asked_otherwise(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    assert read_time("2026-01-02T08:34:05", local=True) == START_NS
    assert read_time("08:34:05", local=True, on_day_of=START_NS) == START_NS
    monkeypatch.undo()
    time.tzset()


def test_what_is_no_time_is_refused():
    with pytest.raises(ValueError, match="soon"):
        read_time("soon")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-01-02", True),
        ("2026-01-02 03:04:05", True),
        ("20260102", False),
        ("03:04:05", False),
        ("2026-13-02", False),
        ("", False),
    ],
)
def test_only_what_begins_with_a_written_date_is_taken_for_one(text, found):
    assert is_date(text) is found


def test_a_date_is_its_midnight():
    assert date_ns(datetime.date(2026, 1, 2)) == read_time("2026-01-02")
    assert date_ns(datetime.date(1969, 12, 31)) == -86_400 * 10**9
