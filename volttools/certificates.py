"""Certificates made on the spot, for a mock server and a proxy: an authority, and what it signs."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import tempfile
from pathlib import Path
from typing import NamedTuple, Self

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
except ImportError as error:
    raise ImportError(
        'making certificates needs the package cryptography: pip install "volttools[tls]"'
    ) from error

_SKEW = datetime.timedelta(days=1)  # clocks of containers differ, and so do time zones that were set wrong


class Certificate(NamedTuple):
    """A certificate with its key, both PEM."""

    certificate_pem: bytes
    key_pem: bytes

    def load_into(self, context: ssl.SSLContext) -> None:
        """Give it to a context; Python's ssl reads certificates from files only."""
        with tempfile.TemporaryDirectory(prefix="volttools-") as directory:  # only the user can look in
            file = Path(directory, "certificate.pem")
            file.write_bytes(self.certificate_pem + self.key_pem)
            context.load_cert_chain(file)


class Authority:
    """A certificate authority.

    ca_pem   what a client has to trust
    key_pem  what signs; who has it can pretend to be any server to those clients
    """

    def __init__(self, name: str = "volttools test authority", *, days: int = 1) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(name)
        certificate = (
            _builder(subject, key.public_key(), issuer=subject, days=days)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        self._hold(certificate, key)

    @classmethod
    def load(cls, ca_pem: bytes, key_pem: bytes) -> Self:
        """One that was kept. ValueError where it isn't one."""
        try:
            certificate = x509.load_pem_x509_certificate(ca_pem)
            key = serialization.load_pem_private_key(key_pem, None)
        except TypeError as error:  # a key with a password
            raise ValueError(str(error)) from None
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("its key is not of an elliptic curve")
        authority = cls.__new__(cls)
        authority._hold(certificate, key)
        return authority

    def _hold(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self._name = certificate.subject
        self.ca_pem = certificate.public_bytes(serialization.Encoding.PEM)
        self.key_pem = _key_pem(key)

    def issue(self, *names: str, days: int = 1) -> Certificate:
        """A certificate for host names and addresses, or for a client: the first is its subject."""
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        alternatives = x509.SubjectAlternativeName([_general_name(name) for name in names])
        certificate = (
            _builder(_name(names[0]), key.public_key(), issuer=self._name, days=days)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(alternatives, critical=False)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .add_extension(issuer, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return Certificate(certificate.public_bytes(serialization.Encoding.PEM), _key_pem(key))


def _builder(
    subject: x509.Name, key: ec.EllipticCurvePublicKey, *, issuer: x509.Name, days: int
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
