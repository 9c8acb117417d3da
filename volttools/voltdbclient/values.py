"""Values as scripts have them, to and from those of the wire (docs/library.md). NULL is None in both.

type        in scripts                           on the wire
TIMESTAMP   naive datetime in the local zone     int of microseconds
VARBINARY   array("B"); takes any bytes          bytes
BOOLEAN     bool; another number is None         bool or int
points      (longitude, latitude)                Point
polygons    voltdbclient.Geography               formats.geography.Geography
FLOAT       close to NULL is None                float
"""

from __future__ import annotations

import datetime
import decimal
from array import array
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from volttools.client.values import converter, value_of_null
from volttools.errors import EncodeError
from volttools.formats import types
from volttools.formats.geography import Point
from volttools.formats.notation import shown
from volttools.formats.primitives import DECIMAL_DIGITS, DECIMAL_SCALE
from volttools.formats.types import TYPES, WireType, reads_as_null
from volttools.voltdbclient.geography import Geography
from volttools.voltdbclient.types import DECIMAL_STRING

Conversion = Callable[[Any], Any]

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)
_SECOND = 1_000_000
LEAST_SURE = -1e300
"""A FLOAT that is not below it is not near NULL."""
_DECIMAL_END = Decimal(10) ** (DECIMAL_DIGITS - DECIMAL_SCALE)


def wire_type(code: int) -> WireType:
    """The type that is sent for a VOLTTYPE_*. EncodeError if there is none, or it has no values."""
    if code == DECIMAL_STRING:
        return types.STRING
    found = TYPES.by_code(code) if isinstance(code, int) else None
    if found is None or found.format is None:
        name = shown(code) if found is None else f"{found.name} ({code})"
        raise EncodeError(f"no value can have the type {name}: give one of FastSerializer.VOLTTYPE_...")
    return found


class WrongType(EncodeError, TypeError):
    """A value of a Python type that can't be one of the wire type; a TypeError, as with the original."""


def null_number(kind: WireType) -> Any:
    """The number that is NULL; None where NULL is not one number."""
    null = value_of_null(kind)
    return null if isinstance(null, int | float) else None


def to_wire(code: int) -> Conversion:
    """A function from a script's value (not None) to that of the wire. It raises EncodeError, a
    ValueError, for a value of another type or out of range."""
    return _TO_WIRE.get(code) or _typed(wire_type(code))


def from_wire(code: int) -> Conversion | None:
    """A function from a value of the wire (not None) to a script's; None where they are the same."""
    return _FROM_WIRE.get(code)


def is_array(code: int, value: Any) -> bool:
    """Whether a value is an array of the type, and not a value of it."""
    if value is None or isinstance(value, str | Geography):
        return False
    if not hasattr(value, "__iter__") and not isinstance(value, memoryview):
        return False
    if code == types.VARBINARY.code:
        return not isinstance(value, bytes | bytearray | memoryview | array)
    if code == types.GEOGRAPHY_POINT.code:
        values = list(value)
        return not (len(values) == 2 and all(isinstance(each, int | float) for each in values))
    return True


def elements(code: int, value: Any) -> list[Any]:
    """The elements of an array. Bytes are an array of TINYINT as they stand, unsigned or not."""
    if code == types.TINYINT.code and isinstance(value, bytes | bytearray | memoryview):
        return [None if number == -128 else number for number in memoryview(value).cast("b")]
    return list(value)


def _typed(kind: WireType) -> Conversion:
    """The converter of a type, with a TypeError for what is no number, text or bytes."""
    convert = converter(kind)

    def checked(value: Any) -> Any:
        try:
            return convert(value)
        except EncodeError as error:
            if kind.python is int and hasattr(value, "__index__"):
                raise
            raise WrongType(error.message) from None

    return checked


def _refused(kind: str, value: Any, why: str) -> WrongType:
    return WrongType(f"{shown(value)} ({type(value).__name__}) is no {kind}: {why}")


