"""From secrets to the keys of records, and by them from records to their content.

Sources: RFC 8446 (TLS 1.3), 5.2, 5.3, 7.1 - 7.3; RFC 5246 (TLS 1.2), 5, 6.2.3.3, 6.3; RFC 5869 (HKDF).
The layouts and labels are in formats/tls.py and formats/tls_suites.py.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import Final

from volttools.codec import build, parser
from volttools.formats.tls import (
    INNER_TYPE_BYTES,
    MAX_PLAIN_BYTES,
    TLS_1_2,
    TLS_1_3,
    TLS_HEADER_BYTES,
    AdditionalData,
    ExplicitNonce,
    PaddedSequence,
    TlsRecordHeader,
    inner_plaintext,
)
from volttools.formats.tls_suites import (
    IV_LABEL,
    KEY_EXPANSION,
    KEY_LABEL,
    LABEL_PREFIX,
    UPDATE_LABEL,
    CipherSuite,
    Hash,
    HkdfLabel,
    key_block,
    key_block_bytes,
)
from volttools.protocol.tls.aead import Decrypt, decryption

HASH_BYTES: Final[dict[Hash, int]] = {"sha256": 32, "sha384": 48}
"""As long is a secret of TLS 1.3."""

MAX_PLAINTEXT_BYTES: Final = MAX_PLAIN_BYTES + INNER_TYPE_BYTES
"""Of what is inside of an encrypted record of either version."""


@dataclass(slots=True)
class RecordKeys:
    """The key of one side's records for a while. Its secrets are in no repr.

    overhead   bytes of a record besides its content; in TLS 1.3 there may be padding, too
    """

    version: int
    suite: CipherSuite
    iv: bytes = field(repr=False)
    decrypt: Decrypt = field(repr=False)

    @property
    def overhead(self) -> int:
        """How many bytes longer than its content a record is; in TLS 1.3, without padding."""
        cipher = self.suite.cipher
        inner_type = INNER_TYPE_BYTES if self.version == TLS_1_3 else 0
        return TLS_HEADER_BYTES + cipher.explicit + inner_type + cipher.tag

    def content_of(self, header: TlsRecordHeader, body: bytes, sequence: int) -> tuple[int, bytes] | None:
        """Type and content of a record, if it is the record of that number under this key."""
        cipher = self.suite.cipher
        size = len(body) - cipher.explicit - cipher.tag
        if not 0 <= size <= MAX_PLAINTEXT_BYTES:
            return None
        if cipher.explicit:
            nonce, data = self.iv + body[: cipher.explicit], body[cipher.explicit :]
        else:
            nonce, data = _xored(self.iv, build(PaddedSequence(sequence=sequence))), body
        if self.version == TLS_1_3:
            inner = self.decrypt(nonce, data, build(header))
            return None if inner is None else inner_plaintext(inner)
        additional = AdditionalData(
            sequence=sequence, content_type=header.content_type, version=header.version, length=size
        )
        content = self.decrypt(nonce, data, build(additional))
        return None if content is None else (header.content_type, content)


def explicit_nonce(keys: RecordKeys, body: bytes) -> int | None:
    """The nonce that stands in a record, which most senders count up; None if there is none."""
    if not keys.suite.cipher.explicit or len(body) < keys.suite.cipher.explicit:
        return None
    found: ExplicitNonce = parser(ExplicitNonce)(body)
    return found.value


def keys_1_2(
    suite: CipherSuite, master_secret: bytes, client_random: bytes, server_random: bytes
) -> tuple[RecordKeys, RecordKeys]:
    """The keys of the client's and of the server's records in TLS 1.2."""
    cipher = suite.cipher
    seed = KEY_EXPANSION + server_random + client_random
    block = key_block(pseudorandom(suite.hash, master_secret, seed, key_block_bytes(cipher)), cipher)
    client = RecordKeys(TLS_1_2, suite, block.client_iv, decryption(cipher, block.client_key))
    return client, RecordKeys(TLS_1_2, suite, block.server_iv, decryption(cipher, block.server_key))


def keys_1_3(suite: CipherSuite, secret: bytes) -> RecordKeys:
    """The keys of a side's records in TLS 1.3, from a traffic secret."""
    cipher = suite.cipher
    key = expand_label(suite.hash, secret, KEY_LABEL, cipher.key)
    iv = expand_label(suite.hash, secret, IV_LABEL, cipher.iv)
    return RecordKeys(TLS_1_3, suite, iv, decryption(cipher, key))


def next_secret(suite: CipherSuite, secret: bytes) -> bytes:
    """The traffic secret after a KeyUpdate of TLS 1.3."""
    return expand_label(suite.hash, secret, UPDATE_LABEL, HASH_BYTES[suite.hash])


def expand_label(hash: Hash, secret: bytes, label: bytes, length: int) -> bytes:
    """HKDF-Expand-Label of TLS 1.3, without a context."""
    info = build(HkdfLabel(length=length, label=LABEL_PREFIX + label))
    found, last, count = b"", b"", 0
    while len(found) < length:
        count += 1
        last = hmac.digest(secret, last + info + bytes([count]), hash)
        found += last
    return found[:length]


def pseudorandom(hash: Hash, secret: bytes, seed: bytes, length: int) -> bytes:
    """The PRF of TLS 1.2; the label is a part of the seed (RFC 5246, 5)."""
    found, last = b"", seed
    while len(found) < length:
        last = hmac.digest(secret, last, hash)
        found += hmac.digest(secret, last + seed, hash)
    return found[:length]


def _xored(first: bytes, second: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(first, second, strict=True))
