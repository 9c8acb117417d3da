from hypothesis import given
from hypothesis import strategies as st

from volttools.histogram import Histogram
from volttools.stats.spread import scale_of, steps

LATENCIES = st.lists(st.integers(0, 10**11), min_size=1, max_size=40)


def histogram(values):
    made = Histogram()
    for value in values:
        made.add(value)
    return made


@given(LATENCIES, st.integers(1, 20))
def test_every_latency_has_a_column(values, columns):
    made = histogram(values)
    found = scale_of(made, columns).spread(made)
    assert len(found) == columns
    assert sum(number or 0 for number in found) == len(values)
    assert 0 not in found


@given(LATENCIES)
def test_every_latency_has_a_step(values):
    found = steps(histogram(values))
    assert sum(times for _, times in found) == len(values)
    assert found[0][1]
    assert found[-1][1]
    assert [start for start, _ in found] == sorted({start for start, _ in found})


def test_columns_grow_by_one_factor():
    scale = scale_of(histogram([1_000, 16_000]), 4)
    assert scale.factor == 2
    assert [scale.column(ns) for ns in (1_000, 2_100, 4_100, 8_100, 16_000)] == [0, 1, 2, 3, 3]


def test_steps_are_1_2_5_and_those_between_are_there():
    assert steps(histogram([1_000, 1_500, 6_000])) == [(1_000, 2), (2_000, 0), (5_000, 1)]


def test_equal_latencies_are_one_column():
    assert scale_of(histogram([7, 7]), 3).spread(histogram([7, 7])) == [2, None, None]


def test_nothing_has_no_scale_and_no_steps():
    assert scale_of(Histogram(), 8) is None
    assert steps(Histogram()) == []
