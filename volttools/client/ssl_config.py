"""The official clients' `ssl_config` file: which stores there are, and their passwords.

Either a property file, with the keys of VoltDB's Java programs and of the Python client, in
any case of letters, or itself what is trusted: a JKS or PKCS12 store or certificates in PEM.

    keyStore            who the client is: its private key and certificate; JKS, PKCS12 or PEM
    keyStorePassword
    keyStoreCert        its certificate, in PEM, where keyStore is a key in PEM alone
    trustStore          who vouches for the server; JKS, PKCS12 or PEM
    trustStorePassword
    cacerts             the same in PEM; goes before trustStore
    ssl_version         is accepted and means nothing, as in the official client

Source: FastSerializer.__wrap_socket of the official client 16.1, and its documentation.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from volttools.client.properties import read_properties
from volttools.client.stores import StorePath, is_binary_store, read_bytes
from volttools.errors import UsageError

KEYS = (
    "keyStore",
    "keyStorePassword",
    "keyStoreCert",
    "trustStore",
    "trustStorePassword",
    "cacerts",
    "ssl_version",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SslConfig:
    """What such a file says; None for what it doesn't."""

    key_store: str | None = None
    key_store_password: str | None = field(default=None, repr=False)
    key_certificate: str | None = None
    trust_store: str | None = None
    trust_store_password: str | None = field(default=None, repr=False)
    has_backslashes: bool = False


def read_ssl_config(path: StorePath) -> SslConfig:
    """Read such a file. Raises UsageError for one that can't be read or says nothing of stores.

    The names in it count from the current directory, as in the official clients; `~` is home,
    and in the name of the file itself $NAME is a variable of the environment.
    """
    resolved = os.path.expandvars(os.path.expanduser(os.fspath(path)))
    data = read_bytes(resolved)
    if is_binary_store(data) or data.lstrip().startswith(b"-----BEGIN"):
        return SslConfig(trust_store=resolved)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError("neither a property file in UTF-8 nor a key store", file=resolved) from None
    said = read_properties(text)
    # The official Python client takes blanks off the ends; Java keeps them, where nobody sees them.
    values = {key.lower(): value.strip() for key, value in said.items()}
    known = {key: values.get(key.lower()) or None for key in KEYS}
    if values and not any(key.lower() in values for key in KEYS):
        raise UsageError(f"none of {', '.join(KEYS[:-1])} is set in it", file=resolved)
    return SslConfig(
        key_store=_expanded(known["keyStore"]),
        key_store_password=known["keyStorePassword"],
        key_certificate=_expanded(known["keyStoreCert"]),
        trust_store=_expanded(known["cacerts"] or known["trustStore"]),
        trust_store_password=known["trustStorePassword"],
        has_backslashes="\\" in text,
    )


def _expanded(path: str | None) -> str | None:
    return None if path is None else os.path.expanduser(path)
