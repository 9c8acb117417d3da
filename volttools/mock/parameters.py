"""What becomes of the parameters of a call where the procedure's are declared: converted, or refused.

Pure. Source: ParameterConverter.java of the server; the texts of an 11.4 server were observed.
"""

from __future__ import annotations

import binascii
import datetime
import math
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from volttools.client.values import value_of_null
from volttools.codec import builder
from volttools.errors import VoltToolsError
from volttools.formats.geography import Geography, Point
from volttools.formats.parameters import Parameter
from volttools.formats.types import ARRAY, BIGINT, INTEGER, SMALLINT, TINYINT, TYPES, WireType

_CSV_NULL = r"\N"
_tinyint = builder(TINYINT.format)
# The NULL of an integer's type is its lowest number.
_INTEGERS: dict[str, int] = {kind.name: value_of_null(kind) for kind in (TINYINT, SMALLINT, INTEGER, BIGINT)}
_DIGITS_BEFORE_POINT = 26
_EPOCH = datetime.datetime(1970, 1, 1)
_TIME = re.compile(r"(\d{1,4}-\d{1,2}-\d{1,2})(?: (\d{1,2}:\d{1,2}:\d{1,2})(?:\.(\d{1,6})\d*)?)?")
_DECIMALS = 12
_MOST_DIGITS = 100
_UP_TO_PLAIN, _FROM_PLAIN = 1e7, 1e-3  # Java writes numbers between these without an exponent

# What Java calls the values that clients send, and the parameters that procedures declare.
_SENT = {
    "TINYINT": "java.lang.Byte",
    "SMALLINT": "java.lang.Short",
    "INTEGER": "java.lang.Integer",
    "BIGINT": "java.lang.Long",
    "BOOLEAN": "java.lang.Byte",
    "FLOAT": "java.lang.Double",
    "DECIMAL": "java.math.BigDecimal",
    "STRING": "java.lang.String",
    "TIMESTAMP": "org.voltdb.types.TimestampType",
    "VARBINARY": "[B",
    "GEOGRAPHY_POINT": "org.voltdb.types.GeographyPointValue",
    "GEOGRAPHY": "org.voltdb.types.GeographyValue",
    "VOLTTABLE": "org.voltdb.VoltTable",
}
_DECLARED = {
    **_SENT,
    "TINYINT": "byte",
    "SMALLINT": "short",
    "INTEGER": "int",
    "BIGINT": "long",
    "FLOAT": "double",
}
_IN_ARRAYS = {"TINYINT": "[B", "SMALLINT": "[S", "INTEGER": "[I", "BIGINT": "[J", "FLOAT": "[D"}


class Refused(Exception):
    """A parameter that can't be converted: why, as in the server's answer."""


def converted(parameter: Parameter, declared: WireType, *, is_array: bool = False) -> Any:
    """The value of a parameter as the declared type; Refused if the server would not convert it."""
    value = parameter.value
    if value is None or value == _CSV_NULL:
        return None
    if parameter.type == ARRAY.code:
        return _converted_array(parameter, declared, is_array)
    sent = TYPES.name_of(parameter.type)
    if is_array:
        if sent == "VARBINARY" and declared.name == "TINYINT":
            return list(value)
        raise Refused(
            f"Array / Scalar parameter mismatch ({_SENT.get(sent, sent)} to {_array_name(declared)})"
        )
    if sent == "BOOLEAN":
        value = int(value)
    if sent == declared.name:
        return value
    if sent == "VARBINARY" and declared.name not in ("VARBINARY", "STRING"):
        raise Refused(f"Array / Scalar parameter mismatch ([B to {_java(declared)})")
    convert = _CONVERTERS.get(declared.name)
    if convert is None:
        raise _no_match(value, sent, declared)
    return convert(value, sent, declared)


def _java(declared: WireType) -> str:
    """What Java calls a declared type; what it hasn't, by our name."""
    return _DECLARED.get(declared.name, declared.name)


def _array_name(declared: WireType) -> str:
    return _IN_ARRAYS.get(declared.name) or f"[L{_java(declared)};"


