"""What is kept doesn't grow with the calls."""

import tracemalloc

import pytest

from tests.replay.fake_time import Clock, replay
from tests.replay.made import line, opened
from volttools.replay import ahead, driver, sorting
from volttools.replay.plan import read_plan
from volttools.replay.schedule import AsFastAsPossible, Order, Schedule, Speed


def calls(tmp_path, count):
    return opened(tmp_path, *(line(n, n % 8 + 1, n, "Get", n, answer_ms=3) for n in range(1, count + 1)))


class Again:
    """The events of a capture several times; reading them takes no memory."""

    def __init__(self, capture):
        self.found = list(capture.events())
        self.names, self.summary = capture.names, capture.summary
        self.times = 1

    def events(self):
        for _ in range(self.times):
            yield from self.found


def peak(work):
    """Bytes that are taken at most while something is done."""
    tracemalloc.start()
    work()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def test_a_plan_of_many_calls_takes_the_memory_of_a_few(tmp_path, monkeypatch):
    monkeypatch.setattr(sorting, "MOST_ROWS", 100)
    monkeypatch.setattr(sorting, "ROWS_AT_ONCE", 10)

    with calls(tmp_path, 100) as capture:
        again = Again(capture)

    def read(times):
        def work():
            again.times = times
            with read_plan(again) as plan:
                plan.keep(lambda procedure, sql: procedure == "Get")
                assert sum(1 for _ in plan) == len(plan) == times * 100

        return work

    read(1)()  # what is made and imported once
    few, many = peak(read(5)), peak(read(50))
    assert (many - few) / 4_500 < 20, f"{few:,} bytes of 500 calls, {many:,} of 5,000"


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("pace", [Speed(1), AsFastAsPossible()])
def test_a_replay_keeps_nothing_of_calls_that_are_over(tmp_path, monkeypatch, order, pace):
    clock, largest = Clock(), [0]

    def kept():
        found = replays[0]
        lines = sum(
            len(line.queue) + len(line.connection.core.pending) for line in found._lines if line.connection
        )
        own = (found._open, found._over_ns, found._blocked, found._waits, found._leaving, found._ahead.calls)
        return lines + sum(map(len, own))

    class Watching:
        """Looks after each answer how much is kept."""

        def waits_for(self, planned):
            return ()

        def encoder(self, planned, encode):
            return encode

        def begins(self, planned):
            pass

        def answered(self, planned, status, body):
            largest[0] = max(largest[0], kept())

        failed = begins

    replays = []
    monkeypatch.setattr(ahead, "MOST_AHEAD", 50)
    monkeypatch.setattr(driver, "FEW_WAITING", 50)
    with read_plan(calls(tmp_path, 100)) as plan:
        found, _ = replay(
            monkeypatch, plan, Schedule(pace=pace, order=order, loops=10), clock=clock, most_in_flight=5,
            changers=(Watching(),), on_replay=replays.append,
        )  # fmt: skip
    assert found.measures.answered == 1_000
    assert kept() <= 8, "but for the last of each connection"
    assert largest[0] < 350, "some wait, some are under way, and some are read"


@pytest.mark.parametrize(
    ("more", "most_open"), [({}, 2), ({"scale": 3}, 4), ({"loops": 2}, 40), ({"connections": 5}, 5)]
)
def test_connections_end_with_their_last_call(tmp_path, monkeypatch, more, most_open):
    """40 connections one after the other: a replay has as few, and that of the next call, unless they are used again."""
    lines = [line(n, n // 5 + 1, n * 1_000 + n // 5 * 60_000, "Get", n, answer_ms=3) for n in range(200)]
    with read_plan(opened(tmp_path, *lines)) as plan:
        assert [call.exchange % 5 for call in plan if call.is_last] == [4] * 40
        found, came = replay(monkeypatch, plan, Schedule(**more), clock=Clock())
    assert found.measures.answered == len(came) == 200 * more.get("loops", 1) * more.get("scale", 1)
    assert found.measures.failed == found.measures.losses == 0
    assert (found.target.most_open, found.target.open) == (most_open, 0)
