"""Captures that grow: what is there is read, then what comes, until there is reason to stop.

`Following` says how is waited, and for how long; `Follower` reads several sources together:
what is there already by time, what comes as it comes. None waits for a slower one.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from volttools.capture.followed import Context, FollowedSource
from volttools.capture.packet import Packet
from volttools.errors import CaptureError
from volttools.protocol.events import Event

INTERVAL_S: Final = 0.1

# When it is stopped, what is there is still read, for so long; and pipes are waited for so often:
# Ctrl-C ends tcpdump as well, which then writes what it has in its buffers.
LAST_S: Final = 0.5
LAST_WAITS: Final = 3


def _wait(seconds: float, pipes: Sequence[int]) -> None:
    """Wait so long, or until something comes through one of the pipes."""
    if pipes:
        select.select(pipes, [], [], seconds)
    else:
        time.sleep(seconds)


@dataclass(slots=True, kw_only=True)
class Following:
    """How captures are followed.

    interval_s   how often is looked for more
    idle_s       stop when nothing came for so long; None: never
    on_wait      called before each wait, so that what was shown can be flushed
    on_missing   called with a sentence about a file that isn't there yet, once for each
    wait, clock  how to wait: for so many seconds, or until one of the file numbers is
                 readable; and what time it is, in seconds. Tests have their own
    """

    interval_s: float = INTERVAL_S
    idle_s: float | None = None
    on_wait: Callable[[], None] | None = None
    on_missing: Callable[[str], None] | None = None
    wait: Callable[[float, Sequence[int]], None] = _wait
    clock: Callable[[], float] = time.monotonic


@dataclass(slots=True)
class Lull:
    """Nothing is there for now, and nothing came for `length_ns`."""

    length_ns: int


class Follower:
    """Reads several sources together; `stop` ends it.

    Raises CaptureError where a source is no capture, and where none was there in all the time
    that `following` allows.
    """

    def __init__(self, sources: Sequence[FollowedSource], following: Following, context: Context) -> None:
        self._sources = sources
        self._following = following
        self._open = {source: source.items(context) for source in sources}
        self._ready: dict[FollowedSource, Packet | Event] = {}  # the next item of each that has one
        self._looked_at: dict[FollowedSource, float] = {}  # of each that has none: when that was seen
        self._told: set[FollowedSource] = set()
        self._done = 0
        self._came_at = following.clock()
        self._is_stopped = False
        self._stopped_at: float | None = None
        self._waits_left = LAST_WAITS

    def stop(self) -> None:
        """End soon; also from a signal handler, or another thread."""
        self._is_stopped = True

    def items(self) -> Iterator[Packet | Event | Lull]:
        """What comes, until it is stopped, all pipes have ended, or nothing comes for too long."""
        iterators = list(self._open.values())
        try:
            while self._open and not self._is_over():
                self._look()
                if self._ready:
                    yield self._ready.pop(min(self._ready, key=self._turn))
                elif self._open:
                    quiet_s = self._quiet_s()
                    if not self._may_wait(quiet_s):
                        break
                    if not any(source.has_part for source in self._sources):
                        yield Lull(round(quiet_s * 10**9))
                    self._wait()
            for source in self._sources:
                yield from source.finish()
        finally:
            for items in iterators:
                items.close()

    def _is_over(self) -> bool:
        """Whether it was stopped so long ago that no more is read."""
        if not self._is_stopped:
            return False
        now = self._following.clock()
        if self._stopped_at is None:
            self._stopped_at = now
        return now - self._stopped_at > LAST_S

    def _may_wait(self, quiet_s: float) -> bool:
        """Whether to wait for more, where nothing came for so long."""
        idle_s = self._following.idle_s
        if self._is_stopped:
            self._waits_left -= 1
            return self._waits_left >= 0 and bool(self._pipes())
        if idle_s is None or quiet_s < idle_s:
            return True
        if all(source.missing for source in self._sources):
            raise CaptureError(f"nothing was there for {quiet_s:.3g} s", file=self._sources[0].name)
        return False

    def _pipes(self) -> list[int]:
        return [source.fileno for source in self._sources if source.fileno is not None]

    def _look(self) -> None:
        """Have the next item of each source that has one.

        While others have items, a source that had none is looked at only now and then.
        """
        now, interval_s = self._following.clock(), self._following.interval_s
        for source, items in list(self._open.items()):
            if source in self._ready:
                continue
            if self._ready and source in self._looked_at and now - self._looked_at[source] < interval_s:
                continue
            try:
                item = next(items)
            except StopIteration:
                del self._open[source]
                continue
            if item is None:
                self._looked_at[source] = now
            else:
                self._ready[source] = item
                self._looked_at.pop(source, None)

    def _turn(self, source: FollowedSource) -> int:
        """By time; what has none comes at once."""
        item = self._ready[source]
        return item.time_ns or 0 if isinstance(item, Packet) else 0

    def _quiet_s(self) -> float:
        """For how long nothing came."""
        now = self._following.clock()
        done = sum(source.done for source in self._sources)
        if done != self._done:
            self._done, self._came_at = done, now
        return now - self._came_at

    def _wait(self) -> None:
        following = self._following
        for source in self._sources:
            if source not in self._told and source.missing and following.on_missing:
                following.on_missing(source.missing)
                self._told.add(source)
        if following.on_wait:
            following.on_wait()
        following.wait(following.interval_s, self._pipes())
        self._looked_at.clear()
