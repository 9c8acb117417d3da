"""What a reader of traffic gets: frames, and what became of them.

    Frame     one length-prefixed run of bytes, with place and time
    Login     a log-in and its answer
    Exchange  an invocation and its response, paired by client handle
    Push      a response that no invocation asked for
    Damage    bytes that are missing, cut, or can't be read; TLS without keys

Messages are parsed when they are looked at, and only once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from volttools.codec import parse, quick_check
from volttools.errors import DecodeError
from volttools.formats.invocation import Invocation, InvocationHead
from volttools.formats.login import KerberosServiceName, KerberosToken, LoginRequest, LoginResponse
from volttools.formats.notation import Opaque
from volttools.formats.response import SUCCESS, Response, ResponseHead, is_push_handle, push_name
from volttools.protocol.frames import CloseKind, Connection, Direction, Frame
from volttools.protocol.result_tables import frame_to_arrow, to_pandas

if TYPE_CHECKING:
    import pyarrow

__all__ = [
    "DAMAGE_KINDS",
    "Connection",
    "Damage",
    "Direction",
    "Event",
    "Exchange",
    "Frame",
    "Login",
    "Push",
]


@dataclass(slots=True, kw_only=True)
class Login:
    """A log-in; `response` None if it was not answered, or the answer is not in the capture."""

    kind: ClassVar[str] = "login"
    connection: Connection
    request: LoginRequest | None = None
    response: LoginResponse | None = None
    request_frame: Frame | None = None
    response_frame: Frame | None = None
    kerberos: list[tuple[Frame, KerberosServiceName | KerberosToken]] = field(default_factory=list)
    server_full: bool = False  # the one unframed byte
    notes: list[str] = field(default_factory=list)

    @property
    def latency_ns(self) -> int | None:
        """From the request's last byte to the response's last byte."""
        return _latency(self.request_frame, self.response_frame)

    @property
    def is_partial(self) -> bool:
        """Whether its answer was captured, but not wholly; `response` is None then."""
        return _is_partial(self.response_frame)

    @property
    def is_error(self) -> bool:
        """Whether the client was not let in, as far as it is known."""
        return self.server_full or self.response is None or not self.response.accepted

    @property
    def frames(self) -> list[Frame]:
        """Its frames, in the order they were sent."""
        return _there(self.request_frame, *(frame for frame, _ in self.kerberos), self.response_frame)

    @property
    def time_ns(self) -> int | None:
        """When it began: the request was seen, or else the answer."""
        return _first_time(self.request_frame, self.response_frame)

    @property
    def ended_ns(self) -> int | None:
        """When it was over: the answer was seen."""
        return _last_time(self.request_frame, self.response_frame)

    @property
    def remarks(self) -> list[str]:
        """The notes, and what of the messages is missing."""
        return [*self.notes, *_missing(self.request_frame, self.response_frame, "log-in", "answer")]


@dataclass(slots=True)
class Exchange:
    """An invocation and its response; the unit that every tool consumes. There are millions, so its
    fields aren't for keywords only: those cost.

    number            in the capture, from 1, in order of the invocations
    procedure         the name; None where the request is not in the capture
    client_handle     as in the request, or else in the response
    status            of the response, if its head is there: see `is_partial`; None without one
    request_lost      the response is there, the request is missing from the capture
    response_lost     the capture has a hole where the response was
    is_late           the client had given up: further requests with the handle came before
    notes             for people: "unanswered: the server closed the connection (FIN) 1.2 s later";
                      `remarks` has more
    """

    kind: ClassVar[str] = "exchange"
    connection: Connection
    number: int = 0
    procedure: str | None = None
    client_handle: int | None = None
    status: int | None = None
    request_frame: Frame | None = None
    response_frame: Frame | None = None
    request_lost: bool = False
    response_lost: bool = False
    is_late: bool = False
    notes: list[str] = field(default_factory=list)
    _invocation: Invocation | DecodeError | None = None
    _response: Response | DecodeError | None = None

    @property
    def latency_ns(self) -> int | None:
        """From the request's last byte to the response's last byte; None without times."""
        return _latency(self.request_frame, self.response_frame)

    @property
    def is_partial(self) -> bool:
        """Whether its response is there, but not wholly: `status` may be known, `response` is None."""
        return _is_partial(self.response_frame)

    @property
    def is_fragment(self) -> bool:
        """Whether neither of its messages is wholly in the capture."""
        frames = (self.request_frame, self.response_frame)
        return not any(frame is not None and frame.is_whole for frame in frames)

    @property
    def is_readable(self) -> bool:
        """Whether both of its frames, as far as they are there, can be read."""
        if not _passes(Invocation, self.request_frame, self._invocation):
            invocation = self.read_invocation()
            if isinstance(invocation, DecodeError):
                return False
            if invocation is not None and isinstance(invocation.parameters, Opaque):
                return False
        if _passes(Response, self.response_frame, self._response):
            return True
        return not isinstance(self.read_response(), DecodeError)

    @property
    def is_error(self) -> bool:
        """Whether anything went wrong, whoever is to blame: no SUCCESS, no answer, unreadable."""
        return self.status != SUCCESS or self.is_partial or not self.is_readable

    @property
    def frames(self) -> list[Frame]:
        """Its frames, in the order they were sent."""
        request, response = self.request_frame, self.response_frame
        if request is not None and response is not None:  # nearly all
            return [request, response]
        return _there(request, response)

    @property
    def time_ns(self) -> int | None:
        """When it began: the request was seen, or else the response."""
        return _first_time(self.request_frame, self.response_frame)

    @property
    def ended_ns(self) -> int | None:
        """When it was over: the response was seen."""
        return _last_time(self.request_frame, self.response_frame)

    @property
    def invocation(self) -> Invocation | None:
        """The request; None if it is not (wholly) in the capture or can't be read."""
        found = self.read_invocation()
        return None if isinstance(found, DecodeError) else found

    @property
    def response(self) -> Response | None:
        """The response; None if it is not (wholly) in the capture or can't be read."""
        found = self.read_response()
        return None if isinstance(found, DecodeError) else found

    @property
    def malformed(self) -> str | None:
        """What is wrong with a request that is all there and can't be read, or not wholly."""
        if _is_partial(self.request_frame):
            return None
        found = self.read_invocation()
        if isinstance(found, DecodeError):
            return f"malformed: {found.message}"
        if found is not None and not found.is_readable:
            return "malformed: its parameters can't be read"
        return None

    @property
    def remarks(self) -> list[str]:
        """The notes, what of the messages is missing, and what is found when they are read."""
        remarks = [*self.notes, *_missing(self.request_frame, self.response_frame, "request", "response")]
        malformed = self.malformed
        return remarks if malformed is None else [*remarks, malformed]

    def read_invocation(self) -> Invocation | DecodeError | None:
        """The request, or why it can't be read, or which bytes are missing; None if it is not there."""
        if self._invocation is None and self.request_frame is not None:
            self._invocation = _read(Invocation, self.request_frame, self.connection, "request")
        return self._invocation

    def read_response(self) -> Response | DecodeError | None:
        """The response, or why it can't be read, or which bytes are missing; None if it is not there."""
        if self._response is None and self.response_frame is not None:
            self._response = _read(Response, self.response_frame, self.connection, "response")
        return self._response

    def to_arrow(self, table: int = 0) -> pyarrow.Table:
        """A result table, counted from 0, as Arrow columns straight from the wire; see `codec.columns`.

        Raises UsageError if there is no such table, DecodeError if it can't be read.
        """
        return frame_to_arrow(self.response_frame, self.connection, f"exchange {self.number}", table)

    def to_pandas(self, table: int = 0) -> Any:
        """The same as a DataFrame of Arrow's types, which keep integers exact and NULLs apart."""
        return to_pandas(self.to_arrow(table))


