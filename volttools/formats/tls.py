"""TLS, as far as it is told from VoltDB's own frames: the head of a record.

A TLS port speaks TLS from the first byte; nothing is negotiated in plain text. What is
inside takes keys to read.

Source: RFC 8446, 5.1 and appendix B.
"""

from __future__ import annotations

from construct import Bytes, Int8ub, Int16ub

from volttools.formats.notation import Record, field, record

CONTENT_TYPES = {20: "change cipher spec", 21: "alert", 22: "handshake", 23: "application data"}
ALERT = 21
HANDSHAKE = 22

CLIENT_HELLO = b"\x01"

MAX_RECORD_BYTES = 2**14 + 2048
"""Of a record's content in TLS 1.2; TLS 1.3 allows less."""


@record
class TlsRecordHead(Record):
    """The first bytes of every TLS record: its head and one byte of its content."""

    content_type: int = field(Int8ub, "see CONTENT_TYPES")
    major: int = field(Int8ub, "3, since SSL 3.0")
    minor: int = field(Int8ub, "0 .. 4")
    length: int = field(Int16ub, "of the content; see MAX_RECORD_BYTES")
    first: bytes = field(Bytes(1), "of a handshake: 1 a client's hello, 2 a server's")

    @property
    def is_plausible(self) -> bool:
        """Whether these are the first bytes of a TLS record at all."""
        has_version = self.major == 3 and self.minor <= 4
        return self.content_type in CONTENT_TYPES and has_version and 0 < self.length <= MAX_RECORD_BYTES


TLS_HEAD_BYTES: int = TlsRecordHead.declaration.struct.sizeof()
