from typing import Any

from construct import GreedyBytes, If, Int8ub, Int16sb, Int16ul, Int32sb, Struct, Switch, this

from volttools.formats.notation import Counted, Record, Sized, Text, field, kept, record
from volttools.formats.response import Response
from volttools.formats.table import Table, TableHeader
from volttools.formats.types import BIGINT, DECIMAL, STRING
from volttools.render.layout import expression_text, layout_of, records_within, shape_of, width_of


@record
class Inner(Record):
    """A part."""

    flag: int = field(Int8ub, "a flag")
    number: int = field(Int16ul, "a number")


@record
class Unheard(Record):
    """A message that nobody else declares."""

    count: int = field(Int32sb, "how many")
    inner: Inner = field(Inner.declaration, "the part")
    name: str | None = field(If((this.count != 0) & (this.inner.flag == 1), Text), "its name", default=None)
    choice: Any = field(Switch(this.count, {1: Int8ub}, default=GreedyBytes), "one of two")
    parts: list[Inner] = field(Sized(Int16sb, Counted(Int32sb, Inner.declaration)), "more parts", default=[])
    secret: bytes = field(GreedyBytes, "hush", default=b"", secret=True)
    error: int = kept("what was wrong", default=0)


def test_a_record_that_is_known_nowhere_else_has_a_layout():
    rows = {row.name: row for row in layout_of(Unheard.declaration)}
    assert [(row.offset, row.shape) for row in rows.values()] == [
        (0, "i32"),
        (4, "Inner"),
        (7, "str"),
        (None, "by count (1: u8; else: bytes to the end)"),
        (None, "i16 length, i32 count x Inner"),
        (None, "bytes to the end"),
        (None, "not on the wire"),
    ]
    assert rows["name"].condition == "count != 0 and inner.flag == 1"
    assert rows["secret"].is_secret
    assert rows["error"].is_kept
    assert rows["count"].doc == "how many"


def test_a_plain_struct_has_a_layout_too():
    struct = Struct("a" / Int8ub, "b" / Int16ul * "the second")
    assert [(row.offset, row.name, row.shape, row.doc) for row in layout_of(struct)] == [
        (0, "a", "u8", ""),
        (1, "b", "u16 little-endian", "the second"),
    ]


def test_the_records_within_are_found_in_order_and_once():
    assert records_within(Unheard.declaration) == [Inner]
    assert Table in records_within(Response.declaration)
    assert records_within(Table.declaration) == [TableHeader]


def test_widths_are_known_where_they_never_vary():
    assert width_of(Inner.declaration) == 3
    assert width_of(Unheard.declaration) is None
    assert width_of(BIGINT.format) == 8
    assert width_of(DECIMAL.format) == 16
    assert width_of(STRING.format) is None


def test_offsets_end_behind_what_varies():
    offsets = {row.name: row.offset for row in layout_of(TableHeader.declaration)}
    assert offsets == {
        "status": 0,
        "column_count": 1,
        "column_types": 3,
        "column_names": None,
        "length_error": None,
    }


def test_every_shape_of_the_protocol_has_words():
    for kind in (Response, Table, TableHeader):
        for row in layout_of(kind.declaration):
            assert "<" not in row.shape
            assert "lambda" not in row.shape


def test_expressions_read_like_prose():
    assert expression_text(this.type == -99) == "type == -99"
    assert expression_text((this.a == 1) | (this.b == 2)) == "a == 1 or b == 2"
    assert expression_text(this.a & 0x20) == "a has bit 20"
    assert shape_of(STRING.format) == "str"
