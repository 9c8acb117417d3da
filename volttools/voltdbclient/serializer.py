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
from functools import cached_property, lru_cache
from typing import Any

from construct import Construct, ConstructError, Int8sb

from volttools.codec import builder
from volttools.codec.interpreted import ParseFunction
from volttools.codec.parse_compiler import compile_parse
from volttools.codec.source import NotCompilableError
from volttools.errors import DecodeError, EncodeError
from volttools.formats import types
from volttools.formats.frame import RawFrame
from volttools.formats.parameters import Parameter
from volttools.formats.types import ArrayValue, WireType
from volttools.voltdbclient.buffers import ReadBuffer
from volttools.voltdbclient.parameters import PLAIN, array_parameter
from volttools.voltdbclient.types import DECIMAL_STRING, NULL_DECIMAL, SCALARS, VoltTypes
from volttools.voltdbclient.values import from_wire, null_number, to_wire, wire_type

_LISTS = {types.TINYINT, types.SMALLINT, types.INTEGER, types.BIGINT, types.FLOAT}
_build_type = builder(Int8sb)
_build_frame = builder(RawFrame)
_build_parameter = builder(Parameter)


def _reader(kind: WireType) -> Callable[[Serializer], Any]:
    format, convert = kind.format, from_wire(kind.code)

    def read(self: Serializer) -> Any:
        value = self.read_format(format)
        return value if value is None or convert is None else convert(value)

    read.__doc__ = f"The next {kind.name}; None for NULL."
    return read


def _array_reader(kind: WireType) -> Callable[[Serializer], Any]:
    def read(self: Serializer) -> Any:
        return self.readArray(kind.code)

    read.__doc__ = f"The next array of {kind.name}: its count and elements."
    return read


def _numbers_reader(kind: WireType) -> Callable[[Serializer, int], tuple[Any, ...]]:
    def read(self: Serializer, cnt: int) -> tuple[Any, ...]:
        return tuple(self._next_number(kind) for _ in range(cnt))

    read.__doc__ = f"So many numbers of {kind.name} as they stand: NULL is a number, too."
    return read


def _writer(code: int, name: str) -> Callable[[Serializer, Any], None]:
    def write(self: Serializer, value: Any) -> None:
        self.wbuf.frombytes(_encoder(code)(value))

    write.__doc__ = f"A {name}; None for NULL. ValueError if it can't be one, and nothing is written."
    return write


