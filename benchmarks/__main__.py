"""`make bench`: a table of ratios; exit status 1 where a floor is missed."""

from __future__ import annotations

import argparse
import itertools
import json
import sys

from benchmarks import client, codec, columns, filters, mock, original_client
from benchmarks.bench import Figure, measure


def main() -> int:
    """Measure, print, and compare with the floors."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    arguments.add_argument("--repeats", type=int, default=9, help="interleaved repeats a row")
    arguments.add_argument("--json", metavar="FILE", help="write the figures to a file too")
    arguments.add_argument(
        "--only", default="", help='rows whose name holds this text; the mock server\'s are "mock server"'
    )
    options = arguments.parse_args()
    print(f"{'work':<46} {'peer':<26} {'peer':>10} {'ours':>10} {'ratio':>7}  {'spread':<13} floor")
    figures = []
    for work in itertools.chain(
        codec.works(), columns.works(), filters.works(), client.works(), original_client.works()
    ):
        if options.only in work.name:
            figures.append(measure(work, repeats=options.repeats))
            print(_line(figures[-1]), flush=True)
    if options.json:
        with open(options.json, "w") as file:
            json.dump([_as_json(figure) for figure in figures], file, indent=1)
    missed = [figure for figure in figures if figure.is_below_floor]
    for figure in missed:
        print(f"below floor: {figure.work.name}")
    is_mock_missed = options.only in "mock server" and mock.main()
    return 1 if missed or is_mock_missed else 0


def _line(figure: Figure) -> str:
    work = figure.work
    spread = f"{figure.lowest:.1f} - {figure.highest:.1f}"
    floor = "" if work.floor is None else f"{work.floor:g}"
    return (
        f"{work.name:<46} {work.peer_name:<26} {_time(figure.peer_s):>10} {_time(figure.ours_s):>10} "
        f"{figure.ratio:>6.1f}x  {spread:<13} {floor}"
    )


def _time(seconds: float) -> str:
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.2f} us"


def _as_json(figure: Figure) -> dict[str, object]:
    return {
        "work": figure.work.name,
        "peer": figure.work.peer_name,
        "peer_s": figure.peer_s,
        "ours_s": figure.ours_s,
        "ratio": figure.ratio,
        "lowest": figure.lowest,
        "highest": figure.highest,
        "floor": figure.work.floor,
    }


if __name__ == "__main__":
    sys.exit(main())
