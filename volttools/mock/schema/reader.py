"""A schema from DDL that a user gives: text, or a file."""

from __future__ import annotations

import re
from pathlib import Path

from volttools.errors import UsageError
from volttools.mock.schema.declarations import Declarations
from volttools.mock.schema.errors import DdlError

_SHOWN = 60
_TOKEN = re.compile(r"""[\w.$@]+|"[^"\n]*"|'[^'\n]*'|\S""")


def read_schema(given: str | Path | None) -> Declarations:
    """What DDL declares: text, or a file by its path. UsageError, with the place and what is wrong, for what
    can't be taken."""
    declarations = Declarations()
    if isinstance(given, str) and _is_path(given):
        given = Path(given.strip())
    if isinstance(given, Path):
        try:
            text = given.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = "it is no UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror or error
            raise UsageError(f"can't read the schema {given}: {reason}") from error
        change(declarations, text, source=str(given))
    elif given is not None:
        change(declarations, given)
    return declarations


def _is_path(text: str) -> bool:
    """Whether text is the path of a file: no DDL is a single word, or ends so."""
    text = text.strip()
    if not text or "\n" in text or ";" in text:
        return False
    return len(text.split()) == 1 or text.lower().endswith(".sql")


def change(declarations: Declarations, ddl: str, *, source: str = "schema") -> bool:
    """Apply DDL; whether the procedures are others now. UsageError, with line and column, if it is wrong."""
    try:
        return declarations.change(ddl)
    except DdlError as error:
        raise UsageError(f"{source}{_place(ddl, error.position)}: {error.problem}") from error


def _place(text: str, position: int | None) -> str:
    """Line, column and what stands there, for people."""
    if position is None:
        return ""
    before = text[:position]
    line, column = before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1
    token = _TOKEN.match(text, position)
    here = token[0] if token else ""
    shown = here if len(here) <= _SHOWN else f"{here[: _SHOWN - 3]}..."
    return f", line {line}, column {column}" + (f" (at {shown})" if shown else "")
