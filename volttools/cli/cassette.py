"""`volttools cassette`: recorded answers as text."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from volttools.cli import say
from volttools.cli.options import (
    Command,
    Number,
    examples,
    files_argument,
    keylog_option,
    option,
    ports_option,
)
from volttools.cli.selecting import selection_options, wants_of
from volttools.errors import UsageError

if TYPE_CHECKING:
    from volttools.cassettes import Complaint, Interaction

_HELP = """Look at, edit, check or make cassettes: recorded answers as text.

A cassette is played by a mock server in tests; docs/cassettes.md tells how, and what stands in the file. Any
capture can be played as well, and every command reads a cassette as a capture: `volttools decode FILE`.
"""

_file_argument = click.argument("file", type=click.Path(), metavar="FILE")
_json_option = option("Output", "--json", "as_data", is_flag=True, help="As JSON lines, one thing a line.")


@click.group(
    help=_HELP,
    epilog=examples(
        "volttools cassette show captures/demo.pcap",
        "volttools cassette from-capture captures/demo.pcap -o demo.cassette",
    ),
)
def command() -> None:
    pass


_SHOW = """List what is in a cassette, or in any capture: each call, and how it is answered.

Exit status: 0 it is shown; 2 could not run.
"""


@command.command(
    "show",
    short_help="List what is in a cassette, or in any capture.",
    cls=Command,
    help=_SHOW,
    epilog=examples("volttools cassette show captures/demo.pcap"),
)
@_file_argument
@option(
    "Output", "--number", type=Number(min=1), metavar="N", help="One of them, as it stands in a cassette."
)
@_json_option
@keylog_option
def show(file: str, number: int | None, as_data: bool, keylog: tuple[str, ...]) -> int:
    from volttools.cassettes import load
    from volttools.cassettes.layout import interaction_line, laid_out
    from volttools.jsonlines.lines import line_text

    interactions = list(load(file, must_exist=True, keylog=keylog))
    if number is not None:
        if number > len(interactions):
            raise UsageError(f"{file}: there is no number {number}; {len(interactions):,} are in it")
        interactions = interactions[number - 1 : number]
    for count, interaction in enumerate(interactions, number or 1):
        line = interaction_line(interaction.exchange(count)) if as_data or number is not None else {}
        if as_data:
            click.echo(line_text({"number": count, **line}))
        elif number is not None:
            click.echo(laid_out(line), nl=False)
        else:
            click.echo(_shown(count, interaction))
    return 0


def _shown(number: int, interaction: Interaction) -> str:
    from volttools.mock.differences import cut, shown

    response = interaction.response
    rows = sum(len(table.rows) for table in response.tables)
    answer = response.status_name
    if response.tables:
        answer += f", {rows:,} row{'' if rows == 1 else 's'}"
    if response.status_string:
        answer += f": {cut(response.status_string.splitlines()[0])}"
    latency = "" if interaction.latency_ns is None else f", {interaction.latency_ns / 1e6:.3g} ms"
    return f"{number:>5}  {_one_line(shown(interaction.invocation))} -> {_one_line(answer)}{latency}"


def _one_line(text: str) -> str:
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


_CHECK = """Say whether cassettes can be played: each line that is wrong, with its number and the reason.

Exit status: 0 all are good; 1 something is wrong; 2 could not run.
"""


@command.command(
    "check",
    short_help="Say whether cassettes can be played.",
    cls=Command,
    help=_CHECK,
    epilog=examples("volttools cassette check tests/cassettes/*"),
)
@files_argument
@_json_option
def check_command(files: tuple[str, ...], as_data: bool) -> int:
    from volttools.cassettes import check

    is_wrong = False
    for file in files:
        complaints = check(file)
        is_wrong = is_wrong or any(complaint.is_error for complaint in complaints)
        if as_data:
            for complaint in complaints:
                click.echo(json.dumps({"file": file, **_data(complaint)}))
        else:
            for complaint in complaints:
                click.echo(f"{file}: {complaint}")
            if not complaints:
                click.echo(f"{file}: good")
            elif not any(complaint.is_error for complaint in complaints):
                click.echo(f"{file}: good, it can be played all the same")
    return int(is_wrong)


def _data(complaint: Complaint) -> dict[str, Any]:
    return {"line": complaint.line, "text": complaint.text, "is_error": complaint.is_error}


_EDIT = """Open a cassette in $VISUAL or $EDITOR, and keep what was written once nothing is wrong with it.

Until then the cassette stays as it was. Side files (FILE.d) are files of their own to edit.

Exit status: 0 it is as you want it; 1 something is wrong with what was written, and it was put beside; 2 could
not run.
"""


@command.command(
    "edit",
    short_help="Edit a cassette; it is checked before it is kept.",
    cls=Command,
    help=_EDIT,
    epilog=examples("volttools cassette edit votes.cassette"),
)
@_file_argument
def edit_command(file: str) -> int:
    from volttools.cassettes.editing import edit

    is_changed, given_up = edit(file, _open_editor, _wants_again)
    if given_up is not None:
        say(f"{file} is as it was; what you wrote is in {given_up}")
        return 1
    say(f"{file} is changed" if is_changed else f"{file} is as it was")
    return 0


def _open_editor(file: str) -> None:
    try:
        click.edit(filename=file)
    except click.ClickException as error:
        raise UsageError(f"{error.message}; $EDITOR says which editor") from error


def _wants_again(complaints: list[Complaint]) -> bool:
    for complaint in complaints:
        say(str(complaint))
    return sys.stdin.isatty() and click.confirm("Edit again?", default=True, err=True)


_FROM_CAPTURE = """Make a cassette of captures, or of a piece of them.

Only calls with their answers go in. Hashes of passwords don't; values do, so redact the capture first
(`volttools redact`) if it is of real data.

Exit status: 0 it is written; 1 nothing was asked for that could be written; 2 could not run.
"""


@command.command(
    "from-capture",
    short_help="Make a cassette of captures, or of a piece of them.",
    cls=Command,
    help=_FROM_CAPTURE,
    epilog=examples("volttools cassette from-capture --procedure Fail captures/demo.pcap -o fail.cassette"),
)
@files_argument
@option(
    "Output",
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    help="The cassette; its name may end as you like.",
)
@option("Output", "--overwrite", is_flag=True, help="Write over a file that is there.")
@selection_options
@ports_option
@keylog_option
def from_capture(files: tuple[str, ...], output: str, overwrite: bool, **options: Any) -> int:
    from volttools.capture.reader import open as open_capture
    from volttools.cassettes import Cassette

    if Path(output).exists() and not overwrite:
        raise UsageError(f"{output} is there already; --overwrite writes over it")
    cassette = Cassette()
    with open_capture(*files, ports=options["ports"], keylog=options["keylog"]) as capture:
        cassette.add_events(capture.events(), wants_of(options, capture))
    if not len(cassette):
        say("no call with its answer was asked for; nothing is written")
        return 1
    cassette.save(output)
    calls = "1 call" if len(cassette) == 1 else f"{len(cassette):,} calls"
    say(f"wrote {output}: {calls}")
    return 0
