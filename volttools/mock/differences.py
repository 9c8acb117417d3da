"""Calls and their differences in words: which recorded call is nearest, and where it first differs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, TypeVar

from volttools.errors import DecodeError
from volttools.formats.invocation import Invocation
from volttools.protocol.parameter_values import exact_value, parameters_of
from volttools.protocol.refused_calls import read_parameters

MOST_CHARACTERS = 60
MOST_COMPARED = 500
"""Of what was recorded so many calls are compared with one that was missed."""

_CALL_CHARACTERS = 160
_T = TypeVar("_T")


def shown(invocation: Invocation) -> str:
    """A call as one would write it.

    >>> from volttools.formats.parameters import Parameter
    >>> from volttools.formats.types import INTEGER
    >>> shown(Invocation(procedure="Vote", parameters=[Parameter.of(INTEGER, 7)]))
    'Vote(7)'
    """
    parameters = read_parameters(invocation)
    if isinstance(parameters, DecodeError):
        inside = "parameters that can't be read"
    else:
        inside = ", ".join(cut(repr(parameter.value)) for parameter in parameters)
    return f"{invocation.procedure}({cut(inside, _CALL_CHARACTERS)})"


def cut(text: str, most: int = MOST_CHARACTERS) -> str:
    """A text, not longer than that."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def nearest(
    invocation: Invocation,
    candidates: Iterable[_T],
    of: Callable[[_T], Invocation],
    ignored: Collection[int] = (),
) -> _T | None:
    """The candidate of the same procedure that differs in the fewest parameters; among equals the one
    whose first differing text is the same for longest, then the first."""
    wanted = [exact_value(parameter) for parameter in parameters_of(invocation)]
    best: tuple[tuple[int, int], _T] | None = None
    for number, candidate in enumerate(candidates):
        if number >= MOST_COMPARED:
            break
        values = [exact_value(parameter) for parameter in parameters_of(of(candidate))]
        rank = _rank(wanted, values, ignored)
        if best is None or rank < best[0]:
            best = rank, candidate
    return None if best is None else best[1]


def _rank(wanted: Sequence[Any], values: Sequence[Any], ignored: Collection[int]) -> tuple[int, int]:
    """How far apart two calls are: parameters that differ, and how soon the first text does."""
    pairs = list(zip(wanted, values, strict=False))
    different = [at for at, (one, other) in enumerate(pairs) if at not in ignored and one != other]
    same = 0
    if different and all(isinstance(value, str) for value in pairs[different[0]]):
        same = _first_difference(*pairs[different[0]])
    return len(different) + 2 * abs(len(wanted) - len(values)), -same


def difference(asked: Invocation, recorded: Invocation, ignored: Collection[int] = ()) -> str:
    """The first parameter that is not the same, in words: "params[0] is 7, recorded 8"."""
    ours, theirs = parameters_of(asked), parameters_of(recorded)
    if not isinstance(read_parameters(asked), list):
        return "its parameters can't be read"
    if len(ours) != len(theirs):
        return f"it has {len(ours)} parameters, recorded {len(theirs)}"
    for at, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        if at in ignored or exact_value(one) == exact_value(other):
            continue
        if isinstance(one.value, str) and isinstance(other.value, str):
            place = _first_difference(one.value, other.value)
            if place > MOST_CHARACTERS // 2:
                ours_there, theirs_there = (_around(text, place) for text in (one.value, other.value))
                return f"params[{at}] has {ours_there} at character {place:,}, recorded {theirs_there}"
        ours_text, theirs_text = cut(repr(one.value)), cut(repr(other.value))
        if ours_text == theirs_text or one.type_name.rstrip("[]") != other.type_name.rstrip("[]"):
            ours_text, theirs_text = f"{one.type_name} {ours_text}", f"{other.type_name} {theirs_text}"
        return f"params[{at}] is {ours_text}, recorded {theirs_text}"
    return "its parameters are the same"


def _first_difference(one: str, other: str) -> int:
    for at, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return at
    return min(len(one), len(other))


def _around(text: str, place: int) -> str:
    start = max(0, place - 10)
    return ("..." if start else "") + repr(cut(text[start : place + MOST_CHARACTERS]))
