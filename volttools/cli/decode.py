"""`volttools decode`: what was asked, what came back, what was slow, where is it broken."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from volttools.cli.options import (
    Command,
    Duration,
    Moment,
    console_options,
    examples,
    files_argument,
    keylog_option,
    make_console,
    moment_ns,
    option,
    ports_option,
    together,
)

if TYPE_CHECKING:
    from rich.console import Console

    from volttools.capture.reader import Capture
    from volttools.cli.progress import Progress
    from volttools.protocol.events import Event
    from volttools.render.cells import LineWriter
    from volttools.render.selection import Selection
    from volttools.render.summary import Tally

EXAMPLES = (
    "volttools decode captures/demo.pcap",
    "volttools decode --errors -v captures/demo.pcap",
    "volttools decode --slow 10ms --procedure '@*' captures/demo.pcap",
    "volttools decode --exchange 3 -vv --hex captures/demo.pcap",
    "volttools decode --json captures/demo.pcap | head -n 3",
)

_HELP = """Show what was asked and answered in captures of VoltDB client traffic.

Reads pcap and pcapng files (also gzipped) and dump_files of the official Python client; "-" is
standard input. Several files are read as one capture, merged by time. By default one line an
exchange; -v opens it, -vv shows every field with its bytes' places, --hex the bytes as well.
Filters may be combined: what is shown matches all of them.

Lines come in the order in which calls ended, with the times at which they began. The bar behind a
latency has a step more from 1 ms, 10 ms, 100 ms and 1 s on. Into a pipe, an event is one line,
200 columns wide; with --width it is laid out as on a screen of that width, in a pipe too.

Password hashes and Kerberos tokens are never shown unless --keep-login-hashes is given.

