"""Reads JSON lines as a capture: what `decode --json` wrote, edited or not, or written by hand.

Lines stand in the order in which calls ended. What was sent, in the order it was sent, is asked
for by those who write frames: numbers of frames tell it, where lines have them; a frame without
a number follows the one before it. So that memory stays small, frames wait in a temporary file.

A line that begins with a blank goes on with the one before it, as in cassettes, which people read. What
is too big for them stands in a file beside: `side_files`.

A line that can't be read is damage for a reader of captures, and an error for who wants to build
frames of every line (`on_error`).
"""

from __future__ import annotations

import json
import pickle
import tempfile
from array import array
from collections.abc import Callable, Iterator
from typing import IO, Any, Final

from volttools.capture.side_files import with_side_files
from volttools.capture.window import NothingYet, Window
from volttools.errors import CaptureError, EncodeError
from volttools.jsonlines.events import LineReader
from volttools.jsonlines.values import Json
from volttools.protocol.events import Connection, Damage, Direction, Event, Exchange, Login
from volttools.protocol.numbering import Numbers
from volttools.protocol.traffic import Ended, Opened, Sent, Step, full

MAX_LINE_BYTES: Final = 2**30
"""A response of 50 MB of bytes in hex, ten times over."""

_NEWLINE: Final = b"\n"
_BLANKS: Final = b" \t"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

OnError = Callable[[int, EncodeError], None]
"""Called with the number of a line, from 1, and what is wrong with it."""


def looks_like_json_lines(first: bytes) -> bool:
    """Whether a file that begins with these bytes holds JSON lines.

    >>> looks_like_json_lines(b'{"kind": "capture"}')
    True
    """
    return first.removeprefix(_BYTE_ORDER_MARK).lstrip(b" \t\r\n").startswith(b"{")


