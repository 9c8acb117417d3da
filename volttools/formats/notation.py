"""The notation in which the protocol is declared: construct, and few constructs of our own.

A message is declared as a `Record`: a typed class whose fields stand in wire
order, each with its construct and one line of documentation::

    @record
    class LoginRefusal(Record):
        "Two bytes; the server closes the connection behind them."
        version: int = field(Int8sb, "always 0", default=0)
        status: int = field(Int8sb, "why; see LOGIN_STATUS")

Everything else is derived from that: construct's own parse and build (the slow,
obvious meaning, here in `_parse` and `_build`), the compiled codec, the tree of
fields, the reference documentation.

Rules of the notation:
- a value holds what a person would change, never a count or a length around it;
- what a value can't say (an unused flag, a wrong length) is *kept* in a field of
  its own with a harmless default, so that parse and build stay inverse;
- expressions look at fields of the same record, or into a record among them.

Deliberately not here: anything about VoltDB. That is in the other files.
"""

from __future__ import annotations

import copy
import dataclasses
import inspect
import io
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, NamedTuple, TypeVar, dataclass_transform

from construct import Construct, Container, Struct

from volttools.errors import EncodeError
from volttools.formats.constructs import (
    MAX_NESTING,
    NOTHING,
    Blob,
    Counted,
    CountOf,
    Interned,
    Mapped,
    Measured,
    Nested,
    Nothing,
    Opaque,
    OrOpaque,
    Packed,
    PresenceFlags,
    Repeated,
    Sized,
    Text,
    Varying,
    check_count,
    check_length,
    misfit,
    number_of,
    present_if,
    shown,
    strip_names,
    takes_nothing,
)

__all__ = [
    "MAX_NESTING",
    "NOTHING",
    "Blob",
    "CountOf",
    "Counted",
    "Field",
    "Interned",
    "Mapped",
    "Measured",
    "Nested",
    "Nothing",
    "Opaque",
    "OrOpaque",
    "Packed",
    "PresenceFlags",
    "Record",
    "RecordFormat",
    "Repeated",
    "Sized",
    "Text",
    "Varying",
    "check_count",
    "check_length",
    "count_of",
    "field",
    "frozen_record",
    "kept",
    "misfit",
    "number_of",
    "present_if",
    "record",
    "shown",
    "strip_names",
    "takes_nothing",
]


class Field(NamedTuple):
    """One field of a record: `attribute` in Python, `name` on the wire and in documents."""

    attribute: str
    name: str
    format: Any  # a Construct; None: kept beside the wire, not on it
    doc: str
    default: Any
    secret: bool


class _Specification(NamedTuple):
    format: Construct | None
    doc: str
    default: Any
    name: str | None
    secret: bool


_REQUIRED: Any = dataclasses.MISSING


def field(
    format: Construct,
    doc: str,
    *,
    default: Any = _REQUIRED,
    name: str | None = None,
    secret: bool = False,
) -> Any:
    """A field on the wire. `name` where the wire's word differs from the attribute;
    `secret` for what is never printed unless asked for."""
    return _Specification(format, doc, default, name, secret)


def count_of(format: Construct, of: str, doc: str, *, init: Literal[False] = False) -> Any:
    """The count of another field that stands apart from it: on the wire, but no attribute."""
    return _Specification(CountOf(format, of), doc, _REQUIRED, None, False)


def kept(doc: str, *, default: Any) -> Any:
    """A field that is not on the wire itself, but changes what is built."""
    return _Specification(None, doc, default, None, False)


class Record:
    """Base of the values of all declared messages. Compare, print and copy like dataclasses."""

    __slots__ = ()
    declaration: ClassVar[RecordFormat]

    def __getitem__(self, name: str) -> Any:
        """A field by its name, as expressions reach it."""
        return getattr(self, name)

    def replace(self: _R, **changes: Any) -> _R:
        """A copy with some fields changed."""
        return dataclasses.replace(self, **changes)  # type: ignore[type-var]


_R = TypeVar("_R", bound=Record)
_C = TypeVar("_C", bound=type[Record])


@dataclass_transform(field_specifiers=(field, count_of, kept), kw_only_default=True)
def record(cls: _C) -> _C:
    """Turn a class of `field`s into a slotted dataclass with a declaration."""
    return _record(cls, frozen=False)


@dataclass_transform(field_specifiers=(field, count_of, kept), kw_only_default=True, frozen_default=True)
def frozen_record(cls: _C) -> _C:
    """The same for a record that many messages share: it can't be changed, only replaced."""
    return _record(cls, frozen=True)


def _record(cls: _C, *, frozen: bool) -> _C:
    fields = []
    for attribute in list(inspect.get_annotations(cls)):
        spec = cls.__dict__.get(attribute)
        if not isinstance(spec, _Specification):
            continue
        fields.append(
            Field(attribute, spec.name or attribute, spec.format, spec.doc, spec.default, spec.secret)
        )
        delattr(cls, attribute)
        if isinstance(spec.format, CountOf):
            del cls.__annotations__[attribute]
        elif spec.default is not _REQUIRED:
            setattr(cls, attribute, _default(spec))
        elif spec.secret:
            setattr(cls, attribute, dataclasses.field(repr=False))
    made = dataclasses.dataclass(slots=True, kw_only=True, frozen=frozen)(cls)
    made.declaration = RecordFormat(made, fields)
    return made  # type: ignore[return-value]


def _default(spec: _Specification) -> Any:
    if isinstance(spec.default, (list, Record)):  # each record gets its own
        return dataclasses.field(default_factory=lambda: copy.copy(spec.default))
    return dataclasses.field(default=spec.default, repr=not spec.secret)


class RecordFormat(Construct):  # type: ignore[misc]
    """The construct of a record: a Struct whose values are instances of the record's class."""

    def __init__(self, cls: type[Record], fields: list[Field]) -> None:
        super().__init__()
        self.cls = cls
        self.is_frozen: bool = cls.__dataclass_params__.frozen  # type: ignore[attr-defined]
        self.fields = fields
        self.name = cls.__name__
        self.docs = cls.__doc__ or ""
        self.struct = Struct(*(f.name / f.format * f.doc for f in fields if f.format is not None))

    def wire_fields(self) -> list[Field]:
        """The fields that stand on the wire, in order."""
        return [f for f in self.fields if f.format is not None]

    def valued_fields(self) -> list[Field]:
        """The fields on the wire that have a value of their own: no counts of other fields."""
        return [f for f in self.wire_fields() if not isinstance(f.format, CountOf)]

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> Record:
        return self.assemble(self.struct._parsereport(stream, context, path))

    def assemble(self, values: Mapping[str, Any]) -> Record:
        """The record of the values that were parsed, by their wire names."""
        arguments = {}
        for f in self.valued_fields():
            value = values[f.name]
            if isinstance(f.format, PresenceFlags):
                value &= ~f.format.implied(values)
            arguments[f.attribute] = value
        return self.cls(**arguments)

    def _build(self, value: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        if not isinstance(value, self.cls):
            raise EncodeError(f"expected a {self.cls.__name__}, got {shown(value)}")
        values = Container({f.name: getattr(value, f.attribute) for f in self.valued_fields()})
        self.struct._build(values, stream, context, path)
        return value
