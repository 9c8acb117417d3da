from __future__ import annotations

import pytest
import voltdbclient
from construct import Int8ub

from tests.formats.type_samples import TYPE_SAMPLES, TypeSample, samples_of
from volttools.errors import DecodeError
from volttools.formats.types import ARRAY, BIGINT, BOOLEAN, TYPES, ArrayValue, TypeRegistry, Value, WireType


@pytest.mark.parametrize("sample", TYPE_SAMPLES, ids=str)
def test_a_sample_is_what_its_declaration_says(sample: TypeSample) -> None:
    assert sample.type.format is not None
    assert repr(sample.type.format.parse(sample.data)) == repr(sample.value)
    assert sample.type.format.build(sample.value) == sample.data
    assert sample.type.format.build(sample.type.format.parse(sample.data)) == sample.data


@pytest.mark.parametrize("kind", [t for t in TYPES if t.format is not None], ids=str)
def test_every_type_with_a_reader_has_samples_and_a_null(kind: WireType) -> None:
    samples = samples_of(kind)
    assert samples
    assert any(sample.value is None for sample in samples) or kind.name == "VOLTTABLE"
    assert all(sample.value is None or isinstance(sample.value, (kind.python, int)) for sample in samples)


# fmt: off
CODES = {
    0: "INVALID", 1: "NULL", 2: "NUMERIC", 3: "TINYINT", 4: "SMALLINT", 5: "INTEGER", 6: "BIGINT",
    7: "INLIST_OF_BIGINT", 8: "FLOAT", 9: "STRING", 10: "INLIST_OF_STRING", 11: "TIMESTAMP", 12: "DATE",
    20: "MONEY", 21: "VOLTTABLE", 22: "DECIMAL", 23: "BOOLEAN", 24: "ADDRESS", 25: "VARBINARY",
    26: "GEOGRAPHY_POINT", 27: "GEOGRAPHY", -99: "ARRAY",
}
# fmt: on


def test_the_codes_are_those_of_the_reference() -> None:
    assert {kind.code: kind.name for kind in TYPES} == CODES


def test_the_codes_are_those_of_the_official_client() -> None:
    client = voltdbclient.FastSerializer
    theirs = {
        name.removeprefix("VOLTTYPE_"): code
        for name, code in vars(client).items()
        if name.startswith("VOLTTYPE_")
    }
    known = {name: code for name, code in theirs.items() if name in {kind.name for kind in TYPES}}
    assert len(known) > 12
    assert {name: TYPES.by_name(name).code for name in known} == known


def test_names_and_codes_of_unknown_types_are_inverse() -> None:
    for code in range(-128, 128):
        assert TYPES.code_of(TYPES.name_of(code)) == code
    assert TYPES.name_of(99) == "UNKNOWN_99"
    assert TYPES.name_of(-98) == "UNKNOWN_-98"
    assert TYPES.by_code(99) is None
    assert TYPES.format_of(99) is None
    with pytest.raises(KeyError):
        TYPES.by_name("nothing")
    with pytest.raises(KeyError):
        TYPES.code_of("nothing")


def test_a_code_or_a_name_is_declared_once() -> None:
    registry = TypeRegistry([BIGINT])
    with pytest.raises(ValueError, match=r"^wire type BIGINT \(6\) is declared already$"):
        registry.register(BIGINT)
    with pytest.raises(ValueError, match=r"^wire type OTHER \(6\) is declared already$"):
        registry.register(WireType("OTHER", 6, Int8ub, int, None, ""))
    assert [repr(kind) for kind in registry] == ["BIGINT"]


def test_a_type_without_a_reader_says_so() -> None:
    with pytest.raises(DecodeError, match=r"^no value can have the type MONEY \(20\)$"):
        Value(20).parse(b"")
    with pytest.raises(DecodeError, match=r"^no value can have the type UNKNOWN_30 \(30\)$"):
        Value(30).parse(b"")
    with pytest.raises(DecodeError, match=r"^no array can have elements of type ARRAY \(-99\)$"):
        ArrayValue(ARRAY.code).parse(b"")


def test_counts_of_arrays_are_16_bits_but_for_tinyint() -> None:
    widths = {kind.name: kind.array_count.sizeof() for kind in TYPES if kind.array_count is not None}
    assert widths.pop("TINYINT") == 4
    assert set(widths.values()) == {2}
    assert BOOLEAN.name in widths
