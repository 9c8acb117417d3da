"""What old servers say of an error, as the original client has it."""

from __future__ import annotations

from volttools.formats.exceptions import CONSTRAINT_TYPES, SERVER_EXCEPTION, ServerException
from volttools.voltdbclient.serializer import Serializer


class VoltException:
    """What old servers say of an error.

    type      one of VOLTEXCEPTION_..., or the number of a newer one
    typestr   its name
    message   in words
    error_code                     of an EE exception
    sql_state_bytes                of an SQL exception and a constraint failure, such as "23505"
    constraint_type, table_name    of a constraint failure
    """

    VOLTEXCEPTION_NONE = 0
    VOLTEXCEPTION_EEEXCEPTION = 1
    VOLTEXCEPTION_SQLEXCEPTION = 2
    VOLTEXCEPTION_CONSTRAINTFAILURE = 3
    VOLTEXCEPTION_GENERIC = 4

    _NAMES = {  # noqa: RUF012
        VOLTEXCEPTION_NONE: "None",
        VOLTEXCEPTION_EEEXCEPTION: "EE Exception",
        VOLTEXCEPTION_SQLEXCEPTION: "SQL Exception",
        VOLTEXCEPTION_CONSTRAINTFAILURE: "Constraint Failure",
        VOLTEXCEPTION_GENERIC: "Generic",
    }

    def __init__(self, fser: Serializer | None = None) -> None:
        """What comes next in a buffer; None: no exception."""
        self._take(None)
        if fser is not None:
            self.deserialize(fser)

    def deserialize(self, fser: Serializer) -> None:
        """Take what comes next in a buffer."""
        self._take(fser.read_format(SERVER_EXCEPTION))

    @classmethod
    def of(cls, exception: ServerException) -> VoltException:
        """The exception of a response."""
        found = cls()
        found._take(exception)
        return found

    def _take(self, exception: ServerException | None) -> None:
        given = exception or ServerException(type=self.VOLTEXCEPTION_NONE)
        self.type = given.type
        self.typestr = self._NAMES.get(given.type, given.type_name)
        self.message = given.message or ""
        self.error_code = given.error_code
        self.sql_state_bytes = None if given.sql_state is None else given.sql_state.decode("latin-1")
        self.constraint_type = given.constraint_type
        self.table_name = given.table_name
        self.buffer = None if given.tuples is None else list(given.tuples)

    def __str__(self) -> str:
        lines = [f"VoltException: type: {self.typestr}"]
        if self.error_code is not None:
            lines.append(f"  Error code: {self.error_code}")
        if self.sql_state_bytes is not None:
            lines.append(f"  SQL code: {self.sql_state_bytes}")
        if self.constraint_type is not None:
            name = CONSTRAINT_TYPES.get(self.constraint_type, "unknown")
            lines.append(f"  Constraint violation type: {self.constraint_type} ({name})")
            lines.append(f"  on table: {self.table_name}")
        if self.message:
            lines.append(f"  message: {self.message}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<{self.typestr}: {self.message}>"
