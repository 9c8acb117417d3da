"""Frames, who sent them, and on which connection; what `events` are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Literal, NamedTuple, Self

from volttools.codec import builder
from volttools.formats.frame import PREFIX, PREFIX_BYTES

CloseKind = Literal["fin", "rst", "end of capture"]
"""How a side's stream ended: it was closed, broken, or nothing more of it was captured."""

ENDINGS: Final[dict[CloseKind, str]] = {
    "fin": "the connection was closed",
    "rst": "the connection was broken",
    "end of capture": "the capture ends",
}
"""The same for people."""

CLOSED: Final[tuple[CloseKind, ...]] = ("fin", "rst")
"""Those after which nothing more can have come."""


class Direction(Enum):
    """Who sent it."""

    CLIENT = "client"
    SERVER = "server"

    __hash__ = object.__hash__  # there is one of each, and Enum's own takes as long as a call


CLIENT: Final = Direction.CLIENT
SERVER: Final = Direction.SERVER
"""For what is done with every frame: to look a member up takes Python 3.11 as long as a call, too."""


@dataclass(slots=True, kw_only=True)
class Connection:
    """One TCP conversation in a capture, or one log-in in a dump_file.

    client, server   "address:port"; None where the capture does not tell (dump_file)
    library          the client library, as far as its behaviour tells: "voltdbclient (Python)"
    is_tls           whether it is encrypted, also if it could be decrypted
    tls              version and cipher, if they are known: "TLS 1.2, TLS_RSA_WITH_AES_128_GCM_SHA256"
    closed_by        "client" or "server", who closed it first; None if nobody did, or it isn't known
    closed_kind      "fin", "rst", or "end of capture"; None while it is open, and in dump_files
    closed_at_ns     when
    """

    number: int
    client: str | None = None
    server: str | None = None
    first_seen_ns: int | None = None
    user: str | None = None
    library: str | None = None
    is_tls: bool = False
    tls: str | None = None
    closed_by: str | None = None
    closed_kind: CloseKind | None = None
    closed_at_ns: int | None = None


class CallHead(NamedTuple):
    """What pairing needs of an invocation; fields as in InvocationHead."""

    version: int
    procedure: str | None
    client_handle: int


class AnswerHead(NamedTuple):
    """What pairing needs of a response; fields as in ResponseHead."""

    client_handle: int
    status: int


@dataclass(slots=True)
class Frame:
    """One length-prefixed run of bytes. Not for keywords only: there are millions, and those cost.

    body      without the length; of a damaged frame what is there, holes filled with zeros
    length    of the whole body, as the prefix says
    missing   (from, to) ranges of the body that were not captured; empty for a whole frame
    offset    of the length prefix: in its direction's stream (pcap; with TLS, in the stream that was
              decrypted) or in the file (dump_file)
    number    in the capture, from 1, in order of completion
    seen_at_ns, began_at_ns   time of the last and of the first byte, ns since 1970; None in dumps
    after_gap the length before it was lost: its start was found by its shape
    closed_by what ended before the frame did: "fin" or "rst", the connection; "end of capture"
    head      of the message, if it was read while framing
    """

    direction: Direction
    body: bytes
    length: int
    offset: int
    number: int = 0
    seen_at_ns: int | None = None
    began_at_ns: int | None = None
    after_gap: bool = False
    missing: Sequence[tuple[int, int]] = ()
    file: str | None = None
    closed_by: CloseKind | None = None
    head: CallHead | AnswerHead | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, direction: Direction, body: bytes, time_ns: int | None = None) -> Self:
        """A whole frame that stands in no capture."""
        return cls(direction, body, len(body), 0, seen_at_ns=time_ns, began_at_ns=time_ns)

    @property
    def is_whole(self) -> bool:
        """Whether every byte of it is there."""
        return not self.missing

    @property
    def readable(self) -> bytes:
        """The body up to its first hole."""
        return self.body[: self.missing[0][0]] if self.missing else self.body

    @property
    def was_never_sent(self) -> bool:
        """Whether its end is missing because the connection ended before it was sent."""
        return self.closed_by in CLOSED

    @property
    def missing_bytes(self) -> int:
        """How many bytes of the body are not there."""
        return sum(end - start for start, end in self.missing)

    def what_is_missing(self, name: str) -> str | None:
        """A sentence on the bytes that are not there, for people; None for a whole frame.

        name  what to call it: "response"
        """
        if not self.missing:
            return None
        if self.closed_by is not None:
            there = self.bytes_on_wire - self.missing_bytes
            return f"{ENDINGS[self.closed_by]} inside the {name}: {there:,} of its {self.bytes_on_wire:,} bytes came"
        start = self.missing[0][0]
        places = (
            "from byte" if len(self.missing) == 1 else f"in {len(self.missing)} holes, the first from byte"
        )
        return (
            f"{self.missing_bytes:,} of the {name}'s {self.length:,} bytes are missing"
            f" from the capture ({places} {start:,})"
        )

    @property
    def bytes_on_wire(self) -> int:
        """Its size with the length prefix."""
        return PREFIX_BYTES + self.length

    def with_prefix(self) -> bytes:
        """The frame as it stood on the wire."""
        return _prefix(self.length) + self.body


_prefix = builder(PREFIX)
