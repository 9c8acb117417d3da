"""Read key stores of the format JKS: what is trusted, and the private key.

Source: formats/jks.py. Unlike pyjks, which stumbles over keys that Java 17 writes, a key is
handed on as the PKCS#8 that it is, whatever its algorithm.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple

from volttools.client.der import elements
from volttools.codec import parse
from volttools.errors import DecodeError, UsageError
from volttools.formats.jks import (
    DIGEST_BYTES,
    DIGEST_SALT,
    ENTRY_TAGS,
    KEY_PROTECTOR,
    VERSION,
    JksEntry,
    JksStore,
    ProtectedKey,
)

WRONG_PASSWORD = "the password of the store is wrong, or the file is damaged"


class Contents(NamedTuple):
    """What a store holds.

    trusted  as Java sees it: the trusted certificates, and of each key its own certificate
    chain    of the first key: its certificate, then those that vouch for it
    key      the first key as PKCS#8; None if there is none, or no password for it
    has_key  whether there is one
    """

    trusted: tuple[bytes, ...]
    chain: tuple[bytes, ...]
    key: bytes | None
    has_key: bool


def read(data: bytes, password: str | None) -> Contents:
    """Read a whole store. Raises UsageError.

    Certificates can be read without the password; that nobody changed them is then not
    checked, as in Java.
    """
    try:
        store = parse(JksStore, data)
    except DecodeError as error:
        raise UsageError(f"a damaged JKS store: {error}") from None
    if store.version != VERSION:
        raise UsageError(f"a JKS store of version {store.version}; only version {VERSION} is read")
    for entry in store.entries:
        if entry.tag not in ENTRY_TAGS:
            raise UsageError(f"a damaged JKS store: entry {entry.name!r} is of the unknown kind {entry.tag}")
    if password is not None and not _is_password(data, store.digest, password):
        raise UsageError(WRONG_PASSWORD)
    trusted = []
    for entry in store.entries:
        certificates = [entry.certificate] if entry.certificate else (entry.chain or [])[:1]
        trusted += [certificate.data for certificate in certificates]
    first = next((entry for entry in store.entries if entry.key is not None), None)
    if first is None:
        return Contents(tuple(trusted), (), None, False)
    chain = tuple(certificate.data for certificate in first.chain or [])
    return Contents(tuple(trusted), chain, None if password is None else _key_of(first, password), True)


def _is_password(data: bytes, digest: bytes, password: str) -> bool:
    made = hashlib.sha1(_password_bytes(password) + DIGEST_SALT + data[:-DIGEST_BYTES]).digest()
    return hmac.compare_digest(made, digest)


def _password_bytes(password: str) -> bytes:
    return password.encode("utf-16-be", "surrogatepass")


def _key_of(entry: JksEntry, password: str) -> bytes:
    hidden = _password_bytes(password)
    try:
        (outer,) = elements(entry.key or b"")
        algorithm, octets = elements(outer.content)
        identifier = next(elements(algorithm.content))
        protected = parse(ProtectedKey, octets.content)
    except (DecodeError, ValueError, StopIteration):
        raise UsageError(f"the private key {entry.name!r} is damaged") from None
    if identifier.content != KEY_PROTECTOR:
        raise UsageError(f"the private key {entry.name!r} is encrypted in a way that is not Java's own")
    encrypted, check = protected.key_and_check[:-DIGEST_BYTES], protected.key_and_check[-DIGEST_BYTES:]
    key = _xor(encrypted, _keystream(hidden, protected.salt, len(encrypted)))
    if not hmac.compare_digest(hashlib.sha1(hidden + key).digest(), check):
        raise UsageError(
            f"the private key {entry.name!r} has another password than its store; give it the same: "
            "keytool -keypasswd -alias ALIAS -keystore FILE"
        )
    return key


def _keystream(password: bytes, salt: bytes, length: int) -> bytes:
    """SHA-1 of password and salt, then of password and the digest before."""
    stream = bytearray()
    digest = salt
    while len(stream) < length:
        digest = hashlib.sha1(password + digest).digest()
        stream += digest
    return bytes(stream[:length])


def _xor(data: bytes, stream: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(data, stream, strict=True))
