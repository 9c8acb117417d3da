"""Read PKCS12 stores; the only module of the client's that needs the package `cryptography`."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from volttools.client.jks import WRONG_PASSWORD
from volttools.errors import UsageError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

MISSING = '{what} takes the package cryptography: pip install "volttools[tls]"'

NO_PASSWORD = "the store is encrypted, and no password of it was given"


def read(data: bytes, password: str | None) -> tuple[bytes | None, tuple[bytes, ...], tuple[bytes, ...]]:
    """Key as PKCS#8, its chain, and all certificates, which may all be trusted. Raises UsageError.

    PKCS12 files of other programs than Java don't mark which certificates are trusted.
    """
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.serialization import (
            Encoding,
            NoEncryption,
            PrivateFormat,
            pkcs12,
        )
    except ImportError:
        raise UsageError(MISSING.format(what="reading PKCS12 stores")) from None
    if password is not None and "\0" in password:
        raise UsageError(WRONG_PASSWORD)  # cryptography would panic
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that a store is BER, which many are
            store = pkcs12.load_pkcs12(
                data, None if password is None else password.encode("utf-8", "replace")
            )
    except UnsupportedAlgorithm as error:
        raise UsageError(f"a PKCS12 store with a cipher that is not supported ({error}); {RENEW}") from None
    except ValueError as error:
        raise UsageError(_reason(str(error), password)) from None
    own = [] if store.cert is None else [store.cert.certificate]
    others = [one.certificate for one in store.additional_certs]
    trusted = tuple(one.public_bytes(Encoding.DER) for one in own + others)
    if store.key is None:
        return None, (), trusted
    key = store.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return key, tuple(one.public_bytes(Encoding.DER) for one in _chain(own, others)), trusted


def _chain(own: list[Certificate], others: list[Certificate]) -> list[Certificate]:
    """A certificate, then each that vouches for the one before."""
    chain = list(own)
    while chain and (above := [one for one in others if one.subject == chain[-1].issuer]):
        chain.append(above[0])
        others = [one for one in others if one is not above[0]]
    return chain


RENEW = "write it anew: keytool -importkeystore -srckeystore OLD -destkeystore NEW.p12 -deststoretype PKCS12"


def _reason(reason: str, password: str | None) -> str:
    if "password" not in reason.lower():
        return f"a damaged PKCS12 store ({reason})"
    if password is None:
        return NO_PASSWORD
    return WRONG_PASSWORD


def encrypted_pem(key: bytes, password: bytes) -> bytes:
    """A private key, from PKCS#8 to PEM that only the password opens. Raises UsageError."""
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization
    except ImportError:
        raise UsageError(MISSING.format(what="using the private key of a JKS store")) from None
    try:
        private = serialization.load_der_private_key(key, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UsageError(f"a private key that can't be used: {error}") from None
    return private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password),
    )
