"""More connections, and more calls in flight on one."""

from __future__ import annotations

import asyncio
import os
import resource
import statistics
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import voltclient

from benchmarks.client import ECHO
from benchmarks.growth import files
from benchmarks.growth.cost import REPEATS
from benchmarks.growth.curves import Curve, Measured, Panel, Plot, time_and_memory
from benchmarks.processes import Server, module_server
from benchmarks.traffic import calls
from benchmarks.wire import Wire
from volttools.client import Call, Client, connect, connect_async
from volttools.formats.types import BIGINT, INTEGER, STRING

CONNECTIONS = (1, 3, 10, 30, 100, 300, 1_000)
IN_FLIGHT = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000)
_CALLS = 2_000  # of one repeat, or one for each connection
_CALLS_IN_FLIGHT = 6_000  # of one repeat, or twice as many as are in flight
SERVERS = "benchmarks.growth.servers"
MOCK, PROXY, RELAY = "mock server", "proxy, recording", "asyncio relay of a few lines"
_CODES = [kind.code for kind in (BIGINT, INTEGER, STRING)]

Points = list[tuple[float, float]]


def connections() -> Plot:
    """CPU time and memory of what has many of them, with one call under way on each."""
    _allow_files()
    found: dict[str, list[Measured]] = {name: [] for name in (MOCK, PROXY, RELAY, files.EXCHANGES)}
    for count in CONNECTIONS:
        with module_server(SERVERS, "mock") as server:
            found[MOCK].append(measured(server, count))
        for name, kind in ((PROXY, "proxy, pcapng"), (RELAY, "asyncio relay")):
            with module_server(ECHO) as echo, module_server(SERVERS, kind, str(echo.port)) as server:
                found[name].append(measured(server, count))
        found[files.EXCHANGES].append(files.of_connections(count))
    return time_and_memory("connections", "connections", "CPU time of a call", found, beside={RELAY: PROXY})


def measured(server: Server, count: int, *, at_once: int = 1) -> Measured:
    """CPU time of a call, and memory, of a server with so many connections; so many calls are under way on each."""
    round_of_calls = count * at_once
    requests = _votes(max(_CALLS, round_of_calls))
    rounds = [
        [b"".join(requests[at : at + at_once]) for at in range(start, start + round_of_calls, at_once)]
        for start in range(0, len(requests) - round_of_calls + 1, round_of_calls)
    ]
    with ExitStack() as stack:
        wires = [stack.enter_context(closing(Wire(server.port))) for _ in range(count)]
        took = []
        for number in range(REPEATS + 1):
            began = server.cpu_s()
            for sent in rounds:
                for wire, data in zip(wires, sent, strict=True):
                    wire.send(data)
                for wire in wires:
                    wire.await_answers(at_once)
            if number:  # the first makes it warm
                took.append((server.cpu_s() - began) / (len(rounds) * round_of_calls))
        return Measured(count, statistics.median(took), _resident_bytes(server.pid))


def _votes(count: int) -> list[bytes]:
    """Calls that are alike: no long one hits one connection and not another."""
    votes = (call.request for number, call in enumerate(calls(), 1) if number % 50)
    return [next(votes) for _ in range(count)]


def _resident_bytes(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _allow_files() -> None:
    """A proxy has two sockets for each connection; what is forked has the limit from here."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def in_flight() -> Plot:
    """CPU time of a client's process for a call, by how many it has under way."""
    with module_server(ECHO) as server:
        found: dict[str, Points] = {"asyncio": [], "blocking": [], "VoltClient.call_async": []}
        for count in IN_FLIGHT:
            for name, client in (
                ("asyncio", asyncio_client),
                ("blocking", _blocking),
                ("VoltClient.call_async", _peer),
            ):
                with client(server, count) as run:
                    found[name].append((count, cpu_of_a_call(run, max(_CALLS_IN_FLIGHT, 2 * count))))
    return Plot(
        "in-flight",
        "calls in flight",
        [
            Panel(
                "CPU time of a call",
                "s",
                [
                    Curve("asyncio client", found["asyncio"]),
                    Curve("VoltClient.call_async", found["VoltClient.call_async"], beside="asyncio client"),
                    Curve("blocking client, pipelined", found["blocking"]),
                ],
            )
        ],
    )


def cpu_of_a_call(run: Callable[[int], None], count: int) -> float:
    """CPU seconds of this process for each of so many calls."""
    took = []
    for number in range(REPEATS + 1):
        began = time.process_time()
        run(count)
        if number:
            took.append((time.process_time() - began) / count)
    return statistics.median(took)


@contextmanager
def asyncio_client(server: Server, most: int) -> Iterator[Callable[[int], None]]:
    """What makes calls, with so many in flight."""
    with asyncio.Runner() as runner:
        client = runner.run(connect_async(("127.0.0.1", server.port), signatures=False, max_in_flight=most))

        async def run(count: int) -> None:
            under_way: deque[asyncio.Future[Any]] = deque()
            for number in range(count):
                if len(under_way) >= most:
                    await under_way.popleft()
                under_way.append(await client.submit("Vote", number, 3, "NY"))
            for future in under_way:
                await future

        yield lambda count: runner.run(run(count))
        runner.run(client.close())


@contextmanager
def _blocking(server: Server, most: int) -> Iterator[Callable[[int], None]]:
    client: Client
    with connect(("127.0.0.1", server.port), signatures=False, max_in_flight=most) as client:

        def run(count: int) -> None:
            under_way: deque[Call] = deque()
            for number in range(count):
                if len(under_way) >= most:
                    under_way.popleft().result()
                under_way.append(client.submit("Vote", number, 3, "NY"))
            for call in under_way:
                call.result()

        yield run


@contextmanager
def _peer(server: Server, most: int) -> Iterator[Callable[[int], None]]:
    client = voltclient.VoltClient(hosts=["127.0.0.1"], port=server.port, max_outstanding=most)

    def run(count: int) -> None:
        under_way: deque[Future[Any]] = deque()
        for number in range(count):
            if len(under_way) >= most:
                under_way.popleft().result()
            under_way.append(client.call_async("Vote", _CODES, [number, 3, "NY"]))
        for future in under_way:
            future.result()

    yield run
    client.close()
