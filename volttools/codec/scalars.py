"""How a single value is turned from numbers and bytes into Python, in generated source."""

from __future__ import annotations

import math
import struct
from typing import Any

from volttools.codec.source import Source
from volttools.errors import DecodeError
from volttools.formats.notation import Packed, Varying


class WrongBytesError(ValueError):
    """Raised by generated code; `spans` then says where and why."""


WRONG = (
    WrongBytesError,
    DecodeError,
    struct.error,
    ValueError,
    LookupError,
    ArithmeticError,
    AttributeError,
    TypeError,
    RecursionError,
)
"""What generated code raises on bytes that are not what was declared."""


def literal(number: Any) -> str:
    """A number, or tuple of numbers, as source."""
    if isinstance(number, tuple):
        return f"({''.join(f'{literal(part)}, ' for part in number)})"
    if isinstance(number, float) and not math.isfinite(number):
        return f"float('{number}')"
    return repr(number)


def unpacked(source: Source, format: Packed, targets: list[str], value: str) -> list[str]:
    """Lines that turn the numbers of a Packed into its value."""
    if format.decode is None:
        call = targets[0] if targets else "None"
    else:
        call = f"{source.constant(format.decode, 'decode')}({', '.join(targets)})"
    if format.null is None:
        return [] if call == value else [f"{value} = {call}"]
    pairs = zip(targets, format.null, strict=True)
    is_null = " and ".join(f"{target} == {literal(number)}" for target, number in pairs)
    if not targets:
        return [f"{value} = None"]
    if call == value:
        return [f"if {is_null}: {value} = None"]
    return [f"{value} = None if {is_null} else {call}"]


def decoding(format: Varying, tolerant: bool) -> str:
    """The call behind a slice of bytes that makes it a value."""
    if not format.text:
        return ""
    return '.decode("utf-8", "surrogateescape")' if tolerant else ".decode()"
