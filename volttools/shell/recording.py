"""What passed the connections of a shell, in memory: to look at the last exchange, and to save it."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from volttools.capture.writers import (
    DumpFileWriter,
    FramesWriter,
    HexWriter,
    JsonLinesWriter,
    PcapngFileWriter,
    format_of,
)
from volttools.client.connection_settings import Address
from volttools.client.core import Watcher, Watchers
from volttools.client.tap import Tap
from volttools.errors import UsageError
from volttools.protocol.events import Event, Exchange, Login
from volttools.protocol.traffic import Opened, Sent, Step

MAX_KEPT_BYTES = 64 * 2**20
"""Of the exchanges that are kept; of more the oldest are forgotten. The last one always stays."""

_STEP_WRITERS: dict[str, Any] = {
    "pcapng": PcapngFileWriter,
    "dump": DumpFileWriter,
    "frames": FramesWriter,
    "hex": HexWriter,
}


class Recording(Tap):
    """A tap that outlives its connections.

    file      the tap that the user asked for; it gets all that passes, too
    forgotten how many exchanges are not kept any more
    """

    def __init__(
        self,
        file: Tap | None = None,
        *,
        keep_login_hashes: bool = False,
        max_kept_bytes: int = MAX_KEPT_BYTES,
    ) -> None:
        super().__init__(lambda _: None, keep_login_hashes=keep_login_hashes)
        self.keeps_login_hashes = keep_login_hashes
        self.forgotten = 0
        self._user_file = file
        self._max_kept_bytes = max_kept_bytes
        self._heads: list[Step] = []  # connections, and their log-ins
        self._logins: list[Login] = []
        self._sent: dict[int, Sent] = {}  # by number of the frame
        self._events: deque[Event] = deque()
        self._bytes = 0

    def watch(self, local: Address | None, peer: Address | None, *, is_tls: bool) -> Watcher:  # type: ignore[override]
        """The watcher of a new connection."""
        own = super().watch(local, peer, is_tls=is_tls)
        if self._user_file is None:
            return own
        return Watchers(own, self._user_file.watch(local, peer, is_tls=is_tls))

    def take(self, events: Iterable[Event], steps: Iterable[Step]) -> None:
        """Keep what came of some bytes."""
        for step in steps:
            step = self._rewriting.step(step)
            if isinstance(step, Opened) or (isinstance(step, Sent) and step.is_login):
                self._heads.append(step)
            elif isinstance(step, Sent) and step.frame.number:
                self._sent[step.frame.number] = step
        for event in events:
            event = self._rewriting.event(event)
            if isinstance(event, Login):
                self._logins.append(event)
                continue
            self._events.append(event)
            self._bytes += _size(event)
        while self._bytes > self._max_kept_bytes and len(self._events) > 1:
            self._forget(self._events.popleft())

    def _forget(self, event: Event) -> None:
        self._bytes -= _size(event)
        self.forgotten += isinstance(event, Exchange)
        for frame in event.frames:
            self._sent.pop(frame.number, None)

    def close(self) -> None:
        """Nothing: connections come and go. See `finish`."""

    def finish(self) -> None:
        """Close the user's file."""
        if self._user_file is not None:
            self._user_file.close()

    def exchange(self, client_handle: int) -> Exchange | None:
        """The last exchange of that client handle; None if it isn't kept, or has no answer yet."""
        for event in reversed(self._events):
            if isinstance(event, Exchange) and event.client_handle == client_handle:
                return event
        return None

    def save(self, path: str, exchange: Exchange | None = None) -> int:
        """Write a capture of an exchange, with the log-in of its connection, or of all; gives how many
        exchanges are in it.

        UsageError for a file that is there, can't be written, or whose name tells no format.
        """
        format = format_of(path)
        events, logins, heads = list(self._events), self._logins, self._heads
        numbers = sorted(self._sent)
        if exchange is not None:
            connection = exchange.connection.number
            events = [exchange]
            logins = [login for login in logins if login.connection.number == connection]
            heads = [step for step in heads if step.connection.number == connection]
            numbers = [frame.number for frame in exchange.frames]
        sent = [self._sent[number] for number in numbers if number in self._sent]
        try:
            with Path(path).open("xb") as stream:
                if format == "json":
                    self._write_lines(JsonLinesWriter(stream, keep_login_hashes=True), [*logins, *events])
                else:
                    _write_steps(_STEP_WRITERS[format](stream), _in_order(heads, sent))
        except FileExistsError:
            raise UsageError(f"{path} exists: give the name of a new file") from None
        except OSError as error:
            raise UsageError(
                f"{path}: {os.strerror(error.errno or 0)}: nothing can be saved there"
            ) from error
        return sum(isinstance(event, Exchange) for event in events)

    @staticmethod
    def _write_lines(writer: JsonLinesWriter, events: Sequence[Event]) -> None:
        for event in events:  # hashes are zeros by now, unless they are wanted
            writer.event(event)
        writer.close()


def _in_order(heads: Sequence[Step], sent: Sequence[Sent]) -> list[Step]:
    """Connection by connection, the log-in first."""
    numbers = dict.fromkeys(step.connection.number for step in heads)
    return [step for number in numbers for step in [*heads, *sent] if step.connection.number == number]


def _write_steps(writer: Any, steps: Iterable[Step]) -> None:
    for step in steps:
        writer.step(step)
    writer.close()


def _size(event: Event) -> int:
    return sum(frame.bytes_on_wire for frame in event.frames)
