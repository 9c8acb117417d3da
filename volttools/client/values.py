"""Python values as parameters: what is sent for them, by the type that is wanted or by what they are.

Where the type is known, `converter(kind)` takes what can mean a value of it, and refuses with an
EncodeError (a ValueError) what can't: out of range, another type, or the one number that a server
would read as NULL.

By itself, a value is sent as:

    int    BIGINT     float     FLOAT        Decimal  DECIMAL     bytes    VARBINARY
    bool   TINYINT    datetime  TIMESTAMP    date     DATE        None     NULL
    str    STRING     Point, Geography, Table: their own          list     an array of its elements

`bigint(5)`, `null(INTEGER)`, `decimal("1.5")`, `array(SMALLINT, [1, 2])` and such say it.
"""

from __future__ import annotations

import datetime
import operator
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from volttools.codec import builder
from volttools.errors import EncodeError
from volttools.formats.geography import Geography, Point
from volttools.formats.notation import Packed, shown
from volttools.formats.parameters import Parameter
from volttools.formats.table import Table
from volttools.formats.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DECIMAL,
    FLOAT,
    GEOGRAPHY,
    GEOGRAPHY_POINT,
    INTEGER,
    NULL,
    SMALLINT,
    STRING,
    TIMESTAMP,
    TINYINT,
    VARBINARY,
    VOLTTABLE,
    WireType,
)

Converter = Callable[[Any], Any]

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)


# ---------------------------------------------------------------- typed values


def typed(kind: WireType, value: Any) -> Parameter:
    """A value as a parameter of that type; EncodeError if it can't be one."""
    return Parameter.of(kind, None if value is None else converter(kind)(value))


def null(kind: WireType = NULL) -> Parameter:
    """NULL, of a type or of none."""
    return Parameter.of(kind, None)


def array(kind: WireType, values: Sequence[Any]) -> Parameter:
    """An array; None in it is NULL."""
    if kind.array_count is None:
        raise EncodeError(f"no array can have elements of type {kind.name}")
    convert = converter(kind)
    return Parameter.array(kind, [None if value is None else convert(value) for value in values])


def tinyint(value: int) -> Parameter:
    """-127 .. 127."""
    return typed(TINYINT, value)


def smallint(value: int) -> Parameter:
    """16 bits."""
    return typed(SMALLINT, value)


def integer(value: int) -> Parameter:
    """32 bits."""
    return typed(INTEGER, value)


def bigint(value: int) -> Parameter:
    """64 bits.

    >>> bigint(5).type_name
    'BIGINT'
    """
    return typed(BIGINT, value)


def floating(value: float) -> Parameter:
    """FLOAT: 64 bits."""
    return typed(FLOAT, value)


def string(value: str) -> Parameter:
    """STRING, which SQL calls VARCHAR."""
    return typed(STRING, value)


def varbinary(value: bytes) -> Parameter:
    """Bytes."""
    return typed(VARBINARY, value)


def timestamp(value: datetime.datetime | int | str) -> Parameter:
    """An aware datetime, microseconds since 1970 UTC, or ISO text, which is UTC if it doesn't say."""
    return typed(TIMESTAMP, value)


def date(value: datetime.date | str) -> Parameter:
    """DATE, of which servers up to 11.4 know nothing."""
    return typed(DATE, value)


def decimal(value: Decimal | int | str) -> Parameter:
    """DECIMAL: 38 digits, 12 of them behind the point."""
    return typed(DECIMAL, value)


def boolean(value: bool) -> Parameter:
    """BOOLEAN; a column of a table is none."""
    return typed(BOOLEAN, value)


def point(value: Point | str) -> Parameter:
    """GEOGRAPHY_POINT, also of WKT."""
    return typed(GEOGRAPHY_POINT, value)


def geography(value: Geography | str) -> Parameter:
    """GEOGRAPHY, also of WKT."""
    return typed(GEOGRAPHY, value)


# -------------------------------------------------------------- by the value


_BY_TYPE: dict[type, WireType] = {
    type(None): NULL,
    bool: TINYINT,
    int: BIGINT,
    float: FLOAT,
    str: STRING,
    bytes: VARBINARY,
    bytearray: VARBINARY,
    memoryview: VARBINARY,
    Decimal: DECIMAL,
    datetime.datetime: TIMESTAMP,
    datetime.date: DATE,
    Point: GEOGRAPHY_POINT,
    Geography: GEOGRAPHY,
    Table: VOLTTABLE,
}


def kind_of(value: Any) -> WireType:
    """The type that a value has by itself; EncodeError if it has none."""
    found = _BY_TYPE.get(type(value))
    if found is not None:
        return found
    for kind, wire_type in _BY_TYPE.items():
        if isinstance(value, kind):
            return wire_type
    try:
        operator.index(value)
    except TypeError:
        raise EncodeError(
            f"no wire type for {shown(value)} of type {type(value).__name__}:"
            " convert it, or say its type as bigint(5) does"
        ) from None
    return BIGINT  # a number of numpy's, for one


def parameter_of(value: Any) -> Parameter:
    """A value as a parameter, by what it is; a Parameter as it stands."""
    if isinstance(value, Parameter):
        return value
    if isinstance(value, list | tuple) and not isinstance(value, Point):
        return array(element_kind(value), value)
    return typed(kind_of(value), value)


