"""What is kept because it may come again: code for a signature of columns, or a header by its bytes."""

from __future__ import annotations

from typing import Generic, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")

MOST_SIGNATURES = 256
"""Sequences of column types for which functions are kept."""

MOST_RECORDS = 512
"""Records that are kept by their bytes."""

MOST_RECORD_BYTES = 8192
"""Longer ones are not kept."""


class Kept(dict[_K, _V], Generic[_K, _V]):
    """Values of so many keys at most; when it is full, it starts anew.

    A dict, so that generated code reaches a value in one step.
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
