"""What a check says: findings with their places, and the rules that make them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from volttools.protocol.events import Damage, Direction, Event, Exchange, Frame

if TYPE_CHECKING:
    from volttools.checks.state import ConnectionState


class Severity(StrEnum):
    """What follows from a finding."""

    DAMAGE = "damage"
    VIOLATION = "violation"
    NOTE = "note"


SEVERITY_DOCS = {
    Severity.DAMAGE: "the capture is not whole",
    Severity.VIOLATION: "a side did not do its part",
    Severity.NOTE: "worth knowing",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something is, as far as it is known.

    file        name of the capture, as the caller gave it
    connection  number in the capture, from 1
    exchange    number in the capture, from 1
    frame       number in the capture, from 1
    direction   who sent it
    offset      byte in the direction's stream, or, without a direction and in a dump_file, in the file
    path        the field: "response.tables[0].rows[17].PRICE"
    """

    file: str | None = None
    connection: int | None = None
    exchange: int | None = None
    frame: int | None = None
    direction: Direction | None = None
    offset: int | None = None
    path: str | None = None

    def __str__(self) -> str:
        parts = [
            f"{name} {number:,}"
            for name in ("connection", "exchange", "frame")
            if (number := getattr(self, name)) is not None
        ]
        if self.direction is not None:
            parts.append(f"from the {self.direction.value}")
        if self.offset is not None:
            where = "" if self.direction is not None else " of the file"
            parts.append(f"byte {self.offset:,}{where}")
        if self.path is not None:
            parts.append(self.path)
        return ", ".join(parts)

    @classmethod
    def of(cls, event: Event, frame: Frame | None = None, path: str | None = None) -> Place:
        """The place of an event, or of one of its frames; without a frame that of its first."""
        exchange = event.number if isinstance(event, Exchange) else None
        damage = event if isinstance(event, Damage) else None
        if damage is not None:
            frame, exchange = damage.frame, damage.exchange
        elif frame is None:
            frame = next(iter(event.frames), None)
        file, direction, offset, number = None, None, None, None
        if frame is not None:
            file, direction, offset = frame.file, frame.direction, frame.offset
            number = frame.number or None
        if damage is not None:
            file, direction, offset = damage.file, damage.direction, damage.offset
        return cls(
            file=file,
            connection=event.connection.number if event.connection is not None else None,
            exchange=exchange,
            frame=number,
            direction=direction,
            offset=offset,
            path=path,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a check found.

    code      a stable name: "gap", "unanswered"; `registry.RULES` has all
    severity  damage: the capture is not whole; violation: a side did not do its part; note
    side      who is to blame: "client" or "server"; None: nobody, or it can't be told
    message   a sentence: what is there, what is right
    place     where
    time_ns   when it was seen, ns since 1970; None in dump_files
    """

    code: str
    severity: Severity
    side: str | None
    message: str
    place: Place
    time_ns: int | None = None


class Found(NamedTuple):
    """What a rule says of its subject; the checker makes a `Finding` of it.

    path    the field within the message
    frame   which frame of the event, if not the one that the subject stands in
    side    who is to blame, if not the rule's side
    """

    message: str
    path: str | None = None
    frame: Frame | None = None
    side: str | None = None


S = TypeVar("S", contravariant=True)


@dataclass(frozen=True, slots=True)
class Rule(Generic[S]):
    """One thing to look for.

    code      a stable name
    severity  of all its findings
    side      who breaks it; None: whoever sent the message, or nobody
    doc       one line for users
    source    what says that it is so
    find      gives what there is to say of a subject, on a connection of which the state is known
    """

    code: str
    severity: Severity
    side: str | None
    doc: str
    source: str
    find: Callable[[S, ConnectionState], Iterable[Found]]
