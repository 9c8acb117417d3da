"""`volttools completion`: the script for a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from volttools.cli.options import Command, examples

_VARIABLE = "_VOLTTOOLS_COMPLETE"


@click.command(
    cls=Command,
    epilog=examples(
        "volttools completion bash >> ~/.bashrc",
        "volttools completion fish > ~/.config/fish/completions/volttools.fish",
    ),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that completes commands and options in a shell.

    Put it where the shell reads it at its start; it asks volttools what there is, so it stays
    true after an upgrade.
    """
    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(ctx.find_root().command, {}, "volttools", _VARIABLE)
    # not .source(): for bash that runs bash, to complain about its version
    click.echo(script.source_template % script.source_vars())
