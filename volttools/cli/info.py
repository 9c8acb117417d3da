"""`volttools info`: what a server tells of itself."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from volttools.cli.calling import FAILED, pause
from volttools.cli.connecting import Seconds, connected, login_options, same_hosts_option, tap_options
from volttools.cli.options import Command, console_options, examples, make_console, option

if TYPE_CHECKING:
    from volttools.client.node import NodeInfo

_HELP = """Show a server's version, uptime, topology and procedures.

HOST is a name or a number, and a port where it isn't 21212; several with commas are tried in turn.
Without it, it is VOLTTOOLS_HOST, the profile's, or localhost. What the server refuses to tell, for lack of a
permission, is said with its reason.

With --watch it is asked again and again, and what has changed is said first: hosts that came or went,
leaders, sites, procedures.

Exit status: 0 it told all; 1 it refused to tell some of it; 2 could not call. That of a watch is that
of its last answer.
"""


@click.command(
    cls=Command,
    help=_HELP,
    epilog=examples(
        "volttools info localhost",
        "volttools info db1 --user ops --password --json",
        "volttools info db1 --watch 5",
    ),
)
@click.argument("host", required=False)
@same_hosts_option
@login_options
@tap_options
@option("Output", "--json", "as_data", is_flag=True, help="One JSON object, with all that the hosts tell.")
@option(
    "Output",
    "--watch",
    type=Seconds(),
    metavar="TIME",
    help="Ask again every 2, or 500ms, until Ctrl-C, on one connection; JSON has `changes` then.",
)
@console_options
def command(host: str | None, watch: float | None, **options: Any) -> int:
    from volttools.client.node import changes, node_info

    hosts = [] if host is None else [host]
    with connected(options, hosts, signatures=False) as client:
        info = node_info(client)
        _show(info, None if watch is None else [], options)
        if watch is None:
            return _status(info)
        try:
            while True:
                sys.stdout.flush()
                pause(watch)
                before, info = info, node_info(client)
                if not options["as_data"]:
                    click.echo()
                _show(info, changes(before, info), options)
        except KeyboardInterrupt:
            return _status(info)


def _status(info: NodeInfo) -> int:
    return FAILED if info.missing else 0


def _show(info: NodeInfo, changed: Sequence[str] | None, options: dict[str, Any]) -> None:
    """Show what was told, with what has changed if that was looked for."""
    if options["as_data"]:
        from volttools.jsonlines.lines import line_bytes

        told = info.as_json() if changed is None else {**info.as_json(), "changes": list(changed)}
        sys.stdout.buffer.write(line_bytes(told))
        sys.stdout.buffer.flush()
        return
    from volttools.render.cells import LineWriter
    from volttools.render.node import change_lines, node_lines

    console = make_console(options["color"], options["width"])
    writer = LineWriter(console)
    for line in (*change_lines(changed or ()), *node_lines(info.as_json(), console.width)):
        writer.write(line)
    writer.flush()
