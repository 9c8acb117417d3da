"""Key stores of Java, in the format JKS: certificates that are trusted, and private keys.

It was what keytool wrote until Java 8; since then a store is PKCS12 unless one asks for JKS,
whatever the file's name. A private key is hidden by a keystream of SHA-1 made from the store's
password; certificates stand in the open. The digest at the end covers everything before it.

Sources: JavaKeyStore.java and KeyProtector.java of OpenJDK 17 (sun.security.provider);
RFC 5208, 6 (EncryptedPrivateKeyInfo); X.690, 8.1 (DER); stores written by keytool 17.
"""

from __future__ import annotations

from construct import Bytes, GreedyBytes, Int8ub, Int16ub, Int32ub, Int64sb, this

from volttools.formats.notation import Counted, Record, Sized, field, present_if, record

MAGIC = bytes.fromhex("FEEDFEED")
JCEKS_MAGIC = bytes.fromhex("CECECECE")
"""Another format of Java's, which looks alike and hides its keys in another way."""

VERSION = 2
"""Version 1, of Java 1.1, has no types of certificates."""

ENTRY_TAGS = {1: "private key", 2: "trusted certificate"}
PRIVATE_KEY = 1
TRUSTED_CERTIFICATE = 2

DIGEST_BYTES = 20
"""Of a SHA-1: the store's digest, a key's salt and its check."""

DIGEST_SALT = b"Mighty Aphrodite"
"""What stands between the password and the store when its digest is made."""

KEY_PROTECTOR = bytes.fromhex("2B060104012A02110101")
"""Object identifier 1.3.6.1.4.1.42.2.17.1.1, content octets: the keystream of SHA-1."""

DER_SEQUENCE = 0x30
DER_INTEGER = 0x02
DER_OBJECT_IDENTIFIER = 0x06
DER_OCTET_STRING = 0x04


@record
class JksCertificate(Record):
    """One certificate."""

    type: bytes = field(Sized(Int16ub, GreedyBytes), '"X.509"', default=b"X.509")
    data: bytes = field(Sized(Int32ub, GreedyBytes), "as DER")


@record
class JksEntry(Record):
    """A trusted certificate, or a private key with the certificates that belong to it."""

    tag: int = field(Int32ub, "see ENTRY_TAGS")
    alias: bytes = field(Sized(Int16ub, GreedyBytes), "the entry's name, modified UTF-8")
    created: int = field(Int64sb, "ms since 1970", default=0)
    key: bytes | None = field(
        present_if(this.tag == PRIVATE_KEY, Sized(Int32ub, GreedyBytes)),
        "EncryptedPrivateKeyInfo as DER",
        default=None,
        secret=True,
    )
    chain: list[JksCertificate] | None = field(
        present_if(this.tag == PRIVATE_KEY, Counted(Int32ub, JksCertificate.declaration)),
        "the key's own certificate, then those that vouch for it",
        default=None,
    )
    certificate: JksCertificate | None = field(
        present_if(this.tag == TRUSTED_CERTIFICATE, JksCertificate.declaration),
        "the trusted one",
        default=None,
    )

    @property
    def name(self) -> str:
        """The alias as text."""
        return self.alias.decode("utf-8", "replace")


@record
class JksStore(Record):
    """A whole file."""

    magic: bytes = field(Bytes(4), "FEEDFEED", default=MAGIC)
    version: int = field(Int32ub, "2", default=VERSION)
    entries: list[JksEntry] = field(Counted(Int32ub, JksEntry.declaration), "in no order")
    digest: bytes = field(Bytes(DIGEST_BYTES), "SHA-1 of password (UTF-16), DIGEST_SALT and all before")


@record
class ProtectedKey(Record):
    """What an EncryptedPrivateKeyInfo of Java's holds.

    The check is the SHA-1 of password and key, so that a wrong password is noticed.
    """

    salt: bytes = field(Bytes(DIGEST_BYTES), "with the password, the beginning of the keystream")
    key_and_check: bytes = field(GreedyBytes, "PKCS#8 xor keystream, then a check of DIGEST_BYTES")


@record
class DerElement(Record):
    """The head of a DER element, and all that comes behind."""

    tag: int = field(Int8ub, "30 sequence, 02 integer, 06 object identifier, 04 octet string ...")
    short_length: int = field(Int8ub, "of the content, if below 128; else how many bytes of length + 128")
    long_length: bytes | None = field(
        present_if(this.short_length > 128, Bytes(this.short_length - 128)), "of the content", default=None
    )
    rest: bytes = field(GreedyBytes, "the content, and what follows it", default=b"")

    @property
    def length(self) -> int:
        """Of the content, in bytes."""
        return self.short_length if self.long_length is None else int.from_bytes(self.long_length)

    @property
    def content(self) -> bytes:
        """What the element holds; shorter than `length` where the data ends before."""
        return self.rest[: self.length]

    @property
    def behind(self) -> bytes:
        """What follows the element."""
        return self.rest[self.length :]
