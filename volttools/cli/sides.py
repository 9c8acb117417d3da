"""One side of a comparison: a file, or several that are read as one capture."""

from __future__ import annotations

import glob
import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

import click

_IN_PATTERNS = frozenset("*?[]!")


@dataclass(frozen=True, slots=True)
class Side:
    """Files that are read as one capture.

    given   as they were given: files, and patterns in quotes
    paths   the files
    """

    given: tuple[str, ...]
    paths: tuple[str, ...]

    @property
    def name(self) -> str:
        """What it is called."""
        return ", ".join(self.given)

    @property
    def words(self) -> str:
        """The files as one writes them in a shell."""
        return " ".join(map(_word, self.given))


def side_of(first: str, more: Sequence[str] = ()) -> Side:
    """The files of one side; of a pattern, those that match, by name. UsageError if there are none."""
    given = (first, *more)
    paths = tuple(path for name in given for path in _files_of(name))
    for path in paths:
        if paths.count(path) > 1:
            raise click.UsageError(f"{path} is given twice on one side")
    return Side(given, paths)


def _is_pattern(name: str) -> bool:
    return glob.has_magic(name) and not os.path.exists(name)


def _files_of(name: str) -> list[str]:
    if not _is_pattern(name):
        if os.path.isdir(name):
            raise click.UsageError(f"{name} is a directory; for its files give {os.path.join(name, '*')!r}")
        return [name]
    found = sorted(glob.glob(name))
    if not found:
        raise click.UsageError(f"no file matches {name!r}")
    return found


def _word(name: str) -> str:
    """A pattern stays one, as long as a shell takes it for what it is here."""
    plain = "".join(letter for letter in name if letter not in _IN_PATTERNS)
    return name if _is_pattern(name) and shlex.quote(plain) == plain else shlex.quote(name)
