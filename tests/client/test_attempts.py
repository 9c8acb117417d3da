"""The addresses that a name has: shares of the time, and one error for all."""

import errno
import socket

import pytest

from volttools.client import attempts as module
from volttools.client.attempts import Attempts, NoneReached, seconds_left, why_not

FOUND = [
    (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", 21212, 0, 0)),
    (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 21212)),
]


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 100.0

    monkeypatch.setattr(module.time, "monotonic", lambda: Clock.now)
    return Clock


def test_who_does_not_answer_gets_its_share_and_the_next_what_is_left(clock):
    given = []
    for one, seconds in Attempts([*FOUND, FOUND[0], (1, 2, 3, "", ("db", 1))], deadline=109.0):
        given.append((one[4][0], seconds))
        clock.now += 3.0 if one is FOUND[0] else 1.0  # the second is refused at once
    assert given == [("::1", 3.0), ("127.0.0.1", 3.0), ("db", 5.0)]


def test_no_attempt_begins_when_the_time_is_over(clock):
    attempts = iter(Attempts(FOUND, deadline=101.0))
    next(attempts)
    clock.now = 101.0
    with pytest.raises(TimeoutError):
        next(attempts)
    assert [seconds for _, seconds in Attempts(FOUND, deadline=None)] == [None, None]
    assert seconds_left(None) is None


def test_the_same_reason_is_told_once_and_others_by_address():
    same = Attempts(FOUND, None)
    for _, _, _, _, where in FOUND:
        same.failed(where, ConnectionRefusedError(errno.ECONNREFUSED, "refused"))
    assert isinstance(same.error(), ConnectionRefusedError)
    both = Attempts(FOUND, None)
    both.failed(FOUND[0][4], OSError(errno.ENETUNREACH, "Network is unreachable"))
    both.failed(FOUND[1][4], ConnectionRefusedError(errno.ECONNREFUSED, "refused"))
    error = both.error()
    assert isinstance(error, NoneReached)
    assert why_not(error) == (
        "::1: Network is unreachable; 127.0.0.1: nothing listens there (connection refused)"
    )
    assert "no address of that name" in why_not(Attempts([], None).error())
