"""Which types a procedure's parameters have, and calls encoded by them.

The server's catalog tells the signatures of user and default procedures (@SystemCatalog
PROCEDURECOLUMNS). It doesn't tell those of system procedures, and says OTHER where a parameter is a
table: what it doesn't tell goes by the value (`values`). So does a call with another number of
parameters than the catalog has: the server's answer says more than a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from volttools.client.values import array, converter, kind_of, parameter_of, typed, value_of_null
from volttools.codec import invocation_encoder
from volttools.codec.invocations import InvocationEncoder, unchecked_encoder
from volttools.errors import EncodeError, UsageError
from volttools.formats.invocation import Extension
from volttools.formats.parameters import Parameter
from volttools.formats.types import INTEGER, NULL, TINYINT, TYPES, WireType
from volttools.kept import Kept
from volttools.protocol.client_side import invocation_frame

Encode = Callable[[int], bytes]
"""Client handle -> the whole frame of a call."""

CATALOG_CALL = ("@SystemCatalog", "PROCEDURECOLUMNS")
"""The call that tells the signatures of all procedures."""

CATALOG_COLUMNS = frozenset(("PROCEDURE_NAME", "COLUMN_NAME", "TYPE_NAME", "REMARKS"))
"""What is read of its answer."""

_ALIASES = {"VARCHAR": "STRING"}
_MOST_READY = 4096


class Slot(NamedTuple):
    """The type of one parameter; `kind` None: by the value."""

    kind: WireType | None
    is_array: bool = False


class Signature:
    """The parameters of a procedure, or of calls that look the same."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        self.slots = tuple(slots)
        self.fast: InvocationEncoder | None = None
        kinds = [slot.kind for slot in self.slots if slot.kind is not None and not slot.is_array]
        if len(kinds) == len(self.slots):
            self.fast = unchecked_encoder(tuple(kinds), tuple(map(value_of_null, kinds)))
            self._checked = invocation_encoder(tuple(kinds))
            self._converters = [converter(kind) for kind in kinds]
            self._exact = tuple(kind.python for kind in kinds)  # types of values that need no conversion

    def is_exact(self, shape: tuple[type, ...]) -> bool:
        """Whether values of these Python types need no conversion."""
        return self.fast is not None and shape == self._exact

    def encode(
        self, procedure: str, arguments: Sequence[Any], extensions: Sequence[Extension] | None = None
    ) -> Encode:
        """A call with these arguments; EncodeError for one that its type can't hold."""
        if self.fast is None or extensions is not None or Parameter in map(type, arguments):
            return encode_parameters(procedure, self._parameters(procedure, arguments), extensions)
        converted = self._converted(procedure, arguments)
        return lambda handle: self.frame(procedure, handle, converted)

    def frame(self, procedure: str, handle: int, arguments: Sequence[Any]) -> bytes:
        """The frame of a call whose values need no conversion."""
        try:
            return self.fast(procedure, handle, arguments)  # type: ignore[misc]
        except Exception:
            return self._explained(procedure, handle, arguments)

    def _explained(self, procedure: str, handle: int, arguments: Sequence[Any]) -> bytes:
        """What the fast way could not encode, after all, or what is wrong with it."""
        self._converted(procedure, arguments)
        return self._checked(procedure, handle, arguments)

    def _converted(self, procedure: str, arguments: Sequence[Any]) -> list[Any]:
        found: list[Any] = []
        try:
            for convert, value in zip(self._converters, arguments, strict=True):
                found.append(None if value is None else convert(value))
        except EncodeError as error:
            raise _of_parameter(error, procedure, len(found)) from None
        return found

    def _parameters(self, procedure: str, arguments: Sequence[Any]) -> list[Parameter]:
        found: list[Parameter] = []
        try:
            for slot, value in zip(self.slots, arguments, strict=True):
                found.append(_parameter(slot, value))
        except EncodeError as error:
            raise _of_parameter(error, procedure, len(found)) from None
        return found


