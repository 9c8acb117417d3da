"""The addresses that a name has, tried in turn within one time, and what was wrong with each.

    attempts = Attempts(socket.getaddrinfo("localhost", 21212, ...), deadline)
    for (*_, where), seconds in attempts:
        ... connect, and `attempts.failed(where, error)` if that does not work
    raise attempts.error()

`localhost` often is ::1 and 127.0.0.1. One that does not answer gets its share of the time, not all of it.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator, Sequence
from typing import Any


class NoneReached(OSError):
    """No address of a name could be reached, each for a reason of its own."""


class Attempts:
    """Gives each address, and the seconds that it may take; None: as long as the system likes."""

    def __init__(self, found: Sequence[Any], deadline: float | None) -> None:
        self._found = list(dict.fromkeys(found))
        self._deadline = deadline
        self._failures: list[tuple[str, OSError]] = []

    def __iter__(self) -> Iterator[tuple[Any, float | None]]:
        for number, one in enumerate(self._found):
            left = seconds_left(self._deadline)
            yield one, None if left is None else left / (len(self._found) - number)

    def failed(self, where: Sequence[Any], error: OSError) -> None:
        """That address could not be reached."""
        self._failures.append((str(where[0]), error))

    def error(self) -> OSError:
        """What was wrong with all of them: one error if it was the same with each."""
        if not self._failures:
            return NoneReached("no address of that name can be found")
        reasons = dict.fromkeys(why_not(error) for _, error in self._failures)
        if len(reasons) == 1:
            return self._failures[0][1]
        return NoneReached("; ".join(f"{where}: {why_not(error)}" for where, error in self._failures))


def seconds_left(deadline: float | None) -> float | None:
    """Until a moment of `time.monotonic()`; None for none. TimeoutError if it is over."""
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def why_not(error: Exception) -> str:
    """Why a connection did not come about, or broke, for people."""
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there (connection refused)"
    if isinstance(error, socket.gaierror):
        return f"no address of that name can be found: {error.strerror}"
    if isinstance(error, ConnectionError) and error.errno:
        return os.strerror(error.errno)  # asyncio has words of its own, without the reason
    return str(getattr(error, "strerror", None) or error)
