"""What client and server of a connection agree on, and the keys that follow from it.

The hellos tell the version, the suite and both randoms; the key log has the secret. What can't
be read is told in `failure`, as a sentence's end.
"""

from __future__ import annotations

from typing import Final

from volttools.codec import parser
from volttools.errors import DecodeError, UsageError
from volttools.formats.tls import TLS_1_2, TLS_1_3, VERSIONS, TlsRecordHeader
from volttools.formats.tls_handshake import EXTENSION_EARLY_DATA, ClientHello, ServerHello
from volttools.formats.tls_suites import (
    CIPHER_SUITES,
    MASTER_SECRET_BYTES,
    CipherSuite,
    suite_name,
    suite_of,
)
from volttools.protocol.tls.epochs import Allowance, Epoch, SideKeys
from volttools.protocol.tls.handshake import extensions_of, version_of
from volttools.protocol.tls.keylog import KeyLog
from volttools.protocol.tls.keys import HASH_BYTES, RecordKeys, keys_1_2, keys_1_3

EARLY_LABEL: Final = "CLIENT_EARLY_TRAFFIC_SECRET"

_LABELS: Final = {
    "client": {
        Epoch.EARLY: EARLY_LABEL,
        Epoch.HANDSHAKE: "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
        Epoch.APPLICATION: "CLIENT_TRAFFIC_SECRET_0",
    },
    "server": {
        Epoch.HANDSHAKE: "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        Epoch.APPLICATION: "SERVER_TRAFFIC_SECRET_0",
    },
}