def _converted_array(parameter: Parameter, declared: WireType, is_array: bool) -> Any:
    element = TYPES.name_of(parameter.element_type or 0)
    values: list[Any] = parameter.value
    if not is_array:
        if element == "TINYINT" and declared.name in ("VARBINARY", "STRING"):
            data = b"".join(map(_tinyint, values))
            return data if declared.name == "VARBINARY" else data.decode(errors="replace")
        sent = _IN_ARRAYS.get(element) or f"[L{_SENT.get(element, element)};"
        raise Refused(f"Array / Scalar parameter mismatch ({sent} to {_java(declared)})")
    if not values or element == declared.name:
        return values
    if element == "STRING" and declared.name == "VARBINARY":
        return [None if value is None else _from_hex(value) for value in values]
    if element == "VARBINARY" and declared.name == "STRING":
        return [None if value is None else value.decode(errors="replace") for value in values]
    raise Refused(
        f"tryScalarMakeCompatible: Unable to match parameter array:{_java(declared)} "
        f"to provided {_DECLARED.get(element, element)}"
    )


def _no_match(value: Any, sent: str, declared: WireType) -> Refused:
    return Refused(
        f"The provided value: ({java_text(value, sent)}) of type: {_SENT.get(sent, sent)} is not a match "
        f"or is out of range for the target parameter type: {_java(declared)}"
    )


def _integer(value: Any, sent: str, declared: WireType) -> int:
    lowest = _INTEGERS[declared.name]
    java = _java(declared)
    if sent == "STRING":
        number = _whole_number(value.strip().replace(",", ""))
        if number is not None and lowest <= number <= -lowest - 1:
            return number
        raise Refused(f"Unable to convert string {value.strip()} to {java} value for target parameter.")
    if sent == "DECIMAL":
        if value == value.to_integral_value() and lowest <= value <= -lowest - 1:
            return int(value)
        raise Refused(
            f"The provided value: ({java_text(value, sent)}) of type: {_SENT[sent]} is out of range for "
            f"the target parameter type: {java}"
        )
    if sent not in _INTEGERS and sent != "BOOLEAN":
        raise _no_match(value, sent, declared)
    if value == lowest > _INTEGERS.get(sent, lowest):
        wider = {"TINYINT": "short, int or long", "SMALLINT": "int or long", "INTEGER": "long"}[declared.name]
        raise Refused(
            f"The provided {wider} value: ({value}) might be interpreted as {declared.name.lower()} null. "
            f"Try explicitly using a {java} parameter."
        )
    if not lowest <= value <= -lowest - 1:
        raise _no_match(value, sent, declared)
    return int(value)


def _whole_number(text: str) -> int | None:
    """The number that a text is; None if it is none, or one that no parameter could be."""
    return int(text) if len(text) <= _MOST_DIGITS and re.fullmatch(r"[-+]?\d+", text) else None


def _float(value: Any, sent: str, declared: WireType) -> float:
    if sent in _INTEGERS or sent in ("BOOLEAN", "DECIMAL"):
        return float(value)
    if sent == "STRING":
        try:
            return float(value.strip().replace(",", ""))
        except ValueError:
            text = f"Unable to convert string {value.strip()} to double value for target parameter."
            raise Refused(text) from None
    raise _no_match(value, sent, declared)


def _string(value: Any, sent: str, declared: WireType) -> str:
    if sent == "VOLTTABLE":
        raise _no_match(value, sent, declared)
    return java_text(value, sent)


def _timestamp(value: Any, sent: str, declared: WireType) -> int:
    if sent in ("INTEGER", "BIGINT"):
        return int(value)
    if sent == "STRING":
        text = value.strip()
        number = _whole_number(text)
        if number is not None and abs(number) < -_INTEGERS["BIGINT"]:
            return number
        match = _TIME.fullmatch(text)
        if match is not None:
            day, time, fraction = match.groups()
            try:
                moment = datetime.datetime.strptime(f"{day} {time or '0:0:0'}", "%Y-%m-%d %H:%M:%S")
            except ValueError:
                raise _no_match(value, sent, declared) from None
            return (moment - _EPOCH) // datetime.timedelta(microseconds=1) + int(
                (fraction or "0").ljust(6, "0")
            )
    raise _no_match(value, sent, declared)


def _decimal(value: Any, sent: str, declared: WireType) -> Decimal:
    if sent in _INTEGERS or sent == "BOOLEAN":
        return Decimal(value)
    if sent == "FLOAT" and math.isfinite(value) and abs(value) < 10**_DIGITS_BEFORE_POINT:
        return Decimal(f"{value:.{_DECIMALS}f}")
    if sent == "STRING":
        try:
            number = Decimal(value.strip())
        except InvalidOperation:
            raise Refused(_why_no_decimal(value)) from None
        if number.is_finite() and number.adjusted() < _DIGITS_BEFORE_POINT:
            return number
        raise Refused(_why_no_decimal(value))
    raise _no_match(value, sent, declared)


