from __future__ import annotations

import pickle
from decimal import Decimal
from typing import Any

import pytest
from construct import Array, Bitwise, Bytes, Const, Container, Int8ub, Octet, PascalString, Struct

from volttools.codec import build, builder, invocation_encoder
from volttools.errors import EncodeError
from volttools.formats.dumpfile import DumpedFrame
from volttools.formats.exceptions import ServerException
from volttools.formats.geography import Geography, Loop, Vertex
from volttools.formats.invocation import Extension, Invocation
from volttools.formats.login import LoginRequest, LoginResponse
from volttools.formats.notation import Counted, Mapped, Opaque, Sized
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.table import Table, TableHeader
from volttools.formats.types import (
    BIGINT,
    DATE,
    DECIMAL,
    FLOAT,
    GEOGRAPHY,
    GEOGRAPHY_POINT,
    INTEGER,
    NULL,
    SMALLINT,
    STRING,
    TINYINT,
    TYPES,
    VARBINARY,
    VOLTTABLE,
    WireType,
)


def _cell(kind: WireType, value: Any) -> Response:
    """A response whose last row has the value in column PRICE."""
    rows = [(1, None)] * 3 + [(2, value)]
    return Response(tables=[Table.of([("ID", BIGINT), ("PRICE", kind)], rows)])


CELLS = [
    (TINYINT, 128, "expected i8, got 128: must be -128 .. 127"),
    (SMALLINT, -32769, "expected i16, got -32769: must be -32768 .. 32767"),
    (INTEGER, 2147483648, "expected i32, got 2147483648: must be -2147483648 .. 2147483647"),
    (INTEGER, 10**5000, "expected i32, got value of type int: must be -2147483648 .. 2147483647"),
    (BIGINT, 2**63, "expected i64, got 9223372036854775808: must be -9223372036854775808 .. 9223372036854775807"),
    (BIGINT, 1.0, "expected i64, got 1.0: not an integer"),
    (BIGINT, "1", "expected i64, got '1': not an integer"),
    (FLOAT, "1", "expected f64, got '1': not a number"),
    (FLOAT, 10**400, f"expected f64, got 1{'0' * 56}...: too large"),
    (STRING, 5, "expected text, got 5"),
    (STRING, b"x", "expected text, got b'x'"),
    (STRING, "\ud800", "text that UTF-8 can't write: surrogates not allowed"),
    (VARBINARY, "x", "expected bytes, got 'x'"),
    (VARBINARY, [1], "expected bytes, got [1]"),
    (DECIMAL, 1.5, "expected i128 x 10^-12, got 1.5: conversion from float to Decimal is not supported"),
    (
        DECIMAL,
        Decimal("0.0000000000001"),
        "expected i128 x 10^-12, got Decimal('1E-13'): more than 12 decimals, or too many digits",
    ),
    (
        DECIMAL,
        Decimal("1E27"),
        "expected i128 x 10^-12, got Decimal('1E+27'): more digits than a DECIMAL holds",
    ),
    (
        DECIMAL,
        Decimal("1E+999999999"),
        "expected i128 x 10^-12, got Decimal('1E+999999999'): more than 12 decimals, or too many digits",
    ),
    (
        DECIMAL,
        Decimal("NaN"),
        "expected i128 x 10^-12, got Decimal('NaN'): not finite, or more digits than a DECIMAL holds",
    ),
    (DATE, "x", "expected i32 year<<16 month<<8 day, got 'x': 'str' object cannot be interpreted as an integer"),
    (GEOGRAPHY_POINT, (1.0,), "expected f64 longitude, f64 latitude, got (1.0,): pack expected 2 items for packing (got 1)"),
    (GEOGRAPHY, "POLYGON", "expected a Geography, got 'POLYGON'"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "value", "text"), CELLS, ids=[f"{kind} {text[:60]}" for kind, _, text in CELLS]
)
def test_a_cell_that_cannot_be_written_is_named(kind: WireType, value: Any, text: str) -> None:
    for _ in range(4):  # by value, then by generated code
        with pytest.raises(EncodeError) as raised:
            build(_cell(kind, value))
    assert str(raised.value) == f"response.tables[0].rows[3].PRICE: {text}"
    assert raised.value.path == "response.tables[0].rows[3].PRICE"
    assert raised.value.__suppress_context__


BAD_LOOP = Loop(vertices=[Vertex(1.0, 2.0, 3.0), Vertex(1.0, 2.0, "x")])  # type: ignore[arg-type]

