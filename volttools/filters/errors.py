"""The error of an expression: a sentence, the expression, and a sign below the column."""

from __future__ import annotations

import unicodedata
from typing import Any

from volttools.errors import UsageError

_SHOWN = 72  # characters of a long expression that are shown
_BEFORE = 48  # of these, before the place


class FilterError(UsageError):
    """An expression that can't be used.

    reason      one sentence: what is wrong, and what to write
    expression  the text
    column      where, from 1; one more than its length at its end

    >>> print(FilterError("latency has a unit; write 5ms", "latency > 5", 11))
    column 11: latency has a unit; write 5ms
      latency > 5
                ^
    """

    def __init__(self, reason: str, expression: str, column: int) -> None:
        super().__init__(f"column {column}: {reason}\n{_shown(expression, column)}")
        self.reason = reason
        self.expression = expression
        self.column = column

    def __reduce__(self) -> tuple[Any, ...]:
        return (FilterError, (self.reason, self.expression, self.column))


def _shown(expression: str, column: int) -> str:
    """The expression's line, and the sign below; of a long line the part around it."""
    at = column - 1
    begin = expression.rfind("\n", 0, at) + 1
    end = expression.find("\n", at)
    line, at = expression[begin : end if end >= 0 else None], at - begin
    if len(line) > _SHOWN:
        start = max(0, min(at - _BEFORE, len(line) - _SHOWN))
        cut = line[start : start + _SHOWN]
        line = f"{'...' if start else ''}{cut}{'...' if start + _SHOWN < len(line) else ''}"
        at -= start - (3 if start else 0)
    line = "".join(c if c.isprintable() else " " for c in line)
    width = sum(_width(c) for c in line[:at])
    return f"  {line}\n  {' ' * width}^"


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
