"""What was sent, on disk before it is sent: so a replay that was cut goes on without sending anything twice.

Lines of text: what is replayed, then

    s 12 13 14          these calls are about to be sent
    a 12 1 14 -2        these were answered, and with which status
    v {...}             a value that the server made, and the one that takes its place
A call that was about to be sent may have been sent, so it is not sent again: at most once. Writing goes to
the system at once; that outlives the program, though not the machine.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from io import RawIOBase
from pathlib import Path
from typing import Any, Final

from volttools.capture.conversion import NumberSet
from volttools.errors import UsageError

SUFFIX: Final = ".journal"
_KIND: Final = "volttools replay"


@dataclass(slots=True)
class Past:
    """What a journal tells of the replay before.

    sent     numbers of calls
    values   values that were replaced, as they were given to `Journal.value`
    length   of the file up to its last whole line
    """

    sent: NumberSet = field(default_factory=NumberSet)
    sent_count: int = 0
    answered_count: int = 0
    last_number: int = 0
    values: list[dict[str, Any]] = field(default_factory=list)
    length: int = 0

    @property
    def unanswered(self) -> int:
        """Calls of which it isn't known whether they were made."""
        return self.sent_count - self.answered_count


class Journal:
    """Writes one. Used as a context, or closed."""

    def __init__(self, path: str, stream: RawIOBase) -> None:
        self.path = path
        self._stream = stream

    @classmethod
    def begin(cls, path: str, what: Mapping[str, Any]) -> Journal:
        """A new journal of a replay of `what`; UsageError if it can't be written."""
        try:
            stream = open(path, "wb", buffering=0)  # noqa: SIM115 - closed by `close`
            journal = cls(path, stream)
            try:
                journal._write(json.dumps({"kind": _KIND, **what}))
            except OSError:
                journal.close(is_complete=True)  # an empty one would tell of a replay
                raise
        except OSError as error:
            raise UsageError(f"{path}: {(error.strerror or '').lower()}: no journal can be kept") from None
        return journal

    @classmethod
    def go_on(cls, path: str, what: Mapping[str, Any]) -> tuple[Journal, Past]:
        """Go on with one. UsageError if there is none, or if it is one of another replay."""
        past = read_journal(path, what)
        try:
            stream = open(path, "r+b", buffering=0)  # noqa: SIM115 - closed by `close`
        except OSError as error:
            raise UsageError(f"{path}: {(error.strerror or '').lower()}: no journal can be kept") from None
        stream.truncate(past.length)  # a line that was cut would be taken for another
        stream.seek(0, 2)
        return cls(path, stream), past

    def sent(self, numbers: Iterable[int]) -> None:
        """Calls that are about to be sent."""
        self._write(f"s {' '.join(map(str, numbers))}")

    def answered(self, statuses: Mapping[int, int]) -> None:
        """Calls that were answered, with their statuses."""
        if statuses:
            self._write("a " + " ".join(f"{number} {status}" for number, status in statuses.items()))

    def value(self, what: Mapping[str, Any]) -> None:
        """A value that takes the place of another."""
        self._write("v " + json.dumps(what))

    def close(self, *, is_complete: bool) -> None:
        """Close it; of a replay that has come to its end nothing is left to go on with, so it is deleted."""
        self._stream.close()
        if is_complete:
            Path(self.path).unlink(missing_ok=True)

    def _write(self, line: str) -> None:
        """Write a line, or nothing of it. Raises OSError."""
        left, begin = memoryview(line.encode() + b"\n"), self._stream.tell()
        try:
            while left:  # where the disk is full, a part is written without an error
                left = left[self._stream.write(left) or 0 :]
        except OSError:
            with contextlib.suppress(OSError):
                self._stream.truncate(begin)
                self._stream.seek(begin)
            raise


def read_journal(path: str, what: Mapping[str, Any]) -> Past:
    """What a journal tells. UsageError if there is none, or if it is one of another replay."""
    past = Past()
    try:
        with open(path, "rb") as stream:
            _check(path, stream.readline(), what)
            past.length = stream.tell()
            for line in stream:
                if not line.endswith(b"\n"):
                    break  # it was cut, and what stands in it was not sent yet
                past.length += len(line)
                _read(line[:-1], past)
    except OSError as error:
        raise UsageError(
            f"{path}: {(error.strerror or '').lower()}: there is no replay to go on with; one that has come to its"
            " end leaves no journal"
        ) from None
    except RecursionError:
        raise UsageError(f"{path} is no journal of a replay: it is nested too deeply") from None
    except ValueError as error:
        raise UsageError(f"{path} is no journal of a replay: {error}") from None
    return past


def _check(path: str, first: bytes, what: Mapping[str, Any]) -> None:
    found = json.loads(first)
    if not isinstance(found, dict) or found.get("kind") != _KIND:
        raise ValueError("its first line tells of no replay")
    for name, value in json.loads(json.dumps(what)).items():
        if found.get(name) != value:
            raise UsageError(
                f"{path} is the journal of another replay: {name} was {found.get(name)!r}, and is {value!r}; call it"
                " with the same capture and options"
            )


def _read(line: bytes, past: Past) -> None:
    kind, _, rest = line.partition(b" ")
    if kind == b"s":
        for word in rest.split():
            number = int(word)
            if number not in past.sent:
                past.sent.add(number)
                past.sent_count += 1
                past.last_number = max(past.last_number, number)
    elif kind == b"a":
        past.answered_count += len(rest.split()) // 2
    elif kind == b"v":
        past.values.append(json.loads(rest))
    else:
        raise ValueError(
            f"a line begins with {line[:10]!r}, so it was damaged, and calls might be sent twice"
        )
