"""Python functions as procedures: parameters by their annotations, values in and answers out.

| annotation | the wire type | the value |
|---|---|---|
| `int` | BIGINT | `int`; numbers in text are taken, as a server does |
| `bool` | TINYINT | `bool` |
| `float` | FLOAT | `float` |
| `str`, `bytes`, `Decimal` | STRING, VARBINARY, DECIMAL | the same |
| `datetime.datetime` | TIMESTAMP | aware, in UTC |
| `datetime.date` | DATE | the same |
| `Point`, `Geography`, `Table` | their own | the same |
| `list[X]` | an array of X | a list |
| `Annotated[int, INTEGER]` | the type that it names | by that type |
| `Call` | not a parameter | the call |
| none, `Any`, `object` | any | as it came |

`X | None` is X; NULL is None, whatever is annotated. `*args` takes what is left.
"""

from __future__ import annotations

import datetime
import functools
import inspect
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Union

from volttools.client.values import converter
from volttools.errors import EncodeError, UsageError
from volttools.formats.geography import Geography, Point
from volttools.formats.parameters import Parameter
from volttools.formats.response import GRACEFUL_FAILURE, Response
from volttools.formats.table import Table
from volttools.formats.types import (
    BIGINT,
    DATE,
    DECIMAL,
    FLOAT,
    GEOGRAPHY,
    GEOGRAPHY_POINT,
    STRING,
    TIMESTAMP,
    TINYINT,
    VARBINARY,
    VOLTTABLE,
    WireType,
)
from volttools.mock.answers import failure
from volttools.mock.calls import Call
from volttools.protocol.parameter_values import parameters_of

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)

_KINDS: dict[Any, WireType] = {
    int: BIGINT,
    bool: TINYINT,
    float: FLOAT,
    str: STRING,
    bytes: VARBINARY,
    Decimal: DECIMAL,
    datetime.datetime: TIMESTAMP,
    datetime.date: DATE,
    Point: GEOGRAPHY_POINT,
    Geography: GEOGRAPHY,
    Table: VOLTTABLE,
}
_PLAIN = ((int, BIGINT), (str, STRING))
"""What takes all values of a class that can come."""

_ANYTHING = (inspect.Parameter.empty, Any, object)


@dataclass(frozen=True)
class _Slot:
    """One parameter of a procedure. kind None: any type."""

    name: str
    kind: WireType | None
    python: Any
    is_array: bool

    @functools.cached_property
    def plain(self) -> type | None:
        """The class whose values are taken as they are."""
        return self.python if not self.is_array and (self.python, self.kind) in _PLAIN else None


class TypedHandler:
    """A function as the handler of a procedure.

    types   of its parameters; None unless all have one that a catalog can tell
    least, most  how many parameters it takes; most None: any number from `least` on
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        hints = _hints(function)
        self._slots: list[_Slot] = []
        self._call_at: list[str | int] = []
        self.least = 0
        is_open = False
        for number, given in enumerate(inspect.signature(function).parameters.values()):
            hint = hints.get(given.name, given.annotation)
            if hint is Call:
                self._call_at.append(given.name if given.kind is given.KEYWORD_ONLY else number)
            elif given.kind is given.VAR_POSITIONAL:
                is_open = True
            elif given.kind in (given.POSITIONAL_ONLY, given.POSITIONAL_OR_KEYWORD):
                self._slots.append(_slot(function, given.name, hint))
                self.least += given.default is given.empty
            elif given.default is given.empty and given.kind is given.KEYWORD_ONLY:
                raise UsageError(
                    f"{_name(function)}: a call gives its parameters by position; {given.name} can't be given by name only"
                )
        self.most: int | None = None if is_open else len(self._slots)
        kinds = [slot.kind for slot in self._slots]
        is_told = not is_open and all(kind is not None for kind in kinds) and self.least == self.most
        self.types = tuple(kind for kind in kinds if kind is not None) if is_told else None
        self.arrays = frozenset(at for at, slot in enumerate(self._slots) if slot.is_array)

    def __call__(self, call: Call) -> Any:
        """Answer a call: with what the function returns, or the server's words for parameters that are wrong."""
        given = parameters_of(call.invocation)
        if len(given) < self.least or (self.most is not None and len(given) > self.most):
            expected = self.least if len(given) < self.least else self.most
            text = f"VOLTDB ERROR: PROCEDURE {call.procedure} EXPECTS {expected} PARAMS, BUT RECEIVED {len(given)}"
            return failure(GRACEFUL_FAILURE, text)
        values: list[Any] = []
        for number, parameter in enumerate(given):
            try:
                values.append(
                    _value(self._slots[number], parameter) if number < len(self._slots) else parameter.value
                )
            except (EncodeError, ValueError, ArithmeticError) as error:
                return _type_error(call, number, parameter, self._slots[number], error)
        named: dict[str, Any] = {}
        for place in self._call_at:
            if isinstance(place, str):
                named[place] = call
            elif place <= len(values):
                values.insert(place, call)
        return self._function(*values, **named)


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function, include_extras=True)
    except Exception as error:  # whatever evaluating an annotation raises
        raise UsageError(f"{_name(function)}: its annotations can't be read: {error}") from error


