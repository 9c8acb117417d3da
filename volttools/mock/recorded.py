"""Answers of a capture: the same call gets the bytes that were recorded.

A call that was made several times gets its answers in the order of the calls; then the last one
again and again, or none (`on_exhausted`). Which calls are the same stands in `matching`.

What a capture does not have whole is left out: calls without an answer, and damaged frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from volttools.capture.reader import open as open_capture
from volttools.codec import parse
from volttools.errors import DecodeError, UsageError
from volttools.formats.invocation import Invocation
from volttools.formats.response import Response, ResponseHead
from volttools.formats.topology import HashRing
from volttools.mock.calls import Call
from volttools.mock.differences import difference, nearest, shown
from volttools.mock.fault import Fault
from volttools.mock.matching import Key, Match
from volttools.protocol.events import Event, Exchange, Login

OnExhausted = Literal["repeat", "fail"]
Latency = Literal["none", "recorded"] | float
"""When recorded answers are sent: at once, as late as they were recorded, or so many times as late."""


@dataclass(slots=True, eq=False)
class RecordedAnswer:
    """One answer of a recording.

    number      of the exchange in what was read, from 1
    invocation  the call that was answered so
    latency_ns  from the call to its answer; None where the recording has no times
    given       how often it was given
    """

    number: int
    invocation: Invocation
    response: ResponseHead
    latency_ns: int | None = None
    given: int = 0

    def __str__(self) -> str:
        return f"{shown(self.invocation)}, recorded as number {self.number}"


@dataclass(slots=True)
class _Sequence:
    """The answers of one call, in order, and how often it was asked for."""

    answers: list[RecordedAnswer] = field(default_factory=list)
    given: int = 0

    def next(self, on_exhausted: OnExhausted) -> RecordedAnswer | None:
        number, answers = self.given, self.answers
        if number >= len(answers):
            if on_exhausted == "fail":
                return None
            number = len(answers) - 1
        self.given += 1
        answer = answers[number]
        answer.given += 1
        return answer


class Recording:
    """The answers of captures; all are held in memory.

    match         which calls are the same
    on_exhausted  what a call gets that comes more often than it was recorded: "repeat", its last answer, or
                  "fail": it is a miss
    latency       "none", "recorded", or a factor
    build         the build string of the first server that let somebody in, or None
    ring          the hash ring that @Statistics TOPO gave, or None
    """

    def __init__(
        self,
        *,
        match: Match | None = None,
        on_exhausted: OnExhausted = "repeat",
        latency: Latency = "none",
    ) -> None:
        if on_exhausted not in get_args(OnExhausted):
            raise UsageError(f'on_exhausted is "repeat" or "fail", not {on_exhausted!r}')
        self.match = match or Match()
        self.on_exhausted: OnExhausted = on_exhausted
        self._slowness = _slowness(latency)
        self.build: str | None = None
        self.ring: HashRing | None = None
        self._sequences: dict[Key, _Sequence] = {}
        self._loosely: dict[Key, list[_Sequence]] = {}
        self._by_procedure: dict[str, list[_Sequence]] = {}
        self._count = 0

    @classmethod
    def of(
        cls,
        *files: str | Path,
        match: Match | None = None,
        on_exhausted: OnExhausted = "repeat",
        latency: Latency = "none",
        **how: Any,
    ) -> Recording:
        """Read captures or cassettes, as `volttools.open` does; UsageError if they hold no answer."""
        recording = cls(match=match, on_exhausted=on_exhausted, latency=latency)
        with open_capture(*files, **how) as capture:
            recording.add_events(capture.events())
        if not recording:
            names = ", ".join(str(file) for file in files)
            raise UsageError(
                f"{names}: no call with its answer is in there, so nothing can be answered from it"
            )
        return recording

    def __len__(self) -> int:
        return self._count

    def add_events(self, events: Iterable[Event]) -> None:
        """Take the answers of events, in the order of the calls."""
        found: list[tuple[int, Exchange, Invocation, ResponseHead]] = []
        for event in events:
            if isinstance(event, Login):
                self._see_login(event)
            elif isinstance(event, Exchange):
                found += self._answered(event)
        for _, exchange, invocation, response in sorted(found, key=lambda item: item[0]):
            self.add(invocation, response, exchange.latency_ns)

    def add(self, invocation: Invocation, response: ResponseHead, latency_ns: int | None = None) -> None:
        """Answer a call so, when it is made the next time."""
        key = self.match.key(invocation)
        sequence = self._sequences.get(key)
        if sequence is None:
            sequence = self._sequences[key] = _Sequence()
            self._by_procedure.setdefault(key[0], []).append(sequence)
            if self.match.has_tolerance:
                self._loosely.setdefault(self.match.loose_key(invocation), []).append(sequence)
        self._count += 1
        sequence.answers.append(RecordedAnswer(self._count, invocation, response, latency_ns))

    def answer(self, invocation: Invocation) -> ResponseHead | Fault | None:
        """The recorded answer; None if it was not recorded, or not as often."""
        sequence = self._find(invocation)
        answer = None if sequence is None else sequence.next(self.on_exhausted)
        if answer is None:
            return None
        if self._slowness and answer.latency_ns:
            return Fault(answer=answer.response, delay_s=answer.latency_ns * self._slowness / 1e9)
        return answer.response

    def become(self, other: Recording) -> None:
        """Answer as another one from now on; build and ring stay, as clients know them already."""
        self._sequences, self._loosely = other._sequences, other._loosely
        self._by_procedure, self._count = other._by_procedure, other._count

    def rewind(self) -> None:
        """Begin anew: nothing was given yet."""
        for sequence in list(self._sequences.values()):
            sequence.given = 0
            for answer in sequence.answers:
                answer.given = 0

    def why_not(self, invocation: Invocation) -> str | None:
        """Why a call has no recorded answer: what the nearest one that was recorded has else; None where
        nothing was recorded of the procedure."""
        sequence = self._find(invocation)
        if sequence is not None:
            count = len(sequence.answers)
            times = "once" if count == 1 else f"{count:,} times"
            return f"The call {shown(invocation)} was recorded {times}, and is made more often."
        recorded = self._by_procedure.get(invocation.procedure or "")
        if recorded is None:
            return None
        ignored = self.match.ignored(invocation.procedure or "")
        found = nearest(invocation, recorded, lambda each: each.answers[0].invocation, ignored)
        assert found is not None
        answer = found.answers[0]
        return (
            f"The call {shown(invocation)} was not recorded. The nearest recorded call is {shown(answer.invocation)}: "
            f"{difference(invocation, answer.invocation, ignored)}."
        )

    def procedures(self) -> Iterable[str]:
        """What was called."""
        return self._by_procedure

    def answers(self) -> Iterator[RecordedAnswer]:
        """All answers, by procedure and call."""
        for sequences in list(self._by_procedure.values()):
            for sequence in list(sequences):
                yield from list(sequence.answers)

    def _find(self, invocation: Invocation) -> _Sequence | None:
        sequence = self._sequences.get(self.match.key(invocation))
        if sequence is not None or not self._loosely:
            return sequence
        for near in self._loosely.get(self.match.loose_key(invocation), ()):
            if self.match.is_near(invocation, near.answers[0].invocation):
                return near
        return None

    def _see_login(self, login: Login) -> None:
        if self.build is None and login.response is not None:
            self.build = login.response.build

    def _answered(self, exchange: Exchange) -> list[tuple[int, Exchange, Invocation, ResponseHead]]:
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
        return [(request.number, exchange, invocation, head)]


class RecordingSource:
    """Answers from a recording; `leaves_out`: which calls it leaves to others."""

    def __init__(self, recording: Recording, *, leaves_out: Callable[[Call], bool]) -> None:
        self._recording = recording
        self._leaves_out = leaves_out

    def answer(self, call: Call) -> ResponseHead | Fault | None:
        """As recorded."""
        return None if self._leaves_out(call) else self._recording.answer(call.invocation)


def _slowness(latency: Latency) -> float:
    if latency == "none":
        return 0.0
    if latency == "recorded":
        return 1.0
    if isinstance(latency, str) or not 0 <= latency < float("inf"):
        raise UsageError(f'latency is "none", "recorded" or a factor from 0 on, not {latency!r}')
    return float(latency)


def _ring_of(response: Response | None) -> HashRing | None:
    """The ring of @Statistics TOPO, if the response is one with a ring in its raw form."""
    try:
        assert response is not None
        _, ring = response.tables
        ((_, config),) = ring.rows
        return parse(HashRing, config)
    except (AssertionError, ValueError, TypeError, DecodeError):
        return None
