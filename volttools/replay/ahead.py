"""Reads planned calls some time before they are due, so that none waits for the disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from volttools.replay.journal import Past
from volttools.replay.schedule import Planned

AHEAD_NS: Final = 2_000_000_000
"""Calls are read, and their connections opened, so long before."""
MOST_AHEAD: Final = 2_000
"""So many calls are read before they are due."""
FEW_AHEAD: Final = 200
"""More are only read where there is nothing else to do."""
AT_ONCE: Final = 20
"""So many are read before anything else is looked at."""


class Ahead:
    """Calls that are to be made next.

    calls     those that were read, in their order
    on_read   is told each call that was read
    skipped   calls that the replay before has sent
    first_due_ns   when the first call was due; of a replay that goes on that is late
    """

    def __init__(
        self, planned: Iterator[Planned], past: Past | None, on_read: Callable[[Planned], None]
    ) -> None:
        self.calls: deque[Planned] = deque()
        self.skipped = 0
        self.first_due_ns: int | None = None
        self._planned = planned
        self._past = past
        self._on_read = on_read
        self._is_read = False

    def fill(self) -> None:
        """Read as many as may be."""
        while self.read_some(now_ns=0):
            pass

    def read_some(self, now_ns: int, now: Callable[[], int] | None = None) -> bool:
        """Read some calls that are due soon; whether there may be more.

        now_ns   the time of the replay
        now      the same as a function: where it has come to the next call's, it is enough
        """
        ahead, past = self.calls, self._past
        for _ in range(AT_ONCE):
            if self._is_read or len(ahead) >= MOST_AHEAD:
                return False
            if ahead and (last_ns := ahead[-1].due_ns) is not None and last_ns > now_ns + AHEAD_NS:
                return False
            if ahead and now is not None and (next_ns := ahead[0].due_ns) is not None and next_ns <= now():
                return True
            planned = next(self._planned, None)
            if planned is None:
                self._is_read = True
                return False
            if past is not None and planned.number <= past.last_number and planned.number in past.sent:
                self.skipped += 1
                continue
            if self.first_due_ns is None:
                self.first_due_ns = planned.due_ns
            self._on_read(planned)
            ahead.append(planned)
        return True
