"""Functions that are compiled when they are first needed: by type code, or of a construct within itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from construct import Construct

from volttools.errors import VoltToolsError
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


class OnFirstUse:
    """The function of a construct that refers to itself by a detour.

    make   compiles the construct that it refers to
    error  what is raised where it is nested too deep
    """

    def __init__(
        self, format: Any, make: Callable[[Construct], Callable[..., Any]], error: type[VoltToolsError]
    ) -> None:
        self._format, self._make, self._error = format, make, error
        self._function: Callable[..., Any] | None = None

    def __call__(self, *arguments: Any) -> Any:
        if self._function is None:
            self._function = self._make(self._format.subconfunc())
        with self._format.level(self._error):
            return self._function(*arguments)
