"""From a path such as `tables[*].rows[0].NAME` to a function that reads it from an event.

A path with a `[*]` has many values; all others have one, or ABSENT.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from volttools.filters.errors import FilterError
from volttools.filters.expressions import Each, Index, Name, Path, Step
from volttools.filters.fields import FIELDS, OTHER_NAMES, PARAMETER_TYPE, TABLE_FIELDS
from volttools.filters.shapes import (
    DYNAMIC,
    NUMBER,
    PARAMETER,
    Dynamic,
    Field,
    Group,
    Many,
    ParameterShape,
    RowShape,
    Scalar,
    Shape,
    words_of,
)
from volttools.filters.values import ABSENT, cell_of, column_index, value_of
from volttools.formats.table import Row, Table
from volttools.words import nearest

Read = Callable[[Any], Any]
_TableRow = tuple[Table, Row]

COUNT = "count"
"""The length of any list: `params.count`."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A path whose fields are known.

    read     the value; None or ABSENT where there is none. Of a path with [*]: an iterable of them
    is_many  whether it has a [*]
    """

    path: Path
    shape: Shape
    read: Read
    is_many: bool

    @property
    def is_dynamic(self) -> bool:
        """Whether only the capture knows its type."""
        return isinstance(self.shape, Dynamic)

    def values(self, event: Any) -> Iterable[Any]:
        """All values of an event that are there."""
        if self.is_many:
            found: Iterable[Any] = self.read(event)
            return found
        value = self.read(event)
        return () if value is ABSENT or (value is None and not self.is_dynamic) else (value,)


def resolve(path: Path, text: str) -> Resolved:
    """Find the fields of a path in an expression; FilterError for what there is not."""
    field = FIELDS.get(path.name)
    if field is None:
        raise FilterError(_unknown(path), text, path.at + 1)
    shape, place = field.shape, path.name
    reads: list[_Read] = [_Single(field.read)]
    for step in path.steps:
        shape, read = _step(shape, step, place, text)
        reads.append(read)
        place += _written(step)
    if isinstance(shape, ParameterShape):
        shape = DYNAMIC
        reads.append(_Single(value_of))
    is_many = any(isinstance(read, _Spread) for read in reads)
    is_dynamic = isinstance(shape, Dynamic)
    return Resolved(path, shape, _many(reads, is_dynamic) if is_many else _one(reads), is_many)


def _unknown(path: Path) -> str:
    like = OTHER_NAMES.get(path.name.casefold()) or nearest(path.name, FIELDS)
    inner = path.steps[0] if path.steps else None
    if isinstance(inner, Name) and inner.name in FIELDS:  # response.status, as in JSON lines
        like = inner.name
    hint = f"did you mean {like}?" if like is not None else "`volttools fields` lists them"
    return f"no field is called {path.name!r}; {hint}"


# ---------------------------------------------------------------- steps


@dataclass(frozen=True, slots=True)
class _Single:
    """From one value to one."""

    read: Read


@dataclass(frozen=True, slots=True)
class _Spread:
    """From one value to many."""

    read: Callable[[Any], Iterable[Any]]


_Read = _Single | _Spread


def _one(reads: list[_Read]) -> Read:
    first, *rest = [single.read for single in reads]
    if not rest:
        return first

    def read(event: Any) -> Any:
        value = first(event)
        for step in rest:
            if value is None or value is ABSENT:
                return ABSENT
            value = step(value)
        return value

    return read


def _many(reads: list[_Read], is_dynamic: bool) -> Callable[[Any], Iterator[Any]]:
    last = len(reads)

    def walk(value: Any, index: int) -> Iterator[Any]:
        while index < last:
            if value is None or value is ABSENT:
                return
            step = reads[index]
            index += 1
            if isinstance(step, _Spread):
                for found in step.read(value):
                    yield from walk(found, index)
                return
            value = step.read(value)
        if value is not ABSENT and (is_dynamic or value is not None):
            yield value

    return lambda event: walk(event, 0)


def _step(shape: Shape, step: Step, place: str, text: str) -> tuple[Shape, _Read]:
    """The shape behind one step, and how to get there; `place` is what stands before it."""
    found = _STEPS[type(shape)](shape, step)
    if found is None:
        raise FilterError(_refusal(shape, step, place), text, step.at + 1)
    return found


def _into_group(shape: Any, step: Step) -> tuple[Shape, _Read] | None:
    field = shape.fields.get(step.name) if isinstance(step, Name) else None
    return None if field is None else (field.shape, _Single(field.read))


def _into_many(shape: Any, step: Step) -> tuple[Shape, _Read] | None:
    element = shape.element
    if isinstance(step, Name):
        return (NUMBER, _Single(_count)) if step.name == COUNT else None
    is_row = isinstance(element, RowShape)
    if isinstance(step, Each):
        return element, _Spread(_rows if is_row else _same)
    if shape.is_whole:
        return None
    return element, _Single(_row_at(step.index) if is_row else _element_at(step.index))


def _into_row(shape: Any, step: Step) -> tuple[Shape, _Read]:
    if isinstance(step, Each):
        return DYNAMIC, _Spread(_cells)
    return DYNAMIC, _Single(_cell_at(step.index) if isinstance(step, Index) else _cell_named(step.name))


def _into_dynamic(shape: Any, step: Step) -> tuple[Shape, _Read] | None:
    """An array has elements, a table its fields; which of them it is, the capture says."""
    if isinstance(step, Each):
        return DYNAMIC, _Spread(lambda value: value if isinstance(value, list) else ())
    if isinstance(step, Index):
        at = _element_at(step.index)
        return DYNAMIC, _Single(lambda value: at(value) if isinstance(value, list) else ABSENT)
    if step.name == COUNT:
        return NUMBER, _Single(lambda value: len(value) if isinstance(value, list) else None)
    field = TABLE_FIELDS.fields.get(step.name)
    if field is None:
        return None
    read = field.read
    return field.shape, _Single(lambda value: read(value) if isinstance(value, Table) else None)


def _into_parameter(shape: Any, step: Step) -> tuple[Shape, _Read] | None:
    if isinstance(step, Name) and step.name == PARAMETER_TYPE.name:
        return PARAMETER_TYPE.shape, _Single(PARAMETER_TYPE.read)
    found = _into_dynamic(DYNAMIC, step)
    if found is None:
        return None
    behind, inner = found
    read = inner.read
    if isinstance(inner, _Spread):
        return behind, _Spread(lambda parameter: read(value_of(parameter)))
    return behind, _Single(lambda parameter: read(value_of(parameter)))


_STEPS: Mapping[type, Callable[[Any, Step], tuple[Shape, _Read] | None]] = {
    Group: _into_group,
    Many: _into_many,
    RowShape: _into_row,
    Dynamic: _into_dynamic,
    ParameterShape: _into_parameter,
    Scalar: lambda shape, step: None,
}


def _same(value: Any) -> Any:
    return value


def _count(value: Any) -> int:
    if isinstance(value, Table):  # of its rows
        return len(value.rows)
    return len(value) if hasattr(value, "__len__") else sum(1 for _ in value)


def _element_at(index: int) -> Read:
    return lambda values: values[index] if -len(values) <= index < len(values) else ABSENT


def _rows(table: Table) -> Iterator[_TableRow]:
    return ((table, row) for row in table.rows)


def _row_at(index: int) -> Read:
    return lambda table: (table, table.rows[index]) if -len(table.rows) <= index < len(table.rows) else ABSENT


def _cells(pair: _TableRow) -> Iterator[Any]:
    table, row = pair
    return (cell_of(table, row, index) for index in range(len(row)))


def _cell_at(index: int) -> Read:
    return lambda pair: cell_of(pair[0], pair[1], index)


def _cell_named(name: str) -> Read:
    def read(pair: _TableRow) -> Any:
        table, row = pair
        index = column_index(table.header.column_names, name)
        return ABSENT if index is None else cell_of(table, row, index)

    return read


# ---------------------------------------------------------------- what does not exist


def _written(step: Step) -> str:
    if isinstance(step, Name):
        return f".{step.name}"
    return "[*]" if isinstance(step, Each) else f"[{step.index}]"


def _refusal(shape: Shape, step: Step, place: str) -> str:
    if isinstance(shape, Many) and isinstance(step, Index):
        return f"{place} has no order; write {place}[*] for any of them"
    if not isinstance(step, Name):
        return f"{place} is {words_of(shape)}, not a list"
    known: Mapping[str, Field | None]
    if isinstance(shape, Many):
        known = {COUNT: None}
        inner = _names_within(shape.element)
        if step.name in inner or isinstance(shape.element, RowShape):
            return (
                f"{place} is a list; write {place}[0].{step.name}, or {place}[*].{step.name} for any of them"
            )
    else:
        known = _names_within(shape)
    if not known:
        return f"{place} is {words_of(shape)} and has no fields"
    like = nearest(step.name, known)
    return f"{place} has no {step.name!r}; " + (
        f"did you mean {place}.{like}?" if like else f"it has {', '.join(known)}"
    )


def _names_within(shape: Shape) -> dict[str, Field | None]:
    if isinstance(shape, Group):
        return dict(shape.fields)
    if isinstance(shape, (Dynamic, ParameterShape)):
        extra = {PARAMETER_TYPE.name: PARAMETER_TYPE} if shape is PARAMETER else {}
        return {**extra, COUNT: None, **TABLE_FIELDS.fields}
    return {}
