"""Which events are shown: the everyday questions, all of which must hold."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from typing import TYPE_CHECKING

from volttools.protocol.events import Event, Exchange, Login

if TYPE_CHECKING:
    from volttools.filters.filter import Filter


@dataclass(slots=True, kw_only=True)
class Selection:
    """What somebody asked for; None and False ask for nothing.

    errors       what went wrong: a status other than SUCCESS, no answer, a refused log-in, damage
    slow_ns      took at least so long
    since_ns, until_ns   when it began, ns since 1970; what has no time is not within any
    connections  their numbers
    procedures   names with * and ?, of which one must match, without regard to case; then
                 only exchanges are shown
    exchange     the number of one exchange
    frame        the number of one frame, and so the event that it belongs to
    where        filters; all must hold
    """

    errors: bool = False
    slow_ns: int | None = None
    since_ns: int | None = None
    until_ns: int | None = None
    connections: Collection[int] = ()
    procedures: Sequence[str] = ()
    exchange: int | None = None
    frame: int | None = None
    where: Sequence[Filter] = ()
    _patterns: re.Pattern[str] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        if self.procedures:
            any_of = "|".join(translate(pattern) for pattern in self.procedures)
            self._patterns = re.compile(any_of, re.IGNORECASE)

    @property
    def is_narrow(self) -> bool:
        """Whether anything is left out at all."""
        times = (self.slow_ns, self.since_ns, self.until_ns)
        numbers = (self.exchange, self.frame)
        return bool(self.errors or self.procedures or self.where or self.connections) or any(
            n is not None for n in times + numbers
        )

    @property
    def wants_one(self) -> bool:
        """Whether nothing more can follow once something was found."""
        return self.exchange is not None or self.frame is not None

    def wants(self, event: Event) -> bool:
        """Whether an event is to be shown."""
        return self.is_in_scope(event) and self.is_hit(event)

    def is_in_scope(self, event: Event) -> bool:
        """Whether it is of the connections and the stretch of time that are looked at."""
        is_of_one = not self.connections or (
            event.connection is not None and event.connection.number in self.connections
        )
        return is_of_one and self._is_in_time(event)

    def is_hit(self, event: Event) -> bool:
        """Whether it is what is looked for there."""
        return (
            self._is_the_one(event)
            and (self._patterns is None or self._matches(event, self._patterns))
            and (self.slow_ns is None or self._is_slow(event, self.slow_ns))
            and (not self.errors or event.is_error)
            and all(filter.matches(event) for filter in self.where)
        )

    def is_asked_for(self, event: Event) -> bool:
        """Whether it is the exchange, or else the frame, that was asked for by number."""
        if self.exchange is not None:
            return isinstance(event, Exchange) and event.number == self.exchange
        return any(frame.number == self.frame for frame in event.frames)

    def _is_the_one(self, event: Event) -> bool:
        if self.exchange is not None and not (isinstance(event, Exchange) and event.number == self.exchange):
            return False
        return self.frame is None or any(frame.number == self.frame for frame in event.frames)

    def _is_in_time(self, event: Event) -> bool:
        if self.since_ns is None and self.until_ns is None:
            return True
        time_ns = event.time_ns
        if time_ns is None:
            return False
        return (self.since_ns is None or time_ns >= self.since_ns) and (
            self.until_ns is None or time_ns <= self.until_ns
        )

    def _matches(self, event: Event, patterns: re.Pattern[str]) -> bool:
        return (
            isinstance(event, Exchange)
            and event.procedure is not None
            and patterns.match(event.procedure) is not None
        )

    def _is_slow(self, event: Event, slow_ns: int) -> bool:
        if not isinstance(event, (Exchange, Login)):
            return False
        latency_ns = event.latency_ns
        return latency_ns is not None and latency_ns >= slow_ns
