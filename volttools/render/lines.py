"""One line an exchange: who called what, what came of it, how long it took.

The columns are at the same places in every line: the call in the middle takes what the
others leave. On a terminal an error's text stands below its line. Elsewhere (`one_line`)
everything of an event is one line, of a width that doesn't depend on any terminal.

Lines come in the order in which calls ended; the times are those at which they began. Behind
a latency on a terminal stands a bar: from 1 ms on, 10 ms, 100 ms, 1 s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from rich.console import Console

from volttools.errors import DecodeError
from volttools.formats.parameters import Parameter
from volttools.protocol.events import Connection, Damage, Event, Exchange, Login, Push
from volttools.protocol.procedures import takes_sql
from volttools.protocol.secrets import hash_range
from volttools.render import sql
from volttools.render.cells import Line, Piece, cut, fit, left, line_width, right, width_of, wrap
from volttools.render.outcomes import (
    PARTIAL,
    addresses,
    bytes_of,
    damage_text,
    handle_text,
    login_outcome,
    response_texts,
    rows_of,
    status_of,
    status_piece,
    texts_of,
)
from volttools.render.styles import SLOW_NS, VERY_SLOW_NS, sign
from volttools.render.times import clock_text, seconds_text
from volttools.render.values import duration, shorten, show_parameter, size, visible

PLAIN_WIDTH = 200
"""The width where the output is no terminal."""

_LINE_WIDTH: Final = 160  # below it, a line has the columns of a screen
_LONG_STATUS: Final = 13  # "response lost" still fits into a narrow screen
_TEXT_LIMIT: Final = 400  # characters of a status string in a line of its exchange


@dataclass(frozen=True, slots=True)
class Layout:
    """The widths of the columns; the call takes what is left of `total`."""

    total: int
    number: int
    time: int
    connection: int
    handle: int
    procedure: int  # 0: the parameters follow the name directly
    status: int
    rows: int
    bytes: int
    latency: int
    value: int  # characters of one parameter
    is_narrow: bool = False

    @classmethod
    def of(cls, width: int, *, one_line: bool, time: str) -> Layout:
        """The columns for a screen of that width."""
        clock = time in ("utc", "local")
        if one_line and width >= _LINE_WIDTH:
            return cls(width, 7, 26 if clock else 13, 4, 20, 24, 25, 7, 7, 9, 60)
        if width < 110:
            return cls(width, 4, 15 if clock else 9, 4, 6, 0, 7, 4, 6, 7, 24, is_narrow=True)
        return cls(width, 6, 26 if clock else 11, 4, 8, 18 if width < 140 else 24, 7, 7, 7, 9, 40)


class LineRenderer:
    """Lines for events.

    time       "relative", "utc", "local", or "delta": from the end of the line before (its answer) to the
               end of this one
    start_ns   what relative times count from; by default the first time that is seen
    slow_ns    the latency that is marked as slow
    with_addresses   tell who speaks with whom, with the first event of each connection
    one_line   keep everything of an event in one line; by default where there is no terminal
    """

    def __init__(
        self,
        console: Console,
        *,
        time: str = "relative",
        start_ns: int | None = None,
        slow_ns: int = SLOW_NS,
        one_line: bool | None = None,
        width: int | None = None,
        with_addresses: bool = True,
    ) -> None:
        self.time = time
        self.slow_ns = slow_ns
        self.very_slow_ns = max(VERY_SLOW_NS, 10 * slow_ns)
        self.one_line = not console.is_terminal if one_line is None else one_line
        width = width or (PLAIN_WIDTH if self.one_line else console.width)
        self.layout = Layout.of(width, one_line=self.one_line, time=time)
        self.start_ns = start_ns
        self._previous_ns: int | None = None
        self._with_addresses = with_addresses
        self._known: set[int] = set()  # connections of which the addresses were told
        self._ellipsis = sign(console, "ellipsis")
        self._error_sign = sign(console, "error")
        self._to = sign(console, "to")
        self._bars = sign(console, "latency.bar")

    def header(self) -> Line:
        """The names of the columns."""
        at = self.layout
        time = {"relative": "time (s)", "delta": "delta (s)", "utc": "UTC", "local": "local time"}[self.time]
        start = " ".join(
            right(name, width)
            for name, width in (
                ("#", at.number),
                (time, at.time),
                ("conn", at.connection),
                ("handle", at.handle),
            )
        )
        end = f"{right('rows', at.rows)} {right('bytes', at.bytes)} {right('latency', at.latency)}"
        call = "call" if not at.procedure else f"{left('procedure', at.procedure)} parameters"
        status = left("status", at.status) if self.one_line else right("status", at.status)
        room = at.total - len(start) - len(end) - len(status) - 3 - (not self.one_line)
        return [(f"{start} {left(call, room)} {status} {end}", "header")]

    def lines(self, event: Event) -> list[Line]:
        """The lines of an event: one, and on a terminal more where there is something to say."""
        if isinstance(event, Exchange):
            return self._exchange(event)
        if isinstance(event, Push):
            return self._push(event)
        if isinstance(event, Login):
            return self._login(event)
        return self._damage(event)

    # ------------------------------------------------------------- the kinds of events

    def _exchange(self, exchange: Exchange) -> list[Line]:
        response = exchange.response
        return self._event(
            self._start(exchange, exchange.client_handle, str(exchange.number)),
            lambda room: self._call(exchange, room),
            status_of(exchange),
            rows_of(response) if response and response.tables else None,
            bytes_of(exchange),
            exchange.latency_ns,
            [*texts_of(exchange), *self._addresses(exchange.connection)],
        )

    def _push(self, push: Push) -> list[Line]:
        response = push.response
        return self._event(
            self._start(push, "push"),
            lambda room: [(visible(push.name), "push")],
            status_piece(response.status)
            if response
            else (PARTIAL, "status.missing")
            if push.is_partial
            else ("unreadable", "status.error"),
            rows_of(response) if response and response.tables else None,
            bytes_of(push),
            None,
            [
                *([] if push.is_partial else response_texts(push.read_response())),
                *((remark, "note") for remark in push.remarks),
                *self._addresses(push.connection),
            ],
        )

    def _login(self, login: Login) -> list[Line]:
        status, says = login_outcome(login)
        where = self._addresses(login.connection)
        return self._event(
            self._start(login, "log-in"),
            lambda room: login_call(login),
            status,
            None,
            bytes_of(login),
            login.latency_ns,
            [*where, *says, *((remark, "note") for remark in login.remarks)],
        )

    def _damage(self, damage: Damage) -> list[Line]:
        start = self._start(damage, "")
        says = self._addresses(damage.connection) if damage.connection else []
        text = visible(" ".join(damage_text(damage).split()))
        indent = line_width(start) + len(damage.what) + 2
        parts = [text] if self.one_line else wrap(text, max(20, self.layout.total - indent), 4)
        name, words = ("damage", "damage.text") if damage.is_error else ("note", "note")
        first: Line = [*start, (damage.what, name), (": " + parts[0], words)]
        if self.one_line:
            return [[*first, *((f"  {said}", style) for said, style in says)]]
        lines = [first, *([(" " * indent + part, words)] for part in parts[1:])]
        below = line_width(start)
        return [*lines, *(line for said, style in says for line in self._below(below, said, style))]

    def _addresses(self, connection: Connection) -> list[Piece]:
        """Who speaks with whom, with the first event of each connection."""
        if not self._with_addresses or connection.number in self._known:
            return []
        self._known.add(connection.number)
        text = addresses(connection, self._to)
        return [(text, "address")] if text else []

    # ------------------------------------------------------------- the parts of a line

    def _event(
        self,
        start: Line,
        call: Callable[[int], Line],
        status: Piece,
        rows: int | None,
        length: int,
        latency_ns: int | None,
        says: list[Piece],
    ) -> list[Line]:
        at = self.layout
        if at.is_narrow and len(status[0]) > _LONG_STATUS:
            if status[0].startswith(PARTIAL):
                told = status[0].removeprefix(PARTIAL).strip(" ()")
                says = [(f"the status in its head is {told}", status[1]), *says]
                status = (PARTIAL, status[1])
            else:
                status, says = ("error", status[1]), self._with_status(status, says)
        speed = self._speed(latency_ns)
        end: Line = [
            (right(self._count(rows), at.rows), "rows"),
            (" " + right(size(length, digits=2 if at.is_narrow else 3), at.bytes), "bytes"),
            (" " + right("-" if latency_ns is None else duration(latency_ns), at.latency), speed),
        ]
        word = left(status[0], at.status) if self.one_line else right(status[0], at.status)
        room = at.total - line_width(start) - line_width(end) - len(word) - 2 - (not self.one_line)
        room = max(room, 10)
        line: Line = [*start, *fit(call(room), room, self._ellipsis), (f" {word} ", status[1]), *end]
        if self.one_line:
            said = [
                (f"  {shorten(visible(' '.join(text.split())), _TEXT_LIMIT)}", name) for text, name in says
            ]
            return [[*line, *said]]
        line.append((self._bar(latency_ns), speed))
        indent = line_width(start)
        return [line, *(below for text, name in says for below in self._below(indent, text, name))]

    def _with_status(self, status: Piece, says: list[Piece]) -> list[Piece]:
        if says and says[0][1] == "status.text":
            return [(f"{status[0]}: {says[0][0]}", "status.text"), *says[1:]]
        return [status, *says]

    def _below(self, indent: int, text: str, name: str) -> list[Line]:
        room = max(20, self.layout.total - indent - 2)
        text = visible(" ".join(text.split()))
        most = 3 if name == "note" else 2
        parts = wrap(text, room, most)
        limit = min(len(text), most * room)
        while width_of(parts[-1]) > room and limit > room:  # the end often says which: keep it
            limit -= 8
            parts = wrap(shorten(text, limit, tail=3), room, most)
        lines: list[Line] = [[(" " * indent + self._error_sign + parts[0], name)]]
        lines += [[(" " * (indent + 2) + part, name)] for part in parts[1:]]
        return [cut(line, self.layout.total, self._ellipsis) for line in lines]

    def _start(self, event: Event, handle: int | str | None, number: str = "") -> Line:
        at = self.layout
        conn = "" if event.connection is None else str(event.connection.number)
        text = handle if isinstance(handle, str) else handle_text(handle, at.handle)
        return [
            (right(number, at.number), "number"),
            (" " + right(self._time(event), at.time), "time"),
            (" " + right(conn, at.connection), "connection"),
            (" " + right(text, at.handle) + " ", "handle"),
        ]

    def _call(self, exchange: Exchange, room: int) -> Line:
        if exchange.procedure is None and exchange.request_frame is None:
            return [("(request not captured)", "muted")]
        name = visible(exchange.procedure or "")
        line: Line = [(name, "procedure.system" if name.startswith("@") else "procedure")]
        line.append((" " * max(1, self.layout.procedure + 1 - line_width(line)), "plain"))
        invocation = exchange.read_invocation()
        request = exchange.request_frame
        if invocation is None or (request is not None and not request.is_whole):
            return [*line, ("(not wholly in the capture)", "status.missing")]
        if isinstance(invocation, DecodeError) or not isinstance(invocation.parameters, list):
            return [*line, ("(parameters that can't be read)", "status.error")]
        if request is not None and hash_range(request):
            return [*line, ("(hidden: they hold a log-in)", "secret")]
        return line + self._parameters(name, invocation.parameters, room - line_width(line))

    def _parameters(self, procedure: str, parameters: list[Parameter], room: int) -> Line:
        """As many parameters as fit, and how many more there are."""
        shown: list[Line] = []
        used = 0
        for parameter in parameters:
            pieces = self._parameter(procedure, parameter, is_first=not shown)
            shown.append([(", ", "punctuation"), *pieces] if shown else pieces)
            used += line_width(shown[-1])
            if used > room and len(shown) > 1:
                break
        more = ""
        while len(shown) > 1 and used + len(more) > room:
            used -= line_width(shown.pop())
            hidden = len(parameters) - len(shown)
            more = f", +{hidden}" if self.layout.is_narrow else f", ... {hidden:,} more"
        line = [piece for pieces in shown for piece in pieces]
        return [*line, (more, "muted")] if more else line

    def _parameter(self, procedure: str, parameter: Parameter, *, is_first: bool) -> Line:
        if is_first and isinstance(parameter.value, str) and takes_sql(procedure):
            return sql.highlight(sql.on_one_line(parameter.value))
        text, name = show_parameter(parameter, self.layout.value)
        return [(text, name if name in ("value.text", "value.null") else "parameter")]

    def _speed(self, latency_ns: int | None) -> str:
        if latency_ns is None or latency_ns < self.slow_ns:
            return "latency.fast"
        return "latency.slow" if latency_ns < self.very_slow_ns else "latency.very_slow"

    def _bar(self, latency_ns: int | None) -> str:
        if latency_ns is None:
            return ""
        step = sum(latency_ns >= limit for limit in (10**6, 10**7, 10**8, 10**9))
        return self._bars[step].rstrip()

    def _count(self, rows: int | None) -> str:
        if rows is None:
            return "-"
        if self.layout.is_narrow and rows >= 10_000:
            return f"{rows // 1_000}k"
        return str(rows) if self.layout.is_narrow else f"{rows:,}"

    def _time(self, event: Event) -> str:
        time_ns = event.ended_ns if self.time == "delta" else event.time_ns
        if time_ns is None:
            return "-"
        if self.time == "relative":
            if self.start_ns is None:
                self.start_ns = time_ns
            return seconds_text(time_ns - self.start_ns)
        if self.time == "delta":
            previous, self._previous_ns = self._previous_ns, time_ns
            return seconds_text(0 if previous is None else time_ns - previous, sign="+")
        return clock_text(time_ns, local=self.time == "local", with_date=self.layout.time > 15)


def login_call(login: Login) -> Line:
    """Who logs in, and how."""
    request = login.request
    if request is None:
        return [("(request not captured)", "muted")]
    line: Line = [(visible(request.user), "login.name") if request.user else ("anonymous", "login")]
    library = login.connection.library
    if library:
        line.append((f" by {visible(library)}", "login"))
    if request.service != "database":
        line.append((f", service {visible(str(request.service))}", "login"))
    if request.version == 0 or request.hash_scheme_name != "SHA-256":
        line.append((f", {request.hash_scheme_name}", "muted"))
    return line
