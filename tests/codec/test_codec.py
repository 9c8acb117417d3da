from __future__ import annotations

import contextlib
import importlib
import pkgutil
import random
from pathlib import Path
from typing import Any

import pytest
from construct import (
    BitsInteger,
    Bitwise,
    Bytes,
    Construct,
    Container,
    Int8sb,
    Int8ub,
    PascalString,
    Struct,
    this,
)

import volttools.formats
from tests.codec.agreement import check_agreement, check_cuts, check_error, check_sample
from tests.formats.message_sample import MessageSample
from tests.formats.message_samples import MESSAGE_SAMPLES, kinds
from tests.formats.type_samples import TYPE_SAMPLES, TypeSample
from tests.fuzz import capture_files, recorded_frames
from volttools.codec import build, builder, parse, parser, spans
from volttools.codec.codec import _CODECS, _MOST_CODECS, fallback_of
from volttools.codec.spans import Span
from volttools.errors import DecodeError, EncodeError
from volttools.formats.invocation import Invocation
from volttools.formats.notation import (
    MAX_NESTING,
    Opaque,
    Record,
)
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.table import TABLE, Table
from volttools.formats.types import (
    BIGINT,
    NULL,
    STRING,
    TYPES,
    VOLTTABLE,
)

# ---------------------------------------------------------------- samples, multiplied


@pytest.mark.parametrize("sample", MESSAGE_SAMPLES, ids=str)
def test_all_ways_agree_on_a_message(sample: MessageSample) -> None:
    check_sample(sample.kind, sample.message, sample.data)


@pytest.mark.parametrize("sample", MESSAGE_SAMPLES, ids=str)
def test_a_message_cut_short_has_a_place(sample: MessageSample) -> None:
    check_cuts(sample.kind, sample.data)


@pytest.mark.parametrize("sample", MESSAGE_SAMPLES, ids=str)
def test_bytes_behind_a_message_are_kept_or_an_error(sample: MessageSample) -> None:
    for tail in (b"\0", b"\xff\xff\xff\xff\xff"):
        if check_agreement(sample.kind, sample.data + tail) is DecodeError:
            check_error(sample.kind, sample.data + tail)


@pytest.mark.parametrize("sample", TYPE_SAMPLES, ids=str)
def test_all_ways_agree_on_a_value(sample: TypeSample) -> None:
    check_sample(sample.type.format, sample.value, sample.data)


@pytest.mark.parametrize("sample", TYPE_SAMPLES, ids=str)
def test_a_value_cut_short_has_a_place(sample: TypeSample) -> None:
    check_cuts(sample.type.format, sample.data)


@pytest.mark.parametrize("sample", TYPE_SAMPLES, ids=str)
def test_a_byte_behind_a_value_is_an_error(sample: TypeSample) -> None:
    error = check_error(sample.type.format, sample.data + b"\0")
    assert error.message == "1 bytes more than the message takes"


@pytest.mark.parametrize("sample", TYPE_SAMPLES, ids=str)
def test_a_value_is_the_same_as_parameter_element_and_column(sample: TypeSample) -> None:
    code = bytes([sample.type.code])
    scalar = code + sample.data
    check_sample(Parameter, Parameter.of(sample.type, sample.value), scalar)
    if sample.type.array_count is not None:
        data = b"\x9d" + code + sample.type.array_count.build(2) + sample.data * 2
        check_sample(Parameter, Parameter.array(sample.type, [sample.value] * 2), data)
    if sample.type is NULL:
        return  # no type of a column
    row = (len(sample.data) + 1).to_bytes(4, "big") + sample.data + b"\x05"
    for count in (1, 9, 70):  # by value, then two kinds of generated code
        header = bytes.fromhex("0000000d 80 0002") + code + bytes.fromhex("03 00000001 41 00000001 42")
        data = header + count.to_bytes(4, "big") + row * count
        table = Table.of([("A", sample.type), ("B", 3)], [(sample.value, 5)] * count)
        check_sample(Table, table, bytes.fromhex("0000000f") + data[4:])
        for _ in range(3):
            assert repr(parse(Table, bytes.fromhex("0000000f") + data[4:])) == repr(table)


# ---------------------------------------------------------------- one field edited


def _edits(value: Any) -> list[Any]:
    """Other values for a field, near and far from what it has."""
    if isinstance(value, Opaque):
        return [Opaque(value + b"\x01")]
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1 if value < 100 else value - 1]
    if isinstance(value, str):
        return [value + "z", ""] if value else ["z"]
    if isinstance(value, bytes):
        return [bytes([value[0] ^ 1]) + value[1:], value[:-1]] if value else [b"z"]
    if type(value) in (list, tuple) and value:
        elements = _edits(value[0])[:1]
        return [value[:-1], value + value[-1:], *(type(value)([edit, *value[1:]]) for edit in elements)]
    return []


