from __future__ import annotations

from typing import Any

import pytest
from construct import (
    Array,
    Bytes,
    Const,
    Container,
    GreedyBytes,
    If,
    IfThenElse,
    Int8sb,
    Int8ub,
    Int16sb,
    Int16ul,
    Int32sb,
    PascalString,
    Pass,
    Struct,
    Switch,
    this,
)

from tests.codec.agreement import check_cuts, check_error, check_sample, leaves
from volttools.codec import build, builder, parse, parser, spans
from volttools.codec.codec import fallback_of
from volttools.codec.spans import label_of
from volttools.formats.notation import (
    Blob,
    Counted,
    Interned,
    Mapped,
    Measured,
    Nested,
    Opaque,
    OrOpaque,
    Packed,
    PresenceFlags,
    Record,
    Repeated,
    Sized,
    Text,
    count_of,
    field,
    frozen_record,
    kept,
    record,
)
from volttools.formats.table import Rows
from volttools.formats.types import (
    ArrayValue,
    TypeRegistry,
    Value,
    WireType,
)


def _hexed(number: int) -> str:
    if number == 13:
        raise ValueError("thirteen")
    return f"{number:x}"


COLOUR = WireType(
    "COLOUR", 70, Packed("BBB", null=(0, 0, 1), decode=lambda *rgb: rgb, encode=tuple), tuple, Int8ub, ""
)
SHORT = WireType("SHORT", 71, Packed("h", null=-1, endian="<", label="i16 le"), int, Int8ub, "")
NAME = WireType("NAME", 72, Packed("4s", label="4 bytes"), bytes, Int8ub, "")
ODD = WireType("ODD", 73, Packed("d", null=float("inf"), label="f64"), float, Int8ub, "")
HEXED = WireType(
    "HEXED", 74, Packed("B", decode=_hexed, encode=lambda t: (int(t, 16),), label="hex"), str, Int8ub, ""
)
PASCAL = WireType("PASCAL", 75, PascalString(Int8ub, "utf8"), str, Int8ub, "")
PLAIN = WireType("PLAIN", 76, Int16ul, int, Int8ub, "")
EMPTY = WireType("EMPTY", 77, Packed("", null=()), type(None), Int8ub, "")
TREE = WireType("TREE", 78, Nested(lambda: Counted(Int8ub, Inner.declaration)), list, Int8ub, "")

MINE = TypeRegistry([COLOUR, SHORT, NAME, ODD, HEXED, PASCAL, PLAIN, EMPTY, TREE])


@frozen_record
class Head(Record):
    """A header of one's own."""

    count: int = count_of(Int8ub, "types", "of columns")
    types: tuple[int, ...] = field(Repeated(this.count, Int8sb), "codes")
    names: tuple[str, ...] = field(Repeated(this.count, Text), "names")
    length_error: int = kept("of the length", default=0)


@record
class Inner(Record):
    """A record in a record."""

    kind: int = field(Int8ub, "which")
    value: Any = field(
        IfThenElse(this.kind > 100, ArrayValue(this.kind - 100, MINE), Value(this.kind, MINE)), "a value"
    )


@record
class Everything(Record):
    """Every notation at once, known nowhere else."""

    magic: bytes = field(Const(b"\xca\xfe"), "CA FE", default=b"\xca\xfe")
    flags: int = field(PresenceFlags(Int8ub, note=0x01, extra=0x80), "bits", default=0)
    size: int = field(Int8ub, "of data", default=0)
    small: int = field(Int16ul, "little-endian", default=0)
    colour: Any = field(COLOUR.format, "three bytes", default=None)
    note: str | None = field(If(this.flags & 0x01, Text), "optional", default=None)
    fixed: int = field(Int32sb, "between optional ones", default=0)
    extra: int | None = field(If((this.flags & 0x80) != 0, Int16sb), "optional", default=None)
    data: bytes = field(Bytes(this.size), "as many as size says", default=b"")
    head: Head = field(Interned(Measured(Int8sb, Head.declaration)), "columns")
    rows: list[Any] = field(Rows(this.head.types, names=this.head.names, registry=MINE), "rows", default=[])
    inner: list[Inner] = field(Counted(Int8ub, Inner.declaration), "values", default=[])
    pair: Any = field(
        Sized(Int8ub, Struct("a" / Int8ub, "b" / Repeated(2, Int16sb), Const(b"\0")), null=0),
        "plain",
        default=None,
    )
    power: int = field(Mapped(Int8ub, lambda n: 2**n, lambda n: n.bit_length() - 1, "log"), "", default=1)
    other: Any = field(
        Switch(this.size, {1: Int8ub, 2: Blob, 3: Pass}, default=Int16sb), "by size", default=0
    )
    rest: Any = field(OrOpaque(Counted(Int8ub, Text)), "to the end", default=[])


HEAD = Head(types=(70, 71, 72, 73, 74, 75, 76), names=tuple("abcdefg"))
ROW = ((1, 2, 3), -2, b"wxyz", 1.5, "ff", "né", 513)
NULLS = (None, None, b"\0\0\0\0", None, "0", "", 0)

