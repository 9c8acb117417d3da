"""What is looked at before anybody answers a call: does the server take it, do its parameters fit?"""

from __future__ import annotations

from typing import Any

from volttools.errors import DecodeError
from volttools.formats.response import GRACEFUL_FAILURE, SERVER_UNAVAILABLE, UNEXPECTED_FAILURE, Response
from volttools.mock.answers import failure
from volttools.mock.calls import Call
from volttools.mock.parameters import first_refusal, refusal_of_key, refusal_of_unread_key
from volttools.mock.procedures import Described, Procedures
from volttools.protocol.refused_calls import read_parameters


class ParameterCheck:
    """Refuses calls of procedures whose parameters are declared and others came; converts the rest."""

    def __init__(self, procedures: Procedures) -> None:
        self._procedures = procedures

    def answer(self, call: Call) -> Response | None:
        """What a server says of parameters that it can't use; None: they are fine, and converted."""
        procedure = self._procedures.described(call.procedure)
        if procedure is None:
            return self._in_other_case(call)
        if call.procedure.startswith("@"):
            return None
        parameters = read_parameters(call.invocation)
        if isinstance(parameters, DecodeError):
            return self._unread(procedure)
        if procedure.types is None:
            return None
        if len(parameters) != len(procedure.types):
            text = (
                f"VOLTDB ERROR: PROCEDURE {procedure.name} EXPECTS {len(procedure.types)} PARAMS, "
                f"BUT RECEIVED {len(parameters)}"
            )
            return failure(GRACEFUL_FAILURE, text)
        number, kind = procedure.partitioned_on, procedure.partition_type
        if number is not None and kind is not None:
            unhashed = refusal_of_key(procedure.name, _key_column(procedure), kind, parameters[number])
            if unhashed is not None:
                return failure(UNEXPECTED_FAILURE, unhashed)
        refusal, values = first_refusal(procedure.name, parameters, procedure.types, procedure.arrays)
        if refusal is not None:
            return failure(GRACEFUL_FAILURE, refusal)
        call.converted = values
        return None

    def _in_other_case(self, call: Call) -> Response | None:
        if not self._procedures.declarations.is_in_other_case(call.procedure):
            return None
        text = (
            f"Procedure {call.procedure} is not present in the catalog. This can happen if a catalog update removing "
            "the procedure occurred after the procedure was submitted but before the procedure was executed."
        )
        return failure(UNEXPECTED_FAILURE, text)

    def _unread(self, procedure: Described) -> Response | None:
        if procedure.partitioned_on is None or procedure.partition_type is None:
            return None  # whoever answers says so
        text = refusal_of_unread_key(procedure.name, _key_column(procedure), procedure.partition_type)
        return failure(UNEXPECTED_FAILURE, text)


def _key_column(procedure: Described) -> str:
    return getattr(procedure, "partition_column", "") or "null"


PAUSED_TEXT = "Server is paused and is available in read-only mode - please try again later."
ENDING_TEXT = "Server is shutting down."

_WRITING = frozenset(
    (
        "@LoadSinglepartitionTable",
        "@LoadMultipartitionTable",
        "@UpdateClasses",
        "@UpdateApplicationCatalog",
        "@SwapTables",
    )
)
_TAKEN_TO_THE_END = frozenset(("@Ping", "@Statistics", "@CancelShutdown", "@PrepareShutdown", "@Shutdown"))


class Gate:
    """Refuses what a server refuses that is paused, or about to end.

    is_paused  no writes by clients
    is_ending  nothing but a few system procedures, by anybody
    """

    def __init__(self, procedures: Procedures) -> None:
        self._procedures = procedures
        self.is_paused = False
        self.is_ending = False

    def answer(self, call: Call) -> Response | None:
        """SERVER_UNAVAILABLE, or None for what the server takes."""
        if not (self.is_paused or self.is_ending):
            return None
        is_known = call.procedure.startswith("@") or self._procedures.described(call.procedure) is not None
        if self.is_ending and is_known and call.procedure not in _TAKEN_TO_THE_END:
            return failure(SERVER_UNAVAILABLE, ENDING_TEXT)
        if self.is_paused and is_known and not call.connection.is_admin and self._writes(call):
            return failure(SERVER_UNAVAILABLE, PAUSED_TEXT)
        return None

    def _writes(self, call: Call) -> bool:
        if call.procedure == "@AdHoc":
            from volttools.mock.schema.queries import is_read_only

            sql: Any = call.params[0] if call.params else ""
            return isinstance(sql, str) and not is_read_only(sql)
        if call.procedure.startswith("@"):
            return call.procedure in _WRITING
        return not call.is_read_only