class JsonLinesFile:
    """The events of a file, or the steps; once. Where a growing file has no more for now, iterating
    may be begun again: it goes on with the next line.

    numbers   those of the capture; the numbers in the lines count on from them
    first_connection  connections before it; theirs count on, too
    connect   told of the number of each connection
    on_error  where given, called for lines that can't be read; otherwise they are damage
    """

    def __init__(
        self,
        stream: IO[bytes],
        *,
        file: str | None = None,
        numbers: Numbers | None = None,
        first_connection: int = 0,
        connect: Callable[[int], None] | None = None,
        on_error: OnError | None = None,
    ) -> None:
        self._window = Window(stream)
        self._file = file
        self._numbers = numbers or Numbers()
        self._first_frame, self._first_exchange = self._numbers.frame() - 1, self._numbers.exchange() - 1
        self._last_frame, self._last_exchange = self._first_frame, self._first_exchange
        self._first_connection = first_connection
        self._connect = connect
        self._connections: dict[int, Connection] = {}
        self._last_connection: Connection | None = None
        self._on_error = on_error
        self._reader = LineReader(self._connection, file=file)
        self._line = 0

    def __iter__(self) -> Iterator[Event]:
        for number, offset, text in self._lines():
            try:
                found = _json(text)
                event = self._event(found, offset)
            except EncodeError as error:
                if isinstance(error, _NoJson):
                    number += error.lines_down
                if self._on_error is not None:
                    self._on_error(number, error)
                    continue
                path = f"{error.path}: " if error.path else ""
                yield self._damage(f"line {number:,} can't be read: {path}{error.message}", offset, len(text))
                continue
            if event is not None:
                self._number(event)
                yield event
            elif found["kind"] == "capture":
                self._begin_capture()
        if self._window.failure is not None:
            yield self._damage(self._window.failure.message, self._window.offset, 0, what="file cut")
        self._numbers.go_on(self._last_frame + 1, self._last_exchange + 1)

    def _event(self, found: Json, offset: int) -> Event | None:
        try:
            return self._reader.event(with_side_files(found, self._file), offset)
        except RecursionError:
            raise EncodeError("tables in tables in tables, too deep to be built") from None

    def _begin_capture(self) -> None:
        """Count on from here, as lines of another capture follow: files may have been put together."""
        self._first_frame, self._first_exchange = self._last_frame, self._last_exchange
        self._first_connection = max(self._connections, default=self._first_connection)
        self._last_connection = None

    def finish(self) -> Iterator[Event]:
        """The event of a last line that has no end yet, where a growing file is read no further.

        Half a line is no damage: more of it would have come.
        """
        text = self._window.data[self._window.at :]
        try:
            event = self._event(_json(text), self._window.offset) if text.strip() else None
        except EncodeError:
            return
        if event is not None:
            self._number(event)
            yield event

    def steps(self) -> Iterator[Step]:
        """What was sent, in the order it was sent."""
        keys, places = array("q"), array("q")
        with tempfile.TemporaryFile() as spool:
            seen: set[tuple[int, int, int]] = set()
            for event in self:
                for step in _steps_of(event):
                    frame = (step.connection.number, step.frame.number, hash(step.frame.body))
                    if frame in seen:
                        continue  # of a frame that damage tells of once more
                    if isinstance(event, (Damage, Login)):
                        seen.add(frame)
                    keys.append(step.frame.number)
                    places.append(spool.tell())
                    pickle.dump(_Spooled(step), spool)
            yield from self._in_order(spool, keys, places)

    def _in_order(self, spool: IO[bytes], keys: array[int], places: array[int]) -> Iterator[Step]:
        connections = {connection.number: connection for connection in self._connections.values()}
        opened: set[int] = set()
        for index in sorted(range(len(keys)), key=keys.__getitem__):
            spool.seek(places[index])
            spooled: _Spooled = pickle.load(spool)  # written above, by nobody else
            connection = connections[spooled.connection]
            step = spooled.step(connection)
            if connection.number not in opened:
                opened.add(connection.number)
                is_whole = step.is_login and step.frame.direction is Direction.CLIENT
                yield Opened(connection=connection, time_ns=step.time_ns, is_whole=is_whole)
            yield step
        for connection in connections.values():
            for direction in Direction:
                if connection.number in opened:
                    yield Ended(
                        connection=connection, direction=direction, how="end of capture", time_ns=None
                    )

    # ------------------------------------------------------------- lines

    def _lines(self) -> Iterator[tuple[int, int, bytes]]:
        """The lines that are not empty: number, offset, text."""
        window = self._window
        while window.need(1):
            end = self._end_of_line()
            text, offset = window.data[window.at : end], window.offset
            window.at = min(end + len(_NEWLINE), len(window.data))
            line = self._line = self._line + 1
            self._line += text.count(_NEWLINE)
            if line == 1:
                text = text.removeprefix(_BYTE_ORDER_MARK)
            if text.strip():
                yield line, offset, text

    def _end_of_line(self) -> int:
        """Where in the window the line here ends."""
        window, searched = self._window, 0
        while True:
            end = window.data.find(_NEWLINE, window.at + searched)
            if end >= 0:
                length = end - window.at
                if not self._goes_on(length):
                    return window.at + length
                searched = length + len(_NEWLINE)
                continue
            searched = len(window.data) - window.at
            if searched > MAX_LINE_BYTES:
                message = f"a line of more than {MAX_LINE_BYTES:,} bytes: these are no JSON lines"
                raise CaptureError(message, file=self._file, offset=window.offset)
            try:
                is_longer = window.need(2 * searched + 1)
            except NothingYet:
                if len(window.data) - window.at == searched:
                    raise
                continue  # not as much as was asked for, but the line may end in it
            if not is_longer and len(window.data) - window.at == searched:
                return len(window.data)

    def _goes_on(self, length: int) -> bool:
        """Whether the line behind one of that length belongs to it: it begins with a blank.

        An object that looks whole doesn't go on, so that a pipe need not be waited for."""
        window = self._window
        text = window.data[window.at : window.at + length].rstrip()
        if text.endswith(b"}") and text.count(b"{") == text.count(b"}"):
            return False
        try:
            there = window.need(length + 2 * len(_NEWLINE))
        except NothingYet:
            return False  # what grows is written a line at a time
        return there and window.data[window.at + length + len(_NEWLINE)] in _BLANKS

    # ------------------------------------------------------------- numbers

    def _connection(self, number: int | None, client: str | None, server: str | None) -> Connection:
        """The connection of a line; of one that tells none, that of the line before."""
        if number is None:
            if self._last_connection is not None and client is server is None:
                return self._last_connection
            number = max(self._connections, default=self._first_connection) + 1 - self._first_connection
        number += self._first_connection
        found = self._connections.get(number)
        if found is None:
            found = self._connections[number] = Connection(number=number)
            if self._connect is not None:
                self._connect(found.number)
        for name, known, said in (("client", found.client, client), ("server", found.server, server)):
            if known is not None and said is not None and known != said:
                raise EncodeError(
                    f"expected {known!r}, as in a line of this connection before, got {said!r}", path=name
                )
        # Damage names no endpoints, and may come first.
        found.client, found.server = found.client or client, found.server or server
        self._last_connection = found
        return found

    def _number(self, event: Event) -> None:
        """Let the numbers of the file follow those before it; give some to what has none."""
        if isinstance(event, Exchange):
            event.number = event.number + self._first_exchange if event.number else self._last_exchange + 1
            self._last_exchange = max(self._last_exchange, event.number)
        for frame in event.frames:
            frame.number = frame.number + self._first_frame if frame.number else self._last_frame + 1
            self._last_frame = max(self._last_frame, frame.number)

    def _damage(self, message: str, offset: int, length: int, *, what: str = "unreadable") -> Damage:
        return Damage(what=what, message=message, offset=offset, length=length, file=self._file)


