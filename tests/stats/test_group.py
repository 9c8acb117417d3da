from tests.stats.samples import MS, exchange
from volttools.protocol.secrets import hash_range
from volttools.stats.calls import call_of
from volttools.stats.group import MOST_PARAMETERS, Group


def group_of(*exchanges, behind_ns=0, values_from=0):
    made = Group("Vote")
    for one in exchanges:
        made.add(call_of(one), behind_ns)
        made.add_values(one, values_from)
    return made


def test_calls_errors_rows_and_bytes_add_up():
    calls = [exchange(number=1, rows=3), exchange(number=2, status=-1), exchange(number=3, latency_ms=None)]
    found = group_of(*calls)
    assert (found.calls, found.errors, found.rows) == (3, 2, 3)
    assert dict(found.statuses) == {"SUCCESS": 1, "USER_ABORT": 1, "no answer": 1}
    assert found.request_bytes == sum(one.request_frame.bytes_on_wire for one in calls)
    assert found.response_bytes == sum(one.response_frame.bytes_on_wire for one in calls[:2])
    assert found.failed == 2


def test_the_slowest_of_equal_calls_is_the_first():
    found = group_of(exchange(number=5, latency_ms=9), exchange(number=4, latency_ms=9), exchange(number=6))
    assert found.slowest == (9 * MS, 4)


def test_the_first_that_failed_is_the_one_that_was_sent_first():
    found = group_of(
        exchange(number=5, status=-1), exchange(number=4, status=-1), exchange(number=6, status=-1)
    )
    assert found.failed == 4


def test_time_is_split_into_cluster_transfer_and_the_rest():
    split = group_of(exchange(latency_ms=10, cluster_ms=6, transfer_ms=1), behind_ns=2 * MS).split
    assert (split.total, split.cluster, split.transfer) == (10 * MS, 6 * MS, 1 * MS)
    assert (split.elsewhere, split.behind) == (3 * MS, 2 * MS)


def test_parts_of_a_time_are_never_more_than_the_whole():
    split = group_of(exchange(latency_ms=2, cluster_ms=5, transfer_ms=1)).split
    assert (split.cluster, split.transfer, split.elsewhere) == (2 * MS, 0, 0)


def test_answers_before_their_call_by_the_clock_have_no_latency():
    found = group_of(exchange(latency_ms=-1))
    assert (found.calls, found.latencies.count, found.slowest) == (1, 0, None)


def test_without_times_the_cluster_still_tells_its_own():
    found = group_of(exchange(sent_ms=None, cluster_ms=7))
    assert (found.latencies.count, found.told_cluster_ns) == (0, 7 * MS)
    assert found.rank == (0, 7 * MS, 1)


def test_values_of_the_first_parameters_are_counted():
    found = group_of(exchange("Vote", 7, "a", *range(9)), exchange("Vote", 7, "b"))
    assert sorted(found.values) == list(range(MOST_PARAMETERS))
    assert found.values[0].most(1)[0].text == "7"
    assert found.values[1].distinct.count == 2


def test_values_of_a_call_with_a_log_in_glued_to_it_are_not_looked_at(monkeypatch):
    assert hash_range(exchange().request_frame) is None
    monkeypatch.setattr("volttools.filters.fields.hash_range", lambda frame: (0, 32))
    assert group_of(exchange("Vote", 7)).values == {}


def test_parts_merged_are_the_whole():
    calls = [
        exchange(
            "Vote", n % 3, number=n, sent_ms=n, latency_ms=1 + n % 7, status=1 - n % 2, rows=n, cluster_ms=1
        )
        for n in range(1, 20)
    ]
    whole, merged = group_of(*calls), group_of(*calls[:9])
    merged.merge(group_of(*calls[9:]))
    for name in ("calls", "statuses", "latencies", "split", "rows", "slowest", "failed", "response_bytes"):
        assert getattr(merged, name) == getattr(whole, name)
    assert merged.times.values() == whole.times.values()
    assert merged.values[0].most(9) == whole.values[0].most(9)
