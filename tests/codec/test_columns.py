from __future__ import annotations

import subprocess
import sys
import tracemalloc
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

import volttools
from tests import strategies
from tests.codec.column_agreement import check_columns, check_same, outcome
from tests.formats.type_samples import samples_of
from tests.requirements import ROOT
from volttools.codec import build, parse
from volttools.codec.columns import (
    NOTE_KEY,
    STATUS_KEY,
    TYPE_KEY,
    arrow_to_pandas,
    table_at,
    table_to_arrow,
    tables_to_arrow,
    unique_names,
    with_unique_names,
)
from volttools.errors import DecodeError, UsageError
from volttools.formats.geography import Point
from volttools.formats.notation import Opaque
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DECIMAL,
    FLOAT,
    GEOGRAPHY,
    GEOGRAPHY_POINT,
    INTEGER,
    NULL,
    SMALLINT,
    STRING,
    TIMESTAMP,
    TINYINT,
    TYPES,
    VARBINARY,
    VOLTTABLE,
)

WITH_FORMAT = [kind for kind in TYPES if kind.format is not None and kind is not NULL]
UNKNOWN = 99


def body_of(*tables: Table) -> bytes:
    return build(Response(tables=list(tables)))


def columns_of(table: Table) -> pa.Table:
    (found,) = tables_to_arrow(body_of(table))
    found.validate(full=True)
    return found


@given(strategies.tables())
def test_any_table_has_the_same_values_in_columns_as_in_rows(table):
    found = columns_of(table)
    check_same(found, table)
    assert found.schema.metadata == {STATUS_KEY.encode(): str(table.status).encode()}
    assert table_to_arrow(table).equals(found, check_metadata=True) or "nan" in repr(table.rows)


@given(st.data(), st.lists(st.sampled_from([k for k in WITH_FORMAT if k is not VOLTTABLE]), min_size=1))
def test_tables_of_many_rows_of_known_types_have_the_same_values(data, kinds):
    row = st.tuples(*(strategies.values(kind) for kind in kinds))
    few = data.draw(st.lists(row, min_size=1, max_size=5))
    rows = [few[index % len(few)] for index in range(70)]
    table = Table.of([(kind.name, kind) for kind in kinds], rows)
    check_same(columns_of(table), table)


@pytest.mark.parametrize("kind", WITH_FORMAT, ids=str)
def test_each_type_alone_with_all_its_samples(kind):
    table = Table.of([("C", kind)], [(sample.value,) for sample in samples_of(kind)])
    check_same(columns_of(table), table)


@pytest.mark.parametrize("kind", WITH_FORMAT, ids=str)
@pytest.mark.parametrize("value", ["NULL", "none at all"])
def test_each_type_without_any_value(kind, value):
    if kind is VOLTTABLE and value == "NULL":
        return  # it has no NULL
    table = Table.of([("C", kind)], [(None,)] * 3 if value == "NULL" else [])
    found = columns_of(table)
    assert found.num_rows == found.column(0).null_count == len(table.rows)


# fmt: off
EXACT_TYPES = [
    (TINYINT,         1,               pa.int8()),
    (SMALLINT,        1,               pa.int16()),
    (INTEGER,         1,               pa.int32()),
    (BIGINT,          1,               pa.int64()),
    (FLOAT,           1.0,             pa.float64()),
    (DECIMAL,         Decimal("-1.500000000000"), pa.decimal128(38, 12)),
    (STRING,          "é",             pa.string()),
    (VARBINARY,       b"\xff",         pa.binary()),
    (TIMESTAMP,       1,               pa.timestamp("us", tz="UTC")),
    (DATE,            samples_of(DATE)[1].value, pa.date32()),
    (BOOLEAN,         True,            pa.bool_()),
    (GEOGRAPHY_POINT, Point(1.0, 2.0), pa.struct([pa.field("longitude", pa.float64(), nullable=False), pa.field("latitude", pa.float64(), nullable=False)])),
    (GEOGRAPHY,       samples_of(GEOGRAPHY)[1].value, pa.string()),
    (VOLTTABLE,       Table.of([]),    pa.binary()),
    # one value that the type can't hold, and the whole column is of another
    (DECIMAL,         Decimal("100000000000000000000000000.000000000000"),  pa.decimal256(39, 12)),
    (DECIMAL,         Decimal("-100000000000000000000000000.000000000000"), pa.decimal256(39, 12)),
    (DECIMAL,         Decimal("99999999999999999999999999.999999999999"),   pa.decimal128(38, 12)),
    (DECIMAL,         Decimal("-99999999999999999999999999.999999999999"),  pa.decimal128(38, 12)),
    (STRING,          "\udcff",        pa.binary()),
    (DATE,            0,               pa.int32()),
    (BOOLEAN,         2,               pa.int8()),
]
# fmt: on


