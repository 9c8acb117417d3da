"""Calls of a mock server as exchanges: what everything else of volttools shows, filters and writes."""

from __future__ import annotations

from typing import Any

from volttools.codec import build
from volttools.formats.frame import PREFIX_BYTES
from volttools.formats.response import status_name
from volttools.jsonlines.lines import exchange_line
from volttools.mock.calls import Call
from volttools.protocol.events import Connection, Direction, Exchange, Frame

_SHOWN = ("number", "connection", "client", "server", "time_ns", "procedure", "client_handle", "version")
_SHOWN_IF_THERE = ("extensions", "malformed", "frame_hex")


MISSED = "nothing answers this call"


def exchange_of(call: Call, frame: bytes = b"") -> Exchange:
    """A call and what it was answered; `frame`: that answer with its length, b"" if there is none."""
    body = build(call.invocation)
    answered_ns = None if call.latency_ns is None else call.time_ns + call.latency_ns
    return Exchange(
        connection=Connection(
            number=call.connection.number,
            client=_address(call.connection.peer),
            server=_address(call.connection.local),
            user=call.connection.user,
        ),
        number=call.number,
        procedure=call.procedure,
        client_handle=call.client_handle,
        status=call.status,
        request_frame=Frame.of(Direction.CLIENT, body, call.time_ns),
        response_frame=Frame.of(Direction.SERVER, frame[PREFIX_BYTES:], answered_ns) if frame else None,
        notes=[MISSED] if call.is_miss else [],
    )


def call_object(call: Call) -> dict[str, Any]:
    """A call as JSON: members as of an exchange of docs/json.md, and what only a server knows of it."""
    line = exchange_line(exchange_of(call))
    found = {name: line[name] for name in _SHOWN}
    found |= {name: line[name] for name in _SHOWN_IF_THERE if name in line}
    return {
        **found,
        "params": line["params"],
        "user": call.connection.user,
        "host_id": call.connection.host_id,
        "partition": call.partition,
        "is_miss": call.is_miss,
        "status": call.status,
        "status_name": None if call.status is None else status_name(call.status),
        "latency_ns": call.latency_ns,
        "exception": None if call.exception is None else str(call.exception),
    }


def _address(address: tuple[Any, ...]) -> str:
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
