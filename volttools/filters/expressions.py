"""The tree of an expression, as it was written; nothing here knows what a field is.

Every node has `at`, its offset in the text, for errors; it plays no part in comparisons.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any


def _place() -> Any:
    return field(compare=False)


class LiteralKind(Enum):
    """What a literal is, as an error calls it."""

    NUMBER = "a number"
    DURATION = "a duration"
    SIZE = "a size"
    TEXT = "a text"
    BYTES = "bytes"
    TRUTH = "true or false"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value. Durations in ns, sizes in bytes; numbers are exact: int or Decimal.

    text  as it was written; of a text, what stands between the quotes
    """

    kind: LiteralKind
    value: int | Decimal | str | bytes | bool | None
    text: str
    at: int = _place()


@dataclass(frozen=True, slots=True)
class Name:
    """`.row_count`: a field within another, or a column of a row; also `["a column"]`."""

    name: str
    at: int = _place()


@dataclass(frozen=True, slots=True)
class Index:
    """`[2]`; negative from the end."""

    index: int
    at: int = _place()


@dataclass(frozen=True, slots=True)
class Each:
    """`[*]`: any one of a list."""

    at: int = _place()


Step = Name | Index | Each


@dataclass(frozen=True, slots=True)
class Path:
    """A field, or the bare name of a value such as SUCCESS."""

    name: str
    steps: tuple[Step, ...]
    text: str  # as it was written
    at: int = _place()


Operand = Path | Literal


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left sign right`."""

    left: Operand
    sign: str
    right: Operand
    at: int = _place()  # of the sign


@dataclass(frozen=True, slots=True)
class Membership:
    """`left in [choices]`."""

    left: Operand
    choices: tuple[Operand, ...]
    at: int = _place()  # of `in`


@dataclass(frozen=True, slots=True)
class Exists:
    """`exists path`."""

    path: Path
    at: int = _place()


@dataclass(frozen=True, slots=True)
class Truth:
    """A field alone: whether it holds."""

    operand: Operand
    at: int = _place()


@dataclass(frozen=True, slots=True)
class Not:
    """`not item`."""

    item: Node
    at: int = _place()


@dataclass(frozen=True, slots=True)
class All:
    """`a and b and c`."""

    items: tuple[Node, ...]
    at: int = _place()


@dataclass(frozen=True, slots=True)
class Either:
    """`a or b or c`."""

    items: tuple[Node, ...]
    at: int = _place()


Node = Comparison | Membership | Exists | Truth | Not | All | Either