class Session:
    """What is agreed on by two sides, whose keys are filled in.

    version, suite    what the server chose; None before
    suite_code        the suite, whether it can be read or not
    client_side       who sent a client's hello
    client_random     by which a key log names the connection
    offers_early_data whether the client's hello says that 0-RTT data follows
    failure           why nothing more can be read
    """

    def __init__(
        self, key_log: KeyLog, sides: tuple[SideKeys, SideKeys], allowance: Allowance | None = None
    ) -> None:
        self._key_log = key_log
        self._sides = sides
        self._allowance = allowance or Allowance()
        self._tried = 0  # secrets of sessions that this connection's is none of
        self._server_random = b""
        self._session_id = b""
        self.version: int | None = None
        self.suite: CipherSuite | None = None
        self.suite_code: int | None = None
        self.client_side: int | None = None
        self.client_random: bytes | None = None
        self.offers_early_data = False
        self.failure: str | None = None

    def name(self, number: int) -> str:
        """What a side is."""
        if self.client_side is None:
            return f"side {number + 1}"
        return "client" if number == self.client_side else "server"

    @property
    def text(self) -> str | None:
        """Such as "TLS 1.2, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"; None before the server's hello."""
        if self.version is None or self.suite_code is None:
            return None
        return f"{VERSIONS.get(self.version, f'version {self.version:04x}')}, {suite_name(self.suite_code)}"

    def fail(self, reason: str) -> None:
        """Note why nothing more can be read; the first reason counts."""
        if self.failure is None:
            self.failure = reason

    # -- hellos ---------------------------------------------------------------------------

    def client_hello(self, number: int, body: bytes) -> None:
        """Take a client's hello: the first, another one as the server asked for it, or a renegotiation's."""
        try:
            hello: ClientHello = parser(ClientHello)(body)
        except DecodeError as error:
            self.fail(f"the client's hello can't be read: {error.message}")
            return
        self.client_side = number
        self.client_random = hello.random
        self.offers_early_data = EXTENSION_EARLY_DATA in extensions_of(hello.extensions)

    def server_hello(self, number: int, body: bytes) -> None:
        """Take the server's hello; one that asks for another of the client says nothing."""
        try:
            hello: ServerHello = parser(ServerHello)(body)
        except DecodeError as error:
            self.fail(f"the server's hello can't be read: {error.message}")
            return
        if hello.is_retry:
            return
        if self.client_random is None:
            self.fail(self.missing_hello())
        self._server_random = hello.random
        self._tried = 0
        self._session_id = hello.session_id
        self.version = version_of(hello)
        self.suite_code = hello.cipher_suite
        self.suite = suite_of(hello.cipher_suite, self.version)
        if self.version not in (TLS_1_2, TLS_1_3):
            self.fail("only TLS 1.2 and 1.3 are read")
        elif self.suite is None:
            self.fail("only AEAD suites are read (AES-GCM, AES-CCM, ChaCha20-Poly1305)")
        elif hello.compression_method:
            self.fail("compressed content is not read")
        elif self.version == TLS_1_3:
            self._sides[number].begin(Epoch.HANDSHAKE)

    def missing_hello(self) -> str:
        """Why keys can't be found."""
        if self.client_random is None:
            return "the client's hello, by which its keys are found, is not in the capture"
        return "the server's hello, which names the cipher, is not in the capture"

    # -- keys -----------------------------------------------------------------------------

    def is_early(self, number: int) -> bool:
        """Whether an encrypted record of a side may be 0-RTT data."""
        return (
            self.offers_early_data
            and number == self.client_side
            and self._sides[number].epoch in (Epoch.PLAIN, Epoch.EARLY)
        )

    def load_keys(self, number: int) -> bool:
        """Have the keys that the key log holds for a side; whether there are any that it may use next."""
        keys = self._sides[number]
        if self.client_random is None or self.suite is None or self.failure is not None:
            return False
        if not (keys.epoch is Epoch.APPLICATION and keys.is_ready):
            try:
                self._load(self.suite, self.client_random, number)
                if not keys.is_ready and self._key_log.look_again():
                    self._load(self.suite, self.client_random, number)
            except UsageError as error:
                self.fail(error.message)
                return False
        return keys.is_ready

    def load_early_key(self, number: int, header: TlsRecordHeader, body: bytes) -> None:
        """Have the key of 0-RTT data: of the suites that fit the secret, the one that opens the first record."""
        keys = self._sides[number]
        if keys.has(Epoch.EARLY) or self.client_random is None:
            return
        secret = self._key_log.secrets_of(self.client_random).get(EARLY_LABEL, b"")
        for code, suite in CIPHER_SUITES.items():
            if suite_of(code, TLS_1_3) is not None and HASH_BYTES[suite.hash] == len(secret):
                made = keys_1_3(suite, secret)
                if made.content_of(header, body, 0) is not None:
                    keys.add(Epoch.EARLY, made, secret)
                    return

    def find_session(self, number: int, header: TlsRecordHeader, body: bytes) -> bool:
        """Have the keys of TLS 1.2 of the session in the key log whose secret opens a side's first record."""
        if self.version != TLS_1_2 or self.suite is None or self.client_random is None:
            return False
        secrets = self._key_log.session_secrets(self._session_id, self._tried)
        self._tried = self._key_log.sessions
        for master in secrets:
            self._allowance.trials -= 1
            if self._allowance.trials < 0:
                return False
            made = keys_1_2(self.suite, master, self.client_random, self._server_random)
            if made[0 if number == self.client_side else 1].content_of(header, body, 0) is not None:
                self._have_1_2(made)
                return True
        return False

    def missing_key(self, number: int) -> str:
        """Why there are no keys."""
        client_random = self.client_random or b""
        where = f"for this connection (client random {client_random[:4].hex()}...)"
        if not self._key_log.is_there:
            return "no key log was given"
        found = self._key_log.secrets_of(client_random)
        if not found:
            return f"the key log has no secret {where}"
        label = "CLIENT_RANDOM"
        if self.version == TLS_1_3:
            epoch = max(self._sides[number].epoch, Epoch.HANDSHAKE)
            label = _LABELS[self.name(number)][epoch]
        return f"the key log has no usable {label} {where}, only {', '.join(sorted(found))}"

    def _load(self, suite: CipherSuite, client_random: bytes, number: int) -> None:
        if self.version == TLS_1_2:
            self._load_1_2(suite, client_random)
        else:
            self._load_1_3(suite, client_random, number)

    def _load_1_2(self, suite: CipherSuite, client_random: bytes) -> None:
        master = self._key_log.secrets_of(client_random).get("CLIENT_RANDOM")
        if master is not None and len(master) == MASTER_SECRET_BYTES:
            self._have_1_2(keys_1_2(suite, master, client_random, self._server_random))

    def _have_1_2(self, made: tuple[RecordKeys, RecordKeys]) -> None:
        for number, keys in enumerate(self._sides):
            if not keys.has(Epoch.APPLICATION):
                keys.add(Epoch.APPLICATION, made[0 if number == self.client_side else 1])

    def _load_1_3(self, suite: CipherSuite, client_random: bytes, number: int) -> None:
        keys = self._sides[number]
        secrets = self._key_log.secrets_of(client_random)
        for epoch, label in _LABELS[self.name(number)].items():
            secret = secrets.get(label)
            if secret is not None and len(secret) == HASH_BYTES[suite.hash] and not keys.has(epoch):
                keys.add(epoch, keys_1_3(suite, secret), secret)
