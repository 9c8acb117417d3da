"""TLS on either side of the proxy: contexts, and certificates that it makes for itself.

Who listens with TLS needs a certificate that clients trust. Without one of the user's, it is signed by a
CA that is made on first use and kept, so that clients have to be told once. Its key is only its owner's to
read: who has it can pretend to be any server to those clients.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
import socket
import ssl
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from volttools.errors import UsageError

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

CA_FILE: Final = "proxy-ca.pem"
KEY_FILE: Final = "proxy-ca.key"
_DAY: Final = datetime.timedelta(days=1)
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
    try:
        from cryptography.hazmat.primitives import serialization
    except ImportError:
        raise UsageError(
            'making a certificate needs cryptography: pip install "volttools[tls]", or give one of yours'
        ) from None
    authority, authority_key = _authority(folder)
    names = {"localhost", "127.0.0.1", "::1", socket.gethostname(), *hosts} - {"0.0.0.0", "::"}
    names = {name for name in names if name.isascii()}
    certificate, key = _signed(sorted(names), authority, authority_key)
    pem = serialization.Encoding.PEM
    with tempfile.NamedTemporaryFile("wb", suffix=".pem") as file:  # the ssl module reads files only
        file.write(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            + certificate.public_bytes(pem)
        )
        file.flush()
        return server_context(file.name), folder / CA_FILE


def _authority(folder: Path) -> tuple[x509.Certificate, EllipticCurvePrivateKey]:
    """The CA, made if it isn't there."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    ca_file, key_file = folder / CA_FILE, folder / KEY_FILE
    try:
        if not (ca_file.exists() and key_file.exists()):
            _make_authority(ca_file, key_file)
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        certificate = x509.load_pem_x509_certificate(ca_file.read_bytes())
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}; it is to hold the proxy's CA") from None
    except (ValueError, TypeError):
        raise UsageError(
            f"{folder} holds no CA of the proxy's: delete {CA_FILE} and {KEY_FILE} there"
        ) from None
    if not isinstance(key, EllipticCurvePrivateKey):
        raise UsageError(f"{folder} holds no CA of the proxy's: delete {CA_FILE} and {KEY_FILE} there")
    return certificate, key


def _make_authority(ca_file: Path, key_file: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"volttools proxy CA of {socket.gethostname()}"[:64])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + CA_DAYS * _DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    ca_file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    ca_file.write_bytes(certificate.public_bytes(pem))


def _signed(
    names: list[str], authority: x509.Certificate, authority_key: EllipticCurvePrivateKey
) -> tuple[x509.Certificate, EllipticCurvePrivateKey]:
    """A certificate for a server of these names and addresses, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name("volttools proxy"))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + CERTIFICATE_DAYS * _DAY)
        .add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(issuer, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    return certificate, key


def _name(text: str) -> x509.Name:
    from cryptography import x509

    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _alternative(name: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _unusable(error: Exception, file: str | None) -> UsageError:
    if isinstance(error, ssl.SSLError) or not isinstance(error, OSError) or error.strerror is None:
        return UsageError(
            f"{file} can't be used for TLS: it is to hold certificates, or certificate and key, in PEM"
        )
    return UsageError(f"{file}: {error.strerror}")
