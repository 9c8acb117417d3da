"""An event loop that wakes when it was asked to.

asyncio's own rounds each wait up to a whole millisecond, as epoll counts in those: half of all calls would
leave 0.5 ms late, and as many as ten at once at 10,000 a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import select
import selectors
import sys


def punctual_loop() -> asyncio.AbstractEventLoop:
    """A new loop, which waits to the microsecond where the system can; for `asyncio.Runner(loop_factory=...)`."""
    if sys.platform != "linux":
        return asyncio.new_event_loop()  # kqueue counts in nanoseconds, and others have nothing finer

    class PunctualSelector(selectors.EpollSelector):
        """Waits in select(), which counts in microseconds, for the epoll that knows all sockets."""

        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            """What is ready, at once or after at most so many seconds."""
            if timeout is not None and timeout > 0:
                with contextlib.suppress(ValueError):  # of an epoll whose number is too high for select()
                    select.select([self.fileno()], [], [], timeout)
                    timeout = 0
            return super().select(timeout)

    return asyncio.SelectorEventLoop(PunctualSelector())
