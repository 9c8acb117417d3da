"""When calls are sent, on which connection, and after which answers: pure functions of what was recorded.

    planned = Schedule(pace=Speed(2.0), scale=10).calls(plan)

Times are ns since the replay's start; no clock is asked here.
"""

from __future__ import annotations

import heapq
import math
import re
from collections.abc import Iterator, Sized
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from typing import Final, NamedTuple, Protocol

from volttools.errors import UsageError
from volttools.filters.units import read_duration
from volttools.replay.plan import Recorded

_NS: Final = 10**9


class Order(Enum):
    """Which calls wait for which.

    CONNECTION  calls of a connection leave in the order that was recorded, and wait for no answer
    CAUSAL      they wait for the answers that their client had seen before it sent them, and as long as it
                took to think then
    TOTAL       each call waits for the answer of the one before, whatever its connection
    NONE        calls leave when it is time, on any connection
    """

    CONNECTION = "connection"
    CAUSAL = "causal"
    TOTAL = "total"
    NONE = "none"


class Planned(NamedTuple):
    """A call that is to be made.

    number       from 1, in the order of the replay; the same each time it is planned
    connection   to the target, from 0
    due_ns       when it is to be sent, since the start; None: as soon as it may be
    after        numbers of calls that must be over before
    think_ns     so long after them
    copy         which of the copies of the recorded traffic it belongs to: (copy, repetition)
    is_last      whether its connection makes no more
    """

    number: int
    connection: int
    due_ns: int | None
    after: tuple[int, ...]
    think_ns: int
    copy: tuple[int, int]
    recorded: Recorded
    is_last: bool = False


class Pace(Protocol):
    """When calls are due."""

    def due_ns(self, index: int, at_ns: int | None) -> int | None:
        """Of the call that is number `index` from 0, and was recorded at `at_ns`; None: at once."""

    def think_ns(self, recorded_ns: int) -> int:
        """How long to think in the place of a time that was recorded."""


@dataclass(frozen=True, slots=True)
class Speed:
    """As recorded, or so many times as fast."""

    factor: float = 1.0

    def due_ns(self, index: int, at_ns: int | None) -> int | None:
        """The recorded time, nearer to the start."""
        return None if at_ns is None else round(at_ns / self.factor)

    def think_ns(self, recorded_ns: int) -> int:
        """The same part of it."""
        return round(recorded_ns / self.factor)


@dataclass(frozen=True, slots=True)
class AsFastAsPossible:
    """As soon as each may be sent."""

    def due_ns(self, index: int, at_ns: int | None) -> None:
        """At once."""

    def think_ns(self, recorded_ns: int) -> int:
        """No time."""
        return 0


