import signal

import pytest

from volttools.cli.ending import ended_by_signals

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="without SIGHUP")


@pytest.fixture
def handlers():
    """Those of before are there again afterwards."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield before
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_it_once_and_the_next_does_what_it_always_does(handlers, name):
    calls = []
    number = getattr(signal, name)
    signal.signal(number, lambda *_: calls.append("before"))
    with ended_by_signals(lambda: calls.append("end")):
        signal.raise_signal(number)
        signal.raise_signal(number)
    signal.raise_signal(number)
    assert calls == ["end", "before", "before"]


def test_under_nohup_a_hangup_ends_nothing(handlers):
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    calls = []
    with ended_by_signals(lambda: calls.append("end")):
        signal.raise_signal(signal.SIGHUP)
    assert calls == []
