"""What comes of a statement. Whoever runs it shows that."""

from __future__ import annotations

from dataclasses import dataclass

from volttools.client.results import Result
from volttools.formats.table import Table
from volttools.protocol.events import Exchange


class Cancelled(KeyboardInterrupt):
    """Ctrl-C while an answer was awaited; the text says what became of the call."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server answered, whatever its status."""

    result: Result


@dataclass(frozen=True, slots=True)
class Listing:
    """A table that the shell made of what the server told."""

    table: Table


@dataclass(frozen=True, slots=True)
class Note:
    """Some lines for people."""

    text: str


@dataclass(frozen=True, slots=True)
class Failure:
    """What could not be done, and why."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Bytes:
    """An exchange whose bytes are to be shown."""

    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Quit:
    """Nothing more is to be run."""


Outcome = Answer | Listing | Note | Failure | Bytes | Quit
