"""Scripts of users: a Python file with functions that are called while something is recorded or replayed.

    def on_exchange(exchange):      # a volttools.Exchange, when its answer has come
        if exchange.status != 1:
            print(exchange.procedure, exchange.response.status_string)

    def rewrite(message):           # a volttools.hooks.Message, before it goes on
        if message.procedure == "Vote":
            return message.value.replace(...)   # or None: as it is

Both are called in the thread that relays, or sends, so who takes long makes all connections wait. Errors of
theirs are told, each place once, and change nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from volttools.codec import parse
from volttools.errors import DecodeError, UsageError
from volttools.formats.notation import Record
from volttools.protocol.events import Direction, Event, Exchange
from volttools.scripts import SCRIPT_ERRORS, ScriptError, run_script, script_error, script_place

FUNCTIONS = ("on_exchange", "rewrite")


@dataclass(slots=True, kw_only=True)
class Message:
    """A message that is to go on.

    client     who sent it, or gets it: "10.0.0.1:50000"
    kind       what it is: LoginRequest, LoginResponse, Invocation or Response
    procedure  of an invocation, and of the response that answers it; None for a push, and log-ins
    body       as it came, without its length
    """

    client: str
    direction: Direction
    kind: type[Record]
    procedure: str | None
    body: bytes

    @property
    def value(self) -> Record:
        """The message, parsed anew with each call. Raises DecodeError if it can't be read."""
        return parse(self.kind, self.body)


Rewrite = Callable[[Message], Record | None]


class Script:
    """A script. `on_trouble` gets sentences about its errors.

    Raises UsageError for a file that can't be run, or has none of the functions.
    """

    def __init__(self, path: str, on_trouble: Callable[[str], None]) -> None:
        self._path = path
        self._on_trouble = on_trouble
        self._told: set[str] = set()
        names = run_script(path)
        found = {name: names.get(name) for name in FUNCTIONS}
        if not any(map(callable, found.values())):
            raise UsageError(f"{path} defines neither on_exchange(exchange) nor rewrite(message)")
        self._on_exchange: Callable[[Exchange], Any] | None = found["on_exchange"]
        self._rewrite: Rewrite | None = found["rewrite"]

    @property
    def rewrites(self) -> bool:
        """Whether it changes messages."""
        return self._rewrite is not None

    def event(self, event: Event) -> None:
        """Take an event."""
        if self._on_exchange is not None and isinstance(event, Exchange):
            try:
                self._on_exchange(event)
            except SCRIPT_ERRORS as error:
                self.failed(error)

    def rewrite(self, message: Message) -> Record | None:
        """What takes the place of a message; None: nothing."""
        if self._rewrite is None:
            return None
        try:
            found = self._rewrite(message)
            if found is not None and not isinstance(found, message.kind):
                raise TypeError(
                    f"rewrite gave {type(found).__name__} in the place of {message.kind.__name__}; it may give"
                    " message.value.replace(...), or None"
                )
        except DecodeError:
            return None  # it asked for the value of what can't be read
        except SCRIPT_ERRORS as error:
            self.failed(error)
            return None
        return found

    def failed(self, error: ScriptError) -> None:
        """Tell an error, once for each place."""
        place = script_place(self._path, error)
        if place not in self._told:
            self._told.add(place)
            self._on_trouble(script_error(self._path, error))
