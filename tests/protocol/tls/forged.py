"""Connections of TLS written record by record: what Python's ssl can't be asked for.

Hellos are built from the declarations, keys derived by the code under test, and records encrypted
by `cryptography`. tshark, which derives its own keys, is the judge of the result
(test_tshark.py); what it can read, is right.
"""

from __future__ import annotations

import random
from typing import Any

from cryptography.hazmat.primitives.ciphers import aead

from tests.protocol.wire import CLIENT, SERVER
from volttools.codec import build
from volttools.formats import tls, tls_handshake
from volttools.formats.tls_suites import CIPHER_SUITES, KEY_EXPANSION, key_block, key_block_bytes, suite_of
from volttools.protocol.tls import keys as derivation


def encryption(cipher, key):
    if cipher.algorithm == "AES-GCM":
        return aead.AESGCM(key)
    if cipher.algorithm == "AES-CCM":
        return aead.AESCCM(key, tag_length=cipher.tag)
    return aead.ChaCha20Poly1305(key)


def record(kind, body, version=tls.TLS_1_2):
    return build(tls.TlsRecordHeader(content_type=kind, version=version, length=len(body))) + body


def message(kind, body=b""):
    return build(tls_handshake.HandshakeHeader(type=kind, length=len(body))) + body


def extensions(found):
    parts = [build(tls_handshake.Extension(type=kind, data=data)) for kind, data in found.items()]
    return build(tls_handshake.Extensions(extensions=b"".join(parts)))


