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
from volttools.errors import EncodeError
from volttools.formats import types
from volttools.formats.geography import Geography, Point
from volttools.formats.notation import Opaque, Packed, shown
from volttools.formats.parameters import Parameter
from volttools.formats.primitives import DECIMAL_SCALE, is_utf8
from volttools.formats.table import Table
from volttools.formats.types import TYPES
from volttools.words import nearest

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
        if text is not None and not is_utf8(text):
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


def _places(is_same: Callable[[str, Any], bool]) -> Callable[[Column, Fidelity], Column]:
    """WKT; `is_same`: whether a text builds the value again."""

    def texts_of(column: Column, fidelity: Fidelity) -> Column:
        texts = [None if value is None else value.wkt for value in column]
        for text, value in zip(texts, column, strict=True):
            if text is not None and fidelity.is_exact:
                fidelity.require(_survives(text, value, is_same))
        return texts

    return texts_of


def _point_same(text: str, value: Any) -> bool:
    return _same_floats(Point.from_wkt(text), value)


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
    types.GEOGRAPHY_POINT.code: _places(_point_same),
    types.GEOGRAPHY.code: _places(_polygon_same),
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


def _integer(value: Json) -> int:
    if type(value) is not int:
        raise ValueError("expected a whole number")
    return value


def _number(value: Json) -> float:
    if type(value) in (int, float) or value in ("inf", "-inf", "nan"):
        return float(value)
    raise ValueError('expected a number, "inf", "-inf" or "nan"')


def _decimal(value: Json) -> Decimal:
    if type(value) not in (int, str):
        raise ValueError('expected a decimal as text, such as "12.50"')
    try:
        return Decimal(value)
    except ArithmeticError:
        raise ValueError('expected a decimal, such as "12.50"') from None


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise ValueError("expected text")
    return value


def _bytes(value: Json) -> bytes:
    try:
        return bytes.fromhex(_text(value))
    except ValueError:
        raise ValueError("expected bytes in hex, two digits each") from None


def _date(value: Json) -> datetime.date | int:
    if type(value) is int:
        return value
    try:
        return datetime.date.fromisoformat(_text(value))
    except ValueError:
        raise ValueError('expected a date, such as "2026-01-31"') from None


def _truth(value: Json) -> bool | int:
    if not isinstance(value, int):
        raise ValueError("expected true or false")
    return value


def _point(value: Json) -> Point:
    return Point.from_wkt(_text(value))


def _polygon(value: Json) -> Geography:
    return Geography.from_wkt(_text(value))


def _nothing(value: Json) -> None:
    raise ValueError("expected null: the type NULL has no other value")


_FROM_JSON: dict[int, Callable[[Json], Any]] = {
    types.NULL.code: _nothing,
    types.TINYINT.code: _integer,
    types.SMALLINT.code: _integer,
    types.INTEGER.code: _integer,
    types.BIGINT.code: _integer,
    types.TIMESTAMP.code: _integer,
    types.BOOLEAN.code: _truth,
    types.FLOAT.code: _number,
    types.STRING.code: _text,
    types.DATE.code: _date,
    types.VOLTTABLE.code: lambda value: table_from_json(value),
    types.DECIMAL.code: _decimal,
    types.VARBINARY.code: _bytes,
    types.GEOGRAPHY_POINT.code: _point,
    types.GEOGRAPHY.code: _polygon,
}

_NULL_NUMBERS: dict[int, float] = {
    kind.code: kind.format.null[0]
    for kind in TYPES
    if isinstance(kind.format, Packed) and kind.format.null is not None and len(kind.format.null) == 1
}
"""By type code: the number that stands for NULL on the wire, so that it is no value."""


def value_from_json(code: int, value: Json, path: str = "value") -> Any:
    """The inverse of column_to_json, for one value. EncodeError with the path for what is none."""
    if value is None:
        return None
    convert = _FROM_JSON.get(code)
    if convert is None:
        raise EncodeError(f"a {TYPES.name_of(code)} can't be written: nobody knows how", path=path)
    try:
        found = convert(value)
    except EncodeError as error:
        error.path = f"{path}.{error.path}" if error.path else path
        raise
    except ValueError as error:
        raise EncodeError(f"{TYPES.name_of(code)}: {error}, got {shown(value)}", path=path) from None
    if code in _NULL_NUMBERS and found == _NULL_NUMBERS[code]:
        name = TYPES.name_of(code)
        raise EncodeError(f"{found} stands for NULL in a {name}: write null, or another value", path=path)
    return found


