"""Python values as parameters."""

import array as arrays
import datetime
from decimal import Decimal

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.client import values
from volttools.codec import build, parse
from volttools.errors import EncodeError
from volttools.formats.geography import Geography, Point
from volttools.formats.parameters import Parameter
from volttools.formats.table import Table
from volttools.formats.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DECIMAL,
    FLOAT,
    GEOGRAPHY,
    GEOGRAPHY_POINT,
    INTEGER,
    NULL,
    SMALLINT,
    STRING,
    TIMESTAMP,
    TINYINT,
    TYPES,
    VARBINARY,
    VOLTTABLE,
)

UTC = datetime.UTC
TRIANGLE = Geography.from_wkt("POLYGON ((0 0, 1 0, 0 1, 0 0))")
TABLE = Table.of([("N", BIGINT)], [(1,)])

# A value, and what it is sent as when nobody says.
BY_VALUE = [
    (None, NULL, None),
    (True, TINYINT, 1),
    (5, BIGINT, 5),
    (1.5, FLOAT, 1.5),
    ("é", STRING, "é"),
    (b"\1", VARBINARY, b"\1"),
    (bytearray(b"\1"), VARBINARY, b"\1"),
    (memoryview(b"\1"), VARBINARY, b"\1"),
    (Decimal("1.5"), DECIMAL, Decimal("1.5")),
    (datetime.datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), TIMESTAMP, 1_000_000),
    (datetime.date(2024, 2, 29), DATE, datetime.date(2024, 2, 29)),
    (Point(1, 2), GEOGRAPHY_POINT, Point(1, 2)),
    (TRIANGLE, GEOGRAPHY, TRIANGLE),
    (TABLE, VOLTTABLE, TABLE),
    (numpy.int32(5), BIGINT, 5),
    (numpy.float64(1.5), FLOAT, 1.5),
]


@pytest.mark.parametrize(("value", "kind", "sent"), BY_VALUE)
def test_a_value_by_itself(value, kind, sent):
    parameter = values.parameter_of(value)
    assert parameter == Parameter.of(kind, sent)
    assert parse(Parameter, build(parameter)) == parameter


# What else can mean a value of a type.
BY_TYPE = [
    (TINYINT, True, 1),
    (TINYINT, -127, -127),
    (INTEGER, numpy.int64(7), 7),
    (FLOAT, 3, 3.0),
    (FLOAT, Decimal("1.5"), 1.5),
    (DECIMAL, 3, Decimal(3)),
    (DECIMAL, "1.50", Decimal("1.50")),
    (DECIMAL, 0.1, Decimal("0.1")),
    (VARBINARY, arrays.array("B", [1, 2]), b"\1\2"),
    (TIMESTAMP, 5, 5),
    (TIMESTAMP, "1970-01-01", 0),
    (TIMESTAMP, "1970-01-01 00:00:00.5", 500_000),
    (TIMESTAMP, "1970-01-01T01:00:00+01:00", 0),
    (TIMESTAMP, datetime.datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), -1),
    (DATE, "2024-02-29", datetime.date(2024, 2, 29)),
    (BOOLEAN, 1, True),
    (GEOGRAPHY_POINT, "POINT (1 2)", Point(1, 2)),
    (GEOGRAPHY, TRIANGLE.to_wkt() if hasattr(TRIANGLE, "to_wkt") else TRIANGLE.wkt, None),
]


@pytest.mark.parametrize(("kind", "value", "sent"), BY_TYPE)
def test_a_value_by_its_type(kind, value, sent):
    found = values.typed(kind, value)
    assert found.type == kind.code
    assert sent is None or (found.value == sent and type(found.value) is type(sent))
    build(found)


