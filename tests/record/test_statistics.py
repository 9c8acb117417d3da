import pytest

from tests.protocol.wire import answer, call
from volttools.protocol.events import Connection, Damage, Direction, Exchange, Frame, Login, Push
from volttools.record.statistics import LAST_ERRORS, Statistics

S = 10**9
ONE = Connection(number=1)


def exchange(name="Vote", status=1, latency_ns=1000, text=None):
    request = Frame(direction=Direction.CLIENT, body=call(name, 1), length=1, offset=0, seen_at_ns=S)
    if status is None:
        return Exchange(connection=ONE, procedure=name, request_frame=request)
    body = answer(1, status=status, text=text)
    response = Frame(
        direction=Direction.SERVER, body=body, length=len(body), offset=0, seen_at_ns=S + latency_ns
    )
    return Exchange(
        connection=ONE, procedure=name, status=status, request_frame=request, response_frame=response
    )


def snapshot(statistics, now):
    return statistics.snapshot(now, files=["a"], bytes_written=7)


def test_rates_are_those_of_the_last_seconds():
    statistics = Statistics(0)
    for second in range(1, 31):
        for _ in range(second):
            statistics.add(exchange(), second * S)
    found = snapshot(statistics, 31 * S)
    assert found.calls_per_s == sum(range(21, 31)) / 10
    assert found.calls == sum(range(1, 31))
    assert 1000 <= found.p50_ns <= 1063


def test_a_quiet_time_has_no_rate_and_keeps_the_totals():
    statistics = Statistics(0)
    statistics.add(exchange(), S)
    found = snapshot(statistics, 60 * S)
    assert (found.calls_per_s, found.p50_ns, found.calls) == (0, None, 1)
    assert found.total_p50_ns is not None


def test_what_went_wrong_is_counted_and_the_last_is_remembered():
    statistics = Statistics(0)
    for number in range(9):
        statistics.add(exchange("Fail", -2, text=f"no {number}"), S)
    statistics.add(exchange("Lost", None), S)
    statistics.add(Login(connection=ONE), S)
    statistics.add(Damage(what="malformed", message="what is it"), S)
    frame = Frame(direction=Direction.SERVER, body=answer(-2), length=1, offset=0)
    statistics.add(Push(connection=ONE, frame=frame, client_handle=-2), S)
    found = snapshot(statistics, 2 * S)
    assert (found.errors, found.pushes, found.logins_refused, found.damage) == (10, 1, 1, {"malformed": 1})
    assert found.statuses == {"GRACEFUL_FAILURE": 9, "unanswered": 1}
    assert len(found.last_errors) == LAST_ERRORS
    assert found.last_errors[-3:] == [
        "Lost: unanswered",
        "log-in of connection 1: not answered",
        "what is it",
    ]
    assert found.last_errors[0] == "Fail: GRACEFUL_FAILURE: no 7"


def test_an_error_that_comes_again_is_counted_and_not_repeated():
    statistics = Statistics(0)
    for text in ("one", "two", "one", "x" * 10_000):
        statistics.add(exchange("Fail", -2, text=text), S)
    first, second, third = snapshot(statistics, S).last_errors
    assert (first, second) == ("Fail: GRACEFUL_FAILURE: two", "Fail: GRACEFUL_FAILURE: one (2 times)")
    assert len(third) <= 510


def test_the_names_that_are_counted_are_limited(monkeypatch):
    monkeypatch.setattr("volttools.record.statistics.MOST_PROCEDURES", 3)
    statistics = Statistics(0)
    for number in range(10):
        statistics.add(exchange(f"P{number}"), S)
    found = snapshot(statistics, S)
    assert (len(found.procedures), found.calls) == (3, 10)


@pytest.mark.parametrize("name", ["duration_ns", "calls", "p99_ns", "files"])
def test_a_snapshot_is_json(name):
    assert name in snapshot(Statistics(0), S).as_json()
