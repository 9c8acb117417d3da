"""Clients of a live server, blocking and asyncio, which can show every byte.

    from volttools.client import connect

    with connect("localhost") as client:
        print(client.call("Vote", 6175551212, 3).rows)

Names are loaded when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from volttools.client.aio import AsyncClient, connect_async
    from volttools.client.blocking import Call, Client, connect
    from volttools.client.connection_settings import ConnectionSettings
    from volttools.client.core import PushEvent
    from volttools.client.results import Result, ResultTable
    from volttools.client.values import (
        array,
        bigint,
        boolean,
        date,
        decimal,
        floating,
        geography,
        integer,
        null,
        point,
        smallint,
        string,
        timestamp,
        tinyint,
        typed,
        varbinary,
    )
    from volttools.protocol.login_strategy import LoginStrategy, PasswordLogin

# Every public name and where it lives.
_HOMES = {
    "AsyncClient": "volttools.client.aio",
    "Call": "volttools.client.blocking",
    "Client": "volttools.client.blocking",
    "ConnectionSettings": "volttools.client.connection_settings",
    "LoginStrategy": "volttools.protocol.login_strategy",
    "PasswordLogin": "volttools.protocol.login_strategy",
    "PushEvent": "volttools.client.core",
    "Result": "volttools.client.results",
    "ResultTable": "volttools.client.results",
    "array": "volttools.client.values",
    "bigint": "volttools.client.values",
    "boolean": "volttools.client.values",
    "connect": "volttools.client.blocking",
    "connect_async": "volttools.client.aio",
    "date": "volttools.client.values",
    "decimal": "volttools.client.values",
    "floating": "volttools.client.values",
    "geography": "volttools.client.values",
    "integer": "volttools.client.values",
    "null": "volttools.client.values",
    "point": "volttools.client.values",
    "smallint": "volttools.client.values",
    "string": "volttools.client.values",
    "timestamp": "volttools.client.values",
    "tinyint": "volttools.client.values",
    "typed": "volttools.client.values",
    "varbinary": "volttools.client.values",
}

__all__ = [
    "AsyncClient",
    "Call",
    "Client",
    "ConnectionSettings",
    "LoginStrategy",
    "PasswordLogin",
    "PushEvent",
    "Result",
    "ResultTable",
    "array",
    "bigint",
    "boolean",
    "connect",
    "connect_async",
    "date",
    "decimal",
    "floating",
    "geography",
    "integer",
    "null",
    "point",
    "smallint",
    "string",
    "timestamp",
    "tinyint",
    "typed",
    "varbinary",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'volttools.client' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
