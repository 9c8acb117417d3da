"""Frames for tests of redaction, and what is seen of them in spite of it."""

from __future__ import annotations

from typing import Any

from volttools.codec import build, parse
from volttools.formats.geography import Geography
from volttools.formats.invocation import Invocation
from volttools.formats.notation import Opaque, Record
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.protocol.events import Direction, Frame
from volttools.redaction.redactor import Redactor
from volttools.redaction.rules import Rules

KEY = b"a key for tests!"


def redactor(text: str = "", key: bytes = KEY) -> Redactor:
    """A redactor with the rules of a text."""
    return Redactor(Rules.from_text(text), key)


def sent(message: Record | bytes, direction: Direction = Direction.CLIENT, **more: Any) -> Frame:
    """A message, or bytes, as a whole frame."""
    body = message if isinstance(message, bytes) else build(message)
    return Frame(direction=direction, body=body, length=len(body), offset=0, number=1, **more)


def received(message: Record | bytes, **more: Any) -> Frame:
    """The same from the server."""
    return sent(message, Direction.SERVER, **more)


def request_of(invocation: Invocation, text: str = "") -> Invocation:
    """An invocation after redaction."""
    return parse(Invocation, redactor(text).request(sent(invocation)))


def response_of(response: Response, procedure: str | None, text: str = "") -> Response:
    """A response after redaction."""
    return parse(Response, redactor(text).response(received(response), procedure))


def shape(value: Any) -> Any:
    """What of a value or message must be the same afterwards: types, counts, NULLs, numbers of the protocol."""
    match value:
        case Invocation():
            return (
                value.version,
                value.client_handle,
                value.batch_timeout_ms,
                [(item.type, shape(item.payload)) for item in value.extensions or []],
                len(value.parameters)
                if isinstance(value.parameters, Opaque)
                else [(p.type, p.element_type, shape(p.value)) for p in value.parameters],
            )
        case Response():
            return (
                value.client_handle,
                value.status,
                value.app_status,
                value.cluster_rtt_ms,
                value.extra_flags,
                value.status_string is None,
                value.app_status_string is None,
                value.exception is None or value.exception.type,
                len(value.hashes or []),
                [shape(table) for table in value.tables],
                len(value.trailing),
            )
        case Table():
            header = value.header
            rows = [[shape(cell) for cell in row] for row in value.rows]
            return header.status, header.column_types, header.length_error, rows, len(value.trailing)
        case Geography():
            return "polygon", [len(loop.vertices) for loop in value.loops]
        case list():
            return [shape(item) for item in value]
        case str() | bytes():
            return type(value), len(value)
    return type(value)
