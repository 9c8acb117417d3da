"""Invocations whose parameter types are known beforehand: one function a signature.

The generic build looks at each parameter's type; a client that calls a procedure again
and again knows the types. What is generated here follows the same declarations with
everything constant already decided: version 0, no extensions, the type of each value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from construct import Construct, IfThenElse
from construct.core import evaluate

from volttools.codec.build_compiler import new_writer
from volttools.codec.build_writer import BuildWriter, Piece
from volttools.codec.codec import build
from volttools.codec.source import Scope
from volttools.errors import EncodeError
from volttools.formats.frame import RawFrame
from volttools.formats.invocation import Invocation
from volttools.formats.notation import RecordFormat, strip_names, takes_nothing
from volttools.formats.parameters import PARAMETER_SET, Parameter
from volttools.formats.types import ArrayValue, Value, WireType

InvocationEncoder = Callable[[str, int, Sequence[Any]], bytes]
"""(procedure, client handle, values) -> the whole frame."""


@lru_cache(maxsize=512)
def invocation_encoder(types: tuple[WireType, ...]) -> InvocationEncoder:
    """A function that encodes version 0 invocations with parameters of these types.

    Raises EncodeError like `build`, for a wrong number of values, and for a type that
    no parameter can have; arrays go the long way, by `build`.

    >>> from volttools.formats.types import BIGINT
    >>> invocation_encoder((BIGINT,))("P", 7, [42]).hex()
    '000000190000000001500000000000000007000106000000000000002a'
    """
    fast = unchecked_encoder(types)

    def encode(procedure: str, client_handle: int, values: Sequence[Any]) -> bytes:
        try:
            return fast(procedure, client_handle, values)
        except Exception:
            return _slowly(types, procedure, client_handle, values)

    return encode


def _slowly(types: tuple[WireType, ...], procedure: str, client_handle: int, values: Sequence[Any]) -> bytes:
    if len(values) != len(types):
        raise EncodeError(f"{procedure} takes {len(types)} parameters, got {len(values)}")
    parameters = [Parameter.of(kind, value) for kind, value in zip(types, values, strict=True)]
    body = build(Invocation(procedure=procedure, client_handle=client_handle, parameters=parameters))
    return build(RawFrame(body=body))


@lru_cache(maxsize=512)
def unchecked_encoder(types: tuple[WireType, ...]) -> InvocationEncoder:
    """The same, but what it raises for values that don't fit says nothing: ask `invocation_encoder` then."""
    for kind in types:
        if kind.format is None:
            raise EncodeError(f"no value can have the type {kind.name} ({kind.code})")
    writer = new_writer("encode_invocation", tolerant=False)
    names = [f"argument_{index}" for index in range(len(types))]
    writer.source.line(f"{', '.join(names)}, = values" if names else "() = values")
    known = {"version": 0, "batch_timeout_flag": None}
    given = {"version": "0", "procedure": "procedure", "client_handle": "client_handle"}
    pieces: list[Piece] = []
    for item in Invocation.declaration.wire_fields():
        if item.name == "parameters":
            pieces += _parameters(writer, types, names)
            continue
        format = _decided(item.format, known)
        if not takes_nothing(format):
            pieces += writer.value(format, given[item.name], Scope())
    prefix = strip_names(RawFrame.declaration.wire_fields()[0].format).prefix
    frame = writer.value(prefix, writer.size(pieces), Scope()) + pieces
    writer.source.line(f"return {writer.joined(frame)}")
    return writer.source.function("procedure, client_handle, values")


def _parameters(writer: BuildWriter, types: tuple[WireType, ...], names: list[str]) -> list[Piece]:
    pieces = writer.value(PARAMETER_SET.prefix, str(len(types)), Scope())
    parameter: RecordFormat = PARAMETER_SET.subcon
    for kind, name in zip(types, names, strict=True):
        known = {"type": kind.code, "element_type": None}
        sources = {"type": str(kind.code), "value": name}
        for item in parameter.wire_fields():
            format = _decided(item.format, known)
            if isinstance(format, Value) and not isinstance(format, ArrayValue):
                format = format.format_for(kind.code)
            if not takes_nothing(format):
                pieces += writer.value(format, sources[item.name], Scope())
    return pieces


def _decided(format: Construct, known: dict[str, Any]) -> Construct:
    """A construct with its conditions decided by what is known."""
    format = strip_names(format)
    while isinstance(format, IfThenElse):
        taken = format.thensubcon if evaluate(format.condfunc, known) else format.elsesubcon
        format = strip_names(taken)
    return format
