"""Scripts of users: a Python file with functions that are called while it is recorded.

    def on_exchange(exchange):      # a volttools.Exchange, when its answer has come
        if exchange.status != 1:
            print(exchange.procedure, exchange.response.status_string)

    def rewrite(message):           # a volttools.record.Message, before it goes on
        if message.procedure == "Vote":
            return message.value.replace(...)   # or None: as it is

Both are called in the thread that relays, so who takes long makes all connections wait. Errors of
theirs are told, each place once, and change nothing.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from volttools.errors import DecodeError, UsageError
from volttools.formats.notation import Record
from volttools.protocol.events import Event, Exchange
from volttools.record.changing import Message, Rewrite

FUNCTIONS = ("on_exchange", "rewrite")


class Script:
    """A script. `on_trouble` gets sentences about its errors.

    Raises UsageError for a file that can't be run, or has none of the functions.
    """

    def __init__(self, path: str, on_trouble: Callable[[str], None]) -> None:
        self._path = path
        self._on_trouble = on_trouble
        self._told: set[str] = set()
        try:
            module = ModuleType("volttools_script")
            module.__file__ = path
            exec(compile(Path(path).read_bytes(), path, "exec"), module.__dict__)
        except Exception as error:
            raise UsageError(f"{self._place(error)}: {_text(error)}") from None
        found = {name: getattr(module, name, None) for name in FUNCTIONS}
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
            except Exception as error:
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
        except Exception as error:
            self.failed(error)
            return None
        return found

    def failed(self, error: Exception) -> None:
        """Tell an error, once for each place."""
        place = self._place(error)
        if place not in self._told:
            self._told.add(place)
            self._on_trouble(f"{place}: {_text(error)}")

    def _place(self, error: Exception) -> str:
        """File and line in the script."""
        if isinstance(error, SyntaxError):
            return f"{self._path}, line {error.lineno}"
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            if frame.filename == self._path:
                return f"{self._path}, line {frame.lineno}"
        return self._path


def _text(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return f"{type(error).__name__}: {error.msg if isinstance(error, SyntaxError) else error}"
