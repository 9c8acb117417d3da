"""Addresses with ports, as text: "10.0.0.1:21212", "[::1]:21212"."""

from __future__ import annotations

import ipaddress
from typing import Final

LAST_PORT: Final = 2**16 - 1


def read_endpoint(text: str) -> tuple[bytes, int]:
    """The address, of 4 or 16 bytes, and the port. ValueError for what is none, or has a zone.

    >>> read_endpoint("10.0.0.1:21212")
    (b'\\n\\x00\\x00\\x01', 21212)
    """
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit()) or int(port) > LAST_PORT or "%" in host:
        raise ValueError(text)
    return ipaddress.ip_address(host.removeprefix("[").removesuffix("]")).packed, int(port)
