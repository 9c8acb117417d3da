"""What stands around a hit: the exchanges before and after it, in the order in which they ended."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from volttools.protocol.events import Event


class Found(NamedTuple):
    """An event that is to be shown.

    is_hit         False for one that only stands near a hit
    follows_gap    whether exchanges were left out between it and the one before
    """

    event: Event
    is_hit: bool
    follows_gap: bool


def with_context(events: Iterable[Event], is_hit: Callable[[Event], bool], around: int) -> Iterator[Found]:
    """The hits among events, and up to `around` exchanges before and after each.

    Memory holds no more than `around` exchanges.
    """
    before: deque[Event] = deque(maxlen=around)
    after = 0
    left_out = False  # exchanges, since something was given
    is_first = True
    for event in events:
        if is_hit(event):
            for index, earlier in enumerate(before):
                yield Found(earlier, False, left_out and not is_first and not index)
            yield Found(event, True, left_out and not is_first and not before)
            before.clear()
            after, left_out, is_first = around, False, False
        elif event.kind != "exchange":
            continue
        elif after:
            after -= 1
            yield Found(event, False, False)
        else:
            left_out = left_out or len(before) == around
            before.append(event)
