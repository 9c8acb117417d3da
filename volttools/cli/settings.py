"""`volttools settings`: which settings a connection would have, and why."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from volttools.cli.connecting import hosts_option, login_options, settings_of
from volttools.cli.options import Command, examples, option

if TYPE_CHECKING:
    from volttools.client.connection_settings import ConnectionSettings
    from volttools.client.shown_settings import Shown

_HELP = """Show which settings a connection would have, and where each comes from.

Options go before the environment (VOLTTOOLS_USER ...), that before a profile, and that before what is
built in. Nothing is connected to, and no secret is shown. docs/connecting.md has all settings.
"""


@click.command(
    cls=Command,
    help=_HELP,
    epilog=examples(
        "volttools settings", "volttools settings --profile production", "volttools settings --json"
    ),
)
@hosts_option
@login_options
@option("Output", "--json", "as_data", is_flag=True, help="A JSON object; secrets are null.")
def command(**options: Any) -> None:
    from volttools.client.profiles import profile_names, profiles_path
    from volttools.client.shown_settings import shown

    settings = settings_of(options)
    rows = [one._replace(source=_source(one, settings)) for one in shown(settings)]
    path, names = profiles_path(), profile_names()
    if options["as_data"]:
        from volttools.jsonlines.lines import line_bytes

        found = {one.key: {"value": one.value, "source": one.source} for one in rows}
        line = {"settings": found, "profile": settings.profile, "profiles": names, "profiles_file": path}
        sys.stdout.buffer.write(line_bytes(line))
        return
    cells = [(one.key, _text(one), one.source) for one in rows]
    widths = [max(len(row[column]) for row in cells) for column in (0, 1)]
    for key, value, source in cells:
        click.echo(f"{key:{widths[0]}}  {value:{widths[1]}}  {source}")
    click.echo(f"\nprofiles in {path}: {', '.join(names) or 'none'}")


def _source(one: Shown, settings: ConnectionSettings) -> str:
    """Where it comes from, by the option's name if it is one."""
    from volttools.client.settings import SETTINGS

    given = settings.given.get(one.key)
    if given is None or given.rank:
        return one.source
    name = SETTINGS[one.key].option.partition(" ")[0].rstrip(",") or "--timeout"
    return name.replace("--", "--no-") if one.value is False else name


def _text(one: Shown) -> str:
    if one.value is None:
        return "(not shown)"
    if isinstance(one.value, bool):
        return "yes" if one.value else "no"
    if isinstance(one.value, list):
        return ", ".join(one.value)
    return f"{one.value:g} s" if isinstance(one.value, float) else one.value or "nobody"
