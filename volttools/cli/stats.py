"""`volttools stats`: what costs time, what fails, how it is spread, and what changed since."""

from __future__ import annotations

import os
import re
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from volttools.cli import forget_stdout, say
from volttools.cli.following import follow_options, following, stopping
from volttools.cli.options import (
    Command,
    Number,
    console_options,
    examples,
    files_argument,
    keylog_option,
    make_console,
    option,
    ports_option,
    progress_option,
    together,
)
from volttools.cli.selecting import filters_text, selection_options, wants_of

if TYPE_CHECKING:
    from volttools.capture.reader import Capture
    from volttools.render.live import LiveLines
    from volttools.stats.baseline import Change
    from volttools.stats.digest import Digest

REDRAWN_EVERY_S = 1.0

CHANGES = ("new", "slower", "more errors", "more frequent", "gone")
"""As stats.baseline has them; said here so that --help needs no import. A test holds both equal."""

EXAMPLES = (
    "volttools stats captures/demo.pcap",
    "volttools stats --where 'procedure == \"Fail\"' --by param:1 captures/demo.pcap",
    "volttools stats --by status --csv captures/demo.pcap",
    "volttools stats --baseline demo.baseline captures/demo.pcap",
    "tcpdump -i any --immediate-mode -U -w - port 21212 | volttools stats --follow -",
)

_HELP = """Digest captures: what costs time, what fails, how it is spread.

Calls are counted together by procedure, and calls of @AdHoc and its kin by their SQL without its
values; groups are ranked by the time that was waited for them. For the first ones there is more: how
latencies are spread, where the time went, which values parameters had, and the command that shows the
slowest call. Reads what `volttools decode` reads; several files are read as one capture. docs/stats.md
says what the numbers mean.

With --baseline, the digest is compared with one that was saved; the file is made if it isn't there.
With --follow it goes on as captures grow, such as that of `volttools record`: on a terminal the page is
drawn anew every second, and elsewhere it is printed at the end.

Exit status: 0 it was told, and nothing changed since the baseline; 1 something did; 2 could not run, or
there was no call; 130 interrupted.
"""


class Share(click.ParamType):  # type: ignore[type-arg]
    """A share such as 20%, as 0.2."""

    name = "percentage"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)\s*%", value, re.ASCII)
        if match is None:
            self.fail(f"{value!r} is no percentage; write one such as 20%", param, ctx)
        return float(match[1]) / 100


