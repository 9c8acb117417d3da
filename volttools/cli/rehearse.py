"""`volttools rehearse`: a capture replayed on the old server and on the new one, and compared."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from volttools.cli.comparing import latency_options, rules_of_files, rules_option
from volttools.cli.connecting import Seconds
from volttools.cli.ending import ended_by_signals
from volttools.cli.options import (
    Command,
    console_options,
    examples,
    make_console,
    option,
    ports_option,
    progress_option,
    together,
    where_option,
)
from volttools.cli.progress import Progress
from volttools.cli.replaying import (
    ReplayProgress,
    allowed_of,
    allowing_options,
    capture_keylog_option,
    check_pace,
    map_option,
    map_rules,
    order_option,
    pace_of,
    pace_options,
    wants_where,
)

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

OLD and NEW are HOST[:PORT], several with commas. Who to log in as is told by their profiles, or the environment.

Exit status: 0 the same; 1 different, or slower; 2 could not be found out.
"""

_servers = together(
    option("Servers", "--only-new", is_flag=True, help="There is no OLD: compare what NEW answers with what was recorded. What differs by itself isn't known then."),
    option("Servers", "--old-profile", metavar="NAME", help="How to connect to OLD: what the environment doesn't have is taken from that profile; `volttools settings` shows it."),
    option("Servers", "--new-profile", metavar="NAME", help="How to connect to NEW."),
    option("Servers", "--timeout", type=Seconds(), metavar="TIME", help="So long a call, and connecting, may take.  [default: 10s to connect, 120s for a call]"),
)  # fmt: skip

_safety = together(
    allowing_options,
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
        "volttools rehearse test-old test-new monday.pcapng --writes --map ids.toml",
        more="`python examples/rehearse.py` shows a page. docs/rehearse.md tells more.",
    ),
)
@click.argument("places", nargs=-1, metavar="OLD NEW CAPTURE")
@_servers
@where_option
@pace_options
@order_option
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

    *servers, path = _places(places, options)
    check_pace(options)
    old = None if options["only_new"] else _settings(servers[0], "old_profile", options)
    new = _settings(servers[-1], "new_profile", options)
    reading = Progress(is_wanted=options["progress"], shares_screen=False)
    with volttools.open(
        path, ports=options["ports"], keylog=options["capture_keylog"] or None, on_progress=reading.update
    ) as capture:
        try:
            prepared = prepare(capture, old, new, _wishes(options, capture))
        finally:
            reading.clear()
        with prepared:
            return _run(prepared, options)


def _places(places: tuple[str, ...], options: dict[str, Any]) -> tuple[str, ...]:
    """The servers and the capture; UsageError if there are too many or too few."""
    wanted = ("NEW", "CAPTURE") if options["only_new"] else ("OLD", "NEW", "CAPTURE")
    if len(places) == len(wanted):
        return places
    if not places:
        raise click.UsageError(
            f"say {', '.join(wanted[:-1])} and CAPTURE: the servers and the recorded calls"
        )
    hint = ""
    if len(places) == 2:
        hint = "; without OLD, --only-new compares NEW with the capture"
    elif options["only_new"]:
        hint = "; with --only-new there is no OLD"
    raise click.UsageError(f"wanted are {' '.join(wanted)}, and {len(places)} are given{hint}")


def _settings(place: str, profile: str, options: dict[str, Any]) -> ConnectionSettings:
    from volttools.client.connection_settings import ConnectionSettings

    settings = ConnectionSettings.of([place], profile=options[profile], timeout=options["timeout"])
    return settings if options["timeout"] is None else settings.connecting_within(options["timeout"])


def _wishes(options: dict[str, Any], capture: Capture) -> Wishes:
    from volttools.compare import Settings
    from volttools.rehearse.rehearsing import Wishes
    from volttools.replay import replaying
    from volttools.replay.schedule import Order, Schedule

    wants, path = wants_where(options["where"]), options["map_file"]
    return Wishes(
        replay=replaying.Wishes(
            schedule=Schedule(pace=pace_of(options), order=Order(options["order"])),
            allowed=allowed_of(options),
            wants=wants,
            rules=None if path is None else map_rules(capture, path, wants),
        ),
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
    from volttools.rehearse.report import Page, report_json
    from volttools.render.cells import LineWriter

    progress = ReplayProgress(prepared.new.total, is_wanted=options["progress"])
    try:
        with ended_by_signals(prepared.stop):
            found = prepared.run(
                on_tick=lambda name, replay: progress.tick(replay, f"{name}: "), on_trouble=progress.say
            )
    finally:
        progress.clear()
    data = report_json(found)
    found.evidence.write_verdict(data)
    if options["as_data"]:
        click.echo(json.dumps(data, ensure_ascii=False))
        return 0 if found.is_same else 1
    console = make_console(options["color"], options["width"])
    writer = LineWriter(console)
    width = None if options["width"] is None and not sys.stdout.isatty() else console.width
    for line in Page(width=width).lines(found):
        writer.write(line)
    writer.flush()
    return 0 if found.is_same else 1
