"""Values to and from buffers: the read and write methods of the original client's FastSerializer.

    fser = FastSerializer()                      no connection needed
    fser.writeInt32(5); fser.writeString("a")
    fser.read_buffer.set(fser.getRawBytes().tobytes())
    fser.readInt32(), fser.readString()          5, "a"

What stands in the buffers is declared in `formats`.
"""

from __future__ import annotations

import io
from array import array
from collections.abc import Callable, Iterable
from typing import Any

from construct import Construct, ConstructError, Int8sb

from volttools.codec import builder
from volttools.errors import DecodeError, EncodeError
from volttools.formats import types
from volttools.formats.frame import RawFrame
from volttools.formats.parameters import Parameter
from volttools.formats.types import ArrayValue, WireType
from volttools.voltdbclient.types import DECIMAL_STRING, VoltTypes
from volttools.voltdbclient.values import elements, from_wire, to_wire, wire_type

_LISTS = {types.TINYINT, types.SMALLINT, types.INTEGER, types.BIGINT, types.FLOAT}
_build_type = builder(Int8sb)
_build_frame = builder(RawFrame)


class ReadBuffer:
    """Bytes that are read from the first on."""

    def __init__(self) -> None:
        self.stream = io.BytesIO()

    def set(self, content: bytes) -> None:
        """Read these from now on."""
        self.stream = io.BytesIO(content)

    def get_buffer(self) -> bytes:
        """All, read or not."""
        return self.stream.getvalue()

    def remaining(self) -> int:
        """How many are not read yet."""
        return len(self.get_buffer()) - self.stream.tell()


def _reader(kind: WireType) -> Callable[[Serializer], Any]:
    def read(self: Serializer) -> Any:
        return self.read(kind.code)

    read.__doc__ = f"The next {kind.name}; None for NULL."
    return read


def _array_reader(kind: WireType) -> Callable[[Serializer], Any]:
    def read(self: Serializer) -> Any:
        return self.readArray(kind.code)

    read.__doc__ = f"The next array of {kind.name}: its count and elements."
    return read


def _writer(code: int, name: str) -> Callable[[Serializer, Any], None]:
    def write(self: Serializer, value: Any) -> None:
        self.write(code, value)

    write.__doc__ = f"A {name}; None for NULL. ValueError if it can't be one, and nothing is written."
    return write


