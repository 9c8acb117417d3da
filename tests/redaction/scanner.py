"""Looks for values in bytes, in every form in which they could have been left there.

    scanner = Scanner([123456789, "alice smith", b"\\x01\\x02\\x03\\x04"])
    scanner.found_in(redacted)     # [] if nothing of them is there

Forms: texts in UTF-8 and UTF-16, as hex and base64; numbers as decimal text, as integers of 4, 8 and
16 bytes in either byte order, and as doubles; bytes as they are, as hex and base64. A form of less than
4 bytes is not looked for: it would be found by chance.
"""

from __future__ import annotations

import base64
import datetime
import struct
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from volttools.formats.geography import Geography, Point
from volttools.formats.table import Table

SHORTEST = 4


class Scanner:
    """Knows values that must not be found."""

    def __init__(self, values: Iterable[Any]) -> None:
        self.forms: dict[bytes, Any] = {}
        for value in values:
            for form in forms(value):
                if len(form) >= SHORTEST and any(form):
                    self.forms.setdefault(form, value)

    def found_in(self, data: bytes) -> list[tuple[Any, bytes]]:
        """The values whose forms are in the data, each with the form."""
        lower = data.lower()
        return [(value, form) for form, value in self.forms.items() if form in data or form.lower() in lower]


def forms(value: Any) -> Iterator[bytes]:
    """Every form in which a value could stand in bytes."""
    match value:
        case None | bool():
            return
        case str():
            yield from _of_text(value)
        case bytes():
            yield from _of_bytes(value)
        case int():
            yield from _of_text(str(value))
            yield from _of_integer(value)
        case float():
            yield from _of_text(repr(value))
            yield struct.pack(">d", value)
            yield struct.pack("<d", value)
        case Decimal():
            yield from _of_text(format(value, "f"))
            yield from _of_text(format(value, "f").rstrip("0").rstrip("."))
            yield from _of_integer(int(value.scaleb(12)))
        case datetime.date():
            yield from _of_text(value.isoformat())
            number = value.year << 16 | value.month << 8 | value.day
            yield from _of_integer(number)
        case Point():
            yield from forms(value.longitude)
            yield from forms(value.latitude)
        case Geography():
            for loop in value.loops:
                for vertex in loop.vertices:
                    for part in (*vertex, *vertex.degrees()):
                        if abs(part) not in (0.0, 1.0):
                            yield from forms(part)
        case Table():
            for row in value.rows:
                for cell in row:
                    yield from forms(cell)
        case list() | tuple():
            for item in value:
                yield from forms(item)
        case _:
            raise TypeError(type(value))


def _of_text(text: str) -> Iterator[bytes]:
    data = text.encode("utf-8", "surrogateescape")
    yield from _of_bytes(data)
    if len(data) >= SHORTEST:
        yield text.encode("utf-16-le", "surrogatepass")
        yield text.encode("utf-16-be", "surrogatepass")


def _of_bytes(data: bytes) -> Iterator[bytes]:
    yield data
    if len(data) >= SHORTEST:
        yield data.hex().encode()
        for shift in range(3):  # base64 depends on where a text begins
            whole = base64.b64encode(bytes(shift) + data).rstrip(b"=")
            yield whole[4 if shift else 0 : -1]


def _of_integer(number: int) -> Iterator[bytes]:
    for size in (4, 8, 16):
        if -(2 ** (8 * size - 1)) <= number < 2 ** (8 * size - 1) and abs(number) >= 2**16:
            yield number.to_bytes(size, "big", signed=True)
            yield number.to_bytes(size, "little", signed=True)
