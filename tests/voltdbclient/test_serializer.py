"""Values to and from buffers, as the official client has them."""

import datetime
from array import array
from decimal import Decimal

import pytest
import voltdbclient as official

import volttools.voltdbclient
from volttools.errors import DecodeError
from volttools.voltdbclient import FastSerializer, Geography

SAME = [
    ("Byte", [0, 127, -127, None]),
    ("Int16", [0, 32767, None]),
    ("Int32", [0, -(2**31) + 1, None]),
    ("Int64", [0, 2**63 - 1, None]),
    ("Float64", [0.5, -1e300, None]),
    ("String", ["", "é" * 50, None]),
    ("Varbinary", [b"", b"\0\xff", None]),
    ("Timestamp", [datetime.datetime(2024, 2, 29, 12, 30, 1, 123457), None]),
    ("Date", [datetime.date(2024, 2, 29), None]),
    ("Decimal", [Decimal("-1.25"), Decimal(10) ** 25, Decimal(0), None]),
    ("Boolean", [True, False, None]),
    ("GeographyPoint", [(1.0, -2.5), None]),
    ("Geography", [None]),
]


def plain(value):
    return value.tobytes() if isinstance(value, array) else value


@pytest.mark.parametrize(("name", "values"), SAME)
def test_each_method_writes_and_reads_as_there(name, values):
    theirs, ours = official.FastSerializer(), FastSerializer()
    for client in (theirs, ours):
        for value in values:
            getattr(client, f"write{name}")(value)
        client.read_buffer.set(client.getRawBytes().tobytes())
    assert ours.getRawBytes() == theirs.getRawBytes()
    assert ours.size() == theirs.size()
    read = [[getattr(client, f"read{name}")() for _ in values] for client in (theirs, ours)]
    assert list(map(plain, read[0])) == list(map(plain, read[1])) == list(map(plain, values))
    assert [type(value) for value in read[0]] == [type(value) for value in read[1]]


ARRAYS = [
    ("Byte", FastSerializer.VOLTTYPE_TINYINT, [1, -1, None]),
    ("Int16", FastSerializer.VOLTTYPE_SMALLINT, [1, None]),
    ("Int32", FastSerializer.VOLTTYPE_INTEGER, [1, None]),
    ("Int64", FastSerializer.VOLTTYPE_BIGINT, [1, None]),
    ("Float64", FastSerializer.VOLTTYPE_FLOAT, [1.5, None]),
    ("String", FastSerializer.VOLTTYPE_STRING, ["a", None]),
    ("Timestamp", FastSerializer.VOLTTYPE_TIMESTAMP, [datetime.datetime(2024, 1, 1), None]),
    ("Date", FastSerializer.VOLTTYPE_DATE, [datetime.date(2024, 1, 1), None]),
    ("Decimal", FastSerializer.VOLTTYPE_DECIMAL, [Decimal("1.5"), None]),
    ("GeographyPoint", FastSerializer.VOLTTYPE_GEOGRAPHY_POINT, [(1.0, 2.0), None]),
    ("Geography", FastSerializer.VOLTTYPE_GEOGRAPHY, [None]),
]


@pytest.mark.parametrize(("name", "code", "values"), ARRAYS)
def test_arrays_are_written_and_read_as_there(name, code, values):
    theirs, ours = official.FastSerializer(), FastSerializer()
    for client in (theirs, ours):
        client.writeWireTypeArray(code, values)
        client.read_buffer.set(client.getRawBytes().tobytes())
    assert ours.getRawBytes() == theirs.getRawBytes()
    assert ours.readByte() == theirs.readByte() == code
    found, expected = (getattr(client, f"read{name}Array")() for client in (ours, theirs))
    assert (type(found), found) == (type(expected), expected)


def test_arrays_that_the_official_client_breaks_come_back():
    client = FastSerializer()
    client.writeArray(FastSerializer.VOLTTYPE_BOOLEAN, [True, False, None])
    client.writeArray(FastSerializer.VOLTTYPE_BIGINT, [])
    client.read_buffer.set(client.getRawBytes().tobytes())
    assert client.readBooleanArray() == (True, False, None)
    assert client.readInt64Array() == []


def test_values_have_their_type_before_them():
    client = FastSerializer()
    polygon = Geography.geographyFromWKT("POLYGON ((0.0 0.0, 10.0 0.0, 10.0 10.0, 0.0 0.0))")
    values = [(client.VOLTTYPE_BIGINT, 5), (client.VOLTTYPE_GEOGRAPHY, polygon), (client.VOLTTYPE_NULL, None)]
    for code, value in values:
        client.writeWireType(code, value)
    client.writeWireType(client.VOLTTYPE_DECIMAL_STRING, Decimal("1.50"))
    client.writeDecimalString(None)
    client.read_buffer.set(client.getRawBytes().tobytes())
    assert [client.readWireType() for _ in range(4)] == [5, polygon, None, "1.50"]
    assert client.readString() is None
    assert client.read_buffer.remaining() == 0


CONTENT = [
    ("ByteArray", "Byte", [1, -1, None]),
    ("Int16Array", "Int16", [1, None]),
    ("Int32Array", "Int32", [1, None]),
    ("Int64Array", "Int64", [1, None]),
    ("Float64Array", "Float64", [1.5, None]),
]


@pytest.mark.parametrize(("name", "writer", "values"), CONTENT)
def test_numbers_are_read_as_they_stand_as_there(name, writer, values):
    theirs, ours = official.FastSerializer(), FastSerializer()
    for client in (theirs, ours):
        for value in values:
            getattr(client, f"write{writer}")(value)
        client.read_buffer.set(client.getRawBytes().tobytes())
    found, expected = (getattr(client, f"read{name}Content")(len(values)) for client in (ours, theirs))
    assert (found, type(found)) == (expected, type(expected))
    assert None not in found


