"""Answers by parameters: `server.stub("Select").with_params(1, ANY).returns([(1, "a")])`.

A stub's answers are given in their order; the last one again and again, unless `times` counts it.
A stub that has none left, or other parameters, doesn't know a call: then an earlier stub of the
procedure is asked, its handler, the recording and so on. Later stubs come first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

from volttools.errors import UsageError
from volttools.formats.response import GRACEFUL_FAILURE, Response
from volttools.mock.answers import Answer, check_answer, failure, raised
from volttools.mock.asserting import unlike
from volttools.mock.calls import Call
from volttools.mock.differences import shown as shown_call
from volttools.mock.durations import Duration, seconds
from volttools.mock.fault import Fault
from volttools.mock.matchers import are_like, distance, first_difference, shown
from volttools.mock.unreadable import unreadable


@dataclass(slots=True)
class _Step:
    """One answer of a stub. most None: any number of times."""

    answer: Any
    delay_s: float = 0.0
    most: int | None = None
    given: int = 0


class Stub:
    """The answers of the calls of one procedure with certain parameters."""

    def __init__(self, procedure: str) -> None:
        self.procedure = procedure
        self.expected: tuple[Any, ...] = (...,)
        self._steps: list[_Step] = []

    def __repr__(self) -> str:
        return f"stub of {self.procedure}({', '.join(shown(each) for each in self.expected)})"

    # ---------------------------------------------------------- saying what

    def with_params(self, *expected: Any) -> Self:
        """Only calls with these parameters: values, or ANY, approx(1.5), regex("^NY"), a function of the value;
        `...` at the end stands for any others."""
        if ... in expected[:-1]:
            raise UsageError("with_params: ... stands at the end only; ANY is one parameter of any value")
        self.expected = expected
        return self

    def returns(self, answer: Answer | Callable[[Call], Any] = None) -> Self:
        """Answer so: whatever a handler can return (docs/mock.md), or a function of the call."""
        check_answer(self.procedure, answer)
        if self._steps and self._steps[-1].most is None:
            self._steps[-1].most = 1
        self._steps.append(_Step(answer))
        return self

    def fails(self, text: str, *, status: int = GRACEFUL_FAILURE) -> Self:
        """Answer with a status, by default GRACEFUL_FAILURE, and a text."""
        return self.returns(failure(status, text))

    then_returns = returns
    then_fails = fails

    def times(self, count: int) -> Self:
        """Give the last answer so many times, and then the next one; behind the last one, no more."""
        if count < 1:
            raise UsageError(f"times({count}): an answer is given once or more often")
        self._last("times").most = count
        return self

    def once(self) -> Self:
        """`times(1)`."""
        return self.times(1)

    def after(self, delay: Duration) -> Self:
        """Give the last answer late: "20 ms", or seconds. Other calls go on meanwhile."""
        self._last("after").delay_s = seconds(delay)
        return self

    def _last(self, name: str) -> _Step:
        if not self._steps:
            raise UsageError(f"{name} is about an answer: say returns(...) or fails(...) first")
        return self._steps[-1]

    # ------------------------------------------------------------ answering

    @property
    def is_unused(self) -> bool:
        """Whether an answer is left that was never given."""
        return any(step.given == 0 for step in self._steps)

    def matches(self, call: Call) -> bool:
        """Whether it has an answer for a call."""
        return self._next() is not None and are_like(self.expected, call.params)

    def answer(self, call: Call) -> Any:
        """The next answer."""
        step = self._next()
        assert step is not None
        step.given += 1
        answer = step.answer
        if callable(answer):
            try:
                answer = answer(call)
            except Exception as error:
                call.exception = error
                answer = raised(error)
        if answer is None:
            answer = Response()
        if not step.delay_s:
            return answer
        if isinstance(answer, Fault):
            return replace(answer, delay_s=answer.delay_s + step.delay_s)
        return Fault(answer=answer, delay_s=step.delay_s)

    def _next(self) -> _Step | None:
        for step in self._steps:
            if step.most is None or step.given < step.most:
                return step
        return None


class StubSource:
    """Asks stubs, the latest first."""

    def __init__(self) -> None:
        self._by_procedure: dict[str, list[Stub]] = {}

    def add(self, procedure: str) -> Stub:
        """A new stub, without an answer yet."""
        stub = Stub(procedure)
        self._by_procedure[procedure] = [stub, *self._by_procedure.get(procedure, ())]
        return stub

    def answer(self, call: Call) -> Any:
        """What the first stub says that has an answer for the call."""
        for stub in self._by_procedure.get(call.procedure, ()):
            if stub.matches(call):
                return unreadable(call) or stub.answer(call)
        return None

    def why_not(self, call: Call) -> str | None:
        """Why no stub of the procedure answered a call; None if it has none."""
        stubs = self._by_procedure.get(call.procedure)
        if not stubs:
            return None
        stub = min(stubs, key=lambda each: distance(each.expected, call.params))
        at = first_difference(stub.expected, call.params)
        asked = f"No stub has an answer for {shown_call(call.invocation)}"
        if at is None:
            return f"{asked}: the {stub!r} has given all that it has."
        return f"{asked}. The nearest is the {stub!r}: {unlike(stub.expected, call.params, at)}."

    def procedures(self) -> list[str]:
        """Names of those that have stubs."""
        return list(self._by_procedure)

    def unused(self) -> list[Stub]:
        """Stubs with answers that were never given."""
        stubs = [stub for stubs in list(self._by_procedure.values()) for stub in stubs]
        return [stub for stub in stubs if stub.is_unused]

    def clear(self) -> None:
        """Forget all."""
        self._by_procedure.clear()
