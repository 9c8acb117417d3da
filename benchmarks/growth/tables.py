"""Tables of more rows, and of more columns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks import data
from benchmarks.codec import peer_reader
from benchmarks.growth.cost import REPEATS, cpu_s
from benchmarks.growth.curves import Curve, Panel, Plot
from volttools.codec import build, parser
from volttools.codec.columns import tables_to_arrow
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, STRING, WireType

ROWS = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
COLUMNS = (1, 3, 10, 30, 100, 300, 1_000)
SOME, MANY = 100, 1_000
"""Rows of the tables of more columns: wide ones of few rows are read without code of their own."""

_LEAST_S = 1e-6  # what differs less isn't seen by the clock
_DIFFERENT = 10_000  # values that are different in a column

Reader = Callable[[bytes], Any]
Points = list[tuple[float, float]]
TO_ROWS, PEER, TO_ARROW = "to Python rows", "official client", "to Arrow"


def rows() -> Plot:
    """CPU time of a row."""
    return Plot(
        "rows",
        "rows of a table",
        [
            Panel("CPU time of a row of bigint, integer, float", "s", _by_rows(data.FIXED_3)),
            Panel("CPU time of a row with 2 varchar", "s", _by_rows(data.MIX_WITHOUT_DECIMAL)),
        ],
    )


def columns() -> Plot:
    """CPU time of a value; and what a signature costs that is new."""
    new = [(float(count), _when_new(count)) for count in COLUMNS]
    return Plot(
        "columns",
        f"columns of a table of {MANY:,} rows",
        [
            Panel("CPU time of a value, all bigint", "s", _by_columns(BIGINT)),
            Panel("CPU time of a value, all varchar", "s", _by_columns(STRING)),
            Panel("CPU time of a column, once for a new signature", "s", [Curve(TO_ROWS, new)]),
        ],
    )


def _by_rows(types: tuple[WireType, ...]) -> list[Curve]:
    bodies = [(count, body(types, count)) for count in ROWS]

    def points(reader: Reader) -> Points:
        return [(count, cpu_s(partial(reader, body)) / count) for count, body in bodies]

    return _curves(points)


def _by_columns(kind: WireType) -> list[Curve]:
    def points(reader: Reader, rows: int = MANY) -> Points:
        bodies = ((count, body((kind,) * count, rows)) for count in COLUMNS)
        return [(count, cpu_s(partial(reader, body)) / count / rows) for count, body in bodies]

    few = Curve(f"{TO_ROWS}, of {SOME} rows", points(parser(Response), SOME))
    return [*_curves(points), few]


def _curves(points: Callable[[Reader], Points]) -> list[Curve]:
    return [
        Curve(TO_ROWS, points(parser(Response))),
        Curve(PEER, points(peer_reader()), beside=TO_ROWS),
        Curve(TO_ARROW, points(tables_to_arrow)),
    ]


def body(types: tuple[WireType, ...], count: int, *, nulls: bool = True) -> bytes:
    """A response; the rows of a large table come again and again. Without NULLs there are zeros."""
    table = data.table(types, min(count, max(10, _DIFFERENT // len(types))))
    rows = (table.rows * (count // len(table.rows) + 1))[:count]
    if not nulls:
        rows = [tuple(0 if value is None else value for value in row) for row in rows]
    same = Table.of([(column.name, column.type) for column in table.columns], rows)
    return build(Response(client_handle=1, cluster_rtt_ms=1, tables=[same]))


def _when_new(count: int) -> float:
    """CPU seconds for each column, beyond what the table takes once its signature is known."""
    parse, took = parser(Response), []
    for first in range(1, REPEATS + 1):
        types = tuple(data.MIX_20[(first + number) % len(data.MIX_20)] for number in range(count))
        table = body(types, MANY)
        began = time.process_time()
        parse(table)
        new = time.process_time() - began
        took.append(max(_LEAST_S, new - cpu_s(partial(parse, table))))
    return statistics.median(took) / count
