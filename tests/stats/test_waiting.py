from hypothesis import given
from hypothesis import strategies as st

from volttools.stats.waiting import MOST_CONNECTIONS, MOST_ENDED, Queues

CALLS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=12)


def behind(calls):
    """Of (sent, ended) in the order of their ends."""
    queues = Queues()
    return [queues.behind_ns(1, sent, ended) for sent, ended in calls]


def test_one_at_a_time_waits_for_nobody():
    assert behind([(0, 5), (6, 9), (9, 12)]) == [0, 0, 0]


def test_calls_at_once_wait_for_those_before():
    assert behind([(0, 5), (1, 7), (2, 9)]) == [0, 4, 5]


def test_a_call_does_not_wait_for_those_that_overtook_it():
    assert behind([(1, 3), (2, 4), (0, 100)]) == [0, 1, 0]


def test_connections_do_not_wait_for_each_other():
    queues = Queues()
    assert queues.behind_ns(1, 0, 10) == 0
    assert queues.behind_ns(2, 1, 11) == 0


@given(CALLS)
def test_it_is_the_last_end_of_a_call_sent_before(pairs):
    calls = sorted(((sent, sent + length) for sent, length in pairs), key=lambda call: call[1])
    expected = []
    for index, (sent, _) in enumerate(calls):
        ends = [ended for before, ended in calls[:index] if before < sent]
        expected.append(max(0, max(ends, default=sent) - sent))
    assert behind(calls) == expected


def test_only_so_many_connections_are_known():
    queues = Queues()
    for connection in range(MOST_CONNECTIONS + 1):
        queues.behind_ns(connection, 0, 10)
    assert queues.behind_ns(0, 5, 12) == 0  # forgotten
    assert queues.behind_ns(MOST_CONNECTIONS, 5, 12) == 5


def test_only_so_many_calls_are_known_however_many_connections_there_were():
    queues = Queues()
    for call in range(2 * MOST_ENDED):
        queues.behind_ns(call // 100, call, call + 2)
    assert sum(map(len, queues._ended.values())) <= MOST_ENDED
    assert queues.behind_ns(0, 5, 2 * MOST_ENDED) == 0  # forgotten
    last = 2 * MOST_ENDED - 1
    assert queues.behind_ns(last // 100, last - 5, last + 9) == 1
