"""The registry of wire types: code, name, shape, NULL, Python type.

The only place with a type code, a width or a NULL. Scalars have the same bytes in
parameters and in rows of tables; an array is a count and so many scalars without
their NULL type bytes.

Sources: the published wire protocol guide; VoltType.java and SerializationHelper.java
of the 11.4 server; FastSerializer of the official Python client 16.1.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from construct import Construct, Container, Int16sb, Int32sb

from volttools.errors import DecodeError
from volttools.formats.geography import Geography, Point
from volttools.formats.notation import (
    Blob,
    Counted,
    Nested,
    Packed,
    Sized,
    Text,
    number_of,
)
from volttools.formats.primitives import (
    date_from_number,
    decimal_from_halves,
    halves_from_decimal,
    number_from_date,
)


@dataclass(frozen=True, slots=True)
class WireType:
    """One type as it stands on the wire.

    format       the construct of a value; None where no reader or writer is known
    python       what a value is in Python; None stands for NULL everywhere
    array_count  the construct of an array's count; None where arrays don't exist
    """

    name: str
    code: int
    format: Construct | None
    python: type
    array_count: Construct | None
    doc: str

    def __repr__(self) -> str:
        return self.name


class TypeRegistry:
    """Wire types by code and by name."""

    def __init__(self, types: list[WireType]) -> None:
        self._by_code: dict[int, WireType] = {}
        self._by_name: dict[str, WireType] = {}
        for wire_type in types:
            self.register(wire_type)

    def register(self, wire_type: WireType) -> WireType:
        """Add a type; its code and its name must be free."""
        if wire_type.code in self._by_code or wire_type.name in self._by_name:
            raise ValueError(f"wire type {wire_type.name} ({wire_type.code}) is declared already")
        self._by_code[wire_type.code] = wire_type
        self._by_name[wire_type.name] = wire_type
        return wire_type

    def __iter__(self) -> Iterator[WireType]:
        return iter(self._by_code.values())

    def by_code(self, code: int) -> WireType | None:
        """The type with that code, or None."""
        return self._by_code.get(code)

    def by_name(self, name: str) -> WireType:
        """The type of that name; KeyError if there is none."""
        return self._by_name[name]

    def name_of(self, code: int) -> str:
        """The type's name; "UNKNOWN_99" for a code that nobody declares."""
        wire_type = self._by_code.get(code)
        return wire_type.name if wire_type else f"UNKNOWN_{code}"

    def code_of(self, name: str) -> int:
        """The inverse of name_of; KeyError for a name that it never gives."""
        if name.startswith("UNKNOWN_"):
            return int(name.removeprefix("UNKNOWN_"))
        return self._by_name[name].code

    def format_of(self, code: int) -> Construct | None:
        """The construct of the type's values; None if it is unknown or has no reader."""
        wire_type = self._by_code.get(code)
        return wire_type.format if wire_type else None


def _integer(format: str, bits: int) -> Packed:
    return Packed(format, null=-(2 ** (bits - 1)), label=f"i{bits}")


# FLOAT: only this exact value is NULL here, so -inf and its neighbours stay values and
# every frame builds again. Clients differ; see the table of differences in docs.
_FLOAT_NULL = -1.7e308
_FLOAT_NULL_REACH = 1e307
_DECIMAL = Packed(
    "qQ",
    null=(-(2**63), 0),
    decode=decimal_from_halves,
    encode=halves_from_decimal,
    label="i128 x 10^-12",
)
_POINT = Packed("dd", null=(360.0, 360.0), decode=Point, encode=tuple, label="f64 longitude, f64 latitude")
_DATE = Packed(
    "i", null=-(2**31), decode=date_from_number, encode=number_from_date, label="i32 year<<16 month<<8 day"
)
# 0 and 1 read as False and True, anything else as its number: 127 is NULL in the official client
_BOOLEAN = Packed("b", null=127, decode=lambda n: bool(n) if n in (0, 1) else n, label="i8 0/1")
_GEOGRAPHY = Sized(Int32sb, Geography.declaration, null=-1)


MAX_VALUE_BYTES = 2**20
"""The longest STRING or VARBINARY that the server stores; it reads longer ones, and fails when they are used."""

NEWER_THAN_11_4 = frozenset(("DATE",))
NO_ARRAYS_IN_11_4 = frozenset(("DATE", "BOOLEAN"))
"""Parameters that the 11.4 server fails on, as scalars and as elements of arrays."""


def reads_as_null(number: float) -> bool:
    """Whether the official Python client takes a FLOAT for NULL: it allows for rounding.

    The server and the Java client take everything up to -1.7E308 for NULL, so -inf as well.
    """
    return abs(number - _FLOAT_NULL) < _FLOAT_NULL_REACH


def _table() -> Construct:
    from volttools.formats.table import TABLE  # a table holds values, and a value may be a table

    return TABLE


