"""Rows that are kept in files."""

import random
import tracemalloc
from contextlib import closing

import pytest

from volttools.replay import sorting
from volttools.replay.sorting import Rows, Sorter


def filled(sorter, count, seed=1):
    """Adds rows in no order; gives them."""
    rng = random.Random(seed)
    rows = [(rng.randrange(2**64), index) for index in range(count)]
    for row in rows:
        sorter.add(row)
    return rows


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 1_000, 1_234])
def test_rows_come_in_order_however_many_there_are(monkeypatch, count):
    monkeypatch.setattr(sorting, "MOST_ROWS", 100)
    monkeypatch.setattr(sorting, "ROWS_AT_ONCE", 7)
    with closing(Sorter(2)) as sorter:
        rows = filled(sorter, count)
        found = list(sorter.sorted())
    assert found == sorted(rows)


def test_rows_are_read_as_often_as_wanted_and_by_several(monkeypatch):
    monkeypatch.setattr(sorting, "ROWS_AT_ONCE", 3)
    with closing(Rows(2)) as rows:
        rows.extend((n, n * n) for n in range(10))
        pairs = list(zip(rows, rows, strict=True))
        assert pairs == [((n, n * n), (n, n * n)) for n in range(10)]
        assert (len(rows), rows[0], rows[-1]) == (10, (0, 0), (9, 81))
        with pytest.raises(IndexError):
            rows[10]


def peak(count):
    """Bytes that sorting takes at most."""
    tracemalloc.start()
    with closing(Sorter(2)) as sorter:
        for n in range(count):
            sorter.add(((n * 7919) % count, n))
        assert sum(1 for _ in sorter.sorted()) == count
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def test_memory_does_not_grow_with_the_rows(monkeypatch):
    monkeypatch.setattr(sorting, "MOST_ROWS", 1_000)
    monkeypatch.setattr(sorting, "ROWS_AT_ONCE", 50)
    few, many = peak(2_000), peak(20_000)
    assert many < 1.8 * few, f"{few:,} bytes for 2,000 rows, {many:,} for 20,000"
