"""Functions by type code, each compiled when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from construct import Construct

from volttools.formats.types import ArrayValue, TypeRegistry, Value

_F = TypeVar("_F")


class FunctionsByCode(dict[int, _F], Generic[_F]):
    """The functions for values, or arrays, of a registry's types.

    A dict, so that generated code reaches a function in one step. DecodeError for a code
    of which no value can be.
    """

    def __init__(self, registry: TypeRegistry, make: Callable[[Construct], _F], *, arrays: bool) -> None:
        super().__init__()
        self._construct = ArrayValue(None, registry) if arrays else Value(None, registry)
        self._make = make

    def __missing__(self, code: int) -> _F:
        function = self[code] = self._make(self._construct.format_for(code))
        return function


class FunctionCache(Generic[_F]):
    """One FunctionsByCode for each registry, for values and for arrays, tolerant or not."""

    def __init__(self, make: Callable[[Construct, bool], _F]) -> None:
        self._make = make
        self._made: dict[tuple[int, bool, bool], FunctionsByCode[_F]] = {}

    def get(self, registry: TypeRegistry, *, arrays: bool, tolerant: bool) -> FunctionsByCode[_F]:
        """The functions; always the same ones."""
        key = (id(registry), arrays, tolerant)
        found = self._made.get(key)
        if found is None:
            found = FunctionsByCode(registry, lambda format: self._make(format, tolerant), arrays=arrays)
            self._made[key] = found
        return found
