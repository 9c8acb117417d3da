from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from volttools.stats.in_flight import MOST_STEPS, InFlight
from volttools.stats.timeline import Timeline

SPANS = st.lists(
    st.tuples(st.integers(0, 10**11), st.integers(0, 10**9)).map(lambda span: (span[0], sum(span))),
    min_size=1,
    max_size=20,
)


def in_flight(spans):
    made = InFlight()
    for began_ns, ended_ns in spans:
        made.add(began_ns, ended_ns)
    return made


def slots_of(spans):
    made = Timeline()
    for time_ns in (time_ns for span in spans for time_ns in span):
        made.add(time_ns, 0)
    return made


def plain_count(spans, slots):
    """Of each slot the average, and how many there were at once at most."""
    averages, most = [], []
    for index in range(slots.length):
        start = slots.start_ns + index * slots.width_ns
        end = start + slots.width_ns
        averages.append(sum(max(0, min(e, end) - max(b, start)) for b, e in spans) / slots.width_ns)
        changes = Counter()
        for began, ended in spans:
            if began < end and ended > start:
                changes[max(began, start)] += 1
                changes[ended] -= 1
        flying, highest = 0, 0
        for moment in sorted(changes):
            flying += changes[moment]
            if moment < end:
                highest = max(highest, flying)
        most.append(highest)
    return averages, most


@given(SPANS)
def test_averages_are_exact_and_what_is_told_at_most_is_never_too_much(spans):
    slots = slots_of(spans)
    averages, most = plain_count(spans, slots)
    found = in_flight(spans)
    assert found.averages(slots) == averages
    for told, truth, average in zip(found.most(slots), most, averages, strict=True):
        assert average <= told <= truth


@given(SPANS, SPANS)
def test_parts_merged_are_the_whole(left, right):
    merged, whole, slots = in_flight(left), in_flight(left + right), slots_of(left + right)
    merged.merge(in_flight(right))
    assert merged.averages(slots) == whole.averages(slots)
    assert merged.most(slots) == whole.most(slots)
    assert merged.width_ns == whole.width_ns


def test_calls_at_once_that_take_longer_than_a_step_are_all_told():
    spans = [(number, 10**6 + number) for number in range(7)] + [(10**9, 10**9 + 10)]
    assert max(in_flight(spans).most(slots_of(spans))) == 7


def test_memory_is_bounded_whatever_time_it_takes():
    made = in_flight((number * 10**9, number * 10**9 + 5) for number in range(3 * MOST_STEPS))
    assert len(made._changes) <= MOST_STEPS


def test_nothing_is_in_flight_where_nothing_was_sent():
    slots = Timeline()
    slots.add(5)
    assert (InFlight().averages(slots), InFlight().most(slots)) == ([0], [0])
