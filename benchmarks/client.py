"""Calls over loopback, beside the official clients 16.1; the server is in a process of its own.

What is compared is CPU time of the client's process, so a server that is slow, or a machine that
is busy, moves the figures less. Calls are of three parameters; answers have one row of three columns.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import voltclient
import voltdbclient

from benchmarks.bench import Work
from volttools.client import AsyncClient, Call, Client, Result, connect, connect_async

_TYPES = [6, 5, 9]  # as voltdbclient wants them: BIGINT, INTEGER, STRING
_BLOCKING_CALLS = 2_000
_CALLS = 12_000
_IN_FLIGHT = 3_000


@contextmanager
def echo_server() -> Iterator[int]:
    """The port of a server that runs meanwhile."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.echo_server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        port = int(server.stdout.readline())
        try:
            yield port
        finally:
            server.stdin.close()


def works() -> Iterator[Work]:
    """All rows; the server runs while they are measured."""
    with echo_server() as port:
        yield from _blocking(port)
        yield from _asyncio(port)


def _blocking(port: int) -> Iterator[Work]:
    serializer = voltdbclient.FastSerializer("127.0.0.1", port, False, "", "")
    procedure = voltdbclient.VoltProcedure(serializer, "Vote", _TYPES)
    with connect(("127.0.0.1", port), signatures=False) as client:

        def peer() -> int:
            for number in range(_BLOCKING_CALLS):
                status = procedure.call([number, 3, "NY"]).status
            return int(status)

        def ours() -> int:
            for number in range(_BLOCKING_CALLS):
                status = client.call("Vote", number, 3, "NY").status
            return status

        def ours_with_rows() -> int:
            for number in range(_BLOCKING_CALLS):
                result = client.call("Vote", number, 3, "NY")
                assert result.rows
            return result.status

        yield Work("calls: blocking, status", "FastSerializer", peer, ours, 1, floor=1.8)
        yield Work("calls: blocking, rows", "FastSerializer", peer, ours_with_rows, 1)
        yield Work("calls: blocking, pipelined, rows", "FastSerializer", peer, _pipelined(client), 1)
    serializer.close()


def _pipelined(client: Client) -> Callable[[], int]:
    def ours() -> int:
        calls: deque[Call] = deque()
        for number in range(_BLOCKING_CALLS):
            calls.append(client.submit("Vote", number, 3, "NY"))
        for call in calls:
            result = call.result()
            assert result.rows
        return result.status

    return ours


def _asyncio(port: int) -> Iterator[Work]:
    peer_client = voltclient.VoltClient(hosts=["127.0.0.1"], port=port, max_outstanding=_IN_FLIGHT)
    with asyncio.Runner() as runner:
        client = runner.run(connect_async(("127.0.0.1", port), signatures=False, max_in_flight=_IN_FLIGHT))

        def peer() -> int:
            calls: deque[Future[Any]] = deque()
            for number in range(_CALLS):
                calls.append(peer_client.call_async("Vote", _TYPES, [number, 3, "NY"]))
                if len(calls) >= _IN_FLIGHT:
                    status = calls.popleft().result().status
            while calls:
                status = calls.popleft().result().status
            return int(status)

        yield Work(
            "calls: asyncio, 3,000 in flight, status",
            "VoltClient.call_async",
            peer,
            lambda: runner.run(_in_flight(client, with_rows=False)),
            1,
            floor=4,
        )
        yield Work(
            "calls: asyncio, 3,000 in flight, rows",
            "VoltClient.call_async",
            peer,
            lambda: runner.run(_in_flight(client, with_rows=True)),
            1,
        )
        runner.run(client.close())
    peer_client.close()


async def _in_flight(client: AsyncClient, *, with_rows: bool) -> int:
    calls: deque[asyncio.Future[Result]] = deque()

    async def first() -> int:
        result = await calls.popleft()
        assert not with_rows or result.rows
        return result.status

    for number in range(_CALLS):
        calls.append(await client.submit("Vote", number, 3, "NY"))
        if len(calls) >= _IN_FLIGHT:
            status = await first()
    while calls:
        status = await first()
    return status
