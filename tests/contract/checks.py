"""What a check is: what is sent, what must come, and how both are said in a report.

A check is one declared row:

    Check("an unknown procedure is named", "2.2", call("Nosuch"), not_found("Nosuch"))

`source` is the chapter of the observations of a real 11.4 server, or of the protocol's description, that it is from.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.mock.wire import parameter
from volttools.codec import build
from volttools.formats.invocation import Extension, Invocation, timeout_flag
from volttools.formats.login import LoginRequest, LoginResponse
from volttools.formats.notation import Opaque
from volttools.formats.response import APP_STATUS_UNSET, PUSH_HANDLES, Response
from volttools.formats.table import Table
from volttools.protocol.frame_buffer import framed

HANDLE = 4711
"""Under which calls are made, where nothing else is said."""

LETTERS = {
    "T": "TINYINT",
    "SM": "SMALLINT",
    "I": "INTEGER",
    "B": "BIGINT",
    "F": "FLOAT",
    "S": "STRING",
    "TS": "TIMESTAMP",
    "D": "DECIMAL",
    "VB": "VARBINARY",
}
"""Types as they stand in `columns`."""

_LETTER_OF = {name: letter for letter, name in LETTERS.items()}
_MOST_SAID = 300


# ------------------------------------------------------------- what is sent


def login(
    version: int = 1,
    scheme: int | None = 1,
    service: str | None = "database",
    user: str | None = "",
    digest: bytes = bytes(32),
) -> bytes:
    """A log-in as a frame."""
    request = LoginRequest(
        version=version,
        hash_scheme=scheme if version else None,
        service=service,
        user=user,
        password_hash=digest,
    )
    return framed(build(request))


def call(
    procedure: str | None,
    *values: Any,
    handle: int = HANDLE,
    version: int = 0,
    timeout_ms: int | None = None,
    extensions: list[Extension] | None = None,
    parameters: bytes | None = None,
) -> bytes:
    """A call as a frame; `parameters`: the bytes of a set, in the place of values."""
    invocation = Invocation(
        version=2 if extensions is not None else version,
        batch_timeout_flag=timeout_flag(timeout_ms) if version == 1 else None,
        batch_timeout_ms=timeout_ms,
        procedure=procedure,
        client_handle=handle,
        extensions=extensions,
        parameters=[parameter(value) for value in values] if parameters is None else Opaque(parameters),
    )
    return framed(build(invocation))


def frame(hexadecimal: str) -> bytes:
    """A frame with these bytes."""
    return framed(bytes.fromhex(hexadecimal))


class HalfClose:
    """The client says that it sends nothing more."""


# --------------------------------------------------------------- what comes


@dataclass(frozen=True)
class Holds:
    """A condition with a name."""

    words: str
    is_true: Callable[[Any], bool]


@dataclass(frozen=True)
class Answer:
    """A response.

    text          its status string, exactly or by a pattern
    columns       of each table, such as "HOST_ID I, KEY S"; types by LETTERS
    rows          of the first table, exactly or by a condition; None: whatever they are
    handle        None: the connection's id, as of a call whose handle isn't known
    table_status  of the first table; None: whatever it is
    """

    status: int
    text: str | re.Pattern[str] | None = None
    columns: tuple[str, ...] = ()
    rows: list[tuple[Any, ...]] | Holds | None = None
    handle: int | None = HANDLE
    app_status: int = APP_STATUS_UNSET
    table_status: int | None = None

    def __str__(self) -> str:
        parts = [f"status {self.status}"]
        if self.handle != HANDLE:
            parts.append(f"under {_handle(self.handle)}")
        if self.app_status != APP_STATUS_UNSET:
            parts.append(f"app {self.app_status}")
        parts.append("no text" if self.text is None else _text(self.text))
        parts += [f"table ({columns})" for columns in self.columns]
        if self.table_status is not None:
            parts.append(f"table status {self.table_status}")
        if isinstance(self.rows, Holds):
            parts.append(self.rows.words)
        elif self.rows is not None:
            parts.append(f"rows {_cut(str(self.rows))}")
        return ", ".join(parts)

    def fits(self, came: Any, connection_id: int) -> bool:
        """Whether it came."""
        if not isinstance(came, Response):
            return False
        handle = connection_id if self.handle is None else self.handle
        return (
            (came.status, came.client_handle, came.app_status) == (self.status, handle, self.app_status)
            and _fits(self.text, came.status_string)
            and tuple(columns_of(table) for table in came.tables) == self.columns
            and (self.table_status is None or came.tables[0].status == self.table_status)
            and self._rows_fit(came)
        )

    def _rows_fit(self, came: Response) -> bool:
        if self.rows is None:
            return True
        rows = came.tables[0].rows
        return self.rows.is_true(rows) if isinstance(self.rows, Holds) else rows == self.rows


def not_found(procedure: str, *, handle: int | None = HANDLE) -> Answer:
    """What a call of a procedure that isn't there gets; the mock says more behind it."""
    words = re.escape(f"Procedure {procedure} was not found")
    return Answer(-3, re.compile(rf"{words}(\. .*)?"), handle=handle)


