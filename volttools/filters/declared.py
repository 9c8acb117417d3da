"""Fields made from the declarations of messages: names, types and documentation are theirs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, get_args, get_type_hints

from volttools.filters.shapes import (
    BYTES,
    DURATION,
    NUMBER,
    TEXT,
    Field,
    Group,
    Kind,
    Many,
    Scalar,
    Shape,
)
from volttools.filters.units import NS_PER
from volttools.formats.notation import Field as Declared
from volttools.formats.notation import Record

_SHAPES: dict[Any, Shape] = {int: NUMBER, str: TEXT, bytes: BYTES, list[int]: Many(NUMBER)}

_MS = "_ms"  # fields of this ending are durations


def fields_of(
    record: type[Record],
    read: Callable[[Any], Any],
    *,
    events: tuple[str, ...] = (),
    leave_out: Collection[str] = (),
    names: Mapping[str, Mapping[str, int | str]] | None = None,
) -> dict[str, Field]:
    """The fields of a record by name, in wire order; secrets are not among them.

    read       from what the fields are read of to the record, or None
    leave_out  attributes that are no fields here
    names      by attribute: what its values are called
    """
    hints = get_type_hints(record)
    found = {}
    for declared in record.declaration.valued_fields():
        if not declared.secret and declared.attribute not in leave_out:
            shape = _shape_of(hints[declared.attribute])
            if names is not None and declared.attribute in names:
                shape = Scalar(Kind.NUMBER, names[declared.attribute])
            field = _field(declared, shape, read, events)
            found[field.name] = field
    return found


def _field(declared: Declared, shape: Shape, read: Callable[[Any], Any], events: tuple[str, ...]) -> Field:
    attribute = declared.attribute

    def read_field(source: Any) -> Any:
        record = read(source)
        return None if record is None else getattr(record, attribute)

    def read_duration(source: Any) -> int | None:
        number = read_field(source)
        return None if number is None else number * NS_PER["ms"]

    if attribute.endswith(_MS):
        return Field(attribute.removesuffix(_MS), DURATION, declared.doc, read_duration, events)
    return Field(attribute, shape, declared.doc, read_field, events)


def _shape_of(hint: Any) -> Shape:
    """The shape of an annotation such as `int | None`."""
    kinds = [kind for kind in get_args(hint) or (hint,) if kind is not type(None)]
    if hint in _SHAPES:
        return _SHAPES[hint]
    (kind,) = kinds
    if kind in _SHAPES:
        return _SHAPES[kind]
    return Group(fields_of(kind, lambda record: record))
