"""Values as JSON and back, by columns: one function a type, so a big table costs little.

    type                       JSON
    NULL of any type           null
    TINYINT .. BIGINT          number
    FLOAT                      number, or "inf", "-inf", "nan"; null also within 1e307 of NULL's
                               -1.7E308, which the official Python client takes for NULL
    DECIMAL                    text with 12 decimals
    STRING                     text
    TIMESTAMP                  number: microseconds since 1970
    DATE                       text, ISO; a number where it is no date
    BOOLEAN                    true, false; a number where it is neither
    VARBINARY                  text: all bytes in hex
    GEOGRAPHY_POINT, GEOGRAPHY text: WKT with 12 decimals
    VOLTTABLE                  {"columns": [[name, type], ...], "rows": [[...], ...]}
    what can't be read         text: its bytes in hex

JSON says less than the wire: WKT loses digits, NaN has a payload, a table has a status.
`Fidelity` tells whether what was converted builds the same bytes again.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from volttools.codec import build
from volttools.formats import types
from volttools.formats.geography import Geography, Point
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.primitives import DECIMAL_SCALE
from volttools.formats.table import Table
from volttools.formats.types import TYPES

Json = Any
Column = Sequence[Any]


class Fidelity:
    """Whether values, as JSON has them, still build the same bytes."""

    __slots__ = ("is_exact",)

    def __init__(self) -> None:
        self.is_exact = True

    def require(self, holds: bool) -> None:
        """Note that something is lost unless the condition holds."""
        if not holds:
            self.is_exact = False

    def require_text(self, text: str | None) -> None:
        """Note that something is lost if a text was no UTF-8."""
        if text is not None and not text.isascii() and not _is_utf8(text):
            self.is_exact = False


# ------------------------------------------------------------ values to JSON


def _texts(column: Column, fidelity: Fidelity) -> Column:
    if fidelity.is_exact:
        fidelity.require_text("".join(filter(None, column)))
    return column


def _floats(column: Column, fidelity: Fidelity) -> Column:
    # no nan and no inf: either would have made the sum so; and all too large to be read as NULL
    if math.isfinite(sum(filter(None, column))) and min(filter(None, column), default=0.0) > -1e308:
        return column
    return [None if value is None else _float(value, fidelity) for value in column]


def _float(value: float, fidelity: Fidelity) -> float | str | None:
    if types.reads_as_null(value):
        fidelity.require(False)
        return None
    if math.isfinite(value):
        return value
    if math.isnan(value):
        fidelity.require(_same_floats((value,), (math.nan,)))
        return "nan"
    return "inf" if value > 0 else "-inf"


_decimal_text = f"{{:.{DECIMAL_SCALE}f}}".format


def _decimals(column: Column, fidelity: Fidelity) -> Column:
    return [None if value is None else _decimal_text(value) for value in column]


def _hex(column: Column, fidelity: Fidelity) -> Column:
    return [None if value is None else value.hex() for value in column]


def _dates(column: Column, fidelity: Fidelity) -> Column:
    return [value.isoformat() if isinstance(value, datetime.date) else value for value in column]


def _points(column: Column, fidelity: Fidelity) -> Column:
    texts = [None if value is None else value.wkt for value in column]
    for text, value in zip(texts, column, strict=True):
        if text is not None and fidelity.is_exact:
            fidelity.require(_survives(text, value, _point_same))
    return texts


def _point_same(text: str, value: Any) -> bool:
    return _same_floats(Point.from_wkt(text), value)


def _polygons(column: Column, fidelity: Fidelity) -> Column:
    texts = [None if value is None else value.wkt for value in column]
    for text, value in zip(texts, column, strict=True):
        if text is not None and fidelity.is_exact:
            fidelity.require(_survives(text, value, _polygon_same))
    return texts


def _polygon_same(text: str, value: Any) -> bool:
    return build(Geography.from_wkt(text)) == build(value)


def _survives(text: str, value: Any, same: Callable[[str, Any], bool]) -> bool:
    try:
        return same(text, value)
    except ValueError:  # "nan" in a coordinate
        return False


def _tables(column: Column, fidelity: Fidelity) -> Column:
    return [None if value is None else _table_parameter(value, fidelity) for value in column]


def _table_parameter(table: Table, fidelity: Fidelity) -> Json:
    fidelity.require(table.status == Table.of([]).status)
    found = table_to_json(table, fidelity)
    return {"columns": found["columns"], "rows": found["rows"]}


def _unknown(column: Column, fidelity: Fidelity) -> Column:
    fidelity.is_exact = False
    return [value.hex() if isinstance(value, bytes) else value for value in column]


_TO_JSON: dict[int, Callable[[Column, Fidelity], Column] | None] = {
    types.NULL.code: None,
    types.TINYINT.code: None,
    types.SMALLINT.code: None,
    types.INTEGER.code: None,
    types.BIGINT.code: None,
    types.TIMESTAMP.code: None,
    types.BOOLEAN.code: None,
    types.FLOAT.code: _floats,
    types.STRING.code: _texts,
    types.DATE.code: _dates,
    types.VOLTTABLE.code: _tables,
    types.DECIMAL.code: _decimals,
    types.VARBINARY.code: _hex,
    types.GEOGRAPHY_POINT.code: _points,
    types.GEOGRAPHY.code: _polygons,
}
"""By type code; None: JSON has the values as they are."""


def column_to_json(code: int, column: Column, fidelity: Fidelity) -> Column:
    """The values of a column of a wire type as JSON."""
    convert = _TO_JSON.get(code, _unknown)
    return convert(column, fidelity) if convert else column


def table_to_json(table: Table, fidelity: Fidelity) -> dict[str, Json]:
    """A table with its status."""
    header = table.header
    fidelity.require(not table.trailing and not header.length_error)
    for name in header.column_names:
        fidelity.require_text(name)
    columns = [
        [name, TYPES.name_of(code)]
        for name, code in zip(header.column_names, header.column_types, strict=True)
    ]
    rows: list[Any] = table.rows
    converters = [_TO_JSON.get(code, _unknown) for code in header.column_types]
    if rows and any(converters):
        values = [
            convert(column, fidelity) if convert else column
            for convert, column in zip(converters, zip(*rows, strict=True), strict=False)
        ]
        rows = list(zip(*values, strict=True))
    return {"status": header.status, "columns": columns, "rows": list(map(list, rows))}


def parameter_to_json(parameter: Parameter, fidelity: Fidelity) -> list[Json]:
    """A parameter as [type, value]; an array's type is such as "BIGINT[]"."""
    if parameter.element_type is not None:
        values = column_to_json(parameter.element_type, parameter.value, fidelity)
        return [parameter.type_name, list(values)]
    return [parameter.type_name, column_to_json(parameter.type, (parameter.value,), fidelity)[0]]


