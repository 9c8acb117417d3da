"""Statements about what was called, and in which they differ from what was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from volttools.mock import matchers
from volttools.mock.calls import Call
from volttools.mock.differences import cut, shown

_MOST_SHOWN = 5


def check_called(calls: Sequence[Call], procedure: str, expected: Sequence[Any], times: int | None) -> None:
    """AssertionError unless such a call was made, or was as often as `times` says. Without parameters any
    will do; `...` at the end stands for any others."""
    found = matching(calls, procedure, expected)
    if times is None and found:
        return
    if times is not None and len(found) == times:
        return
    wanted = _wanted(procedure, expected)
    if times is not None and (found or not times):
        raise AssertionError(
            f"{wanted} was called {_often(len(found))}, not {_often(times)}.{_others(calls, procedure)}"
        )
    raise AssertionError(f"{wanted} was not called. {_nearest(calls, procedure, expected)}")


def check_not_called(calls: Sequence[Call], procedure: str, expected: Sequence[Any]) -> None:
    """AssertionError if such a call was made."""
    found = matching(calls, procedure, expected)
    if found:
        numbers = ", ".join(str(call.number) for call in found[:_MOST_SHOWN])
        raise AssertionError(
            f"{_wanted(procedure, expected)} was called {_often(len(found))}, as call {numbers}"
            f"{' ...' if len(found) > _MOST_SHOWN else ''}: {shown(found[0].invocation)}"
        )


def _often(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def matching(calls: Sequence[Call], procedure: str, expected: Sequence[Any]) -> list[Call]:
    """The calls of a procedure with such parameters."""
    return [
        call
        for call in calls
        if call.procedure == procedure and (not expected or matchers.are_like(expected, call.params))
    ]


def _wanted(procedure: str, expected: Sequence[Any]) -> str:
    return (
        f"{procedure}({', '.join(cut(matchers.shown(each)) for each in expected)})" if expected else procedure
    )


def _nearest(calls: Sequence[Call], procedure: str, expected: Sequence[Any]) -> str:
    same = [call for call in calls if call.procedure == procedure]
    if not same:
        others = list(dict.fromkeys(call.procedure for call in calls))
        if not others:
            return "Nothing was called."
        more = f" and {len(others) - _MOST_SHOWN:,} more" if len(others) > _MOST_SHOWN else ""
        return f"Called were: {', '.join(cut(name) for name in others[:_MOST_SHOWN])}{more}."
    near = min(same, key=lambda call: matchers.distance(expected, call.params))
    at = matchers.first_difference(expected, near.params)
    assert at is not None
    which = "The only call of it" if len(same) == 1 else f"The nearest of {len(same):,} calls of it"
    return f"{which} is call {near.number}, {shown(near.invocation)}: {unlike(expected, near.params, at)}."


def unlike(expected: Sequence[Any], values: Sequence[Any], at: int) -> str:
    """The first difference, which is at that parameter, in words."""
    if at >= len(values) or at >= len(expected):
        count = len(expected) - (bool(expected) and expected[-1] is ...)
        return f"it has {len(values)} parameters, expected were {count}"
    return f"params[{at}] is {cut(repr(values[at]))}, expected was {cut(matchers.shown(expected[at]))}"


def _others(calls: Sequence[Call], procedure: str) -> str:
    same = [call for call in calls if call.procedure == procedure]
    lines = [f"\n  call {call.number}: {shown(call.invocation)}" for call in same[:_MOST_SHOWN]]
    more = f"\n  and {len(same) - _MOST_SHOWN:,} more" if len(same) > _MOST_SHOWN else ""
    return f" Calls of it were:{''.join(lines)}{more}" if lines else ""
