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
    from volttools.capture.following import Following
    from volttools.capture.reader import Capture, Summary, open
    from volttools.codec import Span, build, parse, spans
    from volttools.errors import (
        CaptureError,
        DecodeError,
        EncodeError,
        ProtocolError,
        UsageError,
        VoltToolsError,
    )
    from volttools.formats.invocation import Invocation
    from volttools.formats.login import LoginRequest, LoginResponse
    from volttools.formats.parameters import Parameter
    from volttools.formats.response import Response
    from volttools.formats.table import Table
    from volttools.protocol.events import Connection, Damage, Direction, Exchange, Frame, Login, Push

# Every public name and where it lives.
_HOMES = {
    "Capture": "volttools.capture.reader",
    "CaptureError": "volttools.errors",
    "Connection": "volttools.protocol.events",
    "Damage": "volttools.protocol.events",
    "DecodeError": "volttools.errors",
    "Direction": "volttools.protocol.events",
    "EncodeError": "volttools.errors",
    "Exchange": "volttools.protocol.events",
    "Following": "volttools.capture.following",
    "Frame": "volttools.protocol.events",
    "Invocation": "volttools.formats.invocation",
    "Login": "volttools.protocol.events",
    "LoginRequest": "volttools.formats.login",
    "LoginResponse": "volttools.formats.login",
    "Parameter": "volttools.formats.parameters",
    "ProtocolError": "volttools.errors",
    "Push": "volttools.protocol.events",
    "Response": "volttools.formats.response",
    "Span": "volttools.codec",
    "Summary": "volttools.capture.reader",
    "Table": "volttools.formats.table",
    "UsageError": "volttools.errors",
    "VoltToolsError": "volttools.errors",
    "build": "volttools.codec",
    "open": "volttools.capture.reader",
    "parse": "volttools.codec",
    "spans": "volttools.codec",
}

__all__ = [
    "Capture",
    "CaptureError",
    "Connection",
    "Damage",
    "DecodeError",
    "Direction",
    "EncodeError",
    "Exchange",
    "Following",
    "Frame",
    "Invocation",
    "Login",
    "LoginRequest",
    "LoginResponse",
    "Parameter",
    "ProtocolError",
    "Push",
    "Response",
    "Span",
    "Summary",
    "Table",
    "UsageError",
    "VoltToolsError",
    "__version__",
    "build",
    "open",
    "parse",
    "spans",
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
