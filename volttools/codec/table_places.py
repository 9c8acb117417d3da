"""Where the tables of a response lie, and a table's rows, without reading a row."""

from __future__ import annotations

import functools
import struct

from construct import Struct

from volttools.codec.interpreted import ParseFunction
from volttools.codec.parse_compiler import compile_parse
from volttools.codec.scalars import WrongBytesError
from volttools.formats.notation import Counted, RecordFormat, Sized, strip_names
from volttools.formats.response import Response
from volttools.formats.table import Rows, Table, TableHeader

Place = tuple[int, int]
"""First byte, and the byte behind the last."""


def tables_in(body: bytes) -> list[Place]:
    """Where each table of a response stands, behind its length.

    Raises what generated code raises (`scalars.WRONG`) on bytes that are no response.
    """
    read_before, counted, sized = _response()
    _, o = read_before(body, 0, len(body))
    count, o = _number(counted.prefix.fmtstr, body, o)
    if count < 0 or count > len(body) - o:
        raise WrongBytesError
    places = []
    for _ in range(count):
        length, o = _number(sized.prefix.fmtstr, body, o)
        if length < 0 or length > len(body) - o:
            raise WrongBytesError
        places.append((o, o + length))
        o += length
    return places


def table_header(buf: bytes, o: int, end: int) -> tuple[TableHeader, int]:
    """The header of the table at `o`, and where the count of its rows stands."""
    header, o = _read_header()(buf, o, end)
    return header, o


def rows_format() -> Rows:
    """The declaration of a table's rows."""
    rows = strip_names(_field_of(Table.declaration, "rows"))
    assert isinstance(rows, Rows)
    return rows


def _number(format: str, buf: bytes, o: int) -> tuple[int, int]:
    (number,) = struct.unpack_from(format, buf, o)
    return number, o + struct.calcsize(format)


@functools.cache
def _read_header() -> ParseFunction:
    return compile_parse(_field_of(Table.declaration, "header"), tolerant=True)


@functools.cache
def _response() -> tuple[ParseFunction, Counted, Sized]:
    """The parse of what stands before the tables, the list of tables, and one of them."""
    fields = Response.declaration.wire_fields()
    at = next(index for index, field in enumerate(fields) if field.attribute == "tables")
    counted = strip_names(fields[at].format)
    sized = strip_names(counted.subcon)
    assert isinstance(counted, Counted)
    assert isinstance(sized, Sized)
    before = Struct(*(field.name / field.format for field in fields[:at]))
    return compile_parse(before, tolerant=True), counted, sized


def _field_of(record: RecordFormat, attribute: str):  # type: ignore[no-untyped-def]
    return next(field.format for field in record.wire_fields() if field.attribute == attribute)
