import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.histogram import PRECISION, Histogram

NUMBERS = st.lists(st.one_of(st.integers(0, 600), st.integers(0, 10**13)), max_size=60)
PERCENTS = st.sampled_from([0, 1, 50, 90, 95, 99, 99.9, 100])


def histogram(numbers):
    made = Histogram()
    for number in numbers:
        made.add(number)
    return made


@given(NUMBERS.filter(bool), PERCENTS)
def test_a_percentile_is_never_too_small_and_hardly_too_great(numbers, percent):
    rank = max(1, -(-len(numbers) * round(percent * 10) // 1000))
    exact = sorted(numbers)[rank - 1]
    assert exact <= histogram(numbers).percentile(percent) <= exact * (1 + PRECISION)


@given(NUMBERS)
def test_count_sum_least_and_greatest_are_exact(numbers):
    made = histogram(numbers)
    assert (made.count, made.total) == (len(numbers), sum(numbers))
    assert (made.minimum, made.maximum) == (min(numbers, default=None), max(numbers, default=None))


@given(NUMBERS, NUMBERS)
def test_parts_merged_are_the_whole(left, right):
    merged = histogram(left)
    merged.merge(histogram(right))
    assert merged == histogram(left + right)


@given(NUMBERS)
def test_what_was_saved_is_read_back(numbers):
    made = histogram(numbers)
    assert Histogram.from_json(json.loads(json.dumps(made.as_json()))) == made


@given(NUMBERS.filter(bool))
def test_buckets_hold_every_number_once(numbers):
    buckets = list(histogram(numbers).buckets())
    assert sum(count for _, _, count in buckets) == len(numbers)
    for least, greatest, count in buckets:
        assert sum(least <= number <= greatest for number in numbers) == count


def test_the_greatest_is_told_exactly():
    assert histogram([1_000_001, 5]).percentile(100) == 1_000_001


def test_several_percentiles_come_in_the_order_asked_for():
    made = histogram(range(1, 101))
    assert made.percentiles(99, 50, 100) == [99, 50, 100]


def test_nothing_has_no_percentile_and_no_mean():
    assert Histogram().percentiles(50, 99) == [None, None]
    assert Histogram().mean is None


def test_a_number_can_be_counted_many_times_at_once():
    made = Histogram()
    made.add(7, 3)
    assert made == histogram([7, 7, 7])


def test_below_zero_is_refused():
    with pytest.raises(ValueError, match="from 0 on, not -1"):
        Histogram().add(-1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ({}, "not a histogram"),
        ({"buckets": 3, "count": 1}, "not a histogram"),
        ({"buckets": [[1, 2]], "count": 1, "total": 2, "minimum": 1, "maximum": 1}, "don't add up"),
    ],
)
def test_what_is_no_histogram_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        Histogram.from_json(text)


def test_memory_is_bounded_by_the_buckets():
    made = histogram(range(0, 10**9, 9_973))
    assert sum(1 for _ in made.buckets()) < 128 * 31
