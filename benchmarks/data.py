"""The tables that are measured: 2 % NULLs, 2 % strings that are not ASCII; always the same."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

from volttools.codec import build
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import (
    BIGINT,
    DECIMAL,
    FLOAT,
    INTEGER,
    SMALLINT,
    STRING,
    TINYINT,
    VARBINARY,
    WireType,
)

FIXED_3 = (BIGINT, INTEGER, FLOAT)
FIXED_12 = (BIGINT, INTEGER, FLOAT) * 4
MIX = (BIGINT, STRING, INTEGER, STRING, DECIMAL, FLOAT)
MIX_WITHOUT_DECIMAL = (BIGINT, STRING, INTEGER, STRING, FLOAT)
MIX_20 = (BIGINT, STRING, INTEGER, SMALLINT, FLOAT, DECIMAL, STRING, TINYINT, INTEGER, BIGINT) * 2
STRINGS_5 = (STRING,) * 5


def _value(kind: WireType, rng: random.Random) -> Any:
    if rng.random() < 0.02:
        return None
    if kind is FLOAT:
        return rng.uniform(-1e6, 1e6)
    if kind is DECIMAL:
        return Decimal(rng.randrange(-(10**18), 10**18)).scaleb(-12)
    if kind is STRING:
        text = "".join(rng.choices("abcdefghij klmnop", k=rng.randrange(4, 24)))
        return text + "é" if rng.random() < 0.02 else text
    if kind is VARBINARY:
        return rng.randbytes(rng.randrange(1, 24))
    bits = {TINYINT.code: 7, SMALLINT.code: 15, INTEGER.code: 31, BIGINT.code: 63}[kind.code]
    return rng.randrange(-(2**bits) + 1, 2**bits)


def table(types: tuple[WireType, ...], rows: int) -> Table:
    """A table of random values."""
    rng = random.Random(42)
    columns = [(f"C{index}", kind) for index, kind in enumerate(types)]
    return Table.of(columns, [tuple(_value(kind, rng) for kind in types) for _ in range(rows)])


def response(types: tuple[WireType, ...], rows: int) -> bytes:
    """The body of a response with such a table."""
    return build(Response(client_handle=1, cluster_rtt_ms=1, tables=[table(types, rows)]))
