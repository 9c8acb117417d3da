import datetime
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import BIGINT, DATE, DECIMAL, INTEGER, SMALLINT, TIMESTAMP, TINYINT, f64
from volttools.formats import types
from volttools.formats.primitives import halves_from_decimal
from volttools.redaction.ordered import Ordered
from volttools.redaction.permutation import Key

ORDERED = Ordered(Key(b"a key for tests!"))


def values(strategy):
    return strategy.filter(lambda value: value is not None)


def in_order(change, one, other):
    """Whether two values are in the same order after the change; ties are allowed."""
    low, high = sorted((one, other))
    return change(low) <= change(high)


@pytest.mark.parametrize(
    ("strategy", "kind", "bits"),
    [
        (TINYINT, types.TINYINT, 8),
        (SMALLINT, types.SMALLINT, 16),
        (INTEGER, types.INTEGER, 32),
        (BIGINT, types.BIGINT, 64),
    ],
    ids=str,
)
def test_integers_keep_their_order_and_their_type(strategy, kind, bits):
    @given(values(strategy), values(strategy))
    def check(one, other):
        assert in_order(lambda value: ORDERED.integer(value, kind), one, other)
        assert -(2 ** (bits - 1)) < ORDERED.integer(one, kind) < 2 ** (bits - 1)

    check()


def test_integers_far_from_the_ends_stay_distinct_in_all_types_alike():
    found = [ORDERED.integer(value, types.INTEGER) for value in range(-1000, 1000)]
    assert len(set(found)) == 2000
    assert found == [ORDERED.integer(value, types.BIGINT) for value in range(-1000, 1000)]


@given(values(DECIMAL), values(DECIMAL))
def test_decimals_keep_their_order(one, other):
    assert in_order(ORDERED.decimal, one, other)
    halves_from_decimal(ORDERED.decimal(one))


@given(f64, f64)
def test_floats_keep_their_order(one, other):
    if math.isnan(one) or math.isnan(other):
        assert math.isnan(ORDERED.float(math.nan))
        return
    assert in_order(ORDERED.float, one, other)
    assert math.isinf(ORDERED.float(one)) == math.isinf(one)


@given(st.integers(-(10**16), 10**17), st.integers(-(10**16), 10**17))
def test_timestamps_keep_their_order_and_their_distance(one, other):
    def change(value):
        return ORDERED.timestamp(value, types.TIMESTAMP)

    assert in_order(change, one, other)
    assert change(one) - change(other) == one - other


@given(values(TIMESTAMP))
def test_any_timestamp_has_a_pseudonym(value):
    assert -(2**63) < ORDERED.timestamp(value, types.TIMESTAMP) < 2**63


@given(values(DATE), values(DATE))
def test_dates_keep_their_order(one, other):
    if isinstance(one, datetime.date) == isinstance(other, datetime.date):
        assert in_order(lambda value: ORDERED.date(value, types.DATE), one, other)


@given(st.text(max_size=8), st.text(max_size=8))
def test_texts_keep_the_order_of_their_utf8_and_their_length(one, other):
    low, high = sorted((one, other), key=str.encode)
    found = ORDERED.text(low), ORDERED.text(high)
    assert found[0].encode() <= found[1].encode()
    assert [len(text) for text in found] == [len(low), len(high)]


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=70))
def test_distinct_texts_of_ascii_stay_distinct(value):
    assert ORDERED.text(value) != ORDERED.text(f"{value}a")
    assert not value or ORDERED.text(value) != value


def test_bytes_that_are_no_utf8_are_ordered_too():
    assert ORDERED.text("a\udcff") == ORDERED.text("a") + "\U0010ffff"


def test_another_key_gives_others():
    other = Ordered(Key(b"another key for tests"))
    assert other.text("alice") != ORDERED.text("alice")
    assert other.timestamp(0, types.TIMESTAMP) != ORDERED.timestamp(0, types.TIMESTAMP)
