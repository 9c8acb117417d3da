"""The same script with the official client and with `volttools.voltdbclient`, against one server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import voltdbclient as official

from benchmarks.bench import Row, Work, beside
from benchmarks.client import ECHO
from benchmarks.processes import module_server
from volttools import voltdbclient as ours

_CALLS = 2_000
_TYPES = [6, 5, 9]  # BIGINT, INTEGER, STRING

Script = Callable[[Any, Any], Callable[[], Any]]


def rows() -> list[Row]:
    """The rows of the table."""
    return [
        _row("status", _status),
        _row("status, a time-out each", _status_in_time),
        _row("10 rows of 3 columns", _ten_rows),
        _row("10,000 rows of 10 columns", _wide),
    ]


def _row(name: str, script: Script) -> Row:
    return Row(f"voltdbclient: {name}", lambda scale: _work(script))


@contextmanager
def _work(script: Script) -> Iterator[Work]:
    with module_server(ECHO) as server:
        peers = official.FastSerializer("127.0.0.1", server.port)
        own = ours.FastSerializer("127.0.0.1", server.port)
        yield beside("FastSerializer", script(official, peers), script(ours, own), server_cpu_s=server.cpu_s)
        for client in (peers, own):
            client.close()


def _status(module: Any, client: Any, timeout: float | None = None) -> Callable[[], int]:
    procedure = module.VoltProcedure(client, "Vote", _TYPES)

    def run() -> int:
        for number in range(_CALLS):
            status = procedure.call([number, 3, "NY"], timeout=timeout).status
        return int(status)

    return run


def _status_in_time(module: Any, client: Any) -> Callable[[], int]:
    return _status(module, client, 10.0)


def _ten_rows(module: Any, client: Any) -> Callable[[], list[Any]]:
    procedure = module.VoltProcedure(client, "Ten", _TYPES)

    def run() -> list[Any]:
        for number in range(_CALLS):
            rows: list[Any] = procedure.call([number, 3, "NY"]).tables[0].tuples
        return rows

    return run


def _wide(module: Any, client: Any) -> Callable[[], list[Any]]:
    procedure = module.VoltProcedure(client, "Wide")
    return lambda: procedure.call([]).tables[0].tuples
