"""Key and trust stores of any format, told apart by their content: JKS, PKCS12, PEM, DER.

The name says little: since Java 9 keytool writes PKCS12 into files that are called .jks.
"""

from __future__ import annotations

import os
import re
import ssl
from dataclasses import dataclass, field

from volttools.client import jks, pkcs12
from volttools.client.der import first_tag_within
from volttools.errors import UsageError
from volttools.formats.jks import DER_INTEGER, DER_SEQUENCE, JCEKS_MAGIC, MAGIC

StorePath = str | os.PathLike[str]

MAX_STORE_BYTES = 16 * 2**20
"""The store of all public authorities that comes with Java takes 200 kB."""

_PEM_CERTIFICATE = re.compile(
    rb"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----.+?-----END (?:X509 |TRUSTED )?CERTIFICATE-----",
    re.DOTALL,
)
_PEM_KEY = re.compile(rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """What a file holds.

    kind     "JKS", "PKCS12", "PEM" or "DER"
    trusted  certificates that may vouch for a server, as DER
    chain    the certificate of the key, then those that vouch for it, as DER
    key      the private key as PKCS#8; None without a password, and in PEM, which OpenSSL reads itself
    has_key  whether there is one
    """

    kind: str
    trusted: tuple[bytes, ...]
    chain: tuple[bytes, ...] = ()
    key: bytes | None = field(default=None, repr=False)
    has_key: bool = False


def read_store(path: StorePath, password: str | None = None) -> Store:
    """Read a store. Raises UsageError, with the file, for what can't be read or opened."""
    try:
        return _parsed(read_bytes(path), password)
    except UsageError as error:
        raise error.with_place(file=os.fspath(path)) from None


def read_bytes(path: StorePath) -> bytes:
    """All bytes of a small file. Raises UsageError."""
    name = os.path.expanduser(path)
    try:
        with open(name, "rb") as file:
            data = file.read(MAX_STORE_BYTES + 1)
    except FileNotFoundError:
        hint = "" if os.path.isabs(name) else f"; names count from {os.getcwd()}"
        raise UsageError(f"there is no such file{hint}", file=os.fspath(path)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"can't be read: {reason}", file=os.fspath(path)) from None
    if len(data) > MAX_STORE_BYTES:
        raise UsageError(f"longer than {MAX_STORE_BYTES:,} bytes: no key store", file=os.fspath(path))
    return data


def is_binary_store(data: bytes) -> bool:
    """Whether these bytes are a store of Java's, or anything in DER, rather than text."""
    return data.startswith((MAGIC, JCEKS_MAGIC)) or first_tag_within(data, DER_SEQUENCE) is not None


def _parsed(data: bytes, password: str | None) -> Store:
    if data.startswith(MAGIC):
        found = jks.read(data, password)
        return Store(
            kind="JKS", trusted=found.trusted, chain=found.chain, key=found.key, has_key=found.has_key
        )
    if data.startswith(JCEKS_MAGIC):
        raise UsageError(f"a key store of the type JCEKS, which is not read; {CONVERT}")
    tag = first_tag_within(data, DER_SEQUENCE)
    if tag == DER_INTEGER:
        key, chain, trusted = pkcs12.read(data, password)
        return Store(kind="PKCS12", trusted=trusted, chain=chain, key=key, has_key=key is not None)
    if tag == DER_SEQUENCE:
        return Store(kind="DER", trusted=(data,))
    if b"-----BEGIN " in data:
        return Store(kind="PEM", trusted=_pem_certificates(data), has_key=bool(_PEM_KEY.search(data)))
    if not data:
        raise UsageError("the file is empty")
    raise UsageError(f"neither JKS, PKCS12, PEM nor a certificate; {CONVERT}")


CONVERT = "convert it: keytool -importkeystore -srckeystore OLD -destkeystore NEW.p12 -deststoretype PKCS12"


def _pem_certificates(data: bytes) -> tuple[bytes, ...]:
    found = []
    for number, match in enumerate(_PEM_CERTIFICATE.finditer(data), 1):
        lines = match[0].decode("ascii", "replace").splitlines()
        text = "\n".join([ssl.PEM_HEADER, *lines[1:-1], ssl.PEM_FOOTER])
        try:
            found.append(ssl.PEM_cert_to_DER_cert(text))
        except ValueError:
            raise UsageError(f"certificate {number} is not base64: it was damaged on its way") from None
    return tuple(found)
