from __future__ import annotations

import pytest

from volttools.codec import build, parse
from volttools.errors import DecodeError
from volttools.formats.parameters import Parameter
from volttools.formats.types import BIGINT, STRING, TINYINT


def test_names_of_types() -> None:
    assert Parameter.of(BIGINT, 1).type_name == "BIGINT"
    assert Parameter.array(BIGINT, []).type_name == "BIGINT[]"
    assert Parameter(type=99).type_name == "UNKNOWN_99"


def test_an_array_takes_any_sequence_and_owns_its_list() -> None:
    values = [1, 2]
    parameter = Parameter.array(BIGINT, values)
    values.append(3)
    assert parameter.value == [1, 2]
    assert build(Parameter.array(BIGINT, (1, 2))) == build(parameter)


def test_an_array_of_tinyint_may_have_more_than_65535_elements() -> None:
    parameter = Parameter.array(TINYINT, [1] * 100_000)
    assert parse(Parameter, build(parameter)) == parameter


def test_the_empty_list_of_the_official_client_is_no_array() -> None:
    """It writes `9D type` and no count."""
    with pytest.raises(DecodeError):
        parse(Parameter, b"\x9d\x09")


def test_a_value_that_is_null_has_its_type() -> None:
    assert build(Parameter.of(STRING, None)) == b"\x09\xff\xff\xff\xff"
