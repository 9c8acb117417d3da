from __future__ import annotations

from typing import Any

import pytest
from construct import Const, Int8ub, PascalString, Struct

from volttools.codec.build_compiler import compile_build, value_builders
from volttools.codec.source import NotCompilableError
from volttools.errors import EncodeError
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, TYPES, TypeRegistry, WireType


def test_fixed_fields_with_their_lengths_are_packed_by_one_call() -> None:
    source = compile_build(Response.declaration).__volttools_source__  # type: ignore[attr-defined]
    assert source.startswith("def build(value):")
    assert "pack" in source


def test_strict_code_refuses_broken_text_and_tolerant_code_writes_it() -> None:
    response = Response(status_string="\udcff")
    with pytest.raises(UnicodeEncodeError):
        compile_build(Response.declaration)(response)
    assert b"\xff" in compile_build(Response.declaration, tolerant=True)(response)


def test_an_unknown_construct_is_named() -> None:
    with pytest.raises(NotCompilableError, match=r"^StringEncoded$"):
        compile_build(Struct("a" / PascalString(Int8ub, "utf8")))


def test_a_type_of_an_unknown_construct_is_written_by_construct() -> None:
    registry = TypeRegistry([WireType("P", 1, PascalString(Int8ub, "utf8"), str, Int8ub, "")])
    assert value_builders(registry)[1]("é") == b"\x02\xc3\xa9"
    assert value_builders(registry) is value_builders(registry)
    assert value_builders(registry) is not value_builders(TYPES)


def test_a_constant_must_be_there() -> None:
    function = compile_build(Struct("magic" / Const(b"M"), "n" / Int8ub))
    assert function({"magic": b"M", "n": 1}) == b"M\x01"
    with pytest.raises(ValueError, match=r"^$"):
        function({"magic": b"X", "n": 1})


@pytest.mark.parametrize("row", [(), (1, 2), "x", None])
def test_rows_that_do_not_fit_are_never_written(row: Any) -> None:
    from volttools.codec import build

    for _ in range(4):  # by value, then by generated code
        with pytest.raises(EncodeError):
            build(Table.of([("A", BIGINT)], [row]))
        with pytest.raises(EncodeError):
            build(Table.of([], [row or (1,)]))
