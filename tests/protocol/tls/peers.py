"""Real connections of TLS in memory, by Python's ssl, with their key logs.

A `Peers` speaks: what a side sends is taken from its BIO as bytes on the wire, noted in
`chunks`, and given to the other side.
"""

from __future__ import annotations

import contextlib
import ssl
import tempfile
from functools import cache
from pathlib import Path

import trustme

from tests.protocol.wire import CLIENT, SERVER

TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3

# OpenSSL's names of suites of TLS 1.2 that both sides have, and what they are called elsewhere.
SUITES_1_2 = {
    "ECDHE-RSA-AES128-GCM-SHA256": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384": "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "ECDHE-RSA-CHACHA20-POLY1305": "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "ECDHE-ECDSA-AES128-GCM-SHA256": "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384": "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305": "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "ECDHE-ECDSA-AES128-CCM": "TLS_ECDHE_ECDSA_WITH_AES_128_CCM",
    "ECDHE-ECDSA-AES256-CCM": "TLS_ECDHE_ECDSA_WITH_AES_256_CCM",
    "ECDHE-ECDSA-AES128-CCM8": "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8",
    "ECDHE-ECDSA-AES256-CCM8": "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8",
    "AES128-GCM-SHA256": "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "AES256-GCM-SHA384": "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "AES128-CCM": "TLS_RSA_WITH_AES_128_CCM",
    "AES256-CCM8": "TLS_RSA_WITH_AES_256_CCM_8",
}
CBC = "ECDHE-RSA-AES128-SHA"
WEAK = ":@SECLEVEL=0"


@cache
def authority() -> tuple[trustme.CA, trustme.LeafCert, trustme.LeafCert]:
    """A certificate authority, and a certificate of each kind of key."""
    ca = trustme.CA()
    rsa = ca.issue_cert("localhost", key_type=trustme.KeyType.RSA)
    return ca, rsa, ca.issue_cert("localhost", key_type=trustme.KeyType.ECDSA)


@cache
def server_context(version: ssl.TLSVersion | None, suite: str | None) -> ssl.SSLContext:
    """One context a kind of server, so that sessions can be resumed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _, rsa, ecdsa = authority()
    (ecdsa if suite and "ECDSA" in suite else rsa).configure_cert(context)
    _limit(context, version, suite)
    return context


def _limit(context: ssl.SSLContext, version: ssl.TLSVersion | None, suite: str | None) -> None:
    if version is not None:
        context.minimum_version = context.maximum_version = version
    if suite is not None:
        context.set_ciphers(suite + WEAK)


class Peers:
    """Client and server of one connection.

    chunks   what went over the wire: (side, bytes), in order
    said     what each side said inside
    key_log  the secrets, as OpenSSL writes them in the handshake
    """

    def __init__(self, version=TLS_1_2, suite=None, *, session=None, trusted=True):
        self.chunks: list[tuple[int, bytes]] = []
        self.said = [b"", b""]
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.hostname_checks_common_name = False
        if trusted:
            authority()[0].configure_trust(client)
        _limit(client, version, suite)
        if session is not None:
            client = session.context
        self._context = client
        self.key_log = b""
        self._bios = [[ssl.MemoryBIO(), ssl.MemoryBIO()] for _ in (CLIENT, SERVER)]
        self.client = client.wrap_bio(
            *self._bios[CLIENT],
            server_hostname="localhost",
            session=None if session is None else session.session,
        )
        self.server = server_context(version, suite).wrap_bio(*self._bios[SERVER], server_side=True)
        self._objects = (self.client, self.server)

    @property
    def suite(self) -> str:
        return self.client.cipher()[0]

    def shakes_hands(self):
        """The handshake; ssl.SSLError of the side that gives up."""
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "keys.txt"
            self._context.keylog_filename = str(path)
            try:
                self._shake_hands()
            finally:
                self.key_log = path.read_bytes()
        return self

    def _shake_hands(self):
        done = [False, False]
        for _ in range(10):
            for side in (CLIENT, SERVER):
                if not done[side]:
                    try:
                        self._objects[side].do_handshake()
                        done[side] = True
                    except ssl.SSLWantReadError:
                        pass
                    finally:
                        self._moves(side)
            if all(done):
                self.says(CLIENT, b"")
                return
        raise AssertionError("no end of the handshake")

    def says(self, side, data):
        """A side says something inside, in one record a 16 kB."""
        if data:
            self._objects[side].write(data)
            self.said[side] += data
        self._moves(side)
        self._reads(1 - side)
        return self

    def closes(self, side):
        """A side sends close_notify."""
        with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLSyscallError):
            self._objects[side].unwrap()
        self._moves(side)
        return self

    def bytes_of(self, side) -> bytes:
        """All that a side sent."""
        return b"".join(data for sender, data in self.chunks if sender == side)

    def _moves(self, side):
        """What a side has written goes to the other."""
        data = self._bios[side][1].read()
        if data:
            self.chunks.append((side, data))
            self._bios[1 - side][0].write(data)

    def _reads(self, side):
        try:
            while self._objects[side].read(2**16):
                pass
        except (ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            pass
        self._moves(side)


def resumable(version, suite=None):
    """A connection whose session the next may resume: its context and session."""
    first = Peers(version, suite).shakes_hands()
    first.says(SERVER, b"x")  # the tickets of TLS 1.3 come behind the handshake

    class Session:
        context = first.client.context
        session = first.client.session

    return Session
