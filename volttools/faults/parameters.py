"""What the keys of a rule may hold: how a value is written, and how it is read.

A duration is a number and its unit, `"20ms"`, and is read as seconds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from volttools.filters.units import NS_PER, read_duration
from volttools.words import nearest

REQUIRED: Final = object()
"""The default of what must be given."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One key.

    doc      one line
    written  what is to be written, as an error says it: "a time such as 20ms"
    read     gives the value; None for what can't be one
    default  as it would be written; REQUIRED if there is none
    """

    name: str
    doc: str
    written: str
    read: Callable[[Any], Any]
    default: Any = REQUIRED

    @property
    def is_required(self) -> bool:
        """Whether it must be given."""
        return self.default is REQUIRED


class Wrong(ValueError):
    """A value that can't be one; the text ends a sentence."""


def value_of(parameter: Parameter, written: Any) -> Any:
    """What a value means. Raises Wrong."""
    try:
        found = parameter.read(written)
    except (TypeError, ValueError) as error:
        if isinstance(error, Wrong):
            raise
        found = None
    if found is None:
        raise Wrong(f"expected {parameter.written}, got {written!r}")
    return found


def duration(name: str, doc: str, default: Any = REQUIRED) -> Parameter:
    """A time; read as seconds."""

    def read(written: Any) -> float | None:
        found = read_duration(written) if isinstance(written, str) else None
        return None if found is None or found < 0 else found / NS_PER["s"]

    return Parameter(name, doc, 'a time such as "20ms"', read, default)


def whole(name: str, doc: str, default: Any = REQUIRED, *, least: int, most: int = 2**31 - 1) -> Parameter:
    """A whole number within limits."""

    def read(written: Any) -> int | None:
        return written if type(written) is int and least <= written <= most else None

    limits = f"from {least} on" if most == 2**31 - 1 else f"{least} .. {most}"
    return Parameter(name, doc, f"a whole number, {limits}", read, default)


def share(name: str, doc: str, default: Any = REQUIRED) -> Parameter:
    """A part of 1."""

    def read(written: Any) -> float | None:
        is_number = type(written) in (int, float) and math.isfinite(written)
        return float(written) if is_number and 0 <= written <= 1 else None

    return Parameter(name, doc, "a number 0 .. 1", read, default)


def text(name: str, doc: str, default: Any = REQUIRED) -> Parameter:
    """Any text."""
    return Parameter(
        name, doc, "a text", lambda written: written if isinstance(written, str) else None, default
    )


def choice(name: str, doc: str, choices: Mapping[str, Any], default: Any = REQUIRED) -> Parameter:
    """One of some words, in any case, or what they stand for."""
    by_folded = {word.casefold(): value for word, value in choices.items()}

    def read(written: Any) -> Any:
        if isinstance(written, str) and written.casefold() in by_folded:
            return by_folded[written.casefold()]
        if type(written) is int and written in choices.values():
            return written
        like = nearest(written, choices) if isinstance(written, str) else None
        hint = f"did you mean {like}?" if like else f"write one of {', '.join(choices)}"
        raise Wrong(f"there is no {written!r}; {hint}")

    return Parameter(name, doc, f"one of {', '.join(choices)}", read, default)


def several(name: str, doc: str, written: str, read: Callable[[Any], Any]) -> Parameter:
    """One or a list; read as a tuple. It may be absent: then it is None."""

    def read_all(given: Any) -> tuple[Any, ...] | None:
        values = [read(value) for value in (given if isinstance(given, list | tuple) else [given])]
        return None if not values or None in values else tuple(values)

    return Parameter(name, doc, written, read_all, None)


def hex_bytes(name: str, doc: str, default: Any = REQUIRED) -> Parameter:
    """Bytes in hexadecimal; read as they are written, without spaces."""

    def read(written: Any) -> str | None:
        return bytes.fromhex(written).hex() if isinstance(written, str) and written else None

    return Parameter(name, doc, 'bytes such as "00 ff"', read, default)


_FIELD = re.compile(r"[A-Za-z_]\w*(?:\[\d+\]|\.[^.\[\]]+)*")


def field_path(name: str, doc: str, default: Any = REQUIRED) -> Parameter:
    """The path of a field, as `decode -vv` shows it; read as the names of the spans on the way."""

    def read(written: Any) -> str | None:
        return written if isinstance(written, str) and _FIELD.fullmatch(written) else None

    return Parameter(name, doc, "a field such as tables[0].rows[0].NAME", read, default)
