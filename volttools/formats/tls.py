"""TLS records: the head of a record, alerts, and what surrounds the cipher of a record.

A TLS port speaks TLS from the first byte; nothing is negotiated in plain text. What is
inside takes keys to read: see `tls_suites` for the ciphers, `tls_handshake` for who agrees on
them.

Sources: RFC 8446 (TLS 1.3), 5, 5.2, 5.3, 6 and appendix B; RFC 5246 (TLS 1.2), 6.2.3.3 and 7.2;
RFC 5288, 3 (the nonce of AES-GCM); RFC 6655, 3 (AES-CCM); RFC 7905, 2 (ChaCha20).
"""

from __future__ import annotations

import re

from construct import Bytes, GreedyBytes, Int8ub, Int16ub, Int64ub

from volttools.formats.notation import Record, field, record

CONTENT_TYPES = {20: "change cipher spec", 21: "alert", 22: "handshake", 23: "application data"}
CHANGE_CIPHER_SPEC = 20
ALERT = 21
HANDSHAKE = 22
APPLICATION_DATA = 23

VERSIONS = {0x0300: "SSL 3.0", 0x0301: "TLS 1.0", 0x0302: "TLS 1.1", 0x0303: "TLS 1.2", 0x0304: "TLS 1.3"}
TLS_1_2 = 0x0303
TLS_1_3 = 0x0304

MAX_PLAIN_BYTES = 2**14
"""Of a record's content, before it is encrypted."""

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


@record
class TlsRecordHeader(Record):
    """What stands before the content of a record. In TLS 1.3 it is also what the cipher authenticates."""

    content_type: int = field(Int8ub, "see CONTENT_TYPES; of an encrypted record of TLS 1.3 always 23")
    version: int = field(Int16ub, "0303; of a first hello 0301", default=TLS_1_2)
    length: int = field(Int16ub, "of the content; see MAX_RECORD_BYTES")

    @property
    def is_plausible(self) -> bool:
        """Whether this is the head of a record at all."""
        is_known = self.content_type in CONTENT_TYPES and self.version in VERSIONS
        return is_known and self.length <= MAX_RECORD_BYTES


TLS_HEADER_BYTES: int = TlsRecordHeader.declaration.struct.sizeof()

HEAD_PATTERN = re.compile(b"[\x14-\x17]\x03[\x01-\x03]")
"""How a record of TLS begins: what to look for where its head is lost."""


ALERTS = {
    0: "close_notify",
    10: "unexpected_message",
    20: "bad_record_mac",
    21: "decryption_failed",
    22: "record_overflow",
    30: "decompression_failure",
    40: "handshake_failure",
    41: "no_certificate",
    42: "bad_certificate",
    43: "unsupported_certificate",
    44: "certificate_revoked",
    45: "certificate_expired",
    46: "certificate_unknown",
    47: "illegal_parameter",
    48: "unknown_ca",
    49: "access_denied",
    50: "decode_error",
    51: "decrypt_error",
    60: "export_restriction",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    90: "user_canceled",
    100: "no_renegotiation",
    109: "missing_extension",
    110: "unsupported_extension",
    112: "unrecognized_name",
    113: "bad_certificate_status_response",
    115: "unknown_psk_identity",
    116: "certificate_required",
    120: "no_application_protocol",
}
_HARMLESS = (0, 90, 100)


@record
class Alert(Record):
    """Why a side ends the connection, or that it does."""

    level: int = field(Int8ub, "1 warning, 2 fatal; TLS 1.3 doesn't look at it")
    description: int = field(Int8ub, "see ALERTS")

    @property
    def name(self) -> str:
        """Such as "unknown_ca"."""
        return ALERTS.get(self.description, f"alert {self.description}")

    @property
    def is_error(self) -> bool:
        """Whether something went wrong, rather than came to its end."""
        return self.level == FATAL_LEVEL and self.description not in _HARMLESS


FATAL_LEVEL = 2
ALERT_BYTES: int = Alert.declaration.struct.sizeof()

CHANGE = b"\1"
"""All content of a record "change cipher spec"."""


# ------------------------------------------------------------------- around the cipher


@record
class PaddedSequence(Record):
    """A record's number as long as an initialization vector; xor that, it is the nonce (RFC 8446, 5.3)."""

    zeros: bytes = field(Bytes(4), "0", default=bytes(4))
    sequence: int = field(Int64ub, "of the record under its key, from 0")


@record
class ExplicitNonce(Record):
    """What a record of AES-GCM and AES-CCM in TLS 1.2 begins with: the second part of its nonce."""

    value: int = field(Int64ub, "any that is new; most count records, from 0 or from anywhere")
    ciphertext: bytes = field(GreedyBytes, "encrypted content and tag", default=b"")


@record
class AdditionalData(Record):
    """What a cipher of TLS 1.2 authenticates besides the content (RFC 5246, 6.2.3.3)."""

    sequence: int = field(Int64ub, "of the record under its key, from 0")
    content_type: int = field(Int8ub, "as in the record's head")
    version: int = field(Int16ub, "as in the record's head")
    length: int = field(Int16ub, "of the content before it was encrypted")


@record
class InnerTypeByte(Record):
    """What stands behind the content inside of an encrypted record of TLS 1.3, before zeros as padding."""

    content_type: int = field(Int8ub, "what the record really is; never 0")


INNER_TYPE_BYTES: int = InnerTypeByte.declaration.struct.sizeof()


def inner_plaintext(data: bytes) -> tuple[int, bytes] | None:
    """Type and content of what an encrypted record of TLS 1.3 holds; None if there is no type.

    Source: RFC 8446, 5.4: content, type, zeros.

    >>> inner_plaintext(bytes.fromhex("aabb 17 000000"))
    (23, b'\\xaa\\xbb')
    """
    stripped = data.rstrip(b"\0")
    return (stripped[-1], stripped[:-1]) if stripped else None
