"""Runs of optional fields, which are mostly all absent."""

from construct import Int8ub, Int16sb, Int32sb, this

from volttools.codec import parse
from volttools.codec.optional import any_of, optional_run
from volttools.codec.source import Scope
from volttools.formats.invocation import Invocation
from volttools.formats.notation import Counted, Record, field, present_if, record
from volttools.formats.response import Response


@record
class Sparse(Record):
    flags: int = field(Int8ub, "1 first, 2 second")
    first: int | None = field(present_if(this.flags & 1, Int16sb), "")
    between: int = field(Int32sb, "")
    second: int | None = field(present_if(this.flags & 2, Int16sb), "")
    items: list[int] = field(Counted(Int8ub, Int8ub), "")


def test_a_run_goes_from_the_first_optional_field_to_the_count_behind_the_last():
    assert optional_run(Sparse.declaration.wire_fields()) == range(1, 5)
    names = [
        Response.declaration.wire_fields()[i].name for i in optional_run(Response.declaration.wire_fields())
    ]
    assert (names[0], names[-1]) == ("status_string", "tables")


def test_a_condition_on_a_field_of_the_run_ends_it():
    assert not optional_run(
        Invocation.declaration.wire_fields()
    )  # batch_timeout_ms asks for the flag before it


def test_bits_of_one_field_are_tested_at_once():
    scope = Scope()
    scope.add("flags", "flags_1")
    assert any_of([this.flags & 1, this.flags & 2], scope) == "flags_1 & 3"
    assert any_of([this.flags == 1, this.flags & 2], scope) == "(flags_1 == 1) or (flags_1 & 2)"


def test_every_combination_is_read():
    for flags in range(4):
        body = (
            bytes([flags]) + b"\0\x07" * (flags & 1) + b"\0\0\0\x09" + b"\0\x08" * (flags >> 1) + b"\x01\x05"
        )
        found = parse(Sparse, body)
        assert found == Sparse.declaration.parse(body)
        assert (found.first, found.second) == (7 if flags & 1 else None, 8 if flags & 2 else None)
