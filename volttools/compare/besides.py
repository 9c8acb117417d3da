"""What passes beside calls: log-ins, which should end alike, and what servers send unasked.

A log-in of A is one of B where user and password are the same: then it is accepted by both servers, or refused
in the same words. Of others nothing can be said; a replay logs in by itself. Notifications come when
something happens to a cluster, so that their number differs is told, and counts only where a rule says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from volttools.compare.groups import Example, Group, Place
from volttools.compare.kinds import Kind, Shown
from volttools.compare.requests import digest
from volttools.compare.rules import Judge, Subject
from volttools.formats.login import LOGIN_STATUS
from volttools.protocol.events import Login

LOG_IN = "log-in"
"""What stands in the place of a procedure."""

_FULL = LOGIN_STATUS[1]


@dataclass(slots=True)
class Outcomes:
    """What became of equal log-ins of one side: how often, and on which connection first."""

    user: str = ""
    times: Counter[str] = field(default_factory=Counter)
    first: dict[str, int] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """All of them in one line."""
        return " or ".join(sorted(self.times))

    @property
    def shown(self) -> str:
        """The same with who, where and how often."""
        told = ", ".join(
            f"{outcome} ({times:,} x, first on connection {self.first[outcome]})"
            for outcome, times in sorted(self.times.items())
        )
        return f"{self.user or '(anonymous)'}: {told}"


class Logins:
    """The log-ins of both sides.

    MOST  so many different ones are kept of each; of more nothing is said
    """

    MOST = 10_000

    def __init__(self) -> None:
        self._found: tuple[dict[bytes, Outcomes], dict[bytes, Outcomes]] = ({}, {})

    def add(self, side: int, login: Login) -> None:
        """Take a log-in; one whose end is not in the capture says nothing."""
        outcome = outcome_of(login)
        if outcome is None or login.request is None:
            return
        request, found = login.request, self._found[side]
        key = digest((request.user, request.hash_scheme_name, bytes(request.password_hash)))
        if key not in found and len(found) >= self.MOST:
            return
        mine = found.setdefault(key, Outcomes(request.user or ""))
        mine.times[outcome] += 1
        mine.first.setdefault(outcome, login.connection.number)

    def common(self) -> list[tuple[Outcomes, Outcomes]]:
        """What became of those that both sides have."""
        ones, others = self._found
        return [(ones[key], others[key]) for key in ones if key in others]

    def groups(self, judge: Judge) -> list[Group]:
        """The log-ins that ended otherwise, by how they did."""
        both = self.common()
        groups: dict[Place, Group] = {}
        if judge.ignores(Subject(LOG_IN, kind=Kind.LOGIN)):
            return []
        for a, b in both:
            if a.words != b.words:
                place = Place(LOG_IN, Kind.LOGIN, detail=(a.words, b.words))
                group = groups.setdefault(place, Group(place, of=len(both)))
                group.pairs += 1
                group.times += 1
                if not group.examples:
                    group.examples.append(Example(None, None, Shown(a.shown), Shown(b.shown), 0))
        return sorted(groups.values(), key=lambda group: -group.pairs)


def outcome_of(login: Login) -> str | None:
    """What became of a log-in, in words; None: that is not in the capture."""
    if login.server_full:
        return f"refused: {_FULL}"
    if login.response is not None:
        return "accepted" if login.response.accepted else f"refused: {login.response.status_text}"
    is_open = login.is_partial or login.connection.closed_kind in (None, "end of capture")
    return None if is_open else "no answer"


def push_groups(a: Counter[str], b: Counter[str], judge: Judge) -> Iterator[Group]:
    """The notifications that came more or less often, as far as rules let it count."""
    for name in sorted({*a, *b}):
        if a[name] != b[name] and judge.counts(Subject(name, kind=Kind.PUSHES)):
            detail = f"{a[name]:,}", f"{b[name]:,}"
            example = Example(None, None, None, None, 0)
            yield Group(Place(name, Kind.PUSHES, detail=detail), 1, 1, 1, [example])
