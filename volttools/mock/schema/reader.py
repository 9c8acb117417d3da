"""A schema from DDL that a user gives: text, or a file."""

from __future__ import annotations

from pathlib import Path

from volttools.errors import UsageError
from volttools.mock.schema.declarations import Declarations
from volttools.mock.schema.errors import DdlError

_SHOWN = 60


def read_schema(given: str | Path | None) -> Declarations:
    """What DDL declares. UsageError, with the place and what is wrong, for what can't be taken."""
    declarations = Declarations()
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
    here = text[position:].split("\n", 1)[0].strip()
    shown = here if len(here) <= _SHOWN else f"{here[: _SHOWN - 3]}..."
    return f", line {line}, column {column}" + (f" (at {shown})" if shown else "")
