"""A part of a capture: the connections that fall into some of eight slots.

Who reads a part reads all packets, and drops those of other connections as soon as it is known whose
they are. So several processes read one capture together. What one of them can't know is how many calls
were numbered before, on connections of others; it numbers its calls by packets, and `numbers_of` makes
of that the numbers that a single reader would have given.

Where a connection began before the capture, its first bytes wait until they are surely its first; at the
latest a second later, by the time of any packet. From then until they come out a part doesn't know when that
would have been, had it all packets, and so no number of those packets is sure.

Else it goes well while connections have nothing to do with each other. Where packets are missing, they
have: when a reader gives up waiting, and how much all of them may hold, depends on all. Then `NotDivisibleError`
is raised, and one reader has to do it.
"""

from __future__ import annotations

import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import count
from typing import Final

from volttools.capture.network import Endpoints
from volttools.kept import Kept
from volttools.protocol.events import Connection, Damage, Event
from volttools.protocol.numbering import Numbers

SLOTS: Final = 8
"""A capture can be divided among so many at most."""

_INDEPENDENT: Final = frozenset(
    ("midstream", "one direction", "tls", "tls alert", "tls to plain port", "plain to tls port")
)
"""Kinds of damage that concern one connection only."""

_MOST_KEYS: Final = 2**17
_IN_PACKET: Final = 2**20
"""No packet completes so many calls."""


class NotDivisibleError(Exception):
    """A capture that has to be read as a whole. It travels between processes."""


def slot_of(one: str | None, other: str | None) -> int:
    """The slot of the connection between two endpoints, whichever is the client.

    >>> slot_of("10.0.0.1:50000", "10.0.0.2:21212") == slot_of("10.0.0.2:21212", "10.0.0.1:50000")
    True
    """
    return zlib.crc32("|".join(sorted((str(one), str(other)))).encode()) % SLOTS


def slot_of_connection(connection: Connection) -> int:
    """The same of a connection that events have."""
    return slot_of(connection.client, connection.server)


class Part(Numbers):
    """One of `count` parts, from 0 on; numbers the calls of its connections by packets.

    packet     the number of the packet that is read
    is_ending  whether all were read: then nothing tells whose calls come first
    numbered   for each call the packet in which it got its number, in their order
    unsure     from which packet on numbers are not sure, and from which they are again, by turns
    """

    __slots__ = ("_count", "_index", "_is_own", "_last", "is_ending", "numbered", "packet", "unsure")

    def __init__(self, index: int, parts: int) -> None:
        self.frame = count(1).__next__
        self.exchange = self._number
        self._index, self._count = index, parts
        self._is_own = Kept[bytes, bool](_MOST_KEYS)
        self._last = 0
        self.packet = 0
        self.is_ending = False
        self.numbered = array("I")
        self.unsure = array("I")

    def begin(self, packet: int, *, is_unsure: bool) -> None:
        """Take the next packet; `is_unsure`: others may let something out here that waits in this part."""
        self.packet = packet
        if is_unsure is not bool(len(self.unsure) % 2):
            self.unsure.append(packet)

    def skips(self, key: bytes) -> bool:
        """Whether segments between these are known to be others'; `key` as in `plain`."""
        return self._is_own.get(key) is False

    def has(self, endpoints: Endpoints, key: bytes | None) -> bool:
        """Whether it is the part of a connection."""
        one, other = endpoints
        is_own = slot_of(str(one), str(other)) % self._count == self._index
        if key is not None:
            self._is_own.keep(key, is_own)
        return is_own

    def check(self, event: Event) -> None:
        """Raise NotDivisibleError for an event after which parts may differ from the whole."""
        if isinstance(event, Damage) and event.what not in _INDEPENDENT:
            raise NotDivisibleError(f"there is damage in it ({event.what})")

    def _number(self) -> int:
        if self.is_ending:
            raise NotDivisibleError("a call is cut where it ends")
        numbered, packet = self.numbered, self.packet
        self._last = self._last + 1 if numbered and numbered[-1] == packet else 0
        numbered.append(packet)
        return packet * _IN_PACKET + self._last


def numbers_of(parts: Sequence[array[int]], unsure: Sequence[array[int]] = ()) -> Callable[[int], int]:
    """A function from the number of a call in a part to its number in the capture.

    parts    what each part has `numbered`
    unsure   where each is `unsure`
    The function raises NotDivisibleError for a number that is not sure.
    """

    def number_of(number: int) -> int:
        packet, before_in_packet = divmod(number, _IN_PACKET)
        if any(bisect_right(turns, packet) % 2 for turns in unsure):
            raise NotDivisibleError("connections that began before it leave the numbers of calls unsure")
        return 1 + sum(bisect_left(numbered, packet) for numbered in parts) + before_in_packet

    return number_of