class Serializer(VoltTypes):
    """`wbuf`, what was written, and `read_buffer`, what is read."""

    def __init__(self) -> None:
        self.wbuf = array("B")
        self.read_buffer = ReadBuffer()

    # ------------------------------------------------------------- writing

    def write(self, type: int, value: Any) -> None:
        """A value of a VOLTTYPE_..., without its type."""
        self.wbuf.frombytes(_value_bytes(type, value))

    def writeWireType(self, type: int, value: Any) -> None:
        """A type and a value of it."""
        data = _value_bytes(type, value)
        self.wbuf.frombytes(_build_type(wire_type(type).code) + data)

    def writeArray(self, type: int, array: Iterable[Any]) -> None:
        """A count and so many values."""
        kind, convert = wire_type(type), to_wire(type)
        if kind.array_count is None:
            raise EncodeError(f"no array can have elements of type {kind.name}")
        values = [None if value is None else convert(value) for value in elements(type, array)]
        # behind the two types of a parameter
        data = builder(Parameter)(Parameter.array(kind, values))
        self.wbuf.frombytes(data[2 * Int8sb.sizeof() :])

    def writeWireTypeArray(self, type: int, array: Iterable[Any]) -> None:
        """The type of the elements, a count and so many values."""
        before = len(self.wbuf)
        self.writeByte(wire_type(type).code)
        try:
            self.writeArray(type, array)
        except ValueError:
            del self.wbuf[before:]
            raise

    writeNull = _writer(types.NULL.code, "NULL, which takes no bytes")
    writeByte = _writer(types.TINYINT.code, "TINYINT")
    writeInt16 = _writer(types.SMALLINT.code, "SMALLINT")
    writeInt32 = _writer(types.INTEGER.code, "INTEGER")
    writeInt64 = _writer(types.BIGINT.code, "BIGINT")
    writeFloat64 = _writer(types.FLOAT.code, "FLOAT")
    writeString = _writer(types.STRING.code, "STRING")
    writeVarbinary = _writer(types.VARBINARY.code, "VARBINARY")
    writeTimestamp = _writer(types.TIMESTAMP.code, "TIMESTAMP")
    writeDate = _writer(types.DATE.code, "DATE")
    writeDecimal = _writer(types.DECIMAL.code, "DECIMAL")
    writeDecimalString = _writer(DECIMAL_STRING, "DECIMAL as a STRING")
    writeBoolean = _writer(types.BOOLEAN.code, "BOOLEAN")
    writeGeographyPoint = _writer(types.GEOGRAPHY_POINT.code, "GEOGRAPHY_POINT")
    writeGeography = _writer(types.GEOGRAPHY.code, "GEOGRAPHY")

    def writeRawBytes(self, value: Iterable[int]) -> None:
        """Bytes as they are."""
        self.wbuf.extend(array("B", value))

    def getRawBytes(self) -> array[int]:
        """What was written."""
        return self.wbuf

    def size(self) -> int:
        """How many bytes were written."""
        return len(self.wbuf)

    def prependLength(self) -> None:
        """Put the length of what was written before it, which makes a frame of it."""
        self.wbuf = array("B", _build_frame(RawFrame(body=self.wbuf.tobytes())))

    # ------------------------------------------------------------- reading

    def read(self, type: int) -> Any:
        """The next value, of a VOLTTYPE_..."""
        value = self.read_format(wire_type(type).format)
        convert = from_wire(type)
        return value if value is None or convert is None else convert(value)

    def readWireType(self) -> Any:
        """A type, and the value of it that follows."""
        return self.read(self.readByte())

    def readArray(self, type: int) -> list[Any] | tuple[Any, ...]:
        """The next count and so many values: a list of numbers, a tuple of anything else."""
        kind, convert = wire_type(type), from_wire(type)
        values = self.read_format(ArrayValue(type).format_for(kind.code))
        if convert is not None:
            values = [None if value is None else convert(value) for value in values]
        return list(values) if kind in _LISTS else tuple(values)

    readNull = _reader(types.NULL)
    readByte = _reader(types.TINYINT)
    readInt16 = _reader(types.SMALLINT)
    readInt32 = _reader(types.INTEGER)
    readInt64 = _reader(types.BIGINT)
    readFloat64 = _reader(types.FLOAT)
    readString = _reader(types.STRING)
    readVarbinary = _reader(types.VARBINARY)
    readTimestamp = _reader(types.TIMESTAMP)
    readDate = _reader(types.DATE)
    readDecimal = _reader(types.DECIMAL)
    readBoolean = _reader(types.BOOLEAN)
    readGeographyPoint = _reader(types.GEOGRAPHY_POINT)
    readGeography = _reader(types.GEOGRAPHY)

    readByteArray = _array_reader(types.TINYINT)
    readInt16Array = _array_reader(types.SMALLINT)
    readInt32Array = _array_reader(types.INTEGER)
    readInt64Array = _array_reader(types.BIGINT)
    readFloat64Array = _array_reader(types.FLOAT)
    readStringArray = _array_reader(types.STRING)
    readTimestampArray = _array_reader(types.TIMESTAMP)
    readDateArray = _array_reader(types.DATE)
    readDecimalArray = _array_reader(types.DECIMAL)
    readBooleanArray = _array_reader(types.BOOLEAN)
    readGeographyPointArray = _array_reader(types.GEOGRAPHY_POINT)
    readGeographyArray = _array_reader(types.GEOGRAPHY)

    def readByteRaw(self) -> int:
        """The next byte as a number, -128 included."""
        return int(self.read_format(Int8sb))

    def read_format(self, format: Construct | None) -> Any:
        """The next value of a declaration. DecodeError if it isn't there, and nothing is read."""
        assert format is not None
        stream = self.read_buffer.stream
        start = stream.tell()
        try:
            return format.parse_stream(stream)
        except (ConstructError, DecodeError) as error:
            stream.seek(start)
            if isinstance(error, DecodeError):
                raise
            left = self.read_buffer.remaining()
            raise DecodeError(
                f"the value takes more than the {left:,} bytes that are left", offset=start
            ) from None


def _value_bytes(code: int, value: Any) -> bytes:
    kind = wire_type(code)
    return builder(kind.format)(None if value is None else to_wire(code)(value))
