"""The calls of a capture, in the order in which they were sent.

    plan = read_plan(volttools.open("x.pcapng"))
    for call in plan: ...

A capture tells of calls when they are answered, and a replay needs them when they were sent. So it is read
once, into a temporary file; memory holds some 30 bytes a call, and 100 while they are put in order. What can't be sent again is counted in
`left_out`, with why: log-ins and pushes are no calls, and client libraries ask on their own behalf.
"""

from __future__ import annotations

import marshal
import tempfile
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import compress
from types import TracebackType
from typing import IO, Any, Final, NamedTuple, Self

from volttools.capture.reader import Capture
from volttools.codec import builder
from volttools.errors import UsageError
from volttools.formats.invocation import InvocationHead
from volttools.protocol.events import Damage, Event, Exchange, Frame, Login
from volttools.protocol.frame_buffer import framed
from volttools.protocol.procedures import sql_of
from volttools.protocol.shapes import invocation_head
from volttools.replay.safety import is_of_library, nature_of_sql

_build_head = builder(InvocationHead)

MadeValue = tuple[int, int, Any]
"""Number of a rule, number of a row, and the value: see `values`."""

MOST_MISSING: Final = 10
"""So many numbers of calls that are missing are kept."""

NOT_CAPTURED: Final = "the request is not in the capture"
DAMAGED: Final = "the request is damaged"
OF_LIBRARY: Final = "made by client libraries themselves"
LOST: Final = "frames that were lost from the capture, and may have been calls"


class Recorded(NamedTuple):
    """A call as it was recorded.

    connection    counted from 0, in order of the first call
    at_ns         when it was sent, since the first call of the capture; None where the capture has no times
    exchange, frame   numbers in the capture: of the exchange, and of its request
    status        that it was answered with; None: it was not answered
    answer_frame  number of the answer's frame, 0 without one
    answered_ns   when the answer came, as `at_ns`
    sql           what its SQL does, for @AdHoc and the like
    head          the invocation, up to its handle, and the bytes behind it
    made          what of its answer may be a value that the server made: see `values`
    """

    connection: int
    at_ns: int | None
    exchange: int
    frame: int
    status: int | None
    answer_frame: int
    answered_ns: int | None
    sql: str | None
    head: InvocationHead
    made: tuple[MadeValue, ...] = ()

    @property
    def procedure(self) -> str:
        """The name that was called."""
        return self.head.procedure or ""

    def bytes_for(self, handle: int) -> bytes:
        """The call's frame under another handle; otherwise the bytes that were recorded."""
        self.head.client_handle = handle
        return framed(_build_head(self.head))


@dataclass(frozen=True, slots=True)
class RecordedConnection:
    """A connection that made calls: its number in the capture, and who talked to whom, if that is known."""

    number: int
    client: str | None
    server: str | None


