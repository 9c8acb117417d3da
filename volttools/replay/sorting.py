"""Rows of numbers, sorted and kept in files: so that memory doesn't grow with them.

Numbers are from 0 up to 64 bits; rows are compared number by number.
"""

from __future__ import annotations

import heapq
import itertools
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from typing import IO, Final

MOST_ROWS: Final = 2**14
"""So many rows are sorted in memory at a time."""
ROWS_AT_ONCE: Final = 2**10
"""So many are written, and read from each file, at a time."""
MOST: Final = 2**64 - 1
"""The greatest number."""

Row = tuple[int, ...]


class Rows:
    """Rows of so many numbers in a temporary file, which can be read as often as wanted, also by several at a time."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def extend(self, rows: Iterable[Row]) -> None:
        """Add rows; while they are taken, others may be read."""
        rows = iter(rows)
        while some := list(itertools.islice(rows, ROWS_AT_ONCE)):
            self._file.seek(0, 2)
            self._file.write(array("Q", itertools.chain.from_iterable(some)).tobytes())
            self._count += len(some)

    def between(self, start: int, end: int) -> Iterator[Row]:
        """The rows from one place to another."""
        for first in range(start, end, ROWS_AT_ONCE):
            yield from self._read(first, min(ROWS_AT_ONCE, end - first))

    def __iter__(self) -> Iterator[Row]:
        return self.between(0, self._count)

    def __getitem__(self, index: int) -> Row:
        return next(iter(self._read(range(self._count)[index], 1)))

    def close(self) -> None:
        """Delete the file."""
        self._file.close()

    def _read(self, first: int, count: int) -> Iterable[Row]:
        numbers = array("Q")
        self._file.seek(first * self._width * numbers.itemsize)
        numbers.frombytes(self._file.read(count * self._width * numbers.itemsize))
        return zip(*[iter(numbers)] * self._width, strict=True)


class Sorter:
    """Takes rows in any order, and gives them sorted, once."""

    def __init__(self, width: int) -> None:
        self._rows: list[Row] = []
        self._runs = Rows(width)
        self._ends: list[int] = [0]

    def add(self, row: Row) -> None:
        """Add a row."""
        self._rows.append(row)
        if len(self._rows) >= MOST_ROWS:
            self._rows.sort()
            self._runs.extend(self._rows)
            self._ends.append(len(self._runs))
            self._rows.clear()

    def sorted(self) -> Iterator[Row]:
        """The rows in their order."""
        self._rows.sort()
        runs = [self._runs.between(start, end) for start, end in itertools.pairwise(self._ends)]
        return heapq.merge(*runs, self._rows)

    def close(self) -> None:
        """Delete what was kept."""
        self._rows.clear()
        self._runs.close()
