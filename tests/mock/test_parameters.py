"""Conversions of parameters: what passes, and the words in which the rest is refused."""

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.formats.geography import Point
from volttools.formats.parameters import Parameter
from volttools.formats.types import (
    ARRAY,
    BIGINT,
    BOOLEAN,
    DATE,
    DECIMAL,
    FLOAT,
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
from volttools.mock.parameters import Refused, converted, first_refusal, java_text, refusal_of_key

MOMENT = 1_700_000_000_123_456


@pytest.mark.parametrize(
    ("declared", "sent", "value", "becomes"),
    [
        (BIGINT, TINYINT, 5, 5),
        (BIGINT, BOOLEAN, True, 1),
        (BIGINT, DECIMAL, Decimal("7.000000000000"), 7),
        (BIGINT, STRING, " 12 ", 12),
        (INTEGER, STRING, "1,000", 1000),
        (TINYINT, BIGINT, 127, 127),
        (INTEGER, NULL, None, None),
        (INTEGER, STRING, None, None),
        (INTEGER, STRING, r"\N", None),
        (FLOAT, INTEGER, 3, 3.0),
        (FLOAT, STRING, " 1e3 ", 1000.0),
        (FLOAT, DECIMAL, Decimal("0.5"), 0.5),
        (STRING, FLOAT, 1e20, "1.0E20"),
        (STRING, BIGINT, -5, "-5"),
        (STRING, DECIMAL, Decimal("1.5"), "1.500000000000"),
        (STRING, TIMESTAMP, MOMENT, "2023-11-14 22:13:20.123456"),
        (STRING, VARBINARY, "é".encode(), "é"),
        (TIMESTAMP, BIGINT, MOMENT, MOMENT),
        (TIMESTAMP, STRING, "2020-01-01", 1_577_836_800_000_000),
        (TIMESTAMP, STRING, "2023-11-14 22:13:20.123456", MOMENT),
        (DECIMAL, INTEGER, 2, Decimal(2)),
        (DECIMAL, FLOAT, 2.5, Decimal("2.5")),
        (DECIMAL, STRING, "1e3", Decimal(1000)),
        (VARBINARY, STRING, "0aFF", b"\x0a\xff"),
        (VARBINARY, STRING, "x'0a'", b"\x0a"),
        (GEOGRAPHY_POINT, STRING, "POINT(1 2)", Point(1.0, 2.0)),
    ],
)
def test_what_a_server_converts_is_converted(declared, sent, value, becomes):
    found = converted(Parameter.of(sent, value), declared)
    assert found == becomes
    assert type(found) is type(becomes)


RANGE = "The provided value: ({}) of type: java.lang.{} is not a match or is out of range for the target parameter type: {}"


@pytest.mark.parametrize(
    ("declared", "sent", "value", "text"),
    [
        (BIGINT, FLOAT, 3.0, RANGE.format("3.0", "Double", "long")),
        (BIGINT, STRING, "abc", "Unable to convert string abc to long value for target parameter."),
        (INTEGER, STRING, "", "Unable to convert string  to int value for target parameter."),
        (BIGINT, VARBINARY, b"x", "Array / Scalar parameter mismatch ([B to long)"),
        (TINYINT, INTEGER, 300, RANGE.format("300", "Integer", "byte")),
        (TINYINT, SMALLINT, -128, "The provided short, int or long value: (-128) might be interpreted as tinyint null. "
         "Try explicitly using a byte parameter."),
        (INTEGER, BIGINT, -(2**31), "The provided long value: (-2147483648) might be interpreted as integer null. "
         "Try explicitly using a int parameter."),
        (FLOAT, STRING, "x", "Unable to convert string x to double value for target parameter."),
        (TIMESTAMP, FLOAT, 1.5, RANGE.format("1.5", "Double", "org.voltdb.types.TimestampType")),
        (TIMESTAMP, STRING, "x", RANGE.format("x", "String", "org.voltdb.types.TimestampType")),
        (TIMESTAMP, STRING, "2020-13-41", RANGE.format("2020-13-41", "String", "org.voltdb.types.TimestampType")),
        (VARBINARY, STRING, "abc", "java.lang.RuntimeException: String is not properly hex-encoded."),
        (VARBINARY, INTEGER, 5, "Array / Scalar parameter mismatch (java.lang.Integer to [B)"),
        (GEOGRAPHY_POINT, STRING, "nowhere", "deserialize GeographyPointValue from string failed (string nowhere)"),
        (VOLTTABLE, INTEGER, 5, RANGE.format("5", "Integer", "org.voltdb.VoltTable")),
    ],
)  # fmt: skip
def test_the_rest_is_refused_in_the_servers_words(declared, sent, value, text):
    with pytest.raises(Refused) as caught:
        converted(Parameter.of(sent, value), declared)
    assert str(caught.value) == text


def test_a_decimal_names_the_character_that_is_none_of_a_number():
    with pytest.raises(
        Refused, match=r"^java.lang.NumberFormatException: Character x is neither a decimal digit"
    ):
        converted(Parameter.of(STRING, "x"), DECIMAL)


def test_arrays_fit_arrays_of_their_element_or_are_empty():
    def into(declared, kind, values):
        return converted(Parameter.array(kind, values), declared, is_array=True)

    assert into(BIGINT, BIGINT, [1, None]) == [1, None]
    assert into(BIGINT, STRING, []) == []
    with pytest.raises(
        Refused, match=r"^tryScalarMakeCompatible: Unable to match parameter array:int to provided long$"
    ):
        into(INTEGER, BIGINT, [1])
    with pytest.raises(Refused, match=r"^Array / Scalar parameter mismatch \(java.lang.Long to \[J\)$"):
        converted(Parameter.of(BIGINT, 1), BIGINT, is_array=True)
    with pytest.raises(Refused, match=r"^Array / Scalar parameter mismatch \(\[J to long\)$"):
        converted(Parameter.array(BIGINT, [1]), BIGINT)
    assert converted(Parameter.array(TINYINT, [1, None]), VARBINARY) == b"\x01\x80"
    assert converted(Parameter.of(VARBINARY, b"\x01"), TINYINT, is_array=True) == [1]


def test_the_first_wrong_parameter_is_named():
    parameters = [Parameter.of(BIGINT, 1), Parameter.of(STRING, "x")]
    refusal, _ = first_refusal("P", parameters, (BIGINT, INTEGER), frozenset())
    assert refusal == (
        "VOLTDB ERROR: PROCEDURE P TYPE ERROR FOR PARAMETER 1: org.voltdb.VoltTypeException: "
        "Unable to convert string x to int value for target parameter."
    )
    assert first_refusal("P", parameters, (None, STRING), frozenset()) == (None, (1, "x"))


def test_a_key_that_is_no_number_finds_no_partition():
    assert refusal_of_key("P", "ID", INTEGER, Parameter.of(STRING, "abc")) == (
        "Error sending procedure P to the correct partition. Make sure parameter values are correct. Parameter value "
        "abc, partition column ID type 5 Message: getHashedPartitionForParameter: Unable to convert string abc to int "
        "target parameter "
    )
    assert refusal_of_key("P", "ID", INTEGER, Parameter.of(STRING, "5")) is None
    assert refusal_of_key("P", "ID", STRING, Parameter.of(STRING, "abc")) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), (1e7, "1.0E7"), (123456789.5, "1.234567895E8"), (1e-4, "1.0E-4"), (-1e-5, "-1.0E-5"),
     (float("nan"), "NaN"), (float("-inf"), "-Infinity"), (0.0, "0.0"), (9999999.0, "9999999.0")],
)  # fmt: skip
def test_numbers_are_written_as_java_does(value, text):
    assert java_text(value, "FLOAT") == text