@dataclass(slots=True)
class Plan:
    """Calls to be made. Iterating gives them in the order in which they were sent, as often as wanted.

    has_times     whether the capture tells when they were sent; if not, one is made after the other
    duration_ns   from the first call to the last
    tally         how many there are by procedure, and by what their SQL does
    left_out      what is not in it, by why
    missing       of calls that are not wholly in the capture the numbers of the first, by the same
    servers       addresses of the servers that were recorded
    """

    connections: list[RecordedConnection] = field(default_factory=list)
    tally: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    missing: dict[str, list[int]] = field(default_factory=dict)
    servers: set[str] = field(default_factory=set)
    has_times: bool = True
    duration_ns: int = 0
    start_ns: int | None = None
    _spool: IO[bytes] = field(default_factory=tempfile.TemporaryFile, repr=False)
    _order: array[int] = field(default_factory=lambda: array("q"), repr=False)
    _groups: array[int] = field(default_factory=lambda: array("l"), repr=False)
    _times: array[int] = field(default_factory=lambda: array("q"), repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Delete the temporary file."""
        self._spool.close()

    def keep(self, is_kept: Callable[[str, str | None], bool]) -> None:
        """Leave out all calls but those of some groups, which are told by procedure and what their SQL does."""
        kept = [is_kept(*group) for group in self.tally]
        if all(kept):
            return
        groups = self._groups
        self._order = array("q", compress(self._order, map(kept.__getitem__, groups)))
        self._times = array("q", compress(self._times, map(kept.__getitem__, groups)))
        self._groups = array("l", compress(groups, map(kept.__getitem__, groups)))
        if self._order and self.has_times:
            self.start_ns, self.duration_ns = self._times[0], self._times[-1] - self._times[0]

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[Recorded]:
        spool, start_ns = self._spool, self.start_ns
        for place, time_ns in zip(self._order, self._times, strict=True):
            spool.seek(place)
            (
                connection, exchange, frame, status, answer_frame, answered_ns, sql,
                version, flag, batch_timeout_ms, procedure, rest, made,
            ) = marshal.load(spool)  # written below, by nobody else  # fmt: skip
            head = InvocationHead(
                version=version,
                batch_timeout_flag=flag,
                batch_timeout_ms=batch_timeout_ms,
                procedure=procedure,
                client_handle=0,
                rest=rest,
            )
            is_timed = self.has_times and start_ns is not None
            yield Recorded(
                connection,
                time_ns - start_ns if is_timed and start_ns is not None else None,
                exchange,
                frame,
                status,
                answer_frame,
                answered_ns - start_ns if is_timed and start_ns and answered_ns is not None else None,
                sql,
                head,
                made,
            )


def group_of(exchange: Exchange) -> tuple[str, str | None]:
    """The group that a call has in `Plan.tally`: its procedure, and what its SQL does."""
    procedure = exchange.procedure or ""
    return procedure, _sql_nature(exchange, procedure)


Finder = Callable[[Exchange], tuple[MadeValue, ...]]
"""What of an exchange's answer may be needed by later calls: `values.Rules.made_by`."""


def read_plan(
    capture: Capture,
    *,
    wants: Callable[[Event], bool] | None = None,
    with_discovery: bool = False,
    made_by: Finder | None = None,
) -> Plan:
    """Read the calls of a capture.

    wants           which exchanges are to be replayed; None: all
    with_discovery  also those that client libraries make by themselves
    made_by         what to keep of answers

    Raises CaptureError for a file that is no capture, UsageError for one without a call that can be made.
    """
    plan = Plan()
    try:
        _Reader(plan, wants, with_discovery, made_by).read(capture)
    except BaseException:
        plan.close()
        raise
    return plan


class _Reader:
    def __init__(
        self,
        plan: Plan,
        wants: Callable[[Event], bool] | None,
        with_discovery: bool,
        made_by: Finder | None,
    ) -> None:
        self._plan = plan
        self._wants = wants
        self._with_discovery = with_discovery
        self._made_by = made_by
        self._known: dict[int, int] = {}  # numbers of connections in the capture
        self._frames, self._places = array("q"), array("q")
        self._groups = array("l")
        self._group_numbers: dict[tuple[str, str | None], int] = {}
        self._numbers = array("q")
        self._sent_ns: array[int] = array("q")
        self._unwanted = 0
        self._seen = Counter[str]()

    def read(self, capture: Capture) -> None:
        for event in capture.events():
            self._seen[event.kind] += 1
            if event.connection is not None and event.connection.server is not None:
                self._plan.servers.add(event.connection.server)
            if isinstance(event, Exchange):
                self._exchange(event)
            elif isinstance(event, Damage) and event.lost_boundary:
                self._plan.left_out[LOST] += 1
        if not self._frames:
            raise UsageError(f"{', '.join(capture.names)}: {self._why_nothing(capture)}")
        self._put_in_order()

    def _exchange(self, exchange: Exchange) -> None:
        request = exchange.request_frame
        if self._wants is not None and not self._wants(exchange):
            self._unwanted += 1
            return
        head = None if request is None else _head(request)
        if request is None or head is None or head.procedure is None:
            self._leave_out(exchange, NOT_CAPTURED if request is None else DAMAGED)
            return
        if not self._with_discovery and is_of_library(exchange):
            self._plan.left_out[OF_LIBRARY] += 1
            return
        self._add(exchange, request, head)

    def _leave_out(self, exchange: Exchange, why: str) -> None:
        self._plan.left_out[why] += 1
        numbers = self._plan.missing.setdefault(why, [])
        if len(numbers) < MOST_MISSING:
            numbers.append(exchange.number)

    def _add(self, exchange: Exchange, request: Frame, head: InvocationHead) -> None:
        plan, answer = self._plan, exchange.response_frame
        sent_ns = request.seen_at_ns
        if sent_ns is None:
            plan.has_times = False
        sql = _sql_nature(exchange, head.procedure or "")
        group = (head.procedure or "", sql)
        plan.tally[group] += 1
        self._groups.append(self._group_numbers.setdefault(group, len(self._group_numbers)))
        self._frames.append(request.number)
        self._numbers.append(exchange.connection.number)
        self._places.append(plan._spool.tell())
        self._sent_ns.append(sent_ns or 0)
        self._known.setdefault(exchange.connection.number, len(self._known))
        if len(plan.connections) < len(self._known):
            told = exchange.connection
            plan.connections.append(RecordedConnection(told.number, told.client, told.server))
        made = () if self._made_by is None else self._made_by(exchange)
        record = (
            self._known[exchange.connection.number], exchange.number, request.number, exchange.status,
            0 if answer is None else answer.number, None if answer is None else answer.seen_at_ns, sql,
            head.version, head.batch_timeout_flag, head.batch_timeout_ms, head.procedure, head.rest, made,
        )  # fmt: skip
        marshal.dump(record, plan._spool)

    def _put_in_order(self) -> None:
        """By time; but on each connection, and where there are no times, as they were sent."""
        plan, frames, sent_ns = self._plan, self._frames, self._sent_ns
        order = sorted(range(len(frames)), key=frames.__getitem__)
        if plan.has_times:
            latest: dict[int, int] = {}
            for index in order:
                number = self._numbers[index]
                sent_ns[index] = latest[number] = max(sent_ns[index], latest.get(number, 0))
            order.sort(key=sent_ns.__getitem__)
            plan.start_ns = sent_ns[order[0]]
            plan.duration_ns = sent_ns[order[-1]] - plan.start_ns
        plan._order = array("q", map(self._places.__getitem__, order))
        plan._times = array("q", map(sent_ns.__getitem__, order))
        plan._groups = array("l", map(self._groups.__getitem__, order))

    def _why_nothing(self, capture: Capture) -> str:
        summary, left_out = capture.summary, self._plan.left_out
        if self._unwanted and not left_out:
            return "no call of it passes the filters"
        if left_out[NOT_CAPTURED] + left_out[DAMAGED]:
            return (
                "the requests are not in the capture, or damaged, so there is nothing to replay;"
                " `volttools check` tells more"
            )
        if left_out[OF_LIBRARY]:
            return "client libraries made all of its calls by themselves; --discovery replays those, too"
        if summary.foreign and not summary.connections:
            kinds = ", ".join(summary.foreign)
            return f"there is no traffic of VoltDB clients in it, but {kinds}; nothing to replay"
        if summary.damage["tls"]:
            return (
                "it is encrypted, and can't be decrypted without its keys, so there is nothing to replay;"
                " --capture-keylog gives them"
            )
        if self._seen[Login.kind]:
            return "there are log-ins and no calls in it, so there is nothing to replay"
        if self._seen[Damage.kind]:
            return "no call of it can be read, so there is nothing to replay; `volttools check` tells why"
        return "there is no call in it, so there is nothing to replay"


def _head(request: Frame) -> InvocationHead | None:
    """The head with all that is behind it; None if it is not all there."""
    return invocation_head(request.body) if request.is_whole else None


def _sql_nature(exchange: Exchange, procedure: str) -> str | None:
    """What the SQL of a call does; None where it has none."""
    if not procedure.startswith("@"):
        return None
    invocation = exchange.invocation
    sql = None if invocation is None else sql_of(invocation)
    return None if sql is None else nature_of_sql(procedure, sql).value