REFUSED = [
    (TINYINT, -128, "-128 is out of range: TINYINT is -127 .. 127"),
    (SMALLINT, 32768, "32768 is out of range: SMALLINT is -32767 .. 32767"),
    (INTEGER, -(2**31), "-2147483648 is out of range"),
    (BIGINT, 2**63, "9223372036854775808 is out of range"),
    (BIGINT, 1.0, "1.0 (float) is no BIGINT"),
    (BIGINT, "1", "'1' (str) is no BIGINT"),
    (FLOAT, "1", "'1' (str) is no FLOAT"),
    (FLOAT, values.value_of_null(FLOAT), "is how FLOAT says NULL: send None if that is meant"),
    (FLOAT, 10**400, "is no FLOAT: int too large to convert to float"),
    (STRING, b"x", "b'x' (bytes) is no STRING"),
    (VARBINARY, "x", "'x' (str) is no VARBINARY"),
    (VARBINARY, 5, "5 (int) is no VARBINARY"),
    (TIMESTAMP, datetime.datetime(2024, 1, 1), "it doesn't say of which zone; give it a tzinfo"),
    (TIMESTAMP, datetime.date(2024, 1, 1), "give a datetime with a tzinfo"),
    (TIMESTAMP, "yesterday", "'yesterday' (str) is no TIMESTAMP: write \"2024-02-29 12:00:00.5\""),
    (TIMESTAMP, 1.5, "1.5 (float) is no TIMESTAMP"),
    (DATE, datetime.datetime(2024, 1, 1), "is no DATE"),
    (DATE, "x", "'x' (str) is no DATE: write \"2024-02-29\""),
    (DECIMAL, "x", "'x' (str) is no DECIMAL"),
    (DECIMAL, "0.0000000000001", "more than 12 decimals"),
    (DECIMAL, float("nan"), "not finite"),
    (DECIMAL, True, "True (bool) is no DECIMAL"),
    (BOOLEAN, 2, "2 (int) is no BOOLEAN"),
    (GEOGRAPHY_POINT, (1, 2), "give a Point or WKT"),
    (GEOGRAPHY_POINT, "POINT (1)", "not a WKT point"),
    (GEOGRAPHY_POINT, Point(*values.value_of_null(GEOGRAPHY_POINT)), "that is how NULL is sent"),
    (GEOGRAPHY, 5, "give a Geography or WKT"),
    (VOLTTABLE, 5, "give a volttools.Table"),
    (NULL, 5, "5 (int) is no NULL"),
    (TYPES.by_name("NUMERIC"), 5, "no value can have the type NUMERIC (2)"),
]


@pytest.mark.parametrize(("kind", "value", "text"), REFUSED)
def test_what_is_no_value_of_a_type(kind, value, text):
    with pytest.raises(EncodeError) as caught:
        values.typed(kind, value)
    assert text in str(caught.value)


def test_what_has_no_type_by_itself():
    with pytest.raises(EncodeError, match=r"no wire type for .* of type object: convert it, or say its type"):
        values.parameter_of(object())


def test_lists_are_arrays_of_one_type():
    assert values.parameter_of([1, None, 2]) == Parameter.array(BIGINT, [1, None, 2])
    assert values.parameter_of(("a",)) == Parameter.array(STRING, ["a"])
    assert values.parameter_of([]) == Parameter.array(BIGINT, [])
    assert values.array(SMALLINT, [1, None]) == Parameter.array(SMALLINT, [1, None])
    with pytest.raises(EncodeError, match="an array has elements of one type, this one has BIGINT, STRING"):
        values.parameter_of([1, "x"])
    with pytest.raises(EncodeError, match="no array can have elements of type NULL"):
        values.array(NULL, [])


def test_each_type_has_its_word():
    said = [
        values.tinyint(1),
        values.smallint(1),
        values.integer(1),
        values.bigint(1),
        values.floating(1),
        values.string("x"),
        values.varbinary(b"x"),
        values.timestamp(1),
        values.date("2024-02-29"),
        values.decimal("1.5"),
        values.boolean(True),
        values.point("POINT (1 2)"),
        values.geography(TRIANGLE),
        values.null(INTEGER),
        values.null(),
    ]
    assert [parameter.type_name for parameter in said] == [
        *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "STRING", "VARBINARY", "TIMESTAMP"),
        *("DATE", "DECIMAL", "BOOLEAN", "GEOGRAPHY_POINT", "GEOGRAPHY", "INTEGER", "NULL"),
    ]
    assert values.null(INTEGER).value is None


@given(
    st.sampled_from([kind for kind in TYPES if kind.format is not None]),
    st.one_of(
        st.integers(),
        st.floats(),
        st.text(),
        st.binary(),
        st.booleans(),
        st.decimals(),
        st.dates(),
        st.datetimes(),
    ),
)
def test_any_value_is_sent_and_reads_as_itself_or_is_refused(kind, value):
    try:
        parameter = values.typed(kind, value)
        data = build(parameter)
    except EncodeError:
        return
    found = parse(Parameter, data)
    assert found.value is not None
    assert found.type == kind.code
