from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.monitor.counters import Calls, ClientKey, Latencies, Memory, TableSize
from volttools.monitor.differences import FEWEST_CALLS, Differences, Sample, average_between, per_second

S = 10**9
APP = ClientKey(0, 5, "app")


def calls(number, avg_ns=1000, aborts=0, failures=0, unit_ns=1):
    return Calls(number, avg_ns, 9000, aborts, failures, unit_ns)


def sample(at_s, procedures=None, *, started_ms=1000, **more):
    found = None if procedures is None else (at_s * S, procedures)
    return Sample(
        at_ns=at_s * S, address="a:1", version="11.4", started_ms=started_ms, procedures=found, **more
    )


def figures(*samples):
    differences = Differences()
    return [differences.add(each) for each in samples][-1]


def test_the_first_sample_has_no_rates():
    found = figures(sample(1, {"Vote": calls(500)}))
    assert (found.interval_s, found.calls_per_s) == (None, None)
    [vote] = found.procedures
    assert (vote.calls, vote.calls_per_s, vote.share, vote.is_avg_of_interval) == (500, None, None, False)


def test_rates_and_shares_are_those_between_two_samples():
    found = figures(
        sample(1, {"Vote": calls(1000, 1000), "Slow": calls(1000, 1000)}),
        sample(3, {"Vote": calls(3000, 1000, aborts=4, failures=2), "Slow": calls(2000, 2000)}),
    )
    assert (found.interval_s, found.calls_per_s) == (2.0, 1500.0)
    vote, slow = found.procedures
    assert (vote.calls_per_s, vote.aborts_per_s, vote.failures_per_s, vote.avg_ns) == (1000, 2, 1, 1000)
    assert (slow.avg_ns, slow.is_avg_of_interval) == (3000, True)
    assert (vote.share, slow.share) == (2 / 5, 3 / 5)


def test_a_procedure_that_was_not_there_has_made_its_calls_since():
    found = figures(sample(1, {}), sample(2, {"New": calls(7)}))
    assert found.procedures[0].calls_per_s == 7
    assert found.calls_per_s == 7


def test_a_counter_that_went_backwards_begins_anew():
    old, low, more = ({"Vote": calls(number), "Other": calls(10)} for number in (500, 20, 120))
    found = figures(sample(1, old), sample(2, low))
    vote, other = found.procedures
    assert (vote.calls_per_s, vote.aborts_per_s, vote.share) == (None, None, None)
    assert other.calls_per_s == 0
    assert found.calls_per_s is None  # that of the others would be too small
    assert figures(sample(1, old), sample(2, low), sample(3, more)).calls_per_s == 100


def test_a_cluster_that_was_started_anew_has_no_rates_though_its_counters_are_higher():
    found = figures(sample(1, {"Vote": calls(10)}), sample(2, {"Vote": calls(5000)}, started_ms=2000))
    assert (found.interval_s, found.calls_per_s, found.procedures[0].calls_per_s) == (None, None, None)


def test_a_view_that_was_not_asked_for_before_has_no_rates_yet():
    clients = 2 * S, {APP: calls(100)}
    found = figures(sample(1, {}), sample(2, {}, clients=clients))
    assert found.interval_s == 1.0
    assert found.clients[0].calls_per_s is None
    assert found.tables is None


def test_what_is_not_told_has_no_sum():
    assert figures(sample(1), sample(2, missing={"PROCEDUREPROFILE": "no"})).calls_per_s is None


def test_clients_are_told_by_connection():
    before, now = (1 * S, {APP: calls(10)}), (2 * S, {APP: calls(40), replace(APP, host_id=1): calls(5)})
    found = figures(sample(1, {}, clients=before), sample(2, {}, clients=now))
    assert [(each.name, each.host_id, each.calls_per_s) for each in found.clients] == [
        ("app", 0, 30),
        ("app", 1, 5),
    ]


@pytest.mark.parametrize(("rows", "partitions", "growth"), [(150, 2, 50), (40, 2, -60), (300, 3, None)])
def test_tables_grow_and_shrink_and_get_partitions(rows, partitions, growth):
    sizes = [TableSize("PersistentTable", *each, False) for each in ((100, 10, 2), (rows, 20, partitions))]
    before, now = ((at * S, {"VOTES": size}) for at, size in enumerate(sizes, 1))
    found = figures(sample(1, {}, tables=before), sample(2, {}, tables=now))
    assert (found.tables[0].rows, found.tables[0].rows_per_s) == (rows, growth)


def test_nodes_stand_side_by_side_with_what_is_told_of_each():
    window = Latencies(5000, 10, 2, 1, 2, 3, 4, 5)
    found = figures(
        sample(
            1,
            {},
            latencies={1: ("b", window), 0: ("a", replace(window, p99_ns=9))},
            memories={0: ("a", Memory(5000, 1, 2, 3)), 2: ("c", Memory(4000, 1, 2, 3))},
        )
    )
    assert [(node.host_id, node.name, node.p99_ns, node.rss_bytes) for node in found.nodes] == [
        (0, "a", 9, 1),
        (1, "b", 3, None),
        (2, "c", None, 1),
    ]
    assert found.uptime_s == 4.0


def test_clocks_at_odds_tell_no_uptime():
    found = figures(sample(1, {}, started_ms=9000, memories={0: ("a", Memory(5000, 1, 2, 3))}))
    assert found.uptime_s is None


def test_of_few_calls_or_with_much_rounding_there_is_no_average():
    assert average_between(calls(0), calls(FEWEST_CALLS)) == 1000
    assert average_between(calls(0), calls(FEWEST_CALLS - 1)) is None
    assert (
        average_between(calls(10**9, 1000), calls(10**9 + 1000, 1000)) is None
    )  # 1 ns of each is 1 ms of these
    assert (
        average_between(calls(10**4, 10**6, unit_ns=10**6), calls(10**4 + 10**3, 10**6, unit_ns=10**6))
        is None
    )
    assert average_between(calls(1000, 5000), calls(2000, 2000)) is None  # less time than before


@given(
    st.integers(0, 10**6), st.integers(0, 10**9), st.integers(FEWEST_CALLS, 10**6), st.integers(1, 10**9)
)  # fmt: skip
def test_an_average_between_is_right_to_a_tenth_or_not_told(calls_before, time_before, more, more_time):
    before = calls(calls_before, time_before // calls_before if calls_before else 0)
    total = calls_before + more
    now = calls(total, (time_before * bool(calls_before) + more_time) // total)
    found = average_between(before, now)
    exact = more_time / more
    assert found is None or 0.85 * exact - 1 <= found <= 1.15 * exact + 1


@given(st.lists(st.integers(0, 10**12), min_size=2), st.integers(1, 100))
def test_rates_of_a_counter_that_only_grows_add_up(steps, seconds):
    total, rates = 0, []
    for step in steps:
        rates.append(per_second(total, total + step, seconds * S))
        total += step
    assert sum(rates) * seconds == pytest.approx(total)


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(-5, 10**12))
def test_no_rate_is_negative(before, now, passed_ns):
    found = per_second(before, now, passed_ns)
    assert found is None or found >= 0
    assert (found is None) == (now < before or passed_ns <= 0)
