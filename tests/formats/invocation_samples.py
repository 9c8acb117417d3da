"""Invocations, from the empty one to every type of parameter, and their bytes."""

from __future__ import annotations

from decimal import Decimal

from tests.formats.message_sample import MessageSample
from tests.formats.type_samples import EMPTY_TABLE, EMPTY_TABLE_HEX, SMALL_TABLE, SMALL_TABLE_HEX
from volttools.formats.invocation import Extension, Invocation, InvocationHead
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DECIMAL,
    FLOAT,
    GEOGRAPHY_POINT,
    INTEGER,
    NULL,
    SMALLINT,
    STRING,
    TIMESTAMP,
    TINYINT,
    VARBINARY,
    VOLTTABLE,
)

_P = "00000001 50 0000000000000007"


def _call(parameters: list[Parameter], hex_digits: str, note: str) -> MessageSample:
    invocation = Invocation(procedure="P", client_handle=7, parameters=parameters)
    return MessageSample(invocation, f"00 {_P} {len(parameters):04x} {hex_digits}", note)


def _extended(extensions: list[Extension], hex_digits: str, note: str) -> MessageSample:
    invocation = Invocation(version=2, procedure="P", client_handle=7, extensions=extensions)
    return MessageSample(invocation, f"02 {_P} {hex_digits} 0000", note)


INVOCATIONS = [
    _call([], "", "no parameters"),
    _call(
        [Parameter.of(BIGINT, 42), Parameter.of(STRING, "hé"), Parameter.of(NULL, None)],
        "06 000000000000002a 09 00000003 68c3a9 01",
        "three scalars",
    ),
    _call(
        [Parameter.of(TINYINT, None), Parameter.of(FLOAT, None), Parameter.of(BOOLEAN, None)],
        "03 80 08 ffee42d130773b76 17 7f",
        "typed NULLs",
    ),
    _call([Parameter.of(STRING, "\udcff")], "09 00000001 ff", "text that is no UTF-8"),
    _call(
        [Parameter.of(VOLTTABLE, EMPTY_TABLE), Parameter.of(VOLTTABLE, SMALL_TABLE)],
        f"15 {EMPTY_TABLE_HEX} 15 {SMALL_TABLE_HEX}",
        "tables",
    ),
    _call([Parameter.array(STRING, ["a", None])], "9d 09 0002 00000001 61 ffffffff", "array of STRING"),
    _call([Parameter.array(TINYINT, [1, None])], "9d 03 00000002 01 80", "array of TINYINT: i32 count"),
    _call([Parameter.array(SMALLINT, [1, None])], "9d 04 0002 0001 8000", "array of SMALLINT"),
    _call([Parameter.array(INTEGER, [1, None])], "9d 05 0002 00000001 80000000", "array of INTEGER"),
    _call([Parameter.array(BIGINT, [])], "9d 06 0000", "empty array"),
    _call([Parameter.array(FLOAT, [None, -0.0])], "9d 08 0002 ffee42d130773b76 8000000000000000", "of FLOAT"),
    _call(
        [Parameter.array(TIMESTAMP, [None, 1])],
        "9d 0b 0002 8000000000000000 0000000000000001",
        "of TIMESTAMP",
    ),
    _call([Parameter.array(DATE, [0])], "9d 0c 0001 00000000", "array of DATE, newer servers"),
    _call(
        [Parameter.array(DECIMAL, [None, Decimal("0E-12")])],
        f"9d 16 0002 80{'00' * 15} {'00' * 16}",
        "array of DECIMAL",
    ),
    _call(
        [Parameter.array(BOOLEAN, [True, False])], "9d 17 0002 01 00", "array of BOOLEAN, as Python writes it"
    ),
    _call([Parameter.array(VARBINARY, [None, b"\x01"])], "9d 19 0002 ffffffff 00000001 01", "of VARBINARY"),
    _call(
        [Parameter.array(GEOGRAPHY_POINT, [None])],
        "9d 1a 0001 4076800000000000 4076800000000000",
        "array of GEOGRAPHY_POINT",
    ),
    _call([Parameter.array(VOLTTABLE, [EMPTY_TABLE])], f"9d 15 0001 {EMPTY_TABLE_HEX}", "array of VOLTTABLE"),
    MessageSample(
        Invocation(version=1, batch_timeout_flag=1, batch_timeout_ms=5000, procedure="P", client_handle=7),
        f"01 01 00001388 {_P} 0000",
        "version 1 with a time-out",
    ),
    MessageSample(
        Invocation(version=1, batch_timeout_flag=-1, procedure="P", client_handle=7),
        f"01 ff {_P} 0000",
        "version 1 without a time-out",
    ),
    _extended([], "00", "version 2 without extensions"),
    _extended(
        [
            Extension(type=1, payload=-1),
            Extension(type=2),
            Extension(type=3, payload=3),
            Extension(type=4),
            Extension(type=5, payload=4),
            Extension(type=6, payload=2_000_000),
        ],
        "06 01 03 ffffffff 02 00 03 03 00000003 04 00 05 01 04 06 03 001e8480",
        "version 2, every known extension",
    ),
    _extended(
        [
            Extension(type=77, payload=b""),
            Extension(type=-1, payload=b"\x01"),
            Extension(type=0, payload=bytes(16)),
        ],
        f"03 4d 00 ff 01 01 00 05 {'00' * 16}",
        "version 2, unknown extensions",
    ),
    _extended(
        [
            Extension(type=1, payload=Opaque(b"\0\x01")),
            Extension(type=2, payload=Opaque(b"\x07")),
            Extension(type=5, payload=Opaque(b"")),
        ],
        "03 01 02 0001 02 01 07 05 00",
        "version 2, known extensions of a wrong length",
    ),
    MessageSample(
        Invocation(version=5, procedure=None, client_handle=-(2**63)),
        "05 ffffffff 8000000000000000 0000",
        "unknown version, NULL name, lowest handle",
    ),
    MessageSample(
        Invocation(procedure="P", client_handle=7, parameters=Opaque(b"\0\x01\x06")),
        f"00 {_P} 000106",
        "parameters cut short",
    ),
    MessageSample(
        Invocation(procedure="P", client_handle=7, parameters=Opaque(b"\0\x01\x63\0")),
        f"00 {_P} 00016300",
        "a parameter of unknown type",
    ),
    MessageSample(
        Invocation(procedure="P", client_handle=7, parameters=Opaque(b"\0\0glued")),
        f"00 {_P} 0000676c756564",
        "bytes behind the parameters",
    ),
    MessageSample(
        Invocation(procedure="P", client_handle=7, parameters=Opaque(b"")), f"00 {_P}", "no parameter set"
    ),
    MessageSample(
        InvocationHead(version=0, procedure="P", client_handle=7, rest=b"\0\0"), f"00 {_P} 0000", "head"
    ),
    MessageSample(
        InvocationHead(
            version=1, batch_timeout_flag=1, batch_timeout_ms=0, procedure="P", client_handle=7, rest=b""
        ),
        f"01 01 00000000 {_P}",
        "head of version 1",
    ),
]