def _edited(message: Record, attribute: str, value: Any) -> Record | None:
    """The message with one field changed; None where the field can't have that value, or isn't there."""
    try:
        changed = message.replace(**{attribute: value})
        again = parse(type(message), build(changed))
    except (EncodeError, DecodeError):
        return None
    return changed if again == changed else None


def _paths(span: Span, path: str = "") -> dict[str, Span]:
    """All leaves by their path."""
    found = {}
    for child in span.children:
        inner = f"{path}.{child.name}"
        found.update(_paths(child, inner) if child.children else {inner: child})
    return found


# Records in records are edited as what they are; the others decide what else is there, or are constant.
NOT_EDITED = {
    "Table": {"header"},
    "TableOutline": {"header"},
    "Response": {"exception"},
    "ResponseOutline": {"exception"},
    "Parameter": {"type", "element_type"},
    "InvocationHead": {"version", "batch_timeout_flag"},
    "DumpedFrame": {"newline"},
}


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_an_edited_field_changes_itself_and_lengths_and_counts_only(kind: type[Record]) -> None:
    edited = set()
    for sample in MESSAGE_SAMPLES:
        if sample.kind is not kind:
            continue
        for item in kind.declaration.fields:
            for value in _edits(getattr(sample.message, item.attribute, None)):
                changed = _edited(sample.message, item.attribute, value)
                if changed is not None:
                    edited.add(item.attribute)
                    _check_edit(sample, item.name, build(changed))
    fields = {item.attribute for item in kind.declaration.valued_fields()}
    assert fields - edited == NOT_EDITED.get(kind.__name__, set())


def _check_edit(sample: MessageSample, name: str, after: bytes) -> None:
    old, new = _paths(spans(sample.kind, sample.data)), _paths(spans(sample.kind, after))
    differing = {
        path
        for path in old.keys() | new.keys()
        if path not in old
        or path not in new
        or sample.data[old[path].start : old[path].end] != after[new[path].start : new[path].end]
    }
    allowed = (".length", ".count", "_count", "fields_present")
    strange = {path for path in differing if not path.startswith(f".{name}") and not path.endswith(allowed)}
    assert not strange, f"{sample}: editing {name} changed {strange}"


def test_an_edited_cell_changes_its_row_only() -> None:
    table = Table.of([("A", BIGINT), ("B", STRING)], [(1, "x"), (2, "y"), (3, "z")])
    before = build(Response(tables=[table]))
    after = build(Response(tables=[table.replace(rows=[(1, "x"), (2, "longer"), (3, "z")])]))
    old, new = _paths(spans(Response, before)), _paths(spans(Response, after))
    assert old.keys() == new.keys()
    differing = [p for p in old if before[old[p].start : old[p].end] != after[new[p].start : new[p].end]]
    assert differing == [".tables.[0].length", ".tables.[0].rows.[1].length", ".tables.[0].rows.[1].B"]


def test_setting_an_optional_part_sets_its_bit() -> None:
    plain, with_text = build(Response()), build(Response(status_string="x"))
    assert plain[9] == 0
    assert with_text == plain[:9] + b"\x20\x01\0\0\0\x01x" + plain[11:]
    assert build(parse(Response, with_text).replace(status_string=None)) == plain


# ---------------------------------------------------------------- what is not compiled


def _declared() -> list[type[Record]]:
    found = []
    for module in pkgutil.iter_modules(volttools.formats.__path__):
        names = vars(importlib.import_module(f"volttools.formats.{module.name}"))
        found += [
            x
            for x in names.values()
            if isinstance(x, type) and issubclass(x, Record) and hasattr(x, "declaration")
        ]
    return list(dict.fromkeys(found))


def test_nothing_that_is_declared_falls_back_to_construct() -> None:
    assert len(_declared()) > 30
    assert {kind.__name__: reason for kind in _declared() if (reason := fallback_of(kind))} == {}
    formats = {t.name: t.format for t in TYPES if t.format is not None}
    assert {name: reason for name, format in formats.items() if (reason := fallback_of(format))} == {}
    assert fallback_of(TABLE) is None


