"""What went over the wire, step by step: for those who write it down again.

Events tell what calls became; a writer of captures needs to know in which order bytes were sent.

    Opened   a connection began, or its first bytes were captured
    Sent     a frame
    Bytes    bytes of one side as they passed, from who writes them down without looking for frames
    Note     a remark on what comes next
    Hole     bytes that are not in the capture, or in which no frame can be found
    Ended    a side closed the connection

Steps of one connection come in an order that could have happened. `TrafficLog` makes them from what
framing and pairing find; it holds some back while it isn't known yet which call a response answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from volttools.formats.frame import ServerFull
from volttools.protocol.events import Connection, Damage, Direction, Event, Exchange, Frame, Login, Push
from volttools.protocol.frames import CloseKind
from volttools.protocol.framing import FULL, Item


@dataclass(slots=True, kw_only=True)
class Opened:
    """A connection.

    is_whole  whether its beginning was captured; otherwise it goes on in the middle
    """

    connection: Connection
    time_ns: int | None
    is_whole: bool


@dataclass(slots=True, kw_only=True)
class Sent:
    """A frame, whole or not; of one that never ended, what came of it.

    procedure of a response: that of the call which it answers, where that is known
    is_login  whether it belongs to a log-in
    is_full   bytes without a length: the one of a server that is full, or what is no frame
    """

    connection: Connection
    frame: Frame
    procedure: str | None = None
    is_login: bool = False
    is_full: bool = False

    @property
    def time_ns(self) -> int | None:
        """When its last byte was seen."""
        return self.frame.seen_at_ns


@dataclass(slots=True, kw_only=True)
class Hole:
    """So many bytes of one side that can't be told; at least so many, where nothing of it was captured.

    why   what to say of them, if they are not just missing from the original capture
    """

    connection: Connection
    direction: Direction
    length: int
    time_ns: int | None
    why: str | None = None


@dataclass(slots=True, kw_only=True)
class Bytes:
    """The next bytes of one side, whatever they are."""

    connection: Connection
    direction: Direction
    data: bytes
    time_ns: int | None


@dataclass(slots=True, kw_only=True)
class Note:
    """A remark on what is sent next on a connection; a file that has none for it leaves it out."""

    connection: Connection
    text: str
    time_ns: int | None


@dataclass(slots=True, kw_only=True)
class Ended:
    """The end of one side's stream, as in `Connection.closed_kind`."""

    connection: Connection
    direction: Direction
    how: CloseKind
    time_ns: int | None


Step = Opened | Sent | Bytes | Hole | Note | Ended

_PASSED_OVER = ("unreadable", "midstream")


def full(connection: Connection) -> Sent:
    """The one unframed byte of a server that is full."""
    frame = Frame.of(Direction.SERVER, FULL)
    return Sent(connection=connection, frame=frame, is_login=True, is_full=True)


