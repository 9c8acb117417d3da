"""Calls on their way: in their order, each once, whatever the target does."""

import asyncio
import contextlib
import threading

import pytest

from tests.replay import fake_time
from tests.replay.made import MS, line, opened
from tests.requirements import shared_captures_dir
from volttools.client.connection_settings import ConnectionSettings
from volttools.errors import CannotConnect
from volttools.mock import MockServer
from volttools.replay.connections import Target
from volttools.replay.driver import Replay
from volttools.replay.measures import CONNECTION_LOST, NOT_SENT, TIMED_OUT
from volttools.replay.plan import read_plan
from volttools.replay.schedule import AsFastAsPossible, Order, Rate, Schedule, Speed


@contextlib.contextmanager
def serving(**handlers):
    """A server with these procedures, each of which answers with its parameters."""
    with MockServer(max_calls=100_000) as server:
        for name in ("Get", "Put"):
            server.handle(name, lambda call: 1)
        for name, handler in handlers.items():
            server.handle(name, handler)
        yield server


def replay(server, plan, schedule=None, *, timeout=30.0, on_start=None, **more):
    """Replay a plan on a server; gives the replay."""
    schedule = schedule or Schedule(pace=AsFastAsPossible())
    settings = ConnectionSettings.of((server.host, server.port))
    found = Replay(
        schedule.calls(plan),
        schedule.connection_count(plan),
        Target(settings.addresses, settings.login, reconnect_s=more.pop("reconnect_s", 30.0)),
        order=schedule.order,
        timeout=timeout,
        **more,
    )
    if on_start is not None:
        on_start(found)
    asyncio.run(found.run())
    return found


def made(tmp_path, *lines):
    return read_plan(opened(tmp_path, *lines))


def by_connection(server):
    """First parameters of the calls that came, connection by connection."""
    found = {}
    for call in server.calls:
        found.setdefault(call.connection.number, []).append(call.params[0])
    return sorted(found.values())


@pytest.mark.parametrize("order", [Order.CONNECTION, Order.CAUSAL, Order.TOTAL])
@pytest.mark.parametrize("pace", [AsFastAsPossible(), Speed(100), Rate.of("5000")])
def test_each_call_comes_once_and_in_order(tmp_path, order, pace):
    lines = [line(n, n % 4 + 1, n * 3, "Get", n, answer_ms=n % 7 + 0.5) for n in range(1, 201)]
    with serving() as server, made(tmp_path, *lines) as plan:
        found = replay(server, plan, Schedule(pace=pace, order=order))
        expected = sorted([n for n in range(1, 201) if n % 4 == rest] for rest in range(4))
        assert by_connection(server) == expected
        if order is Order.TOTAL:
            assert [call.params[0] for call in server.calls] == list(range(1, 201))
    measures = found.measures
    assert (measures.sent, measures.answered, measures.failed, found.why_ended) == (200, 200, 0, None)
    assert measures.from_sent.count == 200
    assert measures.lag.count == (0 if isinstance(pace, AsFastAsPossible) else 200)


def test_without_order_any_connection_takes_the_next_call(tmp_path):
    lines = [line(n, 1, n, "Get", n) for n in range(1, 41)]
    with serving() as server, made(tmp_path, *lines) as plan:
        replay(server, plan, Schedule(pace=Speed(1), order=Order.NONE, scale=3))
        assert server.connection_count == 3
        counts = [len(calls) for calls in by_connection(server)]
        assert (sum(counts), len(counts)) == (120, 3)


def test_copies_and_loops(tmp_path):
    lines = [line(n, n % 2 + 1, n, "Get", n) for n in range(1, 11)]
    with serving() as server, made(tmp_path, *lines) as plan:
        found = replay(server, plan, Schedule(pace=AsFastAsPossible(), loops=3, scale=2, connections=3))
        assert found.measures.sent == 60
        assert server.connection_count == 3


def test_causal_calls_wait_for_the_answers_that_were_seen_and_think(tmp_path):
    """The second call was sent after the answer of the first; the third did not wait for the second."""
    events, third = [], asyncio.Event()

    async def slow(call):
        events.append(("came", call.params[0]))
        if call.params[0] == 2:
            await third.wait()
        if call.params[0] == 3:
            third.set()
        await asyncio.sleep(0.05)
        events.append(("answered", call.params[0]))
        return 1

    lines = [
        line(1, 1, 0, "Get", 1, answer_ms=1),
        line(2, 1, 5, "Get", 2, answer_ms=9),
        line(3, 1, 6, "Get", 3, answer_ms=1),
    ]
    with serving(Get=slow) as server, made(tmp_path, *lines) as plan:
        found = replay(server, plan, Schedule(order=Order.CAUSAL))
        assert events.index(("answered", 1)) < events.index(("came", 2)) < events.index(("came", 3))
        assert events.index(("came", 3)) < events.index(("answered", 2))
    assert found.measures.answered == 3
    assert found.measures.waited == 2
    assert found.measures.from_intended.maximum > found.measures.from_sent.maximum >= 50_000_000


def test_an_open_loop_does_not_wait(tmp_path):
    """Nothing is answered before all calls have come."""
    everything = asyncio.Event()
    came = []

    async def late(call):
        came.append(call.params[0])
        if len(came) == 20:
            everything.set()
        await everything.wait()
        return 1

    lines = [line(n, 1, n * 2, "Get", n) for n in range(1, 21)]
    with serving(Get=late) as server, made(tmp_path, *lines) as plan:
        found = replay(server, plan, Schedule())
    assert found.measures.answered == 20
    assert found.measures.from_sent.maximum > 20_000_000, "the first has waited for the last"