class Serializer(VoltTypes):
    """`wbuf`, what was written, and `read_buffer`, what is read."""

    def __init__(self) -> None:
        self.wbuf = array("B")
        self.read_buffer = ReadBuffer()
        # as there: a number by the class, the bytes by the object
        self.NULL_DECIMAL_INDICATOR = NULL_DECIMAL

    # ------------------------------------------------------------- writing

    def write(self, type: int, value: Any) -> None:
        """A value of a VOLTTYPE_..., without its type."""
        self.wbuf.frombytes(_encoder(type)(value))

    def writeWireType(self, type: int, value: Any) -> None:
        """A type and a value of it."""
        data = _encoder(type)(value)
        self.wbuf.frombytes(_build_type(wire_type(type).code) + data)

    def writeArray(self, type: int, array: Iterable[Any]) -> None:
        """A count and so many values."""
        self.wbuf.frombytes(_array_bytes(type, array))

    def writeWireTypeArray(self, type: int, array: Iterable[Any]) -> None:
        """The type of the elements, a count and so many values."""
        data = _array_bytes(type, array)
        self.wbuf.frombytes(_build_type(wire_type(type).code) + data)

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
    writeBoolean = _writer(types.BOOLEAN.code, "BOOLEAN")

    def writeDecimal(self, num: Any) -> None:
        """A DECIMAL of a decimal.Decimal; None for NULL."""
        self.write(types.DECIMAL.code, num)

    def writeDecimalString(self, num: Any) -> None:
        """A decimal.Decimal as a STRING; None for NULL."""
        self.write(DECIMAL_STRING, num)

    def writeGeographyPoint(self, point: Any) -> None:
        """A GEOGRAPHY_POINT of (longitude, latitude); None for NULL."""
        self.write(types.GEOGRAPHY_POINT.code, point)

    def writeGeography(self, geo: Any) -> None:
        """A GEOGRAPHY of a Geography; None for NULL."""
        self.write(types.GEOGRAPHY.code, geo)

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
        values = self.read_format(_array_format(kind.code))
        if convert is not None:
            values = [None if value is None else convert(value) for value in values]
        return list(values) if kind in _LISTS else tuple(values)

    readNull = _reader(types.NULL)
    readByte = _reader(types.TINYINT)
    readInt16 = _reader(types.SMALLINT)
    readInt32 = _reader(types.INTEGER)
    readInt64 = readMoney = _reader(types.BIGINT)
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

    readByteArrayContent = _numbers_reader(types.TINYINT)
    readInt16ArrayContent = _numbers_reader(types.SMALLINT)
    readInt32ArrayContent = _numbers_reader(types.INTEGER)
    readInt64ArrayContent = _numbers_reader(types.BIGINT)
    readFloat64ArrayContent = _numbers_reader(types.FLOAT)

    def readByteRaw(self) -> int:
        """The next byte as a number, -128 included."""
        return int(self._next_number(types.TINYINT))

    def readStringContent(self, cnt: int) -> str:
        """The text in the next bytes, whose number was read before."""
        return self._content(cnt).decode()

    def readVarbinaryContent(self, cnt: int) -> array[int]:
        """The next bytes, whose number was read before."""
        return array("B", self._content(cnt))

    def getBoolean(self, value: int) -> bool | None:
        """What a byte means as a BOOLEAN: None for what is neither 0 nor 1."""
        return bool(value) if value in (0, 1) else None

    getBoolen = getBoolean

    def setInputByteOrder(self, bom: int) -> None:
        """Read numbers with their highest byte first, which is the only order on the wire; ValueError for
        1, which would be the other one."""
        if bom == 1:
            raise ValueError("no server sends numbers with the lowest byte first, so that can't be read here")

    def _content(self, cnt: int) -> bytes:
        buffer = self.read_buffer
        data = buffer.read(cnt)
        if len(data) != cnt:
            raise _too_few(buffer)
        buffer.shift(cnt)
        return data

    def _next_number(self, kind: WireType) -> Any:
        value = self.read_format(kind.format)
        return null_number(kind) if value is None else value

    def read_format(self, format: Construct | None) -> Any:
        """The next value of a declaration. DecodeError if it isn't there, and nothing is read."""
        assert format is not None
        buffer = self.read_buffer
        try:
            value, buffer._off = _parser(format)(buffer._buf, buffer._off, len(buffer._buf))
        except Exception:
            return self._read_slowly(format)  # what is wrong is said there
        return value

    def _read_slowly(self, format: Construct) -> Any:
        buffer = self.read_buffer
        stream = io.BytesIO(buffer.get_buffer())
        stream.seek(buffer._off)
        try:
            value = format.parse_stream(stream)
        except ConstructError:
            raise _too_few(buffer) from None
        buffer._off = stream.tell()
        return value

    # ------------------------------------------------------- methods by type

    @cached_property
    def READER(self) -> dict[int, Callable[[], Any]]:
        """The method that reads a value, by VOLTTYPE_..."""
        return {kind.code: getattr(self, f"read{name}") for kind, name in SCALARS.items()}

    @cached_property
    def WRITER(self) -> dict[int, Callable[[Any], None]]:
        """The method that writes a value, by VOLTTYPE_..."""
        return {kind.code: getattr(self, f"write{name}") for kind, name in SCALARS.items()}

    @cached_property
    def ARRAY_READER(self) -> dict[int, Callable[[], Any]]:
        """The method that reads an array, by VOLTTYPE_..."""
        names = {kind.code: f"read{name}Array" for kind, name in SCALARS.items()}
        return {code: getattr(self, name) for code, name in names.items() if hasattr(self, name)}

    @cached_property
    def NullCheck(self) -> dict[int, Callable[[Any], Any]]:
        """Functions from what stands on the wire to a value, None for NULL, by VOLTTYPE_...: of numbers,
        of the length of a STRING or VARBINARY, of the bytes of a DECIMAL."""
        return dict(_NULL_CHECKS)


def _null_check(null: Any) -> Callable[[Any], Any]:
    return lambda value: None if value == null else value


_NULL_CHECKS: dict[int, Callable[[Any], Any]] = {
    types.NULL.code: lambda _: None,
    **{kind.code: _null_check(null_number(kind)) for kind in _LISTS},
    types.FLOAT.code: lambda number: None if types.reads_as_null(number) else number,
    types.STRING.code: _null_check(VoltTypes.NULL_STRING_INDICATOR),
    types.VARBINARY.code: _null_check(VoltTypes.NULL_STRING_INDICATOR),
    types.DECIMAL.code: _null_check(NULL_DECIMAL),
}


def _too_few(buffer: ReadBuffer) -> DecodeError:
    return DecodeError(
        f"the value takes more than the {buffer.remaining():,} bytes that are left", offset=buffer._off
    )


@lru_cache(maxsize=512)
def _encoder(code: int) -> Callable[[Any], bytes]:
    """A function from a script's value to its bytes. Other than in a parameter the number that is NULL may
    be written as such: messages are made of numbers."""
    kind = wire_type(code)
    build, null = builder(kind.format), null_number(kind)
    if kind is types.NULL:
        return lambda _: b""
    convert = to_wire(code)
    exact = kind.python if kind in PLAIN and kind.code == code else None

    def encode(value: Any) -> bytes:
        if type(value) is exact:
            try:
                return build(value)
            except EncodeError:
                pass  # what is wrong is said below
        elif value is None or (value == null and isinstance(value, int | float)):
            return build(None)
        return build(convert(value))

    return encode


def _array_bytes(code: int, values: Any) -> bytes:
    if values is None:
        raise EncodeError("None is no array: give a list")
    data = _build_parameter(array_parameter(code, values))
    return data[2 * Int8sb.sizeof() :]  # behind the two types of a parameter


@lru_cache(maxsize=512)
def _array_format(code: int) -> Construct:
    return ArrayValue(code).format_for(code)


@lru_cache(maxsize=512)
def _parser(format: Construct) -> ParseFunction:
    """A function (bytes, offset, end) -> value and the offset behind it."""
    try:
        return compile_parse(format)
    except NotCompilableError:
        return _never


def _never(buf: bytes, o: int, end: int) -> tuple[Any, int]:
    raise NotCompilableError
