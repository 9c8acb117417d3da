"""Calls as a comparison needs them: few fields each, so that many can wait for their partners.

The bodies of messages are kept in memory up to a limit; beyond it, in a file that the caller gives.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import Enum
from typing import IO

from volttools.codec import parse
from volttools.errors import DecodeError
from volttools.formats.invocation import Invocation
from volttools.formats.notation import Opaque
from volttools.formats.response import PING_HANDLE
from volttools.protocol.events import Exchange
from volttools.protocol.fingerprint import fingerprint
from volttools.protocol.frames import Frame
from volttools.protocol.parameter_values import exact_value, parameters_of
from volttools.protocol.procedures import sql_of

Bodies = tuple[bytes, bytes | None]


class Answer(Enum):
    """What is known of a call's answer."""

    GIVEN = "given"
    NONE = "none"
    LOST = "the answer is not, or not wholly, in the capture"
    OPEN = "it waits for its answer when the capture ends"


UNKNOWN = frozenset({Answer.LOST, Answer.OPEN})
"""Of which nobody can say whether the answers are the same."""


@dataclass(slots=True, eq=False)
class Call:
    """A call and its answer.

    number, connection   of exchange and connection in its capture
    procedure            its name
    key                  the same for calls of one procedure with the same parameters
    family               the same for calls of one procedure; of an @AdHoc, of one statement but for its literals
    latency_ns           None without times
    is_wanted            whether somebody asked for it
    bodies               of the request and the response; or where they are in the file, and how long
    size                 bytes of both
    """

    number: int
    connection: int
    procedure: str
    key: bytes
    family: str
    answer: Answer
    latency_ns: int | None
    is_wanted: bool
    bodies: Bodies | tuple[int, int, int]
    size: int


class Skipped(Enum):
    """Why an exchange can't be compared, or need not be."""

    REQUEST_LOST = "the request is not, or not wholly, in the capture"
    UNREADABLE = "the request can't be read"
    KEEP_ALIVE = "keep-alives of clients"


Explicit = Callable[[Exchange], Hashable]


def call_of(exchange: Exchange, *, is_wanted: bool = True, key: Explicit | None = None) -> Call | Skipped:
    """The call of an exchange, or why there is none.

    key  what calls that belong together have in common, in place of procedure and parameters
    """
    request = exchange.request_frame
    if exchange.client_handle == PING_HANDLE:
        return Skipped.KEEP_ALIVE
    if exchange.procedure is None or request is None or not request.is_whole:
        return Skipped.REQUEST_LOST
    invocation = exchange.invocation
    if invocation is None:
        return Skipped.UNREADABLE
    answer, response = _answer(exchange)
    wanted = (exchange.procedure, _parameters(invocation)) if key is None else key(exchange)
    return Call(
        number=exchange.number,
        connection=exchange.connection.number,
        procedure=exchange.procedure,
        key=digest(wanted),
        family=_family(exchange.procedure, invocation),
        answer=answer,
        latency_ns=exchange.latency_ns if answer is Answer.GIVEN else None,
        is_wanted=is_wanted,
        bodies=(bytes(request.body), None if response is None else bytes(response.body)),
        size=len(request.body) + (0 if response is None else len(response.body)),
    )


def _parameters(invocation: Invocation) -> Hashable:
    if isinstance(invocation.parameters, Opaque):
        return bytes(invocation.parameters)
    return tuple(map(exact_value, parameters_of(invocation)))


def _family(procedure: str, invocation: Invocation) -> str:
    statement = statement_of(invocation)
    return procedure if statement is None else f"{procedure} {statement}"


def statement_of(invocation: Invocation) -> str | None:
    """The SQL of an @AdHoc without its literals; None for other procedures."""
    sql = sql_of(invocation)
    return None if sql is None else fingerprint(sql)


def digest(value: Hashable) -> bytes:
    """Sixteen bytes for a value, however long that is."""
    return hashlib.blake2b(repr(value).encode("utf-8", "surrogatepass"), digest_size=16).digest()


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


def invocation_of(body: bytes) -> Invocation:
    """The request of a call, whose body `call_of` has read before."""
    return parse(Invocation, body)


class Spool:
    """Keeps the bodies of calls until they are wanted.

    file    where to; None: all stay in memory
    memory  bytes that may stay there
    """

    MEMORY = 64 * 10**6

    def __init__(self, file: IO[bytes] | None = None, *, memory: int = MEMORY) -> None:
        self._file = file
        self._memory = memory
        self._held = 0
        self._end = 0
        self.spooled = 0

    def park(self, call: Call) -> None:
        """Take the bodies of a call that may have to wait."""
        bodies = call.bodies
        assert len(bodies) == 2
        if self._file is None or self._held + call.size <= self._memory:
            self._held += call.size
            return
        request, response = bodies
        self._file.seek(self._end)
        self._file.write(request)
        if response is not None:
            self._file.write(response)
        call.bodies = (self._end, len(request), -1 if response is None else len(response))
        self._end += call.size
        self.spooled += 1

    def fetch(self, call: Call) -> Bodies:
        """Give them back; they are forgotten here."""
        bodies = call.bodies
        if len(bodies) == 2:
            self._held -= call.size
            return bodies
        assert self._file is not None
        start, request, response = bodies
        self._file.seek(start)
        body = self._file.read(request)
        if len(body) != request:
            raise DecodeError("the file of calls that wait was changed")
        return body, None if response < 0 else self._file.read(response)
