import math
import re
from decimal import Decimal

import pytest

from volttools.compare.cells import Cells, cells_of
from volttools.formats.geography import Geography, Point
from volttools.formats.types import (
    BIGINT,
    DECIMAL,
    FLOAT,
    GEOGRAPHY,
    GEOGRAPHY_POINT,
    INTEGER,
    STRING,
    TIMESTAMP,
    VARBINARY,
)


def same(kind_a, kind_b, a, b, *, tolerance=1e-9, within_us=0, patterns=()):
    cells = cells_of(
        (0, 0), (kind_a.code, kind_b.code), tolerance=tolerance, within_us=within_us, patterns=patterns
    )
    if cells is None:
        return None
    if cells.is_inexact:
        return cells.are_near(a, b)
    return a == b if cells.key is None else cells.key(a) == cells.key(b)


@pytest.mark.parametrize(
    ("kinds", "a", "b", "expected"),
    [
        ((BIGINT, BIGINT), 1, 1, True),
        ((INTEGER, BIGINT), 1, 1, True),
        ((INTEGER, BIGINT), 1, 2, False),
        ((DECIMAL, DECIMAL), Decimal("1.000000000000"), Decimal("1.000000000001"), False),
        ((DECIMAL, BIGINT), Decimal("1.000000000000"), 1, True),
        ((FLOAT, FLOAT), 0.1 + 0.2, 0.3, True),
        ((FLOAT, FLOAT), 0.1, 0.1000001, False),
        ((FLOAT, FLOAT), math.nan, math.nan, True),
        ((FLOAT, FLOAT), math.nan, 1.0, False),
        ((FLOAT, FLOAT), math.inf, math.inf, True),
        ((FLOAT, FLOAT), 0.0, None, False),
        ((FLOAT, DECIMAL), 0.25, Decimal("0.250000000000"), True),
        ((STRING, STRING), "a", "A", False),
        ((STRING, STRING), "", None, False),
        ((STRING, VARBINARY), "a", b"a", None),
        ((TIMESTAMP, BIGINT), 1, 1, None),
    ],
)
def test_cells_are_the_same_by_type(kinds, a, b, expected):
    assert same(*kinds, a, b) is expected


def test_places_are_compared_as_they_are_shown():
    text = "POLYGON ((0.1 0.2, 10.3 0.0, 0.0 10.1, 0.1 0.2))"
    one = Geography.from_wkt(text)
    same_text = Geography.from_wkt(one.wkt)
    assert same(GEOGRAPHY, GEOGRAPHY, one, same_text)
    assert same(GEOGRAPHY_POINT, GEOGRAPHY_POINT, Point(1.0, 2.0), Point(1.0 + 1e-14, 2.0))
    assert not same(GEOGRAPHY_POINT, GEOGRAPHY_POINT, Point(1.0, 2.0), Point(1.0 + 1e-9, 2.0))


def test_timestamps_may_be_within_a_window():
    assert not same(TIMESTAMP, TIMESTAMP, 0, 5)
    assert same(TIMESTAMP, TIMESTAMP, 0, 5, within_us=5)
    assert not same(TIMESTAMP, TIMESTAMP, 0, 6, within_us=5)


def test_without_a_tolerance_floats_are_equal_or_not():
    assert not same(FLOAT, FLOAT, 0.1 + 0.2, 0.3, tolerance=0.0)
    assert same(FLOAT, FLOAT, math.nan, math.nan, tolerance=0.0)


def test_what_a_pattern_matches_does_not_count():
    patterns = [re.compile("[0-9]+")]
    assert same(STRING, STRING, "txn 17", "txn 18", patterns=patterns)
    assert not same(STRING, STRING, "txn 17", "tx 17", patterns=patterns)
    assert not same(STRING, STRING, None, "", patterns=patterns)


def test_exact_columns_need_no_function():
    assert cells_of((1, 2), (BIGINT.code,) * 2, tolerance=1e-9, within_us=0, patterns=()) == Cells(1, 2)