class Signatures:
    """What is known of the procedures of one server. Empty until `learn`."""

    def __init__(self) -> None:
        self._known: dict[str, Signature] = {}
        # By name and Python types of the arguments, where these need no conversion: for `frame`.
        self.ready = Kept[tuple[str, tuple[type, ...]], Signature](_MOST_READY)
        self.is_known = False  # or nobody is to be asked

    def learn(self, columns: Iterable[Mapping[str, Any]]) -> None:
        """Take the rows of @SystemCatalog PROCEDURECOLUMNS, by name of the column."""
        found: dict[str, list[tuple[int, Slot]]] = {}
        for row in columns:
            position = position_of(row)
            if position is None:
                continue
            slot = _slot(row["TYPE_NAME"], row["REMARKS"])
            found.setdefault(row["PROCEDURE_NAME"], []).append((position, slot))
        self._known = {
            name: Signature([slot for _, slot in sorted(slots, key=lambda pair: pair[0])])
            for name, slots in found.items()
        }
        self.ready.clear()
        self.is_known = True

    def slots(self, procedure: str) -> tuple[Slot, ...] | None:
        """The types of a procedure's parameters; None where they aren't known."""
        signature = self._known.get(procedure)
        return None if signature is None else signature.slots

    def forget(self) -> None:
        """The server's procedures have changed."""
        self._known.clear()
        self.ready.clear()
        self.is_known = False

    def are_wanted(self, procedure: str, arguments: Sequence[Any]) -> bool:
        """Whether it takes the catalog to encode a call, and it isn't here."""
        if self.is_known or procedure.startswith("@"):
            return False
        return any(type(value) is not Parameter for value in arguments)

    def encode(
        self, procedure: str, arguments: Sequence[Any], extensions: Sequence[Extension] | None = None
    ) -> Encode:
        """A call, by the signature if it is known, else by the values."""
        shape = tuple(map(type, arguments))
        signature = self._known.get(procedure)
        if signature is None or len(signature.slots) != len(arguments):
            signature = self._by_value(procedure, shape, arguments)
            if signature is None:
                return encode_parameters(procedure, _by_value(procedure, arguments), extensions)
        if signature.is_exact(shape):
            self.ready.keep((procedure, shape), signature)
        return signature.encode(procedure, arguments, extensions)

    def _by_value(
        self, procedure: str, shape: tuple[type, ...], arguments: Sequence[Any]
    ) -> Signature | None:
        """The signature of calls whose values have the same Python types, where these decide."""
        if procedure.startswith("@") or not _PLAIN.issuperset(shape):
            return None
        return Signature([Slot(kind_of(value)) for value in arguments])


_PLAIN = frozenset((int, float, str, bytes))


def _by_value(procedure: str, arguments: Sequence[Any]) -> list[Parameter]:
    found = []
    for index, value in enumerate(arguments):
        try:
            # System procedures want INTEGER: @StopNode takes no other.
            if procedure.startswith("@") and type(value) is int and _fits(INTEGER, value):
                found.append(Parameter.of(INTEGER, value))
            else:
                found.append(parameter_of(value))
        except EncodeError as error:
            raise _of_parameter(error, procedure, index) from None
    return found


def _fits(kind: WireType, value: int) -> bool:
    try:
        converter(kind)(value)
    except EncodeError:
        return False
    return True


def slots_of(types: Sequence[WireType | str]) -> list[Slot]:
    """Slots for types as people give them: `BIGINT`, "BIGINT", "varchar", "BIGINT[]".

    UsageError for a name of no type.
    """
    found = []
    for given in types:
        if isinstance(given, WireType):
            found.append(Slot(given))
            continue
        name = given.strip().upper()
        is_array = name.endswith("[]")
        name = name.removesuffix("[]")
        try:
            kind = TYPES.by_name(_ALIASES.get(name, name))
            converter(kind)
        except (KeyError, EncodeError):
            raise UsageError(
                f"{given!r} is no type of a parameter; write BIGINT, VARCHAR, INTEGER[] ..."
            ) from None
        found.append(Slot(kind, is_array))
    return found


def encode_typed(
    procedure: str,
    arguments: Sequence[Any],
    types: Sequence[WireType | str],
    extensions: Sequence[Extension] | None = None,
) -> Encode:
    """A call by types that the caller gives. UsageError if they are not as many."""
    slots = slots_of(types)
    if len(slots) != len(arguments):
        raise UsageError(f"{procedure}: {len(arguments)} parameters, and {len(slots)} types for them")
    return Signature(slots).encode(procedure, arguments, extensions)


def encode_parameters(
    procedure: str, parameters: Sequence[Parameter], extensions: Sequence[Extension] | None = None
) -> Encode:
    """A call by parameters that are typed: version 2 with extensions, else version 0."""
    return lambda handle: invocation_frame(procedure, handle, parameters, extensions)


def position_of(row: Mapping[str, Any]) -> int | None:
    """Where a parameter stands, to be compared with others; None for a row that is no parameter's.

    The numbers in the names won't do if there is a position: those of a default procedure follow the
    alphabet of the table's columns (recording system-catalog).
    """
    position = row.get("ORDINAL_POSITION")
    if position is None:
        number = re.search(r"\d+$", row["COLUMN_NAME"] or "")
        position = None if number is None else int(number[0])
    return position


def _slot(type_name: str, remarks: str | None) -> Slot:
    is_array = remarks == "ARRAY_PARAMETER"
    try:
        kind = TYPES.by_name(_ALIASES.get(type_name, type_name))
        converter(kind)
    except (KeyError, EncodeError):
        return Slot(None, is_array)
    return Slot(kind, is_array)


def _parameter(slot: Slot, value: Any) -> Parameter:
    if isinstance(value, Parameter) or slot.kind is None:
        return parameter_of(value)
    if not slot.is_array:
        return typed(slot.kind, value)
    if value is None:
        return Parameter.of(NULL, None)
    if slot.kind is TINYINT and not isinstance(value, list | tuple):
        return parameter_of(value)  # bytes are what Java's byte[] takes
    if not isinstance(value, list | tuple):
        raise EncodeError(f"{type(value).__name__} is no array of {slot.kind.name}: give a list")
    return array(slot.kind, value)


def _of_parameter(error: EncodeError, procedure: str, index: int) -> EncodeError:
    return EncodeError(f"{procedure}, parameter {index}: {error.message}")
