"""What calls are counted together by: procedure, connection, minute, status, a parameter, any field."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from volttools.errors import UsageError
from volttools.filters.errors import FilterError
from volttools.filters.expressions import Path, Truth
from volttools.filters.fields import FIELDS
from volttools.filters.filter import compile_filter
from volttools.filters.grammar import parse_expression
from volttools.filters.paths import resolve
from volttools.filters.shapes import Group, Kind, Many, RowShape, Scalar, words_of
from volttools.filters.values import ABSENT, Moment
from volttools.protocol.events import Exchange
from volttools.protocol.fingerprint import fingerprint
from volttools.protocol.procedures import takes_sql
from volttools.render.outcomes import status_kind
from volttools.render.times import clock_text
from volttools.render.values import binary, duration, number, quoted, shorten, timestamp

NOTHING: Final = "(none)"
"""The group of calls that don't have what is asked for."""

UNKNOWN_PROCEDURE: Final = "(request not captured)"

_VALUE_CHARACTERS: Final = 80
_PARAMETER: Final = re.compile(r"param:(\d{1,3})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Key:
    """What calls are counted together by.

    by   as it was asked for: "procedure", "param:0", "user"
    of   the group of a call
    """

    by: str
    of: Callable[[Exchange], str]


def key_of(by: str) -> Key:
    """The key that is called so; UsageError for what is none.

    by   procedure, connection, minute, status, param:N, a field of `volttools fields` such as `user`
         or `params[0][1]`, or a condition, by which calls are divided in two

    >>> key_of("latency > 5ms").by
    'latency > 5ms'
    """
    if by in _NAMED:
        return Key(by, _NAMED[by])
    parameter = _PARAMETER.fullmatch(by)
    text = f"params[{parameter[1]}]" if parameter else by
    try:
        return Key(by, _reader(text))
    except FilterError as error:
        names = ", ".join(_NAMED)
        raise UsageError(
            f"can't count by {by!r}: {error}\nThere are {names}, param:N, and what `volttools fields` lists"
        ) from None


def procedure_of(exchange: Exchange) -> str:
    """The procedure; of those that take SQL, each fingerprint for itself: "@AdHoc SELECT * FROM t"."""
    name = exchange.procedure
    if name is None:
        return UNKNOWN_PROCEDURE
    if not takes_sql(name):
        return name
    sql = FIELDS["sql"].read(exchange)
    return name if sql is None else f"{name} {fingerprint(sql)}"


def _connection_of(exchange: Exchange) -> str:
    found = exchange.connection
    parts = [str(found.number), *filter(None, (found.client, found.user))]
    return " ".join(parts)


def _minute_of(exchange: Exchange) -> str:
    return NOTHING if exchange.time_ns is None else clock_text(exchange.time_ns)[:16]


_NAMED: Final[dict[str, Callable[[Exchange], str]]] = {
    "procedure": procedure_of,
    "connection": _connection_of,
    "minute": _minute_of,
    "status": status_kind,
}


def _reader(text: str) -> Callable[[Exchange], str]:
    tree = parse_expression(text)
    if not isinstance(tree, Truth) or not isinstance(tree.operand, Path):
        matches = compile_filter(text).matches
        return lambda exchange: "yes" if matches(exchange) else "no"
    field = resolve(tree.operand, text)
    shape = field.shape
    if field.is_many or isinstance(shape, (Group, Many, RowShape)):
        hint = (
            f"one of its fields, such as {text}.{next(iter(shape.fields))}"
            if isinstance(shape, Group)
            else ""
        )
        what = "has many values" if field.is_many else f"is {words_of(shape)}"
        raise UsageError(
            f"can't count by {text}: it {what}; name {hint or 'one, with a position such as [0]'}"
        )
    names = _names(shape)
    kind = shape.kind if isinstance(shape, Scalar) else None

    def read(exchange: Exchange) -> str:
        value = field.read(exchange)
        if value is ABSENT or (value is None and not field.is_dynamic):
            return NOTHING
        return names[value] if names and value in names else _text(value, kind)

    return read


def _names(shape: object) -> dict[Any, str]:
    if not isinstance(shape, Scalar) or shape.names is None:
        return {}
    return {value: name for name, value in shape.names.items()}


def _text(value: Any, kind: Kind | None) -> str:
    """A value in a line, short."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if kind is Kind.TIME:
        return clock_text(value)
    if kind is Kind.DURATION:
        return duration(value)
    if isinstance(value, Moment):
        return timestamp(value)
    if isinstance(value, str):
        is_field = kind is not None and 0 < len(value) <= _VALUE_CHARACTERS
        return value if is_field else quoted(value, _VALUE_CHARACTERS)
    if isinstance(value, bytes):
        return binary(value, _VALUE_CHARACTERS)
    return shorten(number(value) if isinstance(value, Decimal) else str(value), _VALUE_CHARACTERS)
