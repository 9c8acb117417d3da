"""Debug and replay VoltDB's client wire protocol.

    for exchange in volttools.open("x.pcapng"):
        print(exchange.procedure, exchange.status, exchange.latency_ns)

    invocation = volttools.parse(volttools.Invocation, body)
    body = volttools.build(invocation)
    tree = volttools.spans(volttools.Response, body)

Names are loaded when they are first used, so that `import volttools` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from volttools.version import __version__

if TYPE_CHECKING:
    from volttools.capture.conversion import convert, encode
    from volttools.capture.following import Following
    from volttools.capture.reader import Capture, Summary, open
    from volttools.checks import Finding, Verdict, check
    from volttools.codec import Span, build, parse, spans
    from volttools.codec.columns import table_to_arrow, tables_to_arrow
    from volttools.errors import (
        CallFailed,
        CallTimeout,
        CannotConnect,
        CaptureError,
        ClientError,
        ConnectionLost,
        DecodeError,
        EncodeError,
        LoginRefused,
        ProtocolError,
        UsageError,
        VoltToolsError,
    )
    from volttools.filters.errors import FilterError
    from volttools.filters.filter import Filter, compile_filter
    from volttools.formats.invocation import Invocation
    from volttools.formats.login import LoginRequest, LoginResponse
    from volttools.formats.parameters import Parameter
    from volttools.formats.response import Response
    from volttools.formats.table import Table
    from volttools.protocol.events import Connection, Damage, Direction, Exchange, Frame, Login, Push
    from volttools.redaction.redactor import Redactor
    from volttools.redaction.rules import Rules

# Every public name and where it lives.
_HOMES = {
    "CallFailed": "volttools.errors",
    "CallTimeout": "volttools.errors",
    "CannotConnect": "volttools.errors",
    "Capture": "volttools.capture.reader",
    "CaptureError": "volttools.errors",
    "ClientError": "volttools.errors",
    "Connection": "volttools.protocol.events",
    "ConnectionLost": "volttools.errors",
    "Damage": "volttools.protocol.events",
    "DecodeError": "volttools.errors",
    "Direction": "volttools.protocol.events",
    "EncodeError": "volttools.errors",
    "Exchange": "volttools.protocol.events",
    "Filter": "volttools.filters.filter",
    "FilterError": "volttools.filters.errors",
    "Finding": "volttools.checks",
    "Following": "volttools.capture.following",
    "Frame": "volttools.protocol.events",
    "Invocation": "volttools.formats.invocation",
    "Login": "volttools.protocol.events",
    "LoginRefused": "volttools.errors",
    "LoginRequest": "volttools.formats.login",
    "LoginResponse": "volttools.formats.login",
    "Parameter": "volttools.formats.parameters",
    "ProtocolError": "volttools.errors",
    "Push": "volttools.protocol.events",
    "Redactor": "volttools.redaction.redactor",
    "Response": "volttools.formats.response",
    "Rules": "volttools.redaction.rules",
    "Span": "volttools.codec",
    "Summary": "volttools.capture.reader",
    "Table": "volttools.formats.table",
    "UsageError": "volttools.errors",
    "Verdict": "volttools.checks",
    "VoltToolsError": "volttools.errors",
    "build": "volttools.codec",
    "check": "volttools.checks",
    "compile_filter": "volttools.filters.filter",
    "convert": "volttools.capture.conversion",
    "encode": "volttools.capture.conversion",
    "open": "volttools.capture.reader",
    "parse": "volttools.codec",
    "spans": "volttools.codec",
    "table_to_arrow": "volttools.codec.columns",
    "tables_to_arrow": "volttools.codec.columns",
}

__all__ = [
    "CallFailed",
    "CallTimeout",
    "CannotConnect",
    "Capture",
    "CaptureError",
    "ClientError",
    "Connection",
    "ConnectionLost",
    "Damage",
    "DecodeError",
    "Direction",
    "EncodeError",
    "Exchange",
    "Filter",
    "FilterError",
    "Finding",
    "Following",
    "Frame",
    "Invocation",
    "Login",
    "LoginRefused",
    "LoginRequest",
    "LoginResponse",
    "Parameter",
    "ProtocolError",
    "Push",
    "Redactor",
    "Response",
    "Rules",
    "Span",
    "Summary",
    "Table",
    "UsageError",
    "Verdict",
    "VoltToolsError",
    "__version__",
    "build",
    "check",
    "compile_filter",
    "convert",
    "encode",
    "open",
    "parse",
    "spans",
    "table_to_arrow",
    "tables_to_arrow",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'volttools' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
