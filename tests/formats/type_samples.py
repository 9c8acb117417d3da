"""A value of every wire type with every trap in it, and its bytes.

Adding a type is adding rows. Whoever needs bytes of a type, or a value that is hard to
carry, takes them from here; `tests/codec` multiplies each row.
"""

from __future__ import annotations

import datetime
import math
import struct
from decimal import Decimal
from typing import Any, NamedTuple

from volttools.formats.geography import Bound, Geography, Loop, Point, Vertex
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
    VARBINARY,
    VOLTTABLE,
    WireType,
)


class TypeSample(NamedTuple):
    """A value and what it is on the wire."""

    type: WireType
    value: Any
    hex: str
    note: str

    @property
    def data(self) -> bytes:
        """The bytes."""
        return bytes.fromhex(self.hex)

    def __str__(self) -> str:
        return f"{self.type.name} {self.note}"


def float_of(hex_digits: str) -> float:
    """The FLOAT with these bits."""
    number: float = struct.unpack(">d", bytes.fromhex(hex_digits))[0]
    return number


SQUARE = Geography(
    loops=[
        Loop(vertices=[Vertex(1.0, 0.0, 0.0), Vertex(0.0, 1.0, 0.0), Vertex(0.0, 0.0, 1.0)]),
    ]
)
_VERTICES = (
    "3ff000000000000000000000000000000000000000000000"
    "00000000000000003ff00000000000000000000000000000"
    "000000000000000000000000000000003ff0000000000000"
)
_BOUND = "00" + "4076800000000000" * 4
SQUARE_HEX = f"0000009b 00 01 00 00000001 00 00000003 {_VERTICES} 00 00000000 {_BOUND} {_BOUND}"

FROM_SERVER = Geography(
    version=1,
    has_holes=1,
    loops=[
        Loop(
            version=1,
            vertices=[Vertex(0.5, -0.0, math.inf)],
            origin_inside=1,
            depth=0,
            bound=Bound(version=1),
        ),
        Loop(version=1, vertices=[], depth=1, bound=Bound(latitude_low=-1.5, longitude_high=2.5)),
    ],
    bound=Bound(version=1, latitude_low=-1.0, latitude_high=1.0, longitude_low=-2.0, longitude_high=2.0),
)
FROM_SERVER_HEX = (
    "00000096 01 01 01 00000002"
    "01 00000001 3fe0000000000000 8000000000000000 7ff0000000000000 01 00000000"
    f"01 {'4076800000000000' * 4}"
    "01 00000000 00 00000001 00 bff8000000000000 4076800000000000 4076800000000000 4004000000000000"
    "01 bff0000000000000 3ff0000000000000 c000000000000000 4000000000000000"
)

EMPTY_TABLE = Table.of([("", BIGINT)])
EMPTY_TABLE_HEX = "00000010 00000008 80 0001 06 00000000 00000000"
SMALL_TABLE = Table.of([("ID", BIGINT), ("é", STRING)], [(42, "hé"), (None, None)], status=0)
SMALL_TABLE_HEX = (
    "0000003c 00000011 00 0002 06 09 00000002 4944 00000002 c3a9"
    "00000002 0000000f 000000000000002a 00000003 68c3a9 0000000c 8000000000000000 ffffffff"
)