class Stretch(NamedTuple):
    """So many calls a second: from the first number to the second, within so many ns; None: for ever."""

    first: Fraction
    last: Fraction
    length_ns: int | None


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls a second, whatever was recorded; fixed, rising or falling, or in steps.

    >>> [Rate.of("2/s").due_ns(index, None) for index in range(3)]
    [0, 500000000, 1000000000]
    """

    stretches: tuple[Stretch, ...]

    @classmethod
    def of(cls, text: str) -> Rate:
        """What "5000/s", "100..5000:60s" or "1000:30s,2000:30s,5000" means. UsageError for what is none."""
        parts = text.split(",")
        found = [_stretch(part, text) for part in parts]
        if any(stretch.length_ns is None for stretch in found[:-1]):
            raise UsageError(f"rate {text!r}: only the last step may go on for ever; write 1000:30s,2000")
        last = found[-1]
        if last.length_ns is not None:
            found.append(Stretch(last.last, last.last, None))
        if not found[-1].first:
            raise UsageError(f"rate {text!r}: it ends with no call a second, so the replay would never end")
        return cls(tuple(found))

    def due_ns(self, index: int, at_ns: int | None) -> int:
        """When so many calls were due, and one more is."""
        begins_ns, left = 0, Fraction(index)
        for first, last, length_ns in self.stretches:
            if length_ns is None:
                return begins_ns + math.ceil(left * _NS / first)
            calls = (first + last) * length_ns / (2 * _NS)
            if left < calls:
                return begins_ns + _within(left, first, last, length_ns)
            begins_ns, left = begins_ns + length_ns, left - calls
        raise AssertionError("the last stretch has no end")

    def think_ns(self, recorded_ns: int) -> int:
        """No time: the rate says when calls are due."""
        return 0


def _within(left: Fraction, first: Fraction, last: Fraction, length_ns: int) -> int:
    """When, in a stretch whose rate changes evenly, so many calls were due."""
    if first == last:
        return math.ceil(left * _NS / first)
    seconds = length_ns / _NS
    slope = float(last - first) / seconds
    start = float(first)
    # The root of slope/2 t^2 + start t = left that lies within, in a form that loses no digits.
    at = 2 * float(left) / (start + math.sqrt(max(0.0, start * start + 2 * slope * float(left))))
    return min(length_ns, math.ceil(at * _NS))


_STRETCH = re.compile(r"(\d+(?:\.\d+)?)(?:\.\.(\d+(?:\.\d+)?))?(?:/s)?(?::(.+))?")


def _stretch(text: str, whole: str) -> Stretch:
    match = _STRETCH.fullmatch(text.strip())
    length_ns = None if match is None or match[3] is None else read_duration(match[3])
    if match is None or (match[3] is not None and (length_ns is None or length_ns <= 0)):
        raise UsageError(
            f"rate {whole!r} is none: write calls a second, 5000 or 5000/s; 100..5000:60s to go from one to the"
            " other within a minute; or steps such as 1000:30s,2000:30s,5000"
        )
    first = Fraction(match[1])
    last = first if match[2] is None else Fraction(match[2])
    if match[2] is not None and length_ns is None:
        raise UsageError(f"rate {whole!r}: within which time? Write {text.strip()}:60s")
    if not first + last and length_ns is None:
        raise UsageError(f"rate {whole!r}: no call a second is no rate")
    return Stretch(first, last, length_ns)


class Calls(Protocol):
    """What is scheduled: a plan."""

    duration_ns: int
    has_times: bool

    def __iter__(self) -> Iterator[Recorded]:
        """The calls in the order they were sent."""

    def __len__(self) -> int: ...

    @property
    def connections(self) -> Sized:
        """Those that were recorded."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is made of the recorded calls.

    loops         how often they are made; None: again and again
    scale         each connection so many times, all at the same times
    connections   so many in all, in the place of those recorded
    most_calls    end after so many
    until_ns      leave out what is due later
    """

    pace: Pace = field(default_factory=Speed)
    order: Order = Order.CONNECTION
    loops: int | None = 1
    scale: int = 1
    connections: int | None = None
    most_calls: int | None = None
    until_ns: int | None = None

    def connection_count(self, plan: Calls) -> int:
        """How many connections there are to the target."""
        count = len(plan.connections) * self.scale
        return count if self.connections is None else min(self.connections, max(1, count))

    def total(self, plan: Calls) -> int | None:
        """How many calls there are, but for what is due too late; None: no end to them."""
        if self.loops is None:
            return self.most_calls
        calls = len(plan) * self.loops * self.scale
        return calls if self.most_calls is None else min(calls, self.most_calls)

    def calls(self, plan: Calls) -> Iterator[Planned]:
        """The calls to be made, in order."""
        if not len(plan):
            return
        order = self.order if plan.has_times else Order.TOTAL
        waits = _Waits(order)
        ends = self.loops == 1 and self.connections is None and order is not Order.NONE
        count, recorded_count = self.connection_count(plan), len(plan.connections)
        for number, (call, copy, at_ns) in enumerate(self._copies(plan), 1):
            due_ns = self.pace.due_ns(number - 1, at_ns)
            if self.until_ns is not None and due_ns is not None and due_ns > self.until_ns:
                return
            lane = call.connection + copy[0] * recorded_count
            connection = (number - 1 if order is Order.NONE else lane) % count
            after, think_ns = waits.of(number, lane, copy[1], call)
            think_ns = self.pace.think_ns(think_ns)
            yield Planned(number, connection, due_ns, after, think_ns, copy, call, ends and call.is_last)
            if number == self.most_calls:
                return

    def _copies(self, plan: Calls) -> Iterator[tuple[Recorded, tuple[int, int], int | None]]:
        """The calls as often as they are made: with their copy, and their recorded time."""
        # Between the end and the next beginning passes the mean time between calls.
        period_ns = plan.duration_ns + max(1, plan.duration_ns // max(1, len(plan) - 1))
        repetition = 0
        while self.loops is None or repetition < self.loops:
            for call in plan:
                at_ns = None if call.at_ns is None else call.at_ns + repetition * period_ns
                for copy in range(self.scale):
                    yield call, (copy, repetition), at_ns
            repetition += 1


class _Waits:
    """Which calls a call waits for."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._in_flight: dict[int, list[tuple[int, int, int | None]]] = {}
        self._repetition: dict[int, int] = {}

    def of(self, number: int, lane: int, repetition: int, call: Recorded) -> tuple[tuple[int, ...], int]:
        """The numbers of calls that must be over before, and the ns that were thought then."""
        if self._order is Order.TOTAL:
            return ((number - 1,) if number > 1 else ()), 0
        if self._order is not Order.CAUSAL:
            return (), 0
        in_flight = self._in_flight.setdefault(lane, [])
        after: list[int] = []
        seen_ns: int | None = None
        is_again = self._repetition.get(lane, 0) != repetition
        self._repetition[lane] = repetition
        while in_flight and (is_again or in_flight[0][0] < call.frame):
            _, earlier, answered_ns = heapq.heappop(in_flight)
            after.append(earlier)
            if answered_ns is not None:
                seen_ns = answered_ns if seen_ns is None else max(seen_ns, answered_ns)
        if call.answer_frame:
            heapq.heappush(in_flight, (call.answer_frame, number, call.answered_ns))
        think_ns = 0
        if seen_ns is not None and call.at_ns is not None and not is_again:
            think_ns = max(0, call.at_ns - seen_ns)
        return tuple(after), think_ns
