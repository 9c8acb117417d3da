"""Filters beside the same condition written by hand in Python, over 10,000 exchanges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import volttools
from benchmarks.bench import Work
from volttools.protocol.events import Exchange

CAPTURE = Path(__file__).parent.parent / "captures" / "lost-many.pcapng"
EXCHANGES = 10_000


def works() -> Iterator[Work]:
    """All rows of the table."""
    found = list(volttools.open(CAPTURE))
    exchanges = (found * (EXCHANGES // len(found) + 1))[:EXCHANGES]

    def work(name: str, expression: str, by_hand: Callable[[Exchange], bool]) -> Work:
        matches = volttools.compile_filter(expression).matches
        return Work(
            name,
            "by hand",
            lambda: sum(map(by_hand, exchanges)),
            lambda: sum(map(matches, exchanges)),
            3,
        )

    yield work(
        "filter 10,000: procedure and latency",
        'procedure == "TYPES.upsert" and latency > 1ms',
        lambda e: e.procedure == "TYPES.upsert" and e.latency_ns is not None and e.latency_ns > 1_000_000,
    )
    yield work(
        "filter 10,000: first parameter",
        "params[0] == 1017",
        lambda e: (
            bool(e.invocation and isinstance(e.invocation.parameters, list) and e.invocation.parameters)
            and e.invocation.parameters[0].value == 1017
        ),
    )
