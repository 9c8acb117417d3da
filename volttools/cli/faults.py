"""`volttools faults`: what can go wrong on purpose, and whether a scenario is good."""

from __future__ import annotations

import json
from typing import Any

import click

from volttools.cli.options import Command, console_options, examples, option, print_lines


class _Group(click.Group):
    """A group that lists its commands behind its options, as other commands do."""

    format_options = Command.format_options

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_help_text(ctx, formatter)
        self.format_commands(ctx, formatter)


_as_data = option("Output", "--json", "as_data", is_flag=True, help="As JSON.")


@click.group(
    cls=_Group,
    invoke_without_command=True,
    epilog=examples(
        "volttools faults",
        "volttools faults show corrupt",
        "volttools faults --json",
        more="`volttools record --faults FILE` and `MockServer(faults=...)` inject them; docs/faults.md has the whole story.",
    ),
)
@_as_data
@console_options
@click.pass_context
def command(ctx: click.Context, as_data: bool, color: str, width: int | None) -> None:
    """List the faults that mock server and proxy can inject.

    A scenario is a TOML file with a [[fault]] for each rule: a kind, what that takes, and when.
    """
    if ctx.invoked_subcommand is not None:
        return
    if as_data:
        from volttools.faults.catalog import as_json

        click.echo(json.dumps(as_json(), ensure_ascii=False, indent=2))
        return
    from volttools.render.faults import list_lines

    print_lines(lambda columns: list_lines(width=columns), color, width)


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from volttools.faults.catalog import KINDS

    return [name for name in KINDS if name.startswith(incomplete)]


@command.command(cls=Command, short_help="Show one kind: what a client sees of it, what it takes.")
@click.argument("kind", shell_complete=_complete)
@console_options
def show(kind: str, color: str, width: int | None) -> None:
    """Show one kind: what it does, what a client sees of it, what it takes."""
    from volttools.render.faults import kind_lines, kind_of

    print_lines(lambda columns: kind_lines(kind_of(kind), width=columns), color, width)


@command.command(cls=Command, short_help="Say whether scenarios are good, and what they say.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@_as_data
def check(files: tuple[str, ...], as_data: bool) -> int:
    """Say whether scenarios, or logs of faults (*.jsonl), are good, and what they say.

    Exit status: 0 all are, 1 one isn't, 2 one can't be read.
    """
    from volttools.errors import UsageError
    from volttools.faults.scenario import scenario_of

    status = 0
    for file in files:
        found: dict[str, Any] = {"file": file}
        try:
            scenario = scenario_of(file)
        except UsageError as error:
            status = 1
            found["error"] = str(error)
            lines = [str(error)]
        else:
            found |= {"seed": scenario.seed, "rules": [str(rule) for rule in scenario.rules]}
            found["repeated"] = len(scenario.repeated)
            lines = [f"{file}: {_what(len(scenario.rules), scenario.seed, len(scenario.repeated))}"]
            lines += [f"{number:5}  {rule}" for number, rule in enumerate(scenario.rules, 1)]
        for line in [json.dumps(found, ensure_ascii=False)] if as_data else lines:
            click.echo(line)
    return status


def _what(rules: int, seed: int, repeated: int) -> str:
    from volttools.words import counted

    if repeated:
        return f"a log, {counted(repeated, 'fault')} to be injected again"
    return f"good: {counted(rules, 'rule')}, seed {seed}"
