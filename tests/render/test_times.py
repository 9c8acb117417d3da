import time

from tests.samples import START_NS, connection, events, exchange, failure
from volttools.protocol.events import Damage
from volttools.render import times


def test_an_event_begins_with_its_request_and_ends_with_its_answer():
    login, insert = events()[:2]
    assert login.time_ns == START_NS
    assert insert.ended_ns == START_NS + 2_812_000
    lost = exchange(None, failure(1, -1, None), at_us=1, latency_us=1)
    assert lost.time_ns == lost.ended_ns == START_NS + 2_000
    assert Damage(what="gap", message="", connection=connection()).time_ns is None


def test_clock_times_are_utc_unless_asked_otherwise(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    assert times.clock_text(START_NS) == "2026-01-02 03:04:05.000000"
    assert times.clock_text(START_NS, local=True) == "2026-01-02 08:34:05.000000"
    assert times.clock_text(START_NS, with_date=False) == "03:04:05.000000"
    monkeypatch.undo()
    time.tzset()
