from __future__ import annotations

import math
import struct
from decimal import InvalidOperation
from typing import Any

import pytest

from volttools.codec.scalars import WRONG, WrongBytesError, decoding, literal, unpacked
from volttools.codec.source import Source
from volttools.errors import DecodeError
from volttools.formats.notation import Blob, Packed, Text


@pytest.mark.parametrize(
    "number", [0, -(2**63), -1.7e308, -0.0, math.inf, -math.inf, 5e-324, (1, 0), (360.0, math.inf), ()]
)
def test_a_literal_is_the_number(number: Any) -> None:
    assert repr(eval(literal(number))) == repr(number)


def test_a_literal_nan_is_nan() -> None:
    assert math.isnan(eval(literal(math.nan)))


def test_the_lines_of_a_fixed_value() -> None:
    source = Source("f")
    assert unpacked(source, Packed("q"), ["n"], "n") == []
    assert unpacked(source, Packed("q"), ["n"], "value") == ["value = n"]
    assert unpacked(source, Packed("q", null=-1), ["n"], "n") == ["if n == -1: n = None"]
    assert unpacked(source, Packed("q", null=-1), ["n"], "value") == ["value = None if n == -1 else n"]
    assert unpacked(source, Packed("", null=()), [], "value") == ["value = None"]


def test_text_is_strict_first_and_tolerant_then() -> None:
    assert decoding(Blob, False) == ""
    assert decoding(Text, False) == ".decode()"
    assert decoding(Text, True) == '.decode("utf-8", "surrogateescape")'


@pytest.mark.parametrize(
    "error",
    [
        WrongBytesError,
        DecodeError,
        struct.error,
        IndexError,
        KeyError,
        OverflowError,
        TypeError,
        InvalidOperation,
    ],
)
def test_what_generated_code_may_raise_is_known(error: type[Exception]) -> None:
    assert issubclass(error, WRONG)
