"""`volttools decode`: what was asked, what came back, what was slow, where is it broken."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from volttools.cli import forget_stdout, say
from volttools.cli.decode_options import Options, hits_options, view_options
from volttools.cli.exports import Export, ExportOptions, export_options
from volttools.cli.following import Stop, follow_options, following, stopping
from volttools.cli.options import (
    Command,
    console_options,
    examples,
    files_argument,
    keep_option,
    keylog_option,
    make_console,
    ports_option,
    progress_option,
    together,
)
from volttools.cli.selecting import (
    asks_for_times,
    resolve_times,
    selection_of,
)

if TYPE_CHECKING:
    from rich.console import Console

    from volttools.capture.live import Sniffer
    from volttools.capture.reader import Capture
    from volttools.cli.progress import Progress
    from volttools.filters.context import Found
    from volttools.filters.selection import Selection
    from volttools.protocol.events import Event
    from volttools.render.cells import Line, LineWriter
    from volttools.render.summary import Tally

_HIT = "> "  # before hits, if --context shows others as well

EXAMPLES = (
    "volttools decode captures/demo.pcap",
    "volttools decode --errors -v captures/demo.pcap",
    "volttools decode --slow 10ms --procedure '@*' captures/demo.pcap",
    "volttools decode --where 'latency > 5ms and status != SUCCESS' --context 2 captures/demo.pcap",
    "volttools decode --exchange 3 -vv --hex captures/demo.pcap",
    "volttools decode --json captures/demo.pcap | head -n 3",
    "volttools decode --csv --exchange 3 captures/demo.pcap",
    "volttools decode --summary-only --json captures/demo.pcap",
    "tcpdump -i any --immediate-mode -U -w - port 21212 | volttools decode --follow -",
)

_HELP = """Show what was asked and answered in captures of VoltDB client traffic.

Reads pcap and pcapng files (also gzipped), dump_files of the official Python client, and JSON lines
of --json; "-" is standard input. Several files are read as one capture, merged by time. By default one line an
exchange, which is a call and its response; -v opens it, -vv shows every field with its bytes'
places, --hex the bytes as well. Filters may be combined: what is shown matches all of them.

Lines come in the order in which calls ended, with the times at which they began. The bar behind a
latency has a step more from 1 ms, 10 ms, 100 ms and 1 s on. Into a pipe, an event is one line,
200 columns wide; with --width it is laid out as on a screen of that width, in a pipe too.

Result tables come out with --csv, or as files with --tables DIR: CSV, Parquet or Arrow, with the
exact types of the columns and NULLs as NULLs.

With --follow, lines come as calls end. Several files are then merged as they grow. Ctrl-C shows
the calls that still wait, and the summary; docs/captures.md tells which files are gone through.

Password hashes and Kerberos tokens are never shown unless --keep-login-hashes is given.