@pytest.mark.parametrize(("kind", "value", "arrow_type"), EXACT_TYPES, ids=str)
def test_the_arrow_type_is_exact(kind, value, arrow_type):
    table = Table.of([("C", kind)], [(value,), (value,)] + [(None,)] * (kind is not VOLTTABLE))
    found = columns_of(table)
    assert found.schema.types == [arrow_type]
    check_same(found, table)
    usual = columns_of(Table.of([("C", kind)])).schema.types[0]
    assert (NOTE_KEY.encode() in found.schema.field(0).metadata) == (arrow_type != usual or kind is VOLTTABLE)


def test_a_text_that_is_cut_inside_a_character_is_none_though_all_together_are():
    table = Table.of([("C", STRING)], [("a\udcc3",), ("\udca9b",)])  # "aéb" in two pieces
    found = columns_of(table)
    assert found.schema.types == [pa.binary()]
    assert found.column(0).to_pylist() == [b"a\xc3", b"\xa9b"]
    assert found.schema.field(0).metadata[NOTE_KEY.encode()] == b"a text is no UTF-8: as bytes"


def test_names_stay_as_they_are_also_twice_and_empty():
    table = Table.of([("A", BIGINT), ("A", STRING), ("", BIGINT), ("\udcff", BIGINT)], [(1, "x", 2, 3)])
    assert columns_of(table).column_names == ["A", "A", "", "\\xff"]


def test_names_are_made_unique_only_where_that_is_needed():
    assert unique_names(["A", "B", "A", "", "A", "A_2", ""]) == ["A", "B", "A_3", "C4", "A_4", "A_2", "C7"]
    assert unique_names(["", "C1", ""]) == ["C2", "C1", "C3"]
    table = columns_of(Table.of([("A", BIGINT), ("A", BIGINT)], status=7))
    renamed = with_unique_names(table)
    assert renamed.schema == table.schema.set(1, table.schema.field(1).with_name("A_2"))
    assert renamed.schema.metadata == {STATUS_KEY.encode(): b"7"}


def test_many_columns_of_one_name_are_numbered_through():
    names = ["A"] * 20_000 + [""] * 20_000  # with a search from 2 on for each, minutes
    found = unique_names(names)
    assert (found[1], found[19_999], found[20_000]) == ("A_2", "A_20000", "C20001")
    assert len(set(found)) == len(names)
    assert unique_names(["", "C1", "C2", ""]) == ["C3", "C1", "C2", "C4"]


def test_what_stands_behind_a_column_of_unknown_type_is_null():
    table = Table.of([("A", BIGINT), ("B", UNKNOWN), ("C", BIGINT)], [(1, Opaque(b"xy")), (2, Opaque(b""))])
    found = columns_of(table)
    assert found.to_pydict() == {"A": [1, 2], "B": [b"xy", b""], "C": [None, None]}
    notes = [(field.metadata or {}).get(NOTE_KEY.encode()) for field in found.schema]
    assert notes == [
        None,
        b"a type that nobody can read: all bytes up to the row's end",
        b"not read: its bytes are in the first column of unknown type",
    ]


