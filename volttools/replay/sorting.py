"""Rows of numbers, sorted and kept in files: so that memory doesn't grow with them.

Rows are packed with big-endian unsigned numbers, so that their bytes come in the order of their numbers.
"""

from __future__ import annotations

import heapq
import struct
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any, Final

MOST_ROWS: Final = 2**15
"""So many rows are sorted in memory at a time."""
ROWS_AT_ONCE: Final = 2**10
"""So many are read from each file at a time."""


class Rows:
    """Rows in a temporary file, which can be read as often as wanted, also by several at a time."""

    def __init__(self, layout: struct.Struct) -> None:
        self._layout = layout
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def extend(self, rows: Iterable[bytes]) -> None:
        """Add rows."""
        self._file.seek(0, 2)
        for row in rows:
            self._file.write(row)
            self._count += 1

    def packed(self, start: int, end: int) -> Iterator[bytes]:
        """The rows from one place to another, as bytes."""
        width = self._layout.size
        for first in range(start, end, ROWS_AT_ONCE):
            data = self._read(first, min(ROWS_AT_ONCE, end - first))
            yield from (data[at : at + width] for at in range(0, len(data), width))

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for first in range(0, self._count, ROWS_AT_ONCE):
            yield from self._layout.iter_unpack(self._read(first, min(ROWS_AT_ONCE, self._count - first)))

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        place = range(self._count)[index]
        return self._layout.unpack(self._read(place, 1))

    def close(self) -> None:
        """Delete the file."""
        self._file.close()

    def _read(self, first: int, count: int) -> bytes:
        self._file.seek(first * self._layout.size)
        return self._file.read(count * self._layout.size)


class Sorter:
    """Takes rows in any order, and gives them sorted, once."""

    def __init__(self, layout: struct.Struct) -> None:
        self._rows: list[bytes] = []
        self._runs = Rows(layout)
        self._ends: list[int] = [0]

    def add(self, row: bytes) -> None:
        """Add a row."""
        self._rows.append(row)
        if len(self._rows) >= MOST_ROWS:
            self._rows.sort()
            self._runs.extend(self._rows)
            self._ends.append(len(self._runs))
            self._rows.clear()

    def sorted(self) -> Iterator[bytes]:
        """The rows in their order."""
        self._rows.sort()
        runs = [self._runs.packed(start, end) for start, end in zip(self._ends, self._ends[1:], strict=False)]
        return heapq.merge(*runs, self._rows)

    def close(self) -> None:
        """Delete what was kept."""
        self._rows.clear()
        self._runs.close()
