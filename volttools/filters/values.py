"""Values of parameters and cells, whose types only the capture knows: how they compare.

    a literal       compares with
    number          TINYINT .. BIGINT, TIMESTAMP (microseconds), DECIMAL, FLOAT: by value
    text            STRING, and the WKT of GEOGRAPHY and GEOGRAPHY_POINT; an ISO time also
                    with TIMESTAMP and DATE
    bytes           VARBINARY
    true, false     BOOLEAN
    null            NULL of any type

Anything else doesn't compare: no test of it holds, `!=` included. A test is a function of one
value; NULL is None. What is not there never gets here.
"""

from __future__ import annotations

import datetime
import operator
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import Any, Final

from volttools.filters.expressions import Literal, LiteralKind
from volttools.filters.units import NS_PER, date_ns, is_date, read_time
from volttools.formats import types
from volttools.formats.geography import Geography, Point
from volttools.formats.invocation import Invocation
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.table import Row, Table

Test = Callable[[Any], bool]

COMPARE: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
"""The signs that compare, and what each does."""


class Moment(int):
    """A TIMESTAMP: microseconds since 1970. A number, but one that texts compare with too."""

    __slots__ = ()


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
"""What is read where there is nothing: behind the last parameter, in a lost response."""


# ---------------------------------------------------------------- values of a message


def value_of(parameter: Parameter) -> Any:
    """A parameter's value, TIMESTAMPs as Moments."""
    value = parameter.value
    if parameter.type == types.TIMESTAMP.code and value is not None:
        return Moment(value)
    if parameter.element_type == types.TIMESTAMP.code:
        return [None if element is None else Moment(element) for element in value]
    return value


def cell_of(table: Table, row: Row, index: int) -> Any:
    """A value of a row, TIMESTAMPs as Moments; ABSENT where the row or its table has none."""
    if not -len(row) <= index < len(row):
        return ABSENT
    value = row[index]
    if table.header.column_types[index] == types.TIMESTAMP.code and type(value) is int:
        return Moment(value)
    return value


@lru_cache(maxsize=256)
def column_index(names: tuple[str | None, ...], wanted: str) -> int | None:
    """Where a column stands, by its name without regard to case: the first, as in the clients."""
    folded = wanted.upper()
    for index, name in enumerate(names):
        if name is not None and name.upper() == folded:
            return index
    return None


def cells_of(table: Table) -> Iterable[Any]:
    """All values of a table, row by row."""
    moments = [code == types.TIMESTAMP.code for code in table.header.column_types]
    if not any(moments):
        return chain.from_iterable(table.rows)
    return (
        Moment(value) if is_moment and type(value) is int else value
        for row in table.rows
        for is_moment, value in zip(moments, row, strict=False)
    )


def values_of(invocation: Invocation | None, response: Response | None) -> Iterator[Any]:
    """All values: of parameters, the elements of arrays among them, and of tables."""
    if invocation is not None and isinstance(invocation.parameters, list):
        for parameter in invocation.parameters:
            value = value_of(parameter)
            if isinstance(value, list):
                for element in value:
                    yield from cells_of(element) if isinstance(element, Table) else (element,)
            elif isinstance(value, Table):
                yield from cells_of(value)
            else:
                yield value
    if response is not None:
        for table in response.tables:
            yield from cells_of(table)


def text_of(value: Any) -> str | None:
    """The text of a value that has one: a STRING, or the WKT of a place."""
    if type(value) is str:
        return value
    return value.wkt if isinstance(value, (Point, Geography)) else None


# ---------------------------------------------------------------- tests


def literal_test(sign: str, literal: Literal) -> Test:
    """The test of a value against a literal with one of COMPARE."""
    compare, constant = COMPARE[sign], literal.value
    if literal.kind is LiteralKind.NULL:
        return (lambda value: value is None) if sign == "==" else (lambda value: value is not None)
    if literal.kind is LiteralKind.TRUTH:
        return lambda value: type(value) is bool and compare(value, constant)
    if literal.kind is LiteralKind.BYTES:
        return lambda value: isinstance(value, bytes) and compare(value, constant)
    if isinstance(constant, str):
        return _text_test(compare, constant)
    assert isinstance(constant, (int, Decimal))
    return _number_test(compare, constant)


def _number_test(compare: Callable[[Any, Any], Any], constant: int | Decimal) -> Test:
    nearest = constant if isinstance(constant, int) else float(constant)  # 0.1 means the FLOAT 0.1 as well

    def test(value: Any) -> bool:
        kind = type(value)
        if kind is int or kind is Moment or kind is Decimal:
            return bool(compare(value, constant))
        return kind is float and bool(compare(value, nearest))

    return test


def _text_test(compare: Callable[[Any, Any], Any], constant: str) -> Test:
    moment_ns = moment_of(constant)

    def test(value: Any) -> bool:
        kind = type(value)
        if kind is str:
            return bool(compare(value, constant))
        if moment_ns is not None:
            if kind is Moment:
                return bool(compare(value * NS_PER["us"], moment_ns))
            if kind is datetime.date:
                return bool(compare(date_ns(value), moment_ns))
        text = text_of(value)
        return text is not None and bool(compare(text, constant))

    return test


def moment_of(text: str) -> int | None:
    """A date, or a date and a time, as ns since 1970; UTC without a zone; None for any other text."""
    if not is_date(text):
        return None
    try:
        return read_time(text)
    except ValueError:
        return None


def pattern_test(sign: str, pattern: re.Pattern[str]) -> Test:
    """The test of a value's text with ~ or !~."""
    search, wanted = pattern.search, sign == "~"

    def test(value: Any) -> bool:
        text = text_of(value)
        return text is not None and (search(text) is not None) is wanted

    return test


def part_test(part: str | bytes) -> Test:
    """Whether a text contains a text, or bytes contain bytes."""
    if isinstance(part, bytes):
        return lambda value: isinstance(value, bytes) and part in value

    def test(value: Any) -> bool:
        text = text_of(value)
        return text is not None and part in text

    return test


def pair_test(sign: str) -> Callable[[Any, Any], bool]:
    """The test of two values against each other: NULL and values of different families never hold."""
    compare = COMPARE[sign]

    def test(left: Any, right: Any) -> bool:
        family = _family(left)
        if family is None or family is not _family(right):
            return False
        if family is str:
            left, right = text_of(left), text_of(right)
        elif isinstance(left, float) or isinstance(right, float):  # Decimals don't compare with NaN
            left, right = _beside_float(left), _beside_float(right)
        return bool(compare(left, right))

    return test


def _beside_float(number: int | float | Decimal) -> int | float:
    return float(number) if isinstance(number, Decimal) else number


def _family(value: Any) -> type | None:
    """What a value compares with."""
    if isinstance(value, bool):
        return bool
    if isinstance(value, (int, float, Decimal)):
        return int
    if isinstance(value, (str, Point, Geography)):
        return str
    return next((kind for kind in (bytes, datetime.date) if isinstance(value, kind)), None)