class Forged:
    """A connection; `chunks` as of Peers, one record a chunk. `code` is the suite's."""

    def __init__(self, code, *, seed=1, retry=False, early=False, padding=0):
        rng = random.Random(seed)
        self.code = code
        self.is_1_3 = suite_of(code, tls.TLS_1_3) is not None
        self.suite = CIPHER_SUITES[code]
        self.random = [rng.randbytes(32), rng.randbytes(32)]
        self.padding = padding
        self.nonce = None  # of TLS 1.2: a number that is counted up; None: random ones
        self.chunks: list[tuple[int, bytes]] = []
        self.said = [b"", b""]
        self.key_log = b""
        self._sending: list[Any] = [None, None]  # cipher, iv, sequence
        self._rng = rng
        self._session_id = rng.randbytes(32)
        self.secrets = {}
        size = derivation.HASH_BYTES[self.suite.hash]
        self._client_hello(early)
        if early:
            self._begin(CLIENT, "CLIENT_EARLY_TRAFFIC_SECRET", rng.randbytes(size))
            self.says(CLIENT, b"early words")
        if retry:
            self._server_hello(tls_handshake.HELLO_RETRY_RANDOM)
            self.plain(SERVER, tls.CHANGE_CIPHER_SPEC, tls.CHANGE)
            self.plain(CLIENT, tls.CHANGE_CIPHER_SPEC, tls.CHANGE)
            self._client_hello(False)
        self._server_hello(self.random[SERVER])
        if self.is_1_3:
            self._handshake_1_3(rng, size, early)
        else:
            self._handshake_1_2(rng)

    def without(self, *labels):
        """The key log without some lines."""
        kept = [
            line for line in self.key_log.splitlines(keepends=True) if line.split()[0].decode() not in labels
        ]
        return b"".join(kept)

    # -- what is sent ---------------------------------------------------------------------

    def plain(self, side, kind, body):
        self.chunks.append((side, record(kind, body)))

    def says(self, side, data):
        self.said[side] += data
        return self.sends(side, tls.APPLICATION_DATA, data)

    def sends(self, side, kind, content):
        """An encrypted record."""
        cipher, iv, sequence = self._sending[side]
        self._sending[side][2] += 1
        size = self.suite.cipher
        padded = build(tls.PaddedSequence(sequence=sequence))
        if self.is_1_3:
            inner = content + build(tls.InnerTypeByte(content_type=kind)) + bytes(self.padding)
            header = tls.TlsRecordHeader(content_type=tls.APPLICATION_DATA, length=len(inner) + size.tag)
            nonce = bytes(a ^ b for a, b in zip(iv, padded, strict=True))
            body = cipher.encrypt(nonce, inner, build(header))
        else:
            additional = tls.AdditionalData(
                sequence=sequence, content_type=kind, version=tls.TLS_1_2, length=len(content)
            )
            if size.explicit:
                explicit = self._explicit()
                body = explicit + cipher.encrypt(iv + explicit, content, build(additional))
            else:
                nonce = bytes(a ^ b for a, b in zip(iv, padded, strict=True))
                body = cipher.encrypt(nonce, content, build(additional))
            header = tls.TlsRecordHeader(content_type=kind, length=len(body))
        self.chunks.append((side, build(header) + body))
        return self

    def _explicit(self):
        if self.nonce is None:
            return self._rng.randbytes(8)
        self.nonce += 1
        return build(tls.ExplicitNonce(value=self.nonce))

    def updates_key(self, side):
        """A KeyUpdate of TLS 1.3."""
        self.sends(side, tls.HANDSHAKE, message(tls_handshake.KEY_UPDATE, b"\0"))
        secret = derivation.next_secret(self.suite, self.secrets[side])
        self._begin(side, None, secret)
        return self

    # -- handshake ------------------------------------------------------------------------

    def _client_hello(self, early):
        found = {tls_handshake.EXTENSION_SUPPORTED_VERSIONS: b"\2\3\4"} if self.is_1_3 else {}
        if early:
            found[tls_handshake.EXTENSION_EARLY_DATA] = b""
        hello = tls_handshake.ClientHello(
            legacy_version=tls.TLS_1_2,
            random=self.random[CLIENT],
            cipher_suites=self.code.to_bytes(2, "big"),
            extensions=extensions(found),
        )
        self.plain(CLIENT, tls.HANDSHAKE, message(tls_handshake.CLIENT_HELLO, build(hello)))

    def _server_hello(self, server_random):
        found = {tls_handshake.EXTENSION_SUPPORTED_VERSIONS: b"\3\4"} if self.is_1_3 else {}
        hello = tls_handshake.ServerHello(
            legacy_version=tls.TLS_1_2,
            random=server_random,
            session_id=self._session_id,
            cipher_suite=self.code,
            extensions=extensions(found),
        )
        self.plain(SERVER, tls.HANDSHAKE, message(tls_handshake.SERVER_HELLO, build(hello)))

    def _handshake_1_3(self, rng, size, early):
        self._begin(SERVER, "SERVER_HANDSHAKE_TRAFFIC_SECRET", rng.randbytes(size))
        flight = message(8, b"\0\0") + message(11, rng.randbytes(900)) + message(15, bytes(60))
        self.sends(SERVER, tls.HANDSHAKE, flight[:500])
        self.sends(SERVER, tls.HANDSHAKE, flight[500:] + message(tls_handshake.FINISHED, bytes(size)))
        if early:
            self.sends(CLIENT, tls.HANDSHAKE, message(tls_handshake.END_OF_EARLY_DATA))
        self.plain(CLIENT, tls.CHANGE_CIPHER_SPEC, tls.CHANGE)
        self._begin(CLIENT, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", rng.randbytes(size))
        self.sends(CLIENT, tls.HANDSHAKE, message(tls_handshake.FINISHED, bytes(size)))
        self._begin(SERVER, "SERVER_TRAFFIC_SECRET_0", rng.randbytes(size))
        self._begin(CLIENT, "CLIENT_TRAFFIC_SECRET_0", rng.randbytes(size))
        self.sends(SERVER, tls.HANDSHAKE, message(4, bytes(100)))

    def _handshake_1_2(self, rng):
        self.plain(SERVER, tls.HANDSHAKE, message(11, rng.randbytes(900)) + message(14))
        self.plain(CLIENT, tls.HANDSHAKE, message(16, rng.randbytes(66)))
        self.changes_keys_1_2(rng.randbytes(48))

    def changes_keys_1_2(self, master):
        cipher = self.suite.cipher
        self.master = master
        self._logs("CLIENT_RANDOM", master)
        seed = KEY_EXPANSION + self.random[SERVER] + self.random[CLIENT]
        data = derivation.pseudorandom(self.suite.hash, master, seed, key_block_bytes(cipher))
        block = key_block(data, cipher)
        for side, key, iv in (
            (CLIENT, block.client_key, block.client_iv),
            (SERVER, block.server_key, block.server_iv),
        ):
            if self._sending[side] is None:
                self.plain(side, tls.CHANGE_CIPHER_SPEC, tls.CHANGE)
            else:
                self.sends(side, tls.CHANGE_CIPHER_SPEC, tls.CHANGE)
            self._sending[side] = [encryption(cipher, key), iv, 0]
            self.sends(side, tls.HANDSHAKE, message(tls_handshake.FINISHED, bytes(12)))

    def renegotiates(self, seed=2):
        """Another handshake, inside of this one (TLS 1.2)."""
        rng = random.Random(seed)
        self.random = [rng.randbytes(32), rng.randbytes(32)]
        for side, make in ((CLIENT, self._client_hello), (SERVER, self._server_hello)):
            make(False if side == CLIENT else self.random[SERVER])
            _, sent = self.chunks.pop()
            self.sends(side, tls.HANDSHAKE, sent[tls.TLS_HEADER_BYTES :])
        self.sends(CLIENT, tls.HANDSHAKE, message(16, rng.randbytes(66)))
        self.changes_keys_1_2(rng.randbytes(48))
        return self

    def _logs(self, label, secret):
        self.key_log += f"{label} {self.random[CLIENT].hex()} {secret.hex()}\n".encode()

    def _begin(self, side, label, secret):
        if label is not None:
            self._logs(label, secret)
        cipher = self.suite.cipher
        key = derivation.expand_label(self.suite.hash, secret, b"key", cipher.key)
        iv = derivation.expand_label(self.suite.hash, secret, b"iv", cipher.iv)
        self.secrets[side] = secret
        self._sending[side] = [encryption(cipher, key), iv, 0]
