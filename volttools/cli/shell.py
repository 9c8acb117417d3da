"""`volttools shell`: statements on a live server, as they are typed or from a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from volttools.cli import calling, say
from volttools.cli.calling import FAILED, check_output, output_options
from volttools.cli.connecting import hosts_option, login_options, settings_of, tap_of, tap_options
from volttools.cli.options import Command, examples, option, together

if TYPE_CHECKING:
    from volttools.cli.shell_output import ShellOutput
    from volttools.client import Client
    from volttools.client.tap import Tap
    from volttools.shell.outcomes import Outcome
    from volttools.shell.session import Session

CANNOT_CALL = 2
"""Exit status where there is no connection (any more)."""

_HELP = r"""Run statements on a live server as they are typed, with completion and history.

HOST is localhost by default, or what VOLTTOOLS_HOST says. SQL and `exec PROCEDURE ARGUMENTS` end with ; and may
take several lines; \? lists the shell's own commands: tables and procedures, \timing, \hex for the bytes of
the last exchange, \save to make a capture of it, \watch to repeat. docs/shell.md tells more.

Where no terminal is, statements come from standard input, and there are no prompts.

Exit status: 0 success; 1 a statement failed; 2 could not connect, or the connection was lost. On a terminal
it is 0.
"""

_statement_options = together(
    option("Statements", "-c", "--command", "texts", multiple=True, metavar="TEXT", help="Run this, and leave; may be repeated."),
    option("Statements", "-f", "--file", "files", multiple=True, type=click.Path(exists=True, dir_okay=False), metavar="FILE", help="Run the statements of a file, behind those of -c, and leave."),
    option("Statements", "--on-error-stop", is_flag=True, help="End with the first statement that fails; otherwise the next one is run."),
    option("Output", "--timing", is_flag=True, help=r"Say how long each call took, as \timing does."),
)  # fmt: skip


@click.command(
    cls=Command,
    help=_HELP,
    epilog=examples(
        "volttools shell",
        "volttools shell db1 --user ops --password --tap today.pcapng",
        "volttools shell db1 -f examples/votes.sql --on-error-stop",
        "echo 'select count(*) from votes;' | volttools shell db1 --csv",
        "volttools shell db1 -c 'exec @Statistics TABLE 0;' --watch 2",
    ),
)
@click.argument("host", required=False)
@_statement_options
@hosts_option
@login_options
@tap_options
@output_options
def command(host: str | None, **options: Any) -> int:
    from volttools.client import connect
    from volttools.client.connection_settings import addresses_of
    from volttools.shell.recording import Recording
    from volttools.shell.session import Session, Settings

    check_output(options)
    is_typed = not (options["texts"] or options["files"])
    interactive = is_typed and sys.stdin.isatty() and sys.stdout.isatty()
    if interactive and options["watch"] is not None:
        raise click.UsageError(
            r"--watch repeats what -c, -f or standard input give; on a terminal write \watch 2"
        )
    connection = settings_of(options, [] if host is None else [host])

    def dial(hosts: Sequence[str], tap: Tap) -> Client:
        return connect(replace(connection, addresses=addresses_of(hosts)) if hosts else connection, tap=tap)

    recording = Recording(tap_of(options), keep_login_hashes=options["keep_login_hashes"])
    settings = Settings(
        timing=options["timing"],
        format="json" if options["as_data"] else "csv" if options["csv"] else "table",
    )
    session = Session(
        dial,
        recording=recording,
        settings=settings,
        stops_on_error=options["on_error_stop"],
        completes=interactive,
        pause=calling.pause,
    )
    try:
        session.connect()
        if interactive:
            return _interact(session, options)
        return _run_all(session, options)
    finally:
        session.close()
        recording.finish()


def _run_all(session: Session, options: dict[str, Any]) -> int:
    """Run what was given; gives the exit status."""
    from volttools.cli.shell_output import ShellOutput

    run = _Run(session, ShellOutput(options, session.settings, interactive=False))
    for text in options["texts"]:
        run.outcomes(session.run_text(text))
    for file in options["files"]:
        run.outcomes(session.run(f"\\i {file}"))
    if not (options["texts"] or options["files"]):
        run.lines(line.decode("utf-8", "surrogateescape") for line in sys.stdin.buffer)
    if options["watch"] is not None:
        run.outcomes(session.run(f"\\watch {options['watch']}"))
    return run.status


class _Run:
    """Runs statements that nobody types, until one says that they end."""

    def __init__(self, session: Session, output: ShellOutput) -> None:
        self._session = session
        self._output = output
        self._has_ended = False
        self._lost = False

    @property
    def status(self) -> int:
        """The exit status."""
        return CANNOT_CALL if self._lost else FAILED if self._session.failures else 0

    def outcomes(self, coming: Iterable[Outcome]) -> None:
        """Run, and show what comes of it, unless nothing more is to be run."""
        from volttools.errors import CannotConnect, ConnectionLost, LoginRefused
        from volttools.shell.outcomes import Failure, Quit

        if self._has_ended:
            return
        for outcome in coming:
            self._output.show(outcome)
            self._has_ended = isinstance(outcome, Quit)
            lost = (CannotConnect, ConnectionLost, LoginRefused)
            if isinstance(outcome, Failure) and isinstance(outcome.error, lost):
                self._lost = self._has_ended = True  # what depends on it would run without it
            if self._has_ended:
                return
        self._has_ended = bool(self._session.failures) and self._session.stops_on_error

    def lines(self, lines: Iterable[str]) -> None:
        """Run the statements of lines, each as soon as it is whole."""
        from volttools.shell.splitting import Splitter

        splitter = Splitter()
        for line in lines:
            for statement in splitter.feed(line):
                self.outcomes(self._session.run(statement))
            if self._has_ended:
                return
        for statement in splitter.finish():
            self.outcomes(self._session.run(statement))


def _interact(session: Session, options: dict[str, Any]) -> int:
    """Run what is typed, until somebody leaves."""
    from volttools.cli.shell_output import ShellOutput

    output = ShellOutput(options, session.settings, interactive=True)
    output.note(
        f"Connected to {session.address}, VoltDB {session.version}. \\? lists the commands, \\q leaves."
    )
    interact(session, output, _asker(session))
    return 0


def interact(session: Session, output: ShellOutput, ask: Callable[[], str]) -> None:
    """Ask for statements and run them, until the end of input."""
    from volttools.errors import VoltToolsError
    from volttools.shell.outcomes import Quit

    while True:
        try:
            text = ask()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        try:
            for outcome in session.run_text(text):
                if isinstance(outcome, Quit):
                    return
                output.show(outcome)
        except KeyboardInterrupt as interrupt:
            output.note(f"\n{str(interrupt) or 'interrupted'}")  # behind the terminal's ^C
        except VoltToolsError as error:  # an answer that can't be shown
            say(str(error))


def _asker(session: Session) -> Callable[[], str]:
    """What asks for statements: prompt_toolkit where it is installed."""
    from volttools.cli.shell_history import history_file
    from volttools.errors import UsageError

    file = None
    try:
        file = history_file()
    except UsageError as error:
        say(str(error))
    try:
        from volttools.cli.shell_prompt import typed
    except ImportError:
        from volttools.cli.shell_lines import typed_lines

        say("completion and history need prompt_toolkit: pip install 'volttools[shell]'")
        return typed_lines(session)
    return typed(session, file)
