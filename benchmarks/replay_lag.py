"""How late a replay at the recorded times is: its own lag, beside a timer that does nothing else.

    python -m benchmarks.replay_lag              floor: 99 % of calls within 2 ms of their time
    chrt -f 10 python -m benchmarks.replay_lag   the same on a machine that does other things as well

10,000 calls on 8 connections, 3,750 a second at random intervals, as clients vote. The replayer and the mock server
are processes of their own. Before and after each run a bare timer waits for the same times: where it is late
itself, the machine has no room, and the run isn't judged. Rows: without and with a recording (`-o`).
"""

from __future__ import annotations

import json
import multiprocessing
import random
import select
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from volttools.mock import MockServer

CALLS, CONNECTIONS, RATE = 10_000, 8, 3_750
FLOOR_MS = 2.0
ROOM_MS = 0.5
"""With a bare timer that is later than this the machine has no room."""
BARE_CALLS = 2_000
REPEATS = 3


def due_times(count: int) -> Iterator[int]:
    """When calls are due, in ns."""
    rng, at_s = random.Random(7), 0.0
    for _ in range(count):
        yield round(at_s * 1e9)
        at_s += rng.expovariate(RATE)


def write_capture(path: Path) -> None:
    """A capture of calls at these times, as JSON lines."""
    with path.open("w") as file:
        for number, at_ns in enumerate(due_times(CALLS), 1):
            call = {
                "kind": "exchange",
                "number": number,
                "connection": number % CONNECTIONS + 1,
                "server": "10.0.0.2:21212",
                "procedure": "Vote",
                "params": [["BIGINT", number], ["INTEGER", 3], ["STRING", "NY"]],
                "request_frame": 2 * number,
                "response_frame": 2 * number + 1,
                "time_ns": 1_700_000_000 * 10**9 + at_ns,
                "latency_ns": 1_000_000,
                "response": {"status": 1, "tables": []},
            }
            file.write(json.dumps(call) + "\n")


def bare_lag_ms() -> float:
    """How late one call in a hundred is of a loop that only waits."""
    late = []
    start_ns = time.perf_counter_ns()
    for due_ns in due_times(BARE_CALLS):
        left_ns = start_ns + due_ns - time.perf_counter_ns()
        if left_ns > 0:
            select.select([], [], [], left_ns / 1e9)
        late.append((time.perf_counter_ns() - start_ns - due_ns) / 1e6)
    return statistics.quantiles(late, n=100)[98]


def _serve(pipe: Connection) -> None:
    server = MockServer()
    server.handle("Vote", lambda call: 1)
    with server:
        pipe.send(server.port)
        pipe.recv()


@contextmanager
def mock_server() -> Iterator[int]:
    """A mock server in a process of its own; gives its port."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(theirs,))
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join()


def replay_lag_ms(capture: Path, *more: str) -> dict[str, float]:
    """The lag of a replay."""
    with mock_server() as port:
        words = ["replay", str(capture), f"127.0.0.1:{port}", "--writes", "--json", *more]
        done = subprocess.run(
            [sys.executable, "-m", "volttools", *words], check=True, capture_output=True, text=True
        )
    report = json.loads(done.stdout)
    assert report["sent"] == report["answered"] == CALLS, report["failures"]
    return {name: report["lag"][f"{name}_ns"] / 1e6 for name in ("p50", "p99", "p99.9", "max")}


def main() -> int:
    """Measure and print; 1 where the floor is missed on a machine that had room."""
    print(
        f"{'replay at the recorded times':<30} {'bare p99':>10} {'p50':>8} {'p99':>8} {'p99.9':>8} {'max':>8}  ms"
    )
    is_missed = False
    with tempfile.TemporaryDirectory() as directory:
        capture = Path(directory, "votes.jsonl")
        write_capture(capture)
        recorded = ("-o", str(Path(directory, "out.pcapng")), "--overwrite")
        for name, more in (("", ()), ("with a recording", recorded)):
            judged = []
            for _ in range(REPEATS):
                bare = bare_lag_ms()
                lag = replay_lag_ms(capture, *more)
                bare = max(bare, bare_lag_ms())
                has_room = bare <= ROOM_MS
                figures = " ".join(f"{value:>8.2f}" for value in lag.values())
                print(f"  {name:<28} {bare:>10.2f} {figures}{'' if has_room else '  no room'}", flush=True)
                judged += [lag["p99"]] if has_room else []
            if not judged:
                print("  the machine had no room in any of the runs: not judged")
            elif statistics.median(judged) > FLOOR_MS:
                is_missed = True
                print(f"below floor: 99 % of calls within {FLOOR_MS:g} ms of their time")
    return int(is_missed)


if __name__ == "__main__":
    sys.exit(main())
