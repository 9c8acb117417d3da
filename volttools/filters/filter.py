"""Filters: the way in.

    >>> slow = compile_filter("latency > 5ms and status != SUCCESS")
    >>> slow
    Filter('latency > 5ms and status != SUCCESS')

What can be asked is in `fields`, or comes from `volttools fields`.
"""

from __future__ import annotations

from functools import lru_cache

from volttools.filters.compiler import compile_expression
from volttools.filters.grammar import parse_expression
from volttools.protocol.events import Event


class Filter:
    """A compiled expression; made by `compile_filter`. Safe to share; pickles as its text."""

    __slots__ = ("_matches", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._matches = compile_expression(parse_expression(text), text)

    def matches(self, event: Event) -> bool:
        """Whether the expression holds for an event; never raises."""
        return bool(self._matches(event))

    def __repr__(self) -> str:
        return f"Filter({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return self.text == other.text if isinstance(other, Filter) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.text)

    def __reduce__(self) -> tuple[type[Filter], tuple[str]]:
        return Filter, (self.text,)


def filter_of(expression: str | Filter) -> Filter:
    """The filter of an expression, which may be one already. Raises FilterError."""
    return expression if isinstance(expression, Filter) else compile_filter(expression)


@lru_cache(maxsize=64)
def compile_filter(text: str) -> Filter:
    """The filter of an expression such as `procedure ~ "^Vote" and latency > 5ms`.

    Raises FilterError, a UsageError, whose text shows the column and what to write instead.
    """
    return Filter(text)
