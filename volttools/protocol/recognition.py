"""Whether a TCP conversation speaks VoltDB's protocol, and which side is the client.

A capture holds whatever went over the wire. `Recognizer` gets the first bytes of both sides
and decides as early as it can:

1. Bytes that are surely something else: TLS, HTTP, any text. (VoltDB's frames begin with
   a length, so with a zero byte or nearly so: no text does.)
2. A log-in: the first frame of a client, on whatever port.
3. A port: 21212 and 21211, or those that the user names. There what isn't foreign by
   rule 1 is VoltDB's, however damaged.
4. Shape, for connections that began before the capture: whole messages at the starts of
   segments, one with a known port, two without.

What is undecided after `MAX_UNDECIDED_BYTES` is foreign. Everything is counted, nothing is
guessed from a part of a conversation that is surely foreign: bodies of HTTP may well look
like frames.

Source of the ports: Constants.java of the server.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Final

from volttools.codec import parser
from volttools.formats.frame import PREFIX_BYTES
from volttools.formats.tls import CONTENT_TYPES, TLS_HEAD_BYTES, TlsRecordHead
from volttools.protocol.events import Direction
from volttools.protocol.shapes import (
    is_invocation,
    is_length,
    is_login_request,
    is_message,
    may_begin,
    read_prefix,
)

DEFAULT_PORTS: Final = (21212, 21211)
"""The client port and the admin port."""

MAX_UNDECIDED_BYTES: Final = 2**18
"""What is kept of an undecided conversation: of the largest messages a request and a response."""

ENOUGH_MESSAGES: Final = 2
"""So many whole messages are no accident where nothing else speaks for VoltDB."""


class Protocol(Enum):
    """What a conversation speaks."""

    VOLTDB = "VoltDB"
    TLS = "TLS"
    HTTP = "HTTP"
    SSH = "SSH"
    TEXT = "text"
    OTHER = "unknown"
    NOTHING = "no data"


@dataclass(slots=True)
class Verdict:
    """What was found. `client_side` is 0 or 1; None if not known, or of no interest."""

    protocol: Protocol
    client_side: int | None = None


# fmt: off
_TEXTS = (
    (Protocol.HTTP, re.compile(rb"(GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH) \S|HTTP/\d|PRI \* HTTP/2")),
    (Protocol.SSH,  re.compile(rb"SSH-\d")),
    (Protocol.TEXT, re.compile(rb"[\t\n\r\x20-\x7e]{8}")),
)
# fmt: on


def is_tls(start: bytes | bytearray) -> bool:
    """Whether a TLS record begins here."""
    if len(start) < TLS_HEAD_BYTES or start[0] not in CONTENT_TYPES:
        return False
    head: TlsRecordHead = parser(TlsRecordHead)(bytes(start[:TLS_HEAD_BYTES]))
    return head.is_plausible


def foreign(start: bytes | bytearray) -> Protocol | None:
    """The protocol that surely isn't VoltDB's, from the first bytes of a side."""
    if is_tls(start):
        return Protocol.TLS
    for protocol, pattern in _TEXTS:
        if pattern.match(start):
            return protocol
    return None


class Recognizer:
    """Decides about one conversation; `verdict` is None until it has.

    client_side  who opened the connection, if a handshake was seen
    server_side  whose port is a known one; None if neither's or both are
    is_given     the port was named by the user: the conversation is VoltDB's, or TLS around it
    """

    __slots__ = ("_bytes", "_starts", "_votes", "client_side", "is_given", "server_side", "verdict")

    def __init__(
        self, *, client_side: int | None = None, server_side: int | None = None, is_given: bool = False
    ) -> None:
        self.verdict: Verdict | None = None
        self.client_side = client_side
        self.server_side = server_side
        self.is_given = is_given
        # The first bytes of each side, without a hole; None once there was one.
        self._starts: list[bytearray | None] = [bytearray(), bytearray()]
        self._bytes = 0
        self._votes = [0, 0]  # messages that make side 0, or side 1, the client

    @property
    def is_hinted(self) -> bool:
        """Whether a port speaks for VoltDB."""
        return self.is_given or self.server_side is not None

    def feed(self, side: int, data: bytes) -> Verdict | None:
        """Take the next bytes of a side."""
        if self.verdict is not None:
            return self.verdict
        start = self._starts[side]
        is_first = start is not None and not start
        if start is not None and self._bytes < MAX_UNDECIDED_BYTES:
            start += data
        self._bytes += len(data)
        if start is not None:
            self.verdict = self._judge_start(side, start)
        if self.verdict is None:
            self._vote(side, data)
            self.verdict = self._count(side, is_first)
        return self.verdict

    def gap(self, side: int) -> None:
        """Note that bytes of a side are missing: what follows is not its beginning."""
        self._starts[side] = None

    def finish(self) -> Verdict:
        """Decide, as there is nothing more to come."""
        if self.verdict is None:
            if not self._bytes:
                self.verdict = Verdict(Protocol.NOTHING, self._likely_client())
            elif self.is_hinted:
                self.verdict = Verdict(Protocol.VOLTDB, self._likely_client())
            else:
                self.verdict = self._by_votes(1) or Verdict(Protocol.OTHER)
        return self.verdict

    def _judge_start(self, side: int, start: bytearray) -> Verdict | None:
        """Look at the first bytes of a side."""
        found = foreign(start[:64])
        if found is not None:
            return Verdict(found, self._likely_client())
        if self.client_side in (None, side):
            whole = first_body(start)
            # An invocation of a procedure "database" can look like a version 0 log-in; both are VoltDB's.
            if whole is not None and is_login_request(whole):
                return Verdict(Protocol.VOLTDB, side)
        return None

    def _vote(self, side: int, data: bytes) -> None:
        """Look for whole messages at the start of a chunk."""
        for body in bodies(data, ENOUGH_MESSAGES):
            if may_begin(Direction.CLIENT, body[0]) and is_invocation(body):
                self._votes[side] += 1
            elif may_begin(Direction.SERVER, body[0]) and is_message(Direction.SERVER, body):
                self._votes[1 - side] += 1

    def _count(self, side: int, is_first: bool) -> Verdict | None:
        """Whether the evidence is enough."""
        if self.is_hinted and (self._likely_client() is not None or any(self._votes)):
            start = self._starts[side]
            # Four bytes might still be text or TLS.
            if start is None or len(start) >= 8 or not is_first:
                return Verdict(Protocol.VOLTDB, self._likely_client())
        found = self._by_votes(ENOUGH_MESSAGES)
        if found is None and self._bytes > MAX_UNDECIDED_BYTES:
            return Verdict(Protocol.VOLTDB if self.is_given else Protocol.OTHER, self._likely_client())
        return found

    def _by_votes(self, enough: int) -> Verdict | None:
        if sum(self._votes) < enough or self._votes[0] == self._votes[1]:
            return None
        return Verdict(Protocol.VOLTDB, self._likely_client())

    def _likely_client(self) -> int | None:
        """Who the client is, by the handshake, the messages, or the port."""
        if self.client_side is not None:
            return self.client_side
        if self._votes[0] != self._votes[1]:
            return 0 if self._votes[0] > self._votes[1] else 1
        if self.server_side is not None:
            return 1 - self.server_side
        return None


def first_body(start: bytes | bytearray) -> bytes | None:
    """The body of the frame that begins here, if it is all there."""
    return next(iter(bodies(start, 1)), None)


def bodies(data: bytes | bytearray, at_most: int) -> list[bytes]:
    """The bodies of the whole frames at the beginning of some bytes."""
    found: list[bytes] = []
    position = 0
    while len(found) < at_most and len(data) - position > PREFIX_BYTES:
        start = position + PREFIX_BYTES
        length = read_prefix(bytes(data[position:start]))
        if not is_length(length) or start + length > len(data):
            break
        found.append(bytes(data[start : start + length]))
        position = start + length
    return found


def server_side_by_port(ports: tuple[int, int], known: Collection[int]) -> int | None:
    """Which of two sides has a server's port; None if neither or both have one."""
    first, second = (port in known for port in ports)
    return None if first == second else 0 if first else 1