class _NoJson(EncodeError):
    """lines_down: how many lines below the first one of its object the place is."""

    def __init__(self, message: str, *, lines_down: int, **place: Any) -> None:
        super().__init__(message, **place)
        self.lines_down = lines_down


class _Spooled:
    """A frame on its way through the temporary file, without its connection."""

    __slots__ = ("connection", "frame", "is_full", "is_login", "procedure")

    def __init__(self, step: Sent) -> None:
        self.connection = step.connection.number
        self.frame = step.frame
        self.procedure, self.is_login, self.is_full = step.procedure, step.is_login, step.is_full

    def step(self, connection: Connection) -> Sent:
        """The frame as it was."""
        return Sent(
            connection=connection,
            frame=self.frame,
            procedure=self.procedure,
            is_login=self.is_login,
            is_full=self.is_full,
        )


def _steps_of(event: Event) -> Iterator[Sent]:
    """The frames of an event as steps."""
    connection = event.connection
    if connection is None:
        return
    is_login = isinstance(event, Login)
    procedure = event.procedure if isinstance(event, Exchange) else None
    for frame in event.frames:
        answers = procedure if frame.direction is Direction.SERVER else None
        yield Sent(connection=connection, frame=frame, procedure=answers, is_login=is_login)
    if isinstance(event, Login) and event.server_full:
        yield full(connection)


def _json(text: bytes) -> Json:
    """What stands on a line. EncodeError for what is no JSON."""
    try:
        return json.loads(text, parse_constant=_refuse, object_pairs_hook=_object)
    except EncodeError:
        raise
    except json.JSONDecodeError as error:
        message = f"no JSON: {error.msg[:1].lower()}{error.msg[1:]} at column {error.colno}"
        raise _NoJson(message, lines_down=error.lineno - 1) from None
    except UnicodeDecodeError as error:
        raise EncodeError(f"no UTF-8 at byte {error.start:,}") from None
    except (RecursionError, ValueError) as error:  # a number of thousands of digits
        raise EncodeError(f"no JSON that can be read: {str(error).partition(';')[0] or 'too deep'}") from None


def _object(members: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(members)
    if len(found) < len(members):
        names = [name for name, _ in members]
        twice = next(name for name in names if names.count(name) > 1)
        raise EncodeError(f"no JSON: an object has two members called {twice!r}")
    return found


def _refuse(name: str) -> None:
    raise EncodeError(f'no JSON: {name}; write it as text, such as "nan"')
