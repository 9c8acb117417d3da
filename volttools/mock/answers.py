"""What handlers return, as responses.

| returned | the response |
|---|---|
| `None` | success without tables |
| an `int` | a table of one BIGINT, as of a Java procedure that returns long |
| a list of tuples, or of dicts | a table of rows; types by the values, columns C1, C2 ... or the keys |
| a `Table`, several | these tables; the way to say types, and to have a table without rows |
| a `VoltTable`, several | the same, of the Python client's kind: whatever has `columns` and `tuples` |
| an `AppStatus` | returned: success with an application status; raised: USER_ABORT with one |
| a `Response` | it, under the caller's handle |
| an exception, returned, or raised on purpose | USER_ABORT with its text |
| another that is raised, such as a KeyError | UNEXPECTED_FAILURE with its type and text |
"""

from __future__ import annotations

import datetime
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, Union

from volttools.client.values import converter
from volttools.codec import build
from volttools.errors import EncodeError, UsageError
from volttools.formats.geography import Geography, Point
from volttools.formats.response import APP_STATUSES, UNEXPECTED_FAILURE, USER_ABORT, Response, ResponseHead
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
from volttools.mock.fault import Fault

if TYPE_CHECKING:
    from volttools.mock.calls import Call

Answer: TypeAlias = Union[
    int,
    Table,
    Sequence[Table],
    Sequence[tuple[Any, ...]],
    Sequence[Mapping[str, Any]],
    Response,
    Exception,
    Fault,
    "VoltTableLike",
    "Sequence[VoltTableLike]",
    None,
]
Handler: TypeAlias = "Callable[[Call], Answer | Awaitable[Answer]]"
Built: TypeAlias = Response | ResponseHead


class VoltTableLike(Protocol):
    """A table of the Python client's kind: columns with `type` and `name`, and rows in `tuples`."""

    @property
    def columns(self) -> Sequence[Any]:
        """Each with a `type`, the code of the wire's, and a `name`."""

    @property
    def tuples(self) -> Sequence[Sequence[Any]]:
        """The rows."""


class AppStatus(Exception):
    """An application status. Returned by a handler: success, with tables; raised: the procedure gives up.

    code    -127 .. 127, what `getAppStatus` gives the client
    text    what goes with it
    answer  what else is returned: rows, tables ...

    >>> response_of(AppStatus(5, "half", [(1,)])).app_status_string
    'half'
    """

    def __init__(self, code: int, text: str | None = None, answer: Any = None) -> None:
        super().__init__(text or f"application status {code}")
        if code not in APP_STATUSES:
            first, last = APP_STATUSES[0], APP_STATUSES[-1]
            raise UsageError(f"an application status is a number of {first} .. {last}, not {code}")
        self.code = code
        self.text = text
        self.answer = answer


_ON_PURPOSE = (Exception, ValueError, RuntimeError)

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
    if isinstance(answer, AppStatus):
        found = response_of(answer.answer)
        if isinstance(found, ResponseHead):
            raise UsageError("an AppStatus has rows, tables or a Response in it, not a recorded answer")
        return found.replace(app_status=answer.code, app_status_string=answer.text)
    if isinstance(answer, Exception):
        return abort(answer)
    return Response(tables=_tables(answer))


def check_answer(procedure: str, answer: Any) -> None:
    """UsageError for an answer that is always the same and that can't be given."""
    if isinstance(answer, Fault):
        answer = answer.answer if answer.sends_answer else None
    if callable(answer):
        return
    try:
        response = response_of(answer)
        if isinstance(response, Response):
            build(response)
    except (EncodeError, UsageError) as error:
        raise UsageError(not_given(procedure, error)) from error


def not_given(procedure: str, error: Exception) -> str:
    """What is said where an answer can't be given."""
    return f"the answer of {procedure} can't be given: {error}"


def failure(status: int, text: str | None) -> Response:
    """An answer without tables that says what is wrong."""
    return Response(status=status, status_string=text)


def raised(error: Exception) -> Response:
    """What a server answers where a procedure raises.

    Exception, ValueError, RuntimeError, and all that isn't Python's own give up on purpose: USER_ABORT. Other
    exceptions of Python's own, such as KeyError and TypeError, are bugs: UNEXPECTED_FAILURE, with the type.
    """
    if type(error).__module__ != "builtins" or type(error) in _ON_PURPOSE:
        return abort(error)
    text = f"VOLTDB ERROR: UNEXPECTED FAILURE: {type(error).__name__}: {error}{_place(error)}"
    return failure(UNEXPECTED_FAILURE, text)


