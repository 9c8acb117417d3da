"""Calls are read before they are due, and not all at once."""

from types import SimpleNamespace

from volttools.capture.conversion import NumberSet
from volttools.replay.ahead import AHEAD_NS, AT_ONCE, MOST_AHEAD, Ahead
from volttools.replay.journal import Past

S = 10**9


def planned(count, every_ns=S):
    return [
        SimpleNamespace(number=n, due_ns=None if every_ns is None else (n - 1) * every_ns)
        for n in range(1, count + 1)
    ]


def numbers(ahead):
    return [each.number for each in ahead.calls]


def test_two_seconds_are_read_ahead_and_each_call_is_told():
    told = []
    ahead = Ahead(iter(planned(100)), None, lambda each: told.append(each.number))
    ahead.fill()
    assert numbers(ahead) == told == [1, 2, 3, 4], f"the last is the first that is later than {AHEAD_NS} ns"
    assert not ahead.read_some(0)
    assert not ahead.read_some(3 * S)
    assert numbers(ahead) == [1, 2, 3, 4, 5, 6, 7]


def test_there_is_a_limit():
    ahead = Ahead(iter(planned(10 * MOST_AHEAD, None)), None, lambda each: None)
    assert ahead.read_some(0)
    assert len(ahead.calls) == AT_ONCE
    ahead.fill()
    assert len(ahead.calls) == MOST_AHEAD


def test_it_stops_when_a_call_is_due():
    times = iter([0, 0, 1, 1, 1, 1])
    ahead = Ahead(iter(planned(100, every_ns=1)), None, lambda each: None)
    ahead.calls.append(SimpleNamespace(number=0, due_ns=1))
    assert ahead.read_some(0, lambda: next(times))
    assert numbers(ahead) == [0, 1, 2]


def test_what_was_sent_before_is_skipped():
    past = Past(sent=NumberSet(), last_number=3)
    for number in (1, 3):
        past.sent.add(number)
    ahead = Ahead(iter(planned(5, every_ns=7)), past, lambda each: None)
    ahead.fill()
    assert numbers(ahead) == [2, 4, 5]
    assert (ahead.skipped, ahead.first_due_ns) == (2, 7)
