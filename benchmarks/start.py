"""How soon there is something to see."""

from __future__ import annotations

from benchmarks import processes
from benchmarks.bench import Row, Scale, Spent, Work
from benchmarks.captures import capture_of
from benchmarks.figure import Unit

_CAPTURE_BYTES = 5_000_000
_RUNS = 5


def rows() -> list[Row]:
    """The rows of the table."""
    return [
        Row("start: --help against python -c pass", lambda scale: _help()),
        Row("start: first line of decode", _first_line),
    ]


def _help() -> Work:
    return Work(
        lambda: _mean([processes.run(processes.volttools("--help")) for _ in range(_RUNS)]),
        Unit.TIMES,
        "python -c pass",
        lambda: _mean([processes.run(processes.NOTHING) for _ in range(_RUNS)]),
        "import click",
        lambda: _mean([processes.run(processes.IMPORTS_CLICK) for _ in range(_RUNS)]),
    )


def _first_line(scale: Scale) -> Work:
    """Of a capture that is long enough for nobody to wait for its end."""
    words = processes.volttools("decode", str(capture_of(scale, _CAPTURE_BYTES)))
    return Work(
        lambda: processes.first_line(words),
        Unit.MILLISECONDS,
        "python -c pass",
        lambda: processes.run(processes.NOTHING),
    )


def _mean(spent: list[Spent]) -> Spent:
    return Spent(sum(s.cpu_s for s in spent) / len(spent), sum(s.wall_s for s in spent) / len(spent))
