"""`volttools call`: call a procedure of a live server."""

from __future__ import annotations

from typing import Any

import click

from volttools.cli.calling import STATUS_HELP, CallCommand, answer, call_options, check_output
from volttools.cli.connecting import connected
from volttools.cli.options import examples, option

_HELP = f"""Call a procedure of a live server, and show its answer.

ARGS are read by the types that the server's catalog tells, or --types; where neither does, by what they
look like: 5 and -1.5 are numbers, true and false themselves, all else is text. null is NULL, [1, 2, null]
an array, "5" in JSON's quotes a text; VARBINARY is hex, TIMESTAMP "2024-02-29 12:00:00.5" (UTC) or
microseconds since 1970, geography WKT. An argument that begins with a dash and is no number stands
behind --.

{STATUS_HELP}
"""


def _types_of(text: str | None) -> list[str] | None:
    return None if text is None else [part for part in text.split(",") if part.strip()]


@click.command(
    cls=CallCommand,
    help=_HELP,
    epilog=examples(
        "volttools call @SystemInformation OVERVIEW",
        "volttools call Vote 6175551212 3 2 -H db1,db2 --json",
        "volttools call Store --types BIGINT,VARBINARY,INTEGER[] 5 c0ffee '[1, 2, null]' --tap store.pcapng",
        "volttools call @Statistics PROCEDUREPROFILE 0 --watch 2",
    ),
)
@click.argument("procedure")
@click.argument("arguments", nargs=-1, metavar="[ARGS]...")
@option(
    "Call",
    "--types",
    metavar="TYPE,...",
    help="Types of the parameters, in the place of the catalog's: BIGINT,VARCHAR,INTEGER[].",
)
@call_options
def command(procedure: str, arguments: tuple[str, ...], types: str | None, **options: Any) -> int:
    from volttools.client.signatures import slots_of
    from volttools.client.text_arguments import read_arguments
    from volttools.errors import UsageError
    from volttools.words import counted

    check_output(options)
    if not procedure.strip():
        raise UsageError("there is no procedure to call: give its name")
    names = _types_of(types)
    slots = None if names is None else slots_of(names)
    if slots is not None and len(slots) != len(arguments):
        raise UsageError(
            f"{counted(len(arguments), 'argument')} and {counted(len(slots), 'type')}: give --types one for each"
        )
    values = None if slots is None and arguments else read_arguments(procedure, arguments, slots)
    with connected(options) as client:
        if values is None:
            values = read_arguments(procedure, arguments, client.parameter_slots(procedure))
        return answer(options, lambda: client.call(procedure, *values, types=names, check=False))
