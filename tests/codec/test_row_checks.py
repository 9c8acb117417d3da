"""Rows that are checked without making values: every length in them counts, and no value can be wrong."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.codec.test_checks import FIXED, MANY
from tests.fast_ways import is_read
from volttools.codec import build, quick_check
from volttools.formats.notation import Packed
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, TYPES

ONE = Table.of([("A", BIGINT)], [(0,)])


@pytest.mark.parametrize("table", [MANY, FIXED, ONE], ids=["strings", "fixed", "one row"])
def test_every_byte_of_a_table_that_says_how_long_something_is_counts(table):
    body = build(Response(tables=[table]))
    seen = set()
    for at in range(len(body)):
        changed = body[:at] + bytes([body[at] ^ 0x81]) + body[at + 1 :]
        expected = is_read(Response, changed)
        assert quick_check(Response, changed) == expected
        seen.add(expected)
        assert not quick_check(Response, body[:at])
    assert seen == {True, False}


@pytest.mark.parametrize(
    ("table", "length"), [(MANY, 8 + 4 + 9), (FIXED, 8), (ONE, 8)], ids=["strings", "fixed", "one row"]
)
def test_a_row_that_takes_what_stands_behind_its_values_is_wrong(table, length):
    body = build(Response(tables=[table.replace(trailing=b"more")]))
    assert quick_check(Response, body)
    last_row = length.to_bytes(4, "big") + (len(table.rows) - 1).to_bytes(8, "big")
    at = body.rindex(last_row)
    changed = body[:at] + (length + 4).to_bytes(4, "big") + body[at + 4 :]
    assert not is_read(Response, changed)
    assert not quick_check(Response, changed)


@pytest.mark.parametrize(("table", "length"), [(MANY, 8 + 4), (FIXED, 8)], ids=["strings", "fixed"])
def test_a_count_that_cannot_be_takes_no_room(table, length):
    body = build(Response(tables=[table]))
    assert quick_check(Response, body)
    count_and_first = len(table.rows).to_bytes(4, "big") + length.to_bytes(4, "big")
    at = body.index(count_and_first)
    changed = body[:at] + (2**31 - 1).to_bytes(4, "big") + body[at + 4 :]
    tracemalloc.start()
    try:
        assert not quick_check(Response, changed)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "wire_type", [kind for kind in TYPES if isinstance(kind.format, Packed)], ids=lambda kind: kind.name
)
@given(data=st.data())
def test_all_bytes_are_a_value_of_a_type_of_fixed_width(wire_type, data):
    size = wire_type.format.struct.size
    wire_type.format.parse(data.draw(st.binary(min_size=size, max_size=size)))
