import datetime
import math
import re
from decimal import Decimal

import pytest

from volttools.filters.grammar import parse_expression
from volttools.filters.values import (
    ABSENT,
    Moment,
    cell_of,
    cells_of,
    column_index,
    literal_test,
    moment_of,
    pair_test,
    part_test,
    pattern_test,
    value_of,
    values_of,
)
from volttools.formats.geography import Geography, Point
from volttools.formats.invocation import Invocation
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, DECIMAL, INTEGER, STRING, TIMESTAMP, VOLTTABLE

SECOND = 1_000_000  # microseconds: the unit of a TIMESTAMP
POINT = Point(1.5, 2.0)
POLYGON = Geography.from_wkt("POLYGON ((0 0, 1 0, 1 1, 0 0))")


def holds(value, condition):
    """Whether a value passes the test of "v == 42" and the like."""
    tree = parse_expression(condition)
    return literal_test(tree.sign, tree.right)(value)


@pytest.mark.parametrize(
    ("value", "condition"),
    [
        (42, "v == 42"),
        (42, "v == 42.0"),
        (42, "v != 41"),
        (42, "v < 42.5"),
        (2**63 - 1, "v == 9223372036854775807"),
        (2**63 - 1, "v > 9223372036854775806"),
        (Decimal("0.100000000000"), "v == 0.1"),
        (Decimal("42.000000000000"), "v >= 42"),
        (0.1, "v == 0.1"),
        (0.1, "v <= 0.1"),
        (42.0, "v == 42"),
        (9007199254740993.0, "v != 9007199254740993"),  # no FLOAT is that number
        (math.inf, "v > 1e308"),
        (math.nan, "v != 1"),
        (Moment(0), "v == 0"),
        (Moment(SECOND), 'v == "1970-01-01 00:00:01"'),
        (Moment(SECOND), 'v > "1970-01-01"'),
        (Moment(-SECOND), 'v < "1970-01-01T00:00:00Z"'),
        (Moment(3600 * SECOND), 'v == "1970-01-01 02:00:00+01:00"'),
        (datetime.date(2026, 1, 2), 'v == "2026-01-02"'),
        (datetime.date(2026, 1, 2), 'v < "2026-01-02 00:00:01"'),
        ("a", 'v == "a"'),
        ("a", 'v < "b"'),
        ("2026-01-02", 'v == "2026-01-02"'),
        ("\udc80", r'v == "\udc80"'),
        (POINT, 'v == "POINT (1.5 2.0)"'),
        (POLYGON, f'v == "{POLYGON.wkt}"'),
        (b"\x00\xff", "v == x'00ff'"),
        (b"\x01", "v > x'00ff'"),
        (True, "v == true"),
        (False, "v != true"),
        (None, "v == null"),
        (0, "v != null"),
    ],
)
def test_values_compare_by_what_they_are(value, condition):
    assert holds(value, condition)


@pytest.mark.parametrize(
    ("value", "condition"),
    [
        (None, "v == 0"),
        (None, "v != 0"),
        (None, 'v != "a"'),
        (None, "v != true"),
        (None, "v != null"),
        (0, "v == null"),
        (True, "v == 1"),
        (True, "v != 0"),
        (1, "v == true"),
        (127, "v != true"),  # a BOOLEAN that is neither
        ("42", "v == 42"),
        ("42", "v != 42"),
        (42, 'v != "42"'),
        (b"a", 'v != "a"'),
        ("a", "v != x'61'"),
        (0, 'v == "1970-01-01"'),  # a number, no TIMESTAMP
        (Moment(0), 'v == "1970"'),
        (math.nan, "v == 1"),
        ([1], "v == 1"),
        (POINT, 'v == "POINT (1.5 2)"'),
        (datetime.date(2026, 1, 2), "v > 0"),
    ],
)
def test_what_does_not_compare_does_not_hold(value, condition):
    assert not holds(value, condition)


