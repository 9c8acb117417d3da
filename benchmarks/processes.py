"""Processes that are measured from outside: servers, relays and commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection

from benchmarks.bench import Spent

# Commands begin as they do for users, who have compiled modules from the second time on.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def cpu_s(pid: int) -> float:
    """CPU seconds of a process so far, to the nanosecond: Linux has a clock for each process."""
    return time.clock_gettime((~pid << 3) | 2)


@dataclass(frozen=True)
class Server:
    """A process that serves on a port of loopback."""

    port: int
    pid: int

    def cpu_s(self) -> float:
        """What it has spent so far."""
        return cpu_s(self.pid)


@contextmanager
def module_server(module: str, *words: str) -> Iterator[Server]:
    """`python -m module words`, which prints its port, and serves till its input is closed."""
    with (
        tempfile.TemporaryDirectory(prefix="volttools-server-") as folder,
        subprocess.Popen(
            [sys.executable, "-m", module, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "TMPDIR": folder},  # what it leaves behind
        ) as process,
    ):
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield Server(int(process.stdout.readline()), process.pid)
        finally:
            process.stdin.close()


@contextmanager
def forked_server(serve: Callable[[int, Connection], None], to: int = 0) -> Iterator[Server]:
    """A process that runs `serve(to, pipe)`, which sends its port, and is killed in the end."""
    context = get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(to, theirs), daemon=True)
    process.start()
    assert process.pid is not None
    try:
        yield Server(ours.recv(), process.pid)
    finally:
        process.kill()
        process.join()


# Starts a command for us: what a process had in memory before it became another program counts as its peak,
# so the one that starts it must be small.
_STARTER = """
import json, resource, subprocess, sys, time
began = time.perf_counter()
status = subprocess.call(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
wall_s = time.perf_counter() - began
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([status, usage.ru_utime + usage.ru_stime, wall_s, usage.ru_maxrss * 1024]))
"""


def run(words: Sequence[str], *, statuses: Sequence[int] = (0,)) -> Spent:
    """Run a command, its output unseen: its CPU time, time on the clock, and the most memory it had."""
    starter = [sys.executable, "-c", _STARTER, *words]
    told = subprocess.run(
        starter, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=_ENVIRONMENT
    ).stdout
    status, cpu_s, wall_s, peak_bytes = json.loads(told)
    if status not in statuses:
        raise RuntimeError(f"{' '.join(words)}: exit status {status}")
    return Spent(cpu_s, wall_s, peak_bytes)


def first_line(words: Sequence[str]) -> Spent:
    """How long a command takes to its first line of output; it is ended then."""
    began = time.perf_counter()
    with subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=_ENVIRONMENT
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        wall_s, spent = time.perf_counter() - began, cpu_s(process.pid)
        process.kill()
    assert line, "no output"
    return Spent(spent, wall_s)


def volttools(*arguments: str) -> list[str]:
    """The command as its script runs it."""
    return [
        sys.executable,
        "-c",
        "import sys; from volttools.__main__ import main; sys.exit(main())",
        *arguments,
    ]


NOTHING = [sys.executable, "-c", "pass"]
IMPORTS_CLICK = [sys.executable, "-c", "import click"]
