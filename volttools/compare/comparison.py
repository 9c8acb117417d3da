"""Compare two captures: pairs of calls in, groups of differences out.

Both are read in turn, call by call. What waits for its partner is in memory, and on disk where it is much; beside
that memory holds a histogram for each procedure, and the groups with their examples. So it does not grow with the captures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import ClassVar

from volttools.compare.answers import (
    answer_differences,
    are_equal_but_times,
    are_equal_bytes,
    call_differences,
    mapped_differences,
    no_answer,
)
from volttools.compare.besides import Logins, push_groups
from volttools.compare.calls import (
    Answer,
    Bodies,
    Call,
    Explicit,
    Skipped,
    call_of,
)
from volttools.compare.groups import Group, Groups
from volttools.compare.in_order import in_order
from volttools.compare.keys import key_function
from volttools.compare.kinds import Difference, Kind
from volttools.compare.latency import Latencies, Latency
from volttools.compare.mapped import MappedIds
from volttools.compare.matching import Match, matcher_of
from volttools.compare.requests import Requests, invocation_of
from volttools.compare.rules import Judge, Rule, Subject
from volttools.compare.settings import Settings
from volttools.compare.spool import Spool
from volttools.protocol.events import Damage, Event, Exchange, Login, Push
from volttools.protocol.parameter_values import parameters_of
from volttools.protocol.procedures import is_asked_by_library
from volttools.words import counted

Wants = Callable[[Event], bool]

_MOST_FAMILIES = 20_000
"""Of so many procedures and statements it is told how many pairs were compared."""


@dataclass(slots=True)
class Side:
    """What was read of one capture.

    wanted    calls that were asked for
    unknown   calls whose answer is not in the capture
    skipped   what is no call that can be compared, by reason
    pushes    notifications by their names
    damage    what is missing from it or can't be read, by kind
    builds    what servers called themselves at log-ins, in the order of the log-ins
    """

    MOST_BUILDS: ClassVar[int] = 10

    calls: int = 0
    wanted: int = 0
    unknown: int = 0
    connections: set[int] = field(default_factory=set)
    skipped: Counter[Skipped] = field(default_factory=Counter)
    pushes: Counter[str] = field(default_factory=Counter)
    damage: Counter[str] = field(default_factory=Counter)
    builds: list[str] = field(default_factory=list)

    def add_build(self, build: str | None) -> None:
        """Note what a server calls itself."""
        if build and build not in self.builds and len(self.builds) < self.MOST_BUILDS:
            self.builds.append(build)

    def add(self, call: Call | Skipped) -> None:
        """Count a call."""
        if isinstance(call, Skipped):
            self.skipped[call] += 1
            return
        self.calls += 1
        self.wanted += call.is_wanted
        self.unknown += call.is_unknown
        self.connections.add(call.connection)


@dataclass(slots=True)
class Comparison:
    """What came out.

    a, b          what was read
    pairs         of calls that belong together, and were asked for
    same          of these, those without a difference that counts
    different     with one
    ignored       that a rule leaves out as a whole
    unknown       of which an answer is not in a capture, by why
    only_a, only_b   calls without a partner
    logins        that both have, of different users
    procedures    pairs that were compared, by procedure
    groups        the differences, the gravest kind first
    other_differences   that belong to more groups than are kept
    latencies     by procedure
    unjudged      pairs of calls of procedures that are too many for latencies
    unused_rules  that never mattered
    """

    a: Side = field(default_factory=Side)
    b: Side = field(default_factory=Side)
    pairs: int = 0
    same: int = 0
    different: int = 0
    ignored: int = 0
    unknown: Counter[Answer] = field(default_factory=Counter)
    only_a: int = 0
    only_b: int = 0
    logins: int = 0
    procedures: Counter[str] = field(default_factory=Counter)
    groups: list[Group] = field(default_factory=list)
    other_differences: int = 0
    latencies: list[Latency] = field(default_factory=list)
    unjudged: int = 0
    spread: dict[str, float] = field(default_factory=dict)
    unused_rules: list[Rule] = field(default_factory=list)

    @property
    def slower(self) -> list[Latency]:
        """Procedures that are slower in B."""
        return [latency for latency in self.latencies if latency.verdict is Kind.SLOWER]

    @property
    def compared(self) -> int:
        """Pairs of which both answers were compared."""
        return self.same + self.different

    @property
    def has_only_logins(self) -> bool:
        """Whether there are log-ins to compare, and neither capture has calls, nor lacks any."""
        sides = (self.a, self.b)
        return self.logins > 0 and not any(
            side.calls or side.damage.total() or side.skipped.keys() - {Skipped.KEEP_ALIVE} for side in sides
        )

    @property
    def is_same(self) -> bool:
        """Whether nothing differs that counts. Captures without a call in common are different."""
        something = self.pairs > 0 or self.has_only_logins
        return something and not self.groups and not self.other_differences and not self.slower

    def obstacle(self, a: str = "A", b: str = "B") -> str | None:
        """Why nothing could be compared; None if something was. `a` and `b` are what to call the captures."""
        if self.has_only_logins:
            return None
        for name, side in ((a, self.a), (b, self.b)):
            if not side.calls:
                why = f": {side.skipped.most_common(1)[0][0].value}" if side.skipped else ""
                return f"{name} has no calls{' that can be compared' if why else ''}{why}"
            if side.unknown == side.calls:
                return f"{name} has no answers: it holds what clients sent, and nothing that servers did"
        if not self.a.wanted and not self.b.wanted:
            return "no call of either capture is one that was asked for"
        if self.pairs and self.unknown.total() == self.pairs:
            why = self.unknown.most_common(1)[0][0].value
            return f"of no pair of calls both answers are known: {why}"
        if self.ignored and not self.compared and not self.groups and not self.other_differences:
            others = "; of the others not both answers are known" if self.unknown else ""
            return f"rules leave out {self.ignored:,} of {counted(self.pairs, 'pair')} of calls{others}"
        return None

    @property
    def verdict(self) -> str:
        """One sentence on all of it."""
        if not self.pairs and not self.has_only_logins:
            return "different: the captures have no call in common"
        if self.is_same and not self.pairs:
            return f"the same: {counted(self.logins, 'log-in')}; there are no calls"
        if self.is_same:
            return f"the same: {counted(self.compared, 'pair')} of calls{self._more}"
        parts = []
        if self.different:
            parts.append(f"{self.different:,} of {counted(self.compared, 'pair')} of calls differ")
        if self.only_a:
            parts.append(f"{counted(self.only_a, 'call')} only in A")
        if self.only_b:
            parts.append(f"{counted(self.only_b, 'call')} only in B")
        logins = sum(group.pairs for group in self.groups if group.place.kind is Kind.LOGIN)
        if logins:
            parts.append(f"{counted(logins, 'log-in')} ended otherwise")
        if self.slower:
            parts.append(f"{counted(len(self.slower), 'procedure')} slower in B")
        if len(self.groups) > 1:
            parts.append(f"{len(self.groups):,} groups of differences")
        return f"different: {'; '.join(parts)}{self._more}"

    @property
    def _more(self) -> str:
        """What was not compared."""
        parts = []
        if self.ignored:
            parts.append(f"{self.ignored:,} left out by rules")
        if self.unknown:
            parts.append(f"{self.unknown.total():,} not compared, as an answer is not in a capture")
        if self.unjudged:
            parts.append(f"latencies of {self.unjudged:,} not judged, as there are too many procedures")
        return f"; {', '.join(parts)}" if parts else ""


def compare(
    a: Iterable[Event],
    b: Iterable[Event],
    settings: Settings | None = None,
    *,
    spool: Spool | None = None,
    wants: tuple[Wants | None, Wants | None] = (None, None),
    noise: Mapping[str, float] | None = None,
) -> Comparison:
    """Compare the events of two captures.

    spool  where messages are that wait; without one, in memory up to a limit, then in a temporary file
    wants  for A and B, which calls are asked for; a pair counts if one of its calls is
    noise  `Comparison.spread` of two runs of one server
    Raises FilterError for a key that is none, and what reading the events raises.
    """
    with closing(spool or Spool()) as kept:
        return _Comparing(settings or Settings(), kept, noise).run((a, b), wants)


class _Comparing:
    """One comparison as it goes."""

    def __init__(self, settings: Settings, spool: Spool, noise: Mapping[str, float] | None) -> None:
        self._settings = settings
        self._spool = spool
        self._noise = noise
        self._judge = Judge(settings.rules)
        self._mapped = MappedIds(settings.mapped)
        ignores = self._judge.ignores_parameter if self._judge.knows_parameters else None
        self._requests = Requests(ignores, self._mapped if self._mapped.knows_texts else None)
        self._found = Comparison()
        self._groups = Groups(settings.examples)
        self._latencies = Latencies()
        self._logins = Logins()
        self._compared_of: Counter[tuple[str, str | None]] = Counter()

    def run(
        self, captures: tuple[Iterable[Event], Iterable[Event]], wants: tuple[Wants | None, Wants | None]
    ) -> Comparison:
        settings = self._settings
        key = key_function(settings.key) if settings.key else None
        matcher = matcher_of(settings, self._spool)
        calls = [
            self._calls(events, number, wanted, key)
            for number, (events, wanted) in enumerate(zip(captures, wants, strict=True))
        ]
        with closing(matcher):
            for pair in zip_longest(*calls):
                for side, call in enumerate(pair):
                    if call is not None:
                        for match in matcher.add(side, call):
                            self._take(match)
            for match in matcher.finish():
                self._take(match)
        return self._end()

    def _calls(
        self, events: Iterable[Event], number: int, wants: Wants | None, key: Explicit | None
    ) -> Iterator[Call]:
        """The calls of a capture, in the order in which they were sent."""
        side = (self._found.a, self._found.b)[number]

        def numbered() -> Iterator[tuple[int, Call | Skipped]]:
            for event in events:
                if not isinstance(event, Exchange):
                    if isinstance(event, Damage):
                        side.damage[event.what] += event.is_error
                    elif wants is None or wants(event):
                        self._beside(event, number)
                    continue
                call = call_of(event, self._requests, is_wanted=wants is None or wants(event), key=key)
                if isinstance(call, Call):
                    self._spool.park(call)
                yield event.number, call

        for call in in_order(numbered()):
            side.add(call)
            if isinstance(call, Call):
                yield call

    def _beside(self, event: Event, number: int) -> None:
        """Take what is no call."""
        side = (self._found.a, self._found.b)[number]
        if isinstance(event, Push):
            side.pushes[event.name] += 1
        elif isinstance(event, Login):
            self._logins.add(number, event)
            side.add_build(None if event.response is None else event.response.build)

    def _end(self) -> Comparison:
        found = self._found
        found.groups = list(self._groups)
        for group in found.groups:
            group.of = self._compared_of[group.place.procedure, group.place.statement]
        found.logins = len(self._logins.common())
        found.groups += self._logins.groups(self._judge)
        found.groups += push_groups(found.a.pushes, found.b.pushes, self._judge)
        found.other_differences = self._groups.others
        found.latencies = self._latencies.judged(self._settings.slower, self._noise)
        found.spread = self._latencies.spread()
        found.unjudged = self._latencies.others
        for latency in found.latencies:
            subject = Subject(latency.procedure, kind=latency.verdict)
            if latency.verdict and (not self._settings.latency or self._judge.ignores(subject)):
                latency.verdict = None
        found.unused_rules = [self._settings.rules.rules[index] for index in self._judge.unused]
        return found

    # ------------------------------------------------------------ pairs

    def _take(self, match: Match) -> None:
        """Look at a pair of calls, or at one that has no partner."""
        a, b = match
        if a is None or b is None:
            call = a or b
            assert call is not None
            self._alone(call, self._spool.fetch(call), is_in_a=a is not None)
            return
        bodies = self._spool.fetch(a), self._spool.fetch(b)
        if not (a.is_wanted or b.is_wanted):
            return
        self._found.pairs += 1
        subject = Subject(a.procedure, a.statement)
        if self._judge.ignores(subject):
            self._found.ignored += 1
            return
        if a.is_unknown or b.is_unknown:
            self._found.unknown[a.answer if a.is_unknown else b.answer] += 1
            return
        self._found.procedures[a.procedure] += 1
        if a.family in self._compared_of or len(self._compared_of) < _MOST_FAMILIES:
            self._compared_of[a.family] += 1
        if self._differs((a, b), bodies, subject):
            self._found.different += 1
        else:
            self._found.same += 1

    def _alone(self, call: Call, bodies: Bodies, *, is_in_a: bool) -> None:
        kind = Kind.MISSING if is_in_a else Kind.EXTRA
        subject = Subject(call.procedure, call.statement, kind)
        if not call.is_wanted or self._judge.ignores(subject):
            return
        invocation = invocation_of(bodies[0])
        if is_asked_by_library(call.procedure, invocation):  # as there are none in a replay
            side = self._found.a if is_in_a else self._found.b
            side.skipped[Skipped.OF_LIBRARY] += 1
            return
        if is_in_a:
            self._found.only_a += 1
        else:
            self._found.only_b += 1
        parameters = parameters_of(invocation)
        calls = (call, None) if is_in_a else (None, call)
        self._groups.add(subject.procedure, subject.statement, Difference(kind), calls, parameters)

    def _differs(self, calls: tuple[Call, Call], bodies: tuple[Bodies, Bodies], subject: Subject) -> bool:
        """Whether the calls or their answers differ; the differences go into groups."""
        a, b = calls
        (request_a, response_a), (request_b, response_b) = bodies
        is_same_call = a.key == b.key and not self._settings.key and a.procedure == b.procedure
        answers = None if response_a is None or response_b is None else (response_a, response_b)
        if answers is not None and a.status == b.status:
            self._latencies.add(a.procedure, a.latency_ns, b.latency_ns)
        is_same = answers is None or are_equal_bytes(*answers) or are_equal_but_times(*answers)
        has_ids = a.pair == b.pair != 0 and self._mapped.concerns(a.procedure)
        if is_same and is_same_call and a.answer is b.answer and not has_ids:
            return False
        invocation = invocation_of(request_a)
        found: list[Difference] = []
        if not is_same_call:
            found += call_differences(
                invocation, invocation_of(request_b), self._mapped, self._judge, subject
            )
        if not found and a.answer is not b.answer:
            found += no_answer(a.answer is Answer.NONE, self._judge, subject)
        elif not found and answers is not None:
            found += answer_differences(*answers, invocation, self._judge, subject)
        if has_ids:
            found += mapped_differences(self._mapped, (request_a, request_b), answers, self._judge, subject)
        parameters = parameters_of(invocation)
        for difference in found:
            self._groups.add(subject.procedure, subject.statement, difference, calls, parameters)
        return bool(found)
