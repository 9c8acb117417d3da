"""Optional fields of a record that stand together, and are mostly all absent."""

from __future__ import annotations

import functools
import operator
from collections.abc import Collection, Sequence
from typing import Any

from construct import Construct, FormatField, IfThenElse
from construct.expr import BinExpr, Path

from volttools.codec.source import Scope, names_in
from volttools.formats.notation import Counted, Field, Varying, takes_nothing


def any_of(conditions: list[Any], absent: Collection[str], scope: Scope) -> str:
    """Whether one of the conditions holds, as long as none before it did: fields in `absent` are None then.

    One test where all look at bits of the same field.
    """
    conditions = [condition for condition in conditions if not _never_holds(condition, absent)]
    if all(isinstance(c, BinExpr) and c.op is operator.and_ and isinstance(c.rhs, int) for c in conditions):
        fields = {scope.expression(c.lhs) for c in conditions}
        if len(fields) == 1:
            return f"{fields.pop()} & {functools.reduce(operator.or_, (c.rhs for c in conditions))}"
    return " or ".join(scope.expression(c) for c in conditions)


def _never_holds(condition: Any, absent: Collection[str]) -> bool:
    """Whether it asks for a number in a field that is None."""
    if not isinstance(condition, BinExpr):
        return False
    if condition.op is operator.and_:
        return _never_holds(condition.lhs, absent) or _never_holds(condition.rhs, absent)
    return (
        condition.op is operator.eq
        and isinstance(condition.lhs, Path)
        and isinstance(condition.rhs, int)
        and names_in(condition.lhs) <= set(absent)
    )


def optional_run(fields: Sequence[Field]) -> range:
    """Where a record has optional fields with fixed ones among or behind them; else an empty range.

    Their conditions look at fields before the run, or ask for a number in one that is absent
    if they are all absent.
    """

    def is_optional(format: Construct) -> bool:
        return isinstance(format, IfThenElse) and takes_nothing(format.elsesubcon)

    start = next((i for i, f in enumerate(fields) if is_optional(f.format)), len(fields))
    earlier = {f.name for f in fields[:start]}
    absent: set[str] = set()
    stop = start
    while stop < len(fields):
        format = fields[stop].format
        if is_optional(format):
            if not (names_in(format.condfunc) <= earlier or _never_holds(format.condfunc, absent)):
                break
            absent.add(fields[stop].name)
        elif not isinstance(format, FormatField):
            break
        stop += 1
    fixed = sum(not is_optional(f.format) for f in fields[start:stop])
    if stop < len(fields) and isinstance(fields[stop].format, (Counted, Varying)):
        stop += 1
        fixed += 1
    return range(start, stop if fixed else start)
