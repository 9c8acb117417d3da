from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any, cast

import pytest
from construct import Int8ub

from tests.formats.message_samples import MESSAGE_SAMPLES, kinds
from volttools.errors import EncodeError
from volttools.formats.geography import Bound, Loop
from volttools.formats.invocation import Invocation
from volttools.formats.notation import Mapped, Opaque, Packed, Record, field, misfit, record, shown
from volttools.formats.response import Response


def test_opaque_bytes_are_bytes_that_say_so() -> None:
    opaque = Opaque(b"\x01\xff")
    assert repr(opaque) == "Opaque('01ff')"
    assert opaque == b"\x01\xff"
    assert pickle.loads(pickle.dumps(opaque)) == opaque
    assert type(copy.deepcopy(opaque)) is Opaque


@pytest.mark.parametrize("sample", MESSAGE_SAMPLES, ids=str)
def test_records_pickle_copy_and_compare(sample: Any) -> None:
    assert pickle.loads(pickle.dumps(sample.message)) == sample.message
    assert copy.deepcopy(sample.message) == sample.message
    assert sample.message.replace() == sample.message
    assert sample.message != "something else"


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_every_field_has_a_name_and_records_are_slotted(kind: type[Record]) -> None:
    assert kind.declaration.docs
    assert not hasattr(kind.__new__(kind), "__dict__")
    assert {f.attribute for f in kind.declaration.valued_fields()} <= {
        f.name for f in dataclasses.fields(cast(Any, kind))
    }


def test_a_default_that_can_change_belongs_to_one_record() -> None:
    first, second = Response(), Response()
    first.tables.append(5)  # type: ignore[arg-type]
    assert second.tables == []
    loops = Loop(vertices=[]), Loop(vertices=[])
    loops[0].bound.version = 9
    assert loops[1].bound == Bound()


def test_fields_are_given_by_name_only() -> None:
    with pytest.raises(TypeError):
        cast(Any, Invocation)("P")
    with pytest.raises(TypeError, match="procedure"):
        cast(Any, Invocation)()
    with pytest.raises(AttributeError):
        Response().nothing = 1  # type: ignore[attr-defined]


def test_a_secret_is_not_printed() -> None:
    @record
    class Safe(Record):
        "With and without a default."

        code: bytes = field(Packed("2s"), "required", secret=True)
        word: bytes = field(Packed("2s"), "optional", secret=True, default=b"zz")
        open: int = field(Int8ub, "not secret", default=1)

    assert repr(Safe(code=b"xy")).endswith("Safe(open=1)")


@pytest.mark.parametrize(
    ("format", "value", "text"),
    [
        ("b", 128, "must be -128 .. 127"),
        ("B", -1, "must be 0 .. 255"),
        ("q", 2**63, f"must be {-(2**63)} .. {2**63 - 1}"),
        ("h", 1.0, "not an integer"),
        ("i", "1", "not an integer"),
        ("d", "1", "not a number"),
        ("d", 10**400, "too large"),
        ("4s", 1, None),
        ("qQ", 1, None),
    ],
)
def test_why_a_number_does_not_fit(format: str, value: Any, text: str | None) -> None:
    assert misfit(format, value) == text


def test_a_value_is_shown_short() -> None:
    assert shown("a") == "'a'"
    assert len(shown("a" * 1000)) == 60
    assert shown("a" * 1000).endswith("...")
    assert shown(10**5000) == "value of type int"
    circle: list[Any] = []
    circle.append(circle)
    assert shown(circle) == "[[...]]"


def test_a_number_that_a_mapping_refuses_is_an_encode_error() -> None:
    def never(number: int) -> int:
        raise ValueError("never")

    with pytest.raises(EncodeError, match=r"^never$"):
        Mapped(Int8ub, never, never, "no number").build(1)
