"""Ways to log in, and what to do where a log-in is refused.

A `LoginStrategy` says what to send; the client asks it, and sends nothing else before the server
has let it in: over TLS a real server loses what comes in one record with the log-in.
"""

from __future__ import annotations

from typing import Protocol

from volttools.errors import LoginRefused
from volttools.protocol import client_side
from volttools.protocol.client_side import ClientSide, KerberosAsked


class LoginStrategy(Protocol):
    """How to log in on one connection. Used for one connection after another."""

    def begin(self, side: ClientSide) -> bytes:
        """The first frame: of `side.login(...)`."""

    def answer(self, side: ClientSide, asked: KerberosAsked) -> bytes | None:
        """The frame that answers a message of the Kerberos exchange; None if there is nothing to say.

        Raises LoginRefused where there is no answer.
        """


class PasswordLogin:
    """By user and password.

    hash_scheme  1: SHA-256; 0: SHA-1, for servers that know no other
    version      0 has no hash scheme: SHA-1
    """

    def __init__(self, user: str = "", password: str = "", *, hash_scheme: int = 1, version: int = 1) -> None:
        self.user = user
        self._password = password
        self._hash_scheme = hash_scheme
        self._version = version

    def __repr__(self) -> str:
        return f"PasswordLogin(user={self.user!r})"

    def begin(self, side: ClientSide) -> bytes:
        """The log-in with the digest of the password."""
        return side.login(
            user=self.user, password=self._password, hash_scheme=self._hash_scheme, version=self._version
        )

    def answer(self, side: ClientSide, asked: KerberosAsked) -> bytes | None:
        """There is none."""
        raise LoginRefused(
            "the server asks for Kerberos, and this log-in is by password: give a Kerberos log-in",
            reason="the server asks for Kerberos",
        )


# fmt: off
REMEDIES = {
    -1: "check both; a hash of the wrong length is refused the same way",
     1: "try again later, connect to another node, or close connections that nobody uses",
     2: "try again; something held the log-in back for longer than the server waits",
     3: "it may be too old for SHA-256: log in with SHA-1",
     4: "connect to another node, or wait until it is back",
     5: 'the service must be "database" or "kerberos"; is this a proxy or another program?',
     6: "connect with TLS: give ssl_context",
     7: "give the ssl_context a certificate and its key",
     8: "ask whoever issued it for a new one",
}
# fmt: on
"""What to do, by status of the log-in; see LOGIN_STATUS."""

OF_THIS_NODE = frozenset((1, 2, 4))
"""Statuses for which another node may well let the client in."""


def refusal(event: client_side.LoginRefused, address: str, user: str | None = None) -> LoginRefused:
    """The error for a refusal: who, why, and what to do."""
    status = event.response.status if event.response is not None else client_side.FULL_STATUS
    who = f" of {user!r}" if user else ""
    remedy = REMEDIES.get(status, "the server's log may say more")
    return LoginRefused(
        f"{address} refused the log-in{who}: {event.reason} (status {status}); {remedy}",
        status=status,
        reason=event.reason,
    )
