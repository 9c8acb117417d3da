"""How long calls waited behind others of their connection."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Final

MOST_CONNECTIONS: Final = 512
MOST_ENDED: Final = 8_192
_MOST_ENDED_EACH: Final = 1_024


class Queues:
    """For each call how long calls that were sent before it, on its connection, were still unanswered.

    As if a connection's calls were worked on one after the other: then that is the time in the
    queue, and the rest is the call's own. A server works on several at once, so it is an upper bound.
    Calls are told in the order in which they ended. Of `MOST_CONNECTIONS`, and of connections with
    `MOST_ENDED` calls that may still matter, the last ones used are known.
    """

    __slots__ = ("_ended", "_kept")

    def __init__(self) -> None:
        # Of each connection (sent, ended) of calls; both ascend, as a call that was sent later and
        # ended later makes the ones before it irrelevant.
        self._ended: OrderedDict[int, deque[tuple[int, int]]] = OrderedDict()
        self._kept = 0  # calls in it

    def behind_ns(self, connection: int, sent_ns: int, ended_ns: int) -> int:
        """The time that a call, which has just ended, waited behind others."""
        ended = self._ended.get(connection)
        if ended is None:
            ended = self._ended[connection] = deque()
        else:
            self._ended.move_to_end(connection)
        length = len(ended)
        while ended and ended[-1][0] >= sent_ns:
            ended.pop()
        before_ns = ended[-1][1] if ended else sent_ns
        ended.append((sent_ns, ended_ns))
        if len(ended) > _MOST_ENDED_EACH:
            ended.popleft()
        self._kept += len(ended) - length
        while self._kept > MOST_ENDED or len(self._ended) > MOST_CONNECTIONS:
            _, forgotten = self._ended.popitem(last=False)
            self._kept -= len(forgotten)
        return max(0, min(before_ns, ended_ns) - sent_ns)
