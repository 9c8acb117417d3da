"""What is kept because it may come again: generated code by its signature, a name by its bytes."""

from __future__ import annotations

from typing import Generic, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


class Kept(dict[_K, _V], Generic[_K, _V]):
    """Values of so many keys at most; when it is full, it starts anew.

    A dict, so that what is there costs one step, also in generated code.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def keep(self, key: _K, value: _V) -> _V:
        """Add a value; gives it back."""
        if len(self) >= self._most and key not in self:
            self.clear()
        self[key] = value
        return value
