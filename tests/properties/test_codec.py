"""Rules of the codec that hold for all input."""

from __future__ import annotations

import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.codec.agreement import check_agreement, check_error, check_sample, outcome
from tests.formats.message_samples import MESSAGE_SAMPLES, kinds
from tests.strategies import invocations, messages, mutated, parameters, responses, tables, values
from volttools.codec import build, parse, parser, spans
from volttools.errors import DecodeError
from volttools.formats.invocation import Invocation
from volttools.formats.notation import Record
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import TYPES, WireType


@given(messages)
def test_what_is_built_is_parsed_to_the_same(message: Record) -> None:
    data = build(message)
    assert repr(parse(type(message), data)) == repr(message)
    assert build(parse(type(message), data)) == data


@given(messages)
def test_compiled_code_spans_and_construct_are_one(message: Record) -> None:
    check_sample(type(message), message, build(message))


@given(responses(), invocations())
def test_the_third_time_is_like_the_first(response: Response, invocation: Invocation) -> None:
    """Code for rows is generated when a signature comes again; headers are remembered."""
    for message in (response, invocation):
        data = build(message)
        for _ in range(4):
            assert repr(parse(type(message), data)) == repr(message)
            assert build(message) == data


@given(tables(levels=2))
def test_tables_in_tables(table: Table) -> None:
    check_sample(Table, table, build(table))


@pytest.mark.parametrize("kind", [kind for kind in TYPES if kind.format is not None], ids=str)
@given(data=st.data())
def test_the_values_of_a_type(kind: WireType, data: st.DataObject) -> None:
    value = data.draw(values(kind))
    parameter = Parameter.of(kind, value)
    assert kind.format is not None
    check_sample(Parameter, parameter, bytes([kind.code]) + kind.format.build(value))


@given(mutated())
def test_broken_bytes_are_read_alike_or_not_at_all(broken: tuple[type[Record], bytes]) -> None:
    kind, data = broken
    if check_agreement(kind, data) is DecodeError:
        check_error(kind, data)


@given(st.sampled_from(kinds()), st.binary(max_size=200))
def test_any_bytes_end_in_a_value_or_a_decode_error(kind: type[Record], data: bytes) -> None:
    if check_agreement(kind, data) is DecodeError:
        check_error(kind, data)


@given(messages, st.data())
def test_a_message_cut_anywhere(message: Record, data: st.DataObject) -> None:
    whole = build(message)
    cut = whole[: data.draw(st.integers(0, max(0, len(whole) - 1)))]
    if check_agreement(type(message), cut) is DecodeError:
        check_error(type(message), cut)


@given(mutated())
def test_bytearrays_and_views_are_read_like_bytes(broken: tuple[type[Record], bytes]) -> None:
    kind, data = broken
    expected = outcome(parser(kind), data)
    view = memoryview(b"\0" + data + b"\0")[1:-1]
    for other in (bytearray(data), memoryview(data), view, view[::-1][::-1]):
        assert outcome(parser(kind), other) == expected  # type: ignore[arg-type]
        assert outcome(lambda d: spans(kind, d).value, other) == expected  # type: ignore[arg-type]


@given(st.lists(parameters(), max_size=3))
def test_lists_and_tuples_are_written_alike(given_parameters: list[Parameter]) -> None:
    as_tuples = [
        p.replace(value=tuple(p.value)) if isinstance(p.value, list) else p for p in given_parameters
    ]
    invocation = Invocation(procedure="P", parameters=tuple(as_tuples))  # type: ignore[arg-type]
    assert build(invocation) == build(Invocation(procedure="P", parameters=given_parameters))


# ---------------------------------------------------------------- memory


def _parse_or_error(kind: type[Record], data: bytes) -> Any:
    """The value, or None; nothing of it is printed, which would take memory of its own."""
    try:
        return parse(kind, data)
    except DecodeError:
        return None


def _peak_bytes(function: Any) -> int:
    function()  # what is compiled on first use doesn't count
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


CLAIMS = (b"\x7f\xff\xff\xff", b"\x7f\xff", b"\xff\xff\xff\xff", b"\x80\0\0\0", b"\x3f\xff\xff\xff")


@pytest.mark.parametrize("sample", MESSAGE_SAMPLES, ids=str)
def test_claimed_sizes_allocate_nothing(sample: Any) -> None:
    """Every place of every message says 2^31-1, -1 ...: read as a length, as a count, as a value."""
    for at in range(len(sample.data)):
        for claim in CLAIMS:
            data = sample.data[:at] + claim + sample.data[at + len(claim) :]
            check_agreement(sample.kind, data)
    data = sample.data[: len(sample.data) // 2] + CLAIMS[0] + bytes(100)
    assert _peak_bytes(lambda: _parse_or_error(sample.kind, data)) < 200_000


def _table_bytes(column_types: bytes, rows: bytes, count: int) -> bytes:
    columns = column_types + bytes(4) * len(column_types)
    header = (3 + len(columns)).to_bytes(4, "big") + b"\x80" + len(column_types).to_bytes(2, "big") + columns
    return header + count.to_bytes(4, "big") + rows


def _response_bytes(table: bytes) -> bytes:
    head = build(Response())[:-2]
    return head + b"\0\1" + len(table).to_bytes(4, "big") + table


HOSTILE = {
    "a thousand columns, two thousand million rows": _table_bytes(b"\x06" * 1000, b"", 2**31 - 1),
    "a thousand columns of NULL, rows of nothing": _table_bytes(b"\x01" * 1000, bytes(4) * 2000, 2000),
    "two thousand columns of NULL, rows of nothing": _table_bytes(b"\x01" * 2_000, bytes(4) * 500, 500),
    "no columns, rows of nothing": _table_bytes(b"", bytes(4) * 5_000, 5_000),
    "unknown columns, rows of nothing": _table_bytes(b"\x63" * 100, bytes(4) * 5_000, 5_000),
    "five thousand columns": _table_bytes(b"\x06" * 5_000, b"", 0),
    "a length error": b"\xff\xff\xff\xff" + _table_bytes(b"\x06" * 100, b"", 0)[4:],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_tables_take_memory_by_what_they_hold(name: str) -> None:
    data = _response_bytes(HOSTILE[name])
    check_agreement(Response, data)
    assert _peak_bytes(lambda: _parse_or_error(Response, data)) < 60 * len(data) + 200_000


def test_lengths_that_lie_copy_nothing() -> None:
    """Found by reading: a header's length isn't relied on, but so many bytes were looked up."""
    table = bytes.fromhex("7fffffff 80 0001 06 00000000 00000000")
    table = len(table).to_bytes(4, "big") + table
    data = build(Response())[:-2] + (10_000).to_bytes(2, "big") + table * 10_000 + bytes(3_000_000)
    start = time.process_time()
    assert len(parse(Response, data).tables) == 10_000
    assert time.process_time() - start < 2  # it was 8
