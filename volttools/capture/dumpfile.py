"""The dump_file of the official Python client: frames of both directions, without saying which.

Format and what goes wrong in it: formats/dumpfile.py. Here the missing is inferred.

**Direction** by content. An invocation has the length of a name where a response has the
upper half of its handle; this client's handles are 1, so that is 0. The first frame received
on a connection answers the log-in. In the Kerberos exchange the server names its service,
then tokens alternate.

**Connections**: each log-in begins one.

**Frame ends**: a frame is believed if it begins like a message and a newline follows. If it
doesn't, the length may be a bare one, left by a time-out: then the next frame begins right
behind it. Otherwise something is damaged, and the next newline with a frame behind it ends it.

There are no times. Frames have their offset in the file. Memory is bounded by a frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import IO

from volttools.capture.dumpshapes import LOOK_BYTES, Sight, is_enclosed, looks_like_dump_file, sight
from volttools.capture.window import Window
from volttools.codec import parse
from volttools.formats.dumpfile import NEWLINE
from volttools.formats.frame import PREFIX_BYTES
from volttools.formats.invocation import INVOCATION_VERSIONS
from volttools.formats.login import KERBEROS_SERVICE_NAME, LoginHead
from volttools.protocol.events import Connection, Damage, Direction, Event, Frame
from volttools.protocol.libraries import PYTHON
from volttools.protocol.numbering import Numbers
from volttools.protocol.pairing import Pairing
from volttools.protocol.shapes import (
    REQUEST_HEAD_BYTES,
    is_invocation_start,
    is_kerberos,
    is_length,
    is_login_request,
    is_login_response,
    is_login_start,
    is_response_start,
    read_prefix,
)
from volttools.protocol.traffic import Step, TrafficLog

__all__ = ["DumpFileReader", "looks_like_dump_file"]


class DumpFileReader:
    """Iterates over the events of a dump_file, once; after NothingYet it goes on where it was.

    connect   gives the number of the next connection; the client library as argument
    numbers   those of the capture
    logs_traffic  whether to collect what was sent in `steps`, which the caller empties
    """

    def __init__(
        self,
        stream: IO[bytes],
        *,
        file: str | None = None,
        numbers: Numbers | None = None,
        connect: Callable[[str], int] | None = None,
        logs_traffic: bool = False,
    ) -> None:
        self._window = Window(stream)
        self._file = file
        self._numbers = numbers or Numbers()
        numbering = count(1)
        self._connect = connect or (lambda library: next(numbering))
        self._pairing: Pairing | None = None
        self._logs_traffic = logs_traffic
        self._traffic: TrafficLog | None = None
        self.steps: list[Step] = []
        self._last_token: Direction | None = None
        self._passed_over: tuple[int, str] | None = None  # from where, why
        self.frames = 0

    @property
    def offset(self) -> int:
        """How far in the file reading has come."""
        return self._window.offset

    def __iter__(self) -> Iterator[Event]:
        window = self._window
        while self._passed_over or window.need(1):
            yield from self._go_on_passing_over() if self._passed_over else self._next()
        if window.failure is not None:
            yield self._damage("file cut", window.failure.message, window.offset, 0)
        yield from self.finish()

    def finish(self) -> Iterator[Event]:
        """What the end of the file leaves open: calls without an answer."""
        if self._pairing is not None:
            yield from self._pairing.close("the file ends")
        self._end_traffic()

    # -- where frames begin and end -----------------------------------------------------------

    def _next(self) -> Iterator[Event]:
        """The events of the next frame, or of the next damage."""
        window = self._window
        start = window.offset
        if not window.need(PREFIX_BYTES + 1):
            yield from self._rest_of_file(start, None)
            return
        length = read_prefix(window.data[window.at : window.at + PREFIX_BYTES])
        is_end = not window.need(PREFIX_BYTES + min(max(length, 0) + len(NEWLINE), LOOK_BYTES))
        found = sight(window.data, window.at, is_end=is_end, needs_newline=False)
        if found is not Sight.NOTHING and window.need(PREFIX_BYTES + length):
            yield from self._whole(start, length)
        elif is_length(length) and self._has_frame_behind_prefix():
            yield from self._bare_length(start, length)
        elif found is not Sight.NOTHING:
            yield from self._rest_of_file(start, length)
        elif self._is_enclosed(length):
            yield from self._whole(start, length)
        else:
            yield from self._pass_over(start, "no frame begins here")

    def _is_enclosed(self, length: int) -> bool:
        """Whether a frame here, though it looks like no message, ends where the next one begins."""
        window = self._window
        if not 0 < length <= LOOK_BYTES:
            return False
        is_end = not window.need(2 * PREFIX_BYTES + length + len(NEWLINE) + LOOK_BYTES)
        return is_enclosed(window.data, window.at, length, is_end=is_end)

    def _has_frame_behind_prefix(self) -> bool:
        """Whether a whole frame sent stands behind a length alone, with its newline."""
        window = self._window
        at = window.at + PREFIX_BYTES
        if not window.need(2 * PREFIX_BYTES + 1):
            return False
        at = window.at + PREFIX_BYTES
        length = read_prefix(window.data[at : at + PREFIX_BYTES])
        if not is_length(length):
            return False
        start = at + PREFIX_BYTES
        window.need(2 * PREFIX_BYTES + min(length + len(NEWLINE), LOOK_BYTES))
        start = window.at + 2 * PREFIX_BYTES
        data = window.data
        body = data[start : start + length]
        if len(body) < length and len(body) < LOOK_BYTES:
            return bool(is_invocation_start(body))  # the file ends in it
        if len(body) == length and data[start + length : start + length + 1] not in (b"", NEWLINE):
            return False
        return bool(is_invocation_start(body)) or is_login_request(body)

    def _whole(self, start: int, length: int) -> Iterator[Event]:
        """A frame, and what stands in the place of its newline."""
        window = self._window
        has_more = window.need(PREFIX_BYTES + length + len(NEWLINE))
        begin = window.at + PREFIX_BYTES
        end = begin + length
        body = window.data[begin:end]
        if has_more and window.data[end : end + len(NEWLINE)] != NEWLINE:
            # A wrong length, or a newline that is gone? The next frame tells.
            window.need(2 * PREFIX_BYTES + length + LOOK_BYTES)
            end = window.at + PREFIX_BYTES + length
            if sight(window.data, end, is_end=True) is Sight.NOTHING:
                if self._has_frame_behind_prefix():
                    yield from self._bare_length(start, length)
                else:
                    yield from self._pass_over(start, f"no newline behind a frame of {length:,} bytes")
                return
            yield self._damage("malformed", "no newline behind a frame", start, PREFIX_BYTES + length)
            window.at += PREFIX_BYTES + length
        elif has_more:
            window.at += PREFIX_BYTES + length + len(NEWLINE)
        else:
            window.at += PREFIX_BYTES + length
        yield from self._frame(start, body)
        if not has_more:
            yield self._damage("file cut", "the file ends before the newline of its last frame", start, 0)

    def _bare_length(self, start: int, length: int) -> Iterator[Event]:
        """A length without a body: the client gave up while it received."""
        self._window.at += PREFIX_BYTES
        yield self._damage(
            "incomplete frame",
            f"the client gave up on a response of {length:,} bytes (time-out, or the connection broke):"
            " only its length is in the file",
            start,
            PREFIX_BYTES,
            Direction.SERVER,
        )

    def _rest_of_file(self, start: int, length: int | None) -> Iterator[Event]:
        """What is left when the file ends in the middle of a frame."""
        window = self._window
        rest = window.data[window.at :]
        window.at = len(window.data)
        frame = None
        if length is None and len(rest) == PREFIX_BYTES and is_length(read_prefix(rest)):
            message = "the file ends behind a length: a response that never came, or that was cut off"
            what = "incomplete frame"
        elif length is None:
            what, message = "file cut", f"the file ends {len(rest)} bytes into a frame's length"
        else:
            what = "file cut"
            body = rest[PREFIX_BYTES:]
            message = f"the file ends {len(body):,} bytes into a frame of {length:,}"
            frame = self._made(self._direction_of_cut(body), start, body, length)
            frame.closed_by = "end of capture"
            frame.number = self._numbers.frame()
        damage = self._damage(what, message, start, len(rest), frame.direction if frame else None, frame)
        if self._traffic is not None and self._pairing is not None:
            self._traffic.item(damage, [], in_login=self._pairing.is_logging_in)
        yield damage

    def _pass_over(self, start: int, why: str) -> Iterator[Event]:
        """Look for the next newline with a frame behind it."""
        self._window.at += 1
        self._passed_over = (start, why)
        yield from self._go_on_passing_over()

    def _go_on_passing_over(self) -> Iterator[Event]:
        assert self._passed_over is not None
        start, why = self._passed_over
        window = self._window
        while True:
            at = window.data.find(NEWLINE, window.at)
            if at < 0:
                window.at = len(window.data)
                if not window.need(1):
                    break
                continue
            window.at = at
            # Where the file doesn't end, a frame behind the newline can be seen.
            is_end = not window.need(len(NEWLINE) + PREFIX_BYTES + LOOK_BYTES)
            window.at += len(NEWLINE)
            if sight(window.data, window.at, is_end=is_end) is not Sight.NOTHING:
                break
        self._passed_over = None
        yield self._unreadable(start, window.offset - start, why)

    # -- what frames are -----------------------------------------------------------------------

    def _frame(self, start: int, body: bytes) -> Iterator[Event]:
        """The events of a whole frame."""
        self.frames += 1
        direction = self._direction(body)
        if direction is Direction.CLIENT and self._is_login(body):
            yield from self._begin_connection(at_start=True)
        if self._pairing is None:
            yield from self._begin_connection(at_start=False)
        assert self._pairing is not None
        if is_kerberos(body) and self._pairing.awaits_login:
            self._last_token = direction
        frame = self._made(direction or Direction.SERVER, start, body, len(body))
        events = self._pairing.frame(frame)
        self._log(frame, events, self._pairing)
        yield from events

    def _log(self, frame: Frame, events: list[Event], pairing: Pairing) -> None:
        """Note a frame for `steps`."""
        if self._traffic is not None:
            self._traffic.item(frame, events, in_login=pairing.is_logging_in)
            self.steps += self._traffic.take()

    def _direction(self, body: bytes) -> Direction | None:
        """Who sent a frame; None if it looks like nothing that either side sends."""
        awaits_login = self._pairing is not None and self._pairing.awaits_login is not None
        if awaits_login:
            if is_login_response(body):
                return Direction.SERVER
            if is_kerberos(body):
                if parse(LoginHead, body).code == KERBEROS_SERVICE_NAME:
                    return Direction.SERVER
                # The client answers the service's name, then tokens alternate.
                return Direction.SERVER if self._last_token is Direction.CLIENT else Direction.CLIENT
        if is_invocation_start(body[:REQUEST_HEAD_BYTES]) or self._is_login(body):
            return Direction.CLIENT
        if is_response_start(body[:REQUEST_HEAD_BYTES]) or is_login_response(body):
            return Direction.SERVER
        # Servers have no other version than 0, but in the Kerberos exchange.
        return Direction.CLIENT if body[0] in INVOCATION_VERSIONS and body[0] else None

    def _direction_of_cut(self, body: bytes) -> Direction:
        """Who sent a frame that the file ends in."""
        awaits_login = self._pairing is not None and self._pairing.awaits_login is not None
        if self._pairing is None or (is_login_start(body) and not awaits_login):
            return Direction.CLIENT  # a file begins with a log-in
        return self._direction(body) or Direction.SERVER

    def _is_login(self, body: bytes) -> bool:
        return len(body) <= LOOK_BYTES and is_login_request(body)

    def _begin_connection(self, *, at_start: bool) -> Iterator[Event]:
        if self._pairing is not None:
            yield from self._pairing.close("the client logged in again")
        self._end_traffic()
        # No other client writes such files.
        connection = Connection(number=self._connect(PYTHON), library=PYTHON)
        self._pairing = Pairing(connection, self._numbers, at_start=at_start)
        if self._logs_traffic:
            self._traffic = TrafficLog(connection, None, is_whole=at_start, has_offsets=False)
        self._last_token = None

    def _end_traffic(self) -> None:
        """Note that nothing more comes on the connection."""
        if self._traffic is not None:
            for direction in Direction:
                self._traffic.ended(direction, "end of capture", None)
            self.steps += self._traffic.take()

    def _made(self, direction: Direction, start: int, body: bytes, length: int) -> Frame:
        missing = [(len(body), length)] if len(body) < length else ()
        return Frame(
            direction=direction,
            body=body,
            length=length,
            offset=start,
            missing=missing,
            file=self._file,
        )

    # -- damage --------------------------------------------------------------------------------

    def _unreadable(self, start: int, length: int, why: str) -> Damage:
        return self._damage("unreadable", f"{length:,} bytes passed over: {why}", start, length)

    def _damage(
        self,
        what: str,
        message: str,
        start: int,
        length: int,
        direction: Direction | None = None,
        frame: Frame | None = None,
    ) -> Damage:
        return Damage(
            what=what,
            message=message,
            connection=None if self._pairing is None else self._pairing.connection,
            direction=direction,
            offset=start,
            length=length,
            frame=frame,
            file=self._file,
        )
