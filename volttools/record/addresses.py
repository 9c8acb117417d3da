"""Where a proxy listens, and where it connects to: "HOST:PORT", "[::1]:21212", ":21213".

What is left out is loopback: a proxy that others can reach has to be asked for.
"""

from __future__ import annotations

import ipaddress
import os
import re
import ssl
from typing import Final, NamedTuple

from volttools.errors import UsageError
from volttools.protocol.recognition import DEFAULT_PORTS

LOOPBACK: Final = "127.0.0.1"

_ADDRESS = re.compile(r"(?:(?P<host>[^:\[\]\s]*)|\[(?P<ipv6>[^\[\]\s]+)\])(?::(?P<port>\d+))?")


class Address(NamedTuple):
    """A host, by name or number, and a port. It prints as it is written."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address(text: str, *, default_port: int = DEFAULT_PORTS[0]) -> Address:
    """The address that a text means; UsageError if it means none.

    >>> address(":21213"), address("db1"), str(address("[::1]:21212"))
    (Address(host='127.0.0.1', port=21213), Address(host='db1', port=21212), '[::1]:21212')
    """
    found = _ADDRESS.fullmatch(text.strip())
    port = default_port if found is None or found["port"] is None else int(found["port"])
    if found is None or not text.strip() or not 0 <= port < 2**16:
        raise UsageError(f'{text!r} is no address: write "HOST:PORT", "[::1]:21212" or ":21213"')
    return Address(found["ipv6"] or found["host"] or LOOPBACK, port)


def peer_names(client: tuple[str, int], server: tuple[str, int]) -> tuple[str, str | None]:
    """Both ends of a connection as a capture has them; None for a server's name that was not resolved.

    Each end is that of a connection of its own, so one can be IPv4 and the other IPv6; in one packet they
    can't, so then the IPv4 address is written as IPv6 has it.
    """
    hosts = [_number(host) for host, _ in (client, server)]
    if {host.version for host in hosts if host is not None} == {4, 6}:
        hosts = [_as_ipv6(host) for host in hosts if host is not None]
    names = [
        None if host is None else str(Address(str(host), port))
        for host, (_, port) in zip(hosts, (client, server), strict=True)
    ]
    assert names[0] is not None
    return names[0], names[1]


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _as_ipv6(host: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv6Address:
    """RFC 4291, 2.5.5.2."""
    return host if isinstance(host, ipaddress.IPv6Address) else ipaddress.IPv6Address(f"::ffff:{host}")


def reason(error: OSError) -> str:
    """Why something with an address can't be done, in a few words.

    >>> reason(OSError(111, "Connect call failed ('127.0.0.1', 9)"))
    'connection refused'
    """
    if isinstance(error, ssl.SSLError):
        return f"TLS: {getattr(error, 'verify_message', None) or error.reason or 'the connection was closed'}"
    known = os.strerror(error.errno) if isinstance(error.errno, int) and error.errno > 0 else ""
    text = error.strerror or str(error)
    if known and not known.startswith("Unknown error"):
        text = known
    return text[:1].lower() + text[1:]
