"""The ciphers themselves: the only module that needs the package `cryptography`."""

from __future__ import annotations

from collections.abc import Callable

from volttools.errors import UsageError
from volttools.formats.tls_suites import Cipher

Decrypt = Callable[[bytes, bytes, bytes], bytes | None]
"""nonce, ciphertext with tag, additional data -> content; None if the tag is not that of the content."""

MISSING = 'reading TLS takes the package cryptography: pip install "volttools[tls]"'


def require() -> None:
    """Raise UsageError, which says what to install, if there are no ciphers."""
    try:
        import cryptography.hazmat.primitives.ciphers.aead  # noqa: F401
    except ImportError:
        raise UsageError(MISSING) from None


def decryption(cipher: Cipher, key: bytes) -> Decrypt:
    """A function that decrypts with a key. Raises UsageError without the package `cryptography`."""
    require()
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers import aead

    made: aead.AESGCM | aead.AESCCM | aead.ChaCha20Poly1305
    if cipher.algorithm == "AES-GCM":
        made = aead.AESGCM(key)
    elif cipher.algorithm == "AES-CCM":
        made = aead.AESCCM(key, tag_length=cipher.tag)
    else:
        made = aead.ChaCha20Poly1305(key)

    def decrypt(nonce: bytes, data: bytes, additional: bytes) -> bytes | None:
        try:
            return made.decrypt(nonce, data, additional)
        except InvalidTag:
            return None

    return decrypt
