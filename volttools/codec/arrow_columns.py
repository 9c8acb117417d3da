"""Columns of numbers and places as Arrow arrays, exact: one function for each wire type.

    wire type            Arrow                      where that can't hold a value
    TINYINT .. BIGINT    int8 .. int64
    FLOAT                double; only NULL's exact number is NULL
    DECIMAL              decimal128(38, 12)         decimal256(39, 12)
    STRING               string                     binary, where something is no UTF-8
    VARBINARY            binary
    TIMESTAMP            timestamp[us, UTC]
    DATE                 date32                     int32, the numbers on the wire
    BOOLEAN              bool                       int8, the numbers on the wire
    GEOGRAPHY_POINT      struct<longitude, latitude: double>
    GEOGRAPHY            string, WKT

The second type is taken for the whole column if one value needs it, and the field says why.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

from volttools.codec.arrow import np, pa
from volttools.codec.codec import parser
from volttools.codec.raw_columns import FixedColumn, RawColumn, VaryingColumn
from volttools.formats import types
from volttools.formats.geography import Geography, Point
from volttools.formats.notation import Packed
from volttools.formats.primitives import DECIMAL_DIGITS, DECIMAL_SCALE
from volttools.formats.types import TYPES, WireType

DECIMAL = pa.decimal128(DECIMAL_DIGITS, DECIMAL_SCALE)
WIDE_DECIMAL = pa.decimal256(DECIMAL_DIGITS + 1, DECIMAL_SCALE)
"""For the numbers of 128 bits that have 39 digits: more than SQL allows, but they can be sent."""
TIMESTAMP = pa.timestamp("us", tz="UTC")
POINT = pa.struct([pa.field(name, pa.float64(), nullable=False) for name in Point._fields])

_LEADING, _CONTINUES = 0b11000000, 0b10000000  # how a byte inside of a UTF-8 character begins
_HALF = 64
_MOST = 10**DECIMAL.precision
_DOUBTFUL_ABOVE, _DOUBTFUL_BELOW = _MOST >> _HALF, -_MOST >> _HALF  # the lower half decides


class ArrowColumn(NamedTuple):
    """An array, and why it isn't of the type's usual Arrow type; None if it is."""

    array: pa.Array
    note: str | None = None


def arrow_column(wire_type: WireType, raw: RawColumn, buf: bytes) -> ArrowColumn:
    """The column of a wire type; LookupError for one that has no Arrow type."""
    return _COLUMNS[wire_type.code](wire_type, raw, buf)


@functools.lru_cache(maxsize=256)
def known_types(codes: tuple[int, ...]) -> list[WireType] | None:
    """The wire types with these codes; None if `arrow_column` does not know one of them."""
    found = [TYPES.by_code(code) for code in codes if code in _COLUMNS]
    known = [kind for kind in found if kind is not None]
    return known if len(known) == len(codes) else None


# ------------------------------------------------------------- fixed width


def _numbers(arrow_type: Any = None) -> _Column:
    """Numbers as they are; of the Arrow type that numpy's is, unless another is given."""

    def column(wire_type: WireType, raw: RawColumn, buf: bytes) -> ArrowColumn:
        (numbers,), valid = _parts(wire_type, raw)
        return ArrowColumn(_array(arrow_type or _number_type(numbers.dtype), numbers, valid))

    return column


def _decimals(wire_type: WireType, raw: RawColumn, buf: bytes) -> ArrowColumn:
    (high, low), valid = _parts(wire_type, raw)
    doubtful = (high >= _DOUBTFUL_ABOVE) | (high <= _DOUBTFUL_BELOW)
    if valid is not None:
        doubtful &= valid
    if doubtful.any():
        halves = zip(high[doubtful], low[doubtful], strict=True)
        if not all(-_MOST < (int(upper) << _HALF) + int(lower) < _MOST for upper, lower in halves):
            return ArrowColumn(
                _array(WIDE_DECIMAL, _words(high, low, 4), valid), f"more than {DECIMAL_DIGITS} digits"
            )
    return ArrowColumn(_array(DECIMAL, _words(high, low, 2), valid))


def _words(high: np.ndarray, low: np.ndarray, count: int) -> np.ndarray:
    """Numbers of so many words of 64 bits, the lowest first; those above `high` repeat its sign."""
    words = np.empty((len(high), count), np.int64)
    words[:, 0] = low.view(np.int64)
    words[:, 1] = high
    words[:, 2:] = (high >> (_HALF - 1))[:, np.newaxis] if count > 2 else 0
    return words


def _points(wire_type: WireType, raw: RawColumn, buf: bytes) -> ArrowColumn:
    parts, valid = _parts(wire_type, raw)
    nulls = None if valid is None else pa.array(~valid)
    arrays = [_array(field.type, part, None) for field, part in zip(POINT, parts, strict=True)]
    return ArrowColumn(pa.StructArray.from_arrays(arrays, fields=list(POINT), mask=nulls))


