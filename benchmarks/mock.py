"""What the mock server answers a second, with recorded answers, beside an asyncio server that knows one answer.

    python -m benchmarks.mock          floors: 15,000 calls a second of CPU time, a first answer in 100 ms

Each server is a process of its own. The client sends calls that were framed before, hundreds at a time, and
counts answers; what is measured is the server's CPU time for each call. Calls are of three parameters, as
recorded: 1,000 different ones, each answered by one row of three columns. Rows:

    asyncio echo        `echo_server`: no session, no call is kept, one answer
    recorded            `MockServer(recording=...)`
    recorded, matched   the same with rules: a parameter ignored, SQL normalised, tolerances
    handler             a function with typed parameters
    stub                an answer by parameters

Then how long a server takes from nothing to its first answer to a client in the same process, without and with
the import of `volttools.mock`; the first must be below 100 ms.
"""

from __future__ import annotations

import multiprocessing
import os
import socket
import statistics
import subprocess
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection

from volttools.codec import build, parse
from volttools.formats.invocation import Invocation
from volttools.formats.login import LoginRequest
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response, ResponseHead
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, FLOAT, INTEGER, STRING
from volttools.mock import ANY, Match, MockServer
from volttools.mock.recorded import Recording
from volttools.protocol.frame_buffer import FrameBuffer, framed

FLOOR = 15_000
SLOWEST_START_S = 0.1
CALLS = 40_000
IN_FLIGHT = 400
DIFFERENT = 1_000
REPEATS = 5
TICKS = os.sysconf("SC_CLK_TCK")


def calls() -> list[bytes]:
    """Different calls, as frames."""
    return [framed(build(_invocation(number))) for number in range(DIFFERENT)]


def _invocation(number: int) -> Invocation:
    parameters = [
        Parameter.of(BIGINT, number),
        Parameter.of(INTEGER, 3),
        Parameter.of(STRING, "NY"),
    ]
    return Invocation(procedure="Vote", client_handle=number, parameters=parameters)


def recording(match: Match | None = None) -> Recording:
    """Their answers."""
    found = Recording(match=match)
    for number in range(DIFFERENT):
        table = Table.of([("ID", BIGINT), ("N", INTEGER), ("SCORE", FLOAT)], [(number, 2, 3.5)])
        head = parse(ResponseHead, build(Response(client_handle=number, tables=[table])))
        found.add(_invocation(number), head)
    return found


def _recorded() -> MockServer:
    return MockServer(recording=recording())


def _matched() -> MockServer:
    match = Match(ignore={"Vote": [1]}, float_tolerance=1e-6, normalize_sql=True)
    return MockServer(recording=recording(match))


def _handler() -> MockServer:
    server = MockServer()

    @server.procedure("Vote")
    def vote(phone: int, contestant: int, state: str) -> int:
        return contestant

    return server


def _stub() -> MockServer:
    server = MockServer()
    server.stub("Vote").with_params(ANY, 3, "NY").returns(0)
    return server


SERVERS: dict[str, Callable[[], MockServer]] = {
    "recorded": _recorded,
    "recorded, matched": _matched,
    "handler": _handler,
    "stub": _stub,
}


def _serve(name: str, pipe: Connection) -> None:
    with SERVERS[name]() as server:
        pipe.send(server.port)
        pipe.recv()


def measure_mock(name: str) -> float:
    """Calls a second of CPU time."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(name, theirs))
    process.start()
    assert process.pid is not None
    try:
        return _measure(ours.recv(), process.pid)
    finally:
        ours.send(None)
        process.join()


def measure_echo() -> float:
    """The same of the plain server."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.echo_server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        try:
            return _measure(int(server.stdout.readline()), server.pid)
        finally:
            server.stdin.close()


def _measure(port: int, pid: int) -> float:
    frames = calls()
    with socket.create_connection(("127.0.0.1", port)) as wire:
        buffer = FrameBuffer(2**20)
        wire.sendall(framed(build(LoginRequest(version=1, hash_scheme=1, password_hash=bytes(32), user=""))))
        _answers(wire, buffer, 1)
        _pass(wire, buffer, frames, CALLS // 4)
        figures = []
        for _ in range(REPEATS):
            began = _cpu_s(pid)
            _pass(wire, buffer, frames, CALLS)
            figures.append(CALLS / (_cpu_s(pid) - began))
    return statistics.median(figures)


def _pass(wire: socket.socket, buffer: FrameBuffer, frames: list[bytes], count: int) -> None:
    for first in range(0, count, IN_FLIGHT):
        at = first % len(frames)
        batch = (frames[at:] + frames)[:IN_FLIGHT]
        wire.sendall(b"".join(batch))
        _answers(wire, buffer, IN_FLIGHT)


def _answers(wire: socket.socket, buffer: FrameBuffer, count: int) -> None:
    while count > 0:
        data = wire.recv(2**16)
        assert data, "the server closed the connection"
        count -= len(list(buffer.feed(data)))


def _cpu_s(pid: int) -> float:
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


_FIRST_ANSWER = """
import time
began = time.perf_counter()
from volttools.mock import MockServer
imported = time.perf_counter()
import socket
from benchmarks.mock import first_answer
before = time.perf_counter()
first_answer()
print(time.perf_counter() - before, imported - began)
"""


def first_answer() -> None:
    """A server starts, a client logs in and calls, and has its answer."""
    server = MockServer()
    server.handle("Vote", 0)
    with server, socket.create_connection(server.address) as wire:
        buffer = FrameBuffer(2**20)
        wire.sendall(framed(build(LoginRequest(version=1, hash_scheme=1, password_hash=bytes(32), user=""))))
        _answers(wire, buffer, 1)
        wire.sendall(framed(build(_invocation(1))))
        _answers(wire, buffer, 1)


def measure_start() -> tuple[float, float]:
    """Seconds to the first answer of a process's first server, and of the import before; each the median."""
    figures = []
    for _ in range(REPEATS):
        words = [sys.executable, "-c", _FIRST_ANSWER]
        told = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        figures.append([float(word) for word in told.split()])
    started, imported = (statistics.median(column) for column in zip(*figures, strict=True))
    return started, imported


def main() -> int:
    """Measure and print; 1 where recorded answers are below the floor."""
    print(f"{'server':<20} {'calls/s of CPU':>15} {'us a call':>10}")
    _print("asyncio echo", measure_echo())
    figures = {name: measure_mock(name) for name in SERVERS}
    for name, figure in figures.items():
        _print(name, figure)
    started, imported = measure_start()
    print(f"first answer after {started * 1e3:.0f} ms, and {imported * 1e3:.0f} ms before for the import")
    missed = []
    if figures["recorded"] < FLOOR:
        missed.append(f"recorded, {FLOOR:,} calls a second")
    if started > SLOWEST_START_S:
        missed.append(f"first answer, {SLOWEST_START_S * 1e3:.0f} ms")
    for floor in missed:
        print(f"below floor: {floor}")
    return int(bool(missed))


def _print(name: str, figure: float) -> None:
    print(f"{name:<20} {figure:>15,.0f} {1e6 / figure:>10.1f}")


if __name__ == "__main__":
    sys.exit(main())
