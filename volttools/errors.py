"""The one family of errors. Imports nothing, so that everything may use it.

    VoltToolsError
    |-- DecodeError       the bytes are wrong: not what the declaration says
    |-- EncodeError       the value can't be written (also a ValueError)
    |-- CaptureError      a file is not a capture, or is damaged
    |-- ProtocolError     a peer broke the protocol
    |-- UsageError        the caller asked for something that can't be done
    '-- ClientError       a live connection or call did not end well
        |-- CannotConnect   no server took the connection (also a ConnectionError)
        |-- LoginRefused    it did, and refused the log-in (also a ConnectionError)
        |-- ConnectionLost  it broke (also a ConnectionError); says whether the call may have run
        |-- CallTimeout     no answer in time (also a TimeoutError, which is socket.timeout)
        '-- CallFailed      the server answered: it did not work

Every error carries its place as far as it is known: file, connection, frame,
byte offset, field path. Inner code raises with what it knows; the layer that
knows more adds it with `with_place`. No error ever holds a password or its hash.

>>> print(DecodeError("length -7", path="response.tables[0].rows[17].PRICE", offset=1204))
response.tables[0].rows[17].PRICE: length -7 at byte 1,204
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

_PLACE = ("file", "connection", "frame", "path", "offset")


class VoltToolsError(Exception):
    """Base of all errors of volttools.

    file        name of the capture, as the caller gave it
    connection  number of the connection in the capture, from 1
    frame       number of the frame in the capture, from 1
    offset      byte offset, in the frame's body for messages, in the file for captures
    path        the field, such as "response.tables[0].rows[17].PRICE"
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        connection: int | None = None,
        frame: int | None = None,
        offset: int | None = None,
        path: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.connection = connection
        self.frame = frame
        self.offset = offset
        self.path = path

    def with_place(self, **place: Any) -> Self:
        """Add what an outer layer knows of the place; what is already known stays."""
        for name, value in place.items():
            if name not in _PLACE:
                raise TypeError(f"no such part of a place: {name}")
            if getattr(self, name) is None:
                setattr(self, name, value)
        return self

    def __str__(self) -> str:
        outer = []
        if self.connection is not None:
            outer.append(f"connection {self.connection}")
        if self.frame is not None:
            outer.append(f"frame {self.frame}")
        parts = [self.file] if self.file else []
        if outer:
            parts.append(", ".join(outer))
        if self.path:
            parts.append(self.path)
        text = self.message
        if self.offset is not None:
            text += f" at byte {self.offset:,}"
        return ": ".join([*parts, text])

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        names = (*_PLACE, *self._more)
        mine = [self.message, *(getattr(self, name) for name in names)]
        theirs = [other.message, *(getattr(other, name) for name in names)]
        return mine == theirs

    def __hash__(self) -> int:
        return hash((type(self), self.message, self.offset))

    def __reduce__(self) -> tuple[Any, ...]:
        known = {name: getattr(self, name) for name in (*_PLACE, *self._more)}
        return (_rebuild, (type(self), self.message, known))

    _more: ClassVar[tuple[str, ...]] = ()  # what else `__init__` takes by keyword


def _rebuild(kind: type[VoltToolsError], message: str, known: dict[str, Any]) -> VoltToolsError:
    return kind(message, **known)


class DecodeError(VoltToolsError):
    """The bytes are not what the declaration says.

    partial  the tree of fields up to the place, where `spans` raised it
    """

    partial: Any = None


class EncodeError(VoltToolsError, ValueError):
    """The value can't be written: wrong type, out of range, or parts that don't fit together."""


class CaptureError(VoltToolsError):
    """The file is not a capture, or it is damaged."""


class ProtocolError(VoltToolsError):
    """A peer broke the protocol."""


class UsageError(VoltToolsError):
    """What was asked for can't be done; the text says what can."""


class ClientError(VoltToolsError):
    """A live connection or call did not end well. Base of what a client raises."""


class CannotConnect(ClientError, ConnectionError):
    """No server took the connection; the text has each address that was tried, and why not."""


class LoginRefused(ClientError, ConnectionError):
    """The server refused the log-in.

    status    as the server gave it, see formats.login.LOGIN_STATUS
    reason    in words; the text adds what to do
    may_pass  another node may take the same log-in, or this one later
    """

    _more = ("status", "reason", "may_pass")

    def __init__(
        self, message: str, *, status: int = 0, reason: str = "", may_pass: bool = False, **place: Any
    ) -> None:
        super().__init__(message, **place)
        self.status = status
        self.reason = reason
        self.may_pass = may_pass


class ConnectionLost(ClientError, ConnectionError):
    """The connection broke.

    may_have_run  whether the call may have run: not all of it was sent, or it was and has no answer
    """

    _more = ("may_have_run",)

    def __init__(self, message: str, *, may_have_run: bool = False, **place: Any) -> None:
        super().__init__(message, **place)
        self.may_have_run = may_have_run


class CallTimeout(ClientError, TimeoutError):
    """No answer came in time. The call may have run, or run later; the connection stays usable.

    may_have_run  as in ConnectionLost
    """

    _more = ("may_have_run",)

    def __init__(self, message: str, *, may_have_run: bool = True, **place: Any) -> None:
        super().__init__(message, **place)
        self.may_have_run = may_have_run


class CallFailed(ClientError):
    """The server answered with another status than SUCCESS.

    procedure                        that was called
    status, app_status               as in the response; names are in formats.response.STATUS_NAMES
    status_string, app_status_string None where the server sent none
    tables                           that came nevertheless, each with its columns and rows
    """

    _more = ("procedure", "status", "status_string", "app_status", "app_status_string", "tables")

    def __init__(
        self,
        message: str,
        *,
        procedure: str = "",
        status: int = 0,
        status_string: str | None = None,
        app_status: int = 0,
        app_status_string: str | None = None,
        tables: Sequence[Any] = (),
        **place: Any,
    ) -> None:
        super().__init__(message, **place)
        self.procedure = procedure
        self.status = status
        self.status_string = status_string
        self.app_status = app_status
        self.app_status_string = app_status_string
        self.tables = list(tables)