@dataclass(slots=True, kw_only=True)
class Push:
    """A response that answers no invocation: "topology", "procedures" ..."""

    kind: ClassVar[str] = "push"
    connection: Connection
    frame: Frame
    client_handle: int
    notes: list[str] = field(default_factory=list)
    _response: Response | DecodeError | None = None

    @property
    def name(self) -> str:
        """What is pushed; "unasked" for an answer under a handle that is nobody's."""
        return push_name(self.client_handle) if is_push_handle(self.client_handle) else "unasked"

    @property
    def response(self) -> Response | None:
        """The message; None if it is damaged."""
        found = self.read_response()
        return None if isinstance(found, DecodeError) else found

    @property
    def is_partial(self) -> bool:
        """Whether not all of it is there."""
        return _is_partial(self.frame)

    @property
    def is_error(self) -> bool:
        """Whether it can't be read, or tells of a failure."""
        response = self.response
        return response is None or response.status != SUCCESS

    @property
    def frames(self) -> list[Frame]:
        """Its one frame."""
        return [self.frame]

    @property
    def time_ns(self) -> int | None:
        """When it was seen."""
        return self.frame.seen_at_ns

    ended_ns = time_ns

    @property
    def remarks(self) -> list[str]:
        """The notes, and what of the message is missing."""
        return [*self.notes, *_missing(None, self.frame, "", "message")]

    def read_response(self) -> Response | DecodeError:
        """The message, or why it can't be read, or which bytes are missing."""
        if self._response is None:
            self._response = _read(Response, self.frame, self.connection, "message")
        return self._response

    def to_arrow(self, table: int = 0) -> pyarrow.Table:
        """As `Exchange.to_arrow`."""
        return frame_to_arrow(self.frame, self.connection, f"the push in frame {self.frame.number}", table)

    def to_pandas(self, table: int = 0) -> Any:
        """As `Exchange.to_pandas`."""
        return to_pandas(self.to_arrow(table))


