"""The command line: one file a command; options in, a call of the library, exit status out.

Importing this imports click and nothing else, so that `volttools --help` and completion are
instant: a command's module is imported when the command runs. SECTIONS therefore says the
first sentence of each command's help a second time, and a test holds both equal.

Exit status of all commands: 0 good, 1 found something, 2 could not run, 130 interrupted.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import shlex
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

__all__ = ["COMMANDS", "cli", "main"]

SECTIONS = {
    "Look at captures": {
        "decode": "Show what was asked and answered in captures of VoltDB client traffic.",
        "capture": "Show the calls that pass on this machine, as they end: tcpdump or dumpcap, and decode.",
        "stats": "Digest captures: what costs time, what fails, how it is spread.",
        "check": "Say whether captures are whole, and whether both sides keep to the protocol.",
        "compare": "Say whether two captures hold the same answers, and whether those took as long.",
    },
    "Change captures": {
        "convert": "Write captures, or a piece of them, as pcapng, dump_file, JSON lines or bare frames.",
        "encode": "Build frames, or a capture, of JSON lines that were edited or written by hand.",
        "redact": "Replace what captures hold of people and secrets by pseudonyms.",
    },
    "Ask servers": {
        "call": "Call a procedure of a live server, and show its answer.",
        "sql": "Run SQL on a live server, and show its answer.",
        "shell": "Run statements on a live server as they are typed, with completion and history.",
        "ping": "Say whether servers let one in and answer, and how fast.",
        "info": "Show a server's version, uptime, topology and procedures.",
        "top": "Watch a server's statistics: calls, latencies, procedures, tables, clients.",
        "settings": "Show which settings a connection would have, and where each comes from.",
    },
    "Record and replay": {
        "record": "Record what clients and servers say, as a proxy between them.",
        "replay": "Make the calls of a capture again, on another server, and measure how it answers.",
        "rehearse": "Say whether a new server does what the old one did, by the calls of a capture.",
    },
    "Test without a server": {
        "mock": "Be a VoltDB server for tests: answer as recorded, by functions, or as told over HTTP.",
        "cassette": "Look at, edit, check or make cassettes: recorded answers as text.",
        "faults": "List the faults that mock server and proxy can inject.",
    },
    "Look things up": {
        "fields": "List the fields, comparisons and values of --where expressions.",
        "formats": "Print the reference of the wire formats from their declarations.",
        "completion": "Print the script that completes commands and options in a shell.",
    },
}

COMMANDS = {name: text for section in SECTIONS.values() for name, text in section.items()}


class LazyGroup(click.Group):
    """A group whose commands are modules of this package, imported when one runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"volttools.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from volttools.words import nearest  # not needed by --help

            like = nearest(args[0], COMMANDS)
            hint = f"did you mean {like}?" if like else ""
            if not like and os.path.exists(args[0]):
                hint = f"to decode a file: volttools decode {args[0]}"
            raise click.UsageError(f"no command is called {args[0]!r}{'; ' if hint else ''}{hint}", ctx)
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            hint = f"did you mean: volttools decode {shlex.join(given)}"
            raise click.UsageError(f"no option is called {error.option_name!r}; {hint}", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(list(commands.items()))


def _print_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from volttools import __version__

        click.echo(f"volttools {__version__}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="\b\nExamples:\n"
    "  volttools decode captures/demo.pcap\n"
    "  volttools decode --errors -v captures/demo.pcap\n"
    "  volttools formats response\n\n"
    "`volttools COMMAND --help` tells more.",
)
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_print_version, help="Print it."
)
def cli() -> None:
    """Debug and replay VoltDB's client wire protocol."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and exit with its status. Errors are one sentence on stderr."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command; gives the exit status."""
    _open_missing_streams()
    try:
        status = cli.main(
            args=None if arguments is None else list(arguments), prog_name="volttools", standalone_mode=False
        )
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return 2
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "volttools"
        text = _usage_text(error)
        click.echo(f"{command}: {text}{' See' if text.endswith('?') else '; see'} {command} --help", err=True)
        return 2
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        forget_stdout()
        return 0
    except Exception as error:
        # errors.py is light, but not needed by --help
        from volttools.errors import VoltToolsError

        if isinstance(error, (VoltToolsError, OSError)):
            say(sentence_of(error))
            return 2
        raise


def _open_missing_streams() -> None:
    """Where the shell has closed an output, let it go nowhere: Python has None in its place then."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 - for as long as the program runs


def _usage_text(error: click.UsageError) -> str:
    if isinstance(error, click.NoSuchOption):
        return _unknown_option(error)
    text = error.format_message().rstrip(".")
    return text[:1].lower() + text[1:]


def _unknown_option(error: click.NoSuchOption) -> str:
    import difflib

    params = error.ctx.command.get_params(error.ctx) if error.ctx else []
    known = {name.lstrip("-"): name for param in params for name in (*param.opts, *param.secondary_opts)}
    nearest = difflib.get_close_matches(error.option_name.lstrip("-"), known, n=1)
    hint = f"; did you mean {known[nearest[0]]}?" if nearest else ""
    return f"no option is called {error.option_name!r}{hint}"


def sentence_of(error: Exception) -> str:
    """What an error says to people."""
    if isinstance(error, OSError) and error.strerror:
        text = f"{error.strerror[:1].lower()}{error.strerror[1:]}"
        if error.filename:
            return f"{error.filename}: {text}"
        return f"{text}{_room_for()}" if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else text
    return str(error)


def _room_for() -> str:
    """What may need room where no file is named."""
    import tempfile

    return f", be it for the output or for temporary files in {tempfile.gettempdir()}"


def say(sentence: str) -> None:
    """What is talk and no data: a line on stderr."""
    click.echo(f"volttools: {sentence}", err=True)


def forget_stdout() -> None:
    """Nobody reads: keep the interpreter from complaining when it flushes at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
