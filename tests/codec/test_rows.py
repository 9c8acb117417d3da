from __future__ import annotations

import gc
import linecache
import random
import time
from typing import Any

import pytest

from tests.codec.agreement import same
from tests.formats.type_samples import TYPE_SAMPLES, samples_of
from volttools.codec import parser
from volttools.codec.build_compiler import new_writer, value_builders
from volttools.codec.build_rows import RowEncoders
from volttools.codec.parse_compiler import value_parsers
from volttools.codec.rows import MOST_SIGNATURES, RowDecoder, RowDecoders, is_worth_code
from volttools.codec.scalars import WRONG
from volttools.formats.notation import Opaque, strip_names
from volttools.formats.table import Row, Rows, Table
from volttools.formats.types import BIGINT, DECIMAL, NULL, STRING, TINYINT, TYPES

ROWS: Rows = strip_names(Table.declaration.wire_fields()[1].format)
CODES = [kind.code for kind in TYPES if kind.format is not None and kind is not NULL]
UNKNOWN = 99


def _decoder(types: tuple[int, ...], *, tolerant: bool = True) -> RowDecoder:
    return RowDecoder(ROWS, types, value_parsers(TYPES, tolerant=tolerant), tolerant=tolerant)


def _encoders() -> RowEncoders:
    builders = value_builders(TYPES, tolerant=True)
    return RowEncoders(ROWS, builders, lambda name: new_writer(name, tolerant=True))


def _random_rows(rng: random.Random, types: tuple[int, ...], count: int) -> list[Row]:
    """Rows of samples: NULLs, both ends of ranges, short and long text, broken text."""
    samples = {kind.code: [sample.value for sample in samples_of(kind)] for kind in TYPES}
    rows: list[Row] = []
    for _ in range(count):
        values: list[Any] = []
        for code in types:
            if code == UNKNOWN:
                values.append(Opaque(rng.randbytes(rng.randrange(5))))
                break
            values.append(rng.choice(samples[code]))
        rows.append(tuple(values))
    return rows


def _both_ways(types: tuple[int, ...], data: bytes) -> tuple[Any, Any]:
    """What is read value by value and by generated code: (rows, offset), or None for an error."""
    decoder = _decoder(types)
    outcomes: list[Any] = []
    for read in (decoder.parse_by_value, decoder.generate()):
        try:
            rows, offset = read(data, 0, len(data))
            outcomes.append((repr(rows), offset) if offset <= len(data) else None)
        except WRONG:
            outcomes.append(None)
    return outcomes[0], outcomes[1]


@pytest.mark.parametrize("seed", range(60))
def test_generated_code_is_the_same_as_value_by_value(seed: int) -> None:
    rng = random.Random(seed)
    types = tuple(
        rng.choice([*CODES, STRING.code, UNKNOWN] if seed % 3 else CODES) for _ in range(rng.randrange(7))
    )
    rows = _random_rows(rng, types, rng.choice((0, 1, 7, 8, 40)))
    encoders = _encoders()
    by_value = encoders.build_by_value(rows, types)
    assert encoders.generate(types)(rows) == by_value
    data = len(rows).to_bytes(4, "big") + by_value
    first, second = _both_ways(types, data)
    assert first == second == (repr(rows), len(data))


@pytest.mark.parametrize("seed", range(60))
def test_generated_code_refuses_what_value_by_value_refuses(seed: int) -> None:
    rng = random.Random(seed)
    types = tuple(rng.choice([*CODES, STRING.code, UNKNOWN]) for _ in range(rng.randrange(5)))
    rows = _random_rows(rng, types, rng.choice((1, 3, 9)))
    data = len(rows).to_bytes(4, "big") + _encoders().build_by_value(rows, types)
    for _ in range(30):
        broken = bytearray(data)
        for _ in range(rng.choice((1, 1, 2))):
            at = rng.randrange(len(broken))
            broken[at] = rng.choice((0, 1, 3, 0x7F, 0x80, 0xFF, broken[at] ^ 1, (broken[at] + 1) % 256))
        first, second = _both_ways(
            types, bytes(broken[: rng.choice((len(broken), rng.randrange(len(broken) + 1)))])
        )
        assert first == second


