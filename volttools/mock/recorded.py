"""Answers of a capture: the same call gets the bytes that were recorded.

A call is the same if its procedure is and its parameters have the same values; integers of any
width are alike, and so are NULLs of any type, as they are to procedures. One that was made several
times gets its answers in the order of the calls, then the last one again and again.

What a capture does not have whole is left out: calls without an answer, and damaged frames.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from volttools.capture.reader import open as open_capture
from volttools.codec import build, parse
from volttools.errors import DecodeError, UsageError
from volttools.formats.invocation import Invocation
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response, ResponseHead
from volttools.formats.topology import HashRing
from volttools.formats.types import BIGINT, INTEGER, SMALLINT, TINYINT
from volttools.mock.answers import UNEXPECTED_FAILURE, failure
from volttools.protocol.events import Exchange, Login
from volttools.protocol.refused_calls import read_parameters

_INTEGERS = {kind.code for kind in (TINYINT, SMALLINT, INTEGER, BIGINT)}
_MOST_SHOWN = 3
_MOST_CHARACTERS = 60

Key = tuple[str, tuple[Hashable, ...]]


@dataclass(slots=True)
class _Answers:
    """What one call was answered, and how often it was asked for."""

    shown: str
    responses: list[ResponseHead] = field(default_factory=list)
    given: int = 0

    def next(self) -> ResponseHead:
        response = self.responses[min(self.given, len(self.responses) - 1)]
        self.given += 1
        return response


class Recording:
    """The answers of captures; all are held in memory.

    build  the build string of the first server that let somebody in, or None
    ring   the hash ring that @Statistics TOPO gave, or None
    """

    def __init__(self) -> None:
        self.build: str | None = None
        self.ring: HashRing | None = None
        self._answers: dict[Key, _Answers] = {}
        self._by_procedure: dict[str, list[_Answers]] = {}

    @classmethod
    def of(cls, *files: str | Path, **how: Any) -> Recording:
        """Read captures, as `volttools.open` does; UsageError if they hold no answer."""
        recording = cls()
        found: list[tuple[int, Invocation, ResponseHead]] = []
        with open_capture(*files, **how) as capture:
            for event in capture.events():
                if isinstance(event, Login):
                    recording._see_login(event)
                elif isinstance(event, Exchange):
                    found += recording._answered(event)
        if not found:
            names = ", ".join(str(file) for file in files)
            raise UsageError(
                f"{names}: no call with its answer is in there, so nothing can be answered from it"
            )
        for _, invocation, response in sorted(found, key=lambda item: item[0]):
            recording.add(invocation, response)
        return recording

    def add(self, invocation: Invocation, response: ResponseHead) -> None:
        """Answer a call so, when it is made the next time."""
        key = key_of(invocation)
        answers = self._answers.get(key)
        if answers is None:
            answers = self._answers[key] = _Answers(_shown(invocation))
            self._by_procedure.setdefault(key[0], []).append(answers)
        answers.responses.append(response)

    def answer(self, invocation: Invocation) -> ResponseHead | Response | None:
        """The recorded answer; a failure if the procedure was recorded with other parameters only;
        None if it was not recorded."""
        answers = self._answers.get(key_of(invocation))
        if answers is not None:
            return answers.next()
        others = self._by_procedure.get(invocation.procedure or "")
        return None if others is None else _miss(invocation, others)

    def procedures(self) -> Iterable[str]:
        """What was called."""
        return self._by_procedure

    def _see_login(self, login: Login) -> None:
        if self.build is None and login.response is not None:
            self.build = login.response.build

    def _answered(self, exchange: Exchange) -> list[tuple[int, Invocation, ResponseHead]]:
        request, frame = exchange.request_frame, exchange.response_frame
        invocation = exchange.invocation
        if request is None or frame is None or invocation is None or not frame.is_whole:
            return []
        try:
            head = parse(ResponseHead, frame.body)
        except DecodeError:
            return []
        if self.ring is None and exchange.procedure == "@Statistics":
            self.ring = _ring_of(exchange.response)
        return [(request.number, invocation, head)]


def key_of(invocation: Invocation) -> Key:
    """What calls that are the same have in common."""
    parameters = read_parameters(invocation)
    if isinstance(parameters, DecodeError):
        assert isinstance(invocation.parameters, Opaque)
        return invocation.procedure or "", (bytes(invocation.parameters),)
    return invocation.procedure or "", tuple(_key(parameter) for parameter in parameters)


def _key(parameter: Parameter) -> Hashable:
    if parameter.value is None:
        return None
    if parameter.type in _INTEGERS:
        return int(parameter.value)
    if parameter.element_type in _INTEGERS:
        return tuple(parameter.value)
    return build(parameter)  # by bytes: a NaN equals itself, 0.0 is not -0.0


def _ring_of(response: Response | None) -> HashRing | None:
    """The ring of @Statistics TOPO, if the response is one with a ring in its raw form."""
    try:
        assert response is not None
        _, ring = response.tables
        ((_, config),) = ring.rows
        return parse(HashRing, config)
    except (AssertionError, ValueError, TypeError, DecodeError):
        return None


def _miss(invocation: Invocation, others: list[_Answers]) -> Response:
    recorded = "; ".join(answers.shown for answers in others[:_MOST_SHOWN])
    if len(others) > _MOST_SHOWN:
        recorded += f"; and {len(others) - _MOST_SHOWN:,} more"
    return failure(
        UNEXPECTED_FAILURE, f"The call {_shown(invocation)} was not recorded. Recorded were: {recorded}"
    )


def _shown(invocation: Invocation) -> str:
    parameters = read_parameters(invocation)
    if isinstance(parameters, DecodeError):
        inside = "parameters that can't be read"
    else:
        inside = ", ".join(_cut(repr(parameter.value)) for parameter in parameters)
    return f"{invocation.procedure}({_cut(inside)})"


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 3]}..."