_views = together(
    option("View", "--by", default="procedure", show_default=True, metavar="KEY", help="What calls are counted together by: procedure, connection, minute, status, param:0, any field such as user or row_count, or a condition such as 'latency > 5ms'."),
    option("View", "--top", type=Number(min=1), metavar="N", help="So many groups.  [default: 10; all with --json and --csv]"),
    option("View", "--details", type=Number(min=0), default=3, show_default=True, metavar="N", help="So many groups are opened below the table."),
    option("View", "--json", "as_json", is_flag=True, help="One object of JSON; docs/stats.md has its members."),
    option("View", "--csv", "as_csv", is_flag=True, help="A line of CSV for each group."),
    option("Baseline", "--baseline", type=click.Path(dir_okay=False), metavar="FILE", help="Compare with the digest saved there; save it there if there is none."),
    option("Baseline", "--update", is_flag=True, help="Save it there anyway, after comparing."),
    option("Baseline", "--tolerance", type=Share(), default="20%", show_default=True, metavar="PERCENT", help="What may be slower, fail more or be more frequent by so much."),
    option("Baseline", "--fail-on", type=click.Choice(CHANGES), multiple=True, help="Only that is status 1; may be repeated.  [default: all]"),
    selection_options,
    follow_options,
    ports_option,
    keylog_option,
    progress_option,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options as click gives them; see the help for what they mean."""

    by: str
    top: int | None
    details: int
    as_json: bool
    as_csv: bool
    baseline: str | None
    update: bool
    tolerance: float
    fail_on: tuple[str, ...]
    color: str
    width: int | None


@click.command(cls=Command, help=_HELP, epilog=examples(*EXAMPLES))
@files_argument
@_views
@console_options
def command(files: tuple[str, ...], **given: Any) -> int:
    options = Options(**{name: given[name] for name in Options.__slots__})
    if options.as_json and options.as_csv:
        raise click.UsageError("--json and --csv don't go together")
    if options.baseline is None and (options.update or options.fail_on):
        raise click.UsageError("--update and --fail-on are about a baseline; give --baseline FILE")
    return stats(list(files), options, given)


def stats(files: list[str], options: Options, given: dict[str, Any]) -> int:
    """Read, count, show, and say with which status to exit.

    given   all options by name, for what is shared with other commands
    """
    from volttools.capture.reader import open as open_capture
    from volttools.cli.progress import Progress
    from volttools.stats.baseline import load
    from volttools.stats.digest import Digest
    from volttools.stats.keys import key_of

    digest = Digest(key_of(options.by))
    before = load(options.baseline) if options.baseline and os.path.exists(options.baseline) else None
    is_following = given["follow"]
    progress = Progress(is_wanted=given["progress"] and not is_following, shares_screen=sys.stdout.isatty())
    inputs = [word for name in given["keylog"] for word in ("--keylog", name)]
    inputs += [word for port in given["ports"] for word in ("--port", str(port))]
    page = _Page(files, inputs, options, digest, is_live=is_following)
    capture = open_capture(
        *files,
        ports=given["ports"],
        keylog=given["keylog"],
        on_progress=progress.update,
        follow=following(is_following, given["idle"], flush=page.draw) or False,
    )
    with stopping(capture.stop, is_following=is_following) as stop:
        try:
            _count(capture, digest, given, page)
        except KeyboardInterrupt:
            if stop.is_asked:  # for the second time: nobody waits for what follows
                forget_stdout()
                return 130
            page.is_interrupted = True
        finally:
            page.close()
            progress.clear()
    if page.is_interrupted:
        page.print(None)
        say("interrupted: the rest was not read")
        return 130
    if not digest.whole.calls:
        say(_nothing(digest, capture, given))
        return 130 if stop.is_asked else 2
    changes = _compared(digest, before, options)
    page.print(changes)
    if stop.is_asked:
        return 130
    fails = options.fail_on or CHANGES
    return 1 if any(change.kind in fails for change in changes or ()) else 0


def _count(capture: Capture, digest: Digest, given: dict[str, Any], page: _Page) -> None:
    wants = wants_of(given, capture)
    for event in capture.events():
        digest.add(event, is_wanted=wants is None or wants(event))
        page.draw_soon()


def _nothing(digest: Digest, capture: Capture, given: dict[str, Any]) -> str:
    """Why there is nothing to tell."""
    names = ", ".join(capture.names[:3])
    if digest.read:
        return f"{names}: none of {digest.read:,} calls matches {filters_text(given)}"
    found = {**digest.damage, **capture.summary.foreign}
    found |= {f"log-ins {answer}": number for answer, number in digest.logins.items()}
    others = ", ".join(f"{name} {number:,}" for name, number in found.items())
    return f"{names}: there is no call of VoltDB in it" + (
        f", but {others}; volttools decode tells more" if others else ""
    )


def _compared(digest: Digest, before: Any, options: Options) -> list[Change] | None:
    """What changed since the baseline, which is saved if it is to be; None without one."""
    from volttools.stats.baseline import baseline_of, changes, save

    if options.baseline is None:
        return None
    now = baseline_of(digest)
    found = None if before is None else changes(before, now, tolerance=options.tolerance)
    if before is None or options.update:
        save(options.baseline, now)
        say(f"the baseline was saved to {options.baseline}")
    return found


class _Page:
    """Shows the digest: once at the end, and meanwhile on a terminal while captures grow."""

    def __init__(
        self, files: list[str], inputs: list[str], options: Options, digest: Digest, *, is_live: bool
    ) -> None:
        self.is_interrupted = False
        self._files = files
        self._inputs = inputs
        self._options = options
        self._digest = digest
        self._is_followed = is_live
        self._is_live = is_live and sys.stdout.isatty() and not (options.as_json or options.as_csv)
        self._live: LiveLines | None = None
        self._drawn_at = 0.0

    def draw_soon(self) -> None:
        """Draw what there is by now, but not too often."""
        if self._is_live and time.monotonic() - self._drawn_at >= REDRAWN_EVERY_S:
            self.draw()

    def draw(self) -> None:
        """Draw what there is by now."""
        if not self._is_live or time.monotonic() - self._drawn_at < REDRAWN_EVERY_S:
            return
        from volttools.render.live import LiveLines

        if self._live is None:
            self._live = LiveLines(make_console(self._options.color, self._options.width), whole_screen=True)
            self._live.start()
        self._live.draw(self._lines(self._live.console, None))
        self._drawn_at = time.monotonic()

    def close(self) -> None:
        """Give the terminal back."""
        if self._live is not None:
            self._live.stop()

    def print(self, changes: list[Change] | None) -> None:
        """Print what there is, and what changed."""
        options = self._options
        if options.as_json:
            from volttools.jsonlines.lines import line_bytes
            from volttools.stats.figures import figures

            found = figures(
                self._digest,
                self._files,
                top=options.top,
                changes=changes,
                is_interrupted=self.is_interrupted,
            )
            sys.stdout.buffer.write(line_bytes(found))
            return
        if options.as_csv:
            self._print_csv()
            return
        from volttools.render.cells import LineWriter

        writer = LineWriter(make_console(options.color, options.width))
        for line in self._lines(writer.console, changes):
            writer.write(line)
        writer.flush()

    def _print_csv(self) -> None:
        from volttools.render.csv_text import VisibleLines, csv_line
        from volttools.stats.figures import csv_rows

        out = sys.stdout.buffer
        lines = VisibleLines(out) if sys.stdout.isatty() else out
        for row in csv_rows(self._digest, top=self._options.top):
            lines.write(csv_line(row))

    def _lines(self, console: Any, changes: list[Change] | None) -> list[Any]:
        from volttools.stats.report import Request, report_lines

        options = self._options
        request = Request(
            files=self._files,
            inputs=self._inputs,
            top=options.top or 10,
            details=options.details,
            can_repeat=not self._is_followed,
            baseline=options.baseline if changes is not None else None,
            changes=changes or (),
        )
        return report_lines(self._digest, console, console.width, request)
