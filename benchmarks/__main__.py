"""`make bench`, `make bench-full`: one table; exit status 1 where a floor is missed."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks import results, table
from benchmarks.bench import Row, Scale
from benchmarks.figure import Figure

QUICK_REPEATS = 5
FULL_REPEATS = 9
AGAIN = 3


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print, and compare with the floors."""
    options = _parser().parse_args(words)
    chosen = choose(all_rows(), options.row, is_full=options.full)
    if options.list:
        print("\n".join(row.name for row in chosen))
        return 0
    if not chosen:
        print(
            f"no row has {' or '.join(map(repr, options.row))} in its name; --list has them", file=sys.stderr
        )
        return 2
    began = time.perf_counter()
    print(table.heads(), flush=True)
    with _folder() as folder:
        repeats = options.repeats or (FULL_REPEATS if options.full else QUICK_REPEATS)
        scale = Scale(repeats, options.full, folder)
        figures = [_measured(row, scale) for row in chosen]
        missed = [index for index, figure in enumerate(figures) if table.is_below_floor(figure)]
        if missed:
            print(f"again, {AGAIN} times as often, what is below its floor: it may have been the machine")
        for index in missed:
            figures[index] = _measured(chosen[index], replace(scale, repeats=AGAIN * repeats))
    print(f"{len(figures)} rows in {time.perf_counter() - began:.0f} s")
    if options.json:
        results.save(options.json, figures, is_full=options.full)
    return told(figures)


def _measured(row: Row, scale: Scale) -> Figure:
    """Measure a row, and print it."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{row.name} ...", end="\r", file=sys.stderr, flush=True)
    figure = row.measure(scale)
    print(table.line(figure), flush=True)
    return figure


@contextmanager
def _folder() -> Iterator[Path]:
    """For all files, also those that servers leave behind because they are killed."""
    with tempfile.TemporaryDirectory(prefix="volttools-bench-") as folder:
        tempfile.tempdir = folder
        try:
            yield Path(folder)
        finally:
            tempfile.tempdir = None


def told(figures: Sequence[Figure]) -> int:
    """Say which floors were missed; the exit status."""
    missed = [figure.name for figure in figures if table.is_below_floor(figure)]
    for name in missed:
        print(f"below floor: {name}")
    return int(bool(missed))


def all_rows() -> list[Row]:
    """Every row, in the order of the table."""
    from benchmarks import (
        captures,
        client,
        codec,
        columns,
        filters,
        mock,
        original_client,
        proxy,
        replay,
        scan,
        start,
    )

    modules = (codec, columns, client, original_client, scan, captures, filters, mock, proxy, replay, start)
    return [row for module in modules for row in module.rows()]


def choose(rows: Sequence[Row], names: Sequence[str], *, is_full: bool) -> list[Row]:
    """Rows with one of the texts in their name; all without any. One that is asked for by its whole name comes
    also if it is of the full bench only."""
    return [
        row
        for row in rows
        if (is_full or not row.is_full_only or row.name in names)
        and (not names or any(name in row.name for name in names))
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("row", nargs="*", metavar="ROW", help="only rows with this text in their name")
    parser.add_argument("--full", action="store_true", help="all rows, with captures of 1 GB")
    parser.add_argument("--repeats", type=int, metavar="N", help="interleaved repeats of a row")
    parser.add_argument("--json", metavar="FILE", help="write the results to a file, too")
    parser.add_argument("--list", action="store_true", help="only name the rows")
    return parser


if __name__ == "__main__":
    sys.exit(main())
