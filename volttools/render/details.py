"""Everything of an exchange, for people: each parameter with its type, result tables, all texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console

from volttools.errors import DecodeError
from volttools.formats.exceptions import ServerException
from volttools.formats.invocation import Invocation
from volttools.formats.login import KerberosServiceName, LoginRequest, LoginResponse
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.response import APP_STATUS_UNSET, SUCCESS, Response, status_name
from volttools.formats.table import Table
from volttools.protocol.events import Connection, Event, Exchange, Frame, Login, Push
from volttools.protocol.procedures import sql_of
from volttools.protocol.secrets import hash_range
from volttools.render import sql
from volttools.render.cells import Line, Piece, wrap
from volttools.render.outcomes import addresses, malformed_text, status_piece
from volttools.render.styles import sign
from volttools.render.tables import ROWS, aligned, named, table_details
from volttools.render.times import clock_text
from volttools.render.values import (
    binary,
    quoted,
    show_parameter,
    visible,
)
from volttools.words import counted

_VALUE_LIMIT = 400  # characters of one value
_CELL_LIMITS = (60, 40, 24, 16)  # of a value in a table: the first that lets the table fit


def details(
    event: Event, console: Console, *, rows: int = ROWS, keep_login_hashes: bool = False
) -> Iterator[Line]:
    """What stands below the line of an event."""
    if event.connection is not None:
        yield from connection_lines(event.connection, console)
    if isinstance(event, Exchange):
        yield from _request_details(event, console, rows, keep_login_hashes)
        if event.is_partial and event.status is not None:
            yield from _partial_response(event)
        else:
            yield from _response_details(event.read_response(), event.response_frame, console, rows)
    elif isinstance(event, Push):
        yield from _response_details(event.read_response(), event.frame, console, rows)
    elif isinstance(event, Login):
        yield from _login_details(event, console.width, keep_login_hashes)


# ---------------------------------------------------------------- request


def connection_lines(connection: Connection, console: Console) -> Iterator[Line]:
    """Who speaks with whom, where the capture tells."""
    where = addresses(connection, sign(console, "to"))
    if where:
        yield from named("connection", [(f"{connection.number}: {where}", "muted")])
    if connection.tls is not None:
        yield from named("encryption", [(connection.tls, "muted")])


def _request_details(exchange: Exchange, console: Console, rows: int, keep: bool) -> Iterator[Line]:
    invocation = exchange.read_invocation()
    frame = exchange.request_frame
    if frame is None:
        return
    yield from named("request", [(frame_text(frame), "muted")])
    if isinstance(invocation, DecodeError):
        yield from named("", [(visible(invocation.message), "status.error")])
    elif invocation is not None:
        head = f"version {invocation.version}, client handle {invocation.client_handle}"
        yield from named("", [(head, "muted")])
        extensions = extensions_text(invocation)
        if extensions:
            yield from named("extensions", [(extensions, "plain")])
        is_secret = not keep and hash_range(frame) is not None
        yield from _parameters(invocation, console, rows, is_secret)
        malformed = malformed_text(exchange)
        if malformed is not None:
            text = "\n".join(wrap(visible(malformed), max(40, console.width - 18), 100))
            yield from named("", [(text, "note")])


def extensions_text(invocation: Invocation) -> str:
    """Such as "batch_timeout 500, all_partition"."""
    found = []
    if invocation.batch_timeout_ms is not None:
        found.append(f"batch_timeout {invocation.batch_timeout_ms}")
    for extension in invocation.extensions or []:
        payload = extension.payload
        shown = binary(payload) if isinstance(payload, bytes) else payload
        found.append(extension.name if payload is None else f"{extension.name} {shown}")
    return ", ".join(found)


def _parameters(invocation: Invocation, console: Console, rows: int, is_secret: bool) -> Iterator[Line]:
    parameters = invocation.parameters
    if is_secret:
        yield from named("parameters", [("(hidden: a log-in is in them)", "secret")])
        return
    if isinstance(parameters, Opaque):
        yield from named("parameters", [(f"can't be read: {binary(parameters, 400)}", "status.error")])
        return
    if not parameters:
        yield from named("parameters", [("none", "muted")])
        return
    yield from named("parameters", [(counted(len(parameters), "parameter"), "muted")])
    sql_text = sql_of(invocation)
    if sql_text is not None:
        yield from named("", _sql_pieces(sql_text))
        parameters = parameters[1:]
    first = 1 if sql_text is None else 2
    yield from aligned(
        [_parameter_cells(number, parameter) for number, parameter in enumerate(parameters, first)],
        console.width,
        first_is_number=True,
    )
    for number, parameter in enumerate(parameters, first):
        if isinstance(parameter.value, Table):
            yield from table_details(parameter.value, f"parameter {number}", console, rows)


def _parameter_cells(number: int, parameter: Parameter) -> tuple[Piece, Piece, Piece]:
    type_name = parameter.type_name
    if parameter.element_type is not None:
        type_name += f" of {len(parameter.value):,}"
    return (str(number), "muted"), (type_name, "type"), show_parameter(parameter, _VALUE_LIMIT)


def _sql_pieces(text: str) -> Line:
    """SQL in colours, in its own lines."""
    pieces: Line = []
    for number, line in enumerate(text.strip().splitlines()):
        if number:
            pieces.append(("\n", "plain"))
        pieces += sql.highlight(line.rstrip().expandtabs(4))
    return pieces


# ---------------------------------------------------------------- response


def _partial_response(exchange: Exchange) -> Iterator[Line]:
    """What its head says, and what is missing."""
    frame = exchange.response_frame
    if frame is None or exchange.status is None:
        return
    yield from named("response", [(frame_text(frame), "muted")])
    yield from named("status", [(f"partial ({status_name(exchange.status)})", "status.missing")])
    counts = f"{frame.missing_bytes:,} of {frame.length:,} bytes missing, {_places(frame.missing)}"
    yield from named("missing", [(counts, "status.missing")])
    yield from named("", [("-vv shows the fields before the hole", "muted")])


def _places(ranges: Sequence[tuple[int, int]]) -> str:
    """Such as "bytes 1,456 to 2,915"."""
    shown = ", ".join(f"{start:,} to {end - 1:,}" for start, end in ranges[:4])
    return f"bytes {shown}" + (f" and {len(ranges) - 4:,} more holes" if len(ranges) > 4 else "")


def _response_details(
    response: Response | DecodeError | None, frame: Frame | None, console: Console, rows: int
) -> Iterator[Line]:
    if frame is None:
        yield from named("response", [("none in the capture", "status.missing")])
        return
    yield from named("response", [(frame_text(frame), "muted")])
    if isinstance(response, DecodeError):
        yield from named("", [(visible(str(response)), "status.error")])
        return
    if response is None:
        return
    round_trip = f"  {response.status}, {response.cluster_rtt_ms} ms inside the cluster"
    yield from named("status", [status_piece(response.status), (round_trip, "muted")])
    if response.status_string is not None:
        yield from named(
            "", [(_block(response.status_string), "plain" if response.status == SUCCESS else "status.text")]
        )
    if response.app_status != APP_STATUS_UNSET or response.app_status_string is not None:
        text = "" if response.app_status_string is None else f"  {quoted(response.app_status_string, 1_000)}"
        yield from named("app status", [(f"{response.app_status}{text}", "plain")])
    if response.exception is not None:
        yield from named("exception", [(exception_text(response.exception), "status.text")])
    if response.hashes is not None:
        yield from named("hashes", [(", ".join(map(str, response.hashes[:20])), "muted")])
    for number, table in enumerate(response.tables, 1):
        yield from table_details(table, f"{number} of {len(response.tables)}", console, rows)
    if response.trailing:
        yield from named("trailing", [(binary(response.trailing, 80), "note")])


def exception_text(exception: ServerException) -> str:
    """The type, the message and what else an exception says."""
    parts = []
    for f in exception.declaration.valued_fields():
        value = getattr(exception, f.attribute)
        if value not in (None, b"") and f.attribute not in ("type", "message"):
            parts.append(f"{f.name} {binary(value) if isinstance(value, bytes) else value}")
    more = f" ({visible(', '.join(parts))})" if parts else ""
    return f"{exception.type_name}: {visible(exception.message or '')}{more}"


# ---------------------------------------------------------------- log-in


def _login_details(login: Login, width: int, keep: bool) -> Iterator[Line]:
    if login.request_frame is not None:
        yield from named("request", [(frame_text(login.request_frame), "muted")])
    if login.request is not None:
        yield from _fields(login.request, width, keep)
    for frame, message in login.kerberos:
        what = "service name" if isinstance(message, KerberosServiceName) else "token"
        yield from named(
            "kerberos", [(f"{what} from the {frame.direction.value}, {frame_text(frame)}", "muted")]
        )
    if login.response_frame is not None:
        yield from named("response", [(frame_text(login.response_frame), "muted")])
    if login.response is not None:
        yield from _fields(login.response, width, keep)


def _fields(message: LoginRequest | LoginResponse, width: int, keep: bool) -> Iterator[Line]:
    rows: list[tuple[Piece, Piece]] = []
    for f in message.declaration.valued_fields():
        value = getattr(message, f.attribute)
        if value is None or value == b"":
            continue
        name = (f.name, "plain")
        if f.secret:
            rows.append((name, (value.hex() if keep else "(hidden)", "secret")))
        else:
            text = quoted(value, 200) if isinstance(value, str) else visible(str(value))
            rows.append((name, (text + _meaning(message, f.attribute, value), "plain")))
    yield from aligned(rows, width)


def _meaning(message: LoginRequest | LoginResponse, name: str, value: Any) -> str:
    if isinstance(message, LoginRequest):
        return f"  {message.hash_scheme_name}" if name == "hash_scheme" else ""
    if name == "status":
        return f"  {message.status_text}"
    if name == "cluster_start":
        try:
            return f"  {clock_text(value * 1_000_000)} UTC"
        except OverflowError:
            return ""
    if name == "leader_address":
        return f"  {message.leader_host}"
    return ""


# ---------------------------------------------------------------- parts


def frame_text(frame: Frame) -> str:
    """Which frame it is, how long, and when it was seen."""
    text = f"frame {frame.number:,}, {counted(frame.bytes_on_wire, 'byte')} at {frame.offset:,}"
    if frame.seen_at_ns is not None:
        text += f", {clock_text(frame.seen_at_ns)} UTC"
    if frame.after_gap:
        text += ", found by its shape behind a gap"
    return text


def _block(text: str) -> str:
    lines = text.expandtabs(4).splitlines() or [""]
    return "\n".join(visible(line) for line in lines)
