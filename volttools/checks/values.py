"""Rules on values, be they parameters, elements of arrays or columns of tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from volttools.checks.finding import Found, Rule, Severity
from volttools.checks.state import ConnectionState
from volttools.formats.parameters import MAX_BYTE_ARRAY, Parameter
from volttools.formats.primitives import DECIMAL_DIGITS, DECIMAL_SCALE, is_utf8
from volttools.formats.types import (
    DATE,
    DECIMAL,
    MAX_VALUE_BYTES,
    NEWER_THAN_11_4,
    NO_ARRAYS_IN_11_4,
    STRING,
    TINYINT,
    TYPES,
    VARBINARY,
)

VIOLATION, NOTE = Severity.VIOLATION, Severity.NOTE

_DECIMAL_END = Decimal(10) ** (DECIMAL_DIGITS - DECIMAL_SCALE)


@dataclass(frozen=True, slots=True)
class Values:
    """Values of one wire type that stand together.

    type      its code
    path_of   the field of a value by its index
    """

    type: int
    values: Sequence[Any]
    path_of: Callable[[int], str]

    def those(self, is_wrong: Callable[[Any], bool], says: str) -> Iterator[Found]:
        """The first of the values that are wrong, and how many more there are."""
        wrong = [index for index, value in enumerate(self.values) if value is not None and is_wrong(value)]
        if wrong:
            more = f" ({len(wrong) - 1:,} more beside it)" if len(wrong) > 1 else ""
            yield Found(says + more, self.path_of(wrong[0]))


@dataclass(frozen=True, slots=True)
class Given:
    """A parameter of a call, and its path."""

    parameter: Parameter
    path: str
    procedure: str | None


def _not_utf8(found: Values, state: ConnectionState) -> Iterator[Found]:
    if found.type == STRING.code:
        yield from found.those(lambda text: not is_utf8(text), "a STRING that is not UTF-8")


def _decimal_digits(found: Values, state: ConnectionState) -> Iterator[Found]:
    if found.type == DECIMAL.code:
        yield from found.those(
            lambda number: number.copy_abs() >= _DECIMAL_END,
            f"a DECIMAL of more than {DECIMAL_DIGITS} digits, {DECIMAL_SCALE} of them decimals",
        )


def _no_date(found: Values, state: ConnectionState) -> Iterator[Found]:
    if found.type == DATE.code:
        yield from found.those(lambda value: isinstance(value, int), "a DATE that is no day of a calendar")


def _newer_type(given: Given, state: ConnectionState) -> Iterator[Found]:
    parameter = given.parameter
    is_array = parameter.element_type is not None
    code = parameter.type if parameter.element_type is None else parameter.element_type
    if TYPES.name_of(code) in (NO_ARRAYS_IN_11_4 if is_array else NEWER_THAN_11_4):
        yield Found(f"a {parameter.type_name} parameter: newer servers take it, 11.4 fails on it", given.path)


def _too_long(given: Given, state: ConnectionState) -> Iterator[Found]:
    parameter = given.parameter
    if parameter.type not in (STRING.code, VARBINARY.code) or (given.procedure or "").startswith("@"):
        return  # system procedures take whole files
    length = _length(parameter.value)
    if length > MAX_VALUE_BYTES:
        message = f"a {parameter.type_name} of {length:,} bytes; a column holds {MAX_VALUE_BYTES:,} at most"
        yield Found(message, given.path)


def _length(value: str | bytes | None) -> int:
    if isinstance(value, str) and 4 * len(value) > MAX_VALUE_BYTES:
        return len(value.encode("utf-8", "surrogateescape"))
    return 0 if value is None else len(value)


def _array_length(given: Given, state: ConnectionState) -> Iterator[Found]:
    parameter = given.parameter
    if parameter.element_type == TINYINT.code and len(parameter.value) > MAX_BYTE_ARRAY:
        yield Found(
            f"a TINYINT array of {len(parameter.value):,} elements; the server reads {MAX_BYTE_ARRAY:,} at most",
            given.path,
        )


# fmt: off
VALUES_RULES: tuple[Rule[Values], ...] = (
    Rule("not-utf8",       VIOLATION, None,     "a STRING that is not UTF-8", "FastSerializer of voltdbclient", _not_utf8),
    Rule("decimal-digits", VIOLATION, None,     "a DECIMAL beyond 38 digits", "VoltDecimalHelper.java: 38 digits, 12 of them decimals", _decimal_digits),
    Rule("no-date",        VIOLATION, None,     "a DATE that is no day", "FastSerializer of voltdbclient: readDate32", _no_date),
)
PARAMETER_RULES: tuple[Rule[Given], ...] = (
    Rule("array-too-long", VIOLATION, "client", "a TINYINT array of more than 1,048,576 elements", "SerializationHelper.java: readArray", _array_length),
    Rule("newer-type",     NOTE,      "client", "a parameter of a type that the 11.4 server fails on: DATE, arrays of BOOLEAN", "VoltType.java of 11.4", _newer_type),
    Rule("value-too-long", NOTE,      "client", "a STRING or VARBINARY of more than 1 MiB: the server fails when it is used", "limit of a column; the parameter's reader does not check", _too_long),
)
# fmt: on
