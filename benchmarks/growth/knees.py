"""Where a plot bends: the same work with and without what may be the cause.

python -m benchmarks.growth.knees
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from benchmarks import data
from benchmarks.client import ECHO
from benchmarks.growth import files, sockets
from benchmarks.growth.cost import cpu_s
from benchmarks.growth.tables import body
from benchmarks.growth.words import in_words
from benchmarks.processes import module_server
from volttools.codec import parser
from volttools.formats.response import Response
from volttools.formats.types import BIGINT

_MANY, _FEW = 1_000_000, 1_000


class Part(NamedTuple):
    """What one unit of some work costs, done in some way."""

    work: str
    way: str
    cpu_s: float


def main() -> None:
    """Print all."""
    for measure in (rows, columns, in_flight, connections, captures):
        for part in measure():
            print(f"{part.work:<52} {part.way:<52} {in_words(part.cpu_s, 's'):>8}", flush=True)


def rows() -> Iterator[Part]:
    """Of large tables."""
    work, parse = f"a row of bigint, integer, float; {_MANY:,} rows", parser(Response)
    whole, piece = body(data.FIXED_3, _MANY), body(data.FIXED_3, _FEW)

    def in_pieces() -> None:
        for _ in range(_MANY // _FEW):
            parse(piece)

    yield Part(work, "as it is", cpu_s(partial(parse, whole)) / _MANY)
    with _without_collector():
        yield Part(work, "garbage collector off", cpu_s(partial(parse, whole)) / _MANY)
    yield Part(work, f"in tables of {_FEW:,}, each dropped before the next", cpu_s(in_pieces) / _MANY)


def columns() -> Iterator[Part]:
    """Of wide tables."""
    for columns, count in ((300, 100), (300, 1_000), (1_000, 1_000)):
        work = f"a value of bigint; {columns:,} columns, {count:,} rows"
        cost = partial(_cost_of_a_value, columns, count)
        yield Part(work, "as it is", cost())
        yield Part(work, "without NULLs", cost(nulls=False))
        with _without_collector():
            yield Part(work, "garbage collector off", cost())


def _cost_of_a_value(columns: int, count: int, *, nulls: bool = True) -> float:
    parse = parser(Response)
    return cpu_s(partial(parse, body((BIGINT,) * columns, count, nulls=nulls))) / columns / count


def in_flight() -> Iterator[Part]:
    """Of many calls under way."""
    with module_server(ECHO) as server:
        for most in (100, 10_000):
            work = f"a call of the asyncio client; {most:,} in flight"
            with sockets.asyncio_client(server, most) as run:
                yield Part(work, "as it is", sockets.cpu_of_a_call(run, 20_000))
                with _without_collector():
                    yield Part(work, "garbage collector off", sockets.cpu_of_a_call(run, 20_000))


def connections() -> Iterator[Part]:
    """Of few connections, and of many."""
    for count, at_once in ((1, 1), (1, 100), (100, 1), (1_000, 1)):
        work = f"a call answered by the mock server; connections: {count:,}"
        with module_server(sockets.SERVERS, "mock") as server:
            measured = sockets.measured(server, count, at_once=at_once)
        yield Part(work, f"calls under way on each: {at_once}", measured.cpu_s)

    for count, calls in ((1, 50_000), (1_000, 50_000), (1_000, 150_000)):
        work = f"a call of a capture, to exchanges; connections: {count:,}"
        yield Part(work, f"{calls:,} calls", files.of_connections(count, calls).cpu_s)


def captures() -> Iterator[Part]:
    """Of small ones."""
    for size in (20_000, 1_000_000):
        yield Part(f"a capture of {in_words(size, 'B')}, to exchanges", "as it is", files.of_bytes(size))


@contextmanager
def _without_collector() -> Iterator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


if __name__ == "__main__":
    main()