EVERYTHING = [
    (Everything(head=Head(types=(), names=()), rest=["a", None]), "cafe 00 00 0000 000001 00000000 01 00 00000000 00 00 00 0000 02 00000001 61 ffffffff"),
    (
        Everything(
            flags=0x0E,
            size=2,
            small=-1 & 0xFFFF,
            colour=(9, 8, 7),
            note="n",
            fixed=-1,
            extra=-2,
            data=b"hi",
            head=HEAD,
            rows=[ROW, NULLS],
            inner=[Inner(kind=71, value=5), Inner(kind=171, value=[1, None]), Inner(kind=75, value="p")],
            pair=Container(a=1, b=(2, -3)),
            power=1024,
            other=b"blob",
            rest=Opaque(b"\x01\x02"),
        ),
        "cafe 8f 02 ffff 090807 00000001 6e ffffffff fffe 6869"
        "2b 07 46 47 48 49 4a 4b 4c 00000001 61 00000001 62 00000001 63 00000001 64 00000001 65 00000001 66 00000001 67"
        "00000002 00000018 010203 feff 7778797a 3ff8000000000000 ff 036ec3a9 0102"
        "00000015 000001 ffff 00000000 7ff0000000000000 00 00 0000"
        "03 47 0500 ab 02 0100 ffff 4b 01 70"
        "06 01 0002 fffd 00 0a 00000004 626c6f62 0102",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("value", "hex_digits"), EVERYTHING, ids=["least", "most"])
def test_a_record_declared_here_is_compiled(value: Everything, hex_digits: str) -> None:
    data = bytes.fromhex(hex_digits)
    check_sample(Everything, value, data)
    check_cuts(Everything, data)
    for _ in range(5):  # rows: by value, then by generated code
        assert repr(parse(Everything, data)) == repr(value)
        assert build(value) == data


@pytest.mark.parametrize("rows", [1, 7, 8, 64, 200])
@pytest.mark.parametrize("columns", [(), (70,), (71,), (70, 71), (70, 74), (73, 71), (76,), (72, 72)])
def test_rows_of_types_declared_here_are_the_same_by_code_and_by_value(
    columns: tuple[int, ...], rows: int
) -> None:
    by_code = dict(zip(HEAD.types, zip(ROW, NULLS, strict=True), strict=True))
    pair = [tuple(by_code[code][which] for code in columns) for which in (0, 1)]
    head = Head(types=columns, names=("x",) * len(columns))
    value = Everything(head=head, rows=[pair[n % 2] for n in range(rows)])
    data = Everything.declaration.build(value)
    for _ in range(4):
        assert repr(parse(Everything, data)) == repr(value)
        assert build(value) == data


def test_a_type_that_takes_no_bytes_is_a_value_but_no_column() -> None:
    assert parse(Inner, b"\x4d") == Inner(kind=77, value=None)
    assert build(Inner(kind=77, value=None)) == b"\x4d"
    head = Head(types=(71, 77), names=("a", "b"))
    value = Everything(head=head, rows=[(5, Opaque(b"")), (None, Opaque(b"x"))])
    assert parse(Everything, build(value)) == value


def test_spans_and_labels_know_a_record_declared_here() -> None:
    tree = spans(Everything, bytes.fromhex(EVERYTHING[1][1]))
    assert [child.name for child in tree.children][:6] == [
        "magic",
        "flags",
        "size",
        "small",
        "colour",
        "note",
    ]
    found = {child.name: (child.label, child.doc) for child in tree.children}
    assert found["small"] == ("u16 le", "little-endian")
    assert found["colour"] == ("BBB", "three bytes")
    assert found["inner"] == ("u8 count x Inner", "values")
    rows = next(child for child in tree.children if child.name == "rows")
    assert [leaf.value for leaf in leaves(rows.children[1])] == [24, *ROW]
    assert label_of(SHORT.format) == "i16 le"
    assert label_of(TREE.format) == "u8 count x Inner"
    assert label_of(Everything.declaration) == "Everything"


def test_a_value_that_a_declaration_refuses_is_a_decode_error() -> None:
    error = check_error(Inner, b"\x4a\x0d")
    assert str(error) == "inner.value: no hex: thirteen at byte 1"


def test_a_plain_struct_is_compiled() -> None:
    format = Struct(
        "version" / Int8sb,
        "size" / Int16ul,
        "data" / Bytes(this.size),
        "note" / If(this.version == 1, Text),
        Const(b"\n"),
        "rest" / GreedyBytes,
    )
    data = bytes.fromhex("01 0300 616263 00000001 78 0a 7a")
    value = Container(version=1, size=3, data=b"abc", note="x", rest=b"z")
    check_sample(format, value, data)
    check_cuts(format, data)
    assert [child.name for child in spans(format, data).children] == [
        "version",
        "size",
        "data",
        "note",
        "Const",
        "rest",
    ]


def test_a_plain_array_is_compiled() -> None:
    format = Struct("n" / Int8ub, "items" / Array(this.n, Int16sb))
    assert fallback_of(format) is None
    assert parser(format)(b"\x02\0\x05\xff\xff") == Container(n=2, items=[5, -1])
    assert builder(format)(Container(n=2, items=[5, -1])) == b"\x02\0\x05\xff\xff"
    assert check_error(format, b"\xff\0\x05").message == "count 255, but only 2 bytes are left"


def test_bytes_of_both_orders_that_stand_together_keep_their_order() -> None:
    mixed = Packed("h2s", endian="<", decode=lambda n, s: (n, s), encode=tuple)
    format = Struct("a" / Int16sb, "b" / mixed, "c" / Int16sb, "d" / Packed("2s"), "e" / Int16ul)
    data = bytes.fromhex("0001 0100 6162 0001 6364 0100")
    check_sample(format, Container(a=1, b=(1, b"ab"), c=1, d=b"cd", e=1), data)


def test_a_type_of_an_unknown_construct_is_read_by_construct() -> None:
    assert fallback_of(PASCAL.format) == "StringEncoded (value)"
    check_cuts(Inner, bytes.fromhex("4b 02 c3a9"))
    assert parse(Inner, bytes.fromhex("4b 02 c3a9")) == Inner(kind=75, value="é")
    assert check_error(Inner, bytes.fromhex("4b 02 ffff")).path == "inner.value"
    assert build(Inner(kind=75, value="é")) == bytes.fromhex("4b 02 c3a9")