def test_patterns_are_searched_in_texts():
    pattern = re.compile("^a")
    assert pattern_test("~", pattern)("ab")
    assert not pattern_test("~", pattern)("ba")
    assert pattern_test("!~", pattern)("ba")
    assert pattern_test("~", re.compile("POINT"))(POINT)
    for value in (None, 5, b"a", ["a"]):
        assert not pattern_test("~", re.compile(""))(value)
        assert not pattern_test("!~", re.compile(""))(value)


def test_parts_are_found_in_texts_and_in_bytes():
    assert part_test("b")("abc")
    assert part_test(b"\x01")(b"\x00\x01")
    assert part_test("1.5")(POINT)
    for value in (None, 5, b"b", ["b"]):
        assert not part_test("b")(value)
    assert not part_test(b"b")("b")


@pytest.mark.parametrize(
    ("left", "sign", "right", "expected"),
    [
        (1, "==", Decimal(1), True),
        (1, "<", 1.5, True),
        ("a", "<", "b", True),
        (POINT, "==", POINT.wkt, True),
        (b"a", "==", b"a", True),
        (True, "!=", False, True),
        (datetime.date(2026, 1, 2), ">", datetime.date(2026, 1, 1), True),
        (0.1, "==", Decimal("0.100000000000"), True),
        (Decimal(1), "<", math.nan, False),
        (math.nan, ">", Decimal(1), False),
        (math.nan, "==", math.nan, False),
        (2**63, ">", 1.5, True),
        (True, "==", 1, False),
        (None, "==", None, False),
        (1, "!=", "1", False),
        ([1], "==", [1], False),
        (datetime.date(2026, 1, 2), "!=", Moment(0), False),
    ],
)
def test_two_values_compare_within_a_family(left, sign, right, expected):
    assert pair_test(sign)(left, right) is expected


@pytest.mark.parametrize("text", ["soon", "12:30", "2026-13-01", "2026-01-02 soon", "", "20260102"])
def test_other_texts_are_no_moments(text):
    assert moment_of(text) is None


def test_a_timestamp_is_a_moment_wherever_it_stands():
    assert type(value_of(Parameter.of(TIMESTAMP, 5))) is Moment
    assert value_of(Parameter.of(TIMESTAMP, None)) is None
    assert type(value_of(Parameter.of(BIGINT, 5))) is int
    assert [type(v) for v in value_of(Parameter.array(TIMESTAMP, [5, None]))] == [Moment, type(None)]
    table = Table.of([("A", BIGINT), ("T", TIMESTAMP)], [(1, 2), (3, None)])
    assert [type(cell_of(table, table.rows[0], index)) for index in (0, 1, -1)] == [int, Moment, Moment]
    assert cell_of(table, table.rows[1], 1) is None
    assert [type(v) for v in cells_of(table)] == [int, Moment, int, type(None)]


def test_a_cell_that_is_not_there_is_absent():
    table = Table.of([("A", BIGINT)], [(1,)])
    assert cell_of(table, table.rows[0], 1) is ABSENT
    assert cell_of(table, table.rows[0], -2) is ABSENT
    assert repr(ABSENT) == "ABSENT"


def test_a_column_is_the_first_of_its_name_whatever_the_case():
    names = ("a", None, "B", "b")
    assert column_index(names, "A") == 0
    assert column_index(names, "b") == 2
    assert column_index(names, "c") is None


def test_the_values_of_a_call_are_its_parameters_and_cells():
    table = Table.of([("A", BIGINT), ("B", STRING)], [(1, "x"), (2, None)])
    invocation = Invocation(
        procedure="P",
        parameters=[
            Parameter.of(DECIMAL, Decimal(5)),
            Parameter.array(INTEGER, [6, 7]),
            Parameter.of(VOLTTABLE, table),
            Parameter.array(VOLTTABLE, [table]),
        ],
    )
    cells = [1, "x", 2, None]
    found = list(values_of(invocation, Response(tables=[table])))
    assert found == [5, 6, 7, *cells, *cells, *cells]
    assert list(values_of(Invocation(procedure="P", parameters=Opaque(b"\xff")), None)) == []
    assert list(values_of(None, None)) == []
