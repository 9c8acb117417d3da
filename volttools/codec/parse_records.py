"""The writing of a record's parse: its fields, what is read together, and the record they become."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

from construct import Construct, FormatField, IfThenElse

from volttools.codec.optional import any_of, optional_run
from volttools.codec.parse_writer import ParseWriter
from volttools.codec.scalars import decoding
from volttools.codec.short_texts import SHORT_TEXT, WITHOUT_TEXT, by_length, unsigned, unsigned_null
from volttools.codec.source import Scope, looked_into
from volttools.formats.notation import Counted, Field, PresenceFlags, RecordFormat, Varying


class Behind(NamedTuple):
    """The numbers behind a text: where they go, the name of what reads them, and their bytes."""

    targets: str
    by_length: str
    size: int


class RecordWriter(ParseWriter):
    """A ParseWriter that knows records."""

    def record(self, format: RecordFormat, scope: Scope, hint: str) -> str:
        """Write all fields of a record, and the record."""
        values = self.fields(format.wire_fields(), Scope())
        self.flush()
        for item in format.wire_fields():
            if isinstance(item.format, PresenceFlags):
                values[item.name] = self._extra_flags(item.format, values[item.name], values)
        return self._assembled(format, {f.attribute: values[f.name] for f in format.valued_fields()}, hint)

    def fields(self, fields: Sequence[Field], scope: Scope) -> dict[str, str]:
        """Write fields that stand in a row; gives the source of each one's value."""
        values: dict[str, str] = {}
        optional = optional_run(fields)
        index = 0
        while index < len(fields):
            if optional and index == optional.start:
                index = self._optional_fields(fields, optional, scope, values)
                continue
            item = fields[index]
            if isinstance(item.format, Varying):
                length = self.number(unsigned(item.format.prefix), scope, "length")
                index = self._text_field(fields, index, length, scope, values)
                continue
            self._have(item, self.value(item.format, scope, item.name), scope, values)
            index += 1
        return values

    @staticmethod
    def _have(item: Field, value: str, scope: Scope, values: dict[str, str]) -> None:
        values[item.name] = value
        scope.add(item.name, value, looked_into(item.format))

    # ---------------------------------------------------------------- texts

    def text(self, format: Varying, length: str, hint: str, behind: Behind | None = None) -> str:
        """A text, or bytes, whose length was read without its sign, and the numbers behind it."""
        value, stop = self.source.local(hint), self.source.local("stop")
        decode = decoding(format, self.tolerant)
        word = "if"
        if behind is not None:
            with self.source.block(f"if {length} < {SHORT_TEXT}:"):
                self.source.line(f"{value}, {behind.targets} = {behind.by_length}[{length}](buf, o)")
                self.source.line(f"o += {length} + {behind.size}")
                if decode:
                    self.source.line(f"{value} = {value}{decode}")
            word = "elif"
        with self.source.block(f"{word} {length} != {unsigned_null(format)}:"):
            self.source.line(f"{stop} = o + {length}")
            self.wrong_if(f"{stop} > {self.end}")
            self.source.line(f"{value} = buf[o:{stop}]{decode}")
            self.source.line(f"o = {stop}")
            self._numbers_alone(behind)
        with self.source.block("else:"):
            self.source.line(f"{value} = None")
            self._numbers_alone(behind)
        return value

    def _numbers_alone(self, behind: Behind | None) -> None:
        if behind is not None:
            self.source.line(f"{behind.targets} = {behind.by_length}[{WITHOUT_TEXT}](buf, o)")
            self.source.line(f"o += {behind.size}")

    def _text_field(
        self, fields: Sequence[Field], index: int, length: str, scope: Scope, values: dict[str, str]
    ) -> int:
        """A text whose length is read, with the numbers behind it; gives the index of the next field."""
        item = fields[index]
        stop = index + 1
        while stop < len(fields) and _is_number(fields[stop]):
            stop += 1
        numbers = fields[index + 1 : stop]
        for number in numbers:
            self._have(number, self.source.local(number.name), scope, values)
        behind = None
        if numbers:
            functions = by_length("".join(number.format.fmtstr[1:] for number in numbers))
            behind = Behind(
                "".join(f"{values[number.name]}, " for number in numbers),
                self.source.constant(functions, "by_length"),
                sum(number.format.sizeof() for number in numbers),
            )
        self._have(item, self.text(item.format, length, item.name, behind), scope, values)
        return stop

    # -------------------------------------------------------- optional fields

    def _optional_fields(
        self, fields: Sequence[Field], run: range, scope: Scope, values: dict[str, str]
    ) -> int:
        """Optional fields with fixed ones among them, and the count or text behind them.

        Mostly all are absent: then the fixed ones are neighbours of what stands before, and one
        unpack does. Where some are there, what was read too early is read again. Gives the index of
        the next field.
        """
        items = [fields[index] for index in run]
        optional = [item for item in items if isinstance(item.format, IfThenElse)]
        before = self.pending_size()
        targets = {
            item.name: self.source.local(item.name)
            if item in optional
            else self.value(number_of(item), scope, item.name)
            for item in items
        }
        size = self.pending_size() - before
        self.flush()
        condition = any_of(
            [item.format.condfunc for item in optional], [item.name for item in optional], scope
        )
        with self.source.block(f"if {condition}:"):
            self.source.line(f"o -= {size}")
            found: dict[str, str] = {}
            for item in items:
                format = item.format if item in optional else number_of(item)
                self._have(item, self.value(format, scope, item.name), scope, found)
            self.flush()
            for name, value in found.items():
                self.source.line(f"{targets[name]} = {value}")
        with self.source.block("else:"):
            for item in optional:
                self.source.line(f"{targets[item.name]} = None")
        last = items[-1]
        for item in items:
            self._have(item, targets[item.name], scope, values)
        if isinstance(last.format, Counted):
            elements = self.counted_elements(last.format, targets[last.name], scope, last.name)
            self._have(last, elements, scope, values)
        elif isinstance(last.format, Varying):
            return self._text_field(fields, run.stop - 1, targets[last.name], scope, values)
        return run.stop

    @abstractmethod
    def counted_elements(self, format: Counted, count: str, scope: Scope, hint: str) -> str:
        """The elements of a list whose count is read."""

    # -------------------------------------------------------------- records

    def _extra_flags(self, construct: PresenceFlags, raw: str, values: dict[str, str]) -> str:
        extra = self.source.local("extra_flags")
        self.source.line(f"{extra} = {raw}")
        with self.source.block(f"if {raw}:"):
            for name, bit in construct.bits.items():
                with self.source.block(f"if {values[name]} is not None:"):
                    self.source.line(f"{extra} &= {~bit}")
        return extra

    def _assembled(self, format: RecordFormat, attributes: dict[str, str], hint: str) -> str:
        record = self.source.local(hint)
        cls = self.source.constant(format.cls, format.cls.__name__)
        if format.is_frozen:  # rare: it is interned, and its constructor does what an assignment can't
            arguments = ", ".join(f"{attribute}={value}" for attribute, value in attributes.items())
            self.source.line(f"{record} = {cls}({arguments})")
            return record
        new = self.source.constant(object.__new__, "new")
        self.source.line(f"{record} = {new}({cls})")
        for attribute, value in attributes.items():
            self.source.line(f"{record}.{attribute} = {value}")
        for item in format.fields:
            if item.format is None:
                self.source.line(f"{record}.{item.attribute} = {item.default!r}")
        return record


def _is_number(item: Field) -> bool:
    return isinstance(item.format, FormatField) and item.format.fmtstr[0] == ">"


def number_of(item: Field) -> Construct:
    """What is read of a field before it is known whether others stand before it: a number."""
    if isinstance(item.format, Varying):
        return unsigned(item.format.prefix)
    number: Construct = item.format.prefix if isinstance(item.format, Counted) else item.format
    return number
