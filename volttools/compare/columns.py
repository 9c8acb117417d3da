"""Which column of A is which of B: by name, also where they stand elsewhere; by place where one was renamed."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from volttools.formats.table import Column


@dataclass(slots=True)
class ColumnPairs:
    """Columns by their index in each table; `paired` in the order of A."""

    paired: list[tuple[int, int]] = field(default_factory=list)
    only_a: list[int] = field(default_factory=list)
    only_b: list[int] = field(default_factory=list)
    is_moved: bool = False


def pair_columns(columns_a: Sequence[Column], columns_b: Sequence[Column]) -> ColumnPairs:
    """Pair columns of one name, the n-th with the n-th; then those at the same place, if their types agree."""
    found = ColumnPairs()
    by_name: defaultdict[str, deque[int]] = defaultdict(deque)
    for index, column in enumerate(columns_b):
        by_name[column.name].append(index)
    left_a = []
    for index, column in enumerate(columns_a):
        if by_name[column.name]:
            found.paired.append((index, by_name[column.name].popleft()))
        else:
            left_a.append(index)
    left_b = {index for indices in by_name.values() for index in indices}
    places = [b for _, b in found.paired]
    found.is_moved = places != sorted(places)
    is_same_size = len(columns_a) == len(columns_b)
    for index in left_a:
        if index in left_b and (is_same_size or columns_a[index].type == columns_b[index].type):
            found.paired.append((index, index))
            left_b.remove(index)
        else:
            found.only_a.append(index)
    found.only_b = sorted(left_b)
    found.paired.sort()
    return found