def element_kind(values: Sequence[Any]) -> WireType:
    """The type of a list's elements. Of an empty one any will do, as a server takes it for any array."""
    kinds = {kind_of(value) for value in values if value is not None}
    if len(kinds) > 1:
        names = ", ".join(sorted(kind.name for kind in kinds))
        raise EncodeError(
            f"an array has elements of one type, this one has {names}: say it as array(BIGINT, ...) does"
        )
    return kinds.pop() if kinds else BIGINT


# --------------------------------------------------------------- by the type


def converter(kind: WireType) -> Converter:
    """A function from what can mean a value of the type (not None) to what is sent for it."""
    found = _CONVERTERS.get(kind.code)
    if found is None:
        raise EncodeError(f"no value can have the type {kind.name} ({kind.code})")
    return found


def value_of_null(kind: WireType) -> Any:
    """What stands for NULL, so that no value can be equal to it: a number, or a tuple of numbers; None
    where no value can be mistaken for it."""
    null = kind.format.null if isinstance(kind.format, Packed) else None
    return null[0] if null is not None and len(null) == 1 else null or None


def _refused(kind: WireType, value: Any, why: str = "") -> EncodeError:
    reason = f": {why}" if why else ""
    return EncodeError(f"{shown(value)} ({type(value).__name__}) is no {kind.name}{reason}")


def _integer(kind: WireType) -> Converter:
    null = value_of_null(kind)
    assert isinstance(null, int)
    lowest, highest = null + 1, -null - 1

    def convert(value: Any) -> int:
        try:
            number = operator.index(value)
        except TypeError:
            raise _refused(kind, value) from None
        if not lowest <= number <= highest:
            raise EncodeError(f"{number} is out of range: {kind.name} is {lowest} .. {highest}")
        return number

    return convert


def _floating(value: Any) -> float:
    if isinstance(value, str | bytes):
        raise _refused(FLOAT, value)
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise _refused(FLOAT, value, str(error)) from None
    if number == value_of_null(FLOAT):
        raise EncodeError(f"{number} is how FLOAT says NULL: send None if that is meant")
    return number


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise _refused(STRING, value)
    return value


def _varbinary(value: Any) -> bytes:
    if isinstance(value, str | int):
        raise _refused(VARBINARY, value)
    try:
        return bytes(memoryview(value))
    except TypeError:
        raise _refused(VARBINARY, value) from None


def _timestamp(value: Any) -> int:
    if isinstance(value, str):
        try:
            value = datetime.datetime.fromisoformat(value)
        except ValueError:
            raise _refused(TIMESTAMP, value, 'write "2024-02-29 12:00:00.5" or "2024-02-29"') from None
        if value.tzinfo is None:
            value = value.replace(tzinfo=datetime.UTC)
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            raise _refused(TIMESTAMP, value, "it doesn't say of which zone; give it a tzinfo")
        return (value - _EPOCH) // _MICROSECOND
    if isinstance(value, datetime.date):
        raise _refused(TIMESTAMP, value, "give a datetime with a tzinfo")
    return int(_microseconds(value))


_microseconds = _integer(TIMESTAMP)


def _date(value: Any) -> datetime.date:
    if isinstance(value, str):
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            raise _refused(DATE, value, 'write "2024-02-29"') from None
    if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
        raise _refused(DATE, value)
    return value


def _decimal(value: Any) -> Decimal:
    if isinstance(value, float):
        value = repr(value)  # 0.1 means 0.1, not the binary number that is next to it
    if not isinstance(value, Decimal | int | str) or isinstance(value, bool):
        raise _refused(DECIMAL, value)
    try:
        number = Decimal(value)
    except (InvalidOperation, ValueError):
        raise _refused(DECIMAL, value) from None
    _build_decimal(number)
    return number


_build_decimal = builder(DECIMAL.format)


def _boolean(value: Any) -> bool:
    if value not in (0, 1) or isinstance(value, float):
        raise _refused(BOOLEAN, value)
    return bool(value)


def _point(value: Any) -> Point:
    if isinstance(value, str):
        value = _from_wkt(Point, GEOGRAPHY_POINT, value)
    if not isinstance(value, Point):
        raise _refused(GEOGRAPHY_POINT, value, "give a Point or WKT")
    if tuple(value) == value_of_null(GEOGRAPHY_POINT):
        raise _refused(GEOGRAPHY_POINT, value, "that is how NULL is sent")
    return value


def _geography(value: Any) -> Geography:
    if isinstance(value, str):
        value = _from_wkt(Geography, GEOGRAPHY, value)
    if not isinstance(value, Geography):
        raise _refused(GEOGRAPHY, value, "give a Geography or WKT")
    return value


def _from_wkt(kind: Any, wire_type: WireType, text: str) -> Any:
    try:
        return kind.from_wkt(text)
    except ValueError as error:
        raise _refused(wire_type, text, str(error)) from None


def _table(value: Any) -> Table:
    if not isinstance(value, Table):
        raise _refused(VOLTTABLE, value, "give a volttools.Table")
    return value


def _null(value: Any) -> None:
    raise _refused(NULL, value)


_CONVERTERS: dict[int, Converter] = {
    NULL.code: _null,
    **{kind.code: _integer(kind) for kind in (TINYINT, SMALLINT, INTEGER, BIGINT)},
    FLOAT.code: _floating,
    STRING.code: _string,
    VARBINARY.code: _varbinary,
    TIMESTAMP.code: _timestamp,
    DATE.code: _date,
    DECIMAL.code: _decimal,
    BOOLEAN.code: _boolean,
    GEOGRAPHY_POINT.code: _point,
    GEOGRAPHY.code: _geography,
    VOLTTABLE.code: _table,
}
