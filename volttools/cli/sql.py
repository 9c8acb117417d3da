"""`volttools sql`: run SQL on a live server."""

from __future__ import annotations

import sys
from typing import Any

import click

from volttools.cli.calling import STATUS_HELP, CallCommand, answer, call_options, check_output
from volttools.cli.connecting import connected
from volttools.cli.options import examples

_HELP = f"""Run SQL on a live server, and show its answer.

SQL is one statement, or several with ; between them, and - is what stands on standard input. ARGS stand
for its ? in turn; they are read by what they look like, as `volttools call` does.

{STATUS_HELP}
"""


@click.command(
    cls=CallCommand,
    help=_HELP,
    epilog=examples(
        'volttools sql "SELECT * FROM votes LIMIT 10"',
        'volttools sql "SELECT name FROM people WHERE id = ?" 5 --csv > people.csv',
        "volttools sql - -H db1 < schema.sql",
    ),
)
@click.argument("text", metavar="SQL")
@click.argument("arguments", nargs=-1, metavar="[ARGS]...")
@call_options
def command(text: str, arguments: tuple[str, ...], **options: Any) -> int:
    from volttools.client.text_arguments import read_arguments
    from volttools.errors import UsageError

    check_output(options)
    if text == "-":
        text = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")  # the server judges it
    if not text.strip():
        raise UsageError("there is no SQL to run: give a statement")
    values = read_arguments("@AdHoc", arguments)
    with connected(options) as client:
        return answer(options, lambda: client.call("@AdHoc", text, *values, check=False))
