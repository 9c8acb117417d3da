"""Kerberos: the server's half of the exchange, around a context of GSSAPI that somebody supplies.

With python-gssapi, whose `SecurityContext` is an `Acceptor` as it stands:

    credentials = gssapi.Credentials(usage="accept")
    Kerberos("volt/host@REALM", lambda: gssapi.SecurityContext(creds=credentials, usage="accept"))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class Acceptor(Protocol):
    """The accepting side of one security context."""

    @property
    def complete(self) -> bool:
        """Whether it stands, so that the client is who it says."""

    def step(self, token: bytes) -> bytes | None:
        """Take the client's next token and give ours, if there is one; raises what refuses the client."""


@dataclass(frozen=True)
class Kerberos:
    """How a server takes log-ins with the service "kerberos".

    principal    the server's own name, told to clients
    new_context  makes the context of a connection
    """

    principal: str
    new_context: Callable[[], Acceptor]
