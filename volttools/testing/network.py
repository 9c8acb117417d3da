"""Connections to anywhere but mock servers are refused, so that a test can't call a real server by mistake.

This is done as pytest-recording does it: `connect` of Python's sockets is replaced meanwhile. Sockets of other
languages' code in this process, other processes and sockets of the file system are not held back.
"""

from __future__ import annotations

import contextlib
import fnmatch
import ipaddress
import socket
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from volttools.client.connection_settings import Address
from volttools.errors import VoltToolsError
from volttools.mock.listening import forget_the_gone, listening

_reachable: list[tuple[str, str]] = []
_INTERNET = (socket.AF_INET, socket.AF_INET6)


class NetworkBlocked(VoltToolsError, RuntimeError):
    """A connection was made to where none may lead. No OSError, which clients would take for a server that is
    down."""


@contextlib.contextmanager
def block_network(allow: Iterable[str] = ()) -> Iterator[None]:
    """Let connections of this process lead to its mock servers only; others raise NetworkBlocked.

    allow  hosts that may be reached nevertheless: "db1", "10.0.0.*", with a port "localhost:5432"; names stand
           for all their addresses
    """
    patterns = [pattern for each in allow for pattern in _patterns(each)]
    forget_the_gone()
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    # What pytest-socket, gevent or an outer block have put there stays in force below.
    socket.socket.connect = _guard(connect, patterns)  # type: ignore[method-assign]
    socket.socket.connect_ex = _guard(connect_ex, patterns)  # type: ignore[method-assign]
    try:
        yield
    finally:
        socket.socket.connect = connect  # type: ignore[method-assign]
        socket.socket.connect_ex = connect_ex  # type: ignore[method-assign]


@contextlib.contextmanager
def reachable(hosts: Iterable[str]) -> Iterator[None]:
    """Let these be reached meanwhile, in spite of any block: a mock server's real one, by which it records."""
    patterns = [pattern for each in hosts for pattern in _patterns(each)]
    _reachable.extend(patterns)
    try:
        yield
    finally:
        for pattern in patterns:
            _reachable.remove(pattern)


def _guard(original: Callable[..., Any], patterns: list[tuple[str, str]]) -> Callable[..., Any]:
    def guard(self: socket.socket, address: Any, *rest: Any) -> Any:
        __tracebackhide__ = True
        if self.family in _INTERNET and not _may_reach(str(address[0]), int(address[1]), patterns):
            self.close()  # who made it closes it after an OSError only
            where = Address(str(address[0]), int(address[1]))
            raise NetworkBlocked(
                f"a connection to {where} was refused: the network is blocked in tests, but for mock servers; "
                f"to allow it: --volt-allow {where.host} of pytest, or block_network(allow=[...])"
            )
        return original(self, address, *rest)

    return guard


def _may_reach(host: str, port: int, patterns: list[tuple[str, str]]) -> bool:
    for mock_host, mock_port in listening():
        is_there = host == mock_host or (_is_local(host) and _is_local(mock_host))
        if port == mock_port and is_there:
            return True
    return any(
        fnmatch.fnmatchcase(host, wanted) and wanted_port in ("", str(port))
        for wanted, wanted_port in (*patterns, *_reachable)
    )


def _is_local(host: str) -> bool:
    """Loopback, or the address that stands for all of this machine's."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return address.is_loopback or address.is_unspecified


def _patterns(allowed: str) -> list[tuple[str, str]]:
    """A host as it was allowed, and its addresses, each with a port or with ""."""
    host, port = _split(allowed)
    found = {host}
    if not any(sign in host for sign in "*?["):
        with contextlib.suppress(OSError):
            found |= {str(each[4][0]) for each in socket.getaddrinfo(host, None)}
    return [(each, port) for each in sorted(found)]


def _split(allowed: str) -> tuple[str, str]:
    if allowed.startswith("["):
        host, _, rest = allowed[1:].partition("]")
        return host, rest.removeprefix(":")
    if allowed.count(":") == 1:
        host, _, port = allowed.partition(":")
        return host, port
    return allowed, ""
