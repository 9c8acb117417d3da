"""Calls over loopback, beside the official clients 16.1; the server is in a process of its own.

What is compared is CPU time of the client's process, so a server that is slow, or a machine that
is busy, moves the figures less. Calls are of three parameters; answers have one row of three columns.

The physical limit is what sockets take by themselves: the same frames, framed beforehand, sent and received by
a bare socket one at a time, or by a bare `asyncio.Protocol` all at once, which only counts what comes back.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import voltclient
import voltdbclient

from benchmarks.bench import Row, Work, beside
from benchmarks.processes import Server, module_server
from benchmarks.wire import Wire, login_frame
from volttools.client import AsyncClient, Call, Client, Result, connect, connect_async
from volttools.codec import invocation_encoder
from volttools.formats.types import BIGINT, INTEGER, STRING

_TYPES = [BIGINT, INTEGER, STRING]
_CODES = [kind.code for kind in _TYPES]
_BLOCKING_CALLS = 2_000
_CALLS = 9_000
_IN_FLIGHT = 3_000
ECHO = "benchmarks.echo_server"


def rows() -> list[Row]:
    """The rows of the table."""
    return [
        Row("calls: blocking", lambda scale: _blocking(_calls)),
        Row("calls: blocking, rows", lambda scale: _blocking(_calls_with_rows)),
        Row("calls: blocking, pipelined, rows", lambda scale: _blocking(_pipelined)),
        Row("calls: asyncio, 3,000 in flight", lambda scale: _asyncio(with_rows=False)),
        Row("calls: asyncio, 3,000 in flight, rows", lambda scale: _asyncio(with_rows=True)),
    ]


@contextmanager
def _blocking(script: Callable[[Client], Callable[[], int]]) -> Iterator[Work]:
    with module_server(ECHO) as server, _bare_socket(server) as limit:
        serializer = voltdbclient.FastSerializer("127.0.0.1", server.port, False, "", "")
        procedure = voltdbclient.VoltProcedure(serializer, "Vote", _CODES)

        def peer() -> int:
            for number in range(_BLOCKING_CALLS):
                status = procedure.call([number, 3, "NY"]).status
            return int(status)

        with connect(("127.0.0.1", server.port), signatures=False) as client:
            yield beside(
                "FastSerializer",
                peer,
                script(client),
                limit_name="bare socket",
                limit=limit,
                server_cpu_s=server.cpu_s,
            )
        serializer.close()


def _calls(client: Client) -> Callable[[], int]:
    def ours() -> int:
        for number in range(_BLOCKING_CALLS):
            status = client.call("Vote", number, 3, "NY").status
        return status

    return ours


def _calls_with_rows(client: Client) -> Callable[[], int]:
    def ours() -> int:
        for number in range(_BLOCKING_CALLS):
            result = client.call("Vote", number, 3, "NY")
            assert result.rows
        return result.status

    return ours


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


@contextmanager
def _bare_socket(server: Server) -> Iterator[Callable[[], None]]:
    frames = _frames(_BLOCKING_CALLS)
    wire = Wire(server.port)
    send, receive = wire.socket.sendall, wire.socket.recv

    def run() -> None:
        for frame in frames:
            send(frame)
            receive(65536)

    yield run
    wire.close()


@contextmanager
def _asyncio(*, with_rows: bool) -> Iterator[Work]:
    with module_server(ECHO) as server, asyncio.Runner() as runner:
        address = ("127.0.0.1", server.port)
        peer_client = voltclient.VoltClient(hosts=["127.0.0.1"], port=server.port, max_outstanding=_IN_FLIGHT)
        client = runner.run(connect_async(address, signatures=False, max_in_flight=_IN_FLIGHT))
        bare = runner.run(_connected(server))

        def peer() -> int:
            calls: deque[Future[Any]] = deque()
            for number in range(_CALLS):
                calls.append(peer_client.call_async("Vote", _CODES, [number, 3, "NY"]))
                if len(calls) >= _IN_FLIGHT:
                    status = calls.popleft().result().status
            while calls:
                status = calls.popleft().result().status
            return int(status)

        yield beside(
            "VoltClient.call_async",
            peer,
            lambda: runner.run(_in_flight(client, with_rows=with_rows)),
            limit_name="bare asyncio",
            limit=lambda: runner.run(bare.run()),
            server_cpu_s=server.cpu_s,
        )
        runner.run(client.close())
        bare.transport.close()
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


class _Bare(asyncio.Protocol):
    """Sends frames, as many at a time as the clients have in flight, and counts the bytes that come back."""

    def __init__(self) -> None:
        frames = _frames(_CALLS)
        self._batches = [b"".join(frames[at : at + _IN_FLIGHT]) for at in range(0, _CALLS, _IN_FLIGHT)]
        self._received = 0
        self._wanted = 0
        self._done: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to write to."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Count."""
        self._received += len(data)
        if self._received >= self._wanted and self._done is not None and not self._done.done():
            self._done.set_result(None)

    async def log_in(self) -> None:
        """Also find out how long an answer is."""
        await self._send(login_frame(), 1)
        await self._send(_frames(1)[0], 1)
        self._answer_bytes = self._received

    async def run(self) -> None:
        """All calls."""
        for batch in self._batches:
            await self._send(batch, self._answer_bytes * _IN_FLIGHT)

    async def _send(self, data: bytes, answer_bytes: int) -> None:
        self._received, self._wanted = 0, answer_bytes
        self._done = asyncio.get_running_loop().create_future()
        self.transport.write(data)
        await self._done


async def _connected(server: Server) -> _Bare:
    _, bare = await asyncio.get_running_loop().create_connection(_Bare, "127.0.0.1", server.port)
    await bare.log_in()
    return bare


def _frames(count: int) -> list[bytes]:
    encode = invocation_encoder(tuple(_TYPES))
    return [encode("Vote", number + 1, [number, 3, "NY"]) for number in range(count)]