# fmt: off
TYPE_SAMPLES = [
    TypeSample(NULL, None, "", "takes no bytes"),

    TypeSample(TINYINT, None, "80", "NULL"),
    TypeSample(TINYINT, -127, "81", "smallest"),
    TypeSample(TINYINT, -1, "ff", "minus one"),
    TypeSample(TINYINT, 0, "00", "zero"),
    TypeSample(TINYINT, 127, "7f", "largest"),

    TypeSample(SMALLINT, None, "8000", "NULL"),
    TypeSample(SMALLINT, -(2**15) + 1, "8001", "smallest"),
    TypeSample(SMALLINT, -128, "ff80", "NULL of a shorter type is a value"),
    TypeSample(SMALLINT, 0, "0000", "zero"),
    TypeSample(SMALLINT, 2**15 - 1, "7fff", "largest"),

    TypeSample(INTEGER, None, "80000000", "NULL"),
    TypeSample(INTEGER, -(2**31) + 1, "80000001", "smallest"),
    TypeSample(INTEGER, -(2**15), "ffff8000", "NULL of a shorter type is a value"),
    TypeSample(INTEGER, 0, "00000000", "zero"),
    TypeSample(INTEGER, 2**31 - 1, "7fffffff", "largest"),

    TypeSample(BIGINT, None, "8000000000000000", "NULL"),
    TypeSample(BIGINT, -(2**63) + 1, "8000000000000001", "smallest"),
    TypeSample(BIGINT, -(2**63) + 2**62, "c000000000000000", "begins like NULL, almost"),
    TypeSample(BIGINT, -(2**31), "ffffffff80000000", "NULL of a shorter type is a value"),
    TypeSample(BIGINT, 0, "0000000000000000", "zero"),
    TypeSample(BIGINT, 42, "000000000000002a", "ordinary"),
    TypeSample(BIGINT, 2**63 - 1, "7fffffffffffffff", "largest"),

    TypeSample(FLOAT, None, "ffee42d130773b76", "NULL: -1.7E308"),
    TypeSample(FLOAT, float_of("ffee42d130773b75"), "ffee42d130773b75", "the neighbour of NULL above it"),
    TypeSample(FLOAT, float_of("ffee42d130773b77"), "ffee42d130773b77", "the neighbour of NULL below it"),
    TypeSample(FLOAT, -1.65e308, "ffed5ef83691d7d5", "NULL to the official client, which is generous"),
    TypeSample(FLOAT, 0.0, "0000000000000000", "zero"),
    TypeSample(FLOAT, -0.0, "8000000000000000", "minus zero"),
    TypeSample(FLOAT, 1.5, "3ff8000000000000", "ordinary"),
    TypeSample(FLOAT, 5e-324, "0000000000000001", "smallest above zero"),
    TypeSample(FLOAT, 1.7976931348623157e308, "7fefffffffffffff", "largest"),
    TypeSample(FLOAT, -1.7976931348623157e308, "ffefffffffffffff", "smallest"),
    TypeSample(FLOAT, math.inf, "7ff0000000000000", "infinity"),
    TypeSample(FLOAT, -math.inf, "fff0000000000000", "minus infinity: NULL to the Java client, a value here"),
    TypeSample(FLOAT, float_of("7ff8000000000000"), "7ff8000000000000", "NaN"),
    TypeSample(FLOAT, float_of("fff8000000000000"), "fff8000000000000", "NaN with the sign"),
    TypeSample(FLOAT, float_of("7ff80000deadbeef"), "7ff80000deadbeef", "NaN with a payload"),

    TypeSample(STRING, None, "ffffffff", "NULL"),
    TypeSample(STRING, "", "00000000", "empty is not NULL"),
    TypeSample(STRING, "a", "00000001 61", "one byte"),
    TypeSample(STRING, "a\0\n", "00000003 61000a", "control characters"),
    TypeSample(STRING, "hé", "00000003 68c3a9", "two bytes a character"),
    TypeSample(STRING, "日本", "00000006 e697a5e69cac", "three bytes a character"),
    TypeSample(STRING, "\U0001f600", "00000004 f09f9880", "four bytes a character"),
    TypeSample(STRING, "x" * 63, "0000003f" + "78" * 63, "63 bytes: the longest short one"),
    TypeSample(STRING, "x" * 64, "00000040" + "78" * 64, "64 bytes: the shortest long one"),
    TypeSample(STRING, "é" * 100, "000000c8" + "c3a9" * 100, "long, not ASCII"),
    TypeSample(STRING, "\udcff", "00000001 ff", "no UTF-8: kept as a lone surrogate"),
    TypeSample(STRING, "a\udcc3", "00000002 61c3", "UTF-8 cut inside a character"),
    TypeSample(STRING, "\udced\udca0\udcbd\udced\udcb8\udc80", "00000006 eda0bdedb880", "CESU-8: surrogates of Java"),
    TypeSample(STRING, "\udcc0\udc80", "00000002 c080", "Java's two-byte zero"),

    TypeSample(TIMESTAMP, None, "8000000000000000", "NULL"),
    TypeSample(TIMESTAMP, 0, "0000000000000000", "1970"),
    TypeSample(TIMESTAMP, -1, "ffffffffffffffff", "before 1970"),
    TypeSample(TIMESTAMP, 1_700_000_000_000_000, "00060a24181e4000", "ordinary"),
    TypeSample(TIMESTAMP, 2**63 - 1, "7fffffffffffffff", "far beyond the year 9999"),
    TypeSample(TIMESTAMP, -(2**63) + 1, "8000000000000001", "far before the year 1"),

    TypeSample(DATE, None, "80000000", "NULL"),
    TypeSample(DATE, datetime.date(2024, 2, 29), "07e8021d", "a leap day"),
    TypeSample(DATE, datetime.date(1, 1, 1), "00010101", "the first that Python knows"),
    TypeSample(DATE, datetime.date(9999, 12, 31), "270f0c1f", "the last that Python knows"),
    TypeSample(DATE, 0x07E7021D, "07e7021d", "no leap year: no date, a number"),
    TypeSample(DATE, 0, "00000000", "zero is no date"),
    TypeSample(DATE, -1, "ffffffff", "negative is no date"),
    TypeSample(DATE, 0x27100101, "27100101", "the year 10000"),

    TypeSample(DECIMAL, None, "80000000000000000000000000000000", "NULL"),
    TypeSample(DECIMAL, Decimal("0E-12"), "00" * 16, "zero"),
    TypeSample(DECIMAL, Decimal("1.500000000000"), "00000000000000000000015d3ef79800", "ordinary"),
    TypeSample(DECIMAL, Decimal("1E-12"), "00" * 15 + "01", "smallest above zero"),
    TypeSample(DECIMAL, Decimal("-1E-12"), "ff" * 16, "smallest below zero"),
    TypeSample(DECIMAL, Decimal("99999999999999999999999999.999999999999"), "4b3b4ca85a86c47a098a223fffffffff", "38 nines"),
    TypeSample(DECIMAL, Decimal("-99999999999999999999999999.999999999999"), "b4c4b357a5793b85f675ddc000000001", "minus 38 nines"),
    TypeSample(DECIMAL, Decimal("170141183460469231731687303.715884105727"), "7f" + "ff" * 15, "39 digits, more than SQL allows"),
    TypeSample(DECIMAL, Decimal("-170141183460469231731687303.715884105727"), "80" + "00" * 14 + "01", "one above NULL"),
    TypeSample(DECIMAL, Decimal("18446744.073709551616"), "00000000000000010000000000000000", "the lower half is zero"),

    TypeSample(BOOLEAN, None, "7f", "NULL, as the official client writes it"),
    TypeSample(BOOLEAN, False, "00", "false"),
    TypeSample(BOOLEAN, True, "01", "true"),
    TypeSample(BOOLEAN, 2, "02", "neither: a number"),
    TypeSample(BOOLEAN, -128, "80", "NULL of TINYINT is a number here"),

    TypeSample(VARBINARY, None, "ffffffff", "NULL"),
    TypeSample(VARBINARY, b"", "00000000", "empty is not NULL"),
    TypeSample(VARBINARY, b"\x01\x02", "00000002 0102", "ordinary"),
    TypeSample(VARBINARY, b"\xff" * 64, "00000040" + "ff" * 64, "long"),

    TypeSample(GEOGRAPHY_POINT, None, "4076800000000000 4076800000000000", "NULL: 360 twice"),
    TypeSample(GEOGRAPHY_POINT, Point(1.0, 2.0), "3ff0000000000000 4000000000000000", "ordinary"),
    TypeSample(GEOGRAPHY_POINT, Point(-0.0, 0.0), "8000000000000000 0000000000000000", "minus zero"),
    TypeSample(GEOGRAPHY_POINT, Point(360.0, 0.0), "4076800000000000 0000000000000000", "half a NULL is none"),
    TypeSample(GEOGRAPHY_POINT, Point(float_of("7ff8000000000001"), math.inf), "7ff8000000000001 7ff0000000000000", "no position"),

    TypeSample(GEOGRAPHY, None, "ffffffff", "NULL"),
    TypeSample(GEOGRAPHY, SQUARE, SQUARE_HEX, "a triangle, as a client writes it: 155 bytes"),
    TypeSample(GEOGRAPHY, FROM_SERVER, FROM_SERVER_HEX, "as a server may write it: bounds, a hole, odd numbers"),
    TypeSample(GEOGRAPHY, Geography(loops=[]), f"00000028 00 01 00 00000000 {_BOUND}", "without loops"),

    TypeSample(VOLTTABLE, EMPTY_TABLE, EMPTY_TABLE_HEX, "the smallest that a server makes"),
    TypeSample(VOLTTABLE, SMALL_TABLE, SMALL_TABLE_HEX, "two rows"),
]
# fmt: on


def samples_of(wire_type: WireType) -> list[TypeSample]:
    """The samples of one type."""
    return [sample for sample in TYPE_SAMPLES if sample.type is wire_type]
