"""`volttools formats`: the reference, printed from the declarations."""

from __future__ import annotations

import json

import click

from volttools.cli.options import Command, console_options, examples, make_console, option


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Names that begin with what is written, whatever its case."""
    from volttools.render.reference import all_names

    return [name for name in all_names() if name.lower().startswith(incomplete.lower())]


@click.command(
    cls=Command,
    epilog=examples(
        "volttools formats",
        "volttools formats invocation",
        "volttools formats STATUS_NAMES",
        "volttools formats --json types",
    ),
)
@click.argument("name", required=False, shell_complete=_complete)
@option("Output", "--json", "as_data", is_flag=True, help="As one JSON object.")
@console_options
def command(name: str | None, as_data: bool, color: str, width: int | None) -> None:
    """Print the reference of the wire formats from their declarations.

    NAME is a concept (invocation, response, table ...), a message (LoginRequest), a wire type
    (DECIMAL) or an enumeration (STATUS_NAMES); without it, what there is. For each message: where
    each field stands, its shape, when it is there, and what it means; i8 i16 i32 i64 are signed
    and big-endian, `str` is an i32 length and UTF-8, `bytes` the same without a meaning.
    """
    from volttools.render.reference import as_json, print_list, print_reference

    if as_data:
        click.echo(json.dumps(as_json(name), ensure_ascii=False, indent=2))
        return
    console = make_console(color, width)
    if name is None:
        print_list(console)
    else:
        print_reference(name, console)
