"""Who may log in, as a command is told: by arguments, files and the environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from volttools.client.connection_settings import read_password
from volttools.errors import UsageError

PASSWORD_VARIABLE: Final = "VOLTTOOLS_PASSWORD"


def users_of(
    given: Sequence[str], *, file: str | None, password_file: str | None, environment: Mapping[str, str]
) -> dict[str, str] | None:
    """Names and passwords; None where nobody was named, so that everybody may log in.

    given          "name:password", or names, whose password is that of `password_file` or the environment
    file           has "name:password" in each line; empty lines and those with # are left out
    Raises UsageError, whose text holds no password.
    """
    users: dict[str, str] = {}
    if file is not None:
        for number, line in enumerate(_lines(file), 1):
            if line.strip() and not line.startswith("#"):
                name, colon, password = line.partition(":")
                if not (name and colon):
                    raise UsageError(f"line {number}: expected NAME:PASSWORD", file=file)
                users[name] = password
    for text in given:
        name, colon, password = text.partition(":")
        if not name:
            raise UsageError("a user needs a name: NAME, or NAME:PASSWORD")
        users[name] = password if colon else _password(name, password_file, environment)
    return users or None


def _password(name: str, file: str | None, environment: Mapping[str, str]) -> str:
    if file is not None:
        return read_password(file)
    if PASSWORD_VARIABLE not in environment:
        raise UsageError(
            f"{name} has no password: write it behind a colon, into a file (--password-file, --users), or into {PASSWORD_VARIABLE}"
        )
    return environment[PASSWORD_VARIABLE]


def _lines(file: str) -> list[str]:
    try:
        return Path(file).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UsageError(f"can't be read: {error.strerror}", file=file) from error
    except UnicodeDecodeError:
        raise UsageError("can't be read: it is no UTF-8", file=file) from None
