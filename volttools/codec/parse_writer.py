"""The writing of a parse function: what is read now, what waits, and where it must end.

Neighbouring fields of fixed width become one `unpack_from`: each waits until something
comes that needs its value, or the place behind it. What is written for which construct
is in `parse_compiler`.
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from dataclasses import dataclass

from construct import Construct, FormatField

from volttools.codec.scalars import WrongBytesError
from volttools.codec.source import NotCompilableError, Scope, Source
from volttools.formats.notation import strip_names

_WITHOUT_ORDER = frozenset("0123456789sbBcx?")


@dataclass(slots=True)
class _Fixed:
    """Fixed fields that wait to be unpacked; `ends`: what the one number, a length, delimits."""

    endian: str
    format: str
    targets: list[str]
    ends: tuple[str, str] | None = None  # the end that it sets, and the end that this must not pass

    @property
    def is_ordered(self) -> bool:
        """Whether the order of bytes matters."""
        return not set(self.format) <= _WITHOUT_ORDER

    def joins(self, other: _Fixed) -> bool:
        """Whether one struct can unpack both."""
        return self.endian == other.endian or not self.is_ordered


class ParseWriter(ABC):
    """Writes one parse function. Fixed fields wait in `pending` until something else comes.

    source     what is written so far
    tolerant   read text that is not UTF-8 as lone surrogates
    end        the name of what a field must not pass: the end of all, or of what has a length
    """

    def __init__(self, name: str, tolerant: bool) -> None:
        self.source = Source(name)
        self.source.namespace["WrongBytesError"] = WrongBytesError
        self.tolerant = tolerant
        self.end = "end"
        self._pending: list[_Fixed] = []
        self._afterwards: list[str] = []  # lines that need the pending fields

    def value(self, format: Construct, scope: Scope, hint: str) -> str:
        """Write the parse of a construct; gives the source of its value."""
        format = strip_names(format)
        source = self.write(format, scope, hint)
        if source is None:
            raise NotCompilableError(f"{type(format).__name__} ({hint})")
        return source

    @abstractmethod
    def write(self, format: Construct, scope: Scope, hint: str) -> str | None:
        """Write one construct; None if it is not known. What follows from its class is elsewhere."""

    def fixed(self, endian: str, format: str, hint: str, parts: int = 1) -> list[str]:
        """Add numbers of fixed width; they may be used after the next flush."""
        targets = [self.source.local(hint) for _ in range(parts)]
        if format:
            self._pending.append(_Fixed(endian, format, targets))
        return targets

    def length(self, format: Construct, scope: Scope, end: str) -> str:
        """A length that says where what follows ends: `end` is set as soon as it is read.

        It waits like any fixed field, so it is unpacked together with what it is the length of.
        """
        outer = self.end
        format = strip_names(format)
        if not isinstance(format, FormatField):
            length = self.number(format, scope, "length")
            self._write_end(end, "o", length, outer)
            return length
        length = self.fixed(format.fmtstr[0], format.fmtstr[1:], "length")[0]
        self._pending[-1].ends = (end, outer)
        return length

    def _write_end(self, end: str, start: str, length: str, outer: str) -> None:
        self.source.line(f"{end} = {start} + {length}")
        self.wrong_if(f"{length} < 0 or {end} > {outer}")

    def pending_size(self) -> int:
        """The bytes that the pending fields take."""
        return sum(struct.calcsize(item.endian + item.format) for item in self._pending)

    def after(self, line: str) -> None:
        """Add a line behind the pending fields."""
        self._afterwards.append(line)

    def flush(self) -> None:
        """Write the pending fields."""
        pending, self._pending = self._pending, []
        afterwards, self._afterwards = self._afterwards, []
        start = 0
        while start < len(pending):
            stop = start + 1
            while stop < len(pending) and pending[stop].joins(pending[start]):
                stop += 1
            self._write_run(pending[start:stop])
            start = stop
        for line in afterwards:
            self.source.line(line)

    def _write_run(self, run: list[_Fixed]) -> None:
        # the order of bytes of the run is that of its first field that has one
        order = next((item.endian for item in run if item.is_ordered), ">")
        format = order + "".join(item.format for item in run)
        structure = self.source.namespace[self.source.struct(format)]
        targets = [target for item in run for target in item.targets]
        unpack = self.source.constant(structure.unpack_from, "unpack")
        self.source.line(f"{', '.join(targets)}, = {unpack}(buf, o)")
        self.source.line(f"o += {structure.size}")
        behind = structure.size
        for item in run:
            behind -= struct.calcsize(order + item.format)
            if item.ends is not None:
                start = f"o - {behind}" if behind else "o"
                self._write_end(item.ends[0], start, item.targets[0], item.ends[1])

    def number(self, format: Construct, scope: Scope, hint: str) -> str:
        """A number that is needed at once, such as a length."""
        value = self.value(format, scope, hint)
        self.flush()
        return value

    def wrong_if(self, condition: str) -> None:
        """Give up where a condition holds."""
        with self.source.block(f"if {condition}:"):
            self.source.line("raise WrongBytesError")
