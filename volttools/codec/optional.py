"""Optional fields of a record that stand together, and are mostly all absent."""

from __future__ import annotations

import functools
import operator
from typing import Any

from construct import Construct, FormatField, IfThenElse
from construct.expr import BinExpr

from volttools.codec.source import Scope, names_in
from volttools.formats.notation import Counted, Field, Packed, takes_nothing


def any_of(conditions: list[Any], scope: Scope) -> str:
    """Whether one of the conditions holds; one test where all look at bits of the same field."""
    if all(isinstance(c, BinExpr) and c.op is operator.and_ and isinstance(c.rhs, int) for c in conditions):
        fields = {scope.expression(c.lhs) for c in conditions}
        if len(fields) == 1:
            return f"{fields.pop()} & {functools.reduce(operator.or_, (c.rhs for c in conditions))}"
    return " or ".join(scope.expression(c) for c in conditions)


def optional_run(fields: list[Field]) -> range:
    """Where a record has optional fields with fixed ones among or behind them; else an empty range.

    All their conditions must look at fields before the run only.
    """

    def is_optional(format: Construct) -> bool:
        return isinstance(format, IfThenElse) and takes_nothing(format.elsesubcon)

    start = next((i for i, f in enumerate(fields) if is_optional(f.format)), len(fields))
    earlier = {f.name for f in fields[:start]}
    stop = start
    while stop < len(fields):
        format = fields[stop].format
        if is_optional(format):
            if not names_in(format.condfunc) <= earlier:
                break
        elif not isinstance(format, (FormatField, Packed)):
            break
        stop += 1
    fixed = sum(not is_optional(f.format) for f in fields[start:stop])
    if stop < len(fields) and isinstance(fields[stop].format, Counted):
        stop += 1
        fixed += 1
    return range(start, stop if fixed > 1 else start)
