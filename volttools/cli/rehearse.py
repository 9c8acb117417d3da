"""`volttools rehearse`: a capture replayed on the old server and on the new one, and compared."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import click

from volttools.cli import say
from volttools.cli.comparing import latency_options, rules_of_files, rules_option
from volttools.cli.connecting import Seconds
from volttools.cli.ending import ended_by_signals
from volttools.cli.json_output import print_json
from volttools.cli.options import (
    Command,
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
    from volttools.client.connection_settings import ConnectionSettings
    from volttools.rehearse.rehearsing import Prepared, Wishes

_HELP = """Say whether a new server does what the old one did, by the calls of a capture.

The calls of CAPTURE are made on the server OLD, on OLD again, and on the server NEW, as `volttools replay` makes
them. What the two servers answered is compared as `volttools compare` does it, and what differs between the two
runs on OLD doesn't count. The verdict is one page; what was recorded and all differences are kept beside it.

Calls that only read are made, as far as both servers' catalogs tell; others are held back unless --writes, --ddl
and --admin let them through. The page says what part of the traffic was tested.

OLD and NEW are HOST[:PORT], several with commas. Several captures are read as one, by time. Who to log in as is told by their profiles, or the environment.

Exit status: 0 the same; 1 different, or slower; 2 could not be found out; 130 interrupted.
"""

_servers = together(
    option("Servers", "--only-new", is_flag=True, help="There is no OLD: compare what NEW answers with what was recorded. What differs by itself isn't known then."),
    option("Servers", "--old-profile", metavar="NAME", help="How to connect to OLD: what the environment doesn't have is taken from that profile; `volttools settings` shows it."),
    option("Servers", "--new-profile", metavar="NAME", help="How to connect to NEW."),
    option("Servers", "--timeout", type=Seconds(), metavar="TIME", help="So long a call, and connecting, may take.  [default: 10s to connect, 120s for a call]"),
)  # fmt: skip

_calls = together(
    selection_options, without_answers_option, limit_options, pace_options, connections_options, order_option
)

_safety = together(
    allowing_options,
    reconnect_option,
    option("Safety", "--reset", metavar="COMMAND", help="Call the shell's COMMAND before each replay, such as one that restores a snapshot; VOLTTOOLS_RUN is old, old-again or new then, and VOLTTOOLS_SERVER its HOST[:PORT]."),
    option("Safety", "--allow-recorded-old", is_flag=True, help="OLD may be the server that was recorded."),
    option("Safety", "--allow-recorded-new", is_flag=True, help="NEW may be at the address of the server that was recorded."),
)  # fmt: skip

_output = together(
    option("Output", "-o", "--output", metavar="DIRECTORY", help="Where the evidence is written: a new directory.  [default: rehearsal, rehearsal-2 ...]"),
    map_option,
    option("Output", "--json", "as_data", is_flag=True, help="The verdict as JSON, on standard output."),
    progress_option,
)  # fmt: skip


@click.command(
    cls=Command,
    help=_HELP,
    epilog=examples(
        "volttools rehearse db-old db-new monday.pcapng",
        "volttools rehearse db-old db-new monday.pcapng --speed 2x --where 'procedure ~ \"^Get\"'",
        "volttools rehearse --only-new db-new monday.pcapng --no-latency",
        "volttools rehearse test-old test-new monday.pcapng --writes --map ids.toml --reset ./restore.sh",
        more="`python examples/rehearse.py` shows a page. docs/rehearse.md tells more.",
    ),
)
@click.argument("places", nargs=-1, metavar="OLD NEW CAPTURE...")
@_servers
@_calls
@_safety
@rules_option
@latency_options
@_output
@capture_keylog_option
@ports_option
@console_options
def command(places: tuple[str, ...], **options: Any) -> int:
    import volttools
    from volttools.rehearse.rehearsing import prepare

    servers, paths = _places(places, options)
    _check(options)
    old = None if options["only_new"] else _settings(servers[0], "old_profile", options)
    new = _settings(servers[-1], "new_profile", options)
    reading = Progress(is_wanted=options["progress"], shares_screen=False)
    with volttools.open(
        *paths, ports=options["ports"], keylog=options["capture_keylog"] or None, on_progress=reading.update
    ) as capture:
        try:
            prepared = prepare(capture, old, new, _wishes(options, capture))
        finally:
            reading.clear()
        with prepared:
            return _run(prepared, options)


def _places(places: tuple[str, ...], options: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The servers and the captures; UsageError if there are too few."""
    wanted = ("NEW", "CAPTURE") if options["only_new"] else ("OLD", "NEW", "CAPTURE")
    if not places:
        raise click.UsageError(
            f"say {', '.join(wanted[:-1])} and CAPTURE: the servers and the recorded calls"
        )
    count = len(wanted) - 1
    is_old_named = options["only_new"] and len(places) > 2 and not os.path.exists(places[1])
    if len(places) > count and not is_old_named:
        return places[:count], places[count:]
    hint = ""
    if is_old_named:
        hint = "; with --only-new there is no OLD"
    elif len(places) == 2:
        hint = "; without OLD, --only-new compares NEW with the capture"
    raise click.UsageError(f"wanted are {' '.join(wanted)}, and {len(places)} are given{hint}")


