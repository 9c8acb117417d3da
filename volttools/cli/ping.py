"""`volttools ping`: whether servers answer."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from volttools.cli import say
from volttools.cli.calling import FAILED, pause
from volttools.cli.connecting import Seconds, connected_to, login_options, same_hosts_option, settings_of
from volttools.cli.options import Command, examples, option

if TYPE_CHECKING:
    from volttools.client.connection_settings import ConnectionSettings
    from volttools.client.node import Pong

_HELP = """Say whether servers let one in and answer, and how fast.

Each HOST is asked by itself, on a connection of its own: name or number, and a port where it isn't
21212. Without one it is each of VOLTTOOLS_HOST or of the profile, else localhost.

Exit status: 0 all answered; 1 one answered with an error; 2 one could not be called.
"""


@click.command(
    cls=Command,
    help=_HELP,
    epilog=examples(
        "volttools ping localhost",
        "volttools ping db1 db2:21213 --timeout 2 --json",
        "volttools ping db1 --watch 1",
    ),
)
@click.argument("asked", nargs=-1, metavar="[HOST]...")
@same_hosts_option
@login_options
@option("Output", "--json", "as_data", is_flag=True, help="A JSON object a server.")
@option("Output", "--watch", type=Seconds(), metavar="TIME", help="Again every 2, or 500ms, until Ctrl-C.")
def command(asked: tuple[str, ...], watch: float | None, **options: Any) -> int:
    found = settings_of(options, asked)
    each = [found.at(address) for address in found.addresses]
    status = _round(each, options)
    if watch is None:
        return status
    try:
        while True:
            sys.stdout.flush()
            pause(watch)
            status = _round(each, options)
    except KeyboardInterrupt:
        return status


def _round(each: Sequence[ConnectionSettings], options: dict[str, Any]) -> int:
    """Ask each server once; gives the exit status."""
    from volttools.errors import ClientError

    statuses = []
    for settings in each:
        address = str(settings.addresses[0])
        try:
            statuses.append(_ask(settings, address, options))
        except ClientError as error:
            statuses.append(2)
            if options["as_data"]:
                _print_json({"address": address, "error": str(error)})
            else:
                sys.stdout.flush()
                say(str(error))
    return max(statuses)


def _ask(settings: ConnectionSettings, address: str, options: dict[str, Any]) -> int:
    from volttools.client.node import ping
    from volttools.formats.response import SUCCESS

    with connected_to(settings, options, signatures=False) as client:
        pong = ping(client)
    if options["as_data"]:
        _print_json(pong.as_json())
    elif pong.status == SUCCESS:
        click.echo(f"{address}: {pong.build} answered in {pong.latency_ns / 1e6:.3f} ms")
    else:
        sys.stdout.flush()
        say(f"{address}: {_visible(pong)}")
    return 0 if pong.status == SUCCESS else FAILED


def _visible(pong: Pong) -> str:
    from volttools.render.values import visible

    return visible(pong.error or "")


def _print_json(line: dict[str, Any]) -> None:
    from volttools.jsonlines.lines import line_bytes

    sys.stdout.buffer.write(line_bytes(line))
    sys.stdout.buffer.flush()
