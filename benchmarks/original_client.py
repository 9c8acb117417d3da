"""The same script with the official client and with `volttools.voltdbclient`, against one server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import voltdbclient as official

from benchmarks.bench import Work
from benchmarks.client import echo_server
from volttools import voltdbclient as ours

_CALLS = 2_000
_TYPES = [6, 5, 9]  # BIGINT, INTEGER, STRING


def works() -> Iterator[Work]:
    """All rows; the server runs while they are measured."""
    with echo_server() as port:
        clients = [module.FastSerializer("127.0.0.1", port) for module in (official, ours)]
        for name, script, floor in (
            ("status", _status, 1.8),
            ("status, a time-out each", _status_in_time, 1.8),
            ("10 rows of 3 columns", _ten_rows, 1.5),
            ("10,000 rows of 10 columns", _wide, 2),
        ):
            peer, own = (
                script(module, client) for module, client in zip((official, ours), clients, strict=True)
            )
            yield Work(f"voltdbclient: {name}", "FastSerializer", peer, own, 1, floor=floor)
        for client in clients:
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
    return lambda: procedure.call([]).tables[0].tuples  # type: ignore[no-any-return]
