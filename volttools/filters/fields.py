"""Everything that can be asked of an event: fields of the declarations, and what is known besides.

The names are those of the declarations and of JSON lines. A field that an event does not have
reads as None. What stands in the head of a message is read without parsing the rest of it.

Not here: hashes of passwords and Kerberos tokens. Nothing that is hidden can be asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from volttools.errors import DecodeError
from volttools.filters.declared import fields_of
from volttools.filters.shapes import (
    DURATION,
    DYNAMIC,
    NUMBER,
    PARAMETER,
    ROW,
    SIZE,
    TEXT,
    TIME,
    TRUTH,
    Field,
    Group,
    Kind,
    Many,
    Scalar,
    Shape,
)
from volttools.filters.units import NS_PER
from volttools.filters.values import text_of, values_of
from volttools.formats.exceptions import CONSTRAINT_TYPES, EXCEPTION_TYPES, ServerException
from volttools.formats.invocation import EXTENSIONS, ExtensionType, Invocation
from volttools.formats.login import HASH_SCHEMES, LoginRequest, LoginResponse
from volttools.formats.parameters import Parameter
from volttools.formats.response import STATUS_NAMES, Response
from volttools.formats.table import Table, TableHeader
from volttools.formats.types import NULL, TYPES
from volttools.protocol.events import DAMAGE_KINDS, Damage, Direction, Exchange, Frame, Login, Push
from volttools.protocol.frames import AnswerHead, CallHead
from volttools.protocol.procedures import sql_of
from volttools.protocol.secrets import hash_range

EVENT_KINDS = tuple(event.kind for event in (Exchange, Login, Push, Damage))
_EXCHANGE, _LOGIN, _PUSH, _DAMAGE = EVENT_KINDS
_ALL = EVENT_KINDS
_MESSAGES = (_EXCHANGE, _LOGIN, _PUSH)
_CALLS = (_EXCHANGE,)
_ANSWERS = (_EXCHANGE, _PUSH)
_TIMED = (_EXCHANGE, _LOGIN)


def _by_name(*fields: Field) -> dict[str, Field]:
    return {field.name: field for field in fields}


def _numbers(names: dict[int, str]) -> dict[str, int | str]:
    return {name: number for number, name in names.items()}


def _words(words: Any) -> dict[str, int | str]:
    return {word: word for word in words}


# ---------------------------------------------------------------- reading


def _attribute(name: str) -> Callable[[Any], Any]:
    """Of events that have it; no two kinds of events mean different things by a name used here."""
    return lambda event: getattr(event, name, None)


def _of_connection(name: str) -> Callable[[Any], Any]:
    def read(event: Any) -> Any:
        return None if event.connection is None else getattr(event.connection, name)

    return read


def _of_damage(name: str) -> Callable[[Any], Any]:
    return lambda event: getattr(event, name) if isinstance(event, Damage) else None


def _invocation(event: Any) -> Invocation | None:
    return event.invocation if isinstance(event, Exchange) else None


def _response(event: Any) -> Response | None:
    return event.response if isinstance(event, (Exchange, Push)) else None


def _version(event: Any) -> int | None:
    frame = event.request_frame if isinstance(event, Exchange) else None
    if frame is not None and isinstance(frame.head, CallHead):
        return frame.head.version
    invocation = _invocation(event)
    return None if invocation is None else invocation.version


def _status(event: Any) -> int | None:
    if isinstance(event, Exchange):
        return event.status
    if not isinstance(event, Push):
        return None
    if isinstance(event.frame.head, AnswerHead):
        return event.frame.head.status
    return None if event.response is None else event.response.status


def _askable(event: Any) -> Invocation | None:
    """The invocation, unless a log-in is glued to it: its hash would stand among the parameters."""
    invocation = _invocation(event)
    if invocation is None or hash_range(event.request_frame) is not None:
        return None
    return invocation


def _parameters(event: Any) -> list[Parameter] | None:
    invocation = _askable(event)
    return invocation.parameters if invocation and isinstance(invocation.parameters, list) else None


def _sql(event: Any) -> str | None:
    invocation = _askable(event)
    return None if invocation is None else sql_of(invocation)


def _tables(event: Any) -> list[Table] | None:
    response = _response(event)
    return None if response is None else response.tables


def _row_count(event: Any) -> int | None:
    tables = _tables(event)
    return None if tables is None else sum(len(table.rows) for table in tables)


def _values(event: Any) -> Any:
    return values_of(_askable(event), _response(event))


def _texts(event: Any) -> Any:
    """Whatever words there are in an event."""
    response = _response(event)
    found = [text_of(value) for value in _values(event)]
    found += [getattr(event, "procedure", None), getattr(event, "message", None)]
    if response is not None:
        found += [response.status_string, response.app_status_string]
        found += [name for table in response.tables for name in table.header.column_names]
    if isinstance(event, Login):
        request, answer = event.request, event.response
        found += [request.service, request.user] if request is not None else []
        found += [answer.build, answer.status_text] if answer is not None else []
    return [text for text in [*found, *getattr(event, "remarks", ())] if text is not None]


def _size(*names: str) -> Callable[[Any], Any]:
    def read(event: Any) -> int | None:
        frames = [getattr(event, name, None) for name in names]
        there = [frame.bytes_on_wire for frame in frames if frame is not None]
        return sum(there) if there else None

    return read


def _all_bytes(event: Any) -> int | None:
    return sum(frame.bytes_on_wire for frame in event.frames) or None


def _malformed(event: Any) -> bool | None:
    if isinstance(event, Exchange):
        request, response = event.read_invocation(), event.read_response()
        return (
            _is_broken(event.request_frame, request)
            or _is_broken(event.response_frame, response)
            or (isinstance(request, Invocation) and not request.is_readable)
        )
    return _is_broken(event.frame, event.read_response()) if isinstance(event, Push) else None


def _is_broken(frame: Frame | None, message: object) -> bool:
    return isinstance(message, DecodeError) and frame is not None and frame.is_whole


def _extended(event: Any) -> Any:
    """The event, if its call is of a version that has extensions."""
    return event if _version(event) else None


def _extension(kind: ExtensionType, unit: str | None) -> Callable[[Any], Any]:
    """The payload of an extension: True for one that has none, ns for times."""

    def read(event: Any) -> Any:
        invocation = _invocation(event)
        if invocation is None:
            return None
        payload: Any = None
        if invocation.extensions is None:
            # version 1 has this one in a field of its own
            payload = invocation.batch_timeout_ms if kind.name == "batch_timeout" else None
        for extension in invocation.extensions or ():
            if extension.type == kind.code:
                payload = True if extension.payload is None else extension.payload
        if unit is not None and type(payload) is int:
            return payload * NS_PER[unit]
        return payload if isinstance(payload, int) else None

    return read


def _extension_field(kind: ExtensionType) -> Field:
    """Its documentation begins with its unit, if it has one."""
    unit = next(iter(kind.doc.split()), "")
    has_unit = unit in NS_PER
    takes_nothing = kind.payload.sizeof() == 0
    shape: Shape = TRUTH if takes_nothing else DURATION if has_unit else NUMBER
    doc = f"{kind.doc}; version 1 has it as well" if kind.name == "batch_timeout" else kind.doc
    return Field(kind.name, shape, doc, _extension(kind, unit if has_unit else None))


def _extension_types(event: Any) -> list[int] | None:
    invocation = _invocation(event)
    if invocation is None or invocation.extensions is None:
        return None
    return [extension.type for extension in invocation.extensions]


# ---------------------------------------------------------------- within other fields


def _same(value: Any) -> Any:
    return value


# Of values: the one that is also a word of its own, NULL, comes last.
_TYPE_NAMES = sorted((kind.name for kind in TYPES if kind.format), key=lambda name: name == NULL.name)

_header_fields = fields_of(
    TableHeader, lambda table: table.header, leave_out=("column_types", "column_names")
)

TABLE_FIELDS = Group(
    _by_name(
        Field("row_count", NUMBER, "how many rows it has", lambda table: len(table.rows)),
        Field("column_count", NUMBER, "how many columns", lambda table: len(table.header.column_types)),
        Field("columns", Many(TEXT), "the names of its columns", lambda table: table.header.column_names),
        Field(
            "column_types",
            Many(Scalar(Kind.TEXT, _words(_TYPE_NAMES))),
            "the types of its columns",
            lambda table: [TYPES.name_of(code) for code in table.header.column_types],
        ),
        Field("rows", Many(ROW), "rows; in a row [1] or .NAME is a column, whatever its case", _same),
    )
    | _header_fields
)
"""Of a table in a response, or in a parameter."""

PARAMETER_TYPE = Field(
    "type",
    Scalar(Kind.TEXT, _words([*_TYPE_NAMES, *(f"{kind.name}[]" for kind in TYPES if kind.array_count)])),
    'the wire type: BIGINT, or "BIGINT[]" of an array',
    lambda parameter: parameter.type_name,
)

# Fields of messages that are none here, and what there is in their place.
NOT_ASKED = {
    Invocation: {
        "batch_timeout_flag": "extensions.batch_timeout",
        "batch_timeout_ms": "extensions.batch_timeout",
        "extensions": "extensions",
        "parameters": "params",
        "version": "version: read from the head",
        "procedure": "procedure: read from the head",
        "client_handle": "client_handle: read from the head",
    },
    Response: {
        "version": "nothing: readers ignore it",
        "client_handle": "client_handle",
        "extra_flags": "nothing: flags without a meaning",
        "status": "status: read from the head",
        "exception": "exception",
        "tables": "tables",
        "trailing": "nothing: no server sends it",
    },
    LoginResponse: {"version": "login.version", "trailing": "nothing: no server sends it"},
    ServerException: {"trailing": "nothing: no server sends it"},
}

_doc_of = {
    (record, field.attribute): field.doc
    for record in (Invocation, Response)
    for field in record.declaration.valued_fields()
}

_exception_fields = fields_of(
    ServerException,
    _same,
    leave_out=NOT_ASKED[ServerException],
    names={"type": _numbers(EXCEPTION_TYPES), "constraint_type": _numbers(CONSTRAINT_TYPES)},
)


def _exception(event: Any) -> Any:
    response = _response(event)
    return None if response is None else response.exception


_login_fields = {
    **fields_of(
        LoginRequest,
        lambda login: login.request,
        names={"hash_scheme": _numbers(HASH_SCHEMES)},
    ),
    **fields_of(LoginResponse, lambda login: login.response, leave_out=NOT_ASKED[LoginResponse]),
    "accepted": Field(
        "accepted",
        TRUTH,
        "whether the client was let in",
        lambda login: login.response is not None and login.response.accepted,
    ),
}


def _only(kind: type) -> Callable[[Any], Any]:
    return lambda event: event if isinstance(event, kind) else None


# ---------------------------------------------------------------- all of them

# fmt: off
FIELDS = _by_name(
    Field("kind", Scalar(Kind.TEXT, _words(EVENT_KINDS)), "exchange (a call and its response), login, push or damage", _attribute("kind"), _ALL),
    Field("number", NUMBER, "of the exchange in the capture, from 1", _attribute("number"), _CALLS),
    Field("frames", Many(NUMBER), "the numbers of its frames, from 1", lambda event: [frame.number for frame in event.frames], _ALL),
    Field("time", TIME, "when it began; texts are ISO times, UTC where they don't say otherwise", _attribute("time_ns"), _ALL),
    Field("latency", DURATION, "last byte of the request to last byte of the response", _attribute("latency_ns"), _TIMED),

    Field("connection", NUMBER, "the connection's number in the capture, from 1", _of_connection("number"), _ALL),
    Field("client", TEXT, '"address:port"', _of_connection("client"), _ALL),
    Field("server", TEXT, '"address:port"', _of_connection("server"), _ALL),
    Field("user", TEXT, "who logged in on the connection", _of_connection("user"), _ALL),
    Field("library", TEXT, "the client library, as far as it was recognised by then", _of_connection("library"), _ALL),
    Field("tls", TEXT, "version and cipher suite of a connection in TLS; a plain one has none", _of_connection("tls"), _ALL),

    Field("procedure", TEXT, _doc_of[Invocation, "procedure"], _attribute("procedure"), _CALLS),
    Field("params", Many(PARAMETER), "the parameters, from [0]", _parameters, _CALLS),
    Field("sql", TEXT, "the SQL of @AdHoc, @Explain and the like", _sql, _CALLS),
    Field("client_handle", NUMBER, _doc_of[Invocation, "client_handle"], _attribute("client_handle"), _ANSWERS),
    Field("version", NUMBER, _doc_of[Invocation, "version"], _version, _CALLS),
    Field("extensions", Group(_by_name(
        *map(_extension_field, EXTENSIONS),
        Field("types", Many(NUMBER), "the type codes of all, known or not", _extension_types),
    )), "what versions 1 and 2 add to a call", _extended, _CALLS),

    Field("status", Scalar(Kind.NUMBER, _numbers(STATUS_NAMES)), _doc_of[Response, "status"], _status, _ANSWERS),
) | fields_of(Response, _response, events=_ANSWERS, leave_out=NOT_ASKED[Response]) | _by_name(
    Field("exception", Group(_exception_fields), _doc_of[Response, "exception"], _exception, _ANSWERS),
    Field("tables", Many(TABLE_FIELDS), "the result tables, from [0]", _tables, _ANSWERS),
    Field("row_count", NUMBER, "rows of all its tables together", _row_count, _ANSWERS),

    Field("values", Many(DYNAMIC, is_whole=True), "all parameters, elements of arrays, and cells of tables", _values, _ANSWERS),
    Field("texts", Many(TEXT, is_whole=True), "whatever words there are: texts among the values, names, messages, notes", _texts, _ALL),

    Field("request_bytes", SIZE, "the request's frame, with its length", _size("request_frame"), _TIMED),
    Field("response_bytes", SIZE, "the response's frame, with its length", _size("response_frame", "frame"), _MESSAGES),
    Field("bytes", SIZE, "all of its frames", _all_bytes, _ALL),

    Field("error", TRUTH, "anything went wrong: no SUCCESS, no answer, unreadable, refused, damage", _attribute("is_error"), _ALL),
    Field("late", TRUTH, "the client had given up before the response came", _attribute("is_late"), _CALLS),
    Field("partial", TRUTH, "the response is there, but not wholly", _attribute("is_partial"), _MESSAGES),
    Field("fragment", TRUTH, "neither of its messages is wholly in the capture", _attribute("is_fragment"), _CALLS),
    Field("malformed", TRUTH, "a message is all there and can't be read", _malformed, _ANSWERS),
    Field("request_lost", TRUTH, "the request is missing from the capture", _attribute("request_lost"), _CALLS),
    Field("response_lost", TRUTH, "the capture has a hole where the response was", _attribute("response_lost"), _CALLS),
    Field("notes", Many(TEXT), "remarks: what is missing, why there is no response", _attribute("remarks"), _MESSAGES),

    Field("login", Group(_login_fields), "a log-in and its answer", _only(Login), (_LOGIN,)),
    Field("push", Group(_by_name(
        Field("name", TEXT, '"topology", "procedures" ...', _attribute("name")),
    )), "what the server sent unasked", _only(Push), (_PUSH,)),
    Field("damage", Group(_by_name(
        Field("what", Scalar(Kind.TEXT, _words(DAMAGE_KINDS)), "its kind, such as gap", _of_damage("what")),
        Field("message", TEXT, "a sentence", _of_damage("message")),
        Field("direction", Scalar(Kind.TEXT, _words(side.value for side in Direction)), "who sent it: client or server",
              lambda damage: damage.direction.value if damage.direction else None),
        Field("offset", NUMBER, "in the direction's stream, or in the file", _of_damage("offset")),
        Field("length", SIZE, "bytes concerned", _of_damage("length")),
        Field("exchange", NUMBER, "number of the exchange that it touched", _of_damage("exchange")),
    )), "what could not be decoded", _only(Damage), (_DAMAGE,)),
)
# fmt: on

OTHER_NAMES = {
    "call": "procedure",
    "conn": "connection",
    "duration": "latency",
    "exchange": "number",
    "handle": "client_handle",
    "parameters": "params",
    "results": "tables",
    "rows": "row_count",
    "size": "bytes",
    "status_name": "status",
}
"""Words of the screen, of JSON lines and of other tools, and the fields that are meant by them."""
