"""Certificates, stores and handshakes for tests of TLS; all in memory, keys of EC as they are quick."""

import datetime
import hashlib
import ipaddress
import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from tests.requirements import ROOT
from volttools.codec import build
from volttools.formats import jks

STORES = ROOT / "tests" / "client" / "stores"
PASSWORD = "changeit"
NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Identity:
    """A private key and its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def pkcs8(self) -> bytes:
        return self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    def key_pem(self, password: str | None = None) -> bytes:
        hidden = NoEncryption() if password is None else BestAvailableEncryption(password.encode())
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden)

    def server(self, **options) -> ssl.SSLContext:
        return server_context(self, **options)


def identity(
    name: str, issuer: Identity | None = None, *, ca=False, host="localhost", days=(-2, 2)
) -> Identity:
    """One that `issuer` vouches for, or itself; valid between two days from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    hosts = [x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + days[0] * DAY)
        .not_valid_after(NOW + days[1] * DAY)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
    )
    return Identity(key, builder.sign(issuer.key if issuer else key, hashes.SHA256()))


@cache
def authority() -> Identity:
    return identity("a CA", ca=True)


@cache
def server() -> Identity:
    return identity("server", authority())


@cache
def client() -> Identity:
    return identity("client", authority())


def server_context(of: Identity, *, wants_clients=False, version=None, ciphers=None) -> ssl.SSLContext:
    """A server's context; `wants_clients`: mutual TLS, with `authority` trusted."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if version is not None:
        context.minimum_version = context.maximum_version = version
    if ciphers is not None:
        context.set_ciphers(ciphers)
    if wants_clients:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=authority().der)
    _load(context, of)
    return context


def _load(context: ssl.SSLContext, of: Identity) -> None:
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(of.key_pem() + of.pem)
        file.flush()
        context.load_cert_chain(file.name)


def handshake(client: ssl.SSLContext, server: ssl.SSLContext, host: str = "localhost"):
    """Client and server behind a handshake and a byte each way. Raises what the client gets."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server, server_hostname=host)
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    steps: dict[str, list[Callable[[], object]]] = {
        "ours": [ours.do_handshake, lambda: ours.read(1)],
        "theirs": [theirs.do_handshake, lambda: theirs.write(b"x")],
    }
    for _ in range(10):
        for side, left in steps.items():
            try:
                while left:
                    left[0]()
                    left.pop(0)
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError:
                if side == "ours":
                    raise
                left.clear()  # its alert is on the way
        if not steps["ours"]:
            return ours
    raise AssertionError("no end of the handshake")


# ------------------------------------------------------------------------------- stores


def jks_store(*entries: jks.JksEntry, password: str = PASSWORD) -> bytes:
    """A whole JKS store."""
    body = build(jks.JksStore(entries=list(entries), digest=bytes(jks.DIGEST_BYTES)))[: -jks.DIGEST_BYTES]
    return body + hashlib.sha1(password.encode("utf-16-be") + jks.DIGEST_SALT + body).digest()


def jks_trusted(*certificates: bytes) -> list[jks.JksEntry]:
    return [
        jks.JksEntry(
            tag=jks.TRUSTED_CERTIFICATE, alias=b"ca%d" % number, certificate=jks.JksCertificate(data=one)
        )
        for number, one in enumerate(certificates)
    ]


def jks_key(pkcs8: bytes, *chain: bytes, password: str = PASSWORD, alias: bytes = b"me") -> jks.JksEntry:
    """An entry with a key, hidden as Java does."""
    hidden, salt = password.encode("utf-16-be"), bytes(range(20))
    digest, out = salt, bytearray()
    for at in range(0, len(pkcs8), jks.DIGEST_BYTES):
        digest = hashlib.sha1(hidden + digest).digest()
        part = pkcs8[at : at + jks.DIGEST_BYTES]
        out += bytes(one ^ other for one, other in zip(part, digest, strict=False))
    protected = jks.ProtectedKey(salt=salt, key_and_check=bytes(out) + hashlib.sha1(hidden + pkcs8).digest())
    algorithm = der(jks.DER_SEQUENCE, der(jks.DER_OBJECT_IDENTIFIER, jks.KEY_PROTECTOR))
    key = der(jks.DER_SEQUENCE, algorithm + der(jks.DER_OCTET_STRING, build(protected)))
    certificates = [jks.JksCertificate(data=one) for one in chain]
    return jks.JksEntry(tag=jks.PRIVATE_KEY, alias=alias, key=key, chain=certificates)


def der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 128:
        return build(jks.DerElement(tag=tag, short_length=length, rest=content))
    said = length.to_bytes(2, "big")
    return build(jks.DerElement(tag=tag, short_length=130, long_length=said, rest=content))


def p12_store(of: Identity | None, *others: Identity, password: str | None = PASSWORD) -> bytes:
    """A PKCS12 store, by the package cryptography."""
    return pkcs12.serialize_key_and_certificates(
        b"me",
        of.key if of else None,
        of.certificate if of else None,
        [one.certificate for one in others] or None,
        NoEncryption() if password is None else BestAvailableEncryption(password.encode()),
    )


def written(directory: Path, name: str, data: bytes) -> str:
    path = directory / name
    path.write_bytes(data)
    return str(path)
