"""The ciphers of TLS that are read, and how their keys are derived.

These are the suites with authenticated encryption (AEAD): all of TLS 1.3, and of TLS 1.2 those
with AES-GCM, AES-CCM and ChaCha20-Poly1305. How client and server agreed on the secret doesn't
matter, as it comes from a key log. The names of some other suites are here so that they can be
told.

Sources: IANA's registry "TLS Cipher Suites"; RFC 8446 (TLS 1.3), 7.1, 7.3 and appendix B.4;
RFC 5246 (TLS 1.2), 5, 6.3 and 8.1; RFC 5288, 5289, 5487, 8442 (GCM), 6655, 7251 (CCM), 7905 (ChaCha20);
draft-ietf-tls-keylogfile-05 (labels of a key log).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from construct import GreedyBytes, Int8ub, Int16ub

from volttools.formats.notation import Record, Sized, field, record
from volttools.formats.tls import TLS_1_3

Algorithm = Literal["AES-GCM", "AES-CCM", "ChaCha20-Poly1305"]
Hash = Literal["sha256", "sha384"]


class Cipher(NamedTuple):
    """An AEAD and its sizes.

    iv        bytes of the nonce that come with the key
    explicit  bytes of the nonce that stand before each record's ciphertext; 0: the record's number
              is xored into the others
    tag       bytes of the tag behind each record's ciphertext
    """

    algorithm: Algorithm
    key: int
    iv: int
    explicit: int
    tag: int

    def __str__(self) -> str:
        explicit = f" + {self.explicit} in the record" if self.explicit else ""
        return f"{self.algorithm}, key {self.key}, iv {self.iv}{explicit}, tag {self.tag}"


# fmt: off
# of TLS 1.2            algorithm             key  iv explicit tag
GCM_128_12   = Cipher("AES-GCM",             16,  4,  8, 16)
GCM_256_12   = Cipher("AES-GCM",             32,  4,  8, 16)
CCM_128_12   = Cipher("AES-CCM",             16,  4,  8, 16)
CCM_256_12   = Cipher("AES-CCM",             32,  4,  8, 16)
CCM8_128_12  = Cipher("AES-CCM",             16,  4,  8,  8)
CCM8_256_12  = Cipher("AES-CCM",             32,  4,  8,  8)
CHACHA       = Cipher("ChaCha20-Poly1305",   32, 12,  0, 16)  # the same in TLS 1.3
# of TLS 1.3
GCM_128      = Cipher("AES-GCM",             16, 12,  0, 16)
GCM_256      = Cipher("AES-GCM",             32, 12,  0, 16)
CCM_128      = Cipher("AES-CCM",             16, 12,  0, 16)
CCM8_128     = Cipher("AES-CCM",             16, 12,  0,  8)
# fmt: on


class CipherSuite(NamedTuple):
    """What a server chooses: a cipher, and the hash by which keys are derived."""

    name: str
    cipher: Cipher
    hash: Hash

    def __str__(self) -> str:
        return f"{self.name}: {self.cipher}, {self.hash}"


# fmt: off
CIPHER_SUITES = {
    0x1301: CipherSuite("TLS_AES_128_GCM_SHA256",                               GCM_128,     "sha256"),
    0x1302: CipherSuite("TLS_AES_256_GCM_SHA384",                               GCM_256,     "sha384"),
    0x1303: CipherSuite("TLS_CHACHA20_POLY1305_SHA256",                         CHACHA,      "sha256"),
    0x1304: CipherSuite("TLS_AES_128_CCM_SHA256",                               CCM_128,     "sha256"),
    0x1305: CipherSuite("TLS_AES_128_CCM_8_SHA256",                             CCM8_128,    "sha256"),
    0x009C: CipherSuite("TLS_RSA_WITH_AES_128_GCM_SHA256",                      GCM_128_12,  "sha256"),
    0x009D: CipherSuite("TLS_RSA_WITH_AES_256_GCM_SHA384",                      GCM_256_12,  "sha384"),
    0x009E: CipherSuite("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",                  GCM_128_12,  "sha256"),
    0x009F: CipherSuite("TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",                  GCM_256_12,  "sha384"),
    0x00A0: CipherSuite("TLS_DH_RSA_WITH_AES_128_GCM_SHA256",                   GCM_128_12,  "sha256"),
    0x00A1: CipherSuite("TLS_DH_RSA_WITH_AES_256_GCM_SHA384",                   GCM_256_12,  "sha384"),
    0x00A2: CipherSuite("TLS_DHE_DSS_WITH_AES_128_GCM_SHA256",                  GCM_128_12,  "sha256"),
    0x00A3: CipherSuite("TLS_DHE_DSS_WITH_AES_256_GCM_SHA384",                  GCM_256_12,  "sha384"),
    0x00A6: CipherSuite("TLS_DH_anon_WITH_AES_128_GCM_SHA256",                  GCM_128_12,  "sha256"),
    0x00A7: CipherSuite("TLS_DH_anon_WITH_AES_256_GCM_SHA384",                  GCM_256_12,  "sha384"),
    0x00A8: CipherSuite("TLS_PSK_WITH_AES_128_GCM_SHA256",                      GCM_128_12,  "sha256"),
    0x00A9: CipherSuite("TLS_PSK_WITH_AES_256_GCM_SHA384",                      GCM_256_12,  "sha384"),
    0x00AA: CipherSuite("TLS_DHE_PSK_WITH_AES_128_GCM_SHA256",                  GCM_128_12,  "sha256"),
    0x00AB: CipherSuite("TLS_DHE_PSK_WITH_AES_256_GCM_SHA384",                  GCM_256_12,  "sha384"),
    0x00AC: CipherSuite("TLS_RSA_PSK_WITH_AES_128_GCM_SHA256",                  GCM_128_12,  "sha256"),
    0x00AD: CipherSuite("TLS_RSA_PSK_WITH_AES_256_GCM_SHA384",                  GCM_256_12,  "sha384"),
    0xC02B: CipherSuite("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",              GCM_128_12,  "sha256"),
    0xC02C: CipherSuite("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",              GCM_256_12,  "sha384"),
    0xC02D: CipherSuite("TLS_ECDH_ECDSA_WITH_AES_128_GCM_SHA256",               GCM_128_12,  "sha256"),
    0xC02E: CipherSuite("TLS_ECDH_ECDSA_WITH_AES_256_GCM_SHA384",               GCM_256_12,  "sha384"),
    0xC02F: CipherSuite("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",                GCM_128_12,  "sha256"),
    0xC030: CipherSuite("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",                GCM_256_12,  "sha384"),
    0xC031: CipherSuite("TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256",                 GCM_128_12,  "sha256"),
    0xC032: CipherSuite("TLS_ECDH_RSA_WITH_AES_256_GCM_SHA384",                 GCM_256_12,  "sha384"),
    0xC09C: CipherSuite("TLS_RSA_WITH_AES_128_CCM",                             CCM_128_12,  "sha256"),
    0xC09D: CipherSuite("TLS_RSA_WITH_AES_256_CCM",                             CCM_256_12,  "sha256"),
    0xC09E: CipherSuite("TLS_DHE_RSA_WITH_AES_128_CCM",                         CCM_128_12,  "sha256"),
    0xC09F: CipherSuite("TLS_DHE_RSA_WITH_AES_256_CCM",                         CCM_256_12,  "sha256"),
    0xC0A0: CipherSuite("TLS_RSA_WITH_AES_128_CCM_8",                           CCM8_128_12, "sha256"),
    0xC0A1: CipherSuite("TLS_RSA_WITH_AES_256_CCM_8",                           CCM8_256_12, "sha256"),
    0xC0A2: CipherSuite("TLS_DHE_RSA_WITH_AES_128_CCM_8",                       CCM8_128_12, "sha256"),
    0xC0A3: CipherSuite("TLS_DHE_RSA_WITH_AES_256_CCM_8",                       CCM8_256_12, "sha256"),
    0xC0A4: CipherSuite("TLS_PSK_WITH_AES_128_CCM",                             CCM_128_12,  "sha256"),
    0xC0A5: CipherSuite("TLS_PSK_WITH_AES_256_CCM",                             CCM_256_12,  "sha256"),
    0xC0A6: CipherSuite("TLS_DHE_PSK_WITH_AES_128_CCM",                         CCM_128_12,  "sha256"),
    0xC0A7: CipherSuite("TLS_DHE_PSK_WITH_AES_256_CCM",                         CCM_256_12,  "sha256"),
    0xC0A8: CipherSuite("TLS_PSK_WITH_AES_128_CCM_8",                           CCM8_128_12, "sha256"),
    0xC0A9: CipherSuite("TLS_PSK_WITH_AES_256_CCM_8",                           CCM8_256_12, "sha256"),
    0xC0AA: CipherSuite("TLS_PSK_DHE_WITH_AES_128_CCM_8",                       CCM8_128_12, "sha256"),
    0xC0AB: CipherSuite("TLS_PSK_DHE_WITH_AES_256_CCM_8",                       CCM8_256_12, "sha256"),
    0xC0AC: CipherSuite("TLS_ECDHE_ECDSA_WITH_AES_128_CCM",                     CCM_128_12,  "sha256"),
    0xC0AD: CipherSuite("TLS_ECDHE_ECDSA_WITH_AES_256_CCM",                     CCM_256_12,  "sha256"),
    0xC0AE: CipherSuite("TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8",                   CCM8_128_12, "sha256"),
    0xC0AF: CipherSuite("TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8",                   CCM8_256_12, "sha256"),
    0xCCA8: CipherSuite("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",          CHACHA,      "sha256"),
    0xCCA9: CipherSuite("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",        CHACHA,      "sha256"),
    0xCCAA: CipherSuite("TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256",            CHACHA,      "sha256"),
    0xCCAB: CipherSuite("TLS_PSK_WITH_CHACHA20_POLY1305_SHA256",                CHACHA,      "sha256"),
    0xCCAC: CipherSuite("TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256",          CHACHA,      "sha256"),
    0xCCAD: CipherSuite("TLS_DHE_PSK_WITH_CHACHA20_POLY1305_SHA256",            CHACHA,      "sha256"),
    0xCCAE: CipherSuite("TLS_RSA_PSK_WITH_CHACHA20_POLY1305_SHA256",            CHACHA,      "sha256"),
    0xD001: CipherSuite("TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256",                GCM_128_12,  "sha256"),
    0xD002: CipherSuite("TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384",                GCM_256_12,  "sha384"),
    0xD003: CipherSuite("TLS_ECDHE_PSK_WITH_AES_128_CCM_8_SHA256",              CCM8_128_12, "sha256"),
    0xD005: CipherSuite("TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256",                CCM_128_12,  "sha256"),
}

SUITES_1_3 = 0x13
"""The first byte of the suites of TLS 1.3, which are of no other version."""

OTHER_SUITES = {
    0x0004: "TLS_RSA_WITH_RC4_128_MD5",
    0x0005: "TLS_RSA_WITH_RC4_128_SHA",
    0x000A: "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
    0x0016: "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA",
    0x002F: "TLS_RSA_WITH_AES_128_CBC_SHA",
    0x0032: "TLS_DHE_DSS_WITH_AES_128_CBC_SHA",
    0x0033: "TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
    0x0035: "TLS_RSA_WITH_AES_256_CBC_SHA",
    0x0038: "TLS_DHE_DSS_WITH_AES_256_CBC_SHA",
    0x0039: "TLS_DHE_RSA_WITH_AES_256_CBC_SHA",
    0x003B: "TLS_RSA_WITH_NULL_SHA256",
    0x003C: "TLS_RSA_WITH_AES_128_CBC_SHA256",
    0x003D: "TLS_RSA_WITH_AES_256_CBC_SHA256",
    0x0040: "TLS_DHE_DSS_WITH_AES_128_CBC_SHA256",
    0x0067: "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256",
    0x006A: "TLS_DHE_DSS_WITH_AES_256_CBC_SHA256",
    0x006B: "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256",
    0xC004: "TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA",
    0xC005: "TLS_ECDH_ECDSA_WITH_AES_256_CBC_SHA",
    0xC009: "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    0xC00A: "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    0xC00E: "TLS_ECDH_RSA_WITH_AES_128_CBC_SHA",
    0xC00F: "TLS_ECDH_RSA_WITH_AES_256_CBC_SHA",
    0xC012: "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
    0xC013: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    0xC014: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    0xC023: "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    0xC024: "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
    0xC027: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
    0xC028: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
}
# fmt: on


def suite_of(code: int, version: int) -> CipherSuite | None:
    """The suite of a code in a version of TLS; None if it is none that is read."""
    is_of_1_3 = code >> 8 == SUITES_1_3
    return CIPHER_SUITES.get(code) if is_of_1_3 == (version == TLS_1_3) else None


def suite_name(code: int) -> str:
    """The name of any suite, such as "TLS_RSA_WITH_AES_128_CBC_SHA"; or its code.

    >>> suite_name(0x002F), suite_name(0xC07A)
    ('TLS_RSA_WITH_AES_128_CBC_SHA', 'suite C07A')
    """
    suite = CIPHER_SUITES.get(code)
    return suite.name if suite else OTHER_SUITES.get(code, f"suite {code:04X}")


# -------------------------------------------------------------------------- derivation

MASTER_SECRET_BYTES = 48
KEY_EXPANSION = b"key expansion"
"""Label of TLS 1.2; the seed is the server's random, then the client's (RFC 5246, 6.3)."""

KEY_LABEL = b"key"
IV_LABEL = b"iv"
UPDATE_LABEL = b"traffic upd"
"""Labels of TLS 1.3 (RFC 8446, 7.2 and 7.3)."""

LABEL_PREFIX = b"tls13 "


@record
class HkdfLabel(Record):
    """What HKDF-Expand-Label of TLS 1.3 expands a secret by (RFC 8446, 7.1)."""

    length: int = field(Int16ub, "of what is derived")
    label: bytes = field(Sized(Int8ub, GreedyBytes), "LABEL_PREFIX, then the label")
    context: bytes = field(Sized(Int8ub, GreedyBytes), "empty for keys", default=b"")


class KeyBlock(NamedTuple):
    """What is derived in TLS 1.2, in its order; suites with AEAD have no MAC keys."""

    client_key: bytes
    server_key: bytes
    client_iv: bytes
    server_iv: bytes


def key_block_bytes(cipher: Cipher) -> int:
    """How many bytes a key block has."""
    return 2 * (cipher.key + cipher.iv)


def key_block(data: bytes, cipher: Cipher) -> KeyBlock:
    """The parts of a key block (RFC 5246, 6.3)."""
    ends = [cipher.key, 2 * cipher.key, 2 * cipher.key + cipher.iv]
    return KeyBlock(data[: ends[0]], data[ends[0] : ends[1]], data[ends[1] : ends[2]], data[ends[2] :])


class KeyLogLabel(NamedTuple):
    """What the lines of a key log begin with."""

    label: str
    what: str


# fmt: off
KEY_LOG_LABELS = (
    KeyLogLabel("CLIENT_RANDOM",                   "TLS 1.2: the master secret"),
    KeyLogLabel("CLIENT_EARLY_TRAFFIC_SECRET",     "TLS 1.3: of the client, before the server has answered"),
    KeyLogLabel("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "TLS 1.3: of the client, in the handshake"),
    KeyLogLabel("SERVER_HANDSHAKE_TRAFFIC_SECRET", "TLS 1.3: of the server, in the handshake"),
    KeyLogLabel("CLIENT_TRAFFIC_SECRET_0",         "TLS 1.3: of the client, behind the handshake"),
    KeyLogLabel("SERVER_TRAFFIC_SECRET_0",         "TLS 1.3: of the server, behind the handshake"),
    KeyLogLabel("EARLY_EXPORTER_SECRET",           "TLS 1.3: not needed"),
    KeyLogLabel("EXPORTER_SECRET",                 "TLS 1.3: not needed"),
)
# fmt: on
