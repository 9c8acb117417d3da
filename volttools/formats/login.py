"""Log-in: request and response, versions 0 and 1, and the Kerberos exchange between them.

Sources: ClientInterface.java, AuthSystem.java and ConnectionUtil.java of the 11.4 server;
FastSerializer.authenticate of the official Python client 16.1; recordings login-*.pcap.
A connection on which nothing else was seen begins with a log-in; there is no log-out.
"""

from __future__ import annotations

import ipaddress

from construct import GreedyBytes, Int8sb, Int32sb, Int64sb, this

from volttools.formats.notation import Record, Text, field, present_if, record

VERSIONS = (0, 1)
"""Of a log-in, as clients send it."""

HASH_SCHEMES = {0: "SHA-1", 1: "SHA-256", 2: "SPNEGO"}
HASH_BYTES = {0: 20, 1: 32, 2: 0}
"""Bytes of the password's digest by hash scheme; version 0 has always scheme 0."""

SERVICES = ("database", "kerberos")

WRONG_PASSWORD = -1
SERVER_FULL = 1
UNKNOWN_HASH_SCHEME = 3
UNKNOWN_SERVICE = 5

LOGIN_STATUS = {
    0: "accepted",
    WRONG_PASSWORD: "wrong user or password",
    SERVER_FULL: "the server has reached its limit of connections",
    2: "the server waited too long for the log-in",
    UNKNOWN_HASH_SCHEME: "unknown hash scheme",
    4: "the node is rejoining its cluster",
    UNKNOWN_SERVICE: "unknown service, or export is disabled",
    6: "the server wants TLS",
    7: "the server wants a client certificate",
    8: "the client certificate is revoked",
}

LOGIN_TIMEOUT_S = 30
"""So long a server waits for a whole log-in, then it closes without a word (AUTH_TIMEOUT_MS)."""

KERBEROS_VERSION = 2
KERBEROS_SERVICE_NAME = 4
KERBEROS_HANDSHAKE = 5


@record
class LoginRequest(Record):
    """The first frame of a connection, from the client."""

    version: int = field(Int8sb, "0: no hash scheme; 1 and above: with it", default=1)
    hash_scheme: int | None = field(
        present_if(this.version != 0, Int8sb), "0 SHA-1, 1 SHA-256, 2 SPNEGO; not in version 0", default=1
    )
    service: str | None = field(
        Text, '"database" or "kerberos"; anything else is refused', default="database"
    )
    user: str | None = field(Text, "empty: anonymous", default="")
    password_hash: bytes = field(
        GreedyBytes,
        "digest of the UTF-8 password, without length or salt: enough to log in",
        secret=True,
        default=b"",
    )

    @property
    def hash_scheme_name(self) -> str:
        """Such as "SHA-256"."""
        scheme = self.hash_scheme or 0
        return HASH_SCHEMES.get(scheme, f"unknown ({scheme})")


@record
class LoginResponse(Record):
    """The server's answer to a log-in. Refused: version and status only, and the end."""

    version: int = field(Int8sb, "0; 2 is a message of the Kerberos exchange", default=0)
    status: int = field(Int8sb, "0 accepted; see LOGIN_STATUS", default=0)
    host_id: int | None = field(
        present_if(this.status == 0, Int32sb), "the node's id in its cluster", default=None
    )
    connection_id: int | None = field(
        present_if(this.status == 0, Int64sb), "counts all connections of the node", default=None
    )
    cluster_start: int | None = field(
        present_if(this.status == 0, Int64sb),
        "instance id: when the cluster started, ms since 1970",
        default=None,
    )
    leader_address: int | None = field(
        present_if(this.status == 0, Int32sb),
        "instance id: IPv4 address of the cluster's creator",
        default=None,
    )
    build: str | None = field(
        present_if(this.status == 0, Text), "version of the server, free text", default=None
    )
    trailing: bytes = field(GreedyBytes, "nothing in any known server", default=b"")

    @property
    def accepted(self) -> bool:
        """Whether the client is in."""
        return self.status == 0

    @property
    def leader_host(self) -> str | None:
        """The address of the cluster's creator, such as "10.0.0.1"."""
        if self.leader_address is None:
            return None
        return str(ipaddress.IPv4Address(Int32sb.build(self.leader_address)))

    @property
    def status_text(self) -> str:
        """The status in words."""
        return LOGIN_STATUS.get(self.status, f"unknown status {self.status}")


def leader_address_of(host: str) -> int:
    """An IPv4 address as `LoginResponse.leader_address`.

    >>> leader_address_of("10.0.0.1"), leader_address_of("192.168.0.1")
    (167772161, -1062731775)
    """
    number: int = Int32sb.parse(ipaddress.IPv4Address(host).packed)
    return number


@record
class KerberosServiceName(Record):
    """The server names its principal: the first step after a log-in with service "kerberos"."""

    version: int = field(Int8sb, "2", default=KERBEROS_VERSION)
    code: int = field(Int8sb, "4: service name", default=KERBEROS_SERVICE_NAME)
    principal: str | None = field(Text, "the server's service principal")
    trailing: bytes = field(GreedyBytes, "nothing", default=b"")


@record
class KerberosToken(Record):
    """A GSSAPI token, from either side, until both contexts stand."""

    version: int = field(Int8sb, "2", default=KERBEROS_VERSION)
    code: int = field(Int8sb, "5: handshake", default=KERBEROS_HANDSHAKE)
    token: bytes = field(GreedyBytes, "the token, to the end of the frame", secret=True)


@record
class LoginHead(Record):
    """The two bytes that tell what a frame of the log-in phase is."""

    version: int = field(Int8sb, "0 or 1: log-in; 2: Kerberos")
    code: int = field(Int8sb, "hash scheme, status, or kind of Kerberos message")
    rest: bytes = field(GreedyBytes, "", default=b"")
