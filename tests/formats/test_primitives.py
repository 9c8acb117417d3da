from __future__ import annotations

import datetime
import random
import time
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from volttools.formats.primitives import (
    date_from_number,
    decimal_from_halves,
    halves_from_decimal,
    is_utf8,
    number_from_date,
)


def test_a_decimal_always_has_12_decimals() -> None:
    assert str(decimal_from_halves(0, 0)) == "0E-12"
    assert str(decimal_from_halves(0, 1_500_000_000_000)) == "1.500000000000"
    assert decimal_from_halves(-1, 2**64 - 1) == Decimal("-1E-12")


def test_halves_and_decimals_are_inverse() -> None:
    rng = random.Random(1)
    for _ in range(500):
        halves = rng.randrange(-(2**63), 2**63), rng.getrandbits(64)
        if halves != (-(2**63), 0):
            assert halves_from_decimal(decimal_from_halves(*halves)) == halves


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (0, 0),
        (-1, -(10**12)),
        (Decimal("-0"), 0),
        (Decimal("-0E-30"), 0),
        (Decimal("0E+1000"), 0),
        (Decimal("1.50"), 15 * 10**11),
        (Decimal("1E-12"), 1),
        (Decimal("1.0000000000000000000"), 10**12),
        (Decimal("1E+20"), 10**32),
        (10**26 - 1, (10**26 - 1) * 10**12),
    ],
)  # fmt: skip
def test_any_way_to_write_a_number_is_the_same_number(value: Decimal | int, number: int) -> None:
    high, low = halves_from_decimal(value)
    assert (high << 64) + low == number


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (Decimal("1E-13"), "more than 12 decimals, or too many digits"),
        (Decimal("0.1234567890123"), "more than 12 decimals, or too many digits"),
        (Decimal("1" * 70), "more than 12 decimals, or too many digits"),
        (Decimal(f"{2**127}E-12"), "more digits than a DECIMAL holds"),
        (Decimal(f"{-(2**127)}E-12"), "more digits than a DECIMAL holds"),
        (Decimal("Infinity"), "not finite, or more digits than a DECIMAL holds"),
        (Decimal("NaN"), "not finite, or more digits than a DECIMAL holds"),
        (Decimal("sNaN"), "not finite, or more digits than a DECIMAL holds"),
        (10**40, "more digits than a DECIMAL holds"),
    ],
)  # fmt: skip
def test_a_number_that_does_not_fit_says_why(value: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        halves_from_decimal(value)
    assert str(raised.value) == reason


@pytest.mark.parametrize(
    "value",
    [Decimal("1E+999999"), Decimal("1E+999999999999999999"), Decimal("1E-999999999999"), 10**5000],
    ids=["large", "largest", "small", "integer"],
)
def test_a_huge_decimal_is_refused_at_once(value: Decimal | int) -> None:
    """Found by reading: it became an integer of a million digits first."""
    start = time.process_time()
    with pytest.raises(ValueError, match=r"digits"):
        halves_from_decimal(value)
    assert time.process_time() - start < 0.1


@pytest.mark.parametrize("value", [1.5, "1", None, Fraction(1, 3)])
def test_what_is_no_decimal_is_a_type_error(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        halves_from_decimal(value)


def test_dates_and_numbers_are_inverse() -> None:
    for number in (
        0,
        -1,
        2**31 - 1,
        -(2**31) + 1,
        0x07E8021D,
        0x07E80000,
        0x07E80D01,
        0x00000101,
        0x00010101,
    ):
        assert number_from_date(date_from_number(number)) == (number,)
    assert date_from_number(0x07E8021D) == datetime.date(2024, 2, 29)
    assert number_from_date(datetime.datetime(2024, 2, 29, 23, 59)) == (0x07E8021D,)
    with pytest.raises(TypeError):
        number_from_date("2024-02-29")  # type: ignore[arg-type]


def test_bytes_that_are_no_utf8_are_known_by_their_surrogates() -> None:
    assert is_utf8("")
    assert is_utf8("K\xe4se \U0001f9c0")
    assert not is_utf8(b"K\xe4se".decode("utf-8", "surrogateescape"))
