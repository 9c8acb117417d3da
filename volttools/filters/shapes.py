"""What a field can be, and so what may be asked of it: a value, a list, a group, a table's row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from volttools.filters.expressions import LiteralKind


class _Kind(NamedTuple):
    words: str
    literals: tuple[LiteralKind, ...]
    example: str


class Kind(Enum):
    """The type of a single value that the declarations know: how errors call it, what it compares with."""

    NUMBER = _Kind("a number", (LiteralKind.NUMBER,), "42")
    DURATION = _Kind("a duration", (LiteralKind.DURATION,), "5ms")
    SIZE = _Kind("a size", (LiteralKind.SIZE, LiteralKind.NUMBER), "10kB")
    TEXT = _Kind("a text", (LiteralKind.TEXT,), '"text"')
    BYTES = _Kind("bytes", (LiteralKind.BYTES,), 'x"00ff"')
    TIME = _Kind("a time", (LiteralKind.TEXT,), '"2026-01-02 03:04:05"')
    TRUTH = _Kind("true or false", (LiteralKind.TRUTH,), "true")

    @property
    def words(self) -> str:
        """Such as "a number"."""
        return self.value.words

    @property
    def is_ordered(self) -> bool:
        """Whether < and > mean something."""
        return self is not Kind.TRUTH


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. Durations are ns, sizes bytes, times ns since 1970; None where it is not there.

    names  what its values are called, if they have names: {"SUCCESS": 1}
    """

    kind: Kind
    names: Mapping[str, int | str] | None = None


@dataclass(frozen=True, slots=True)
class Dynamic:
    """A value whose type only the capture knows: a cell, or the element of an array; None is NULL."""


@dataclass(frozen=True, slots=True)
class ParameterShape:
    """A parameter: Dynamic, with a type."""


@dataclass(frozen=True, slots=True)
class Many:
    """A list; with `is_whole` it has no positions, only `[*]` and `.count`."""

    element: Shape
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Fields with a common first name."""

    fields: Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class RowShape:
    """A row of a table: cells by the name or the position of their column."""


Shape = Scalar | Dynamic | ParameterShape | Many | Group | RowShape


@dataclass(frozen=True, slots=True)
class Field:
    """Something that can be asked.

    events  the kinds of events that have it; empty within a group
    read    its value in the event, or in the value of the group; None if it is not there
    """

    name: str
    shape: Shape
    doc: str
    read: Callable[[Any], Any]
    events: tuple[str, ...] = ()


NUMBER = Scalar(Kind.NUMBER)
DURATION = Scalar(Kind.DURATION)
SIZE = Scalar(Kind.SIZE)
TEXT = Scalar(Kind.TEXT)
BYTES = Scalar(Kind.BYTES)
TIME = Scalar(Kind.TIME)
TRUTH = Scalar(Kind.TRUTH)
DYNAMIC = Dynamic()
PARAMETER = ParameterShape()
ROW = RowShape()


def words_of(shape: Shape) -> str:
    """What a field is, for people: "a duration", "a list"."""
    if isinstance(shape, Scalar):
        if shape.names is not None and shape.kind is Kind.NUMBER:
            return "a number with names"
        return shape.kind.words
    if isinstance(shape, Many):
        return "a list"
    if isinstance(shape, Group):
        return "a group"
    return "a row" if isinstance(shape, RowShape) else "a value of any type"
