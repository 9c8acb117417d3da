"""A row of the tables of messages."""

from __future__ import annotations

from typing import NamedTuple

from volttools.formats.notation import Record


class MessageSample(NamedTuple):
    """A message, its bytes, and what is special about it."""

    message: Record
    hex: str
    note: str

    @property
    def kind(self) -> type[Record]:
        """The record's class."""
        return type(self.message)

    @property
    def data(self) -> bytes:
        """The bytes."""
        return bytes.fromhex(self.hex)

    def __str__(self) -> str:
        return f"{self.kind.__name__} {self.note}"
