"""Invocations whose parameter types are known beforehand: one function a signature.

The generic build looks at each parameter's type; a client that calls a procedure again
and again knows the types. What is generated here follows the same declarations with
everything constant already decided: version 0, no extensions, the type of each value. The name's
bytes are remembered, and packed together with the numbers around them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import lru_cache
from typing import Any

from construct import Construct, IfThenElse
from construct.core import evaluate

from volttools.codec.build_compiler import new_writer
from volttools.codec.build_writer import BuildWriter, Piece
from volttools.codec.codec import build, builder
from volttools.codec.source import Scope
from volttools.errors import EncodeError
from volttools.formats.frame import PREFIX, RawFrame
from volttools.formats.invocation import Invocation
from volttools.formats.notation import RecordFormat, strip_names, takes_nothing
from volttools.formats.parameters import PARAMETER_SET, Parameter
from volttools.formats.types import Value, WireType
from volttools.kept import Kept

InvocationEncoder = Callable[[str, int, Sequence[Any]], bytes]
"""(procedure, client handle, values) -> the whole frame."""

_MOST_NAMES = 1024  # that are kept for a sequence of types


@lru_cache(maxsize=512)
def invocation_encoder(types: tuple[WireType, ...]) -> InvocationEncoder:
    """A function that encodes version 0 invocations with parameters of these types.

    Raises EncodeError like `build`, for a wrong number of values, and for a type that
    no parameter can have; arrays go the long way, by `build`.

    >>> from volttools.formats.types import BIGINT
    >>> invocation_encoder((BIGINT,))("P", 7, [42]).hex()
    '000000190000000001500000000000000007000106000000000000002a'
    """

    def slowly(procedure: str, client_handle: int, values: Sequence[Any]) -> bytes:
        if len(values) != len(types):
            raise EncodeError(f"{procedure} takes {len(types)} parameters, got {len(values)}")
        parameters = [Parameter.of(kind, value) for kind, value in zip(types, values, strict=True)]
        body = build(Invocation(procedure=procedure, client_handle=client_handle, parameters=parameters))
        return build(RawFrame(body=body))

    return _encoder(types, slowly)


@lru_cache(maxsize=512)
def unchecked_encoder(types: tuple[WireType, ...], nulls: tuple[Any, ...] = ()) -> InvocationEncoder:
    """The same, but what it raises for values that don't fit says nothing: ask `invocation_encoder` then.

    nulls   of each parameter the value that is not to be sent, as it would be NULL; None: there is none
    """
    return _encoder(types, None, nulls)


def _encoder(
    types: tuple[WireType, ...], otherwise: InvocationEncoder | None, nulls: tuple[Any, ...] = ()
) -> InvocationEncoder:
    """The generated function; `otherwise` is asked where it fails."""
    for kind in types:
        if kind.format is None:
            raise EncodeError(f"no value can have the type {kind.name} ({kind.code})")
    writer = new_writer("encode_invocation", tolerant=False)
    source = writer.source
    with source.block("try:") if otherwise is not None else nullcontext():
        source.line(f"return {_frame(writer, types, nulls)}")
    if otherwise is not None:
        with source.block("except Exception:"):
            source.line(f"return {source.constant(otherwise, 'otherwise')}(procedure, client_handle, values)")
    return source.function("procedure, client_handle, values")


def _frame(writer: BuildWriter, types: tuple[WireType, ...], nulls: tuple[Any, ...]) -> str:
    """The source of the frame's bytes."""
    source = writer.source
    names = [f"argument_{index}" for index in range(len(types))]
    source.line(f"{', '.join(names)}, = values" if names else "() = values")
    wrong = [
        f"{name} == {source.constant(null, 'null')}" for name, null in zip(names, nulls, strict=False) if null
    ]
    if wrong:
        with source.block(f"if {' or '.join(wrong)}:"):
            source.line("raise ValueError")
    known = {"version": 0, "batch_timeout_flag": None}
    given = {"version": "0", "client_handle": "client_handle"}
    before: list[Piece] = []
    behind: list[Piece] = []
    name: Construct | None = None
    for item in Invocation.declaration.wire_fields():
        pieces = before if name is None else behind
        format = _decided(item.format, known)
        if item.name == "procedure":
            name = format
        elif item.name == "parameters":
            pieces += _parameters(writer, types, names)
        elif not takes_nothing(format):
            pieces += writer.value(format, given[item.name], Scope())
    size = f"{writer.size(before + behind)} + len(named)"
    before = writer.value(PREFIX, size, Scope()) + before
    fixed = next((i for i, piece in enumerate(behind) if piece.format is None), len(behind))
    named = _PackByName(name, *("".join(p.format or "" for p in run) for run in (before, behind[:fixed])))
    writer.source.line(f"named, pack = {writer.source.constant(named, 'by_name')}[procedure]")
    leading = ", ".join([*_sources(before), "named", *_sources(behind[:fixed])])
    rest = f" + {writer.joined(behind[fixed:])}" if behind[fixed:] else ""
    return f"pack({leading}){rest}"


def _sources(pieces: list[Piece]) -> list[str]:
    return [source for piece in pieces for source in piece.sources]


class _PackByName(Kept[str, tuple[bytes, Callable[..., bytes]]]):
    """The name of a procedure as it stands on the wire, and what packs it with the numbers around it."""

    def __init__(self, name: Any, before: str, behind: str) -> None:
        super().__init__(_MOST_NAMES)
        self._build = builder(name)
        self._before, self._behind = before, behind

    def __missing__(self, procedure: str) -> tuple[bytes, Callable[..., bytes]]:
        named = self._build(procedure)
        pack = struct.Struct(f">{self._before}{len(named)}s{self._behind}").pack
        return self.keep(procedure, (named, pack))


def _parameters(writer: BuildWriter, types: tuple[WireType, ...], names: list[str]) -> list[Piece]:
    pieces = writer.value(PARAMETER_SET.prefix, str(len(types)), Scope())
    parameter: RecordFormat = PARAMETER_SET.subcon
    for kind, name in zip(types, names, strict=True):
        known = {"type": kind.code, "element_type": None}
        sources = {"type": str(kind.code), "value": name}
        for item in parameter.wire_fields():
            format = _decided(item.format, known)
            if isinstance(format, Value):
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
