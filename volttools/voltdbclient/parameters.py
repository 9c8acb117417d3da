"""Calls encoded by the types that a script gives for their parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from volttools.client.values import value_of_null
from volttools.codec.invocations import unchecked_encoder
from volttools.errors import EncodeError
from volttools.formats import types
from volttools.formats.parameters import Parameter
from volttools.protocol.client_side import invocation_frame
from volttools.voltdbclient.values import elements, is_array, to_wire, wire_type

Encode = Callable[[str, int, Sequence[Any]], bytes]
"""(procedure, client handle, parameters) -> the whole frame. It raises EncodeError."""

PLAIN = frozenset((types.TINYINT, types.SMALLINT, types.INTEGER, types.BIGINT, types.FLOAT, types.STRING))
"""Of these a value of the right Python type is sent as it is."""


@lru_cache(maxsize=512)
def encoder(codes: tuple[int, ...]) -> Encode:
    """The function for calls with parameters of these VOLTTYPE_*."""

    def encode(procedure: str, handle: int, params: Sequence[Any]) -> bytes:
        return invocation_frame(procedure, handle, _parameters(procedure, codes, params))

    kinds = [wire_type(code) for code in codes]
    if any(kind not in PLAIN or kind.code != code for kind, code in zip(kinds, codes, strict=True)):
        return encode
    return _plain_encoder(kinds, encode)


def _plain_encoder(kinds: Sequence[types.WireType], otherwise: Encode) -> Encode:
    """The same, at once for values that need no conversion."""
    fast = unchecked_encoder(tuple(kinds))
    exact = tuple(kind.python for kind in kinds)
    nulls = frozenset(null for kind in kinds if (null := value_of_null(kind)) is not None)

    def encode(procedure: str, handle: int, params: Sequence[Any]) -> bytes:
        if tuple(map(type, params)) == exact and nulls.isdisjoint(params):
            try:
                return fast(procedure, handle, params)
            except Exception:
                pass  # what is wrong is said by the other way
        return otherwise(procedure, handle, params)

    return encode


def _parameters(procedure: str, codes: Sequence[int], params: Sequence[Any]) -> list[Parameter]:
    if len(params) != len(codes):
        raise EncodeError(f"{procedure}: {len(params)} parameters, and {len(codes)} types for them")
    found: list[Parameter] = []
    for code, value in zip(codes, params, strict=True):
        try:
            found.append(parameter(code, value))
        except EncodeError as error:
            raise type(error)(f"{procedure}, parameter {len(found)}: {error.message}") from None
    return found


def parameter(code: int, value: Any) -> Parameter:
    """A value, or an array of values, as a parameter of a VOLTTYPE_*."""
    kind, convert = wire_type(code), to_wire(code)
    if not is_array(code, value):
        return Parameter.of(kind, None if value is None else convert(value))
    return array_parameter(code, value)


def array_parameter(code: int, values: Any) -> Parameter:
    """An array as a parameter. EncodeError if there are none of that type."""
    kind, convert = wire_type(code), to_wire(code)
    if kind.array_count is None:
        raise EncodeError(f"no array can have elements of type {kind.name}")
    return Parameter.array(kind, [None if each is None else convert(each) for each in elements(code, values)])