def malformed(text: str | None) -> Answer:
    """What a call gets whose head can't be read."""
    return Answer(-3, text, handle=None)


def push(name: str, *columns: str) -> Answer:
    """A push."""
    return Answer(1, columns=columns, handle=PUSH_HANDLES[name])


@dataclass(frozen=True)
class Welcome:
    """The log-in is accepted."""

    def __str__(self) -> str:
        return "let in"

    def fits(self, came: Any, connection_id: int) -> bool:
        """Whether it came."""
        return (
            isinstance(came, LoginResponse)
            and came.accepted
            and came.version == 0
            and bool(came.build)
            and not came.trailing
        )


@dataclass(frozen=True)
class Refusal:
    """The log-in is refused, and the connection ends."""

    status: int

    def __str__(self) -> str:
        return f"refused with {self.status}"

    def fits(self, came: Any, connection_id: int) -> bool:
        """Whether it came."""
        return isinstance(came, LoginResponse) and (came.version, came.status) == (0, self.status)


@dataclass(frozen=True)
class End:
    """The connection ends, without another byte. `after_login_limit`: when a log-in has had its time."""

    after_login_limit: bool = False

    def __str__(self) -> str:
        return "the end" + (" when the time for a log-in is over" if self.after_login_limit else "")

    def fits(self, came: Any, connection_id: int) -> bool:
        """Whether it came."""
        return isinstance(came, End)


@dataclass(frozen=True)
class InAnyOrder:
    """These come, in whatever order."""

    ones: tuple[Answer, ...]

    def __str__(self) -> str:
        return " and ".join(str(one) for one in self.ones)


Expected = Answer | Welcome | Refusal | End | InAnyOrder
Sent = bytes | HalfClose | Callable[[Any], bytes]
"""Bytes, or what makes them of the `Target`: its user's log-in, say."""


# -------------------------------------------------------------------- rows


@dataclass(frozen=True)
class Check:
    """What a server does when something is sent.

    sends       frames, or bytes that are none; sent at once, or in_turn: each when the one before is answered
    comes       in this order. Behind it, where the connection doesn't end, a @Ping must be answered:
                nothing else came, and the connection is usable
    logged_in   whether the log-in has been made before
    security    the server's security must be on, or off; None: it doesn't matter
    needs       "schema": the tables of schema.sql. "login limit": takes as long as a log-in may last.
                "changes": defines a table, and drops it
    """

    name: str
    source: str
    sends: Sent | tuple[Sent, ...]
    comes: Expected | tuple[Expected, ...]
    logged_in: bool = True
    security: bool | None = None
    needs: str = ""
    in_turn: bool = False

    @property
    def sent(self) -> tuple[Sent, ...]:
        """What is sent, as a tuple."""
        return self.sends if isinstance(self.sends, tuple) else (self.sends,)

    @property
    def expected(self) -> tuple[Expected, ...]:
        """What must come, as a tuple."""
        return self.comes if isinstance(self.comes, tuple) else (self.comes,)


@dataclass(frozen=True)
class Difference:
    """Something else came."""

    expected: str
    came: str


def columns_of(table: Table) -> str:
    """A table's columns, as they are declared in checks."""
    names = [column.name or "''" for column in table.columns]
    letters = [_LETTER_OF.get(column.type_name, column.type_name) for column in table.columns]
    return ", ".join(f"{name} {letter}" for name, letter in zip(names, letters, strict=True))


def in_words(came: Any) -> str:
    """What came, as expectations are said."""
    if isinstance(came, Response):
        given = Answer(
            came.status,
            came.status_string,
            tuple(columns_of(table) for table in came.tables),
            came.tables[0].rows if came.tables and len(came.tables[0].rows) <= 3 else None,
            came.client_handle,
            came.app_status,
            came.tables[0].status if came.tables else None,
        )
        return str(given)
    if isinstance(came, LoginResponse):
        return str(Welcome() if came.accepted else Refusal(came.status))
    return str(came)


def _fits(wanted: str | re.Pattern[str] | None, text: str | None) -> bool:
    if isinstance(wanted, re.Pattern):
        return text is not None and wanted.fullmatch(text) is not None
    return text == wanted


def _text(text: str | re.Pattern[str]) -> str:
    return f"/{text.pattern}/" if isinstance(text, re.Pattern) else repr(_cut(text))


def _handle(handle: int | None) -> str:
    return "the connection's id" if handle is None else f"handle {handle}"


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_SAID else f"{text[:_MOST_SAID]}... ({len(text):,} characters)"
