"""Values that take more than one number, DECIMAL and DATE; and whether a text was UTF-8.

Source: FastSerializer of the official Python client 16.1 (readDecimal, readDate32),
VoltDecimalHelper.java and the DATE encoding of the newer clients.
"""

from __future__ import annotations

import datetime
import decimal
import operator
from decimal import Decimal

DECIMAL_SCALE = 12
DECIMAL_DIGITS = 38
"""What a DECIMAL may have in all; 128 bits hold a few numbers of 39."""

# Wide enough for every 128-bit number, so nothing is ever rounded; and no wider, so that
# 1E+999999 is refused before it becomes an integer of a million digits.
_EXACT = decimal.Context(prec=60, Emax=60, traps=[decimal.Inexact, decimal.InvalidOperation])
_scaleb = _EXACT.scaleb
_to_integral = _EXACT.to_integral_exact
_TO_SCALE = Decimal(-DECIMAL_SCALE)
_FROM_SCALE = Decimal(DECIMAL_SCALE)
# Python computes so high a power whenever it comes by, so they have names
_HALF = 2**64
_BELOW, _ABOVE = -(2**127), 2**127


def is_utf8(text: str) -> bool:
    """Whether a text was UTF-8 on the wire: other bytes are read as lone surrogates."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def decimal_from_halves(high: int, low: int) -> Decimal:
    """The value of a DECIMAL: signed upper and unsigned lower 64 bits; always 12 decimals."""
    # scaleb takes the integer as it is: 110 ns less than by way of a Decimal;
    # most numbers fit into the lower half and a sign, for which products cost 50 to 100 ns
    number = low if high == 0 else low - _HALF if high == -1 else high * _HALF + low
    return _scaleb(number, _TO_SCALE)


def halves_from_decimal(value: Decimal | int) -> tuple[int, int]:
    """The two 64-bit halves of a DECIMAL; also takes integers.

    Raises ValueError for more than 12 decimals, NaN or infinity, and for numbers that
    128 bits don't hold. -0 is 0, as a two's complement has no other.
    """
    try:
        number = int(_to_integral(_scaleb(value, _FROM_SCALE)))
    except decimal.Inexact:
        raise ValueError(f"more than {DECIMAL_SCALE} decimals, or too many digits") from None
    except (decimal.InvalidOperation, OverflowError, ValueError):
        raise ValueError("not finite, or more digits than a DECIMAL holds") from None
    if not _BELOW < number < _ABOVE:
        raise ValueError("more digits than a DECIMAL holds")
    return divmod(number, _HALF)


def date_from_number(number: int) -> datetime.date | int:
    """year << 16 | month << 8 | day; a number that is no date stays a number."""
    try:
        return datetime.date(number >> 16, (number >> 8) & 0xFF, number & 0xFF)
    except ValueError:
        return number


def number_from_date(value: datetime.date | int) -> tuple[int]:
    """The inverse of date_from_number."""
    if isinstance(value, datetime.date):
        return ((value.year << 16) | (value.month << 8) | value.day,)
    return (operator.index(value),)
