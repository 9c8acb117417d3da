"""`volttools redact`: a capture that can be given away."""

from __future__ import annotations

import json
import os
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from volttools.cli import say
from volttools.cli.options import (
    Command,
    examples,
    files_argument,
    keylog_option,
    option,
    output_options,
    ports_option,
)
from volttools.cli.selecting import selection_options, wants_of

if TYPE_CHECKING:
    from volttools.redaction.report import Report

_HELP = """Replace what captures hold of people and secrets by pseudonyms.

Hashes of passwords become zeros. Every value of every parameter, result and SQL literal becomes
another one of the same type and length; equal values stay equal, in all files redacted with the
same key. So a redacted capture still decodes, compares and replays. Rules say what may stay
(--rules); docs/redaction.md has all of them, and what a redacted capture still tells.

The report, on standard output (on stderr with -o -), tells what was done with each parameter and column,
and by which rule. It names procedures and columns, never a value.

Exit status: 0 all was redacted; 1 a rule matched nothing, frames could not be read and are zeros now,
or something of the source is damaged; 2 could not run; 130 interrupted.
"""


@click.command(
    cls=Command,
    help=_HELP,
    epilog=examples(
        "volttools redact captures/demo.pcap -o safe.pcapng",
        "volttools redact --explain captures/demo.pcap",
        "volttools redact --explain --json captures/demo.pcap",
        more="`volttools redact --new-key redact.key` makes a key for --key-file; "
        "examples/redact.toml is a file for --rules.",
    ),
)
@partial(files_argument, required=False)
@option(
    "Rules",
    "--rules",
    metavar="FILE",
    help="What becomes of what, in TOML; without it, every value is replaced.",
)
@option(
    "Rules",
    "--key-file",
    metavar="FILE",
    help="The key: the same key gives the same pseudonyms. By default a random one.",
)
@option("Rules", "--new-key", metavar="FILE", help="Make a key, in a new file, and use it.")
@option(
    "Rules", "--explain", is_flag=True, help="Write no capture, and tell what would be done, place by place."
)
@option(
    "Rules", "--report", metavar="FILE", help="Write the report there; as JSON if the name ends in .json."
)
@partial(output_options, required=False)
@selection_options
@ports_option
@keylog_option
def command(files: tuple[str, ...], **options: Any) -> int:
    from volttools.capture.reader import open as open_capture
    from volttools.cli.written import Writing
    from volttools.redaction.redactor import Redactor
    from volttools.redaction.rules import Rules, read_rules

    output, explain = options["output"], options["explain"]
    key_file, new_key = options["key_file"], options["new_key"]
    _check(files, output, explain, key_file, new_key)
    others = [*files, *options["keylog"], output, key_file, new_key, options["rules"]]
    _check_report(options["report"], list(filter(None, others)))
    known = Rules() if options["rules"] is None else read_rules(options["rules"])
    key = _key(key_file, new_key, is_used=bool(files) and not explain)
    if not files:
        say(f"{new_key} is a new key; keep it where the originals are")
        return 0
    redactor = Redactor(known, key)
    status = 0
    with (
        Writing({**options, "output": output or "-", "as_data": False}) as writing,
        open_capture(
            *files,
            ports=options["ports"],
            keylog=options["keylog"],
            on_progress=writing.progress.update,
        ) as capture,
    ):
        wants = wants_of(options, capture)
        if explain:
            for event in capture.events():
                if wants is None or wants(event):
                    redactor.bodies(event)
        else:
            converted = writing.convert(capture, wants=wants, rewriter=redactor)
            status = writing.tell(converted, losses=capture.summary.losses, is_narrow=wants is not None)
    found = _tell(redactor.report, options["report"], options["as_data"], to_stderr=output == "-")
    return max(status, found)


def _check(
    files: tuple[str, ...], output: str | None, explain: bool, key_file: str | None, new_key: str | None
) -> None:
    """Raise UsageError for what doesn't go together."""
    if key_file is not None and new_key is not None:
        raise click.UsageError("--key-file and --new-key don't go together: --new-key is used as well")
    if not files:
        if new_key is None:
            raise click.UsageError("missing argument 'FILE...'")
        if output is not None or explain:
            raise click.UsageError("missing argument 'FILE...': there is nothing to redact")
        return
    if explain and output is not None:
        raise click.UsageError("--explain and --output don't go together: it writes nothing")
    if not explain and output is None:
        raise click.UsageError("missing option '--output'; or --explain, to see what would be done")


def _check_report(report: str | None, others: list[str]) -> None:
    """Raise UsageError for a report that would be written over another file of the run."""
    if report is not None and os.path.realpath(report) in map(os.path.realpath, others):
        raise click.UsageError(f"--report {report}: that file is read or written for something else")


def _key(key_file: str | None, new_key: str | None, *, is_used: bool) -> bytes:
    from volttools.redaction import keys

    if new_key is not None:
        keys.new_key(new_key)
        key_file = new_key
    if key_file is not None:
        return keys.read_key(key_file)
    if is_used:
        say("no --key-file, so a key for this run: equal values stay equal within this output only")
    return keys.random_key()


def _tell(report: Report, file: str | None, as_data: bool, *, to_stderr: bool) -> int:
    """Print or write the report; gives the exit status."""
    if file is None:
        click.echo(_text(report, as_data), err=to_stderr)
    else:
        with open(file, "w", encoding="utf-8") as stream:
            stream.write(_text(report, as_data or file.endswith(".json")) + "\n")
    return 1 if report.unused_rules or report.zeroed else 0


def _text(report: Report, as_data: bool) -> str:
    if as_data:
        return json.dumps(report.as_json(), ensure_ascii=False, indent=1)
    return "\n".join(report.lines())
