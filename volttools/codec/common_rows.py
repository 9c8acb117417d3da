"""Rows that two responses have in common: to tell what differs, those need not become values.

They are told by their bytes, from the first row of a table on and from its last one back. Of two long answers only what
lies between their first and last difference is left, and a value takes many times the room of its bytes.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence

from volttools.codec.scalars import WRONG, WrongBytesError
from volttools.codec.table_places import Place, rows_format, table_header, tables_in
from volttools.formats.table import TABLE

_Pieces = Sequence[bytes | memoryview]


def without_common_rows(body_a: bytes, body_b: bytes) -> tuple[bytes, bytes]:
    """The responses, each table without the first and the last rows that its counterpart has as well.

    One of these rows is left, so that a table of several rows remains one. Tables of which the columns differ
    stay as they are, and so do responses that can't be read.
    """
    try:
        places_a, places_b = tables_in(body_a), tables_in(body_b)
        if len(places_a) != len(places_b):
            return body_a, body_b
        tables = [_shortened(body_a, a, body_b, b) for a, b in zip(places_a, places_b, strict=True)]
    except WRONG:
        return body_a, body_b
    return (
        _with_tables(body_a, places_a, [ones for ones, _ in tables]),
        _with_tables(body_b, places_b, [others for _, others in tables]),
    )


def _shortened(body_a: bytes, place_a: Place, body_b: bytes, place_b: Place) -> tuple[_Pieces, _Pieces]:
    """The tables at two places, in pieces."""
    (header_a, at_a), (header_b, at_b) = table_header(body_a, *place_a), table_header(body_b, *place_b)
    if header_a.replace(status=header_b.status) != header_b:
        return [memoryview(body_a)[slice(*place_a)]], [memoryview(body_b)[slice(*place_b)]]
    rows_a, rows_b = _row_places(body_a, at_a, place_a[1]), _row_places(body_b, at_b, place_b[1])
    most = min(len(rows_a), len(rows_b)) - 1
    first = 0
    while first < most and _row(body_a, rows_a, first) == _row(body_b, rows_b, first):
        first += 1
    last = 0
    while last < most - first and _row(body_a, rows_a, -2 - last) == _row(body_b, rows_b, -2 - last):
        last += 1
    if first:
        first -= 1
    elif last:
        last -= 1
    return _without(body_a, place_a, at_a, rows_a, first, last), _without(
        body_b, place_b, at_b, rows_b, first, last
    )


def _row_places(body: bytes, at: int, end: int) -> array[int]:
    """Where each row begins, with its length, and where the last one ends; their count stands at `at`."""
    prefix = struct.Struct(rows_format().prefix.fmtstr)
    (count,) = prefix.unpack_from(body, at)
    o = at + prefix.size
    places = array("q", (o,))
    if count < 0 or o > end:
        raise WrongBytesError
    for _ in range(count):
        (length,) = prefix.unpack_from(body, o)
        o += prefix.size + length
        if length < 0 or o > end:
            raise WrongBytesError
        places.append(o)
    return places


def _row(body: bytes, rows: array[int], index: int) -> bytes:
    return body[rows[index] : rows[index + 1]]


def _without(body: bytes, place: Place, at: int, rows: array[int], first: int, last: int) -> _Pieces:
    """A table without so many rows at its beginning, and at its end."""
    view = memoryview(body)
    count = len(rows) - 1 - first - last
    return [
        view[place[0] : at],
        rows_format().prefix.build(count),
        view[rows[first] : rows[len(rows) - 1 - last]],
        view[rows[-1] : place[1]],
    ]


def _with_tables(body: bytes, places: Sequence[Place], tables: Sequence[_Pieces]) -> bytes:
    """A response with other tables in the places of its own."""
    prefix = TABLE.prefix
    pieces: list[bytes | memoryview] = []
    done = 0
    for (begin, end), table in zip(places, tables, strict=True):
        pieces += [body[done : begin - prefix.sizeof()], prefix.build(sum(map(len, table))), *table]
        done = end
    return b"".join([*pieces, body[done:]])