def test_text_and_bytes_are_read_by_a_length_that_was_read_before():
    for module in (official, volttools.voltdbclient):
        client = module.FastSerializer()
        client.read_buffer.set("éab".encode() + b"\0\xff")
        assert client.readStringContent(0) == ""
        assert client.readStringContent(4) == "éab"
        assert client.readVarbinaryContent(0) == array("B")
        assert client.readVarbinaryContent(2) == array("B", [0, 255])
    with pytest.raises(DecodeError, match="more than the 0 bytes that are left"):
        client.readStringContent(1)


def test_methods_are_found_by_type():
    theirs, ours = official.FastSerializer(), FastSerializer()
    for name in ("READER", "WRITER", "ARRAY_READER", "NullCheck"):
        assert getattr(ours, name).keys() == getattr(theirs, name).keys()
    for code, method in theirs.WRITER.items():
        assert ours.WRITER[code].__func__ is getattr(FastSerializer, method.__name__)
    for client in (theirs, ours):
        client.WRITER[client.VOLTTYPE_BIGINT](5)
        client.WRITER[client.VOLTTYPE_STRING]("a")
        client.writeArray(client.VOLTTYPE_SMALLINT, [1, None])
        client.read_buffer.set(client.getRawBytes().tobytes())
        assert client.READER[client.VOLTTYPE_BIGINT]() == 5
        assert client.READER[client.VOLTTYPE_STRING]() == "a"
        assert client.ARRAY_READER[client.VOLTTYPE_SMALLINT]() == [1, None]


def test_what_is_null_on_the_wire_is_told_as_there():
    theirs, ours = official.FastSerializer(), FastSerializer()
    candidates = [0, 1, -1, -128, -32768, -(2**31), -(2**63), -1.7e308, -1.65e308, 1.5]
    for code, check in theirs.NullCheck.items():
        for candidate in candidates if code != ours.VOLTTYPE_DECIMAL else [b"\0" * 16, b"\x80" + b"\0" * 15]:
            assert ours.NullCheck[code](candidate) == check(candidate), (code, candidate)
    for number in (0, 1, 2, 127):
        assert ours.getBoolean(number) == ours.getBoolen(number) == theirs.getBoolean(number)


def test_the_number_that_is_null_can_be_written_in_a_message():
    for module in (official, volttools.voltdbclient):
        client = module.FastSerializer()
        client.writeByte(-128)
        client.writeInt16(-32768)
        client.writeInt32(-(2**31))
        client.writeInt64(-(2**63))
        client.writeFloat64(-1.7e308)
        assert client.getRawBytes().tobytes().hex() == "808000800000008000000000000000ffee42d130773b76"


def test_a_value_of_another_type_is_a_type_error_as_there():
    for module in (official, volttools.voltdbclient):
        client = module.FastSerializer()
        for write in (client.writeInt16, client.writeInt64, client.writeDecimal, client.writeDecimalString):
            with pytest.raises(TypeError):
                write(1.5)
        for point in ("no point", (1.0, 2.0, 3.0)):
            with pytest.raises(TypeError):
                client.writeGeographyPoint(point)


def test_money_is_a_number_and_the_order_of_bytes_is_that_of_the_wire():
    client = FastSerializer()
    client.setInputByteOrder(0)
    client.writeInt64(5)
    client.read_buffer.set(client.getRawBytes().tobytes())
    assert client.readMoney() == 5
    with pytest.raises(ValueError, match="no server sends numbers with the lowest byte first"):
        client.setInputByteOrder(1)


def test_text_that_is_not_utf8_is_read_all_the_same():
    client = FastSerializer()
    client.read_buffer.set(b"\0\0\0\1\xff\0\0\0\1a")
    assert [client.readString(), client.readString()] == ["\udcff", "a"]


def test_a_length_stands_before_what_was_written():
    theirs, ours = official.FastSerializer(), FastSerializer()
    for client in (theirs, ours):
        client.writeString("abc")
        client.writeRawBytes(b"\1\2")
        client.writeRawBytes(array("B", [255]))
        client.prependLength()
    assert ours.getRawBytes() == theirs.getRawBytes()


def test_a_value_that_can_not_be_written_leaves_nothing_behind():
    client = FastSerializer()
    client.writeInt32(1)
    for write in (
        lambda: client.writeInt16(32768),
        lambda: client.writeDecimal(1.5),
        lambda: client.writeWireType(client.VOLTTYPE_STRING, 5),
        lambda: client.writeWireTypeArray(client.VOLTTYPE_INTEGER, [1, "x"]),
        lambda: client.writeArray(client.VOLTTYPE_NULL, []),
    ):
        with pytest.raises(ValueError, match=r"out of range|is no|no array"):
            write()
        assert client.getRawBytes().tobytes() == b"\0\0\0\1"


def test_what_is_not_there_can_not_be_read_and_stays():
    client = FastSerializer()
    client.read_buffer.set(b"\0\0\0")
    with pytest.raises(DecodeError, match="takes more than the 3 bytes that are left at byte 0"):
        client.readInt32()
    client.read_buffer.set(b"\0\0\0\5abc")
    with pytest.raises(DecodeError):
        client.readString()
    assert client.readInt32() == 5
    client.read_buffer.set(b"\x80\1")
    assert (client.readByteRaw(), client.readByteRaw()) == (-128, 1)
    with pytest.raises(ValueError, match="no value can have the type 99"):
        client.write(99, 1)
