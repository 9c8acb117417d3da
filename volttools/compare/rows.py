"""Which row of A is which of B.

1. rows that are equal: from the first on, from the last back, and of the others the n-th with the n-th
2. rows that differ only in cells which may be apart: FLOAT, TIMESTAMP
3. rows that have the most cells in common: their other cells differ
4. what is left is in one of them only

So one row more, or one value changed, is one difference, in whatever order the rows came.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from volttools.compare.cells import Cells

MOST_TRIED = 2_500
"""So many pairs of rows are tried for the most cells in common; of more rows the n-th goes with the n-th."""

_Row = Sequence[Any]
_Rows = Sequence[_Row]


@dataclass(slots=True)
class Alignment:
    """What became of the rows of two tables; rows are told by their index in each.

    same       pairs of rows that are the same
    different  pairs of rows, and the indices of `columns` in which they differ
    only_a, only_b   rows without a partner
    """

    same: list[tuple[int, int]] = field(default_factory=list)
    different: list[tuple[int, int, list[int]]] = field(default_factory=list)
    only_a: list[int] = field(default_factory=list)
    only_b: list[int] = field(default_factory=list)

    @property
    def is_same(self) -> bool:
        """Whether every row has its equal."""
        return not (self.different or self.only_a or self.only_b)

    @property
    def is_in_order(self) -> bool:
        """Whether the rows that are the same come in the same order."""
        others = [b for _, b in sorted(self.same)]
        return all(one < other for one, other in pairwise(others))


def align(rows_a: _Rows, rows_b: _Rows, columns: Sequence[Cells]) -> Alignment:
    """Find the partner of each row, by the columns that are compared."""
    found = Alignment()
    keys_a = [_key(row, [(cells.a, cells) for cells in columns]) for row in rows_a]
    keys_b = [_key(row, [(cells.b, cells) for cells in columns]) for row in rows_b]
    first, last = _common(keys_a, keys_b)
    found.same += ((index, index) for index in range(first))
    found.same += ((len(keys_a) - back, len(keys_b) - back) for back in range(1, last + 1))
    by_key: defaultdict[Hashable, list[int]] = defaultdict(list)
    for index in range(len(rows_b) - last - 1, first - 1, -1):
        by_key[keys_b[index]].append(index)
    left_a = []
    for index in range(first, len(rows_a) - last):
        equals = by_key.get(keys_a[index])
        if equals:
            found.same.append((index, equals.pop()))
        else:
            left_a.append(index)
    left_b = sorted(index for indices in by_key.values() for index in indices)
    if left_a and left_b and any(cells.is_inexact for cells in columns):
        left_a, left_b = _near(rows_a, rows_b, columns, left_a, left_b, found)
    if left_a and left_b:
        left_a, left_b = _alike(rows_a, rows_b, columns, left_a, left_b, found)
    found.only_a, found.only_b = left_a, left_b
    return found


def _common(ones: Sequence[Hashable], others: Sequence[Hashable]) -> tuple[int, int]:
    """How many are equal from the first on, and of the rest from the last back."""
    most = min(len(ones), len(others))
    first = last = 0
    while first < most and ones[first] == others[first]:
        first += 1
    while last < most - first and ones[-1 - last] == others[-1 - last]:
        last += 1
    return first, last


def _key(row: _Row, cells: Sequence[tuple[int, Cells]]) -> Hashable:
    return tuple(row[at] if one.key is None else one.key(row[at]) for at, one in cells)


def _near(
    rows_a: _Rows,
    rows_b: _Rows,
    columns: Sequence[Cells],
    left_a: list[int],
    left_b: list[int],
    found: Alignment,
) -> tuple[list[int], list[int]]:
    """Pair rows whose other cells are equal, in the order of those that may be apart."""
    exact = [cells for cells in columns if not cells.is_inexact]
    inexact = [cells for cells in columns if cells.is_inexact]
    buckets: defaultdict[Hashable, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for index in left_a:
        row = rows_a[index]
        nulls = tuple(row[cells.a] is None for cells in inexact)
        buckets[(_key(row, [(cells.a, cells) for cells in exact]), nulls)][0].append(index)
    for index in left_b:
        row = rows_b[index]
        nulls = tuple(row[cells.b] is None for cells in inexact)
        buckets[(_key(row, [(cells.b, cells) for cells in exact]), nulls)][1].append(index)
    rest_a: list[int] = []
    rest_b: list[int] = []
    for ones, others in buckets.values():
        ones.sort(key=lambda index: _rank(rows_a[index][cells.a] for cells in inexact))
        others.sort(key=lambda index: _rank(rows_b[index][cells.b] for cells in inexact))
        while ones and others:
            row, other = rows_a[ones[-1]], rows_b[others[-1]]
            pairs = [(row[cells.a], other[cells.b], cells) for cells in inexact]
            if all(cells.are_near(one, another) for one, another, cells in pairs):
                found.same.append((ones.pop(), others.pop()))
            elif _rank(one for one, _, _ in pairs) > _rank(another for _, another, _ in pairs):
                rest_a.append(ones.pop())
            else:
                rest_b.append(others.pop())
        rest_a += ones
        rest_b += others
    return sorted(rest_a), sorted(rest_b)


def _rank(values: Any) -> tuple[float, ...]:
    """Sorts numbers; NaN behind all."""
    return tuple(
        0.0 if value is None else math.inf if isinstance(value, float) and math.isnan(value) else value
        for value in values
    )


def _alike(
    rows_a: _Rows,
    rows_b: _Rows,
    columns: Sequence[Cells],
    left_a: list[int],
    left_b: list[int],
    found: Alignment,
) -> tuple[list[int], list[int]]:
    """Pair rows that have the most cells in common, and say in which they differ."""
    if len(left_a) * len(left_b) > MOST_TRIED:
        pairs = list(zip(left_a, left_b, strict=False))
    else:
        pairs = _most_alike(rows_a, rows_b, columns, left_a, left_b)
    for one, other in pairs:
        differing = _differing(rows_a[one], rows_b[other], columns)
        if differing:
            found.different.append((one, other, differing))
        else:
            found.same.append((one, other))  # near in a way that sorting did not find
    taken_a, taken_b = {one for one, _ in pairs}, {other for _, other in pairs}
    return [i for i in left_a if i not in taken_a], [i for i in left_b if i not in taken_b]


def _most_alike(
    rows_a: _Rows, rows_b: _Rows, columns: Sequence[Cells], left_a: list[int], left_b: list[int]
) -> list[tuple[int, int]]:
    is_only_one = len(rows_a) == len(rows_b) == 1 or len(columns) == 1
    tried = []
    for one in left_a:
        for other in left_b:
            alike = len(columns) - len(_differing(rows_a[one], rows_b[other], columns))
            if alike or is_only_one:
                tried.append((-alike, abs(one - other), min(one, other), one, other))
    pairs: list[tuple[int, int]] = []
    taken_a: set[int] = set()
    taken_b: set[int] = set()
    for *_, one, other in sorted(tried):
        if one not in taken_a and other not in taken_b:
            pairs.append((one, other))
            taken_a.add(one)
            taken_b.add(other)
    return pairs


def _differing(row_a: _Row, row_b: _Row, columns: Sequence[Cells]) -> list[int]:
    return [index for index, cells in enumerate(columns) if not _same(row_a[cells.a], row_b[cells.b], cells)]


def _same(one: Any, other: Any, cells: Cells) -> bool:
    if cells.is_inexact:
        return cells.are_near(one, other)
    return bool(one == other if cells.key is None else cells.key(one) == cells.key(other))