# ------------------------------------------------------------ JSON to values


def _date(value: Json) -> datetime.date | int:
    return datetime.date.fromisoformat(value) if isinstance(value, str) else value


_FROM_JSON: dict[int, Callable[[Json], Any]] = {
    types.FLOAT.code: float,
    types.DATE.code: _date,
    types.VOLTTABLE.code: lambda value: table_from_json(value),
    types.DECIMAL.code: Decimal,
    types.VARBINARY.code: bytes.fromhex,
    types.GEOGRAPHY_POINT.code: Point.from_wkt,
    types.GEOGRAPHY.code: Geography.from_wkt,
}


def value_from_json(code: int, value: Json) -> Any:
    """The inverse of column_to_json, for one value."""
    if value is None:
        return None
    convert = _FROM_JSON.get(code)
    return convert(value) if convert else value


def table_from_json(found: dict[str, Json]) -> Table:
    """The inverse of table_to_json, and of a table in a parameter."""
    codes = [TYPES.code_of(kind) for _, kind in found["columns"]]
    converters = [_FROM_JSON.get(code) for code in codes]
    rows = [
        tuple(
            convert(value) if convert and value is not None else value
            for convert, value in zip(converters, row, strict=False)
        )
        for row in found["rows"]
    ]
    table = Table.of(zip([name for name, _ in found["columns"]], codes, strict=True), rows)
    if "status" in found:
        table.header = table.header.replace(status=found["status"])
    return table


def parameter_from_json(found: list[Json]) -> Parameter:
    """The inverse of parameter_to_json."""
    kind, value = found
    if kind.endswith("[]"):
        element = TYPES.code_of(kind.removesuffix("[]"))
        values = [value_from_json(element, item) for item in value]
        return Parameter(type=types.ARRAY.code, element_type=element, value=values)
    code = TYPES.code_of(kind)
    return Parameter(type=code, value=value_from_json(code, value))


# ------------------------------------------------------------ what is the same


def _same_floats(first: Sequence[float], second: Sequence[float]) -> bool:
    pack = types.FLOAT.format.struct.pack  # type: ignore[union-attr]  # its bits, as the wire has them
    return all(pack(one) == pack(other) for one, other in zip(first, second, strict=True))


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def opaque_hex(value: Any) -> Any:
    """Bytes as hex; all else as it is."""
    return value.hex() if isinstance(value, (bytes, Opaque)) else value
