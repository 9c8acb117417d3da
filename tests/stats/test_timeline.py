import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.stats.timeline import MOST_SLOTS, Timeline

TIMES = st.lists(st.integers(0, 10**14), max_size=30)


def timeline(times):
    made = Timeline()
    for time_ns in times:
        made.add(time_ns)
    return made


@given(TIMES)
def test_nothing_is_lost_and_slots_are_few(times):
    values = timeline(times).values()
    assert sum(values) == len(times)
    assert len(values) <= MOST_SLOTS


@given(TIMES.filter(bool))
def test_each_time_is_in_its_slot(times):
    made = timeline(times)
    for index, amount in enumerate(made.values()):
        start_ns = made.start_ns + index * made.width_ns
        assert amount == sum(start_ns <= time_ns < start_ns + made.width_ns for time_ns in times)


@given(TIMES, TIMES)
def test_parts_merged_are_the_whole(left, right):
    merged = timeline(left)
    merged.merge(timeline(right))
    whole = timeline(left + right)
    assert (merged.width_ns, merged.values()) == (whole.width_ns, whole.values())


def test_widened_has_at_most_so_many_slots_and_the_same_sum():
    made = timeline(range(0, 10**9, 10**6))
    found = made.widened(16)
    assert len(found.values()) <= 16
    assert sum(found.values()) == 1000


def test_a_part_is_told_in_the_slots_of_the_whole():
    whole, part = timeline([0, 500, 10**9]), timeline([10**9])
    values = part.values_within(whole)
    assert len(values) == len(whole.values())
    assert values[-1] == 1
    assert sum(values) == 1


@pytest.mark.parametrize("empty", [Timeline(), timeline([])])
def test_nothing_has_no_slots(empty):
    assert (empty.values(), empty.length) == ([], 0)
    assert timeline([5]).widened(1).values() == [1]
