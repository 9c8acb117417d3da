"""Where mock servers of this process listen, or have listened: a node that is down is still theirs."""

from __future__ import annotations

_addresses: set[tuple[str, int]] = set()


def listens(host: str, port: int) -> None:
    """Note where a node listens."""
    _addresses.add((host, port))


def listening() -> list[tuple[str, int]]:
    """All addresses of this process's mock servers, whether they are up or down."""
    return list(_addresses)