@dataclass(slots=True, kw_only=True)
class Damage:
    """Something of the capture that could not be decoded, or not wholly.

    what       one of DAMAGE_KINDS
    message    a sentence for people: what, where, what to do
    offset     in the direction's stream, or in the file
    length     bytes concerned; None if unknown, or if it concerns none
    exchange   number of the exchange that it touched, where that is known at once
    frame      a frame that is cut, holed or unreadable, if that is what is damaged
    lost_boundary  of a gap: whether it goes over the end of a frame, so that frames may be gone
    closed_by  of an incomplete frame: "fin", "rst", or "end of capture"
    """

    kind: ClassVar[str] = "damage"
    what: str
    message: str
    connection: Connection | None = None
    direction: Direction | None = None
    offset: int | None = None
    length: int | None = None
    seen_at_ns: int | None = None
    frame: Frame | None = None
    file: str | None = None
    lost_boundary: bool = False
    closed_by: CloseKind | None = None
    exchange: int | None = None
    _head: InvocationHead | ResponseHead | None = field(default=None, repr=False, compare=False)

    @property
    def is_error(self) -> bool:
        """Whether something could not be decoded because of it, or is missing."""
        if self.what == "midstream":
            return bool(self.length)  # bytes were passed over until a frame began
        return self.what not in _HARMLESS

    @property
    def frames(self) -> list[Frame]:
        """The frame that is damaged, if one is."""
        return _there(self.frame)

    @property
    def time_ns(self) -> int | None:
        """When it was seen."""
        return self.seen_at_ns

    ended_ns = time_ns


DAMAGE_KINDS = {
    "gap": "bytes are missing from the capture",
    "snap length": "packets were cut when they were captured",
    "incomplete frame": "a frame that never ended: the connection or the file did",
    "unreadable": "bytes in which no frame can be found",
    "malformed": "a whole frame that is not what it should be",
    "midstream": "the connection began before the capture",
    "one direction": "only what one side sent was captured",
    "file cut": "the file ends in the middle of something",
    "tls": "encrypted, and can't be decrypted",
    "tls alert": "TLS ended with a fatal alert, as for a certificate that the client doesn't trust",
    "tls to plain port": "a TLS hello to a port that speaks plainly",
    "plain to tls port": "a plain log-in to a port that wants TLS",
}
"""Kinds of Damage, each with a sentence for all of its kind; messages say more. In "midstream" without a length, "tls alert" and the two about ports nothing is lost: they
change no exit status."""

_HARMLESS = frozenset({"plain to tls port", "tls to plain port", "tls alert"})

Event = Login | Exchange | Push | Damage


def _there(*frames: Frame | None) -> list[Frame]:
    return [frame for frame in frames if frame is not None]


def _first_time(request: Frame | None, answer: Frame | None) -> int | None:
    if request is not None and request.seen_at_ns is not None:
        return request.seen_at_ns
    return None if answer is None else answer.seen_at_ns


def _last_time(request: Frame | None, answer: Frame | None) -> int | None:
    asked_ns = None if request is None else request.seen_at_ns
    answered_ns = None if answer is None else answer.seen_at_ns
    if asked_ns is None or (answered_ns is not None and answered_ns > asked_ns):
        return answered_ns
    return asked_ns


def _latency(request: Frame | None, response: Frame | None) -> int | None:
    if request is None or response is None:
        return None
    if request.seen_at_ns is None or response.seen_at_ns is None or response.closed_by is not None:
        return None
    return response.seen_at_ns - request.seen_at_ns


def _is_partial(frame: Frame | None) -> bool:
    return frame is not None and bool(frame.missing)


def _missing(request: Frame | None, response: Frame | None, *names: str) -> list[str]:
    found = [
        frame and frame.what_is_missing(name) for frame, name in zip((request, response), names, strict=True)
    ]
    return [text for text in found if text]


_M = TypeVar("_M", Invocation, Response)


def _passes(kind: type[_M], frame: Frame | None, known: object) -> bool:
    """Whether a frame that nobody has read yet can be read, as far as a check without its values tells."""
    return known is None and frame is not None and not frame.missing and quick_check(kind, frame.body)


def _read(kind: type[_M], frame: Frame, connection: Connection, name: str) -> _M | DecodeError:
    missing = frame.what_is_missing(name)
    try:
        if missing is not None:
            raise DecodeError(missing)
        return parse(kind, frame.body)
    except DecodeError as error:
        return error.with_place(file=frame.file, connection=connection.number, frame=frame.number)