def test_failures_are_told_apart(tmp_path):
    async def never(call):
        await asyncio.sleep(60)

    def fails(call):
        raise ValueError("no")

    lines = [
        line(1, 1, 0, "Get", 1),
        line(2, 1, 1, "Never", 1),
        line(3, 1, 2, "Fails", 1),
        line(4, 1, 3, "Fails", 1, status=-1),
        line(5, 1, 4, "Get", 1, status=-2),
    ]
    with serving(Never=never, Fails=fails) as server, made(tmp_path, *lines) as plan:
        found = replay(server, plan, timeout=5.0).measures
    assert found.failures == {TIMED_OUT: 1, "USER_ABORT": 1}
    assert (found.answered, found.as_recorded, found.healed) == (4, 1, 1)
    assert {one.exchange for one in found.examples.values()} == {2, 3}


def test_a_lost_connection_comes_back_and_nothing_is_sent_twice(tmp_path):
    said = []
    with MockServer() as server:

        def breaks(call):
            server.disconnect()

        server.handle("Get", lambda call: 1)
        server.handle("Put", breaks)
        lines = [line(n, 1, n * 2, "Put" if n == 10 else "Get", n) for n in range(1, 101)]
        with made(tmp_path, *lines) as plan:
            schedule = Schedule(pace=AsFastAsPossible(), order=Order.TOTAL)
            found = replay(server, plan, schedule, on_trouble=said.append)
        came = [call.params[0] for call in server.calls]
    measures = found.measures
    assert came == list(range(1, 101)), "nothing twice, and it went on"
    assert measures.losses == 1
    assert measures.failures == {CONNECTION_LOST: 1}
    assert measures.answered == 99
    assert "connection 1 is lost" in said[0]
    assert said[-1] == "connection 1 is back"


def test_a_target_that_stays_away_ends_it(tmp_path):
    said = []
    server = MockServer()
    server.start()
    closing = threading.Thread(target=server.close)

    async def goes(call):
        closing.start()
        await asyncio.sleep(60)

    server.handle("Get", lambda call: 1)
    server.handle("Put", goes)
    lines = [line(n, 1, n, "Put" if n == 3 else "Get", n) for n in range(1, 101)]
    with made(tmp_path, *lines) as plan:
        found = replay(server, plan, Schedule(), on_trouble=said.append, reconnect_s=0.3)
    closing.join()
    assert "the target can't be reached any more" in found.why_ended
    assert found.measures.failures[CONNECTION_LOST] >= 1
    assert found.measures.failures[NOT_SENT] >= 1
    assert "connection 1 is given up" in said[-1]


def test_a_target_that_is_not_there_is_an_error_before_anything_is_sent(tmp_path):
    with MockServer() as server:
        pass
    with (
        made(tmp_path, line(1, 1, 0, "Get", 1)) as plan,
        pytest.raises(CannotConnect, match="nothing listens"),
    ):
        replay(server, plan)


def test_it_can_be_stopped(tmp_path):
    lines = [line(n, 1, n * 60_000, "Get", n) for n in range(1, 101)]
    found = []

    def stops(call):
        found[0].stop("enough")
        return 1

    with serving(Get=stops) as server, made(tmp_path, *lines) as plan:
        replay(server, plan, Schedule(), on_start=found.append)
    assert (found[0].why_ended, found[0].measures.sent, found[0].measures.answered) == ("enough", 1, 1)


def test_a_limit_of_time_ends_what_has_no_times(tmp_path, monkeypatch):
    """One call at a time, and each takes 1 ms."""
    with made(tmp_path, line(1, 1, 0, "Get", 1)) as plan:
        schedule = Schedule(pace=AsFastAsPossible(), loops=None)
        found, came = fake_time.replay(
            monkeypatch, plan, schedule, clock=fake_time.Clock(), most_in_flight=1, most_ns=200 * MS
        )
    assert found.why_ended is None
    assert found.measures.answered == found.measures.sent == len(came)
    assert 200 * MS <= came[-1][0] - found.began_ns <= 210 * MS


@pytest.mark.shared
def test_recorded_votes(shared_captures):
    """10,000 calls of 8 connections: each once, each in its order."""
    import volttools

    with volttools.open(str(shared_captures_dir() / "workload-8-connections.pcap")) as capture:
        recorded = {}
        for exchange in sorted(capture, key=lambda one: one.request_frame.number):
            recorded.setdefault(exchange.connection.number, []).append(exchange.request_frame.body)
        plan = read_plan(capture)
    with MockServer(max_calls=100_000) as server, plan:
        for procedure, _ in plan.tally:
            server.handle(procedure, lambda call: 1)
        found = replay(server, plan, Schedule(pace=Speed(1), loops=2))
        came = {}
        for call in server.calls:
            body = volttools.build(call.invocation.replace(client_handle=1))
            came.setdefault(call.connection.number, []).append(body)
    assert found.measures.answered == 10_000
    handle = {body: volttools.build(volttools.parse(volttools.Invocation, body).replace(client_handle=1)) for bodies in recorded.values() for body in bodies}  # fmt: skip
    assert sorted(came.values()) == sorted(
        [handle[body] for body in 2 * bodies] for bodies in recorded.values()
    )


def test_a_journal_that_can_not_be_written_ends_it(tmp_path):
    class Full:
        def sent(self, numbers):
            raise OSError(28, "No space left on device")

        def answered(self, statuses):
            raise AssertionError(statuses)

    with serving() as server, made(tmp_path, line(1, 1, 0, "Get", 1)) as plan:
        found = replay(server, plan, journal=Full())
        assert server.call_count == 0
    assert found.why_ended == "the journal can't be written on: No space left on device"
    assert found.measures.failures == {NOT_SENT: 1}
