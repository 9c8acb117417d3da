"""`volttools info`: what a server tells of itself."""

from __future__ import annotations

import sys
from typing import Any

import click

from volttools.cli.calling import FAILED
from volttools.cli.connecting import connected, login_options, tap_options
from volttools.cli.options import Command, console_options, examples, make_console, option

_HELP = """Show a server's version, uptime, topology and procedures.

HOST is a name or a number, and a port where it isn't 21212; several with commas are tried in turn.
Without it, it is VOLTTOOLS_HOST, the profile's, or localhost. What the server refuses to tell, for lack of a
permission, is said with its reason.

Exit status: 0 it told all; 1 it refused to tell some of it; 2 could not call.
"""


@click.command(
    cls=Command,
    help=_HELP,
    epilog=examples("volttools info localhost", "volttools info db1 --user ops --password --json"),
)
@click.argument("host", required=False)
@login_options
@tap_options
@option("Output", "--json", "as_data", is_flag=True, help="One JSON object, with all that the hosts tell.")
@console_options
def command(host: str | None, **options: Any) -> int:
    from volttools.client.node import node_info

    hosts = [] if host is None else [host]
    with connected(options, hosts, signatures=False) as client:
        info = node_info(client)
    if options["as_data"]:
        from volttools.jsonlines.lines import line_bytes

        sys.stdout.buffer.write(line_bytes(info.as_json()))
    else:
        from volttools.render.cells import LineWriter
        from volttools.render.node import node_lines

        console = make_console(options["color"], options["width"])
        writer = LineWriter(console)
        for line in node_lines(info.as_json(), console.width):
            writer.write(line)
        writer.flush()
    return FAILED if info.missing else 0