FALLBACKS: list[tuple[Construct, str, Any, str]] = [
    (
        Struct("bits" / Bitwise(Struct("a" / BitsInteger(4), "b" / BitsInteger(4)))),
        "57",
        Container(bits=Container(a=5, b=7)),
        "Transformed (bits)",
    ),
    (
        Struct("name" / PascalString(Int8ub, "utf8")),
        "02 6869",
        Container(name="hi"),
        "StringEncoded (name)",
    ),
    (
        Struct("n" / Int8ub, "data" / Bytes(lambda context: context.n + 1)),
        "01 6162",
        Container(n=1, data=b"ab"),
        "expression <function",
    ),
    (
        Struct("n" / Int8ub, "in" / Struct("data" / Bytes(this._.n))),
        "02 6162",
        Container({"n": 2, "in": Container(data=b"ab")}),
        "this['_'] is no",
    ),
]


@pytest.mark.parametrize(
    ("format", "hex_digits", "value", "reason"), FALLBACKS, ids=["bits", "string", "lambda", "parent"]
)
def test_an_unknown_construct_falls_back_and_works(
    format: Construct, hex_digits: str, value: Any, reason: str
) -> None:
    data = bytes.fromhex(hex_digits)
    assert (fallback_of(format) or "").startswith(reason)
    assert parser(format)(data) == value
    assert builder(format)(value) == data
    assert spans(format, data).value == value
    for length in range(len(data)):
        check_error(format, data[:length])
    check_error(format, data + b"\0")
    with pytest.raises(EncodeError):
        builder(format)(Container({name: object() for name in value}))


# ---------------------------------------------------------------- nesting


def _nested(levels: int) -> Table:
    table = Table.of([("T", VOLTTABLE)])
    for _ in range(levels - 1):
        table = Table.of([("T", VOLTTABLE)], [(table,)])
    return table


def _nested_bytes(levels: int) -> bytes:
    data = bytes.fromhex("00000009 80 0001 15 00000001 54 00000000")
    for _ in range(levels - 1):
        size = len(data)
        data = bytes.fromhex(f"00000009 80 0001 15 00000001 54 00000001 {size + 4:08x} {size:08x}") + data
    return data


def test_tables_in_tables_are_read_to_a_limit_and_no_further() -> None:
    deepest = _nested_bytes(MAX_NESTING + 1)
    check_sample(Table, _nested(MAX_NESTING + 1), deepest)
    too_deep = _nested_bytes(MAX_NESTING + 2)
    assert check_agreement(Table, too_deep) is DecodeError
    assert check_error(Table, too_deep).message == "nested more than 16 levels deep"
    with pytest.raises(EncodeError) as raised:
        build(_nested(MAX_NESTING + 2))
    assert raised.value.message == "nested more than 16 levels deep"


@pytest.mark.parametrize("levels", [200, 3_000])
def test_thousands_of_tables_in_tables_are_an_error(levels: int) -> None:
    data = _nested_bytes(levels)
    assert check_error(Table, data).message == "nested more than 16 levels deep"
    invocation = build(
        Invocation(procedure="P", parameters=Opaque(b"\0\x01\x15" + len(data).to_bytes(4, "big") + data))
    )
    assert isinstance(parse(Invocation, invocation).parameters, Opaque)
    check_agreement(Invocation, invocation)


def test_a_nearly_full_stack_is_an_error_of_ours() -> None:
    data = build(Response(tables=[_nested(4)]))
    outcomes = set()

    def dive() -> None:
        with contextlib.suppress(RecursionError):
            dive()
        try:
            outcomes.add(repr(parse(Response, data)))
        except DecodeError as error:
            outcomes.add(error.message)

    with contextlib.suppress(RecursionError):
        dive()
    assert repr(parse(Response, data)) in outcomes


# ---------------------------------------------------------------- caches


def test_codecs_of_constructs_made_on_the_fly_do_not_pile_up() -> None:
    for _ in range(_MOST_CODECS + 10):
        assert parser(Struct("a" / Int8sb))(b"\x01").a == 1
    assert len(_CODECS) <= _MOST_CODECS


# ---------------------------------------------------------------- recordings


@pytest.mark.parametrize("path", capture_files(random.Random(0), shared=False), ids=lambda path: path.name)
def test_recorded_frames_are_the_same_after_parse_and_build(path: Path) -> None:
    frames = list(dict.fromkeys(recorded_frames(path)))
    assert frames
    for kind, body in frames:
        if len(body) < 20_000:
            assert check_agreement(kind, body) is not DecodeError
        else:
            assert build(parse(kind, body)) == body


@pytest.mark.shared
def test_frames_recorded_beside_the_repository_are_the_same_too(shared_captures: Path) -> None:
    dumps = sorted(shared_captures.glob("*.dump"))
    frames = list(dict.fromkeys(frame for path in dumps for frame in recorded_frames(path)))
    assert len(frames) > 50
    for kind, body in frames:
        assert build(parse(kind, body)) == body
        if len(body) < 20_000:
            check_agreement(kind, body)