@pytest.mark.parametrize("declared", [TINYINT, BIGINT, TIMESTAMP, DECIMAL])
@pytest.mark.parametrize("text", ["9" * 5000, "1e999999999"])
def test_numbers_of_any_length_are_refused(declared, text):
    with pytest.raises(Refused):
        converted(Parameter.of(STRING, text), declared)


def test_types_that_an_11_4_server_lacks_are_refused_by_name():
    with pytest.raises(Refused, match=r"for the target parameter type: DATE$"):
        converted(Parameter.of(STRING, "2024-02-29"), DATE)
    with pytest.raises(Refused, match="of type: DATE is not a match"):
        converted(Parameter.of(DATE, datetime.date(2024, 2, 29)), TIMESTAMP)


SCALARS = [TINYINT, SMALLINT, INTEGER, BIGINT, FLOAT, DECIMAL, STRING, TIMESTAMP, VARBINARY]
VALUES = st.one_of(
    st.tuples(
        st.sampled_from([TINYINT, SMALLINT, INTEGER, BIGINT, TIMESTAMP]), st.integers(-(2**63), 2**63 - 1)
    ),
    st.tuples(st.just(FLOAT), st.floats()),
    st.tuples(st.just(DECIMAL), st.decimals(-(10**20), 10**20, places=12)),
    st.tuples(st.just(STRING), st.text()),
    st.tuples(st.just(VARBINARY), st.binary(max_size=20)),
)


@given(VALUES, st.sampled_from(SCALARS), st.booleans(), st.booleans())
def test_any_value_is_converted_or_refused_and_has_the_declared_type(sent, declared, is_array, in_array):
    kind, value = sent
    parameter = Parameter.array(kind, [value]) if in_array else Parameter.of(kind, value)
    assert (parameter.type == ARRAY.code) == in_array
    try:
        found = converted(parameter, declared, is_array=is_array)
    except Refused:
        return
    values = found if is_array else [found]
    assert all(one is None or isinstance(one, TYPES.by_name(declared.name).python) for one in values)
