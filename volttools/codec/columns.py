"""Tables as Arrow columns, straight from the wire: no row is made in Python.

    tables_to_arrow(body)   all tables of a response
    table_at(body, index)   one of them
    table_to_arrow(table)   a table that was parsed, or made

Needs the extra `arrow`. Fields carry metadata: `volt.type`, the wire type; `volt.note`, why the
Arrow type isn't the usual one (`arrow_columns` has the list). The table's metadata has
`volt.status`. Columns are called as on the wire, also twice the same; a name that is no UTF-8
has its bytes as `\\xff`.

What no reader knows is binary: from a column of unknown type to the row's end there is one
value, and the columns behind it are NULL. A table in a column is its bytes.

The fast path checks as little as is safe. Where it fails, or where a column needs more, the
table is parsed into rows: that says what is wrong and where, or gives the columns after all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from volttools.codec.arrow import pa
from volttools.codec.arrow_columns import ArrowColumn, arrow_column, known_types
from volttools.codec.codec import build, builder, parse
from volttools.codec.raw_columns import layout
from volttools.codec.scalars import WRONG
from volttools.codec.spans import Buffer
from volttools.codec.table_places import Place, rows_format, table_header, tables_in
from volttools.errors import UsageError
from volttools.formats.response import Response
from volttools.formats.table import Column, Table, TableHeader
from volttools.formats.types import TYPES
from volttools.kept import Kept

TYPE_KEY, NOTE_KEY, STATUS_KEY = "volt.type", "volt.note", "volt.status"

_MOST_BYTES = 2**31 - 1  # what Arrow's offsets can reach, and no frame is longer
_ERRORS = (*WRONG, pa.ArrowException)


def tables_to_arrow(body: Buffer) -> list[pa.Table]:
    """All tables of a response, given its body: the frame without its length.

    Raises DecodeError, with offset and path, as parsing the response does.
    """
    data = _as_bytes(body)
    try:
        return [_read(data, place) for place in tables_in(data)]
    except _ERRORS:
        return [table_to_arrow(table) for table in parse(Response, data).tables]


def table_at(body: Buffer, index: int) -> pa.Table:
    """One table of a response, counted from 0; the others are not looked at.

    Raises DecodeError where the response is wrong up to there, UsageError if it has no such table.
    """
    data = _as_bytes(body)
    try:
        places = tables_in(data)
        count = len(places)
        if 0 <= index < count:
            return _read(data, places[index])
    except _ERRORS:
        tables = parse(Response, data).tables
        count = len(tables)
        if 0 <= index < count:
            return table_to_arrow(tables[index])
    last = f"the last is {count - 1}" if count else "it has none"
    raise UsageError(f"the response has no table {index}, counted from 0: {last}")


def table_to_arrow(table: Table) -> pa.Table:
    """The columns of a table that is at hand; EncodeError if its values are not those of its types."""
    if known_types(table.header.column_types) is None:
        return _from_rows(table)
    data = build(table.replace(trailing=b""))
    return _read(data, (0, len(data)))


def arrow_to_pandas(table: pa.Table) -> Any:
    """A DataFrame of Arrow's own types, so that integers stay exact and NULLs are NA.

    Columns of the same name, or without one, get one: see `unique_names`.
    """
    try:
        import pandas
    except ImportError:
        raise UsageError('data frames need pandas: pip install "volttools[pandas]"') from None

    return with_unique_names(table).to_pandas(types_mapper=pandas.ArrowDtype)


def with_unique_names(table: pa.Table) -> pa.Table:
    """The same columns under names that differ, as pandas and Parquet need them; see `unique_names`."""
    renamed = table.rename_columns(unique_names(table.column_names))
    return renamed.replace_schema_metadata(table.schema.metadata)


def unique_names(names: Sequence[str]) -> list[str]:
    """Names that differ, for what needs that: a repeated one gets a number, an empty one its place.

    >>> unique_names(["ID", "", "ID", "ID_2"])
    ['ID', 'C2', 'ID_3', 'ID_2']
    """
    taken = set(names)
    found: list[str] = []
    seen: set[str] = set()
    free: dict[str, int] = {}  # from which number on one may be free, behind a name
    for place, name in enumerate(names, 1):
        if not name or name in seen:
            stem, least = (f"{name}_", 2) if name else ("C", place)
            number = max(least, free.get(stem, least))
            while f"{stem}{number}" in taken:
                number += 1
            free[stem] = number + 1
            name = f"{stem}{number}"
            taken.add(name)
        seen.add(name)
        found.append(name)
    return found


# ---------------------------------------------------------------- reading


def _as_bytes(body: Buffer) -> bytes:
    return body if type(body) is bytes else bytes(memoryview(body))


def _read(data: bytes, place: Place) -> pa.Table:
    """A table on the wire. What it raises is in _ERRORS."""
    if len(data) > _MOST_BYTES:
        raise UsageError(f"a message of {len(data):,} bytes is more than a frame holds")
    header, o = table_header(data, *place)
    kinds = known_types(header.column_types)
    rows = None if kinds is None else layout(header.column_types)
    if kinds is None or rows is None:
        return _from_rows(parse(Table, data[slice(*place)]))
    raw_columns = rows.read(data, o, place[1])
    columns = [arrow_column(kind, raw, data) for kind, raw in zip(kinds, raw_columns, strict=True)]
    return _assemble(header, columns)


def _assemble(header: TableHeader, columns: Sequence[ArrowColumn]) -> pa.Table:
    arrays = [column.array for column in columns]
    notes = tuple(column.note for column in columns)
    schema = _SCHEMAS.get((header, notes))
    if schema is None:
        schema = _SCHEMAS.keep((header, notes), _schema(header, [array.type for array in arrays], notes))
    return pa.Table.from_arrays(arrays, schema=schema)


_MOST_SCHEMAS = 64
# The notes say where an Arrow type is not the wire type's usual one; asking each type for its hash
# takes as long as some columns.
_SCHEMAS = Kept[tuple[TableHeader, tuple[str | None, ...]], pa.Schema](_MOST_SCHEMAS)


def _schema(header: TableHeader, types: Sequence[pa.DataType], notes: Sequence[str | None]) -> pa.Schema:
    fields = []
    names_and_codes = zip(header.column_names, header.column_types, strict=True)
    for (name, code), kind, note in zip(names_and_codes, types, notes, strict=True):
        metadata = {TYPE_KEY: TYPES.name_of(code)} | ({} if note is None else {NOTE_KEY: note})
        fields.append(pa.field(_utf8(name or ""), kind, metadata=metadata))
    return pa.schema(fields, metadata={STATUS_KEY: str(header.status)})


def _utf8(name: str) -> str:
    """A name without the lone surrogates that stand for bytes which are no UTF-8."""
    if name.isascii():
        return name
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _from_rows(table: Table) -> pa.Table:
    """The columns of a table some of whose types have no Arrow type, from its rows."""
    readable = len(rows_format().readable(table.header.column_types))
    columns = []
    for index, column in enumerate(table.columns):
        if index > readable:
            note = "not read: its bytes are in the first column of unknown type"
            columns.append(ArrowColumn(pa.nulls(len(table.rows)), note))
            continue
        values = [row[index] for row in table.rows]
        if index == readable:
            note = "a type that nobody can read: all bytes up to the row's end"
            columns.append(ArrowColumn(pa.array(map(bytes, values), pa.binary()), note))
        else:
            columns.append(_from_values(column, values))
    return _assemble(table.header, columns)


def _from_values(column: Column, values: list[Any]) -> ArrowColumn:
    if known_types((column.type,)) is None:
        build_value = builder(TYPES.format_of(column.type))
        data = [build_value(value) for value in values]
        return ArrowColumn(pa.array(data, pa.binary()), "the bytes on the wire")
    alone = table_to_arrow(Table.of([("", column.type)], [(value,) for value in values]))
    return ArrowColumn(alone.column(0).combine_chunks(), _note(alone.schema.field(0)))


def _note(field: pa.Field) -> str | None:
    note = (field.metadata or {}).get(NOTE_KEY.encode())
    return None if note is None else note.decode()
