"""Where a client connects to, and as whom.

A target is `host`, `host:port`, `::1` or `[::1]:port`; several, in a list or with commas between
them, are tried in turn. What is not given is taken from the environment:

    VOLTTOOLS_HOST       targets
    VOLTTOOLS_USER       name of the user
    VOLTTOOLS_PASSWORD   password
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from volttools.errors import UsageError
from volttools.protocol.recognition import DEFAULT_PORTS

HOST, USER, PASSWORD = "VOLTTOOLS_HOST", "VOLTTOOLS_USER", "VOLTTOOLS_PASSWORD"
DEFAULT_HOST = "localhost"
_LAST_PORT = 65535


class Address(NamedTuple):
    """A host's name or number, and a port. Prints as "10.0.0.1:21212" or "[::1]:21212"."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


Target = str | tuple[str, int]


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """Addresses in the order in which they are tried, user and password."""

    addresses: tuple[Address, ...]
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def of(
        cls,
        target: Target | Iterable[Target] | None = None,
        *,
        user: str | None = None,
        password: str | None = None,
        environment: Mapping[str, str] = os.environ,
    ) -> ConnectionSettings:
        """What is given, else what the environment has, else localhost and nobody.

        UsageError for a target that is none.
        """
        if target is None:
            target = environment.get(HOST) or DEFAULT_HOST
        return cls(
            addresses_of(target),
            user=environment.get(USER, "") if user is None else user,
            password=environment.get(PASSWORD, "") if password is None else password,
        )


def addresses_of(target: Target | Iterable[Target]) -> tuple[Address, ...]:
    """The addresses that a target names; UsageError if it names none.

    >>> [str(address) for address in addresses_of("a, b:7000, [::1]")]
    ['a:21212', 'b:7000', '[::1]:21212']
    """
    if isinstance(target, str):
        found = [_address(part.strip()) for part in target.split(",") if part.strip()]
    elif _is_pair(target):
        host, port = target
        found = [Address(str(host), _port(port, f"{host}:{port}"))]
    else:
        found = [address for part in target for address in addresses_of(part)]  # type: ignore[arg-type]
    if not found:
        raise UsageError("no host to connect to: write host, host:port or [IPv6]:port")
    return tuple(found)


def _is_pair(target: object) -> bool:
    return (
        isinstance(target, tuple)
        and len(target) == 2
        and isinstance(target[0], str)
        and isinstance(target[1], int)
    )


def _address(text: str) -> Address:
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or not host or (rest and not rest.startswith(":")):
            raise UsageError(f'{text!r} is no address: write an IPv6 address as "[::1]" or "[::1]:21212"')
        port = rest[1:]
    elif text.count(":") > 1:
        host, port = text, ""  # an IPv6 address without brackets has no port
    else:
        host, _, port = text.partition(":")
    if not host or any(character.isspace() or character in "/@" for character in host):
        raise UsageError(f'{text!r} is no address: write host, host:port or "[::1]:21212"')
    return Address(host, _port(port, text) if port else DEFAULT_PORTS[0])


def _port(port: object, text: str) -> int:
    try:
        number = int(str(port))
    except ValueError:
        number = 0
    if not 0 < number <= _LAST_PORT:
        raise UsageError(f"{text!r}: {port} is no port; those are 1 .. {_LAST_PORT}")
    return number
