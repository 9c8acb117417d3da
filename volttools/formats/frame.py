"""Framing: every message is an i32 length, which excludes itself, and so many bytes.

Source: ClientInterface.java and VoltProtocolHandler.java of the 11.4 server.
The server takes 1 .. 52,428,800 bytes after log-in; responses may be larger (63 MB was
observed). The one unframed message is the single byte 01 of a server that is full.
"""

from __future__ import annotations

from construct import GreedyBytes, Int8sb, Int32sb

from volttools.formats.notation import Record, Sized, field, record

MAX_REQUEST_BYTES = 50 * 1024 * 1024
"""What the server takes; a longer frame closes the connection."""

PREFIX = Int32sb
PREFIX_BYTES: int = PREFIX.sizeof()
MAX_FRAME_BYTES = 2**31 - 1
"""What the prefix can say, whoever sends it."""


@record
class RawFrame(Record):
    """One message of either side with its length."""

    body: bytes = field(Sized(PREFIX, GreedyBytes), "the message")


@record
class ServerFull(Record):
    """The one unframed message: the server has reached its limit of connections, and closes."""

    status: int = field(Int8sb, "1: MAX_CONNECTIONS_LIMIT_ERROR, without length or version", default=1)