ERRORS = [
    (Response(status=128), "response.status: expected i8, got 128: must be -128 .. 127"),
    (Response(status=None), "response.status: expected i8, got None"),  # type: ignore[arg-type]
    (Response(extra_flags=256), "response.extra_flags: expected u8, got 256: must be 0 .. 255"),
    (Response(extra_flags="x"), "response.extra_flags: expected u8, got 'x': not an integer"),  # type: ignore[arg-type]
    (Response(status_string=5), "response.status_string: expected text, got 5"),  # type: ignore[arg-type]
    (Response(hashes=[1, 2**31]), "response.hashes[1]: expected i32, got 2147483648: must be -2147483648 .. 2147483647"),
    (Response(extra_flags=0x10), "response.hashes: expected a list, got None"),
    (Response(tables=None), "response.tables: expected a list, got None"),  # type: ignore[arg-type]
    (Response(tables=[5]), "response.tables[0]: expected a Table, got 5"),  # type: ignore[list-item]
    (Response(trailing="x"), "response.trailing: expected bytes, got 'x'"),  # type: ignore[arg-type]
    (Response(trailing=65), "response.trailing: expected bytes, got 65"),  # type: ignore[arg-type]
    (Response(exception=ServerException(type=2, message="m")), "response.exception.sql_state: expected bytes, got None"),
    (
        Response(exception=ServerException(type=2, message="m", sql_state=b"abc")),
        "response.exception.sql_state: expected 5 bytes, got 3",
    ),
    (Table.of([("A", BIGINT)], [(1, 2)]), "table.rows[0]: expected a row of 1 values, got 2"),
    (Table.of([("A", BIGINT)], [5]), "table.rows[0]: expected a row, a tuple of 1 values, got 5"),  # type: ignore[list-item]
    (Table.of([], [(1,)]), "table.rows[0]: expected a row of 0 values, got 1"),
    (Table.of([("A", BIGINT)], [()]), "table.rows[0]: expected a row of 1 values, got 0"),
    (Table.of([("A", BIGINT)]).replace(rows=5), "table.rows: expected a list of rows, got 5"),
    (Table.of([("A", 99)], [(b"x",)]), "table.rows[0].A: expected Opaque bytes for a column of unknown type, got b'x'"),
    (Parameter.of(NULL, 5), "parameter.value: expected nothing, got 5: takes no bytes"),
    (Table.of([("A", 200)]), "table.header.column_types[0]: expected i8, got 200: must be -128 .. 127"),
    (Table.of([(5, BIGINT)]), "table.header.column_names[0]: expected text, got 5"),  # type: ignore[list-item]
    (Table.of([("x", BIGINT)] * 40_000), "table.header.column_types: 40,000 elements are more than an i16 can tell"),
    (
        Table(header=TableHeader(column_types=(6, 6), column_names=("A",))),
        "table.header.column_names: expected 2 elements, got 1",
    ),
    (
        Table(header=TableHeader(column_types=(6,), column_names=("A",), length_error=2**31)),
        "table.header.length_error: expected i32, got 2147483657: must be -2147483648 .. 2147483647",
    ),
    (Table.of([("T", VOLTTABLE)], [(None,)]), "table.rows[0].T: expected a Table, got None"),
    (Table(header=None), "table.header: expected a TableHeader, got None"),  # type: ignore[arg-type]
    (Invocation(procedure=b"P"), "invocation.procedure: expected text, got b'P'"),  # type: ignore[arg-type]
    (
        Invocation(procedure="P", parameters=[Parameter.of(TYPES.by_name("INVALID"), 1)]),
        "invocation.parameters[0].value: no value can have the type INVALID (0)",
    ),
    (
        Invocation(procedure="P", parameters=[Parameter.array(NULL, [])]),
        "invocation.parameters[0].value: no array can have elements of type NULL (1)",
    ),
    (
        Invocation(procedure="P", parameters=[Parameter.array(INTEGER, [0, None, "x"])]),
        "invocation.parameters[0].value[2]: expected i32, got 'x': not an integer",
    ),
    (
        Invocation(procedure="P", parameters=[Parameter.array(SMALLINT, [0] * 32768)]),
        "invocation.parameters[0].value: 32,768 elements are more than an i16 can tell",
    ),
    (
        Invocation(procedure="P", parameters=[Parameter(type=6, value="x"), Parameter.of(BIGINT, 1)]),
        "invocation.parameters[0].value: expected i64, got 'x': not an integer",
    ),
    (
        Invocation(version=2, procedure="P", extensions=[Extension(type=1, payload=None)]),
        "invocation.extensions[0].payload: expected i32, got None",
    ),
    (
        Invocation(version=2, procedure="P", extensions=[Extension(type=99, payload=b"abc")]),
        "invocation.extensions[0].payload: an extension's payload has 0, 1, 2, 4, 8 ... bytes, not 3",
    ),
    (Invocation(version=2, procedure="P"), "invocation.extensions: expected a list, got None"),
    (Invocation(procedure="P", parameters=b"x"), "invocation.parameters: expected a list, got b'x'"),  # type: ignore[arg-type]
    (LoginResponse(host_id=0), "loginresponse.connection_id: expected i64, got None"),
    (DumpedFrame(body=b"", newline=b"\r"), "dumpedframe.newline: expected b'\\n', got b'\\r'"),
    (
        Geography(loops=[Loop(vertices=[]), BAD_LOOP]),
        "geography.loops[1].vertices[1]: expected f64 x, y, z, got Vertex(x=1.0, y=2.0, z='x'): "
        "required argument is not a float",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("value", "text"), ERRORS, ids=[text for _, text in ERRORS])
def test_a_field_that_cannot_be_written_is_named(value: Any, text: str) -> None:
    with pytest.raises(EncodeError) as raised:
        build(value)
    assert str(raised.value) == text
    assert pickle.loads(pickle.dumps(raised.value)) == raised.value
    assert isinstance(raised.value, ValueError)


def test_an_error_never_holds_a_password_hash() -> None:
    hash_hex = "2bb80d537b1da3e38bd30361aa855686"
    with pytest.raises(EncodeError) as raised:
        build(LoginRequest(user="u", password_hash=hash_hex))  # type: ignore[arg-type]
    assert str(raised.value) == "loginrequest.password_hash: expected bytes, got value of type str"
    assert raised.value.__suppress_context__
    with pytest.raises(EncodeError) as raised:
        build(LoginRequest(user=5, password_hash=bytes.fromhex(hash_hex)))  # type: ignore[arg-type]
    assert "password" not in str(raised.value)


@pytest.mark.parametrize("value", [5, None, "x", Response, [Response()]])
def test_what_is_no_record_is_refused(value: Any) -> None:
    with pytest.raises(EncodeError, match=r"^expected a record, such as a Response, got "):
        build(value)


OTHERS = [
    (Struct("a" / Int8ub), {}, "value.a: no value"),
    (Struct("a" / Int8ub), 5, "value: expected a dict, got 5"),
    (Struct("a" / Int8ub, Const(b"x"), "b" / Bytes(2)), {"a": 1, "b": b"x"}, "value.b: expected 2 bytes, got 1"),
    (Array(2, Int8ub), [1], "value: expected 2 elements, got 1"),
    (Array(2, Int8ub), 5, "value: expected a list, got 5"),
    (Array(2, Int8ub), [1, 256], "value[1]: expected u8, got 256: must be 0 .. 255"),
    (Sized(Int8ub, Bytes(300)), bytes(300), "value: 300 bytes are more than an u8 can tell"),
    (Counted(Int8ub, Int8ub), [1] * 300, "value: 300 elements are more than an u8 can tell"),
    (Mapped(Int8ub, lambda n: n * 2, lambda n: n // 2, "halves"), 1000, "value: expected halves, got 1000: struct '>B' error during building, given value 500"),
]  # fmt: skip


@pytest.mark.parametrize(("format", "value", "text"), OTHERS, ids=[text for *_, text in OTHERS])
def test_plain_constructs_have_paths_too(format: Any, value: Any, text: str) -> None:
    with pytest.raises(EncodeError) as raised:
        builder(format)(value)
    assert str(raised.value) == text


def test_a_construct_that_the_walk_does_not_know_says_it_in_its_own_words() -> None:
    with pytest.raises(EncodeError, match=r"^value\.s: expected StringEncoded, got 5"):
        builder(Struct("s" / PascalString(Int8ub, "utf8")))({"s": 5})
    with pytest.raises(EncodeError, match=r"^value\.b: expected Transformed, got "):
        builder(Struct("b" / Bitwise(Octet)))(Container(b=256))


def test_an_encoder_of_known_types_names_the_parameter() -> None:
    encode = invocation_encoder((BIGINT, STRING))
    with pytest.raises(EncodeError) as raised:
        encode("P", 1, ["x", "y"])
    assert str(raised.value) == "invocation.parameters[0].value: expected i64, got 'x': not an integer"


def test_values_that_only_construct_can_write_are_written() -> None:
    """The fast path is stricter than it must be; what it refuses may still be right."""
    assert build(Response(trailing=bytearray(b"x"))) == build(Response(trailing=b"x"))  # type: ignore[arg-type]
    assert build(Parameter.of(VARBINARY, memoryview(b"ab"))) == build(Parameter.of(VARBINARY, b"ab"))
    assert build(Invocation(procedure="P", parameters=Opaque(b"\0\0"))) == build(Invocation(procedure="P"))
