"""The screen that goes on: a thread asks, and keys are answered meanwhile, also while a server is silent."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Protocol

from volttools.monitor.asking import Asker, Trouble, rounds
from volttools.monitor.differences import Differences, Sample
from volttools.monitor.screen import Show, screen_lines
from volttools.monitor.view import Choices
from volttools.render.keys import Keys
from volttools.render.live import LiveLines

_LONGEST_WAIT_S = 1.0

SHORTEST_INTERVAL_S = 0.25
"""Rates of less would jump about, as they would where somebody looks through the views."""


class Polling:
    """Asks in a thread of its own, and puts what it gets into `found`.

    wake   called when there is something, from that thread
    """

    def __init__(self, asker: Asker, choices: Choices, wake: Callable[[], None]) -> None:
        self.found: queue.SimpleQueue[Sample | Trouble | BaseException] = queue.SimpleQueue()
        self._asker = asker
        self._choices = choices
        self._wake = wake
        self._over = threading.Event()
        self._now = threading.Event()
        self._thread = threading.Thread(target=self._run, name="volttools top", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def ask_now(self) -> None:
        """Wait for the next round no longer than is needed for its rates."""
        self._now.set()

    def end(self) -> None:
        """End; a server that is silent isn't waited for."""
        self._over.set()
        self._now.set()
        self._thread.join(timeout=0.2)
        if not self._thread.is_alive():
            self._asker.close()

    def _run(self) -> None:
        try:
            asked = rounds(self._asker, self._choices.wanted, lambda: self._choices.interval_s, self._pause)
            for found in asked:
                self.found.put(found)
                if self._over.is_set():
                    return
                self._wake()
        except BaseException as error:
            self.found.put(error)
            if not self._over.is_set():
                self._wake()

    def _pause(self, seconds: float) -> None:
        at_least_s = min(seconds, SHORTEST_INTERVAL_S)
        self._over.wait(at_least_s)
        self._now.wait(seconds - at_least_s)
        self._now.clear()


class Terminal(Protocol):
    """What keys come from; `volttools.render.keys.Keys`."""

    is_ended: bool

    def read(self, timeout_s: float) -> list[str]:
        """Wait for keys."""


class Viewer:
    """Draws what was asked, and does what keys say, until it is over.

    count   so many intervals; None: for ever
    """

    def __init__(self, choices: Choices, live: LiveLines, address: str, count: int | None = None) -> None:
        self._choices = choices
        self._live = live
        self._address = address
        self._left = count
        self._show = Show()
        self._differences = Differences()

    def take(self, found: Sample | Trouble) -> None:
        """Take what was asked; while it is paused nothing new is shown, but of a view that isn't there yet."""
        if isinstance(found, Trouble):
            self._show.trouble = f"{found.text}; again in {found.again_in_s:g} s"
            return
        figures = self._differences.add(found)
        if self._left is not None and figures.interval_s is not None:
            self._left -= 1
            self._choices.is_over |= self._left <= 0
        shown = self._show.figures
        is_awaited = shown is None or getattr(shown, self._choices.shown.rows) is None
        if is_awaited or not self._choices.is_paused:
            self._show.take(figures)
        else:
            self._show.trouble = None

    def press(self, key: str) -> bool:
        """Do what a key says; gives whether the server should be asked at once."""
        choices = self._choices
        before = choices.view, choices.interval_s
        choices.press(key)
        return before != (choices.view, choices.interval_s)

    def draw(self) -> None:
        """Show how it is now, on a terminal of the size that it has now."""
        console = self._live.console
        self._live.draw(
            screen_lines(self._show, self._choices, console, height=console.height, address=self._address)
        )


def show_live(
    asker: Asker, choices: Choices, live: LiveLines, *, address: str, count: int | None = None
) -> None:
    """Show a server's statistics until the viewer quits, or `count` intervals have passed. Ctrl-C quits."""
    viewer = Viewer(choices, live, address, count)
    with contextlib.suppress(KeyboardInterrupt), Keys(live.stop, live.start) as keys, live:
        choices.has_keys = keys.are_there
        polling = Polling(asker, choices, keys.wake)
        polling.start()
        try:
            _run(viewer, polling, keys, choices)
        finally:
            polling.end()


def _run(viewer: Viewer, polling: Polling, keys: Terminal, choices: Choices) -> None:
    while not choices.is_over and not keys.is_ended:
        viewer.draw()
        for key in keys.read(_LONGEST_WAIT_S):
            if viewer.press(key):
                polling.ask_now()
        while not polling.found.empty():
            found = polling.found.get()
            if isinstance(found, BaseException):
                raise found
            viewer.take(found)