@pytest.mark.parametrize("types", [(BIGINT.code,), (STRING.code,), (BIGINT.code, UNKNOWN), ()], ids=str)
@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize("which", [0, -1])
@pytest.mark.parametrize("difference", [-1, 1, 256, 2**31, -(2**31)])
def test_a_wrong_row_length_is_an_error_both_ways(
    types: tuple[int, ...], count: int, which: int, difference: int
) -> None:
    values: list[Any] = [1 if code == BIGINT.code else "text" for code in types]
    if UNKNOWN in types:
        values[-1] = Opaque(b"ab")  # whatever stands there is its value: it can only run out
    data = bytearray(count.to_bytes(4, "big") + _encoders().build_by_value([tuple(values)] * count, types))
    size = (len(data) - 4) // count
    at = 4 + (size * (count - 1) if which else 0)
    length = int.from_bytes(data[at : at + 4], "big", signed=True) + difference
    data[at : at + 4] = (length % 2**32).to_bytes(4, "big")
    first, second = _both_ways(types, bytes(data))
    assert first == second
    if UNKNOWN not in types:
        assert first is None


@pytest.mark.parametrize("count", [-1, -(2**31), 3, 2**31 - 1])
@pytest.mark.parametrize(
    "types", [(), (NULL.code,), (BIGINT.code,), (DECIMAL.code,), (STRING.code,), (UNKNOWN,)], ids=str
)
def test_a_wrong_count_is_an_error_both_ways_and_costs_nothing(types: tuple[int, ...], count: int) -> None:
    data = (count % 2**32).to_bytes(4, "big") + bytes(8)
    start = time.process_time()
    assert _both_ways(types, data) == (None, None)
    assert time.process_time() - start < 1


def test_a_type_that_takes_no_bytes_makes_no_rows_of_thousands() -> None:
    """Found by reading: 13 kB of columns of NULL and rows of nothing were two million values."""
    for types in ((NULL.code,), (BIGINT.code, NULL.code), (NULL.code,) * 1000):
        values: Row = (None, Opaque(b"")) if types[0] == BIGINT.code else (Opaque(b""),)
        rows = [values] * 2000
        data = (2000).to_bytes(4, "big") + _encoders().build_by_value(rows, types)
        assert _both_ways(types, data) == ((repr(rows), len(data)),) * 2


def test_null_is_found_where_only_its_first_byte_is_shared() -> None:
    rows: list[Row] = [(-(2**63) + 1,), (None,), (-(2**63) + 256,), (None,), (0,)] * 4
    data = (20).to_bytes(4, "big") + _encoders().build_by_value(rows, (BIGINT.code,))
    assert _both_ways((BIGINT.code,), data) == ((repr(rows), len(data)),) * 2


# ---------------------------------------------------------------- when, and how much


def test_code_is_generated_for_many_rows_or_many_calls() -> None:
    assert not is_worth_code(columns=3, rows=63, calls=2)
    assert is_worth_code(columns=3, rows=64, calls=1)
    assert is_worth_code(columns=3, rows=1, calls=3)


@pytest.mark.parametrize("columns", [16, 17, 200])
def test_a_row_may_have_many_nulls(columns: int) -> None:
    """And one after another, none at all, and values that begin with the same byte as NULL does."""
    close_to_null = -(2**63) + 1
    rows: list[Row] = [
        tuple(None if (row * column) % 3 == 1 else close_to_null + column for column in range(columns))
        for row in range(20)
    ]
    rows.append((None,) * columns)
    types = (BIGINT.code,) * columns
    data = len(rows).to_bytes(4, "big") + _encoders().build(rows, types)
    by_value, generated = _both_ways(types, data)
    assert by_value == generated == (repr(rows), len(data))


