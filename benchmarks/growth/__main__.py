"""Measure how the cost grows with the size of what is done; print it, and keep it in a file."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.growth import curves, files, report, sockets, tables
from benchmarks.growth.curves import Plot

NAMES = ("rows", "columns", "connections", "in-flight", "captures")


def main(words: Sequence[str] | None = None) -> int:
    """Do so; exit status 1 where a cost grows faster than the work."""
    options = _parser().parse_args(words)
    measured = []
    for name in options.plot or NAMES:
        began = time.perf_counter()
        print(f"{name} ...", end="", file=sys.stderr, flush=True)
        measured.append(measures(options.most * 1_000_000)[name]())
        print(f" {time.perf_counter() - began:.0f} s", file=sys.stderr)
        if options.json:
            curves.save(Path(options.json), measured)
    print(report.text(measured), end="")
    return int(report.is_worse_than_linear(measured))


def measures(most_bytes: int) -> dict[str, Callable[[], Plot]]:
    """What measures each plot; captures have at most so many bytes."""
    found = (
        tables.rows,
        tables.columns,
        sockets.connections,
        sockets.in_flight,
        lambda: files.captures(most_bytes),
    )
    return dict(zip(NAMES, found, strict=True))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument(
        "plot", nargs="*", choices=(*NAMES, []), metavar="PLOT", help=f"only some of {', '.join(NAMES)}"
    )
    parser.add_argument(
        "--json", metavar="FILE", help="keep it there; plots that aren't measured stay as they were"
    )
    parser.add_argument("--most", type=int, metavar="MB", default=1_000, help="of a capture; 1000")
    return parser


if __name__ == "__main__":
    sys.exit(main())
