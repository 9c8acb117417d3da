"""Which calls of a capture are made on both servers, and which are not, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from volttools.replay.safety import Group, Verdict

_Key = tuple[str, str | None]


@dataclass(slots=True)
class Coverage:
    """What becomes of the calls of a capture.

    calls      that could be made
    made       that are made
    kept       the groups of calls that are made: procedure, and what the SQL does
    held_back  what nobody has allowed
    gone       procedures that the old server has and the new one has not
    changed    procedures that only read on the old server, and do more on the new one
    """

    calls: int = 0
    made: int = 0
    kept: set[_Key] = field(default_factory=set)
    held_back: list[Group] = field(default_factory=list)
    gone: list[Group] = field(default_factory=list)
    changed: list[Group] = field(default_factory=list)

    @property
    def keeps(self) -> Callable[[str, str | None], bool]:
        """Whether calls of a group are made; for `Plan.keep`."""
        return lambda procedure, sql: (procedure, sql) in self.kept


def coverage_of(old: Verdict | None, new: Verdict) -> Coverage:
    """What may be made on both. old   None: there is only the new server."""
    found = Coverage()
    for key, on_new in new.groups.items():
        on_old = on_new if old is None else old.groups[key]
        found.calls += on_new.calls
        if on_old.is_made and on_new.is_made:
            found.kept.add(key)
            found.made += on_new.calls
        elif on_old.is_known and not on_new.is_known:
            found.gone.append(on_new)
        elif on_old.is_made:
            found.changed.append(on_new)
        else:
            found.held_back.append(on_old)
    for groups in (found.held_back, found.gone, found.changed):
        groups.sort(key=lambda group: -group.calls)
    return found
