"""What a parameter is compared with."""

import datetime
from decimal import Decimal

import pytest

from volttools.mock.matchers import ANY, approx, are_like, first_difference, is_like, regex, shown

NOON = datetime.datetime(2024, 5, 1, 12, tzinfo=datetime.UTC)
NOON_US = 1_714_564_800_000_000


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        (5, 5),
        (Decimal("1.0"), Decimal("1")),
        (None, None),
        (ANY, None),
        (ANY, [1]),
        (approx(0.3), 0.1 + 0.2),
        (approx(2), Decimal("2.0000001")),
        (regex("^NY"), "NYC"),
        (lambda value: value > 3, 4),
        (NOON, NOON_US),
        ([1, ANY], [1, 2]),
        ((1, None), [1, None]),
        (bytearray(b"x"), b"x"),
        (float("nan"), float("nan")),
    ],
)
def test_what_is_like_it(expected, value):
    assert is_like(expected, value)


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        (5, 6),
        (5, "5"),
        ("5", 5),
        (None, 0),
        (0, None),
        (approx(0.3), 0.31),
        (approx(0.3), "0.3"),
        (regex("^NY"), "LA NY"),
        (regex("."), None),
        (lambda value: value > 3, 3),
        (lambda value: value > 3, None),
        (NOON, NOON_US + 1),
        ([1], [1, 2]),
        ([1], 1),
    ],
)
def test_what_is_not(expected, value):
    assert not is_like(expected, value)


def test_all_parameters_or_the_first_of_them():
    assert are_like((1, ANY), (1, 2))
    assert not are_like((1,), (1, 2))
    assert are_like((1, ...), (1, 2, 3))
    assert are_like((...,), ())
    assert not are_like((1, ...), ())
    assert first_difference((1, 2, 3), (1, 5, 6)) == 1
    assert first_difference((1, 2), (1,)) == 1
    assert first_difference((1, 2), (1, 2)) is None


def test_they_say_what_they_are():
    def is_even(value): ...

    assert [shown(each) for each in (ANY, regex("a"), approx(1), is_even, "x", ...)] == [
        "ANY",
        "regex('a')",
        "approx(1)",
        "<is_even>",
        "'x'",
        "...",
    ]
