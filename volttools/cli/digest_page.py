"""A digest on standard output: once at the end, and meanwhile as it grows."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from volttools.cli.options import make_console

if TYPE_CHECKING:
    from volttools.render.live import LiveLines
    from volttools.stats.baseline import Change
    from volttools.stats.digest import Digest

EVERY_NS = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a digest is shown.

    files       as they were given
    inputs      options that are needed to read them: "--keylog", "keys.txt"
    top         groups that are told; None: 10 on the page, all for programs
    details     groups that are opened below the table
    baseline    the file with which it is compared, if it is
    can_repeat  whether the files, read again, give the same: else no command is told
    """

    files: Sequence[str] = ()
    inputs: Sequence[str] = ()
    top: int | None = None
    details: int = 3
    as_json: bool = False
    as_csv: bool = False
    baseline: str | None = None
    can_repeat: bool = True
    color: str = "auto"
    width: int | None = None


class DigestPage:
    """Shows a digest: `print` at the end; `draw` as often as one likes, meanwhile.

    every_ns   how often there is something new while the digest grows: on a terminal the page is drawn
               anew, and with `as_json` a line is printed; None: only at the end
    """

    def __init__(self, digest: Digest, look: Look, *, every_ns: int | None = None) -> None:
        self.is_interrupted = False
        self._digest = digest
        self._look = look
        self._every_s = (every_ns or 0) / 10**9
        is_drawn = sys.stdout.isatty() and not (look.as_json or look.as_csv)
        self._grows = every_ns is not None and (look.as_json or is_drawn)
        self._live: LiveLines | None = None
        self._told_at = time.monotonic()
        self._told = 0  # events that were told

    @property
    def is_drawn(self) -> bool:
        """Whether it stands on the screen."""
        return self._live is not None

    def draw(self) -> None:
        """Show what there is by now, if that is new and it is time."""
        if not self._grows or time.monotonic() - self._told_at < self._every_s:
            return
        self._told_at = time.monotonic()
        if self._told == self._digest.events:
            return
        self._told = self._digest.events
        if self._look.as_json:
            self._print_json(None)
            sys.stdout.flush()
            return
        from volttools.render.live import LiveLines

        if self._live is None:
            console = make_console(self._look.color, self._look.width)
            self._live = LiveLines(console, whole_screen=True)
            self._live.start()
        self._live.draw(self._lines(self._live.console, None))

    def close(self) -> None:
        """Give the terminal back."""
        if self._live is not None:
            self._live.stop()

    def print(self, changes: list[Change] | None = None) -> None:
        """Print what there is, and what changed since the baseline, if there is one."""
        if self._look.as_json:
            self._print_json(changes)
        elif self._look.as_csv:
            self._print_csv()
        else:
            from volttools.render.cells import LineWriter

            writer = LineWriter(make_console(self._look.color, self._look.width))
            for line in self._lines(writer.console, changes):
                writer.write(line)
            writer.flush()

    def _print_json(self, changes: list[Change] | None) -> None:
        from volttools.jsonlines.lines import line_bytes
        from volttools.stats.figures import figures

        found = figures(
            self._digest,
            self._look.files,
            top=self._look.top,
            changes=changes,
            is_interrupted=self.is_interrupted,
        )
        sys.stdout.buffer.write(line_bytes(found))

    def _print_csv(self) -> None:
        from volttools.render.csv_text import VisibleLines, csv_line
        from volttools.stats.figures import csv_rows

        out = sys.stdout.buffer
        lines = VisibleLines(out) if sys.stdout.isatty() else out
        for row in csv_rows(self._digest, top=self._look.top):
            lines.write(csv_line(row))

    def _lines(self, console: Any, changes: list[Change] | None) -> list[Any]:
        from volttools.stats.report import Request, report_lines

        look = self._look
        request = Request(
            files=look.files,
            inputs=look.inputs,
            top=look.top or 10,
            details=look.details,
            can_repeat=look.can_repeat,
            baseline=look.baseline if changes is not None else None,
            changes=changes or (),
        )
        return report_lines(self._digest, console, console.width, request)
