"""Ways to log in, without input or output: what to send first, and what to answer.

    side = ClientSide()
    send(side.login_by(PasswordLogin("op", "secret")))
    for event in side.receive(data):
        if isinstance(event, KerberosAsked) and (answer := side.answer_kerberos(event.message)):
            send(answer)

Kerberos is `volttools.client.kerberos`: it needs a library that talks to the world.
"""

from __future__ import annotations

import hashlib
from dataclasses import KW_ONLY, dataclass, field
from typing import Protocol

from volttools.errors import ProtocolError
from volttools.formats.login import KerberosServiceName, KerberosToken, LoginRequest
from volttools.protocol.refusals import KERBEROS_NOT_GIVEN


class LoginStrategy(Protocol):
    """How to log in: on one connection after another, each beginning with `request`."""

    def request(self) -> LoginRequest:
        """The first message."""

    def answer(self, message: KerberosServiceName | KerberosToken) -> KerberosToken | None:
        """What to answer in the Kerberos exchange; None: nothing, the server speaks next.

        Raises ProtocolError when the log-in can't go on.
        """

    def accepted(self) -> None:
        """The server accepted. Raises ProtocolError if it still had to prove who it is."""


@dataclass(frozen=True, slots=True)
class PasswordLogin:
    """By user and password, of which only a digest is sent.

    hash_scheme  1 SHA-256, 0 SHA-1
    version      of the message; 0, of old clients, knows SHA-1 only
    """

    user: str = ""
    password: str = field(default="", repr=False)
    _: KW_ONLY
    service: str = "database"
    hash_scheme: int = 1
    version: int = 1

    def request(self) -> LoginRequest:
        """The log-in with the digest."""
        digest = hashlib.sha256 if self.version and self.hash_scheme == 1 else hashlib.sha1
        return LoginRequest(
            version=self.version,
            hash_scheme=self.hash_scheme if self.version else None,
            service=self.service,
            user=self.user,
            password_hash=digest(self.password.encode("utf-8", "surrogateescape")).digest(),
        )

    def answer(self, message: KerberosServiceName | KerberosToken) -> KerberosToken | None:
        """A password is no answer to Kerberos: raises ProtocolError."""
        raise ProtocolError(str(KERBEROS_NOT_GIVEN))

    def accepted(self) -> None:
        """Nothing to prove."""
