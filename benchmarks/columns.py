"""Tables on the wire to Arrow columns, beside the official client's way to Python rows, and beside memcpy."""

from __future__ import annotations

from typing import Any

import pyarrow

from benchmarks import data
from benchmarks.bench import Row, Work, beside
from benchmarks.codec import peer_reader
from benchmarks.figure import Unit
from volttools.codec.columns import tables_to_arrow
from volttools.formats.types import WireType


def rows() -> list[Row]:
    """The rows of the table."""
    return [
        _columns("columns: fixed to Arrow", data.FIXED_3, 50_000, 60),
        Row("columns: fixed to Arrow, against memcpy", lambda scale: _against_memcpy()),
        _columns("columns: 12 fixed columns", data.FIXED_12, 20_000, 20),
        # Most of the peer's time in the first is its reader of decimals, so the second stands beside it.
        _columns("columns: varchar to Arrow, validated", data.MIX, 20_000, 20),
        _columns("columns: the same without decimal", data.MIX_WITHOUT_DECIMAL, 20_000, 20),
        _columns("columns: 20 mixed columns", data.MIX_20, 5_000, 20),
        _columns("columns: 5 varchar", data.STRINGS_5, 20_000, 20),
        _columns("columns: 100 rows of 3 fixed", data.FIXED_3, 100, 100),
    ]


def _columns(name: str, types: tuple[WireType, ...], count: int, times: int) -> Row:
    """The peer's rows are what its users have to begin with. A turn is one call of the peer and many of ours,
    which is so short that the caches would else be those that the peer left."""

    def work() -> Work:
        body = data.response(types, count)
        peer = peer_reader()
        return beside(
            "VoltResponse (rows)",
            lambda: peer(body),
            lambda: tables_to_arrow(body),
            times=times,
            peer_times=max(1, times // 20),
            same=_same,
            limit_name="memcpy",
            limit=lambda: bytearray(body),
        )

    return Row(name, lambda scale: work())


def _against_memcpy() -> Work:
    """`bytearray(bytes)` is one memcpy, and the memory for it."""
    body = data.response(data.FIXED_3, 50_000)
    return beside(
        "memcpy",
        lambda: bytearray(body),
        lambda: tables_to_arrow(body),
        times=200,
        same=lambda peer, ours: bool(len(peer) == len(body) and len(ours) == 1),
        unit=Unit.TIMES,
    )


def _same(peer: Any, ours: list[pyarrow.Table]) -> bool:
    for theirs, table in zip(peer.tables, ours, strict=True):
        assert [column.name for column in theirs.columns] == table.column_names
        for index, column in enumerate(table.columns):
            assert [row[index] for row in theirs.tuples] == column.to_pylist()
    return True