def _why_no_decimal(text: str) -> str:
    bad = next((sign for sign in text if not sign.isdigit() and sign not in "+-.eE"), "array")
    return (
        f"java.lang.NumberFormatException: Character {bad} is neither a decimal digit number, decimal point, "
        'nor "e" notation exponential mark.'
    )


def _varbinary(value: Any, sent: str, declared: WireType) -> bytes:
    if sent == "STRING":
        return _from_hex(value)
    raise Refused(f"Array / Scalar parameter mismatch ({_SENT.get(sent, sent)} to [B)")


def _from_hex(text: str) -> bytes:
    match = re.fullmatch(r"[xX]'([0-9a-fA-F]*)'", text)
    try:
        return binascii.unhexlify(text if match is None else match[1])
    except (binascii.Error, ValueError):
        raise Refused("java.lang.RuntimeException: String is not properly hex-encoded.") from None


def _from_wkt(value: Any, sent: str, declared: WireType) -> Any:
    kind = Point if declared.name == "GEOGRAPHY_POINT" else Geography
    if sent != "STRING":
        raise _no_match(value, sent, declared)
    try:
        return kind.from_wkt(value)
    except (VoltToolsError, ValueError):
        name = _SENT[declared.name].rpartition(".")[2]
        raise Refused(f"deserialize {name} from string failed (string {value})") from None


_CONVERTERS = {
    **dict.fromkeys(_INTEGERS, _integer),
    "FLOAT": _float,
    "STRING": _string,
    "TIMESTAMP": _timestamp,
    "DECIMAL": _decimal,
    "VARBINARY": _varbinary,
    "GEOGRAPHY_POINT": _from_wkt,
    "GEOGRAPHY": _from_wkt,
}


def java_text(value: Any, kind: str) -> str:
    """A value as Java writes it.

    >>> java_text(3.0, "FLOAT"), java_text(1e7, "FLOAT"), java_text(1, "TIMESTAMP")
    ('3.0', '1.0E7', '1970-01-01 00:00:00.000001')
    """
    match kind:
        case "FLOAT":
            return _java_double(value)
        case "TIMESTAMP":
            try:
                moment = _EPOCH + datetime.timedelta(microseconds=value)
            except OverflowError:
                return str(value)
            return moment.isoformat(sep=" ", timespec="microseconds")
        case "DECIMAL":
            return f"{value:.{_DECIMALS}f}"
        case "VARBINARY":
            return bytes(value).decode(errors="replace")
        case "GEOGRAPHY_POINT" | "GEOGRAPHY":
            return str(value.wkt())
    return str(value)


def _java_double(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or _FROM_PLAIN <= abs(value) < _UP_TO_PLAIN:
        return repr(value)
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    text = "".join(map(str, digits))
    assert isinstance(exponent, int)
    return f"{'-' * sign}{text[0]}.{text[1:] or '0'}E{exponent + len(text) - 1}"


def refusal_of_key(name: str, column: str, kind: WireType, parameter: Parameter) -> str | None:
    """What a server says where a key can't be hashed, so that no partition is found; None where it can."""
    if parameter.value is None or kind.name not in _INTEGERS or TYPES.name_of(parameter.type) != "STRING":
        return None
    try:
        int(parameter.value)
    except ValueError:
        java = _java(kind)
        return (
            f"Error sending procedure {name} to the correct partition. Make sure parameter values are correct. "
            f"Parameter value {parameter.value}, partition column {column} type {kind.code} Message: "
            f"getHashedPartitionForParameter: Unable to convert string {parameter.value} to {java} target parameter "
        )
    return None


def refusal_of_unread_key(name: str, column: str, kind: WireType) -> str:
    """The same where the parameters can't be read at all."""
    return (
        f"Error sending procedure {name} to the correct partition. Make sure parameter values are correct. "
        f"Parameter value null, partition column {column} type {kind.code} Message: Invalid partitionIndex: 0"
    )


def first_refusal(
    name: str, parameters: Sequence[Parameter], types: Sequence[WireType | None], arrays: frozenset[int]
) -> tuple[str | None, tuple[Any, ...]]:
    """What is refused of a call, in the server's words, or None and its values as the declared types."""
    values = []
    for number, (parameter, kind) in enumerate(zip(parameters, types, strict=True)):
        try:
            known = kind is not None and TYPES.by_code(parameter.type) is not None
            values.append(
                converted(parameter, kind, is_array=number in arrays) if known and kind else parameter.value
            )
        except Refused as refused:
            return (
                f"VOLTDB ERROR: PROCEDURE {name} TYPE ERROR FOR PARAMETER {number}: org.voltdb.VoltTypeException: {refused}",
                (),
            )
    return None, tuple(values)
