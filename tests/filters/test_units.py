import datetime
import time

import pytest

from tests.samples import START_NS
from volttools.filters.units import date_ns, is_date, read_time


@pytest.mark.parametrize(
    "text", ["2026-01-02T03:04:05", "2026-01-02 03:04:05Z", "2026-01-02T04:04:05+01:00", "03:04:05"]
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
