"""Calls as a comparison needs them: few fields each, so that many can wait for their partners."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import Enum

from volttools.compare.requests import Requests, digest
from volttools.formats.response import PING_HANDLE
from volttools.protocol.events import Exchange
from volttools.protocol.frames import Frame

Bodies = tuple[bytes, bytes | None]


class Answer(Enum):
    """What is known of a call's answer."""

    GIVEN = "given"
    NONE = "none"
    LOST = "the answer is not, or not wholly, in the capture"
    OPEN = "it waits for its answer when the capture ends"


@dataclass(slots=True, eq=False)
class Call:
    """A call and its answer.

    number, connection   of exchange and connection in its capture
    procedure            its name
    key                  the same for calls of one procedure with the same parameters
    statement            the SQL of an @AdHoc without its literals; None for other procedures
    status               of the answer; None without one
    latency_ns           None without times
    is_wanted            whether somebody asked for it
    bodies               of the request and the response; or where they are in the file, and how long
    size                 bytes of both
    pair                 the number of the pair of connections that its own belongs to; 0: not known yet
    """

    number: int
    connection: int
    procedure: str
    key: bytes
    statement: str | None
    answer: Answer
    status: int | None
    latency_ns: int | None
    is_wanted: bool
    bodies: Bodies | tuple[int, int, int]
    size: int
    pair: int = 0

    @property
    def family(self) -> tuple[str, str | None]:
        """The same for calls of one procedure; of an @AdHoc, of one statement but for its literals."""
        return self.procedure, self.statement

    @property
    def is_unknown(self) -> bool:
        """Whether nobody can say if its answer is the same as another."""
        return self.answer is Answer.LOST or self.answer is Answer.OPEN


class Skipped(Enum):
    """Why an exchange can't be compared, or need not be."""

    REQUEST_LOST = "the request is not, or not wholly, in the capture"
    UNREADABLE = "the request can't be read"
    KEEP_ALIVE = "keep-alives of clients"
    OF_LIBRARY = "asked by client libraries themselves, and not in the other"


Explicit = Callable[[Exchange], Hashable]


def call_of(
    exchange: Exchange,
    requests: Requests | None = None,
    *,
    is_wanted: bool = True,
    key: Explicit | None = None,
) -> Call | Skipped:
    """The call of an exchange, or why there is none.

    requests  knows what was asked before
    key       what calls that belong together have in common, in place of procedure and parameters
    """
    request, procedure = exchange.request_frame, exchange.procedure
    if exchange.client_handle == PING_HANDLE:
        return Skipped.KEEP_ALIVE
    if procedure is None or request is None or request.missing:
        return Skipped.REQUEST_LOST
    asked = (requests or Requests()).asked(bytes(request.body))
    if asked is None:
        return Skipped.UNREADABLE
    answer, response = _answer(exchange)
    return Call(
        number=exchange.number,
        connection=exchange.connection.number,
        procedure=procedure,
        key=asked.key if key is None else digest(key(exchange)),
        statement=asked.statement,
        answer=answer,
        status=None if response is None else exchange.status,
        latency_ns=exchange.latency_ns if answer is Answer.GIVEN else None,
        is_wanted=is_wanted,
        bodies=(bytes(request.body), None if response is None else bytes(response.body)),
        size=len(request.body) + (0 if response is None else len(response.body)),
    )


def _answer(exchange: Exchange) -> tuple[Answer, Frame | None]:
    frame = exchange.response_frame
    if frame is None:
        if exchange.response_lost:
            return Answer.LOST, None
        is_open = exchange.connection.closed_kind == "end of capture"
        return (Answer.OPEN if is_open else Answer.NONE), None
    if frame.is_whole:
        return Answer.GIVEN, frame
    return (Answer.NONE if frame.was_never_sent else Answer.LOST), None
