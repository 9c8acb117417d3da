"""Runs of optional fields, which are mostly all absent."""

import pytest
from construct import IfThenElse, Int8ub, Int16sb, Int32sb, this

from tests.codec.agreement import check_cuts, check_sample
from volttools.codec import parse
from volttools.codec.optional import any_of, optional_run
from volttools.codec.source import Scope
from volttools.formats.invocation import Invocation
from volttools.formats.notation import Counted, Field, Record, Text, field, present_if, record
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


@record
class Dependent(Record):
    kind: int = field(Int8ub, "")
    flag: int | None = field(present_if(this.kind == 1, Int8ub), "")
    detail: int | None = field(present_if((this.kind == 1) & (this.flag == 1), Int16sb), "")
    name: str | None = field(Text, "")
    number: int = field(Int32sb, "")
    unlike: int | None = field(present_if(this.number != 5, Int8ub), "")


def test_a_condition_that_cannot_hold_where_the_others_do_not_belongs_to_the_run():
    assert optional_run(Dependent.declaration.wire_fields()) == range(1, 4)
    assert optional_run(Invocation.declaration.wire_fields()) == range(1, 4)


def test_another_condition_on_a_field_of_the_run_ends_it():
    items = [
        Field("before", "before", Int8ub, "", None, False),
        Field("a", "a", present_if(this.before & 1, Int8ub), "", None, False),
        Field("b", "b", Int8ub, "", None, False),
        Field("c", "c", present_if(this.b & 1, Int8ub), "", None, False),
    ]
    assert optional_run(items) == range(1, 3)
    assert not optional_run(items[:2])  # nothing fixed is among them


def test_one_of_two_formats_is_nothing_optional():
    items = [
        Field("before", "before", Int8ub, "", None, False),
        Field("a", "a", IfThenElse(this.before & 1, Int8ub, Int16sb), "", None, False),
        Field("b", "b", Int8ub, "", None, False),
    ]
    assert not optional_run(items)


def test_bits_of_one_field_are_tested_at_once():
    scope = Scope()
    scope.add("flags", "flags_1")
    assert any_of([this.flags & 1, this.flags & 2], [], scope) == "flags_1 & 3"
    assert any_of([this.flags == 1, this.flags & 2], [], scope) == "(flags_1 == 1) or (flags_1 & 2)"


def test_bits_of_several_fields_and_other_conditions_are_tested_one_by_one():
    scope = Scope()
    for name in ("flags", "mask"):
        scope.add(name, name)
    assert any_of([this.flags & 1, this.mask & 2], [], scope) == "(flags & 1) or (mask & 2)"
    assert any_of([this.flags & 1, this.flags], [], scope) == "(flags & 1) or flags"
    assert any_of([this.flags & 1, this.flags & this.mask], [], scope) == "(flags & 1) or (flags & mask)"


@pytest.mark.parametrize(
    ("condition", "is_asked"),
    [
        (this.flags == 1, True),
        (this.absent == 1, False),
        ((this.flags == 1) & (this.absent == 1), False),
        ((this.absent == 1) & (this.flags == 1), False),
        (this.absent != 1, True),
        (this.absent == this.flags, True),
        ((this.absent & 1) == 1, True),
    ],
)
def test_what_cannot_hold_is_not_asked(condition, is_asked):
    scope = Scope()
    for name in ("flags", "absent"):
        scope.add(name, name)
    expected = scope.expression(condition) if is_asked else ""
    assert any_of([condition], ["absent"], scope) == expected


@pytest.mark.parametrize("name", [None, "", "x" * 63, "x" * 64, "é" * 40, "\udcff"])
@pytest.mark.parametrize("number", [5, -6])
@pytest.mark.parametrize(("kind", "flag", "detail"), [(0, None, None), (1, 1, -3), (1, 2, None)])
def test_a_text_among_numbers_and_optional_fields(kind, flag, detail, name, number):
    unlike = None if number == 5 else 9
    value = Dependent(kind=kind, flag=flag, detail=detail, name=name, number=number, unlike=unlike)
    check_sample(Dependent, value, Dependent.declaration.build(value))
    check_cuts(Dependent, Dependent.declaration.build(value))


def test_every_combination_is_read():
    for flags in range(4):
        body = (
            bytes([flags]) + b"\0\x07" * (flags & 1) + b"\0\0\0\x09" + b"\0\x08" * (flags >> 1) + b"\x01\x05"
        )
        found = parse(Sparse, body)
        assert found == Sparse.declaration.parse(body)
        assert (found.first, found.second) == (7 if flags & 1 else None, 8 if flags & 2 else None)
