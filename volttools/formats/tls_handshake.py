"""The messages by which client and server of TLS agree on keys, as far as a reader needs them.

What is read: who is the client, both sides' randoms, the version and the suite that the server
chose. Certificates and key exchanges are passed over: the secrets come from a key log.

Sources: RFC 8446 (TLS 1.3), 4, 4.1 and appendix B.3; RFC 5246 (TLS 1.2), 7.4; IANA's registries
"TLS HandshakeType" and "TLS ExtensionType Values".
"""

from __future__ import annotations

from construct import Bytes, GreedyBytes, Int8ub, Int16ub

from volttools.formats.notation import Packed, Record, Sized, field, record

HANDSHAKE_TYPES = {
    0: "hello_request",
    1: "client_hello",
    2: "server_hello",
    4: "new_session_ticket",
    5: "end_of_early_data",
    8: "encrypted_extensions",
    11: "certificate",
    12: "server_key_exchange",
    13: "certificate_request",
    14: "server_hello_done",
    15: "certificate_verify",
    16: "client_key_exchange",
    20: "finished",
    21: "certificate_url",
    22: "certificate_status",
    24: "key_update",
    25: "compressed_certificate",
    254: "message_hash",
}
CLIENT_HELLO = 1
SERVER_HELLO = 2
END_OF_EARLY_DATA = 5
FINISHED = 20
KEY_UPDATE = 24

EXTENSION_EARLY_DATA = 42
EXTENSION_SUPPORTED_VERSIONS = 43

RANDOM_BYTES = 32

HELLO_RETRY_RANDOM = bytes.fromhex("CF21AD74E59A6111BE1D8C021E65B891C2A211167ABB8C5E079E09E2C8A8339C")
"""The random of a ServerHello that is a HelloRetryRequest: SHA-256 of that word (RFC 8446, 4.1.3)."""

MAX_HELLO_BYTES = 2**16
"""Real hellos take 200 bytes to 2 kB; a longer one is not read."""


def _from_parts(high: int, low: int) -> int:
    return high << 16 | low


def _to_parts(number: int) -> tuple[int, int]:
    return number >> 16, number & 0xFFFF


U24 = Packed("BH", decode=_from_parts, encode=_to_parts, label="u24")


@record
class HandshakeHeader(Record):
    """What stands before every message of a handshake. Messages and records are cut independently."""

    type: int = field(Int8ub, "see HANDSHAKE_TYPES")
    length: int = field(U24, "of the message behind it")


HANDSHAKE_HEADER_BYTES: int = HandshakeHeader.declaration.struct.sizeof()

FINISHED_1_2_BYTES = HANDSHAKE_HEADER_BYTES + 12
"""Of the message that is the first encrypted record of TLS 1.2 (RFC 5246, 7.4.9)."""

KEY_UPDATE_BYTES = HANDSHAKE_HEADER_BYTES + 1
"""Of the message of TLS 1.3 behind which a side has new keys (RFC 8446, 4.6.3)."""


@record
class Extension(Record):
    """The first of the extensions of a hello."""

    type: int = field(Int16ub, "42 early_data, 43 supported_versions ...")
    data: bytes = field(Sized(Int16ub, GreedyBytes), "by type")
    rest: bytes = field(GreedyBytes, "the extensions after it", default=b"")


@record
class Extensions(Record):
    """What stands at the end of a hello; old clients leave it out."""

    extensions: bytes = field(Sized(Int16ub, GreedyBytes), "one after another")


@record
class ClientHello(Record):
    """The first message of a client, also before it begins again in an encrypted connection."""

    legacy_version: int = field(Int16ub, "0303: TLS 1.2 or above, see supported_versions")
    random: bytes = field(Bytes(RANDOM_BYTES), "by which a key log names the connection")
    session_id: bytes = field(
        Sized(Int8ub, GreedyBytes), "of a session to resume; 1.3: anything", default=b""
    )
    cipher_suites: bytes = field(Sized(Int16ub, GreedyBytes), "codes of suites, two bytes each")
    compression_methods: bytes = field(Sized(Int8ub, GreedyBytes), "00: none", default=b"\0")
    extensions: bytes = field(GreedyBytes, "see Extensions", default=b"")


@record
class ServerHello(Record):
    """The server's answer: what it chose. Or a HelloRetryRequest, see HELLO_RETRY_RANDOM."""

    legacy_version: int = field(Int16ub, "0303: TLS 1.2, or above with the extension supported_versions")
    random: bytes = field(Bytes(RANDOM_BYTES), "enters the keys of TLS 1.2")
    session_id: bytes = field(Sized(Int8ub, GreedyBytes), "1.2: by which it may be resumed", default=b"")
    cipher_suite: int = field(Int16ub, "see CIPHER_SUITES of tls_suites")
    compression_method: int = field(Int8ub, "0: none", default=0)
    extensions: bytes = field(GreedyBytes, "see Extensions", default=b"")

    @property
    def is_retry(self) -> bool:
        """Whether it asks the client for another hello."""
        return self.random == HELLO_RETRY_RANDOM


@record
class SelectedVersion(Record):
    """Content of a server's extension supported_versions."""

    version: int = field(Int16ub, "0304")
