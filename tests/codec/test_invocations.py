from __future__ import annotations

from typing import Any

import pytest

from tests.formats.type_samples import TYPE_SAMPLES, TypeSample
from volttools.codec import build, invocation_encoder
from volttools.codec.invocations import _MOST_NAMES
from volttools.errors import EncodeError
from volttools.formats.frame import RawFrame
from volttools.formats.invocation import Invocation
from volttools.formats.parameters import Parameter
from volttools.formats.types import ARRAY, BIGINT, INTEGER, STRING, TYPES, WireType


def _frame(procedure: str, handle: int, types: tuple[WireType, ...], values: list[Any]) -> bytes:
    parameters = [Parameter.of(kind, value) for kind, value in zip(types, values, strict=True)]
    return build(
        RawFrame(body=build(Invocation(procedure=procedure, client_handle=handle, parameters=parameters)))
    )


@pytest.mark.parametrize("sample", TYPE_SAMPLES, ids=str)
def test_a_parameter_of_known_type_is_as_build_writes_it(sample: TypeSample) -> None:
    types = (BIGINT, sample.type, STRING)
    values = [1, sample.value, "x"]
    assert invocation_encoder(types)("P", 7, values) == _frame("P", 7, types, values)


def test_no_parameters() -> None:
    assert invocation_encoder(())("P", -1, []) == _frame("P", -1, (), [])


def test_a_name_that_is_not_ascii() -> None:
    assert invocation_encoder(())("é\udcff", 1, []) == _frame("é\udcff", 1, (), [])


def test_names_are_remembered_up_to_a_bound() -> None:
    encode = invocation_encoder((BIGINT,))
    for name in [*(f"P{number}" for number in range(2 * _MOST_NAMES)), "P0", "", "x" * 300]:
        assert encode(name, 5, [6]) == _frame(name, 5, (BIGINT,), [6])
    names = next(value for key, value in encode.__globals__.items() if key.startswith("by_name"))
    assert 0 < len(names) <= _MOST_NAMES


@pytest.mark.parametrize("name", [7, b"P", ["P"]])
def test_a_name_that_is_no_text_is_an_encode_error(name: Any) -> None:
    with pytest.raises(EncodeError, match="expected text, got"):
        invocation_encoder((BIGINT,))(name, 5, [6])


def test_the_same_types_have_one_encoder() -> None:
    assert invocation_encoder((BIGINT, STRING)) is invocation_encoder((BIGINT, STRING))


@pytest.mark.parametrize("values", [[], [1, 2]])
def test_a_wrong_number_of_values_is_an_encode_error(values: list[int]) -> None:
    with pytest.raises(EncodeError) as raised:
        invocation_encoder((INTEGER,))("Vote", 1, values)
    assert str(raised.value) == f"Vote takes 1 parameters, got {len(values)}"


@pytest.mark.parametrize("name", ["INVALID", "ARRAY", "MONEY"])
def test_a_type_without_a_writer_is_an_encode_error(name: str) -> None:
    kind = TYPES.by_name(name)
    with pytest.raises(EncodeError) as raised:
        invocation_encoder((kind,))
    assert str(raised.value) == f"no value can have the type {name} ({kind.code})"


def test_arrays_are_left_to_build() -> None:
    assert ARRAY.format is None
