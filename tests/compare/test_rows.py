from hypothesis import given
from hypothesis import strategies as st

from volttools.compare.cells import Cells
from volttools.compare.rows import align

EXACT = [Cells(0, 0), Cells(1, 1)]
NEAR = [Cells(0, 0), Cells(1, 1, tolerance=0.01)]
small = st.integers(0, 3)
rows = st.lists(st.tuples(small, small), max_size=6)


def test_a_changed_cell_is_one_difference_wherever_the_row_stands():
    found = align([(1, 1), (2, 2), (3, 3)], [(3, 3), (2, 9), (1, 1)], EXACT)
    assert found.different == [(1, 1, [1])]
    assert (found.only_a, found.only_b, found.is_in_order) == ([], [], False)


def test_a_row_more_shifts_nothing():
    found = align([(1, 1), (3, 3)], [(1, 1), (2, 2), (3, 3)], EXACT)
    assert (found.different, found.only_a, found.only_b, found.is_in_order) == ([], [], [1], True)


def test_rows_without_anything_in_common_are_one_less_and_one_more():
    found = align([(1, 1), (2, 2)], [(1, 1), (7, 8)], EXACT)
    assert (found.different, found.only_a, found.only_b) == ([], [1], [1])
    assert align([(2, 2)], [(7, 8)], EXACT).different == [(0, 0, [0, 1])]


def test_near_rows_are_the_same_in_any_order():
    a = [(1, 100.0), (1, 200.0), (2, 100.0)]
    b = [(2, 100.1), (1, 199.9), (1, 100.2)]
    assert align(a, b, NEAR).is_same
    assert align(a, [*b[:2], (1, 150.0)], NEAR).different == [(0, 2, [1])]


def test_near_rows_of_two_columns_are_found_where_sorting_crosses_them():
    columns = [Cells(0, 0, tolerance=0.01), Cells(1, 1, tolerance=0.01)]
    assert align([(100.0, 9.0), (100.1, 5.0)], [(100.1, 9.0), (100.0, 5.0)], columns).is_same


def test_many_rows_that_all_differ_take_no_long_search():
    count = 5_000
    found = align([(n, 0) for n in range(count)], [(n, 1) for n in range(count)], EXACT)
    assert len(found.different) == count


@given(rows, rows)
def test_every_row_is_told_once(a, b):
    found = align(a, b, EXACT)
    ones = [one for one, _ in found.same] + [one for one, _, _ in found.different] + found.only_a
    others = [other for _, other in found.same] + [other for _, other, _ in found.different] + found.only_b
    assert sorted(ones) == list(range(len(a)))
    assert sorted(others) == list(range(len(b)))
    assert all(a[one] == b[other] for one, other in found.same)
    assert found.is_same == (sorted(a) == sorted(b))


@given(rows)
def test_rows_equal_themselves_in_order(a):
    found = align(a, a, NEAR)
    assert found.is_same
    assert found.is_in_order


def test_a_row_less_among_equal_ones_is_no_other_order():
    x, y = (1, 1), (2, 2)
    found = align([x, y, x], [y, x], EXACT)
    assert (found.only_a, found.is_in_order) == ([0], True)
