"""Answers of the procedures that were given handlers."""

from __future__ import annotations

from typing import Any

from volttools.formats.response import Response
from volttools.mock.answers import raised
from volttools.mock.calls import Call
from volttools.mock.procedures import Procedures
from volttools.mock.unreadable import unreadable


class HandlerSource:
    """Asks a procedure's handler."""

    def __init__(self, procedures: Procedures) -> None:
        self._procedures = procedures

    def answer(self, call: Call) -> Any:
        """What the handler returns, or the answer that was given in its place."""
        procedure = self._procedures.find(call.procedure)
        if procedure is None:
            return None
        wrong = unreadable(call)
        if wrong is not None:
            return wrong
        answer: Any = procedure.handler
        if callable(answer):
            try:
                answer = answer(call)
            except Exception as error:
                call.exception = error
                return raised(error)
        return Response() if answer is None else answer
