"""Replays as fast as possible, of one process; and Locust with the official client, which makes as many calls as it can.

What counts is the replayer's CPU time; the server is a process of its own. Reading the capture beforehand and
asking for the catalog are not measured.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import volttools
from benchmarks import replay_lag
from benchmarks.bench import Row, Scale, Spent, Work
from benchmarks.client import ECHO
from benchmarks.figure import Unit
from benchmarks.processes import Server, module_server
from benchmarks.traffic import write_capture
from volttools.client.connection_settings import ConnectionSettings
from volttools.replay.replaying import Wishes, prepare
from volttools.replay.safety import Nature
from volttools.replay.schedule import AsFastAsPossible, Schedule

CALLS = 20_000
LOCUST_FILE = "benchmarks/locustfile.py"


def rows() -> list[Row]:
    """The rows of the table."""
    return [
        Row("replay: as fast as possible", _replay),
        Row("replay: as fast as possible, recorded", lambda scale: _replay(scale, records=True)),
        Row("replay: own lag, p99 of 3,750 calls/s", _lag, most_repeats=3),
        Row("replay: beside Locust", _beside_locust, is_full_only=True, most_repeats=3),
    ]


@contextmanager
def _replay(scale: Scale, *, records: bool = False) -> Iterator[Work]:
    with module_server(ECHO) as server:
        yield Work(_sample(scale, server, records=records), Unit.CALLS, server_cpu_s=server.cpu_s)


def _lag(scale: Scale) -> Work:
    """How late calls leave at their recorded times; the limit is a timer that does nothing else."""
    capture = scale.folder / "votes.jsonl"

    def ours() -> Spent:
        if not capture.exists():
            replay_lag.write_capture(capture)
        return Spent(0.0, replay_lag.replay_lag_ms(capture)["p99"] / 1e3)

    return Work(
        ours,
        Unit.MICROSECONDS,
        limit_name="bare timer",
        limit=lambda: Spent(0.0, replay_lag.bare_lag_ms() / 1e3),
    )


@contextmanager
def _beside_locust(scale: Scale) -> Iterator[Work]:
    if importlib.util.find_spec("locust") is None:
        raise SystemExit("replay: beside Locust: that takes the extra locust: pip install '.[bench]'")
    with module_server(ECHO) as server:
        yield Work(
            _sample(scale, server, records=False),
            Unit.RATIO,
            "Locust, FastSerializer",
            lambda: _locust(server),
            server_cpu_s=server.cpu_s,
        )


def _sample(scale: Scale, server: Server, *, records: bool) -> Callable[[], Spent]:
    path = scale.folder / f"{CALLS}-calls.pcapng"
    if not path.exists():
        write_capture(path, count=CALLS)
    output = str(scale.folder / "replayed.pcapng") if records else None

    def sample() -> Spent:
        wishes = Wishes(
            schedule=Schedule(pace=AsFastAsPossible()),
            allowed=set(Nature),
            output=output,
            overwrite=True,
        )
        settings = ConnectionSettings.of(f"127.0.0.1:{server.port}")
        with prepare(volttools.open(path), settings, wishes) as prepared:
            gc.collect()
            gc.freeze()
            wall, cpu = time.perf_counter(), time.process_time()
            report = prepared.run()
            spent = Spent((time.process_time() - cpu) / CALLS, (time.perf_counter() - wall) / CALLS)
        assert report.measures.sent == CALLS, f"{report.measures.sent} calls were sent"
        return spent

    return sample


def _locust(server: Server) -> Spent:
    """Some seconds of Locust; what it says is in `locustfile`."""
    words = [sys.executable, "-m", "locust", "-f", LOCUST_FILE, "--headless", "--only-summary"]
    words += ["--users", "8", "--spawn-rate", "8", "--run-time", "4s", "--host", f"127.0.0.1:{server.port}"]
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    told = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not told:
        raise RuntimeError(f"Locust told nothing: {done.stderr[-500:]}")
    found = json.loads(told[-1])
    return Spent(found["cpu_s"] / found["calls"], found["wall_s"] / found["calls"])
