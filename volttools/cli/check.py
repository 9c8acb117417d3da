"""`volttools check`: is this capture whole, and who breaks the protocol?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from volttools.cli.options import (
    Command,
    console_options,
    examples,
    files_argument,
    folding_width,
    keylog_option,
    make_console,
    option,
    ports_option,
    print_lines,
    progress_option,
    together,
)

if TYPE_CHECKING:
    from volttools.checks import Finding, Verdict

EXAMPLES = (
    "volttools check captures/demo.pcap",
    "volttools check --all --no-notes captures/demo.pcap",
    "volttools check --json captures/demo.pcap | tail -n 1",
    "volttools check --list",
)

_HELP = """Say whether captures are whole, and whether both sides keep to the protocol.

Looks for damage (gaps, cut frames, calls or responses that are not in the capture, encryption), for
violations of the protocol by the client or the server, and for calls without an answer; notes are
what is worth knowing besides. Each finding has its place: connection, exchange, frame, and the byte
in the stream of its sender. Of a kind that is found often the first places are shown.

Reads what `volttools decode` reads; several files are read as one capture. The last line is the
verdict. Where bytes are missing, what can't be read, is late or has no response counts as damage
and not as a violation.

Exit status: 0 whole, and nobody did wrong; 1 damage or violations, with --strict also notes; 2 could
not run; 130 interrupted.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options as click gives them; see the help for what they mean."""

    all: bool
    notes: bool
    quiet: bool
    json: bool
    strict: bool
    ports: tuple[int, ...]
    keylog: tuple[str, ...]
    progress: bool
    color: str
    width: int | None


def _list_rules(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    ctx.meta["list"] = value


_views = together(
    option("View", "--all", is_flag=True, help="Every finding with its place, in the order of the capture, as it is found."),
    option("View", "--notes/--no-notes", default=True, help="Show what is worth knowing and no fault of anyone's."),
    option("View", "--quiet", is_flag=True, help="Print nothing; the exit status says it."),
    option("View", "--json", is_flag=True, help="JSON lines: one for each finding, then the summary."),
    option("View", "--list", is_flag=True, expose_value=False, callback=_list_rules, help="Print all kinds of findings, what they mean and which source says so; reads no file."),
    option("Judgement", "--strict", is_flag=True, help="Exit with 1 for notes as well."),
    ports_option,
    keylog_option,
    progress_option,
)  # fmt: skip


@click.command(cls=Command, help=_HELP, epilog=examples(*EXAMPLES, more="docs/check.md has all codes."))
@partial(files_argument, required=False)
@_views
@console_options
def command(files: tuple[str, ...], **given: Any) -> int:
    options = Options(**given)
    if options.quiet and (options.json or options.all):
        raise click.UsageError("--quiet and --json, --all don't go together: it prints nothing")
    if click.get_current_context().meta["list"]:
        _print_rules(options)
        return 0
    if not files:
        raise click.UsageError("missing argument 'FILE...'")
    return check(list(files), options)


def check(files: list[str], options: Options) -> int:
    """Read, judge, show, and say with which status to exit."""
    from volttools.capture.reader import open as open_capture
    from volttools.checks import Severity, Verdict
    from volttools.checks import check as findings_of
    from volttools.cli.progress import Progress

    progress = Progress(is_wanted=options.progress, shares_screen=sys.stdout.isatty())
    verdict = Verdict()
    output = _output(files, options)
    interrupted = False
    try:
        capture = open_capture(
            *files, ports=options.ports, keylog=options.keylog, on_progress=progress.update
        )
        for finding in findings_of(capture.events(), verdict):
            if options.notes or finding.severity is not Severity.NOTE:
                progress.before_output()
                output.finding(finding)
    except KeyboardInterrupt:
        interrupted = True
    finally:
        progress.clear()
    output.end(verdict, interrupted)
    if interrupted:
        return 130
    is_good = not verdict.codes if options.strict else verdict.is_clean
    return 0 if is_good else 1


@dataclass(frozen=True, slots=True)
class _Output:
    finding: Callable[[Finding], None]
    end: Callable[[Verdict, bool], None]


def _output(files: list[str], options: Options) -> _Output:
    if options.quiet:
        return _Output(finding=lambda finding: None, end=lambda verdict, interrupted: None)
    return _json_output(files) if options.json else _output_for_people(files, options)


def _json_output(files: list[str]) -> _Output:
    from volttools.checks.verdict import finding_line, summary_line
    from volttools.cli.json_output import JsonOutput

    out = JsonOutput(files)

    def end(verdict: Verdict, interrupted: bool) -> None:
        out.write(summary_line(verdict, files, interrupted=interrupted))
        out.flush()

    return _Output(finding=lambda finding: out.write(finding_line(finding)), end=end)


def _output_for_people(files: list[str], options: Options) -> _Output:
    from volttools.render.cells import Line, LineWriter
    from volttools.render.findings import FindingsPage, verdict_lines

    console = make_console(options.color, options.width)
    writer = LineWriter(console, immediate="-" in files)
    width = folding_width(console, options.width)
    page = FindingsPage(width=width, with_files=len(files) > 1)

    def write(lines: Iterable[Line]) -> None:
        for line in lines:
            writer.write(line)

    def finding(found: Finding) -> None:
        if options.all:
            write(page.line_each(found))
        else:
            page.add(found)

    def end(verdict: Verdict, interrupted: bool) -> None:
        write(page.lines())
        if interrupted:
            writer.write([("interrupted: the rest was not read", "summary.warning")])
        write(verdict_lines(verdict, width=width))
        writer.flush()

    return _Output(finding=finding, end=end)


def _print_rules(options: Options) -> None:
    from volttools.checks import RULES
    from volttools.jsonlines.lines import line_text
    from volttools.render.findings import rule_lines

    if options.json:
        for rule in RULES.values():
            names = ("code", "severity", "side", "doc", "source")
            click.echo(line_text({"kind": "rule", **{name: getattr(rule, name) for name in names}}))
        return
    print_lines(lambda width: rule_lines(width=width), options.color, options.width)
