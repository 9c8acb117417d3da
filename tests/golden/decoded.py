"""A capture as `NAME.expected.json` would say it, from what this project decodes."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from volttools.capture.reader import open as open_capture
from volttools.formats.geography import Geography, Point
from volttools.formats.invocation import EXTENSIONS, Invocation
from volttools.formats.login import LoginRequest, LoginResponse
from volttools.formats.notation import Opaque
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.protocol.events import Damage, Direction, Event, Exchange, Frame, Login, Push

LONG_BYTES = 8192
FLAG_EXTENSIONS = {kind.name for kind in EXTENSIONS if kind.payload.sizeof() == 0}


def value_of(value: Any) -> Any:
    if isinstance(value, bool) or value is None or isinstance(value, (int, str)):
        return value
    if isinstance(value, float):
        return repr(value) if math.isinf(value) or math.isnan(value) else value
    if isinstance(value, Decimal):
        return f"{value:.12f}"
    if isinstance(value, (bytes, bytearray)):
        if len(value) > LONG_BYTES:
            return f"sha256:{hashlib.sha256(value).hexdigest()}:{len(value)}"
        return value.hex()
    if isinstance(value, (Geography, Point)):
        return value.wkt
    if isinstance(value, Table):
        return table_of(value)
    if isinstance(value, list):
        return [value_of(item) for item in value]
    raise TypeError(type(value))


def table_of(table: Table) -> dict[str, Any]:
    return {
        "columns": [[column.name, column.type_name] for column in table.columns],
        "rows": [[value_of(value) for value in row] for row in table.rows],
    }


def response_of(response: Response | None) -> dict[str, Any] | None:
    if response is None:
        return None
    return {
        "status": response.status,
        "status_string": response.status_string,
        "app_status": response.app_status,
        "app_status_string": response.app_status_string,
        "cluster_rtt_ms": response.cluster_rtt_ms,
        "tables": [table_of(table) for table in response.tables],
    }


def extensions_of(invocation: Invocation) -> dict[str, Any]:
    found = {}
    for extension in invocation.extensions or []:
        found[extension.name] = True if extension.name in FLAG_EXTENSIONS else value_of(extension.payload)
    if invocation.batch_timeout_ms is not None:
        found["batch_timeout"] = invocation.batch_timeout_ms
    return found


def call_of(exchange: Exchange) -> dict[str, Any] | None:
    """An exchange as a call; None if neither its request nor its response is wholly there."""
    call: dict[str, Any] = {"procedure": exchange.procedure, "handle": exchange.client_handle, "params": None}
    invocation = exchange.invocation
    if invocation is None:
        if exchange.response is None:
            return None
        call["procedure"] = None
        call["request_lost"] = True
    elif not isinstance(invocation.parameters, Opaque):
        call["version"] = invocation.version
        call["params"] = [[p.type_name, value_of(p.value)] for p in invocation.parameters]
        if extensions := extensions_of(invocation):
            call["extensions"] = extensions
        if exchange.request_frame and exchange.request_frame.after_gap:
            call["request_after_gap"] = True
    else:
        call["malformed"] = True
        assert exchange.request_frame is not None
        call["frame_hex"] = exchange.request_frame.with_prefix().hex()
        assert exchange.malformed
    call["response"] = response_of(exchange.response)
    frame = exchange.response_frame
    if frame is not None and not frame.is_whole and not frame.was_never_sent:
        call["response_partial"] = True
    if frame is not None and frame.is_whole and frame.after_gap:
        call["response_after_gap"] = True
    if exchange.response_lost:
        call["response_lost"] = True
    if exchange.latency_ns is not None:
        call["latency_us"] = exchange.latency_ns / 1000
    return call


def login_request_of(request: LoginRequest) -> dict[str, Any]:
    return {
        "version": request.version,
        "service": request.service,
        "user": request.user,
        "hash_scheme": request.hash_scheme_name,
    }


def login_response_of(response: LoginResponse | None) -> dict[str, Any] | None:
    if response is None:
        return None
    found: dict[str, Any] = {"version": response.version, "status": response.status}
    if response.accepted:
        found |= {
            "host_id": response.host_id,
            "connection_id": response.connection_id,
            "cluster_start": response.cluster_start,
            "leader_addr": response.leader_address,
            "build": response.build,
        }
    return found


def frames_of(event: Event) -> list[Frame]:
    if isinstance(event, Login):
        found = [event.request_frame, event.response_frame, *(frame for frame, _ in event.kerberos)]
    elif isinstance(event, Exchange):
        found = [event.request_frame, event.response_frame]
    elif isinstance(event, Push):
        found = [event.frame]
    else:
        found = [event.frame]
    return [frame for frame in found if frame is not None]


def sessions_of(path: Path, *, keylog: Sequence[Path] = ()) -> list[dict[str, Any]]:
    """The sessions of a capture, in order of their numbers."""
    sessions: dict[int, dict[str, Any]] = {}
    calls: dict[int, list[tuple[int, dict[str, Any]]]] = {}
    with open_capture(path, keylog=keylog) as capture:
        for event in capture.events():
            connection = event.connection
            if connection is None:
                continue
            session = sessions.setdefault(
                connection.number,
                {
                    "number": connection.number,
                    "client": connection.client,
                    "server": connection.server,
                    "login": None,
                    "tls": connection.is_tls,
                    "frames": {"client": 0, "server": 0},
                    "partial_frames": {"client": 0, "server": 0},
                    "incomplete_tail": {},
                    "calls": [],
                    "pushes": [],
                },
            )
            for frame in {id(frame): frame for frame in frames_of(event)}.values():
                side = "client" if frame.direction is Direction.CLIENT else "server"
                if frame.is_whole:
                    session["frames"][side] += 1
                elif event.kind != "damage" and not frame.was_never_sent:
                    session["partial_frames"][side] += 1
            if isinstance(event, Damage):
                if event.direction and event.what == "incomplete frame" and event.closed_by in ("fin", "rst"):
                    session["incomplete_tail"][event.direction.value] = event.length
            elif isinstance(event, Login):
                login = login_request_of(event.request) if event.request else {}
                session["login"] = login | {"response": login_response_of(event.response)}
            elif isinstance(event, Exchange):
                call = call_of(event)
                if call is not None:
                    calls.setdefault(connection.number, []).append((event.number, call))
            elif isinstance(event, Push):
                session["pushes"].append(
                    {"handle": event.client_handle, "response": response_of(event.response)}
                )
    for number, found in calls.items():
        sessions[number]["calls"] = [call for _, call in sorted(found, key=lambda pair: pair[0])]
    return [session for _, session in sorted(sessions.items())]