class TrafficLog:
    """Collects the steps of one connection.

    has_offsets  whether a frame's offset counts the bytes of its side, so that holes can be seen
    """

    __slots__ = (
        "_connection",
        "_deferred",
        "_has_offsets",
        "_is_whole",
        "_position",
        "_reached",
        "_steps",
        "_unpaired",
    )

    def __init__(
        self, connection: Connection, time_ns: int | None, *, is_whole: bool, has_offsets: bool = True
    ) -> None:
        self._connection = connection
        self._has_offsets = has_offsets
        self._is_whole = is_whole
        self._position = dict.fromkeys(Direction, 0)
        self._reached = dict.fromkeys(Direction, 0)
        self._unpaired: dict[int, Sent] = {}  # responses, by the identity of their frame
        self._steps: list[Step] = [Opened(connection=connection, time_ns=time_ns, is_whole=is_whole)]
        self._deferred: int | None = None  # where what is found late of the client goes

    def take(self) -> list[Step]:
        """The steps so far; each once."""
        steps, self._steps = self._steps, []
        self._unpaired.clear()
        self._deferred = None
        return steps

    def item(self, item: Item, events: Iterable[Event], *, in_login: bool, is_deferred: bool = False) -> None:
        """Note what framing found, and what became of it by that.

        in_login     whether the log-in was under way before
        is_deferred  whether responses wait, as bytes that the client sent before are no frames yet
        """
        if is_deferred and self._deferred is None:
            self._deferred = len(self._steps)
        if isinstance(item, ServerFull):
            self._full()
        elif isinstance(item, Frame):
            self._frame(item, is_login=in_login)
        else:
            self._damage(item, is_login=in_login)
        self.paired(events)

    def paired(self, events: Iterable[Event]) -> None:
        """Note which calls responses answer."""
        for event in events:
            frame = event.frame if isinstance(event, Push) else getattr(event, "response_frame", None)
            step = self._unpaired.pop(id(frame), None)
            if step is not None and isinstance(event, Exchange):
                step.procedure = event.procedure
            elif step is not None:
                step.is_login = isinstance(event, Login)

    def passed(self, direction: Direction, time_ns: int | None) -> None:
        """Note that all is told of a side up to where damage reached."""
        if self._has_offsets:
            self._skip_to(direction, self._reached[direction], time_ns)

    def unseen(self, direction: Direction, time_ns: int | None) -> None:
        """Note that a side sent something, of which nothing was captured."""
        self._add(Hole(connection=self._connection, direction=direction, length=1, time_ns=time_ns))

    def ended(self, direction: Direction, how: CloseKind, time_ns: int | None) -> None:
        """Note the end of a side."""
        self._steps.append(Ended(connection=self._connection, direction=direction, how=how, time_ns=time_ns))

    def _frame(self, frame: Frame, *, is_login: bool) -> None:
        if self._has_offsets:
            self._skip_to(frame.direction, frame.offset, frame.seen_at_ns)
            self._position[frame.direction] = frame.offset + frame.bytes_on_wire
        step = Sent(connection=self._connection, frame=frame, is_login=is_login)
        self._add(step)
        if frame.direction is Direction.SERVER:
            self._unpaired[id(frame)] = step

    def _damage(self, damage: Damage, *, is_login: bool) -> None:
        if damage.frame is not None:
            self._frame(damage.frame, is_login=is_login)
        elif damage.direction is not None and (damage.lost_boundary or damage.what in _PASSED_OVER):
            reached = (damage.offset or 0) + (damage.length or 0)
            self._reached[damage.direction] = max(self._reached[damage.direction], reached)

    def _full(self) -> None:
        self._steps.append(full(self._connection))

    def _skip_to(self, direction: Direction, offset: int, time_ns: int | None) -> None:
        """Tell of a hole up to an offset; what lies before a connection's first frame is not one."""
        length = offset - self._position[direction]
        if length <= 0:
            return
        if self._position[direction] or self._is_whole:
            hole = Hole(connection=self._connection, direction=direction, length=length, time_ns=time_ns)
            self._add(hole)
        self._position[direction] = offset

    def _add(self, step: Sent | Hole) -> None:
        """Add what was sent. The client's comes before responses that had to wait for it, by the times."""
        if self._deferred is None or _direction(step) is Direction.SERVER:
            self._steps.append(step)
            return
        if isinstance(step, Sent):
            while self._deferred < len(self._steps) and not _is_before(step, self._steps[self._deferred]):
                self._deferred += 1
        self._steps.insert(self._deferred, step)
        self._deferred += 1


def _direction(step: Sent | Hole) -> Direction:
    return step.direction if isinstance(step, Hole) else step.frame.direction


def _is_before(step: Sent, other: Step) -> bool:
    """Whether a frame, or what there is of it, was sent before another step, by their times."""
    sent_ns = step.time_ns if step.frame.is_whole else step.frame.began_at_ns
    return sent_ns is None or other.time_ns is None or sent_ns <= other.time_ns
