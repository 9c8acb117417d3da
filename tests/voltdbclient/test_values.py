"""A script's values to and from the wire's."""

import datetime
import time
from array import array
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.errors import EncodeError
from volttools.formats import types
from volttools.formats.geography import Point
from volttools.voltdbclient import FastSerializer, Geography
from volttools.voltdbclient.values import elements, from_wire, is_array, to_wire, wire_type


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Kolkata"])
def zone(request, monkeypatch):
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def test_times_are_naive_and_of_the_local_zone(zone):
    for microseconds in (0, -1, 1_709_210_096_123_457, 1_730_613_600_000_001, -11_000_000_000_000_000):
        value = from_wire(types.TIMESTAMP.code)(microseconds)
        assert value.tzinfo is None
        assert value == datetime.datetime.fromtimestamp(microseconds // 10**6).replace(
            microsecond=microseconds % 10**6
        )
        assert to_wire(types.TIMESTAMP.code)(value) == microseconds


@given(st.integers(-(10**16), 10**17))
def test_times_come_back_to_the_microsecond(microseconds):
    assert to_wire(types.TIMESTAMP.code)(from_wire(types.TIMESTAMP.code)(microseconds)) == microseconds


def test_an_aware_time_keeps_its_instant():
    zone = datetime.timezone(datetime.timedelta(hours=5))
    assert to_wire(types.TIMESTAMP.code)(datetime.datetime(1970, 1, 1, 5, 0, 1, tzinfo=zone)) == 1_000_000


def test_a_time_beyond_pythons_stays_a_number():
    assert from_wire(types.TIMESTAMP.code)(2**62) == 2**62


def test_floats_near_null_are_none():
    convert = from_wire(types.FLOAT.code)
    assert convert(-1.65e308) is None
    assert (convert(-1.5e308), convert(1.7e308)) == (-1.5e308, 1.7e308)


def test_values_that_only_scripts_have():
    assert from_wire(types.VARBINARY.code)(b"\x01\xff") == array("B", [1, 255])
    assert [from_wire(types.BOOLEAN.code)(value) for value in (True, False, 127)] == [True, False, None]
    point = from_wire(types.GEOGRAPHY_POINT.code)(Point(1.0, 2.0))
    assert (type(point), point) == (tuple, (1.0, 2.0))
    assert from_wire(types.BIGINT.code) is None


GOOD = [
    (FastSerializer.VOLTTYPE_FLOAT, "1.5", 1.5),
    (FastSerializer.VOLTTYPE_FLOAT, 2, 2.0),
    (FastSerializer.VOLTTYPE_VARBINARY, array("B", [1, 2]), b"\1\2"),
    (FastSerializer.VOLTTYPE_VARBINARY, bytearray(b"x"), b"x"),
    (FastSerializer.VOLTTYPE_DATE, datetime.datetime(2024, 2, 29, 1), datetime.date(2024, 2, 29)),
    (FastSerializer.VOLTTYPE_DECIMAL, Decimal("-0"), 0),
    (FastSerializer.VOLTTYPE_DECIMAL_STRING, Decimal("1.50"), "1.50"),
    (FastSerializer.VOLTTYPE_GEOGRAPHY_POINT, [1, 2.5], Point(1.0, 2.5)),
]


@pytest.mark.parametrize(("code", "value", "sent"), GOOD)
def test_what_can_mean_a_value_is_taken(code, value, sent):
    assert to_wire(code)(value) == sent


BAD = [
    (FastSerializer.VOLTTYPE_TINYINT, 128, "128 is out of range: TINYINT is -127 .. 127"),
    (FastSerializer.VOLTTYPE_TINYINT, -128, "out of range"),
    (FastSerializer.VOLTTYPE_INTEGER, 2**31, "out of range"),
    (FastSerializer.VOLTTYPE_BIGINT, 1.0, r"1.0 \(float\) is no BIGINT"),
    (FastSerializer.VOLTTYPE_FLOAT, "x", "it is no number"),
    (FastSerializer.VOLTTYPE_FLOAT, -1.7e308, "is how FLOAT says NULL"),
    (FastSerializer.VOLTTYPE_STRING, b"x", "is no STRING"),
    (FastSerializer.VOLTTYPE_TIMESTAMP, datetime.date(2024, 1, 1), "give a datetime"),
    (FastSerializer.VOLTTYPE_DECIMAL, 1.5, "give a decimal.Decimal"),
    (FastSerializer.VOLTTYPE_DECIMAL, Decimal("1e26"), "26 digits may stand before the point"),
    (FastSerializer.VOLTTYPE_DECIMAL, Decimal("1e-13"), "more than 12 decimals"),
    (FastSerializer.VOLTTYPE_DECIMAL, Decimal("sNaN"), "not finite"),
    (FastSerializer.VOLTTYPE_DECIMAL_STRING, "1", "give a decimal.Decimal"),
    (FastSerializer.VOLTTYPE_GEOGRAPHY_POINT, (1.0,), "give .longitude, latitude."),
    (FastSerializer.VOLTTYPE_GEOGRAPHY, 1, "is no GEOGRAPHY"),
    (FastSerializer.VOLTTYPE_NULL, 1, "is no NULL"),
]


@pytest.mark.parametrize(("code", "value", "text"), BAD)
def test_what_can_not_is_refused_and_why(code, value, text):
    with pytest.raises(ValueError, match=text):
        to_wire(code)(value)


@pytest.mark.parametrize("code", [FastSerializer.VOLTTYPE_MONEY, 2, 99, "BIGINT", None])
def test_what_is_no_type_is_refused(code):
    with pytest.raises(EncodeError, match="no value can have the type"):
        wire_type(code)


def test_arrays_are_told_from_values():
    point, varbinary = FastSerializer.VOLTTYPE_GEOGRAPHY_POINT, FastSerializer.VOLTTYPE_VARBINARY
    assert not is_array(point, (1.0, 2.0))
    assert is_array(point, [(1.0, 2.0), (3.0, 4.0)])
    assert is_array(point, [])
    assert not is_array(varbinary, array("B"))
    assert is_array(varbinary, [b"x"])
    assert is_array(FastSerializer.VOLTTYPE_TINYINT, b"x")
    for value in (None, "text", 1, Decimal(1), Geography()):
        assert not is_array(FastSerializer.VOLTTYPE_STRING, value)


def test_bytes_are_an_array_of_tinyint_as_they_stand():
    assert elements(FastSerializer.VOLTTYPE_TINYINT, b"\x01\xff\x80") == [1, -1, None]
