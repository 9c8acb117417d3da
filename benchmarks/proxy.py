"""What the recording proxy costs, beside plain relays: the rows of the table. `record` has all kinds of them.

Calls are small, and those of `traffic` without its reports. Server, client and relay are processes of their own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager

from benchmarks.bench import Row, Spent, Work
from benchmarks.client import ECHO
from benchmarks.figure import Unit
from benchmarks.processes import Server, forked_server, module_server
from benchmarks.record import ROWS
from benchmarks.traffic import calls
from benchmarks.wire import Wire

CONNECTIONS = 8
CALLS = 8_000
PACED_CALLS = 1_000
RATE = 1_000
_LEAST_S = 1e-6  # where the machine's own unrest hides what is added


def rows() -> list[Row]:
    """The rows of the table."""
    return [
        Row("proxy: recording", lambda scale: _throughput("proxy, pcapng")),
        Row("proxy: recording, --quiet", lambda scale: _throughput("proxy, quiet")),
        Row("proxy: added p99 at 1 k calls/s", lambda scale: _latency()),
    ]


@contextmanager
def _servers(kind: str) -> Iterator[tuple[Server, Server, Server]]:
    """A proxy of that kind, a plain relay, and the server behind both."""
    ours, plain = ROWS[kind], ROWS["asyncio relay"]
    assert ours is not None
    assert plain is not None
    with (
        module_server(ECHO) as echo,
        forked_server(ours, echo.port) as proxy,
        forked_server(plain, echo.port) as relay,
    ):
        yield proxy, relay, echo


@contextmanager
def _throughput(kind: str) -> Iterator[Work]:
    """Eight connections call in turn; what counts is the CPU time of the relay, of all its threads."""
    with _servers(kind) as (proxy, relay, echo), ExitStack() as stack:
        samples = [_in_turn(server, stack) for server in (proxy, relay, echo)]
        yield Work(
            samples[0],
            Unit.CALLS,
            "asyncio relay",
            samples[1],
            "bare asyncio echo",
            samples[2],
            echo.cpu_s,
            warm=samples[0],
        )


def _in_turn(server: Server, stack: ExitStack) -> Callable[[], Spent]:
    frames = _frames(CALLS)
    wires = [stack.enter_context(closing(Wire(server.port))) for _ in range(CONNECTIONS)]

    def sample() -> Spent:
        wall, cpu = time.perf_counter(), server.cpu_s()
        for at in range(0, CALLS, CONNECTIONS):
            for number, wire in enumerate(wires):
                wire.send(frames[at + number])
            for wire in wires:
                wire.await_answers(1)
        return Spent((server.cpu_s() - cpu) / CALLS, (time.perf_counter() - wall) / CALLS)

    return sample


@contextmanager
def _latency() -> Iterator[Work]:
    with _servers("proxy, pcapng") as (proxy, relay, echo), ExitStack() as stack:
        servers = (echo, proxy, relay)
        paced = {s.port: _Paced(stack.enter_context(closing(Wire(s.port)))) for s in servers}

        def added(server: Server) -> Spent:
            cpu = server.cpu_s()
            through = paced[server.port].p99_s()
            cpu_s = (server.cpu_s() - cpu) / PACED_CALLS
            return Spent(cpu_s, max(_LEAST_S, through - paced[echo.port].p99_s()))

        yield Work(
            lambda: added(proxy),
            Unit.MICROSECONDS,
            "asyncio relay",
            lambda: added(relay),
            server_cpu_s=echo.cpu_s,
            warm=paced[proxy.port].p99_s,
        )


class _Paced:
    """Calls a thousand times a second, whatever became of the call before; one at a time is under way."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._frames = _frames(PACED_CALLS)

    def p99_s(self) -> float:
        """Of the latencies, seconds."""
        took, wire = [], self._wire
        due = time.perf_counter()
        for frame in self._frames:
            due += 1 / RATE
            time.sleep(max(0.0, due - time.perf_counter()))
            began = time.perf_counter()
            wire.send(frame)
            wire.await_answers(1)
            took.append(time.perf_counter() - began)
        return sorted(took)[len(took) * 99 // 100]


def _frames(count: int) -> list[bytes]:
    return [call.request for call in calls(count)]
