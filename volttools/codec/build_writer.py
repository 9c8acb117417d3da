"""The writing of a build function: pieces of bytes, and how they are joined.

What is written for which construct is in `build_compiler`.
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from dataclasses import dataclass

from construct import Construct

from volttools.codec.source import NotCompilableError, Scope, Source
from volttools.formats.notation import strip_names


class WrongValueError(ValueError):
    """Raised by generated code; construct's own build then says what is wrong."""


@dataclass(slots=True)
class Piece:
    """A part of the bytes: numbers to be packed (format), or the name of bytes that are there."""

    endian: str
    format: str | None
    sources: list[str]


class BuildWriter(ABC):
    """Writes one build function.

    source     what is written so far
    tolerant   also write the lone surrogates that stand for bytes that are not UTF-8
    """

    def __init__(self, name: str, tolerant: bool) -> None:
        self.source = Source(name)
        self.source.namespace["WrongValueError"] = WrongValueError
        self.tolerant = tolerant

    def value(self, format: Construct, value: str, scope: Scope) -> list[Piece]:
        """Write what a construct needs before it can be joined; gives its pieces."""
        format = strip_names(format)
        pieces = self.write(format, value, scope)
        if pieces is None:
            raise NotCompilableError(type(format).__name__)
        return pieces

    @abstractmethod
    def write(self, format: Construct, value: str, scope: Scope) -> list[Piece] | None:
        """Write one construct; None if it is not known. What follows from its class is elsewhere."""

    def size(self, pieces: list[Piece]) -> str:
        """The source of the pieces' total length."""
        fixed = sum(struct.calcsize(p.endian + p.format) for p in pieces if p.format is not None)
        terms = [f"len({p.sources[0]})" for p in pieces if p.format is None]
        return " + ".join([str(fixed), *terms] if fixed or not terms else terms)

    def joined(self, pieces: list[Piece]) -> str:
        """The source of the pieces' bytes."""
        parts = []
        start = 0
        while start < len(pieces):
            piece = pieces[start]
            stop = start + 1
            if piece.format is None:
                parts.append(piece.sources[0])
            else:
                while (
                    stop < len(pieces)
                    and pieces[stop].format is not None
                    and pieces[stop].endian == piece.endian
                ):
                    stop += 1
                run = pieces[start:stop]
                name = self.source.struct(piece.endian + "".join(p.format or "" for p in run))
                pack = self.source.constant(self.source.namespace[name].pack, "pack")
                parts.append(f"{pack}({', '.join(s for p in run for s in p.sources)})")
            start = stop
        if not parts:
            return 'b""'
        return " + ".join(parts) if len(parts) < 6 else f'b"".join(({", ".join(parts)}))'

    def wrong_if(self, condition: str) -> None:
        """Give up where a condition holds."""
        with self.source.block(f"if {condition}:"):
            self.source.line("raise WrongValueError")

    def named(self, source: str) -> str:
        """A local for an expression that is used more than once."""
        if source.isidentifier():
            return source
        name = self.source.local("value")
        self.source.line(f"{name} = {source}")
        return name
