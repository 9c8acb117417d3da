"""The shell's own words: each with its arguments and one line of help."""

from __future__ import annotations

from typing import NamedTuple

from volttools.errors import UsageError
from volttools.words import nearest


class Command(NamedTuple):
    r"""A command: how it is called, what it takes, what it does, and by which other names."""

    name: str
    takes: str
    help: str
    aliases: tuple[str, ...] = ()


_ALL = (
    Command("\\?", "", "this list", ("\\help", "\\h")),
    Command("\\q", "", "leave; so do exit, quit and Ctrl-D", ("\\quit", "\\exit")),
    Command("\\d", "[TABLE]", "the tables, or the columns of one; as show tables, describe TABLE", ("\\dt",)),
    Command("\\df", "[PART]", "the procedures, with their parameters; as show procedures"),
    Command("\\dc", "", "the classes; as show classes"),
    Command("\\explain", "SQL", "how SQL would be run; as explain SQL;"),
    Command("\\explainproc", "PROCEDURE", "how a procedure runs its SQL; as explainproc PROCEDURE;"),
    Command("\\explainview", "VIEW", "how a view is kept up; as explainview VIEW;"),
    Command("\\timing", "[on|off]", "say how long each call took"),
    Command("\\x", "[on|off]", "a line a value, in the place of a line a row"),
    Command("\\format", "table|json|csv", "how answers are shown"),
    Command("\\pager", "[on|off]", "a pager for what is longer than the screen"),
    Command("\\hex", "", "the bytes of the last exchange, with what each of them means"),
    Command(
        "\\save",
        "FILE [all]",
        "the last exchange as a capture, or all since the start: .pcapng, .dump, .jsonl",
    ),
    Command("\\watch", "[SECONDS]", "repeat the last statement, every 2 seconds, until Ctrl-C"),
    Command("\\i", "FILE", "run the statements of a file; as file FILE"),
    Command("\\connect", "[HOST]", "connect to another server, or anew", ("\\c",)),
)

COMMANDS = {command.name: command for command in _ALL}
_BY_NAME = COMMANDS | {alias: command for command in _ALL for alias in command.aliases}


def command_of(name: str) -> Command:
    r"""The command of that name; UsageError if there is none, with the one that was probably meant.

    >>> command_of("\\help").name
    '\\?'
    """
    found = _BY_NAME.get(name.lower())
    if found is None:
        like = nearest(name, _BY_NAME)
        hint = f"did you mean {like}?" if like else "\\? lists all"
        raise UsageError(f"there is no command {name}; {hint}")
    return found


def help_lines() -> list[str]:
    """All commands, one a line, for people."""
    width = max(len(f"{command.name} {command.takes}") for command in _ALL)
    lines = [f"  {f'{command.name} {command.takes}':{width}}  {command.help}" for command in _ALL]
    return [
        "SQL ends with ; and may take several lines, as does exec PROCEDURE ARGUMENTS;",
        *lines,
    ]
