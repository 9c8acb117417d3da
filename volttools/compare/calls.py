"""Calls as a comparison needs them: few fields each, so that many can wait for their partners."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from volttools.codec import build, parse
from volttools.errors import DecodeError
from volttools.formats.invocation import Invocation, InvocationHead
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


Explicit = Callable[[Exchange], Hashable]


def call_of(exchange: Exchange, *, is_wanted: bool = True, key: Explicit | None = None) -> Call | Skipped:
    """The call of an exchange, or why there is none.

    key  what calls that belong together have in common, in place of procedure and parameters
    """
    request, procedure = exchange.request_frame, exchange.procedure
    if exchange.client_handle == PING_HANDLE:
        return Skipped.KEEP_ALIVE
    if procedure is None or request is None or request.missing:
        return Skipped.REQUEST_LOST
    asked = _asked(bytes(request.body))
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


class Asked(NamedTuple):
    """What a request asks for: see Call."""

    key: bytes
    statement: str | None


_LONGEST_REMEMBERED = 1_024  # bytes


def _asked(body: bytes) -> Asked | None:
    """What a request asks for, whatever its handle; None if it can't be read.

    The same is asked at least twice, in A and in B, and mostly soon: so it is read once.
    """
    if len(body) > _LONGEST_REMEMBERED:
        return _read_asked(body)
    try:
        head = parse(InvocationHead, body)
    except DecodeError:
        return None
    return _remembered(
        head.version, head.batch_timeout_flag, head.batch_timeout_ms, head.procedure, head.rest
    )


@lru_cache(maxsize=4_096)
def _remembered(
    version: int, flag: int | None, timeout_ms: int | None, procedure: str | None, rest: bytes
) -> Asked | None:
    head = InvocationHead(
        version=version,
        batch_timeout_flag=flag,
        batch_timeout_ms=timeout_ms,
        procedure=procedure,
        client_handle=0,
        rest=rest,
    )
    return _read_asked(build(head))


def _read_asked(body: bytes) -> Asked | None:
    try:
        invocation = parse(Invocation, body)
    except DecodeError:
        return None
    procedure = invocation.procedure or ""
    return Asked(digest((procedure, _parameters(invocation))), statement_of(invocation))


def _parameters(invocation: Invocation) -> Hashable:
    if isinstance(invocation.parameters, Opaque):
        return bytes(invocation.parameters)
    return tuple(map(exact_value, parameters_of(invocation)))


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