def _microseconds(value: Any) -> int:
    if not isinstance(value, datetime.datetime):
        raise _refused("TIMESTAMP", value, "give a datetime; one without a tzinfo is of the local zone")
    try:
        return (value.astimezone(datetime.UTC) - _EPOCH) // _MICROSECOND
    except (OverflowError, ValueError) as error:
        raise _refused("TIMESTAMP", value, str(error)) from None


def _datetime(microseconds: int) -> datetime.datetime | int:
    """In the local zone; a time that Python can't hold stays the number of microseconds."""
    try:
        if -_EXACT_AS_FLOAT < microseconds < _EXACT_AS_FLOAT:
            return _from_seconds(microseconds / _SECOND)
        seconds, rest = divmod(microseconds, _SECOND)
        return _from_seconds(seconds).replace(microsecond=rest)
    except (OverflowError, ValueError, OSError):
        return microseconds


_from_seconds = datetime.datetime.fromtimestamp
_EXACT_AS_FLOAT = 2**33 * _SECOND
"""Below it seconds as a float are right to the microsecond: till 2242."""


def _decimal(value: Any) -> Decimal:
    if not isinstance(value, Decimal):
        raise _refused("DECIMAL", value, "give a decimal.Decimal")
    if value.is_finite() and not -_DECIMAL_END < value < _DECIMAL_END:
        raise _refused(
            "DECIMAL", value, f"{DECIMAL_DIGITS - DECIMAL_SCALE} digits may stand before the point"
        )
    found: Decimal = _checked_decimal(value)
    return found


def _decimal_text(value: Any) -> str:
    if not isinstance(value, Decimal):
        raise _refused("DECIMAL_STRING", value, "give a decimal.Decimal")
    return value.to_eng_string(decimal.Context(capitals=1))


def _number(value: Any) -> float:
    if isinstance(value, str):  # as the original takes it
        try:
            value = float(value)
        except ValueError:
            raise _refused("FLOAT", value, "it is no number") from None
    if not hasattr(value, "__float__") and not hasattr(value, "__index__"):
        raise _refused("FLOAT", value, "give a number")
    number: float = _checked_float(value)
    return number


def _point(value: Any) -> Point:
    try:
        longitude, latitude = map(_checked_float, value)
    except (TypeError, ValueError):
        raise _refused("GEOGRAPHY_POINT", value, "give (longitude, latitude)") from None
    point: Point = _checked_point(Point(longitude, latitude))
    return point


def _polygon(value: Any) -> Any:
    return _checked_polygon(value.wire_value() if isinstance(value, Geography) else value)


def _volttable(value: Any) -> Any:
    return _checked_table(value.wire_value() if hasattr(value, "wire_value") else value)


def _date(value: Any) -> Any:
    return _checked_date(value.date() if isinstance(value, datetime.datetime) else value)


_checked_decimal = converter(types.DECIMAL)
_checked_float = converter(types.FLOAT)
_checked_point = converter(types.GEOGRAPHY_POINT)
_checked_polygon = _typed(types.GEOGRAPHY)
_checked_date = _typed(types.DATE)
_checked_table = _typed(types.VOLTTABLE)

_TO_WIRE: dict[int, Conversion] = {
    types.TIMESTAMP.code: _microseconds,
    types.DECIMAL.code: _decimal,
    DECIMAL_STRING: _decimal_text,
    types.FLOAT.code: _number,
    types.GEOGRAPHY_POINT.code: _point,
    types.GEOGRAPHY.code: _polygon,
    types.DATE.code: _date,
    types.VOLTTABLE.code: _volttable,
}

_FROM_WIRE: dict[int, Conversion] = {
    types.TIMESTAMP.code: _datetime,
    types.FLOAT.code: lambda number: None if reads_as_null(number) else number,
    types.VARBINARY.code: lambda data: array("B", data),
    types.BOOLEAN.code: lambda value: value if isinstance(value, bool) else None,
    types.GEOGRAPHY_POINT.code: tuple,
    types.GEOGRAPHY.code: Geography.of,
}
