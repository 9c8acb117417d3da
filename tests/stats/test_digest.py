import pickle

from hypothesis import given
from hypothesis import strategies as st

from tests.stats.samples import MS, START_NS, exchange
from volttools.protocol.events import Connection, Damage, Login
from volttools.stats.digest import MOST_GROUPS, Digest
from volttools.stats.figures import figures
from volttools.stats.keys import key_of


def digest_of(exchanges, by="procedure"):
    made = Digest(key_of(by))
    for one in exchanges:
        made.add(one)
    return made


def test_groups_are_ranked_by_the_time_that_was_waited_for():
    found = digest_of(
        [exchange("Often", number=n) for n in range(5)] + [exchange("Slow", latency_ms=20), exchange("Rare")]
    )
    assert [(group.name, group.calls) for group in found.ranked()] == [("Slow", 1), ("Often", 5), ("Rare", 1)]
    assert found.share_of(found.groups["Slow"]) == 20 / 26


def test_groups_without_times_are_ranked_by_the_cluster():
    found = digest_of([exchange("A", sent_ms=None), exchange("B", sent_ms=None, cluster_ms=3)])
    assert [group.name for group in found.ranked()] == ["B", "A"]
    assert found.share_of(found.groups["B"]) == 1


def test_sql_that_differs_in_values_is_one_group_and_its_text_no_parameter():
    found = digest_of([exchange("@AdHoc", f"select a from t where b = {n}") for n in range(3)])
    group = found.groups["@AdHoc SELECT a FROM t WHERE b = ?"]
    assert (group.calls, group.values) == (3, {})


def test_many_at_once_are_counted_as_one_by_one():
    calls = [exchange(f"P{n % 3}", n, number=n, sent_ms=n, rows=n * 500) for n in range(70)]
    one_by_one, at_once = digest_of(calls), Digest()
    at_once.add_all(iter(calls))
    assert figures(at_once, []) == figures(one_by_one, [])
    odd = Digest()
    odd.add_all(calls, lambda call: call.number % 2 == 1)
    assert (odd.read, odd.whole.calls) == (70, 35)


def test_calls_that_are_not_wanted_count_only_in_the_queue():
    found = Digest()
    found.add(exchange(sent_ms=0, latency_ms=10), is_wanted=False)
    found.add(exchange(sent_ms=1, latency_ms=11))
    assert (found.read, found.whole.calls) == (2, 1)
    assert found.whole.split.behind == 9 * MS


def test_the_span_is_from_the_first_call_to_the_last_answer():
    found = digest_of([exchange(sent_ms=5, latency_ms=1), exchange(sent_ms=2, latency_ms=10)])
    assert (found.first_ns, found.span_ns) == (START_NS + 2 * MS, 10 * MS)
    assert found.calls_per_s == 200


def test_in_flight_fits_the_slots_of_the_calls():
    found = digest_of([exchange(sent_ms=n, latency_ms=3 + n) for n in range(9)] + [exchange(latency_ms=None)])
    times = found.whole.times
    averages = found.in_flight.averages(times)
    assert len(averages) == times.length
    assert round(sum(averages) * times.width_ns) == found.whole.latencies.total


def test_groups_are_bounded_and_no_call_is_lost():
    number = 3 * MOST_GROUPS
    calls = [exchange(f"P{n}", n, number=n, latency_ms=1 + n / number) for n in range(number)]
    calls += [exchange("Hot", latency_ms=50) for _ in range(3)]
    found = digest_of(calls)
    assert len(found.groups) <= 2 * MOST_GROUPS
    assert found.ranked()[0].name == "Hot"
    assert found.others.calls + sum(group.calls for group in found.groups.values()) == number + 3
    assert found.others.calls == found.others_merged


def test_other_events_are_counted():
    found = Digest()
    found.add(Login(connection=Connection(number=1), server_full=True))
    found.add(Damage(what="gap", message="bytes are missing"))
    assert (dict(found.logins), dict(found.damage)) == ({"without answer": 1}, {"gap": 1})


def test_a_digest_travels_between_processes():
    found = digest_of([exchange("Vote", n, number=n) for n in range(5)], by="param:0")
    there = pickle.loads(pickle.dumps(found))
    there.add(exchange("Vote", 4, number=9))
    assert figures(there, [])["groups"][0]["calls"] == 2
    assert figures(found, []) == figures(pickle.loads(pickle.dumps(found)), [])


CALLS = st.lists(
    st.builds(
        exchange,
        st.sampled_from(["Vote", "Fail", "Slow"]),
        st.integers(0, 9),
        st.sampled_from(["x", "y"]),
        number=st.integers(1, 10**6),
        sent_ms=st.none() | st.integers(0, 10**5),
        latency_ms=st.none() | st.integers(-1, 10**4),
        status=st.sampled_from([1, 1, -1, -2]),
        rows=st.integers(0, 3),
        cluster_ms=st.integers(0, 3),
        connection=st.integers(1, 6),
    ),
    unique_by=lambda call: call.number,
    max_size=30,
)


@given(CALLS, st.integers(1, 4))
def test_slices_by_connection_merged_are_the_whole(calls, slices):
    whole, merged = digest_of(calls), Digest()
    for index in range(slices):
        merged.merge(digest_of(call for call in calls if call.connection.number % slices == index))
    assert figures(merged, []) == figures(whole, [])


def test_digests_of_two_halves_merged_are_that_of_all():
    calls = [
        exchange(f"P{n % 4}", n % 5, number=n, sent_ms=n, latency_ms=0.5, connection=1 + n // 20)
        for n in range(40)
    ]
    whole, merged = digest_of(calls), digest_of(calls[:20])
    merged.merge(digest_of(calls[20:]))
    assert (merged.read, merged.connections, merged.span_ns) == (40, 2, whole.span_ns)
    for name, group in whole.groups.items():
        assert merged.groups[name].latencies == group.latencies
        assert merged.groups[name].calls == group.calls
    times = whole.whole.times
    assert merged.in_flight.averages(times) == whole.in_flight.averages(times)
    assert merged.in_flight.most(times) == whole.in_flight.most(times)
