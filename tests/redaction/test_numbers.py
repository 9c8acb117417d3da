import math
from decimal import Decimal

import pytest
from hypothesis import given

from tests.strategies import BIGINT, DECIMAL, INTEGER, SMALLINT, TINYINT, f64
from volttools.formats.primitives import halves_from_decimal
from volttools.redaction.numbers import Numbers
from volttools.redaction.permutation import Key, Permutations

NUMBERS = Numbers(Permutations(Key(b"a key for tests!")))


@pytest.mark.parametrize(
    ("strategy", "bits"), [(TINYINT, 8), (SMALLINT, 16), (INTEGER, 32), (BIGINT, 64)], ids=str
)
def test_an_integer_keeps_its_type_its_sign_and_its_digits(strategy, bits):
    @given(strategy.filter(lambda value: value is not None))
    def check(value):
        found = NUMBERS.integer(value)
        assert -(2 ** (bits - 1)) < found < 2 ** (bits - 1)
        assert len(str(found)) == len(str(value))
        assert found != value

    check()


@pytest.mark.parametrize("edge", [9, 10, 99, 100, 127, 128, 32767, 32768, 2**31 - 1, 2**31, 2**63 - 1])
@pytest.mark.parametrize("sign", [1, -1])
def test_at_the_ends_of_types_and_digits_the_pseudonym_fits_where_the_value_fits(edge, sign):
    found = abs(NUMBERS.integer(sign * edge))
    assert len(str(found)) == len(str(edge))
    for bits in (8, 16, 32, 64):
        assert (found < 2 ** (bits - 1)) == (edge < 2 ** (bits - 1))


def test_distinct_integers_stay_distinct():
    values = range(-40_000, 40_000)
    assert len({NUMBERS.integer(value) for value in values}) == len(values)


@given(f64)
def test_a_float_keeps_its_sign_and_magnitude(value):
    found = NUMBERS.float(value)
    if not math.isfinite(value):
        assert repr(found) == repr(value)
        return
    assert math.isfinite(found)
    assert found != value
    if value and abs(value) < 1e15 and value.is_integer():
        assert found == NUMBERS.integer(int(value))
    elif 1e-300 < abs(value) < 1e250:
        assert math.copysign(1, found) == math.copysign(1, value)
        assert math.floor(math.log10(abs(found)) + 1e-9) == math.floor(math.log10(abs(value)) + 1e-9)


@pytest.mark.parametrize("value", [1.7976931348623157e308, -1.7976931348623157e308, 5e-324, -1.6e308, 2e-323])
def test_at_the_ends_of_its_range_a_float_stays_a_number_that_nobody_takes_for_null(value):
    found = NUMBERS.float(value)
    assert found not in (value, 0.0)
    assert math.isfinite(found)
    assert abs(found + 1.7e308) > 1e307


def test_distinct_floats_stay_distinct():
    values = [n / 8 for n in range(-20_000, 20_000)]
    assert len({NUMBERS.float(value) for value in values}) == len(values)


@given(DECIMAL.filter(lambda value: value is not None))
def test_a_decimal_keeps_its_digits(value):
    found = NUMBERS.decimal(value)
    halves_from_decimal(found)
    assert found != value
    assert len(format(found, "f").lstrip("-")) == len(format(value, "f").lstrip("-"))


@pytest.mark.parametrize("text", ["0", "42", "-42", "007", "000", "1.50", "-0.05", ".5", "0.000", "9" * 30])
def test_a_number_as_text_keeps_its_form(text):
    found = NUMBERS.text(text)
    assert len(found) == len(text)
    assert [c.isdigit() for c in found] == [c.isdigit() for c in text]


@pytest.mark.parametrize("text", ["", "-", ".", "1.2.3", "1e5", "a", "٣", "1" * 81])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match="no number"):
        NUMBERS.text(text)


def test_a_value_has_one_pseudonym_in_all_types():
    found = NUMBERS.integer(4217)
    assert NUMBERS.float(4217.0) == found
    assert NUMBERS.decimal(Decimal("4217.000000000000")) == found
    assert NUMBERS.text("4217") == str(found)
    assert NUMBERS.decimal(Decimal("42.170000000000")) == Decimal(NUMBERS.text("42.17"))
    assert NUMBERS.float(42.17) == float(NUMBERS.text("42.170"))