def code_from_json(name: Json, path: str) -> int:
    """The code of a type's name. EncodeError for a name that nobody has."""
    if isinstance(name, str):
        try:
            return TYPES.code_of(name)
        except (KeyError, ValueError):
            known = [kind.name for kind in TYPES if kind.code in _FROM_JSON]
            like = nearest(name, known)
            hint = f"; did you mean {like}?" if like else f"; there are {', '.join(known)}"
            raise EncodeError(f"no type is called {name!r}{hint}", path=path) from None
    raise EncodeError(f"expected the name of a type, got {shown(name)}", path=path)


def table_from_json(found: Json, path: str = "") -> Table:
    """The inverse of table_to_json, and of a table in a parameter. EncodeError with the path."""
    at = f"{path}." if path else ""
    if not isinstance(found, dict):
        raise EncodeError(
            f'expected a table: {{"columns": [[name, type], ...], "rows": [...]}}, got {shown(found)}',
            path=path,
        )
    for name in found:
        if name not in ("status", "columns", "rows"):
            raise EncodeError(
                f"no member of a table is called {name!r}; there are status, columns, rows", path=path
            )
    columns = []
    for index, column in enumerate(_list(found.get("columns"), f"{at}columns")):
        place = f"{at}columns[{index}]"
        if not isinstance(column, list) or len(column) != 2 or not isinstance(column[0], str):
            raise EncodeError(f"expected [name, type], got {shown(column)}", path=place)
        columns.append((column[0], code_from_json(column[1], place)))
    rows = []
    for index, row in enumerate(_list(found.get("rows"), f"{at}rows")):
        place = f"{at}rows[{index}]"
        if len(_list(row, place)) != len(columns):
            raise EncodeError(f"expected {len(columns)} values, one a column, got {len(row)}", path=place)
        rows.append(
            tuple(
                [
                    value_from_json(code, value, f"{place}.{name}" if name else f"{place}[{column}]")
                    if value is not None
                    else None
                    for column, ((name, code), value) in enumerate(zip(columns, row, strict=True))
                ]
            )
        )
    table = Table.of(columns, rows)
    status = found.get("status", table.status)
    if type(status) is not int:
        raise EncodeError(f"expected a whole number, got {shown(status)}", path=f"{at}status")
    table.header = table.header.replace(status=status)
    return table


def _list(value: Json, path: str) -> list[Json]:
    if not isinstance(value, list):
        what = "it is missing" if value is None else f"got {shown(value)}"
        raise EncodeError(f"expected a list, {what}", path=path)
    return value


def parameter_from_json(found: Json, path: str = "parameter") -> Parameter:
    """The inverse of parameter_to_json; a value alone is one of the type that is obvious.

    EncodeError with the path for what is no parameter.
    """
    if not isinstance(found, list):
        kind = _OBVIOUS.get(type(found))
        if kind is None:
            raise EncodeError(f"expected [type, value], got {shown(found)}", path=path)
        return Parameter(type=kind.code, value=value_from_json(kind.code, found, path))
    if len(found) != 2 or not isinstance(found[0], str):
        raise EncodeError(f"expected [type, value], got {shown(found)}", path=path)
    name, value = found
    if name.endswith("[]"):
        element = code_from_json(name.removesuffix("[]"), path)
        values = [
            value_from_json(element, item, f"{path}[{index}]")
            for index, item in enumerate(_list(value, path))
        ]
        return Parameter(type=types.ARRAY.code, element_type=element, value=values)
    code = code_from_json(name, path)
    return Parameter(type=code, value=value_from_json(code, value, path))


_OBVIOUS = {
    int: types.BIGINT,
    str: types.STRING,
    float: types.FLOAT,
    bool: types.BOOLEAN,
    type(None): types.NULL,
    dict: types.VOLTTABLE,
}


# ------------------------------------------------------------ what is the same


def _same_floats(first: Sequence[float], second: Sequence[float]) -> bool:
    pack = types.FLOAT.format.struct.pack  # type: ignore[union-attr]  # its bits, as the wire has them
    return all(pack(one) == pack(other) for one, other in zip(first, second, strict=True))


def opaque_hex(value: Any) -> Any:
    """Bytes as hex; all else as it is."""
    return value.hex() if isinstance(value, (bytes, Opaque)) else value
