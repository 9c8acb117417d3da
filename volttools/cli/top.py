"""`volttools top`: the statistics of a server as they change."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import click

from volttools.cli import say
from volttools.cli.calling import pause
from volttools.cli.connecting import Seconds, connected_to, login_options, same_hosts_option, settings_of
from volttools.cli.options import Command, Number, console_options, examples, make_console, option, together

if TYPE_CHECKING:
    from volttools.monitor.asking import Asker
    from volttools.monitor.figures import Figures
    from volttools.monitor.view import Choices

LONGEST_CALL_S = 10.0
"""A call for statistics may take so long, unless --timeout says otherwise: the server tells them at once."""

_HELP = """Watch a server's statistics: calls, latencies, procedures, tables, clients.

HOST is a name or a number, and a port where it isn't 21212; several with commas are tried in turn.
Without it, it is VOLTTOOLS_HOST, else localhost. What it tells is that of the whole cluster.

Keys: 1 2 3 or Tab for procedures, tables, clients; a column's underlined letter to sort by it, r for
the other way; / to look for names, p to pause, + and - for the interval, ? for help, q to quit. Where
standard output is no terminal, one screen is printed after one interval, or --count of them.

Exit status: 0 it was told; 2 could not call, or go on.
"""


_shown = together(
    option("View", "--interval", type=Seconds(), default="2", show_default=True, metavar="TIME", help="Ask every 2, or 500ms."),
    option("View", "--count", type=Number(min=1), metavar="N", help="End after so many intervals."),
    option("View", "--view", type=click.Choice(["procedures", "tables", "clients"]), help="What to begin with; with --json the only one of them that is asked for.  [default: procedures; all with --json]"),
    option("View", "--sort", metavar="COLUMN", help="Sort by name, calls, avg, max, share, aborts, failures, total; of tables by name, rows, growth, memory, parts."),
    option("View", "--once", is_flag=True, help="Print one screen after one interval, with all rows."),
    option("Output", "--json", "as_data", is_flag=True, help="A JSON object an interval; docs/top.md has its members."),
    console_options,
)  # fmt: skip


@click.command(
    cls=Command,
    help=_HELP,
    epilog=examples(
        "volttools top db1",
        "volttools top db1 --view tables --sort growth --interval 5",
        "volttools top db1 --once --sort avg",
        "volttools top db1 --json --count 60 > minute.jsonl",
    ),
)
@click.argument("host", required=False)
@same_hosts_option
@login_options
@_shown
def command(host: str | None, **options: Any) -> int:
    from volttools.monitor.asking import Asker
    from volttools.monitor.counters import CLIENTS, TABLES
    from volttools.monitor.live import show_live
    from volttools.monitor.view import Choices
    from volttools.render.live import LiveLines

    if options["as_data"] and options["once"]:
        raise click.UsageError("--json and --once don't go together: --count 1 gives one object")
    if options["once"] and options["count"] not in (None, 1):
        raise click.UsageError("--once and --count don't go together: --once is one interval")
    choices = Choices(view=options["view"] or "procedures", interval_s=options["interval"])
    _sort(choices, options["sort"])
    settings = settings_of(options, [] if host is None else [host])
    timeout = options["timeout"] or LONGEST_CALL_S
    asker = Asker(lambda: connected_to(settings, options, signatures=False, timeout=timeout))
    asker.connect()
    if options["as_data"]:
        wanted = (TABLES, CLIENTS) if options["view"] is None else choices.wanted()
        return _rounds(asker, wanted, options, _print_json)
    if options["once"] or not sys.stdout.isatty():
        return _rounds(asker, choices.wanted(), options, _Screens(choices, options))
    address = ", ".join(map(str, settings.addresses))
    live = LiveLines(make_console(options["color"], options["width"]), whole_screen=True)
    show_live(asker, choices, live, address=address, count=options["count"])
    return 0


def _sort(choices: Choices, name: str | None) -> None:
    """Sort by a column; UsageError for one that the view hasn't."""
    if name is None:
        return
    if choices.shown.column(name) is None:
        names = ", ".join(column.name for column in choices.shown.columns)
        raise click.UsageError(f"{choices.view} have no column {name!r} to sort by; they have {names}")
    choices.sort[choices.view] = name


def _rounds(
    asker: Asker, wanted: Collection[str], options: dict[str, Any], show: Callable[[Figures], None]
) -> int:
    """Show the figures of each interval: of so many, or until Ctrl-C. Trouble is said, and it goes on.

    Where only one is wanted, trouble is an error.
    """
    from volttools.errors import ConnectionLost
    from volttools.monitor.asking import Trouble, rounds
    from volttools.monitor.differences import Differences

    count = options["count"]
    if not options["as_data"]:
        count = count or 1
    differences = Differences()
    shown = 0
    with contextlib.closing(asker), contextlib.suppress(KeyboardInterrupt):
        for found in rounds(asker, lambda: wanted, lambda: options["interval"], pause):
            if isinstance(found, Trouble):
                if count == 1:
                    raise ConnectionLost(found.text)
                say(f"{found.text}; again in {found.again_in_s:g} s")
                continue
            figures = differences.add(found)
            if figures.interval_s is None:  # the first ones, and those of a server that started anew
                continue
            show(figures)
            shown += 1
            if shown == count:
                break
    return 0


def _print_json(figures: Figures) -> None:
    from volttools.jsonlines.lines import line_bytes

    sys.stdout.buffer.write(line_bytes({"time_ns": time.time_ns(), **figures.as_json()}))
    sys.stdout.buffer.flush()


class _Screens:
    """Prints screens, with an empty line between them."""

    def __init__(self, choices: Choices, options: dict[str, Any]) -> None:
        from volttools.monitor.screen import Show

        self._choices = choices
        self._console = make_console(options["color"], options["width"])
        self._show = Show()
        self._is_first = True

    def __call__(self, figures: Figures) -> None:
        from volttools.monitor.screen import screen_lines
        from volttools.render.cells import LineWriter

        self._show.take(figures)
        writer = LineWriter(self._console)
        if not self._is_first:
            writer.write([])
        self._is_first = False
        for line in screen_lines(self._show, self._choices, self._console):
            writer.write(line)
        writer.flush()
        sys.stdout.flush()
