"""Structs by the length of a text: they unpack it together with the numbers behind it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial
from typing import Any

from construct import FormatField

from volttools.formats.notation import Varying

SHORT_TEXT = 64
"""Longer texts are rarer than the structs they would need."""

WITHOUT_TEXT = -1
"""The place beside the lengths, for what stands behind a text that is NULL or longer."""

Unpack = Callable[[bytes, int], tuple[Any, ...]]


def by_length(following: str) -> list[Unpack]:
    """unpack_from of a text of a given length and the numbers behind it, by that length.

    Structs are made when they are first needed. What reads the numbers alone is at
    WITHOUT_TEXT. (A list itself, as Python looks into a class of lists more slowly.)
    """

    def make(length: int, buf: bytes, o: int) -> tuple[Any, ...]:
        unpack = functions[length] = unpack_from(f"{length}s{following}")
        return unpack(buf, o)

    functions: list[Unpack] = [partial(make, length) for length in range(SHORT_TEXT)]
    functions.append(unpack_from(following))
    return functions


def unpack_from(format: str) -> Unpack:
    """A struct's function, for numbers as they stand on the wire."""
    return struct.Struct(">" + format).unpack_from


def unsigned(prefix: FormatField) -> FormatField:
    """A length read without its sign: one comparison tells a short text from NULL and what is wrong."""
    return FormatField(prefix.fmtstr[0], prefix.fmtstr[1:].upper())


def unsigned_null(column: Varying) -> int:
    """A text's length that stands for NULL, as it is read without its sign."""
    null: int = column.null % 256 ** column.prefix.sizeof()
    return null
