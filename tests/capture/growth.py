"""Files that grow while they are followed, without anybody waiting.

A `Script` does its next step each time that following would wait, and stops it behind the last.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import volttools
from volttools.capture.following import Following
from volttools.protocol.events import Damage, Event, Exchange

Step = Callable[[], object]


class Script:
    """Steps, each done when all is read that is there; time passes with `clock` only."""

    def __init__(self, *steps: Step) -> None:
        self.steps = list(steps)
        self.now = 0.0
        self.seen: list[str] = []  # events, as text
        self.missing: list[str] = []
        self.capture: volttools.Capture | None = None

    def follow(self, *paths, idle_s=None, keylog=None) -> list[Event]:
        """The events of paths that are followed to the end of the script."""
        following = Following(
            wait=self._wait, clock=lambda: self.now, on_missing=self.missing.append, idle_s=idle_s
        )
        self.capture = volttools.open(*paths, follow=following, keylog=keylog)
        events = []
        for event in self.capture.events():
            events.append(event)
            self.seen.append(text_of(event))
        return events

    def _wait(self, seconds, pipes) -> None:
        assert self.capture is not None
        if self.steps:
            self.steps.pop(0)()
        else:
            self.capture.stop()

    def passes(self, seconds: float) -> Step:
        """A step: so much time passes."""

        def step() -> None:
            self.now += seconds

        return step

    def expects(self, *texts: str) -> Step:
        """A step: these events, and no others, came since this was last asked."""

        def step() -> None:
            seen, self.seen = self.seen, []
            assert seen == list(texts)

        return step


def text_of(event: Event) -> str:
    """An event in short."""
    if isinstance(event, Exchange):
        return f"{event.procedure} {event.status}"
    return f"{event.what}: {event.message}" if isinstance(event, Damage) else event.kind


def append(path, data: bytes) -> Step:
    def step() -> None:
        with open(path, "ab") as file:
            file.write(data)

    return step


def write(path, data: bytes, *, at: int | None = None) -> Step:
    """Write a file anew, in place if it is there. `at`: seconds, the time of it."""

    def step() -> None:
        with open(path, "wb") as file:
            file.write(data)
        if at is not None:
            os.utime(path, (at, at))

    return step


def rename(path, to) -> Step:
    return lambda: os.rename(path, to)


def delete(path) -> Step:
    return lambda: os.unlink(path)


def together(*steps: Step) -> Step:
    """Several steps at once."""

    def step() -> None:
        for one in steps:
            one()

    return step
