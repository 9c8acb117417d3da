"""Captures of more bytes, and of more connections, each read by a process of its own."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks import processes
from benchmarks.growth.curves import Measured, Plot, time_and_memory
from benchmarks.traffic import write_capture

SIZES = (10**6, 3 * 10**6, 10**7, 3 * 10**7, 10**8, 10**9, 4 * 10**9)
EXCHANGES, LINES, STATS = "capture to exchanges", "decode, all lines", "stats"
COMPARE, PEER = "compare, with itself", "dpkt and VoltResponse"
MOST = {LINES: 10**8, COMPARE: 10**8, PEER: 3 * 10**7}
"""Bytes beyond which something isn't measured: it would take minutes, and tell nothing new."""

_CALLS = 50_000

_EXCHANGES = """
import sys, volttools
capture = volttools.open(sys.argv[1])
for _ in capture.events():
    pass
assert capture.summary.exchanges
"""
_PEER = """
import sys
from pathlib import Path
from benchmarks.captures import responses_by_dpkt
assert responses_by_dpkt(Path(sys.argv[1]))
"""


def captures(most: int) -> Plot:
    """CPU time of a megabyte, and memory at most, of captures up to so many bytes."""
    found: dict[str, list[Measured]] = {}
    with tempfile.TemporaryDirectory(prefix="volttools-growth-") as folder:
        path = Path(folder) / "growing.pcapng"
        for size in SIZES:
            if size <= most:
                write_capture(path, size=size)
                for name, words in _commands(path, size).items():
                    spent = processes.run(words)
                    measured = Measured(size, spent.cpu_s / size * 1e6, spent.peak_bytes)
                    found.setdefault(name, []).append(measured)
    return time_and_memory(
        "captures", "bytes of a capture", "CPU time of a megabyte", found, beside={PEER: EXCHANGES}, unit="B"
    )


def of_connections(count: int, calls: int = _CALLS) -> Measured:
    """A capture of calls that were made by so many connections."""
    with tempfile.TemporaryDirectory(prefix="volttools-growth-") as folder:
        path = Path(folder) / "connections.pcapng"
        made = write_capture(path, count=calls, connections=count)
        spent = processes.run(_to_exchanges(path))
    return Measured(count, spent.cpu_s / made, spent.peak_bytes)


def of_bytes(size: int) -> float:
    """CPU seconds for one capture, with the start of the process."""
    with tempfile.TemporaryDirectory(prefix="volttools-growth-") as folder:
        path = Path(folder) / "one.pcapng"
        write_capture(path, size=size)
        return processes.run(_to_exchanges(path)).cpu_s


def _commands(path: Path, size: int) -> dict[str, list[str]]:
    found = {
        EXCHANGES: _to_exchanges(path),
        LINES: processes.volttools("decode", str(path)),
        STATS: processes.volttools("stats", str(path)),
        COMPARE: processes.volttools("compare", str(path), str(path)),
        PEER: [sys.executable, "-c", _PEER, str(path)],
    }
    return {name: words for name, words in found.items() if size <= MOST.get(name, size)}


def _to_exchanges(path: Path) -> list[str]:
    """What every command begins with: packets, streams, frames, pairs."""
    return [sys.executable, "-c", _EXCHANGES, str(path)]