Exit status: 0 all was decoded, or there was nothing to decode; 1 something is damaged, or
encrypted without keys, or a table was left out; 2 could not run; 130 interrupted.
"""


_inputs = together(
    follow_options,
    ports_option,
    keylog_option,
    keep_option,
    progress_option,
)  # fmt: skip


@click.command(
    cls=Command,
    help=_HELP,
    epilog=examples(*EXAMPLES, more="`volttools formats` explains the fields of every message."),
)
@files_argument
@view_options
@export_options
@hits_options
@_inputs
@console_options
def command(files: tuple[str, ...], **options: Any) -> int:
    source = click.get_current_context().get_parameter_source("rows")
    exports = ExportOptions(**{name: options.pop(name) for name in ExportOptions.__slots__})
    rows_given = source is not ParameterSource.DEFAULT
    return decode(list(files), Options(**options, given=options, rows_given=rows_given, exports=exports))


def decode(files: list[str], options: Options, live: Sniffer | None = None) -> int:
    """Read, show, and say with which status to exit.

    live   what is captured meanwhile, into the one file, or through a pipe that is called so
    """
    from volttools.capture.reader import open as open_capture
    from volttools.cli.progress import Progress
    from volttools.render.summary import Tally

    options.check()
    follow = following(options.follow, options.idle, flush=lambda: run.flush())
    prints = options.exports.tables is None
    progress = Progress(
        is_wanted=options.progress and not options.follow,
        shares_screen=prints and sys.stdout.isatty(),
    )
    capture = open_capture(
        *(files if live is None or live.stream is None else [live.stream]),
        ports=options.ports,
        keylog=options.keylog,
        on_progress=progress.update,
        follow=follow or False,
    )
    selection = selection_of(options.given)
    selection.exchange, selection.frame = options.exchange, options.frame
    run = _Run(files, options, capture, selection, Tally(), progress, live)
    end = capture.stop if live is None else live.end  # what it has by then is still read
    try:
        with stopping(end, is_following=options.follow) as stop:
            return run.all(stop)
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
    live: Sniffer | None = None
    live_has_ended: bool = False  # as it was when there was nothing more to read
    found_one: bool = False  # the exchange or frame that was asked for exists
    is_cut_short: bool = False  # what captured ended by itself
    shown: int = 0
    shown_exchanges: int = 0
    output: _Output | None = None
    matching: Tally | None = None  # what is summed up, if that is less than all

    @property
    def is_immediate(self) -> bool:
        """Whether lines are to be seen as they come."""
        return "-" in self.files or self.live is not None

    def all(self, stop: Stop) -> int:
        """Show everything; gives the exit status."""
        self.output = output = self._output()
        try:
            for found in self._wanted():
                output.begin()
                output.event(found)
                self.shown += 1
                self.shown_exchanges += found.event.kind == "exchange"
        except KeyboardInterrupt:
            if stop.is_asked:  # for the second time: nobody waits for what follows
                forget_stdout()
                return 130
            self.tally.interrupted = True
        self.progress.clear()
        if self.live is not None:
            self._ask_how_it_went(self.live)
        if self.options.wants_summary:
            output.begin()
        self.tally.foreign = self._foreign()
        self.tally.shown = self.shown_exchanges if self.selection.is_narrow else None
        if self.matching is not None:
            self.matching.found_among = self.tally.exchanges
            self.matching.interrupted, self.matching.dropped = self.tally.interrupted, self.tally.dropped
        status = output.end()
        if self.tally.interrupted and self.options.exports.is_wanted:
            say("interrupted: the rest was not read")
        if self.tally.interrupted or (stop.is_asked and self.live is None):
            return 130
        return max(status or 0, self._status())

    def flush(self) -> None:
        """Let everything be seen that there is to show by now."""
        if self.output is not None:
            self.output.begin()
            self.output.flush()
        if self.live is not None:
            if self.live_has_ended:  # and nothing came since
                self.capture.stop()
            self.live_has_ended = self.live.has_ended

    def _ask_how_it_went(self, live: Sniffer) -> None:
        from volttools.errors import CaptureError

        try:
            counts = live.result()
        except CaptureError as error:
            say(f"{error}; what came before is shown")
            self.is_cut_short = True
            return
        self.tally.dropped = None if counts is None else counts.dropped
        if counts and counts.dropped:
            share = f"{counts.dropped:,} of {counts.received:,} packets"
            say(
                f"the kernel dropped {share}, so calls are missing: narrow it by HOST or --port, or show less"
            )

    def _wanted(self) -> Iterator[Found]:
        """The events to show."""
        from volttools.filters.context import with_context

        one_is_enough = self.selection.wants_one and not self.options.wants_summary
        around = self.options.context
        if self.options.summary_only and not self.options.filters_text:
            self.tally.add_all(self.capture.events())
            return
        left: int | None = None  # exchanges to show behind the one, once it is found
        for found in with_context(self._events(), self.selection.is_hit, around):
            self.progress.before_output()
            yield found
            left = around if found.is_hit else left and left - 1
            if one_is_enough and left == 0:
                return

    def _events(self) -> Iterator[Event]:
        """The events among which is searched; all of the capture are counted."""
        waits_for_start = asks_for_times(self.options.given)
        for event in self.capture.events():
            if waits_for_start and self.capture.summary.first_ns is not None:
                start_ns, local = self.capture.summary.first_ns, self.options.time == "local"
                resolve_times(self.selection, self.options.given, start_ns=start_ns, local=local)
                waits_for_start = False
            self.tally.add(event)
            self.found_one = self.found_one or (
                self.selection.wants_one and self.selection.is_asked_for(event)
            )
            if waits_for_start:
                continue  # it has no time, so it is not within any
            if self.selection.is_in_scope(event):
                yield event

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
                say(f"{what} {number} is there, but not with the other filters: {self.options.filters_text}")
                return 0
            say(f"there is no {what} {number}; the capture has {has}")
            return 2
        if (self.options.since or self.options.until) and self.capture.summary.first_ns is None:
            say("the capture has no times (a dump_file never has), so --since and --until match nothing")
        elif self.tally.is_empty and not self.options.wants_summary:
            say("no VoltDB traffic in the capture")
        elif wanted.is_narrow and not self.shown and not self.tally.is_empty:
            say(f"nothing matched: {self.options.filters_text}")
        return 1 if self.tally.is_damaged or self.tally.dropped or self.is_cut_short else 0

    # ------------------------------------------------------------ outputs

    def _output(self) -> _Output:
        if self.options.exports.is_wanted:
            return self._export_output()
        output = self._json_output() if self.options.json else self._output_for_people()
        if not self.options.summary_only:
            return output
        from volttools.render.summary import Tally

        matching = Tally()
        self.matching = matching if self.options.filters_text else None
        return replace(output, start=lambda: None, event=lambda found: matching.add(found.event))

    def _export_output(self) -> _Output:
        export = Export(
            self.options.exports,
            with_exchange=self.options.exchange is None,
            immediate=self.is_immediate,
        )

        def show(found: Found) -> None:
            if found.is_hit:
                export.event(found.event)

        return _Output(start=lambda: None, event=show, flush=sys.stdout.flush, end=export.end)

    def _json_output(self) -> _Output:
        from volttools.cli.json_output import JsonOutput
        from volttools.jsonlines.lines import capture_line, event_line
        from volttools.render.summary import summary_line

        out = JsonOutput(["-"] if self.is_immediate else self.files)

        def end() -> None:
            if self.options.wants_summary:
                out.write(summary_line(self.matching or self.tally))
            out.flush()

        def show(found: Found) -> None:
            line = event_line(found.event, keep_login_hashes=self.options.keep_login_hashes)
            out.write(line if found.is_hit else {**line, "context": True})

        return _Output(
            start=lambda: out.write(capture_line(self.files)), event=show, flush=out.flush, end=end
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
            width=console.width - (len(_HIT) if options.context else 0),
            with_addresses=not options.level,  # -v has its own line for them
        )
        writer = LineWriter(console, immediate=self.is_immediate)

        def show(found: Found) -> None:
            if lines.start_ns is None:
                lines.start_ns = self.capture.summary.first_ns
            if found.follows_gap and options.context:
                writer.write([("--", "muted")])
            for index, line in enumerate(lines.lines(found.event)):
                writer.write(self._marked(line, is_hit=found.is_hit and not index))
            if options.level and found.is_hit:
                self._open(found.event, console, writer)

        def end() -> None:
            if options.wants_summary:
                for line in summary_lines(
                    self.matching or self.tally, self.files, console, can_repeat=not options.follow
                ):
                    writer.write(line)
            writer.flush()

        return _Output(
            start=lambda: writer.write(self._marked(lines.header())),
            event=show,
            flush=writer.flush,
            end=end,
        )

    def _marked(self, line: Line, *, is_hit: bool = False) -> Line:
        """A line with the sign of a hit before it, where there are others beside them."""
        if not self.options.context:
            return line
        return [(_HIT if is_hit else " " * len(_HIT), "number"), *line]

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


@dataclass(slots=True)
class _Output:
    start: Callable[[], None]
    event: Callable[[Found], None]
    flush: Callable[[], None]
    end: Callable[[], int | None]  # an exit status, if there is more to say than what was read
    has_begun: bool = False

    def begin(self) -> None:
        """Show what stands before the first event, once."""
        if not self.has_begun:
            self.has_begun = True
            self.start()
