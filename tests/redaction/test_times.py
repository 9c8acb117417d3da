import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import DATE, TIMESTAMP
from volttools.redaction.numbers import Numbers
from volttools.redaction.permutation import Key, Permutations
from volttools.redaction.times import DAY, EPOCH, SECOND, Times

PERMUTATIONS = Permutations(Key(b"a key for tests!"))
TIMES = Times(PERMUTATIONS, Numbers(PERMUTATIONS))
START = datetime.datetime(1970, 1, 1)
PLAUSIBLE = st.datetimes().map(lambda moment: (moment - START) // datetime.timedelta(microseconds=1))


def moment(value):
    return START + datetime.timedelta(microseconds=value)


@given(PLAUSIBLE)
def test_a_timestamp_stays_in_its_century(value):
    found = TIMES.timestamp(value)
    assert found != value
    assert moment(found).year // 100 == moment(value).year // 100
    assert (moment(found).year < 1583) == (moment(value).year < 1583)


@given(PLAUSIBLE, st.sampled_from([DAY, SECOND, 100_000, 10_000, 1_000, 100, 10]))
def test_a_timestamp_stays_as_round_as_it_was(value, unit):
    value -= value % unit
    found = TIMES.timestamp(value)
    for other in (DAY, SECOND, 100_000, 10_000, 1_000, 100, 10):
        assert (found % other == 0) == (value % other == 0)


@given(TIMESTAMP.filter(lambda value: value is not None))
def test_any_number_has_a_pseudonym_that_is_not_null(value):
    assert -(2**63) < TIMES.timestamp(value) < 2**63


def test_distinct_timestamps_stay_distinct():
    values = [*range(-5_000, 5_000), *range(0, 5_000 * SECOND, SECOND), *range(0, 5_000 * DAY, DAY)]
    assert len({TIMES.timestamp(value) for value in values}) == len(set(values))


@given(DATE.filter(lambda value: value is not None))
def test_a_date_stays_a_date_and_a_number_a_number(value):
    found = TIMES.date(value)
    assert found != value
    if isinstance(value, datetime.date):
        assert isinstance(found, datetime.date)


@pytest.mark.parametrize(
    "text", ["2024-02-29", "2024-02-29 10:11:12", "1985-01-02T00:00:01.5", "2000-01-01 23:59:59.123456"]
)
def test_a_time_as_text_keeps_its_form(text):
    found = TIMES.text(text)
    assert found != text
    assert len(found) == len(text)
    assert [c for c in found if not c.isdigit()] == [c for c in text if not c.isdigit()]


@pytest.mark.parametrize("text", ["2024-02-30", "2024-13-01", "24-01-01", "2024-01-01 25:00:00", "soon"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - whatever datetime says of it
        TIMES.text(text)


def test_a_date_its_midnight_and_their_text_have_one_pseudonym():
    day = datetime.date(1990, 5, 17)
    found = TIMES.date(day)
    assert TIMES.timestamp((day.toordinal() - EPOCH) * DAY) == (found.toordinal() - EPOCH) * DAY
    assert TIMES.text("1990-05-17") == found.isoformat()
    assert TIMES.text("1990-05-17 00:00:00.000") == f"{found.isoformat()} 00:00:00.000"
