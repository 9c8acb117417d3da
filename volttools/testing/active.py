"""The settings in force, and the servers of the test that runs.

The pytest plugin sets both; elsewhere settings come from the environment, and nobody asks for the servers.
Tests run one after the other in a process, so one of each is enough.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from volttools.testing.playing import Use

MODE_VARIABLE: Final = "VOLTTOOLS_RECORD_MODE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How cassettes are played and recorded.

    record_mode   none, once, new_episodes (or new), all; None: nothing was said
    server        the real server, "host:port"; None: that of the environment or the profile
    cassette_dir  where cassettes stand; None: in cassettes/, beside the test's file
    how           what a person does to record, for sentences
    run           an identity that all processes of a test run share
    """

    record_mode: str | None = None
    server: str | None = None
    cassette_dir: Path | None = None
    how: str = f"{MODE_VARIABLE}=once and VOLTTOOLS_HOST=host:port"
    run: str = f"process {os.getpid()}"


def of_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """What is in force where no test runner says anything."""
    return Settings(record_mode=environment.get(MODE_VARIABLE) or None)


_settings: list[Settings] = []
_uses: list[list[Use]] = []


def settings() -> Settings:
    """What is in force."""
    return _settings[-1] if _settings else of_environment()


def push_settings(chosen: Settings) -> None:
    """Let these hold from now on."""
    _settings.append(chosen)


def pop_settings() -> None:
    """Let those hold again that held before."""
    _settings.pop()


@contextlib.contextmanager
def noting(uses: list[Use]) -> Iterator[None]:
    """Servers that are used meanwhile are added to the list."""
    _uses.append(uses)
    try:
        yield
    finally:
        _uses.pop()


def noted() -> list[Use] | None:
    """Where a server that is used now is to be added; None: nowhere."""
    return _uses[-1] if _uses else None
