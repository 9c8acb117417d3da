"""The calls of a capture, in the order in which they were sent.

    plan = read_plan(volttools.open("x.pcapng"))
    for call in plan: ...

A capture tells of calls when they are answered, and a replay needs them when they were sent. So it is read
once, into temporary files; memory holds as much of a million calls as of a thousand. What can't be sent again is
counted in `left_out`, with why: log-ins and pushes are no calls, and client libraries ask on their own behalf.
"""

from __future__ import annotations

import marshal
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from types import TracebackType
from typing import IO, Any, Final, NamedTuple, Self
from zlib import crc32

from volttools.capture.reader import Capture
from volttools.codec import builder
from volttools.errors import UsageError
from volttools.formats.invocation import InvocationHead
from volttools.protocol.events import Damage, Event, Exchange, Frame, Login
from volttools.protocol.frame_buffer import framed
from volttools.protocol.procedures import sql_of
from volttools.protocol.shapes import invocation_head
from volttools.replay.gaps import DAMAGED, LOST_FRAMES, NOT_CAPTURED, Gaps, Missing
from volttools.replay.safety import is_of_library, nature_of_sql
from volttools.replay.sorting import MOST, Row, Rows, Sorter

_build_head = builder(InvocationHead)

_ROW: Final = 6
"""Of each call are kept, while they are put in order as they were sent: frame, time, connection, place and length in
the file of calls, group; then: time, number in the order of frames, place, length, connection, group."""

MadeValue = tuple[int, int, Any]
"""Number of a rule, number of a row, and the value: see `values`."""

