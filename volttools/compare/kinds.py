"""Kinds of differences: what each is called, what it means, and what it is seen from the other side.

The words are those of rules, of JSON and of the screen; A and B are the captures, in the order in which
they were given.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, NamedTuple


class Kind(Enum):
    """What differs; in the order in which groups are shown."""

    STATUS = "status"
    NO_ANSWER = "no-answer"
    MISSING = "missing"
    EXTRA = "extra"
    PARAMETERS = "parameters"
    STATUS_TEXT = "status-text"
    APP_STATUS = "app-status"
    APP_STATUS_TEXT = "app-status-text"
    EXCEPTION = "exception"
    UNREADABLE = "unreadable"
    TABLES = "tables"
    TABLE_STATUS = "table-status"
    COLUMN_MISSING = "column-missing"
    COLUMN_EXTRA = "column-extra"
    COLUMN_NAME = "column-name"
    COLUMN_TYPE = "column-type"
    COLUMN_ORDER = "column-order"
    ROWS_MISSING = "rows-missing"
    ROWS_EXTRA = "rows-extra"
    ROW_ORDER = "row-order"
    VALUE = "value"
    MAPPED = "mapped"
    LOGIN = "login"
    PUSHES = "pushes"
    SLOWER = "slower"
    FASTER = "faster"

    @property
    def mirrored(self) -> Kind:
        """The kind that it is when A and B change places."""
        return _MIRRORED.get(self, self)

    @property
    def meaning(self) -> str:
        """A sentence's end for people."""
        return MEANINGS[self]


_PAIRS = (
    (Kind.MISSING, Kind.EXTRA),
    (Kind.COLUMN_MISSING, Kind.COLUMN_EXTRA),
    (Kind.ROWS_MISSING, Kind.ROWS_EXTRA),
    (Kind.SLOWER, Kind.FASTER),
)
_MIRRORED = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}

MEANINGS = {
    Kind.STATUS: "another status",
    Kind.NO_ANSWER: "one was answered, the other not",
    Kind.MISSING: "a call that is only in A",
    Kind.EXTRA: "a call that is only in B",
    Kind.PARAMETERS: "called with another parameter; such answers are not compared",
    Kind.STATUS_TEXT: "another status text",
    Kind.APP_STATUS: "another application status",
    Kind.APP_STATUS_TEXT: "another text of the application",
    Kind.EXCEPTION: "another exception of the server",
    Kind.UNREADABLE: "a response that can't be read",
    Kind.TABLES: "another number of tables",
    Kind.TABLE_STATUS: "another status of a table",
    Kind.COLUMN_MISSING: "a column that is only in A",
    Kind.COLUMN_EXTRA: "a column that is only in B",
    Kind.COLUMN_NAME: "a column with another name",
    Kind.COLUMN_TYPE: "a column of another type",
    Kind.COLUMN_ORDER: "the same columns in another order",
    Kind.ROWS_MISSING: "rows that are only in A",
    Kind.ROWS_EXTRA: "rows that are only in B",
    Kind.ROW_ORDER: "the same rows in another order, where the order counts",
    Kind.VALUE: "another value",
    Kind.MAPPED: "an id that each server makes for itself became another one than elsewhere",
    Kind.LOGIN: "the same log-in ended otherwise",
    Kind.PUSHES: "another number of notifications; counts only where a rule says `compare`",
    Kind.SLOWER: "B is slower",
    Kind.FASTER: "B is faster",
}
"""Every kind, for people."""

NEVER_DIFFERENT = frozenset({Kind.FASTER})
"""What is told and makes no difference: nobody minds."""


class Shown(NamedTuple):
    """A value of one side, as it is shown.

    code  of its wire type; None for what is text already, such as the name of a status
    """

    value: Any
    code: int | None = None


class Row(NamedTuple):
    """A row of one side: what `Shown.value` is for rows."""

    codes: tuple[int, ...]
    names: tuple[str | None, ...]
    values: tuple[Any, ...]


class Difference(NamedTuple):
    """One difference between two answers.

    table      number of the result table, from 0; None outside of tables
    columns    its name in A and in B; None where it is about no column
    parameter  position from 0
    detail     what of A became what of B, where that says more than the kind: ("SUCCESS", "USER_ABORT")
    types      of the column, or parameter, in A and in B; for rules
    a, b       what there is to see on either side; None for nothing
    times      how often it occurs in this pair of calls
    """

    kind: Kind
    table: int | None = None
    columns: tuple[str, str] | None = None
    parameter: int | None = None
    detail: tuple[str, str] = ("", "")
    types: tuple[str, str] = ("", "")
    a: Shown | None = None
    b: Shown | None = None
    times: int = 1

    @property
    def mirrored(self) -> Difference:
        """The same with A and B exchanged."""
        return self._replace(
            kind=self.kind.mirrored,
            columns=None if self.columns is None else (self.columns[1], self.columns[0]),
            detail=(self.detail[1], self.detail[0]),
            types=(self.types[1], self.types[0]),
            a=self.b,
            b=self.a,
        )
