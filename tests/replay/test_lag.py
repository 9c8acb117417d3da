"""How late the replayer is, by a clock that passes only when somebody waits or works."""

import itertools

import pytest

from tests.replay.fake_time import Clock, about, replay
from tests.replay.made import MS, line, opened
from volttools.replay.plan import read_plan
from volttools.replay.schedule import AsFastAsPossible, Order, Rate, Schedule, Speed


@pytest.fixture
def clock():
    return Clock()


def calls(tmp_path, count=20, every_ms=5, **more):
    return read_plan(
        opened(tmp_path, *(line(n, 1, n * every_ms, "Get", n, **more) for n in range(1, count + 1)))
    )


class Works:
    """A changer that takes its time: as a replayer that is too slow."""

    def __init__(self, clock, ns_of):
        self.clock, self.ns_of = clock, ns_of

    def waits_for(self, planned):
        return ()

    def encoder(self, planned, encode):
        self.clock.works(self.ns_of(planned.number))
        return encode

    def begins(self, planned):
        pass

    def answered(self, planned, status, body):
        pass

    failed = begins


def test_calls_leave_on_time(tmp_path, monkeypatch, clock):
    with calls(tmp_path) as plan:
        found, came = replay(monkeypatch, plan, Schedule(), clock=clock)
    assert [first for _, first in came] == list(range(1, 21))
    assert [at - found.began_ns for at, _ in came] == [about(n * 5 * MS) for n in range(20)]
    assert found.measures.lag.count == 20
    assert found.measures.lag.maximum == about(0)
    assert found.measures.from_sent.maximum == about(1 * MS)


def test_work_of_the_replayer_is_its_lag_and_each_late_call_has_it(tmp_path, monkeypatch, clock):
    """Call 3 takes 12 ms to make: it is 12 ms late, the next one, due 5 ms later, 7 ms, and the one behind 2 ms."""
    with calls(tmp_path) as plan:
        works = Works(clock, lambda number: 12 * MS if number == 3 else 0)
        found, came = replay(monkeypatch, plan, Schedule(), clock=clock, changers=(works,))
    late = [at - found.began_ns - (first - 1) * 5 * MS for at, first in came]
    assert late == [about({3: 12, 4: 7, 5: 2}.get(n, 0) * MS) for n in range(1, 21)]
    lag = found.measures.lag
    assert (lag.count, lag.maximum, lag.total) == (20, about(12 * MS), pytest.approx(21 * MS, abs=20_000))
    assert found.measures.from_intended.maximum == about(13 * MS)
    assert found.measures.from_sent.maximum == about(1 * MS)


def test_something_else_in_the_loop_is_lag(tmp_path, monkeypatch, clock):
    with calls(tmp_path) as plan:
        found, _ = replay(
            monkeypatch, plan, Schedule(), clock=clock,
            on_loop=lambda loop: loop.call_later(0.0095, clock.works, 4 * MS),
        )  # fmt: skip
    assert found.measures.lag.maximum == about(3.5 * MS)


def test_a_replayer_that_is_always_too_slow_is_late_by_more_and_more(tmp_path, monkeypatch, clock):
    with calls(tmp_path, count=100, every_ms=1) as plan:
        works = Works(clock, lambda number: 3 * MS)
        found, _ = replay(monkeypatch, plan, Schedule(), clock=clock, changers=(works,))
    assert found.measures.lag.maximum == about(99 * 2 * MS + 3 * MS)
    assert found.measures.is_late
    assert found.measures.waited == 0


def test_what_the_target_holds_up_is_no_lag(tmp_path, monkeypatch, clock):
    """One call at a time, and each takes 20 ms: calls wait for room, and their latency from when they were due has it."""
    with calls(tmp_path) as plan:
        found, came = replay(
            monkeypatch, plan, Schedule(), clock=clock, latency_ns=lambda first: 20 * MS, most_in_flight=1
        )
    assert [at - found.began_ns for at, _ in came] == [about(n * 20 * MS) for n in range(20)]
    assert found.measures.waited == 19
    assert (found.measures.lag.count, found.measures.lag.maximum) == (20, about(0))
    assert found.measures.from_intended.maximum == about(19 * 15 * MS + 20 * MS)
    assert found.measures.from_sent.maximum == about(20 * MS)


def test_an_answer_that_is_waited_for_is_no_lag_but_being_late_behind_it_is(tmp_path, monkeypatch, clock):
    """Causal: each call is sent 4 ms after the answer of the one before, which takes 10 ms instead of 1 ms."""
    with calls(tmp_path, answer_ms=1) as plan:
        works = Works(clock, lambda number: 3 * MS if number == 5 else 0)
        found, came = replay(
            monkeypatch, plan, Schedule(order=Order.CAUSAL), clock=clock,
            latency_ns=lambda first: 10 * MS, changers=(works,),
        )  # fmt: skip
    gaps = [after - before for (before, _), (after, _) in itertools.pairwise(came)]
    assert gaps == [about((17 if n == 4 else 14) * MS) for n in range(1, 20)]
    assert (found.measures.lag.maximum, found.measures.lag.total) == (about(3 * MS), about(3 * MS))


def test_many_answers_at_once_do_not_make_a_call_late(tmp_path, monkeypatch, clock):
    """100 answers come in the same moment; looking at each takes 0.1 ms, and calls are due meanwhile."""

    class Looks(Works):
        def answered(self, planned, status, body):
            self.clock.works(100_000)

    with calls(tmp_path, count=200, every_ms=1) as plan:
        found, _ = replay(
            monkeypatch, plan, Schedule(), clock=clock, most_in_flight=1_000,
            latency_ns=lambda first: (101 - first) * MS if first <= 100 else MS,
            changers=(Looks(clock, lambda number: 0),),
        )  # fmt: skip
    assert found.measures.lag.maximum <= 300_000


@pytest.mark.parametrize("pace", [Speed(2), Rate.of("400")])
def test_other_paces_are_on_time(tmp_path, monkeypatch, clock, pace):
    with calls(tmp_path) as plan:
        found, came = replay(monkeypatch, plan, Schedule(pace=pace, loops=3), clock=clock)
    assert [at - found.began_ns for at, _ in came] == [about(round(n * 2.5 * MS)) for n in range(60)]
    assert found.measures.lag.maximum == about(0)


def test_as_fast_as_possible_there_is_nothing_to_be_late_for(tmp_path, monkeypatch, clock):
    with calls(tmp_path) as plan:
        found, came = replay(monkeypatch, plan, Schedule(pace=AsFastAsPossible()), clock=clock)
    assert (len(came), found.measures.lag.count) == (20, 0)


def test_other_work_is_done_between_calls_and_not_in_their_way(tmp_path, monkeypatch, clock):
    """There is always more of it, and a piece takes 0.2 ms."""
    done = []

    def work():
        done.append(clock.ns)
        clock.works(200_000)
        return len(done) < 400

    with calls(tmp_path) as plan:
        found, _ = replay(monkeypatch, plan, Schedule(), clock=clock, on_idle=work)
    assert len(done) > 300
    assert found.measures.lag.maximum <= 200_000
