"""Records that come again and again, such as headers of tables: kept by their bytes."""

from __future__ import annotations

from typing import Any

_ENTRIES = 512
MOST_INTERNED_BYTES = 8192
"""Longer ones are not kept."""


class InternedRecords(dict[bytes, Any]):
    """Records by their bytes; bounded: when it is full, it starts anew."""

    def remember(self, key: bytes, record: Any) -> None:
        """Add a record."""
        if len(self) >= _ENTRIES:
            self.clear()
        self[key] = record