def _decoded(arrow_type: Any) -> _Column:
    """Numbers whose meaning their declaration knows: each different one is decoded once.

    If one of them means nothing, the whole column stays numbers.
    """

    def column(wire_type: WireType, raw: RawColumn, buf: bytes) -> ArrowColumn:
        (numbers,), valid = _parts(wire_type, raw)
        different, places = np.unique(numbers, return_inverse=True)
        values = [_value(wire_type, int(number)) for number in different]
        if all(value is None or isinstance(value, wire_type.python) for value in values):
            return ArrowColumn(pa.array(values, arrow_type).take(pa.array(places)))
        plain = _array(_number_type(numbers.dtype), numbers, valid)
        return ArrowColumn(plain, f"a number is no {wire_type.name}: as on the wire")

    return column


def _value(wire_type: WireType, number: int) -> Any:
    packed = _packed(wire_type)
    return None if (number,) == packed.null or packed.decode is None else packed.decode(number)


def _parts(wire_type: WireType, raw: RawColumn) -> tuple[list[np.ndarray], np.ndarray | None]:
    """The numbers of a column, and which rows are not NULL; None if all are."""
    assert isinstance(raw, FixedColumn)
    null = _packed(wire_type).null
    if null is None:
        return raw.parts, None
    valid = raw.parts[0] != null[0]
    for part, number in zip(raw.parts[1:], null[1:], strict=True):
        valid |= part != number
    return raw.parts, None if np.count_nonzero(valid) == len(valid) else valid


_number_type = functools.cache(pa.from_numpy_dtype)


def _packed(wire_type: WireType) -> Packed:
    assert isinstance(wire_type.format, Packed)
    return wire_type.format


def _array(arrow_type: Any, numbers: np.ndarray, valid: np.ndarray | None) -> pa.Array:
    """An array over the numbers' own memory."""
    validity = None if valid is None else pa.py_buffer(np.packbits(valid, bitorder="little"))
    return pa.Array.from_buffers(arrow_type, len(numbers), [validity, pa.py_buffer(numbers)])


# ---------------------------------------------------------- varying length


def _bytes(wire_type: WireType, raw: RawColumn, buf: bytes) -> ArrowColumn:
    return ArrowColumn(_binary(raw, buf))


def _texts(wire_type: WireType, raw: RawColumn, buf: bytes) -> ArrowColumn:
    binary = _binary(raw, buf)
    if not len(binary):
        return ArrowColumn(pa.array([], pa.string()))
    validity, offsets, data = binary.buffers()
    if not _is_text(np.frombuffer(offsets, np.int32, len(binary) + 1), data):
        return ArrowColumn(binary, "a text is no UTF-8: as bytes")
    return ArrowColumn(pa.Array.from_buffers(pa.string(), len(binary), [validity, offsets, data]))


def _is_text(offsets: np.ndarray, data: pa.Buffer) -> bool:
    """Whether each value is UTF-8: all together are, and none begins inside a character.

    Six times as fast as to ask pyarrow, which looks at one value after the other.
    """
    try:
        str(memoryview(data), "utf-8")
    except UnicodeDecodeError:
        return False
    starts = offsets[offsets < len(data)]
    return not bool((np.frombuffer(data, np.uint8)[starts] & _LEADING == _CONTINUES).any())


def _geographies(wire_type: WireType, raw: RawColumn, buf: bytes) -> ArrowColumn:
    read = parser(Geography)
    texts = [None if data is None else read(data).wkt for data in _binary(raw, buf).to_pylist()]
    return ArrowColumn(pa.array(texts, pa.string()))


def _binary(raw: RawColumn, buf: bytes) -> pa.Array:
    """The values one behind the other.

    With what stands between them, they are an array already, over the buffer itself; pyarrow
    takes every second element of that.
    """
    assert isinstance(raw, VaryingColumn)
    count = len(raw.starts)
    if not count:
        return pa.array([], pa.binary())
    offsets = np.empty(2 * count, np.int32)
    offsets[::2] = raw.starts
    offsets[1::2] = raw.stops
    among = pa.Array.from_buffers(
        pa.binary(), 2 * count - 1, [None, pa.py_buffer(offsets), pa.py_buffer(buf)]
    )
    places = np.arange(0, 2 * count, 2, dtype=np.int32)
    return among.take(pa.array(places, mask=raw.nulls if raw.nulls.any() else None))


_Column = Callable[[WireType, RawColumn, bytes], ArrowColumn]

_COLUMNS: dict[int, _Column] = {
    types.TINYINT.code: _numbers(),
    types.SMALLINT.code: _numbers(),
    types.INTEGER.code: _numbers(),
    types.BIGINT.code: _numbers(),
    types.FLOAT.code: _numbers(),
    types.DECIMAL.code: _decimals,
    types.TIMESTAMP.code: _numbers(TIMESTAMP),
    types.DATE.code: _decoded(pa.date32()),
    types.BOOLEAN.code: _decoded(pa.bool_()),
    types.GEOGRAPHY_POINT.code: _points,
    types.STRING.code: _texts,
    types.VARBINARY.code: _bytes,
    types.GEOGRAPHY.code: _geographies,
}
