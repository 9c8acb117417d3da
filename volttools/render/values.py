r"""Values for people: short, typed by their look, and harmless to a terminal.

Everything that came over the wire goes through `visible` before it is shown: a control
character would otherwise move the cursor, and a right-to-left mark would turn text around.

>>> from volttools.formats import types
>>> show_value(types.STRING.code, "a\x1b[2Jb")
'"a\\x1b[2Jb"'
>>> show_value(types.TIMESTAMP.code, 1_700_000_000_000_000)
'2023-11-14 22:13:20'
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from volttools.formats import types
from volttools.formats.geography import Geography, Point
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.table import Table

LIMIT = 40
"""Characters of one value in a line."""

# C0 and C1 controls, lone surrogates, line and paragraph separators, marks of direction.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str) -> str:
    r"""Text with everything that does something, rather than being seen, written as an escape.

    A byte that is no UTF-8 (a lone surrogate, as the codec keeps it) shows as \xff.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character in _NAMED:
        return _NAMED[character]
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def shorten(text: str, limit: int, *, tail: int = 4) -> str:
    """Text of at most `limit` characters: its start, three dots, its end.

    tail   the end is one part in so many
    """
    if len(text) <= limit:
        return text
    if limit <= 4:
        return text[:limit]
    kept = max(1, (limit - 3) // tail)
    return f"{text[: limit - 3 - kept]}...{text[-kept:]}"


def quoted(text: str, limit: int = LIMIT) -> str:
    """A text in quotes; a long one with start, end and its length."""
    if len(text) <= limit:
        return _in_quotes(visible(text))
    return f"{_in_quotes(visible(shorten(text, limit)))} ({len(text):,} chars)"


def _in_quotes(text: str) -> str:
    if '"' not in text:
        return f'"{text}"'
    if "'" not in text:
        return f"'{text}'"
    return '"' + text.replace('"', '\\"') + '"'


def binary(data: bytes, limit: int = LIMIT) -> str:
    """Bytes as hex; of many the first ones and the size."""
    if 2 * len(data) <= limit:
        return f"x'{data.hex()}'"
    return f"x'{data[: max(4, limit // 4)].hex()}...' ({size(len(data))})"


def timestamp(microseconds: int) -> str:
    """A TIMESTAMP as text, in UTC; the number where no calendar goes.

    >>> timestamp(-1)
    '1969-12-31 23:59:59.999999'
    """
    try:
        moment = _EPOCH + datetime.timedelta(microseconds=microseconds)
    except OverflowError:
        return f"{microseconds} us since 1970"
    return moment.replace(tzinfo=None).isoformat(" ")


_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def number(value: Decimal) -> str:
    """A DECIMAL without the zeros at its end.

    >>> number(Decimal("10.500000000000")), number(Decimal("1E-12"))
    ('10.5', '0.000000000001')
    """
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _point(value: Any, limit: int) -> str:
    return value.wkt if isinstance(value, Point) else _other(value, limit)


def _geography(value: Any, limit: int) -> str:
    return shorten(value.wkt, limit + 8) if isinstance(value, Geography) else _other(value, limit)


def _table(value: Any, limit: int) -> str:
    return table_size(value) if isinstance(value, Table) else _other(value, limit)


def _float(value: Any, limit: int) -> str:
    return repr(value)


def _other(value: Any, limit: int) -> str:
    if isinstance(value, Opaque):
        return f"unreadable {binary(value, limit)}"
    if isinstance(value, bytes):
        return binary(value, limit)
    if isinstance(value, str):
        return quoted(value, limit)
    return visible(shorten(str(value), limit))


_SHOW: dict[int, Callable[[Any, int], str]] = {
    types.FLOAT.code: _float,
    types.STRING.code: lambda value, limit: quoted(value, limit),
    types.TIMESTAMP.code: lambda value, limit: timestamp(value),
    types.DECIMAL.code: lambda value, limit: number(value),
    types.VARBINARY.code: lambda value, limit: binary(value, limit),
    types.GEOGRAPHY_POINT.code: _point,
    types.GEOGRAPHY.code: _geography,
    types.VOLTTABLE.code: _table,
}

STYLE_OF_TYPE = {
    types.STRING.code: "value.text",
    types.TIMESTAMP.code: "value.time",
    types.DATE.code: "value.time",
    types.VARBINARY.code: "value.bytes",
    types.GEOGRAPHY_POINT.code: "value.other",
    types.GEOGRAPHY.code: "value.other",
    types.VOLTTABLE.code: "value.other",
}
"""The names of styles by type code; what isn't here is a number."""


def show_value(code: int, value: Any, limit: int = LIMIT) -> str:
    """A value of a wire type, in about `limit` characters."""
    if value is None:
        return "NULL"
    if isinstance(value, Opaque):
        return _other(value, limit)
    return _SHOW.get(code, _other)(value, limit)


def value_style(code: int, value: Any) -> str:
    """The name of the style for a value."""
    if value is None:
        return "value.null"
    return STYLE_OF_TYPE.get(code, "value.number")


def show_array(code: int, values: Sequence[Any], limit: int = LIMIT) -> str:
    """An array: as many of its first elements as fit, and how many more there are.

    >>> show_array(types.BIGINT.code, range(1000))
    '[0, 1, 2, 3, 4, 5, 6, 7, ... 992 more]'
    """
    parts: list[str] = []
    used = 0
    for index, value in enumerate(values):
        text = show_value(code, value, max(12, limit // 2))
        used += len(text) + 2
        if index and used > limit - (14 if len(values) > index + 1 else 0):
            return f"[{', '.join(parts)}, ... {len(values) - index:,} more]"
        parts.append(text)
    return f"[{', '.join(parts)}]"


def show_parameter(parameter: Parameter, limit: int = LIMIT) -> tuple[str, str]:
    """A parameter's text and the name of its style."""
    if parameter.element_type is not None:
        return show_array(parameter.element_type, parameter.value, limit), "value.other"
    return show_value(parameter.type, parameter.value, limit), value_style(parameter.type, parameter.value)


def table_size(table: Table) -> str:
    """Such as "table 3 x 200": columns and rows."""
    return f"table {len(table.header.column_types):,} x {len(table.rows):,}"


# ------------------------------------------------------------- measures


def duration(ns: int) -> str:
    """A time that passed, with three digits and its unit.

    >>> duration(812_000), duration(1_240_000), duration(3_100_000_000), duration(125 * 10**9)
    ('812 us', '1.24 ms', '3.10 s', '2 min 05 s')
    """
    if ns < 0:
        return "-" + duration(-ns)
    if ns < 1_000:
        return f"{ns} ns"
    if ns < 999_500:
        return f"{ns // 1_000} us" if ns % 1_000 == 0 else f"{_with_digits(ns / 1_000)} us"
    if ns < 999_500_000:
        return f"{_with_digits(ns / 1_000_000)} ms"
    if ns < 99_950_000_000:
        return f"{_with_digits(ns / 1_000_000_000)} s"
    seconds = round(ns / 1_000_000_000)
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02} s"
    return f"{seconds // 3600:,} h {seconds % 3600 // 60:02} min"


def size(length: int, *, digits: int = 3) -> str:
    """A number of bytes, in powers of a thousand.

    >>> size(62), size(1_234), size(63_000_000), size(8_620, digits=2)
    ('62 B', '1.23 kB', '63.0 MB', '8.6 kB')
    """
    if length < 1_000:
        return f"{length} B"
    value = length / 1_000
    units = ["kB", "MB", "GB", "TB"]
    while value >= 999.5 and len(units) > 1:
        value /= 1_000
        del units[0]
    return f"{_with_digits(value, digits)} {units[0]}"


def _with_digits(value: float, digits: int = 3) -> str:
    before = 1 if value < 9.995 else 2 if value < 99.95 else 3
    return f"{value:.{max(0, digits - before)}f}"