OF_LIBRARY: Final = "made by client libraries themselves"


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
    is_last       whether its connection makes no more
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
    is_last: bool = False

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
    missing       calls that are not wholly in the capture, one by one
    first_ns      when the capture begins
    servers       addresses of the servers that were recorded
    checksum      of procedures and parameters, as the capture has them
    """

    connections: list[RecordedConnection] = field(default_factory=list)
    tally: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    missing: list[Missing] = field(default_factory=list)
    first_ns: int | None = None
    servers: set[str] = field(default_factory=set)
    checksum: int = 0
    has_times: bool = True
    duration_ns: int = 0
    start_ns: int | None = None
    _spool: IO[bytes] = field(default_factory=tempfile.TemporaryFile, repr=False)
    _order: Rows = field(default_factory=lambda: Rows(_ROW), repr=False)
    _last: dict[int, int] = field(
        default_factory=dict, repr=False
    )  # by connection: the place of its last call

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Delete the temporary files."""
        self._spool.close()
        self._order.close()

    def keep(self, is_kept: Callable[[str, str | None], bool]) -> None:
        """Leave out all calls but those of some groups, which are told by procedure and what their SQL does."""
        kept = [is_kept(*group) for group in self.tally]
        if all(kept):
            return
        every, self._order = self._order, Rows(_ROW)
        with closing(every):
            self._fill(row for row in every if kept[row[-1]])

    def _fill(self, rows: Iterable[Row]) -> None:
        """Take the calls, in their order, and note when they begin, how long they last, and which are the last."""
        self._order.extend(rows)
        self._last = {row[-2]: index for index, row in enumerate(self._order)}
        if len(self._order) and self.has_times:
            self.start_ns = self._order[0][0]
            self.duration_ns = self._order[-1][0] - self.start_ns

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[Recorded]:
        spool, start_ns = self._spool, self.start_ns
        for index, (time_ns, _, place, length, _, _) in enumerate(self._order):
            spool.seek(place)
            (
                connection, exchange, frame, status, answer_frame, answered_ns, sql,
                version, flag, batch_timeout_ms, procedure, rest, made,
            ) = marshal.loads(spool.read(length))  # written below, by nobody else  # fmt: skip
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
                tuple(map(_unpacked, made)) if made else (),
                self._last[connection] == index,
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
        self._sent = Sorter(_ROW)
        self._group_numbers: dict[tuple[str, str | None], int] = {}
        self._gaps = Gaps()
        self._place = 0  # in the file of calls
        self._unwanted = 0
        self._seen = Counter[str]()

    def read(self, capture: Capture) -> None:
        with closing(self._sent):
            self._read(capture)

    def _read(self, capture: Capture) -> None:
        for event in capture.events():
            self._seen[event.kind] += 1
            if event.connection is not None and event.connection.server is not None:
                self._plan.servers.add(event.connection.server)
            if isinstance(event, Exchange):
                self._gaps.exchange(event)
                self._exchange(event)
            elif isinstance(event, Damage) and self._gaps.damage(event):
                self._plan.left_out[LOST_FRAMES] += 1
        self._plan.missing, self._plan.first_ns = self._gaps.found, capture.summary.first_ns
        if not self._plan.tally:
            raise UsageError(f"{', '.join(capture.names)}: {self._why_nothing(capture)}")
        self._put_in_order()

    def _exchange(self, exchange: Exchange) -> None:
        request = exchange.request_frame
        if self._wants is not None and not self._wants(exchange):
            self._unwanted += 1
            return
        head = None if request is None else _head(request)
        if request is None or head is None or head.procedure is None:
            why = NOT_CAPTURED if request is None else DAMAGED
            self._plan.left_out[why] += 1
            self._gaps.lacks(exchange, why)
            return
        if not self._with_discovery and is_of_library(exchange):
            self._plan.left_out[OF_LIBRARY] += 1
            return
        self._add(exchange, request, head)

    def _add(self, exchange: Exchange, request: Frame, head: InvocationHead) -> None:
        plan, answer = self._plan, exchange.response_frame
        sent_ns = request.seen_at_ns
        if sent_ns is None:
            plan.has_times = False
        sql = _sql_nature(exchange, head.procedure or "")
        group = (head.procedure or "", sql)
        plan.tally[group] += 1
        plan.checksum = crc32(head.rest, crc32(group[0].encode(errors="surrogatepass"), plan.checksum))
        self._known.setdefault(exchange.connection.number, len(self._known))
        if len(plan.connections) < len(self._known):
            told = exchange.connection
            plan.connections.append(RecordedConnection(told.number, told.client, told.server))
        made = () if self._made_by is None else tuple(map(_packed, self._made_by(exchange)))
        record = (
            self._known[exchange.connection.number], exchange.number, request.number, exchange.status,
            0 if answer is None else answer.number, None if answer is None else answer.seen_at_ns, sql,
            head.version, head.batch_timeout_flag, head.batch_timeout_ms, head.procedure, head.rest, made,
        )  # fmt: skip
        data = marshal.dumps(record)
        group_number = self._group_numbers.setdefault(group, len(self._group_numbers))
        place, self._place = self._place, self._place + len(data)
        plan._spool.write(data)
        connection = self._known[exchange.connection.number]
        number, time_ns = _within(request.number), _within(sent_ns or 0)
        self._sent.add((number, time_ns, connection, place, len(data), group_number))

    def _put_in_order(self) -> None:
        """By time; but on each connection, and where there are no times, as they were sent."""
        plan, latest = self._plan, dict[int, int]()
        with closing(Sorter(_ROW)) as ordered:
            for number, (_, sent_ns, connection, place, length, group) in enumerate(self._sent.sorted()):
                time_ns = 0  # all the same, where there are none
                if plan.has_times:
                    time_ns = latest[connection] = max(sent_ns, latest.get(connection, 0))
                ordered.add((time_ns, number, place, length, connection, group))
            plan._fill(ordered.sorted())

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
                "it is encrypted, and can't be decrypted, so there is nothing to replay; `volttools decode` tells why,"
                " --capture-keylog gives keys"
            )
        if summary.damage["one direction"]:
            return "only what servers sent was captured, so there is nothing to replay"
        if self._seen[Login.kind]:
            return "there are log-ins and no calls in it, so there is nothing to replay"
        if self._seen[Damage.kind]:
            return "no call of it can be read, so there is nothing to replay; `volttools check` tells why"
        return "there is no call in it, so there is nothing to replay"


def _packed(made: MadeValue) -> MadeValue:
    """A value as marshal takes it, which knows no Decimal."""
    source, row, value = made
    return (source, row, (str(value),)) if isinstance(value, Decimal) else made


def _unpacked(made: MadeValue) -> MadeValue:
    source, row, value = made
    return (source, row, Decimal(value[0])) if isinstance(value, tuple) else made


def _within(number: int) -> int:
    """A number that was read from a file, as one that can be sorted."""
    return min(max(0, number), MOST)


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
