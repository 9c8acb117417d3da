"""How far a command is, on stderr, where a person looks at it."""

from __future__ import annotations

import sys
import time

from volttools.render.values import duration, size


class Progress:
    """One line that is redrawn, from half a second on; nothing where stderr is no terminal.

    shares_screen   stdout goes to the same terminal: the line is wiped before anything is
                    printed there
    """

    AFTER_S = 0.5
    EVERY_S = 0.2

    def __init__(self, *, is_wanted: bool, shares_screen: bool) -> None:
        self._is_on = is_wanted and sys.stderr.isatty()
        self._shares_screen = shares_screen
        self._started_at = time.monotonic()
        self._drawn_at = self._started_at + self.AFTER_S - self.EVERY_S
        self._is_drawn = False

    def update(self, done: int, total: int | None = None) -> None:
        """So many bytes of the input were read."""
        if not self._is_on:
            return
        now = time.monotonic()
        if now - self._drawn_at < self.EVERY_S:
            return
        self._drawn_at = now
        self._is_drawn = True
        passed = now - self._started_at
        rate = done / passed
        text = f"{size(done)} read, {size(int(rate))}/s"
        if total and done < total and rate:
            left = duration(round((total - done) / rate) * 10**9)
            text = f"{100 * done // total} % of {size(total)}, {size(int(rate))}/s, {left} left"
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()

    def before_output(self) -> None:
        """Make room for a line on stdout."""
        if self._is_drawn and self._shares_screen:
            self.clear()

    def clear(self) -> None:
        """Wipe the line."""
        if self._is_drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._is_drawn = False
            self._drawn_at = time.monotonic()