@pytest.mark.parametrize("rows", [0, 1, 300, 50_000])
@pytest.mark.parametrize("kinds", [(BIGINT, INTEGER, TINYINT), (STRING, BIGINT, VARBINARY)], ids=str)
def test_tables_of_any_length(kinds, rows):
    def value(kind, index):
        if index % 7 == 3:
            return None
        texts = {STRING: "x" * (index % 300), VARBINARY: b"y" * (index % 3)}
        return texts.get(kind, index % 100) if kind in texts else index % 100

    table = Table.of(
        [(kind.name, kind) for kind in kinds], [tuple(value(k, i) for k in kinds) for i in range(rows)]
    )
    found = columns_of(table)
    assert found.num_rows == rows
    assert [column.to_pylist() for column in found.columns] == [
        [row[index] for row in table.rows] for index in range(len(kinds))
    ]


@pytest.mark.parametrize("kind", [BIGINT, STRING, DECIMAL], ids=str)
def test_tables_of_1024_columns(kind):
    value = {BIGINT: 5, STRING: "text", DECIMAL: Decimal("0.500000000000")}[kind]
    table = Table.of([(f"C{index}", kind) for index in range(1024)], [(value, None) * 512] * 3)
    check_same(columns_of(table), table)


def test_a_table_without_columns_has_none():
    assert columns_of(Table.of([], [(), ()])).num_columns == 0


def test_bytes_behind_the_rows_and_a_wrong_length_of_the_header_do_no_harm():
    for table in (Table.of([("A", BIGINT)], [(1,)]), Table.of([("A", STRING)], [("x",), ("y",)])):
        odd = table.replace(
            trailing=bytes(96),
            header=table.header.__class__(
                status=3, column_types=table.header.column_types, column_names=("A",), length_error=-4
            ),
        )
        check_same(columns_of(odd), odd)


# ------------------------------------------------------------------ errors


SAMPLES = {
    "fixed": Table.of([("A", BIGINT), ("B", INTEGER)], [(1, 2), (None, 4)] * 3),
    "texts": Table.of([("A", STRING), ("B", INTEGER), ("C", VARBINARY)], [("abc", 2, b""), (None, 4, b"x")] * 3),
    "others": Table.of(
        [("A", GEOGRAPHY), ("B", DECIMAL), ("C", GEOGRAPHY_POINT)],
        [(samples_of(GEOGRAPHY)[1].value, Decimal("1.000000000000"), Point(1.0, 2.0)), (None, None, None)],
    ),
    "opaque": Table.of([("A", STRING), ("B", UNKNOWN)], [("abc", Opaque(b"xy"))]),
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_every_cut_is_the_same_error_as_for_rows(name):
    body = body_of(SAMPLES[name])
    for length in range(len(body)):
        with pytest.raises(DecodeError) as raised:
            tables_to_arrow(body[:length])
        assert raised.value == outcome(lambda data: parse(Response, data), body[:length])
        with pytest.raises((DecodeError, UsageError)):
            table_at(body[:length], 0)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_changed_byte_is_the_same_for_columns_and_rows(name):
    body = body_of(SAMPLES[name])
    for at in range(len(body)):
        for byte in (0, 1, 0x7F, 0x80, 0xFF, body[at] ^ 1, (body[at] + 1) % 256):
            check_columns(body[:at] + bytes([byte]) + body[at + 1 :])


@given(strategies.mutated())
def test_damaged_messages_are_the_same_for_columns_and_rows(sample):
    kind, body = sample
    if kind is Response:
        check_columns(body)


@pytest.mark.parametrize("last", [STRING, BIGINT], ids=str)
def test_many_rows_that_are_said_to_be_but_are_not_take_no_memory(last):
    wide = Table.of([(f"C{index}", BIGINT) for index in range(1000)] + [("LAST", last)])
    empty = build(wide)
    count = 200_000  # rows of length 0; gathered, they would be 1.6 GB
    data = empty[:-4] + count.to_bytes(4, "big") + bytes(4 * count)
    body = body_of()[:-2] + b"\0\1" + len(data).to_bytes(4, "big") + data
    tracemalloc.start()
    try:
        with pytest.raises(DecodeError):
            tables_to_arrow(body)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


def test_an_error_says_where():
    body = bytearray(body_of(SAMPLES["texts"]))
    at = body.rindex(b"\0\0\0\x01x")
    body[at : at + 4] = b"\x7f\xff\xff\xff"
    with pytest.raises(DecodeError) as raised:
        tables_to_arrow(body)
    assert str(raised.value) == (
        "response.tables[0].rows[5].C: length 2,147,483,647, but only 1 bytes are left at byte 154"
    )


def test_a_table_that_is_not_there_is_said():
    body = body_of(SAMPLES["fixed"], SAMPLES["texts"])
    assert table_at(body, 1).column_names == ["A", "B", "C"]
    for index in (2, -1):
        with pytest.raises(UsageError) as raised:
            table_at(body, index)
        assert str(raised.value) == f"the response has no table {index}, counted from 0: the last is 1"
    with pytest.raises(UsageError, match="no table 0, counted from 0: it has none"):
        table_at(body_of(), 0)


def test_the_body_may_be_any_buffer():
    body = body_of(SAMPLES["texts"])
    for other in (bytearray(body), memoryview(body)):
        assert tables_to_arrow(other)[0].equals(tables_to_arrow(body)[0])


def test_a_table_whose_values_are_not_of_its_types_is_refused():
    with pytest.raises(volttools.EncodeError, match=r"rows\[0\]"):
        table_to_arrow(Table.of([("A", BIGINT)], [("text",)]))


@pytest.mark.parametrize("missing", ["numpy", "pyarrow"])
def test_without_the_extra_it_is_said_what_to_install(missing):
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "import volttools\n"
        "try: volttools.tables_to_arrow(b'')\n"
        "except volttools.UsageError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == (
        f'columns need pyarrow and numpy ({missing} is missing): pip install "volttools[arrow]"\n'
    )


