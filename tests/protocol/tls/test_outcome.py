"""What comes out, in its order, also where something is lost."""

from volttools.protocol.tls import outcome
from volttools.protocol.tls.outcome import Outcome, Plain, PlainEnd, PlainGap
from volttools.protocol.tls.records import Hole

OVERHEAD = 29


def hole(length, records=None, reason="missing"):
    return Hole(length, records, 5, reason)


def test_what_follows_a_loss_waits_until_its_length_is_known():
    out = Outcome()
    out.lose(0, hole(1000))
    out.tell(Plain(1, b"other side", 6), 10)
    assert out.told() == []
    out.found(0, OVERHEAD, records=2, was_data=True)
    assert out.told() == [PlainGap(0, 1000 - 2 * OVERHEAD, 5, "missing"), Plain(1, b"other side", 6)]


def test_losses_in_a_row_are_one_gap_with_the_first_reason():
    out = Outcome()
    out.lose(0, hole(100, 1, "first"))
    out.lose(0, hole(200, 1, "second"))
    out.found(0, OVERHEAD, records=2, was_data=True)
    assert out.told() == [PlainGap(0, 300 - 2 * OVERHEAD, 5, "first")]


def test_a_lost_handshake_is_no_gap():
    out = Outcome()
    out.lose(0, hole(1000))
    out.found(0, OVERHEAD, records=2, was_data=False)
    assert out.told() == []


def test_at_the_end_a_length_is_estimated():
    out = Outcome()
    out.lose(0, hole(40_000))
    out.end(0, OVERHEAD)
    assert out.told() == [PlainGap(0, 40_000 - 3 * OVERHEAD, 5, "missing"), PlainEnd(0)]


def test_nobody_waits_for_a_side_that_is_given_up():
    out = Outcome()
    out.lose(0, hole(100, 1, "why"), is_last=True)
    out.lose(0, hole(100, 1, "why"), is_last=True)
    out.tell(Plain(1, b"x", 6), 1)
    assert out.told() == [Plain(1, b"x", 6)]
    out.end(0, OVERHEAD)
    assert out.told() == [PlainGap(0, 200 - 2 * OVERHEAD, 5, "why"), PlainEnd(0)]


def test_waiting_has_an_end(monkeypatch):
    monkeypatch.setattr(outcome, "MAX_WAITING_BYTES", 100)
    out = Outcome()
    out.lose(0, hole(1000))
    out.tell(Plain(1, bytes(100), 6), 100)
    assert out.told() == []
    out.tell(Plain(1, bytes(1), 7), 1)
    assert [type(event) for event in out.told()] == [PlainGap, Plain, Plain]
