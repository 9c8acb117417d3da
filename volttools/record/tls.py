"""TLS on either side of the proxy: contexts, and certificates that it makes for itself.

Who listens with TLS needs a certificate that clients trust. Without one of the user's, it is signed by a
CA that is made on first use and kept, so that clients have to be told once. Its key is only its owner's to
read: who has it can pretend to be any server to those clients.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from volttools.errors import UsageError

if TYPE_CHECKING:
    from volttools.certificates import Authority

CA_FILE: Final = "proxy-ca.pem"
KEY_FILE: Final = "proxy-ca.key"
CA_DAYS: Final = 3650
CERTIFICATE_DAYS: Final = 365


def default_folder() -> Path:
    """Where the CA is kept."""
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "volttools"


def client_context(*, ca_file: str | None = None, insecure: bool = False) -> ssl.SSLContext:
    """For connections to a server. Raises UsageError for a file that holds no certificates.

    ca_file    whom to trust, in PEM; None: whom the system trusts
    insecure   trust everyone, whatever name is in the certificate
    """
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise _unusable(error, ca_file) from None
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def server_context(certificate: str, key: str | None = None) -> ssl.SSLContext:
    """For listening with a certificate in PEM; its key stands in the same file, or in one of its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key, password=lambda: b"")
    except (OSError, ssl.SSLError) as error:
        raise _unusable(error, certificate if key is None else f"{certificate} with {key}") from None
    return context


def own_context(hosts: Iterable[str], folder: Path) -> tuple[ssl.SSLContext, Path]:
    """For listening with a certificate of our own; and the file of the CA that clients must trust.

    hosts   by which clients may call the proxy, besides those of this machine
    Raises UsageError where cryptography is missing, or the CA can't be read or written.
    """
    authority = _authority(folder)
    names = {"localhost", "127.0.0.1", "::1", socket.gethostname(), *hosts} - {"0.0.0.0", "::"}
    names = {name for name in names if name.isascii()}
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue(*sorted(names), days=CERTIFICATE_DAYS).load_into(context)
    return context, folder / CA_FILE


def _authority(folder: Path) -> Authority:
    """The CA, made if it isn't there."""
    try:
        from volttools.certificates import Authority
    except ImportError as error:
        raise UsageError(f"{error}, or give a certificate of yours") from None
    ca_file, key_file = folder / CA_FILE, folder / KEY_FILE
    try:
        if not (ca_file.exists() and key_file.exists()):
            _keep(Authority(f"volttools proxy CA of {socket.gethostname()}", days=CA_DAYS), ca_file, key_file)
        return Authority.load(ca_file.read_bytes(), key_file.read_bytes())
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}; it is to hold the proxy's CA") from None
    except ValueError:
        raise UsageError(
            f"{folder} holds no CA of the proxy's: delete {CA_FILE} and {KEY_FILE} there"
        ) from None


def _keep(authority: Authority, ca_file: Path, key_file: Path) -> None:
    ca_file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(authority.key_pem)
    ca_file.write_bytes(authority.ca_pem)


def _unusable(error: Exception, file: str | None) -> UsageError:
    if isinstance(error, ssl.SSLError) or not isinstance(error, OSError) or error.strerror is None:
        return UsageError(
            f"{file} can't be used for TLS: it is to hold certificates, or certificate and key, in PEM"
        )
    return UsageError(f"{file}: {error.strerror}")
