"""What handlers return, as responses.

| returned | the response |
|---|---|
| `None` | success without tables |
| an `int` | a table of one BIGINT, as of a Java procedure that returns long |
| tuples, or dicts | a table of rows; types by the values, columns C1, C2 ... or the keys |
| a `Table`, several | these tables; the only way to say types, and to have a table without rows |
| a `Response` | it, under the caller's handle |
| an exception, raised or returned | USER_ABORT with its text |
"""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from volttools.errors import UsageError
from volttools.formats.geography import Geography, Point
from volttools.formats.response import Response, ResponseHead
from volttools.formats.table import Table
from volttools.formats.types import (
    BIGINT,
    DECIMAL,
    FLOAT,
    GEOGRAPHY,
    GEOGRAPHY_POINT,
    STRING,
    TYPES,
    VARBINARY,
    WireType,
)

if TYPE_CHECKING:
    from volttools.mock.calls import Call
    from volttools.mock.fault import Fault

Answer: TypeAlias = Union[
    int,
    Table,
    Sequence[Table],
    Sequence[tuple[Any, ...]],
    Sequence[Mapping[str, Any]],
    Response,
    Exception,
    "Fault",
    None,
]
Handler: TypeAlias = "Callable[[Call], Answer | Awaitable[Answer]]"
Built: TypeAlias = Response | ResponseHead

USER_ABORT = -1
GRACEFUL_FAILURE = -2
UNEXPECTED_FAILURE = -3
DROPPED = -7
RESTARTED = -8

# bool before int, of which it is a kind: no column is BOOLEAN.
_COLUMN_TYPES: tuple[tuple[type, WireType], ...] = (
    (bool, TYPES.by_name("TINYINT")),
    (int, BIGINT),
    (float, FLOAT),
    (str, STRING),
    (Decimal, DECIMAL),
    (bytes, VARBINARY),
    (Point, GEOGRAPHY_POINT),
    (Geography, GEOGRAPHY),
)


def response_of(answer: Any) -> Built:
    """The response that an answer stands for; its client handle is set later.

    Raises UsageError for what is no answer.
    """
    if isinstance(answer, Response | ResponseHead):
        return answer
    if isinstance(answer, Exception):
        return abort(answer)
    return Response(tables=_tables(answer))


def failure(status: int, text: str | None) -> Response:
    """An answer without tables that says what is wrong."""
    return Response(status=status, status_string=text)


def abort(error: Exception) -> Response:
    """USER_ABORT, in the server's words: the text, and where in the handler it was raised."""
    text = f"VOLTDB ERROR: USER ABORT {error}"
    frames = traceback.extract_tb(error.__traceback__)
    if frames:
        last = frames[-1]
        text += f"\n    at {last.name}({Path(last.filename).name}:{last.lineno})"
    return failure(USER_ABORT, text)


def _tables(answer: Any) -> list[Table]:
    if answer is None:
        return []
    if isinstance(answer, Table):
        return [answer]
    if isinstance(answer, int):
        return [Table.of([("", BIGINT)], [(answer,)])]
    if isinstance(answer, list | tuple):
        return _several(answer)
    raise UsageError(
        f"a handler returned {_shown(answer)}; it can return None, an int, tuples, dicts, a Table, Tables, "
        "a Response, an exception, or a Fault"
    )


def _several(items: Sequence[Any]) -> list[Table]:
    kinds = {kind for item in items for kind in (tuple, dict, Table) if isinstance(item, kind)}
    if len(kinds) > 1 or not all(isinstance(item, tuple | dict | Table) for item in items):
        raise UsageError(
            f"a handler returned {_shown(items)}; rows are tuples or dicts, all of them the same"
        )
    if kinds <= {Table}:
        return list(items)
    if kinds == {dict}:
        names = list(items[0])
        if any(list(item) != names for item in items):
            raise UsageError("a handler returned dicts with different keys; each key is a column")
        rows = [tuple(item.values()) for item in items]
    else:
        rows = list(items)
        names = [f"C{number + 1}" for number in range(len(rows[0]))]
    if not names or any(len(row) != len(names) for row in rows):
        raise UsageError("a handler returned rows of different lengths, or without values")
    return [Table.of([(name, _column_type(name, rows, at)) for at, name in enumerate(names)], rows)]


def _column_type(name: str, rows: Sequence[tuple[Any, ...]], at: int) -> WireType:
    values = [row[at] for row in rows if row[at] is not None]
    for kind, wire_type in _COLUMN_TYPES:
        if values and all(isinstance(value, kind) for value in values):
            return wire_type
    if not values:
        return STRING  # only NULLs: any type would do
    if all(isinstance(value, int | float) for value in values):
        return FLOAT
    raise UsageError(
        f"a handler returned {_shown(values[0])} in column {name}; return a Table, whose columns have types"
    )


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