Exit status: 0 all was decoded, or there was nothing to decode; 1 something is damaged, or
encrypted without keys; 2 could not run; 130 interrupted.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options as click gives them; see the help for what they mean."""

    verbose: int
    hex: bool
    json: bool
    rows: int
    time: str
    errors: bool
    slow: int | None
    since: str | None
    until: str | None
    connection: int | None
    procedure: tuple[str, ...]
    exchange: int | None
    frame: int | None
    ports: tuple[int, ...]
    keylog: tuple[str, ...]
    keep_login_hashes: bool
    progress: bool
    summary: bool | None
    color: str
    width: int | None
    rows_given: bool = False

    @property
    def level(self) -> int:
        """0 lines, 1 details, 2 trees. Who asks for one exchange or frame wants to look into it."""
        if self.verbose or self.hex:
            return 2 if self.hex else min(self.verbose, 2)
        return 2 if self.frame is not None else 1 if self.exchange is not None else 0

    @property
    def filters_text(self) -> str:
        """The filters as they were written: "--connection 99 --errors"."""
        found = ["--errors"] if self.errors else []
        found += [] if self.slow is None else [f"--slow {self.slow / 1e6:g}ms"]
        texts = {"since": self.since, "until": self.until, "connection": self.connection}
        texts |= {"exchange": self.exchange, "frame": self.frame}
        found += [f"--{name} {shlex.quote(str(value))}" for name, value in texts.items() if value is not None]
        return " ".join([*found, *(f"--procedure {shlex.quote(pattern)}" for pattern in self.procedure)])

    @property
    def wants_summary(self) -> bool:
        """Whether a summary is to be printed; by default not for a single exchange or frame."""
        return (self.exchange is None and self.frame is None) if self.summary is None else self.summary


_filters = together(
    option("Filters", "--errors", is_flag=True, help="What went wrong: any status but SUCCESS, no answer, refused log-ins, damage."),
    option("Filters", "--slow", type=Duration(), metavar="TIME", help="What took at least that long, such as 10ms. It is also what is marked as slow."),
    option("Filters", "--since", type=Moment(), metavar="WHEN", help="What began at that time or later: \"2026-01-02 03:04:05.25\", 03:04:05, or 1.5s or 0.0022 (seconds) from the capture's start. UTC, with --time local the local zone."),
    option("Filters", "--until", type=Moment(), metavar="WHEN", help="What began at that time or earlier."),
    option("Filters", "--connection", type=click.IntRange(min=1), metavar="N", help="One connection, by its number."),
    option("Filters", "--procedure", multiple=True, metavar="PATTERN", help="Exchanges of procedures whose name matches; * and ? stand for anything, case doesn't matter; may be repeated."),
    option("Filters", "--exchange", type=click.IntRange(min=1), metavar="N", help="One exchange by its number (the first column), opened as by -v."),
    option("Filters", "--frame", type=click.IntRange(min=1), metavar="N", help="One frame by its number (-v shows it), opened as by -vv."),
)  # fmt: skip

_views = together(
    option("View", "-v", "--verbose", count=True, help="All parameters and result tables; -vv the tree of fields."),
    option("View", "--hex", is_flag=True, help="The tree, and the bytes in the colours of their fields: beside it from 120 columns on, else below it."),
    option("View", "--rows", type=click.IntRange(min=0), default=20, show_default=True, metavar="N", help="Rows of a table that are shown, and elements of a list; 0: all."),
    option("View", "--time", type=click.Choice(["relative", "utc", "local", "delta"]), default="relative", show_default=True, help="When calls began: seconds since the start, or clock times; delta: seconds between the end of a call and the end of the one in the line before."),
    option("View", "--json", is_flag=True, help="JSON lines that lose nothing; `pydoc volttools.jsonlines.lines` describes them."),
    option("View", "--summary/--no-summary", default=None, help="The summary at the end."),
)  # fmt: skip

_inputs = together(
    ports_option,
    keylog_option,
    option("Input", "--keep-login-hashes", is_flag=True, help="Show password hashes and Kerberos tokens. A hash is enough to log in."),
    option("Output", "--progress/--no-progress", default=True, help="How far it is, on stderr, if that is a terminal and it takes a while."),
)  # fmt: skip


@click.command(
    cls=Command,
    help=_HELP,
    epilog=examples(*EXAMPLES, more="`volttools formats` explains the fields of every message."),
)
@files_argument
@_views
@_filters
@_inputs
@console_options
def command(files: tuple[str, ...], **options: Any) -> int:
    source = click.get_current_context().get_parameter_source("rows")
    return decode(list(files), Options(**options, rows_given=source is not ParameterSource.DEFAULT))


def decode(files: list[str], options: Options) -> int:
    """Read, show, and say with which status to exit."""
    from volttools.capture.reader import open as open_capture
    from volttools.cli.progress import Progress
    from volttools.render.selection import Selection
    from volttools.render.summary import Tally

    if options.json and (options.verbose or options.hex):
        raise click.UsageError("--json and -v, --hex don't go together: JSON lines hold everything")
    if options.json and options.rows_given:
        raise click.UsageError("--json and --rows don't go together: JSON lines hold all rows")
    progress = Progress(is_wanted=options.progress, shares_screen=sys.stdout.isatty())
    capture = open_capture(*files, ports=options.ports, keylog=options.keylog, on_progress=progress.update)
    selection = Selection(
        errors=options.errors,
        slow_ns=options.slow,
        connection=options.connection,
        procedures=options.procedure,
        exchange=options.exchange,
        frame=options.frame,
    )
    run = _Run(files, options, capture, selection, Tally(), progress)
    try:
        return run.all()
    finally:
        progress.clear()


@dataclass(slots=True)
class _Run:
    """One reading of a capture: what comes is counted, and shown if it is wanted."""

    files: list[str]
    options: Options
    capture: Capture
    selection: Selection
    tally: Tally
    progress: Progress
    found_one: bool = False  # the exchange or frame that was asked for exists
    shown: int = 0
    shown_exchanges: int = 0

    def all(self) -> int:
        """Show everything; gives the exit status."""
        output = self._json_output() if self.options.json else self._output_for_people()
        try:
            for event in self._wanted():
                if not self.shown:
                    output.begin()
                output.event(event)
                self.shown += 1
                self.shown_exchanges += event.kind == "exchange"
        except KeyboardInterrupt:
            self.tally.interrupted = True
        self.progress.clear()
        if not self.shown and self.options.wants_summary:
            output.begin()
        self.tally.foreign = self._foreign()
        self.tally.shown = self.shown_exchanges if self.selection.is_narrow else None
        output.end()
        return 130 if self.tally.interrupted else self._status()

    def _wanted(self) -> Iterator[Event]:
        """The events to show; all are counted."""
        one_is_enough = self.selection.wants_one and not self.options.wants_summary
        waits_for_start = self.options.since is not None or self.options.until is not None
        for event in self.capture.events():
            if waits_for_start and self.capture.summary.first_ns is not None:
                self._resolve_times(self.capture.summary.first_ns)
                waits_for_start = False
            self.tally.add(event)
            self.found_one = self.found_one or (
                self.selection.wants_one and self.selection.is_asked_for(event)
            )
            if waits_for_start:
                continue  # it has no time, so it is not within any
            if self.selection.wants(event):
                self.progress.before_output()
                yield event
                if one_is_enough:
                    return

    def _resolve_times(self, start_ns: int) -> None:
        local = self.options.time == "local"
        if self.options.since is not None:
            self.selection.since_ns = moment_ns(self.options.since, start_ns=start_ns, local=local)
        if self.options.until is not None:
            self.selection.until_ns = moment_ns(self.options.until, start_ns=start_ns, local=local)

    def _foreign(self) -> dict[str, int]:
        summary = self.capture.summary
        found = {f"{name} connections": number for name, number in summary.foreign.items()}
        found |= {f"{name} packets": number for name, number in summary.skipped.items()}
        if summary.refused:
            found["connections on which nothing was said"] = summary.refused
        return found

    def _status(self) -> int:
        wanted = self.selection
        if wanted.wants_one and not self.shown:
            what, number = ("exchange", wanted.exchange) if wanted.exchange else ("frame", wanted.frame)
            has = f"{self.tally.exchanges:,} exchanges and {self.capture.summary.frames:,} frames"
            if self.found_one:
                _say(f"{what} {number} is there, but not with the other filters: {self.options.filters_text}")
                return 0
            _say(f"there is no {what} {number}; the capture has {has}")
            return 2
        if (self.options.since or self.options.until) and self.capture.summary.first_ns is None:
            _say("the capture has no times (a dump_file never has), so --since and --until match nothing")
        elif self.tally.is_empty and not self.options.wants_summary:
            _say("no VoltDB traffic in the capture")
        elif wanted.is_narrow and not self.shown and not self.tally.is_empty:
            _say(f"nothing matched: {self.options.filters_text}")
        return 1 if self.tally.is_damaged else 0

    # ------------------------------------------------------------ outputs

    def _json_output(self) -> _Output:
        from volttools.jsonlines.lines import capture_line, event_line, line_text
        from volttools.render.summary import summary_line

        stream = sys.stdout.buffer
        flush_each = "-" in self.files or sys.stdout.isatty()

        def write(line: dict[str, Any]) -> None:
            stream.write(line_text(line).encode() + b"\n")
            if flush_each:
                stream.flush()

        def end() -> None:
            if self.options.wants_summary:
                write(summary_line(self.tally))
            stream.flush()

        keep = self.options.keep_login_hashes
        return _Output(
            begin=lambda: write(capture_line(self.files)),
            event=lambda event: write(event_line(event, keep_login_hashes=keep)),
            end=end,
        )

    def _output_for_people(self) -> _Output:
        from volttools.render.cells import LineWriter
        from volttools.render.lines import LineRenderer
        from volttools.render.styles import SLOW_NS
        from volttools.render.summary import summary_lines

        options = self.options
        console = make_console(options.color, options.width)
        lines = LineRenderer(
            console,
            time=options.time,
            slow_ns=options.slow or SLOW_NS,
            one_line=options.width is None and not sys.stdout.isatty(),
            width=console.width,
            with_addresses=not options.level,  # -v has its own line for them
        )
        writer = LineWriter(console, immediate="-" in self.files)

        def event(event: Event) -> None:
            if lines.start_ns is None:
                lines.start_ns = self.capture.summary.first_ns
            for line in lines.lines(event):
                writer.write(line)
            if options.level:
                self._open(event, console, writer)

        def end() -> None:
            if options.wants_summary:
                for line in summary_lines(self.tally, self.files, console):
                    writer.write(line)
            writer.flush()

        return _Output(begin=lambda: writer.write(lines.header()), event=event, end=end)

    def _open(self, event: Event, console: Console, writer: LineWriter) -> None:
        from volttools.render.details import details
        from volttools.render.frames import frame_views

        options = self.options
        if options.level == 1:
            lines = details(event, console, rows=options.rows, keep_login_hashes=options.keep_login_hashes)
        else:
            lines = frame_views(
                event,
                console,
                only=options.frame,
                with_hex=options.hex,
                rows=options.rows,
                keep_login_hashes=options.keep_login_hashes,
            )
        for line in lines:
            writer.write(line)
        writer.write([])


@dataclass(frozen=True, slots=True)
class _Output:
    begin: Callable[[], None]
    event: Callable[[Event], None]
    end: Callable[[], None]


def _say(text: str) -> None:
    click.echo(f"volttools: {text}", err=True)
