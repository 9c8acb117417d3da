"""`volttools replay`: the calls of a capture, made again on another server."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import click

from volttools.cli.connecting import login_options, settings_of
from volttools.cli.ending import ended_by_signals
from volttools.cli.json_output import print_json
from volttools.cli.options import (
    Command,
    _ParamType,
    console_options,
    examples,
    option,
    ports_option,
    print_lines,
    progress_option,
    settled,
    together,
)
from volttools.cli.progress import Progress
from volttools.cli.replaying import (
    ReplayProgress,
    allowing_options,
    capture_keylog_option,
    check_pace,
    connections_options,
    limit_options,
    map_option,
    order_option,
    pace_options,
    reconnect_option,
    wishes_of,
    without_answers_option,
)
from volttools.cli.selecting import selection_options

if TYPE_CHECKING:
    from volttools.capture.reader import Capture
    from volttools.replay.replaying import Prepared, Wishes

_HELP = """Make the calls of a capture again, on another server, and measure how it answers.

CAPTURE is a pcap, pcapng, dump_file, cassette or JSON lines; of the other arguments those that are files are
captures as well, and all of them are read as one, by time. Its connections are made anew, to the HOSTs in turn, and its
calls leave at the times that were recorded, whatever becomes of the calls before them. A capture without times is replayed one call after the other. Log-ins are not replayed: who to log in as is
said here. Nor are pushes, and the calls that client libraries make by themselves.

Calls that only read are made, as far as the target's catalog and the statements of @AdHoc tell; all others
are held back unless --writes, --ddl and --admin let them through, and what is unknown counts as a write.

Nothing is sent twice: a call that has no answer counts as failed. A connection that is lost is made anew,
and calls that are due meanwhile leave when it is back. Ctrl-C ends it, with a report of what was done.

Exit status: 0 all calls were answered with SUCCESS, or with the status that was recorded; 1 some were not, or
it was ended; 2 nothing was sent.
"""

_MORE = """\b
With servers:
  $ volttools replay voter.pcapng db2 --dry-run
  $ volttools replay voter.pcapng db2 --writes -o replayed.pcapng
  $ volttools replay client1.pcapng client2.pcapng db2 --connection 3 --procedure 'Vote*'
  $ volttools replay voter.pcapng db2 db3 --rate 100..5000:60s --loop forever --for 5min
  $ volttools replay voter.pcapng db2 --where 'procedure ~ "^Get"' --as-fast-as-possible --order causal