def _check(options: dict[str, Any]) -> None:
    """Raise UsageError for what doesn't go together."""
    check_pace(options)
    if options["only_new"] and options["without_answers"]:
        raise click.UsageError("--only-new compares with what was answered, so not --without-answers")
    if options["only_new"] and (options["scale"] > 1 or options["connections"] is not None):
        raise click.UsageError(
            "--scale and --connections make other connections than those that were recorded, so answers can't be"
            " compared with the capture: give OLD, or leave them out"
        )
    if options["for_s"] is not None and options["as_fast_as_possible"]:
        raise click.UsageError(
            "with --as-fast-as-possible, --for would make other calls on each server; give --count instead"
        )


def _reset(command: str, name: str, servers: str) -> None:
    """Call what restores a server; ClientError if it fails."""
    from volttools.errors import ClientError
    from volttools.rehearse.rehearsing import NEW, OLD, OLD_AGAIN

    run = {OLD: "old", OLD_AGAIN: "old-again", NEW: "new"}[name]
    environment = {**os.environ, "VOLTTOOLS_RUN": run, "VOLTTOOLS_SERVER": servers}
    done = subprocess.run(command, shell=True, env=environment, stdout=sys.stderr, check=False)
    if done.returncode:
        raise ClientError(
            f"--reset ended with status {done.returncode} before the replay on the {name}: {command}"
        )


def _settings(place: str, profile: str, options: dict[str, Any]) -> ConnectionSettings:
    from volttools.client.connection_settings import ConnectionSettings

    settings = ConnectionSettings.of([place], profile=options[profile], timeout=options["timeout"])
    return settings if options["timeout"] is None else settings.connecting_within(options["timeout"])


def _wishes(options: dict[str, Any], capture: Capture) -> Wishes:
    from volttools.compare import Settings
    from volttools.rehearse.rehearsing import Wishes

    return Wishes(
        replay=wishes_of(options, capture),
        settings=Settings(
            rules=rules_of_files(options["rules_files"]),
            latency=options["latency"],
            slower=options["slower"] / 100,
            examples=5,
        ),
        directory=options["output"],
        allow_recorded_old=options["allow_recorded_old"],
        allow_recorded_new=options["allow_recorded_new"],
    )


def _run(prepared: Prepared, options: dict[str, Any]) -> int:
    """Make the calls, and tell what came of it."""
    from volttools.rehearse.rehearsing import InterruptedRehearsal
    from volttools.rehearse.report import Page, report_json

    progress = ReplayProgress(prepared.new.total, is_wanted=options["progress"])
    command = options["reset"]

    def reset(name: str, servers: str) -> None:
        progress.clear()  # as the command prints to the same screen
        _reset(command, name, servers)

    try:
        with ended_by_signals(prepared.stop):
            found = prepared.run(
                before=None if command is None else reset,
                on_tick=lambda name, replay: progress.tick(replay, f"{name}: "),
                on_trouble=progress.say,
            )
    except InterruptedRehearsal as error:
        progress.clear()
        say(str(error))
        return 130
    finally:
        progress.clear()
    data = report_json(found)
    found.evidence.write_verdict(data)
    status = settled(0 if found.is_same else 1)
    if options["as_data"]:
        print_json(data)
        return status
    print_lines(lambda width: Page(width=width).lines(found), options["color"], options["width"])
    return status
