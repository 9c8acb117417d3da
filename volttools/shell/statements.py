"""What a statement asks for: SQL to be run, a procedure to be called, or something of the shell itself."""

from __future__ import annotations

import json
from dataclasses import dataclass

from volttools.errors import UsageError
from volttools.shell.commands import COMMANDS, Command, command_of
from volttools.shell.splitting import LINE_WORDS, without_leading_comments
from volttools.sql import Token, tokens

CALL_WORDS = frozenset(("exec", "execute", "call"))
_DDL_WORDS = frozenset(("alter", "create", "drop", "partition", "replicate", "dr", "export"))
_WORDS = {  # the words of sqlcmd, and which command of the shell each is
    "exit": r"\q",
    "quit": r"\q",
    "help": r"\?",
    "describe": r"\d",
    "desc": r"\d",
    "file": r"\i",
    "explain": r"\explain",
    "explainproc": r"\explainproc",
    "explainview": r"\explainview",
}
_SHOWN = {"tables": r"\d", "procedures": r"\df", "procs": r"\df", "classes": r"\dc"}


@dataclass(frozen=True, slots=True)
class Sql:
    """SQL, for @AdHoc."""

    text: str

    @property
    def is_ddl(self) -> bool:
        """Whether it may change the catalog."""
        return any(first_word(part) in _DDL_WORDS for part in self.text.split(";"))


@dataclass(frozen=True, slots=True)
class Execute:
    """A call of a procedure; arguments as `client.text_arguments` reads them, or bytes."""

    procedure: str
    arguments: tuple[str | bytes, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """A command of the shell, and what stands behind it."""

    command: Command
    argument: str


Request = Sql | Execute | Words


def request_of(statement: str) -> Request | None:
    """What a statement asks for; None if it is blank. UsageError for a command that there isn't.

    >>> request_of("exec Vote 5, 'it''s';")
    Execute(procedure='Vote', arguments=('5', '"it\\'s"'))
    """
    text = without_leading_comments(statement)
    if not text:
        return None
    if text.startswith("\\"):
        name, _, argument = text.partition(" ")
        return Words(command_of(name), argument.strip())
    word = first_word(text)
    argument = text[len(word) :].strip()
    if word in CALL_WORDS:
        return _execute(argument)
    if word == "show":
        return _show(argument)
    if word in _WORDS and (word in LINE_WORDS or argument):
        return Words(COMMANDS[_WORDS[word]], argument)
    return Sql(text)


def first_word(text: str) -> str:
    """The word that a text begins with, in lower case; "" if it begins with none."""
    token = next(tokens(text.lstrip()), None)
    return token.text.lower() if token is not None and token.kind == "name" else ""


def _show(argument: str) -> Words:
    what = argument.lower()
    if what not in _SHOWN:
        raise UsageError(f"there is nothing called {argument!r} to show: write show {', '.join(_SHOWN)}")
    return Words(COMMANDS[_SHOWN[what]], "")


def _execute(text: str) -> Execute:
    procedure, *arguments = _arguments(text) or [""]
    if not isinstance(procedure, str) or not procedure:
        raise UsageError("exec takes the name of a procedure and its arguments: exec Vote 5, 'Ann';")
    return Execute(procedure, tuple(arguments))


def _arguments(text: str) -> list[str | bytes]:
    """Words, apart by blanks or commas; what is in quotes or brackets stays together."""
    found: list[str | bytes] = []
    parts: list[Token] = []
    depth = 0
    after_comma = False
    for token in [*tokens(text), Token("other", " ", len(text))]:
        depth += {"[": 1, "]": -1}.get(token.text, 0)
        is_apart = token.kind == "comment" or token.text.isspace() or token.text == ","
        if depth > 0 or not is_apart:
            parts.append(token)
            continue
        if parts:
            found.append(_argument(parts))
            parts, after_comma = [], False
        if token.text == ",":
            if after_comma or not found:
                raise UsageError("there is nothing between two commas: write null for NULL, '' for no text")
            after_comma = True
    if parts:  # a bracket that is not closed
        found.append(_argument(parts))
    if after_comma:
        raise UsageError("nothing stands behind the last comma: write null for NULL, '' for no text")
    return found


def _argument(parts: list[Token]) -> str | bytes:
    if len(parts) == 1:
        if parts[0].kind == "hex":
            return _bytes(parts[0].text)
        return _in_json(parts[0])
    if parts[0].text == "[":
        return "".join(map(_in_json, parts))
    return "".join(part.text for part in parts)


def _in_json(part: Token) -> str:
    """Text in SQL's quotes is put into JSON's, which say that it is text."""
    if part.kind == "string":
        return json.dumps(part.text.removeprefix("'").removesuffix("'").replace("''", "'"))
    return "null" if part.text.lower() == "null" else part.text


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text[2:].removesuffix("'"))
    except ValueError:
        raise UsageError(f"{text} is no VARBINARY: write its bytes in hex, two digits each") from None
