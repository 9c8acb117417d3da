"""Answers that are added while the server runs, by programs that don't run in it.

The latest that knows a call answers it: with its responses in their order, the last one again and
again, or as often as `times` says. Where it has none left, an earlier one is asked, then handlers and so on.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from volttools.errors import UsageError
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.mock.calls import Call
from volttools.mock.fault import Fault


@dataclass(slots=True, kw_only=True, eq=False)
class AddedAnswer:
    """What calls of a procedure are answered.

    id         counts the answers that were added
    params     whose values a call must have; None: any
    responses  in the order in which they are given
    delay_s    before each of them
    times      how often the last one is given; None: again and again
    given      how many were given
    """

    id: int
    procedure: str
    params: tuple[Parameter, ...] | None
    responses: Sequence[Response]
    delay_s: float = 0.0
    times: int | None = None
    given: int = 0

    @property
    def is_used_up(self) -> bool:
        """Whether it has no answer left."""
        return self.times is not None and self.given >= len(self.responses) - 1 + self.times

    def knows(self, call: Call) -> bool:
        """Whether it has an answer for a call."""
        if call.procedure != self.procedure or self.is_used_up:
            return False
        if self.params is None:
            return True
        is_readable = not isinstance(call.invocation.parameters, Opaque)
        return is_readable and tuple(parameter.value for parameter in self.params) == call.params

    def answer(self) -> Response | Fault:
        """The next answer."""
        response = self.responses[min(self.given, len(self.responses) - 1)]
        self.given += 1
        return Fault(answer=response, delay_s=self.delay_s) if self.delay_s else response


class AddedAnswers:
    """All of them; changed from any thread, asked in the server's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._answers: list[AddedAnswer] = []

    def add(self, procedure: str, responses: Sequence[Response], **how: Any) -> AddedAnswer:
        """Add one; `how` are its other fields."""
        with self._lock:
            answer = AddedAnswer(id=next(self._ids), procedure=procedure, responses=responses, **how)
            self._answers = [answer, *self._answers]
        return answer

    def remove(self, number: int) -> None:
        """Take one away; UsageError if there is none with that id."""
        with self._lock:
            left = [answer for answer in self._answers if answer.id != number]
            if len(left) == len(self._answers):
                raise UsageError(f"there is no answer {number}")
            self._answers = left

    def clear(self) -> None:
        """Take all away."""
        with self._lock:
            self._answers = []

    def listed(self) -> list[AddedAnswer]:
        """All, in the order in which they were added."""
        return self._answers[::-1]

    def answer(self, call: Call) -> Any:
        """The answer of a call; None if nobody knows it."""
        for answer in self._answers:
            if answer.knows(call):
                return answer.answer()
        return None