# fmt: off
_ROWS = [
    #        name                code  format                             Python         array count
    WireType("INVALID",             0, None,                              object,            None, "never legal"),
    WireType("NULL",                1, Packed("", null=(), label="nothing"), type(None),        None, "parameters only: the type byte and nothing else"),
    WireType("NUMERIC",             2, None,                              object,            None, "internal to the server"),
    WireType("TINYINT",             3, _integer("b", 8),                  int,            Int32sb, "-127..127; arrays of it are the historic form of VARBINARY"),
    WireType("SMALLINT",            4, _integer("h", 16),                 int,            Int16sb, ""),
    WireType("INTEGER",             5, _integer("i", 32),                 int,            Int16sb, ""),
    WireType("BIGINT",              6, _integer("q", 64),                 int,            Int16sb, ""),
    WireType("INLIST_OF_BIGINT",    7, None,                              object,            None, "internal to the planner"),
    WireType("FLOAT",               8, Packed("d", null=_FLOAT_NULL, label="f64"), float, Int16sb, "IEEE 754; NULL is -1.7E308; NaN and infinities pass"),
    WireType("STRING",              9, Text,                              str,            Int16sb, "VARCHAR; UTF-8; length -1 is NULL, length 0 is empty"),
    WireType("INLIST_OF_STRING",   10, None,                              object,            None, "internal to the planner"),
    WireType("TIMESTAMP",          11, _integer("q", 64),                 int,            Int16sb, "microseconds since 1970-01-01 UTC"),
    WireType("DATE",               12, _DATE,                             datetime.date,  Int16sb, "newer servers only; 11.4 fails on it"),
    WireType("MONEY",              20, None,                              object,            None, "a constant without reader or writer"),
    WireType("VOLTTABLE",          21, Nested(_table),                    object,         Int16sb, "a table with its length; no NULL"),
    WireType("DECIMAL",            22, _DECIMAL,                          Decimal,        Int16sb, "two's complement of the value times 10^12; 38 digits"),
    WireType("BOOLEAN",            23, _BOOLEAN,                          bool,           Int16sb, "parameters; NULL is 127 in the official client"),
    WireType("ADDRESS",            24, None,                              object,            None, "internal to the engine"),
    WireType("VARBINARY",          25, Blob,                              bytes,          Int16sb, "length -1 is NULL"),
    WireType("GEOGRAPHY_POINT",    26, _POINT,                            Point,          Int16sb, "NULL is 360.0 twice"),
    WireType("GEOGRAPHY",          27, _GEOGRAPHY,                        Geography,      Int16sb, "a polygon; length -1 is NULL"),
    WireType("ARRAY",             -99, None,                              list,              None, "parameters only: element type, count, elements"),
]
# fmt: on

TYPES = TypeRegistry(_ROWS)

NULL = TYPES.by_name("NULL")
TINYINT = TYPES.by_name("TINYINT")
SMALLINT = TYPES.by_name("SMALLINT")
INTEGER = TYPES.by_name("INTEGER")
BIGINT = TYPES.by_name("BIGINT")
FLOAT = TYPES.by_name("FLOAT")
STRING = TYPES.by_name("STRING")
TIMESTAMP = TYPES.by_name("TIMESTAMP")
DATE = TYPES.by_name("DATE")
VOLTTABLE = TYPES.by_name("VOLTTABLE")
DECIMAL = TYPES.by_name("DECIMAL")
BOOLEAN = TYPES.by_name("BOOLEAN")
VARBINARY = TYPES.by_name("VARBINARY")
GEOGRAPHY_POINT = TYPES.by_name("GEOGRAPHY_POINT")
GEOGRAPHY = TYPES.by_name("GEOGRAPHY")
ARRAY = TYPES.by_name("ARRAY")


class _ByType(Construct):  # type: ignore[misc]
    """What the construct of a wire type reads and writes, whose code an expression gives."""

    def __init__(self, code: Any, registry: TypeRegistry = TYPES) -> None:
        super().__init__()
        self.code = code
        self.registry = registry

    def format_for(self, code: int) -> Construct:
        """The construct for a type code; DecodeError if there is none."""
        raise NotImplementedError

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> Any:
        return self.format_for(number_of(self.code, context))._parsereport(stream, context, path)

    def _build(self, value: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        self.format_for(number_of(self.code, context))._build(value, stream, context, path)
        return value


class Value(_ByType):
    """A value of the wire type whose code an expression gives."""

    label = "by type"

    def format_for(self, code: int) -> Construct:
        """The construct for a type code; DecodeError if there is none."""
        format = self.registry.format_of(code)
        if format is None:
            name = self.registry.name_of(code)
            raise DecodeError(f"no value can have the type {name} ({code})")
        return format


class ArrayValue(_ByType):
    """A count and so many values of the wire type whose code an expression gives."""

    label = "count, elements"

    def format_for(self, code: int) -> Counted:
        """The counted list for an element type; DecodeError if it has no arrays."""
        wire_type = self.registry.by_code(code)
        if wire_type is None or wire_type.format is None or wire_type.array_count is None:
            raise DecodeError(f"no array can have elements of type {self.registry.name_of(code)} ({code})")
        return Counted(wire_type.array_count, wire_type.format)
