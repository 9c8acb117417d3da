"""`volttools fields`: what --where can ask for."""

from __future__ import annotations

import json

import click

from volttools.cli.options import Command, console_options, examples, make_console, option


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from volttools.filters.fields import FIELDS

    return [name for name in FIELDS if name.startswith(incomplete)]


@click.command(
    cls=Command,
    epilog=examples(
        "volttools fields",
        "volttools fields tables",
        "volttools fields status",
        "volttools fields --json latency",
        more="The whole story is in docs/filters.md.",
    ),
)
@click.argument("name", required=False, shell_complete=_complete)
@option("Output", "--json", "as_data", is_flag=True, help="As one JSON object.")
@console_options
def command(name: str | None, as_data: bool, color: str, width: int | None) -> None:
    """List the fields, comparisons and values of --where expressions.

    NAME is a field: then it and the fields within it are shown, with the names of their values.
    Fields come from the declarations of the messages; `volttools formats` has their bytes.
    """
    if as_data:
        from volttools.filters.catalog import as_json

        click.echo(json.dumps(as_json(name), ensure_ascii=False, indent=2))
        return
    from volttools.render.fields import print_fields

    print_fields(make_console(color, width), name)