# ------------------------------------------------------------ other formats


def recorded():
    """Every column type of a server, with NULLs, least and greatest values."""
    with volttools.open(ROOT / "captures" / "types-all.pcap") as capture:
        exchanges = list(capture)
    return [(exchange.to_arrow(), exchange.response.tables[0]) for exchange in exchanges]


def test_recorded_tables_have_the_same_values_in_columns_as_in_rows():
    found = recorded()
    assert max(table.num_columns for table, _ in found) == 12
    for columns, table in found:
        columns.validate(full=True)
        check_same(columns, table)
    types = {
        field.metadata[TYPE_KEY.encode()]: field.type for columns, _ in found for field in columns.schema
    }
    assert len(types) == 11


def test_the_tables_of_all_recordings_have_the_same_values_in_columns_as_in_rows(shared_captures):
    bodies = {
        exchange.response_frame.body
        for path in sorted(shared_captures.glob("*.pcap"))
        for exchange in volttools.open(path)
        if exchange.response_frame is not None and exchange.response_frame.is_whole
    }
    assert len(bodies) > 1000
    for body in bodies:
        check_columns(body)


def test_parquet_gives_back_what_was_written(tmp_path):
    columns = max((table for table, _ in recorded()), key=lambda table: table.num_rows)
    pyarrow.parquet.write_table(columns, tmp_path / "x.parquet")
    assert pyarrow.parquet.read_table(tmp_path / "x.parquet").equals(columns)


def test_pandas_has_exact_types_and_nulls():
    table = Table.of(
        [("A", BIGINT), ("A", FLOAT), ("", DECIMAL), ("T", TIMESTAMP)],
        [(2**63 - 1, float("nan"), Decimal("1.500000000000"), 0), (None, None, None, None)],
    )
    frame = arrow_to_pandas(columns_of(table))
    assert [str(kind) for kind in frame.dtypes] == [
        "int64[pyarrow]",
        "double[pyarrow]",
        "decimal128(38, 12)[pyarrow]",
        "timestamp[us, tz=UTC][pyarrow]",
    ]
    assert list(frame.columns) == ["A", "A_2", "C3", "T"]
    assert frame["A"][0] == 2**63 - 1
    assert frame["A"][1] is pd.NA
    assert np.isnan(frame["A_2"][0])
    assert frame["T"][0] == pd.Timestamp("1970-01-01", tz="UTC")
