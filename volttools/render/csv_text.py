r"""Result tables as CSV: a line a row, no row lost, NULL unlike an empty text.

    type                       CSV
    NULL of any type           nothing between the commas
    STRING                     text; an empty one is ""
    TINYINT .. BIGINT, FLOAT   number; nan, inf, -inf
    DECIMAL                    number with 12 decimals
    TIMESTAMP                  2026-01-02T03:04:05.000000Z; outside the years 1 to 9999 the number
                               of microseconds since 1970
    DATE                       2026-01-02; a number where it is no date
    BOOLEAN                    true, false; a number where it is neither
    VARBINARY                  all bytes in hex; none are ""
    GEOGRAPHY_POINT, GEOGRAPHY WKT
    VOLTTABLE                  its bytes in hex
    what can't be read         its bytes in hex, up to the row's end

Fields are in quotes only where they must be, lines end with \n, bytes that are no UTF-8 stand as
they are. Nothing is done about texts that a spreadsheet would take for formulas.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, Any

from volttools.codec import builder
from volttools.formats import types
from volttools.formats.notation import Opaque
from volttools.formats.primitives import DECIMAL_SCALE
from volttools.formats.table import TABLE, Table
from volttools.render.values import visible

_NEEDS_QUOTES = re.compile('[",\r\n]')
_EPOCH = datetime.datetime(1970, 1, 1)


def csv_line(texts: Iterable[str]) -> bytes:
    """A line of fields that are quoted where they need it.

    >>> print(csv_line(["a", "", "1, 2"]).decode(), end="")
    a,"","1, 2"
    """
    return _encoded(map(quoted, texts))


def csv_rows(table: Table, *before: str) -> Iterator[bytes]:
    """A line for each row; `before` are fields that all lines begin with."""
    columns = [
        _column(column.type, [row[index] if index < len(row) else None for row in table.rows])
        for index, column in enumerate(table.columns)
    ]
    constant = [[quoted(text)] * len(table.rows) for text in before]
    return map(_encoded, zip(*constant, *columns, strict=True))


def quoted(text: str) -> str:
    """A field: in quotes if it is empty, as NULL has none, or holds what ends a field."""
    if text and _NEEDS_QUOTES.search(text) is None:
        return text
    return '"' + text.replace('"', '""') + '"'


class VisibleLines:
    """Lines of CSV for a terminal: what would do something there, rather than be seen, is an escape."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out

    def write(self, line: bytes) -> None:
        """Write a line."""
        text = line.decode("utf-8", "surrogateescape").removesuffix("\n")
        self._out.write(visible(text).encode() + b"\n")

    def writelines(self, lines: Iterable[bytes]) -> None:
        """Write many."""
        for line in lines:
            self.write(line)


def _encoded(fields: Iterable[str]) -> bytes:
    return (",".join(fields) + "\n").encode("utf-8", "surrogateescape")


def _column(code: int, values: Sequence[Any]) -> list[str]:
    text = _TEXTS.get(code, str)
    return [
        "" if value is None else _hex(value) if type(value) is Opaque else text(value) for value in values
    ]


def _timestamp(microseconds: int) -> str:
    try:
        moment = _EPOCH + datetime.timedelta(microseconds=microseconds)
    except OverflowError:
        return str(microseconds)
    return f"{moment.isoformat(timespec='microseconds')}Z"


def _date(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def _boolean(value: Any) -> str:
    return str(value).lower()


def _hex(value: bytes) -> str:
    return value.hex() or '""'


def _wkt(value: Any) -> str:
    return quoted(value.wkt)


def _table(value: Table) -> str:
    return builder(TABLE)(value).hex()


_TEXTS: dict[int, Callable[[Any], str]] = {
    types.STRING.code: quoted,
    types.FLOAT.code: repr,
    types.DECIMAL.code: f"{{:.{DECIMAL_SCALE}f}}".format,
    types.TIMESTAMP.code: _timestamp,
    types.DATE.code: _date,
    types.BOOLEAN.code: _boolean,
    types.VARBINARY.code: _hex,
    types.GEOGRAPHY_POINT.code: _wkt,
    types.GEOGRAPHY.code: _wkt,
    types.VOLTTABLE.code: _table,
}