def test_code_for_very_wide_tables_needs_very_many_rows() -> None:
    assert not is_worth_code(columns=129, rows=64, calls=1000)
    assert is_worth_code(columns=1024, rows=512, calls=1)
    assert not is_worth_code(columns=1025, rows=10**6, calls=1000)


def _generated(decoders: RowDecoders, types: tuple[int, ...]) -> bool:
    function = decoders.get(types)
    return hasattr(function, "__volttools_source__")


def _decoders() -> RowDecoders:
    return RowDecoders(ROWS, value_parsers(TYPES), tolerant=False)


def test_the_third_table_of_a_signature_is_read_by_code() -> None:
    decoders = _decoders()
    types = (BIGINT.code,)
    for call in (1, 2, 3):
        assert decoders[types](bytes(4), 0, 4) == ([], 4)
        assert _generated(decoders, types) == (call == 3)


def test_a_count_that_cannot_be_true_generates_nothing() -> None:
    decoders = _decoders()
    types = (STRING.code,) * 100
    data = (2**31 - 1).to_bytes(4, "big") + bytes(800)
    for _ in range(5):
        with pytest.raises(WRONG):
            decoders[types](data, 0, len(data))
    assert not _generated(decoders, types)


def test_the_caches_of_signatures_are_bounded() -> None:
    decoders, encoders = _decoders(), _encoders()
    row_bytes = (70).to_bytes(4, "big")
    for number in range(2 * MOST_SIGNATURES + 20):
        types = tuple(BIGINT.code if number >> bit & 1 else TINYINT.code for bit in range(11))
        row: Row = (1,) * 11
        data = row_bytes + encoders.build([row] * 70, types)
        assert decoders[types](data, 0, len(data))[0][-1] == row
        encoders.build([row], tuple(reversed(types)))
    assert len(decoders) <= MOST_SIGNATURES
    assert len(encoders._generated) <= MOST_SIGNATURES
    assert len(encoders._calls) <= MOST_SIGNATURES


def test_signatures_wider_than_any_table_are_not_remembered() -> None:
    decoders, encoders = _decoders(), _encoders()
    types = (TINYINT.code,) * 2000
    rows: list[Row] = [(5,) * 2000] * 100
    data = (100).to_bytes(4, "big") + encoders.build(rows, types)
    assert decoders[types](data, 0, len(data)) == (rows, len(data))
    assert not decoders
    assert not encoders._calls
    assert not encoders._generated


def test_the_source_of_code_that_is_gone_is_gone() -> None:
    def count() -> int:
        gc.collect()
        return sum(file.startswith("<volttools compiled parse_rows") for file in linecache.cache)

    before = count()
    kept = [_decoder((BIGINT.code,) * number).generate() for number in range(20)]
    assert count() == before + 20
    assert kept[3].__volttools_source__ in "".join(linecache.getlines(kept[3].__code__.co_filename))  # type: ignore[attr-defined]
    kept.clear()
    assert count() == before


def test_one_header_over_tables_of_different_length() -> None:
    """The header is remembered by its bytes; what follows it is not."""
    read = parser(Table)
    header = bytes.fromhex("00000009 80 0001 06 00000001 41")
    tables = [Table.of([("A", BIGINT)], [(n,)] * n) for n in range(4)]
    for table in [*tables, *reversed(tables)]:
        rows = b"".join(b"\0\0\0\x08" + value.to_bytes(8, "big") for (value,) in table.rows)
        assert read(header + len(table.rows).to_bytes(4, "big") + rows) == table
    lying = bytes.fromhex("0000000a") + header[4:]  # the same bytes, one more of them claimed
    found = read(lying + bytes(4))
    assert found.header.length_error == 1
    assert same(found.header.replace(length_error=0), tables[0].header)
    assert read(header + bytes(4)) == tables[0]


def test_samples_cover_every_readable_type() -> None:
    assert {sample.type.code for sample in TYPE_SAMPLES} == {*CODES, NULL.code}
