"""The digest: counts calls by what they have in common, in memory that doesn't grow with them."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Any, Final

from volttools.capture.parts import slot_of_connection
from volttools.protocol.events import Event, Exchange, Login, Push
from volttools.protocol.procedures import takes_sql
from volttools.stats.calls import call_of
from volttools.stats.group import Group
from volttools.stats.in_flight import InFlight
from volttools.stats.keys import Key, key_of
from volttools.stats.waiting import Queues

MOST_GROUPS: Final = 500
OTHERS: Final = "(others)"

# Read and counted in turn, one by one, reading and counting would push each other out of the processor's
# caches, which costs a fifth of the time. So it is some calls at once, if they are small.
_AT_ONCE: Final = 32
_AT_ONCE_BYTES: Final = 2**18


class Digest:
    """Counts events; can be merged with the digest of other calls.

    Counts are exact, and percentiles as `Histogram` has them. Of groups `MOST_GROUPS` are kept: when there
    are twice as many, those that took the least time become one, `others`.

    groups   by name
    others   the calls of small groups beyond those that are kept; None if all groups are there
    others_merged   how many groups went into it; one that came again counts again
    in_flight       how many calls were waited for at once, over time
    read     calls that were there, counted or not
    events   those and whatever else there was
    pushes, logins, damage   of the capture, whatever calls are counted
    """

    def __init__(self, key: Key | None = None) -> None:
        self.key = key or key_of("procedure")
        self.groups: dict[str, Group] = {}
        self.others: Group | None = None
        self.others_merged = 0
        self.in_flight = InFlight()
        self.read = self.events = 0
        self.pushes: Counter[str] = Counter()
        self.logins: Counter[str] = Counter()
        self.damage: Counter[str] = Counter()
        self.first_ns: int | None = None
        self.last_ns: int | None = None
        self._whole: Group | None = None  # until another call is counted
        # Of each slot of connections (see capture.parts), as what they forget depends on all that they know.
        self._queues: dict[int, Queues] = defaultdict(Queues)
        self._slots: dict[int, int] = {}  # of connections
        self._connections: set[int] = set()
        self._connections_merged = 0

    def __getstate__(self) -> dict[str, Any]:
        """For another process: the key is made anew there, as functions can't travel."""
        return self.__dict__ | {"key": self.key.by, "_whole": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, key=key_of(state["key"]))

    def add(self, event: Event, *, is_wanted: bool = True) -> None:
        """Count an event; events come in the order in which they ended.

        is_wanted   of a call that isn't, only its place in its connection's queue counts
        """
        self.events += 1
        if isinstance(event, Exchange):
            self._add_exchange(event, is_wanted)
        elif isinstance(event, Push):
            self.pushes[event.name] += 1
        elif isinstance(event, Login):
            answer = "accepted" if not event.is_error else "refused" if event.response else "without answer"
            self.logins[answer] += 1
        elif event.is_error:
            self.damage[event.what] += 1

    def add_all(self, events: Iterable[Event], wants: Callable[[Event], bool] | None = None) -> None:
        """Count events, as `add` does.

        wants   whether an event is wanted; None: all are
        """
        waiting: deque[Event] = deque()
        length = 0
        try:
            for event in events:
                waiting.append(event)
                if isinstance(event, Exchange) and event.response_frame is not None:
                    length += event.response_frame.length
                if len(waiting) == _AT_ONCE or length > _AT_ONCE_BYTES:
                    self._add_waiting(waiting, wants)
                    length = 0
        finally:  # also of what was interrupted all is counted that was read
            self._add_waiting(waiting, wants)

    def _add_waiting(self, waiting: deque[Event], wants: Callable[[Event], bool] | None) -> None:
        while waiting:
            event = waiting.popleft()
            self.add(event, is_wanted=wants is None or wants(event))

    def _add_exchange(self, exchange: Exchange, is_wanted: bool) -> None:
        self.read += 1
        call = call_of(exchange)
        began_ns, ended_ns, latency_ns = call.began_ns, call.ended_ns, call.latency_ns
        number = exchange.connection.number
        slot = self._slots.get(number)
        if slot is None:
            slot = self._slots[number] = slot_of_connection(exchange.connection)
        behind_ns = 0
        if began_ns is not None and latency_ns is not None:
            behind_ns = self._queues[slot].behind_ns(number, began_ns, began_ns + latency_ns)
            if is_wanted:
                self.in_flight.add(began_ns, began_ns + latency_ns)
        if not is_wanted:
            return
        self._whole = None
        self._connections.add(number)
        if began_ns is not None and ended_ns is not None:
            self._include(began_ns, ended_ns)
        name = self.key.of(exchange)
        group = self.groups.get(name)
        if group is None:
            group = self._new_group(name)
        group.add(call, behind_ns)
        if self.key.by == "procedure":
            group.add_values(exchange, 1 if takes_sql(exchange.procedure) else 0, slot)

    def _new_group(self, name: str) -> Group:
        if len(self.groups) >= 2 * MOST_GROUPS:
            self._prune()
        group = self.groups[name] = Group(name)
        return group

    def _prune(self) -> None:
        """Keep the groups that took the most time; the others become one."""
        kept = heapq.nlargest(MOST_GROUPS, self.groups.values(), key=lambda group: group.rank)
        names = {group.name for group in kept}
        self.others = self.others or Group(OTHERS)
        for name, group in self.groups.items():
            if name not in names:
                group.values.clear()
                self.others.merge(group)
                self.others_merged += 1
        self.groups = {name: group for name, group in self.groups.items() if name in names}

    def merge(self, other: Digest) -> None:
        """Count the calls of another digest: of other connections, or another capture. Both have one key."""
        self._whole = None
        for name, group in other.groups.items():
            self.groups.setdefault(name, Group(name)).merge(group)
        if other.others is not None:
            self.others = self.others or Group(OTHERS)
            self.others.merge(other.others)
        self.others_merged += other.others_merged
        self.in_flight.merge(other.in_flight)
        self.read += other.read
        self.events += other.events
        self.pushes.update(other.pushes)
        self.logins.update(other.logins)
        self.damage.update(other.damage)
        if other.first_ns is not None and other.last_ns is not None:
            self._include(other.first_ns, other.last_ns)
        self._connections_merged += other.connections
        if len(self.groups) > 2 * MOST_GROUPS:
            self._prune()

    def _include(self, first_ns: int, last_ns: int) -> None:
        """Let the span reach from one time to another."""
        if self.first_ns is None or first_ns < self.first_ns:
            self.first_ns = first_ns
        if self.last_ns is None or last_ns > self.last_ns:
            self.last_ns = last_ns

    def renumber(self, number_of: Callable[[int], int]) -> None:
        """Give the calls that are told other numbers, in the same order."""
        self._whole = None
        for group in (*self.groups.values(), *filter(None, (self.others,))):
            if group.slowest is not None:
                group.slowest = (group.slowest[0], number_of(group.slowest[1]))
            if group.failed is not None:
                group.failed = number_of(group.failed)

    @property
    def whole(self) -> Group:
        """All calls together, but for the values of their parameters."""
        if self._whole is None:
            whole = self._whole = Group("all")
            for group in (*self.groups.values(), *filter(None, (self.others,))):
                whole.merge_calls(group)
            for time_ns in (self.first_ns, self.last_ns):  # so that it has slots for all of the span
                if time_ns is not None:
                    whole.times.add(time_ns, 0)
        return self._whole

    @property
    def connections(self) -> int:
        """Connections on which there were calls."""
        return len(self._connections) + self._connections_merged

    @property
    def span_ns(self) -> int:
        """From the first call's start to the last one's end; 0 without times."""
        return 0 if self.first_ns is None or self.last_ns is None else self.last_ns - self.first_ns

    @property
    def calls_per_s(self) -> float | None:
        """Over the whole span; None without times."""
        return self.whole.calls * 1e9 / self.span_ns if self.span_ns else None

    def ranked(self) -> list[Group]:
        """The groups, the one that took the most time first."""
        return sorted(self.groups.values(), key=lambda group: (*(-part for part in group.rank), group.name))

    def share_of(self, group: Group) -> float:
        """A group's part of what groups are ranked by, from 0 to 1."""
        for whole, part in zip(self.whole.rank, group.rank, strict=True):
            if whole:
                return part / whole
        return 0.0
