"""Filters beside the same condition written by hand in Python, over 10,000 exchanges."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import volttools
from benchmarks.bench import Row, Work, beside
from volttools.protocol.events import Exchange

CAPTURE = Path(__file__).parent.parent / "captures" / "lost-many.pcapng"
EXCHANGES = 10_000


def rows() -> list[Row]:
    """The rows of the table."""
    return [
        _row(
            "filter 10,000: procedure and latency",
            'procedure == "TYPES.upsert" and latency > 1ms',
            lambda e: e.procedure == "TYPES.upsert" and e.latency_ns is not None and e.latency_ns > 1_000_000,
        ),
        _row(
            "filter 10,000: first parameter",
            "params[0] == 1017",
            _is_first_1017,
        ),
    ]


def _is_first_1017(exchange: Exchange) -> bool:
    invocation = exchange.invocation
    if invocation is None or not isinstance(invocation.parameters, list) or not invocation.parameters:
        return False
    return bool(invocation.parameters[0].value == 1017)


def _row(name: str, expression: str, by_hand: Callable[[Exchange], bool]) -> Row:
    def work() -> Work:
        found = list(volttools.open(CAPTURE))
        exchanges = (found * (EXCHANGES // len(found) + 1))[:EXCHANGES]
        matches = volttools.compile_filter(expression).matches
        return beside(
            "by hand",
            lambda: sum(map(by_hand, exchanges)),
            lambda: sum(map(matches, exchanges)),
            times=3,
        )

    return Row(name, lambda scale: work())
