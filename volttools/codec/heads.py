"""Some fields of a record without the record, for those who look at, or write, every message."""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from typing import Any

from construct import Construct, FormatField

from volttools.codec.parse_compiler import new_writer
from volttools.codec.source import Scope, Source
from volttools.formats.notation import Record, strip_names

NumberError = struct.error
"""What is raised for numbers that their fields can't hold, or for too few bytes."""


@functools.cache
def head_reader(
    kind: type[Record] | FormatField,
) -> tuple[Callable[[bytes | bytearray, int], tuple[Any, ...]], int]:
    """A function (bytes, offset) -> the values of the leading numbers, and how many bytes those take.

    The function raises NumberError, or ValueError for a view, where there are too few bytes.

    >>> from volttools.formats.response import ResponseHead
    >>> read, size = head_reader(ResponseHead)
    >>> read(bytes([0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 1]), 0), size
    ((0, 7, 0, 1), 11)
    """
    formats = [kind] if isinstance(kind, FormatField) else _formats(kind)
    _, structure = _numbers(formats)
    return structure.unpack_from, structure.size


def number_writer(format: FormatField) -> Callable[[int], bytes]:
    """A function of a number -> its bytes; it raises NumberError for one that the format can't hold."""
    return struct.Struct(format.fmtstr).pack


FieldsReader = Callable[[bytes, int, int], tuple[Any, ...]]
"""(bytes, offset, end of what may be read) -> the values of some fields."""


@functools.cache
def fields_reader(kind: type[Record], *names: str, reads_rows: bool = True) -> FieldsReader:
    """A function (bytes, offset, end) -> the values of some fields of the record that begins there.

    What stands behind the last of them is not looked at, and no record is made. The function raises
    what `scalars.WRONG` lists for bytes that are no such record: `parse` says what is wrong.

    reads_rows  False: the rows of a table are not read; what stands for them is their place, from
                where their count begins to the end of the table

    >>> from volttools.formats.invocation import Invocation
    >>> read = fields_reader(Invocation, "procedure", "client_handle")
    >>> body = bytes.fromhex("00 00000004 566f7465 0000000000000007")
    >>> read(body, 0, len(body))
    ('Vote', 7)
    """
    return _fields_reader(kind, names, reads_rows=reads_rows, tolerant=False)


def _fields_reader(
    kind: type[Record], names: tuple[str, ...], *, reads_rows: bool, tolerant: bool
) -> FieldsReader:
    fields = kind.declaration.wire_fields()
    by_attribute = {item.attribute: index for index, item in enumerate(fields)}
    needed = fields[: max(by_attribute[name] for name in names) + 1]
    writer = new_writer(f"read_fields_of_{kind.__name__}", tolerant=tolerant, reads_rows=reads_rows)
    source = writer.source
    source.line("start = o")
    with nullcontext() if tolerant else source.block("try:"):
        values = writer.fields(needed, Scope())
        writer.flush()
        writer.wrong_if("o > end")
        source.line(f"return ({''.join(values[fields[by_attribute[name]].name] + ', ' for name in names)})")
    if not tolerant:

        @functools.cache
        def other() -> FieldsReader:
            return _fields_reader(kind, names, reads_rows=reads_rows, tolerant=True)

        with source.block("except UnicodeDecodeError:"):
            source.line(f"return {source.constant(other, 'tolerant')}()(buf, start, end)")
    return source.function("buf, o, end")


@functools.cache
def head_writer(kind: type[Record] | tuple[type[Record], ...], *given: str) -> Callable[..., bytes]:
    """A function of the numbers `given`, in that order, -> the bytes of the leading numbers of a record.

    Numbers that are not given have their declared values. The function raises NumberError for one
    that its field can't hold. Of several records all but the last must be numbers only.

    >>> from volttools.formats.network import Tcp
    >>> head_writer(Tcp, "source_port", "destination_port", "sequence")(1, 2, 3).hex(" ", 4)
    '00010002 00000003 00000000 5010ffff 00000000'
    """
    numbers, structure = _head(kind, given)
    source = Source("write_head")
    pack = source.constant(structure.pack, "pack")
    source.line(f"return {pack}({', '.join(numbers)})")
    return source.function(", ".join(given))


@functools.cache
def head_remainder(kind: type[Record], modulus: int, *given: str) -> Callable[..., int]:
    """A function of the numbers `given` -> what leaves the same remainder as the bytes of the head would, read
    as one number. Numbers must not be negative.

    >>> from volttools.formats.network import Tcp
    >>> given = "source_port", "destination_port", "sequence"
    >>> head = head_writer(Tcp, *given)(1, 2, 3)
    >>> head_remainder(Tcp, 100, *given)(1, 2, 3) % 100 == int.from_bytes(head, "big") % 100
    True
    """
    numbers, structure = _head(kind, given)
    sizes = [struct.calcsize(f">{code}") for code in structure.format[1:]]
    behind = structure.size
    constant, terms = 0, []
    for number, size in zip(numbers, sizes, strict=True):
        behind -= size
        weight = pow(256, behind, modulus)
        if number not in given:
            constant += weight * int(number)
        else:
            terms.append(number if weight == 1 else f"{weight} * {number}")
    source = Source("remainder_of_head")
    source.line(f"return {' + '.join([*terms, str(constant % modulus)])}")
    return source.function(", ".join(given))


def _head(
    kind: type[Record] | tuple[type[Record], ...], given: Sequence[str]
) -> tuple[list[str], struct.Struct]:
    """The source of each leading number, and what writes them."""
    kinds = kind if isinstance(kind, tuple) else (kind,)
    fields = [list(one.declaration.wire_fields()) for one in kinds]
    for before in fields[:-1]:
        assert _numbers(item.format for item in before)[0] == len(before), "something else between heads"
    count, structure = _numbers(item.format for items in fields for item in items)
    leading = [item for items in fields for item in items][:count]
    return [item.attribute if item.attribute in given else repr(item.default) for item in leading], structure


def _formats(kind: type[Record]) -> list[Construct]:
    return [item.format for item in kind.declaration.wire_fields()]


def _numbers(formats: Iterable[Construct]) -> tuple[int, struct.Struct]:
    """How many of the leading formats are numbers, and what reads and writes them."""
    format, count = ">", 0
    for number in map(strip_names, formats):
        if not isinstance(number, FormatField) or number.fmtstr[0] != ">":
            break
        format += number.fmtstr[1:]
        count += 1
    return count, struct.Struct(format)
