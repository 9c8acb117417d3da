"""Tables on the wire to Arrow columns, beside the official client's way to Python rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow
import voltdbclient

from benchmarks import data
from benchmarks.bench import Work
from volttools.codec.columns import tables_to_arrow
from volttools.formats.types import WireType


def works() -> Iterator[Work]:
    """All rows of the table."""
    yield _columns("columns: bigint, integer, float", data.FIXED_3, 50_000, 60, floor=150)
    yield _columns("columns: 12 fixed columns", data.FIXED_12, 20_000, 20, floor=80)
    yield _columns("columns: 2 varchar + decimal mix", data.MIX, 20_000, 20, floor=25)
    yield _columns("columns: the same without decimal", data.MIX_WITHOUT_DECIMAL, 20_000, 20)
    yield _columns("columns: 20 mixed columns", data.MIX_20, 5_000, 20)
    yield _columns("columns: 5 varchar", data.STRINGS_5, 20_000, 20)
    yield _columns("columns: 100 rows of 3 fixed", data.FIXED_3, 100, 100)


def _columns(
    name: str, types: tuple[WireType, ...], rows: int, repeat: int, *, floor: float | None = None
) -> Work:
    body = data.response(types, rows)
    serializer = voltdbclient.FastSerializer()
    return Work(
        name,
        "VoltResponse (rows)",
        lambda: voltdbclient.VoltResponse._from_body(serializer, body),
        lambda: tables_to_arrow(body),
        repeat,
        floor,
        _same,
        peer_repeat=max(1, repeat // 20),
    )


def _same(peer: Any, ours: list[pyarrow.Table]) -> bool:
    for theirs, table in zip(peer.tables, ours, strict=True):
        assert [column.name for column in theirs.columns] == table.column_names
        for index, column in enumerate(table.columns):
            assert [row[index] for row in theirs.tuples] == column.to_pylist()
    return True
