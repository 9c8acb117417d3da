"""What the mock server answers, beside an asyncio server that knows one answer.

Each server is a process of its own. The client sends calls that were framed before, hundreds at a time, and
counts answers; what is measured is the server's CPU time for each call. Calls are of three parameters, as
recorded: 1,000 different ones, each answered by one row of three columns. Rows:

    recorded answers    `MockServer(recording=...)`
    recorded, matched   the same with rules: a parameter ignored, SQL normalised, tolerances
    handler             a function with typed parameters
    stub                an answer by parameters

Then how long a server takes from nothing to its first answer to a client in the same process, after the import
of `volttools.mock`.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from multiprocessing.connection import Connection

from benchmarks.bench import Row, Spent, Work
from benchmarks.client import ECHO
from benchmarks.figure import Unit
from benchmarks.processes import Server, forked_server, module_server
from benchmarks.wire import Wire
from volttools.codec import build, parse
from volttools.formats.invocation import Invocation
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response, ResponseHead
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, FLOAT, INTEGER, STRING
from volttools.mock import ANY, Match, MockServer
from volttools.mock.recorded import Recording
from volttools.protocol.frame_buffer import framed

CALLS = 10_000
IN_FLIGHT = 400
DIFFERENT = 1_000


def rows() -> list[Row]:
    """The rows of the table."""
    return [
        Row("mock: recorded answers", lambda scale: _row(_recorded)),
        Row("mock: recorded, matched", lambda scale: _row(_matched)),
        Row("mock: handler", lambda scale: _row(_handler)),
        Row("mock: stub", lambda scale: _row(_stub)),
        Row("mock: first answer of a server", lambda scale: Work(_start, Unit.MILLISECONDS)),
    ]


def _invocation(number: int) -> Invocation:
    parameters = [
        Parameter.of(BIGINT, number),
        Parameter.of(INTEGER, 3),
        Parameter.of(STRING, "NY"),
    ]
    return Invocation(procedure="Vote", client_handle=number, parameters=parameters)


def _recording(match: Match | None = None) -> Recording:
    found = Recording(match=match)
    for number in range(DIFFERENT):
        table = Table.of([("ID", BIGINT), ("N", INTEGER), ("SCORE", FLOAT)], [(number, 2, 3.5)])
        head = parse(ResponseHead, build(Response(client_handle=number, tables=[table])))
        found.add(_invocation(number), head)
    return found


def _recorded() -> MockServer:
    return MockServer(recording=_recording())


def _matched() -> MockServer:
    match = Match(ignore={"Vote": [1]}, float_tolerance=1e-6, normalize_sql=True)
    return MockServer(recording=_recording(match))


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


@contextmanager
def _row(make: Callable[[], MockServer]) -> Iterator[Work]:
    def serve(_: int, pipe: Connection) -> None:
        with make() as server:
            pipe.send(server.port)
            pipe.recv()

    with (
        forked_server(serve) as mock,
        module_server(ECHO) as echo,
        closing(Wire(mock.port)) as to_mock,
        closing(Wire(echo.port)) as to_echo,
    ):
        ours, limit = _sample(mock, to_mock), _sample(echo, to_echo)
        yield Work(
            ours, Unit.CALLS, limit_name="bare asyncio echo", limit=limit, warm=lambda: (ours(), limit())
        )


def _sample(server: Server, wire: Wire) -> Callable[[], Spent]:
    frames = [framed(build(_invocation(number))) for number in range(DIFFERENT)]
    batches = [b"".join((frames + frames)[at : at + IN_FLIGHT]) for at in range(0, DIFFERENT, IN_FLIGHT)]

    def sample() -> Spent:
        wall, cpu = time.perf_counter(), server.cpu_s()
        for number in range(CALLS // IN_FLIGHT):
            wire.send(batches[number % len(batches)])
            wire.await_answers(IN_FLIGHT)
        return Spent((server.cpu_s() - cpu) / CALLS, (time.perf_counter() - wall) / CALLS)

    return sample


_FIRST_ANSWER = """
import time
import volttools.mock
from benchmarks.mock import first_answer
wall, cpu = time.perf_counter(), time.process_time()
first_answer()
print(time.process_time() - cpu, time.perf_counter() - wall)
"""


def _start() -> Spent:
    words = [sys.executable, "-c", _FIRST_ANSWER]
    told = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    cpu_s, wall_s = map(float, told.split())
    return Spent(cpu_s, wall_s)


def first_answer() -> None:
    """A server starts, a client logs in and calls, and has its answer."""
    server = MockServer()
    server.handle("Vote", 0)
    with server:
        wire = Wire(server.port)
        wire.send(framed(build(_invocation(1))))
        wire.await_answers(1)
        wire.close()
