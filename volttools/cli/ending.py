"""Signals that end a command which runs until it is ended."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def ended_by_signals(end: Callable[[], object]) -> Iterator[None]:
    """Let Ctrl-C, SIGTERM and SIGHUP call `end`; the second one does what it always does."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
        before[signal.SIGHUP] = signal.getsignal(signal.SIGHUP)

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def on_signal(number: int, frame: FrameType | None) -> None:
        restore()
        end()

    for number in before:
        signal.signal(number, on_signal)
    try:
        yield
    finally:
        restore()