def _slot(function: Callable[..., Any], name: str, hint: Any) -> _Slot:
    is_array = False
    plain = _without_none(hint)
    if typing.get_origin(plain) in (list, tuple) and typing.get_args(plain):
        is_array, plain = True, _without_none(typing.get_args(plain)[0])
    if typing.get_origin(plain) is Annotated:
        python, *extras = typing.get_args(plain)
        kinds = [extra for extra in extras if isinstance(extra, WireType)]
        if kinds:
            return _Slot(name, kinds[0], _without_none(python), is_array)
        plain = python
    if plain in _ANYTHING:
        return _Slot(name, None, None, is_array)
    try:
        return _Slot(name, _KINDS[plain], plain, is_array)
    except (KeyError, TypeError):
        known = ", ".join(kind.__name__ for kind in _KINDS)
        raise UsageError(
            f"{_name(function)}: no wire type for parameter {name}: {hint}; annotate it as one of {known}, a list "
            "of these, or Annotated[int, INTEGER]"
        ) from None


def _without_none(hint: Any) -> Any:
    if typing.get_origin(hint) not in (Union, types.UnionType):
        return hint
    rest = [argument for argument in typing.get_args(hint) if argument is not type(None)]
    return rest[0] if len(rest) == 1 else hint


def _value(slot: _Slot, parameter: Parameter) -> Any:
    value = parameter.value
    if value is None or slot.kind is None or type(value) is slot.plain:
        return value
    if slot.is_array != isinstance(value, list):
        if slot.kind is VARBINARY and parameter.element_type == TINYINT.code:
            return bytes(number & 0xFF for number in value)  # the historic form
        raise EncodeError(
            f"an array is wanted, got {parameter.type_name}"
            if slot.is_array
            else f"got an array of {parameter.type_name}"
        )
    if slot.is_array:
        return [None if each is None else _converted(slot, each) for each in value]
    return _converted(slot, value)


def _converted(slot: _Slot, value: Any) -> Any:
    kind, python = slot.kind, slot.python
    assert kind is not None
    if isinstance(value, str) and python in (int, float, bool, Decimal):
        value = _number(value.strip(), python)
    elif isinstance(value, Decimal) and python in (int, bool) and value == value.to_integral_value():
        value = int(value)
    elif isinstance(value, float) and python is Decimal:
        value = repr(value)
    elif python is str and isinstance(value, int | float | Decimal):
        value = str(value)
    value = converter(kind)(value)
    if python is datetime.datetime:
        return _EPOCH + datetime.timedelta(microseconds=value)
    return bool(value) if python is bool else value


def _number(text: str, python: Any) -> Any:
    try:
        return float(text) if python is float else Decimal(text) if python is Decimal else int(text)
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is no number") from error


def _type_error(call: Call, number: int, parameter: Parameter, slot: _Slot, error: Exception) -> Response:
    wanted = f"{slot.kind.name if slot.kind else 'any'}{'[]' if slot.is_array else ''}"
    text = (
        f"VOLTDB ERROR: PROCEDURE {call.procedure} TYPE ERROR FOR PARAMETER {number}: org.voltdb.VoltTypeException: "
        f"{parameter.type_name} is not a match or is out of range for the target parameter type {wanted}: {error}"
    )
    return failure(GRACEFUL_FAILURE, text)


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__qualname__", repr(function))