docs/replay.md tells more."""


class Times(_ParamType):
    """How often: a number, or forever, which is 0."""

    name = "times"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        if value == "forever":
            return 0
        if not value.isdecimal() or not int(value):
            self.fail(f"{value!r} is neither a number of times nor 'forever'", param, ctx)
        return int(value)


_calls = together(
    selection_options,
    option("Filters", "--discovery", is_flag=True, help="Also the calls that client libraries make by themselves: @Subscribe, @Ping, @GetPartitionKeys, @Statistics TOPO, @SystemCatalog PROCEDURES and PROCEDURECOLUMNS, @SystemInformation OVERVIEW."),
    without_answers_option,
    limit_options,
)  # fmt: skip

_times = together(
    pace_options,
    option("Load", "--loop", type=Times(), metavar="N|forever", help="Make all of it so often."),
    connections_options,
    order_option,
)

_safety = together(
    option("Safety", "--dry-run", is_flag=True, help="Show what would be sent and what would be held back; only ask the target for its catalog."),
    allowing_options,
    option("Safety", "--allow-recorded-target", is_flag=True, help="HOST may be the server that was recorded."),
    reconnect_option,
)  # fmt: skip

_output = together(
    option("Output", "-o", "--output", metavar="FILE", help="Record what passes, as it does; the name tells the format: .pcapng, .jsonl, .dump. Beside it is a journal of what was sent, until the end."),
    option("Output", "--overwrite", is_flag=True, help="Write over a file that is there."),
    option("Output", "--resume", is_flag=True, help="Go on with the replay that wrote to -o and was cut: what may have been sent is not sent again. Writes FILE-2 and so on."),
    map_option,
    option("Output", "--script", metavar="FILE.py", help="Call its rewrite(message) with each call before it is sent, which may change it, and its on_exchange(exchange) with each call that ended; docs/replay.md has more."),
    option("Output", "-v", "--verbose", is_flag=True, help="List all calls that are missing from the capture."),
    option("Output", "--json", "as_data", is_flag=True, help="Report as JSON, on standard output."),
    progress_option,
)  # fmt: skip


@click.command(
    cls=Command, help=_HELP, epilog=examples("volttools replay --dry-run voter.pcapng db2", more=_MORE)
)
@click.argument("capture", metavar="CAPTURE", type=click.Path(allow_dash=True))
@click.argument("places", nargs=-1, required=True, metavar="[CAPTURE...] HOST...")
@_calls
@_times
@_safety
@_output
@capture_keylog_option
@ports_option
@login_options
@console_options
def command(capture: str, places: tuple[str, ...], **options: Any) -> int:
    import volttools
    from volttools.replay.replaying import prepare

    _check(options)
    captures, hosts = _captures_and_hosts(capture, places)
    settings = settings_of(options, hosts)
    reading = Progress(is_wanted=options["progress"], shares_screen=False)
    with volttools.open(
        *captures,
        ports=options["ports"],
        keylog=options["capture_keylog"] or None,
        on_progress=reading.update,
    ) as opened:
        try:
            prepared = prepare(opened, settings, _wishes(options, opened))
        finally:
            reading.clear()
        with prepared:
            if options["dry_run"]:
                return _show_plan(prepared, options)
            return _run(prepared, options)


_CAPTURES: Final = (".pcap", ".pcapng", ".dump", ".jsonl", ".cassette", ".gz")
"""What a file's name ends with, and no host's."""


def _captures_and_hosts(capture: str, places: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """What of the arguments is what: files are captures. UsageError for what is nothing, or without a host."""
    hosts = [place for place in places if not os.path.isfile(place)]
    for place in hosts:
        if os.path.isdir(place) or place.endswith(_CAPTURES):
            raise click.UsageError(f"{place} is neither a file nor a host")
    if not hosts:
        raise click.UsageError("say where to: all of the arguments are files, and HOST is the target")
    return [capture, *(place for place in places if os.path.isfile(place))], hosts


def _run(prepared: Prepared, options: dict[str, Any]) -> int:
    """Make the calls, and tell what came of it."""
    progress = ReplayProgress(prepared.total, is_wanted=options["progress"])
    script = None
    if options["script"] is not None:
        from volttools.hooks import Script
        from volttools.replay.script import ScriptChanger

        script = ScriptChanger(Script(options["script"], progress.say))
    with ended_by_signals(prepared.stop):
        report = prepared.run(
            recordings=() if script is None else (script.tap(),),
            changers=() if script is None else (script,),
            on_tick=progress.tick,
            on_trouble=progress.say,
        )
    progress.clear()
    status = settled(report.exit_status)
    if options["as_data"]:
        print_json(report.as_json())
    else:
        lines = partial(report.lines, is_long=options["verbose"])
        print_lines(lines, options["color"], options["width"])
    return status


def _show_plan(prepared: Prepared, options: dict[str, Any]) -> int:
    from volttools.replay.dry_run import plan_json, plan_report

    if options["as_data"]:
        print_json(plan_json(prepared))
    else:
        lines = partial(plan_report, prepared, is_long=options["verbose"])
        print_lines(lines, options["color"], options["width"])
    return 0


def _check(options: dict[str, Any]) -> None:
    """Raise UsageError for what doesn't go together."""
    check_pace(options)
    if options["output"] is None:
        for name in ("overwrite", "resume"):
            if options[name]:
                raise click.UsageError(f"--{name} is about what is written: give -o FILE too")
    if options["overwrite"] and options["resume"]:
        raise click.UsageError("--resume goes on with what is there, and --overwrite throws it away")
    if options["output"] == "-":
        raise click.UsageError("-o needs the name of a file: a journal is kept beside it")


def _wishes(options: dict[str, Any], capture: Capture) -> Wishes:
    writes = not options["dry_run"]
    return replace(
        wishes_of(options, capture),
        discovery=options["discovery"],
        recorded_target=options["allow_recorded_target"],
        output=options["output"] if writes else None,
        overwrite=options["overwrite"],
        resume=options["resume"] and writes,
    )