def abort(error: Exception) -> Response:
    """USER_ABORT, in the server's words: the text, and where in the handler it was raised."""
    response = failure(USER_ABORT, f"VOLTDB ERROR: USER ABORT {error}{_place(error)}")
    if isinstance(error, AppStatus):
        return response.replace(app_status=error.code, app_status_string=error.text)
    return response


def _place(error: Exception) -> str:
    """Where it was raised, as a further line; nothing for what was only made."""
    frames = traceback.extract_tb(error.__traceback__)
    return (
        f"\n    at {frames[-1].name}({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    )


def _tables(answer: Any) -> list[Table]:
    if answer is None:
        return []
    if isinstance(answer, Table):
        return [answer]
    if _is_volt_table(answer):
        return [_table_of(answer)]
    if isinstance(answer, int):
        return [Table.of([("", BIGINT)], [(answer,)])]
    if isinstance(answer, list | tuple):
        return _several(answer)
    if isinstance(answer, dict):
        raise UsageError(f"{_shown(answer)} is one row; rows stand in a list: {_shown([answer])}")
    raise UsageError(
        f"{_shown(answer)} is no answer; write None, an int, rows as [(1, 'a')] or [{{'ID': 1}}], a Table, a list of "
        "Tables, a Response, an AppStatus, an exception, or a Fault"
    )


def _several(answer: Sequence[Any]) -> list[Table]:
    items: Sequence[Any] = [_table_of(item) if _is_volt_table(item) else item for item in answer]
    kinds = {kind for item in items for kind in (tuple, dict, Table) if isinstance(item, kind)}
    if len(kinds) > 1 or not all(isinstance(item, tuple | dict | Table) for item in items):
        if isinstance(answer, tuple) and not kinds:
            raise UsageError(f"{_shown(answer)} is one row; rows stand in a list: {_shown([answer])}")
        raise UsageError(
            f"{_shown(answer)} is no list of rows; all of them are tuples, as in [(1, 'a')], or dicts, as in [{{'ID': 1}}]"
        )
    if kinds <= {Table}:
        return list(items)
    if kinds == {dict}:
        names = list(items[0])
        if any(list(item) != names for item in items):
            raise UsageError(
                f"{_shown(answer)} has dicts with different keys; each key is a column, so all rows have all keys"
            )
        rows = [tuple(item.values()) for item in items]
    else:
        rows = list(items)
        names = [f"C{number + 1}" for number in range(len(rows[0]))]
    if not names or any(len(row) != len(names) for row in rows):
        raise UsageError(f"{_shown(answer)} has rows of different lengths, or without values")
    return [Table.of([(name, _column_type(name, rows, at)) for at, name in enumerate(names)], rows)]


def _is_volt_table(value: Any) -> bool:
    return not isinstance(value, Table) and hasattr(value, "columns") and hasattr(value, "tuples")


def _table_of(table: VoltTableLike) -> Table:
    """A table of the Python client's kind, whose times are naive datetimes of the local zone."""
    columns = [(column.name or "", column.type) for column in table.columns]
    kinds = [TYPES.by_code(code) for _, code in columns]
    rows = [
        tuple(
            value if value is None or kind is None else _wire_value(kind, value)
            for kind, value in zip(kinds, row, strict=True)
        )
        for row in table.tuples
    ]
    return Table.of(columns, rows)


def _wire_value(kind: WireType, value: Any) -> Any:
    if isinstance(value, datetime.datetime) and value.tzinfo is None:
        value = value.astimezone()
    elif kind is GEOGRAPHY_POINT and isinstance(value, tuple | list):
        value = Point(*value)
    elif kind is VARBINARY:
        value = bytes(value)
    elif kind is GEOGRAPHY and hasattr(value, "wire_value"):
        value = value.wire_value()
    return converter(kind)(value)


def _column_type(name: str, rows: Sequence[tuple[Any, ...]], at: int) -> WireType:
    values = [row[at] for row in rows if row[at] is not None]
    for kind, wire_type in _COLUMN_TYPES:
        if values and all(isinstance(value, kind) for value in values):
            return wire_type
    if not values:
        return STRING  # only NULLs: any type would do
    if all(isinstance(value, int | float) for value in values):
        return FLOAT
    kinds = sorted({type(value).__name__ for value in values})
    raise UsageError(
        f"column {name} has values of {' and '.join(kinds)}, such as {_shown(values[0])}, which is no type of a column; "
        f"write a Table, whose columns have types: Table.of([({name!r}, STRING), ...], rows)"
    )


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
