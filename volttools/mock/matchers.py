"""What a parameter is compared with: a value, or what is asked of it.

server.stub("Vote").with_params(ANY, approx(1.5), regex("^NY"), lambda n: n > 3).returns(0)
server.assert_called("Vote", 6175551212, ...)     # and whatever follows
"""

from __future__ import annotations

import datetime
import math
import operator
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)


class Matcher:
    """Something that is asked of a value; any function of one will do as well, which says no by raising too."""

    def __init__(self, matches: Callable[[Any], bool], text: str) -> None:
        self.matches = matches
        self._text = text

    def __repr__(self) -> str:
        return self._text


ANY = Matcher(lambda value: True, "ANY")
"""Every value, NULL as well."""


def approx(expected: float | Decimal, *, rel: float = 1e-6, abs: float = 1e-12) -> Matcher:
    """A number as near as that, FLOAT or DECIMAL or whole.

    >>> approx(0.3).matches(0.1 + 0.2)
    True
    """

    def matches(value: Any) -> bool:
        if not isinstance(value, int | float | Decimal):
            return False
        return math.isclose(float(value), float(expected), rel_tol=rel, abs_tol=abs)

    return Matcher(matches, f"approx({expected!r})")


def regex(pattern: str) -> Matcher:
    """A text in which the pattern is found; `^` and `$` tie it to the ends."""
    compiled = re.compile(pattern)
    return Matcher(
        lambda value: isinstance(value, str) and compiled.search(value) is not None, f"regex({pattern!r})"
    )


def is_like(expected: Any, value: Any) -> bool:
    """Whether a parameter's value is what was expected: equal, or as asked."""
    if isinstance(expected, Matcher):
        return expected.matches(value)
    if callable(expected) and not isinstance(expected, type):
        try:
            return bool(expected(value))
        except Exception:  # whatever it has against the value: a NULL that can't be compared, for one
            return False
    if expected is None or value is None:
        return expected is value
    if isinstance(expected, datetime.datetime):
        moment = expected if expected.tzinfo is not None else expected.astimezone()
        return bool(value == (moment - _EPOCH) // _MICROSECOND)
    if isinstance(expected, list | tuple) and isinstance(value, list):
        return len(expected) == len(value) and all(map(is_like, expected, value))
    if isinstance(expected, str) != isinstance(value, str):
        return False
    if isinstance(expected, float) and isinstance(value, float):
        return expected == value or (math.isnan(expected) and math.isnan(value))
    return bool(_plain(expected) == _plain(value))


def first_difference(expected: Sequence[Any], values: Sequence[Any]) -> int | None:
    """The number, from 0, of the first parameter that is not as expected; None if all are. `...` at the end
    stands for any others."""
    if expected and expected[-1] is ...:
        expected = expected[:-1]
        values = values[: len(expected)]
    for number, (wanted, value) in enumerate(zip(expected, values, strict=False)):
        if not is_like(wanted, value):
            return number
    return None if len(expected) == len(values) else min(len(expected), len(values))


def are_like(expected: Sequence[Any], values: Sequence[Any]) -> bool:
    """Whether all parameters are as expected."""
    return first_difference(expected, values) is None


def distance(expected: Sequence[Any], values: Sequence[Any]) -> int:
    """How far parameters are from what was expected: so many differ; one too few or too many counts twice."""
    pairs = zip(expected, values, strict=False)
    different = sum(1 for wanted, value in pairs if wanted is not ... and not is_like(wanted, value))
    return different + 2 * abs(len(expected) - len(values))


def shown(expected: Any) -> str:
    """What was expected, for people."""
    if expected is ...:
        return "..."
    name = getattr(expected, "__name__", None)
    return f"<{name}>" if callable(expected) and isinstance(name, str) else repr(expected)


def _plain(value: Any) -> Any:
    """A number of numpy's, for one, as Python's."""
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    if isinstance(value, int | float | str | bytes | Decimal | tuple | list):
        return value
    try:
        return operator.index(value)
    except TypeError:
        return value
