"""Where mock servers listen: which addresses their nodes get, and which those of this process have.

A node that is down, and for a while one that has ended, is still theirs.
"""

from __future__ import annotations

from collections.abc import Sequence

from volttools.errors import UsageError

MOST_NODES = 64
MOST_PORT = 65_535

_there: set[tuple[str, int]] = set()
_gone: set[tuple[str, int]] = set()


def listens(host: str, port: int) -> None:
    """Note where a node listens."""
    _there.add((host, port))


def listens_no_more(host: str, port: int) -> None:
    """Note that a server has ended. Who looks for it is still meant to find nobody."""
    _there.discard((host, port))
    _gone.add((host, port))


def forget_the_gone() -> None:
    """From now on, what listens there is somebody else's."""
    _gone.clear()


def listening() -> list[tuple[str, int]]:
    """All addresses of this process's mock servers, up, down or gone."""
    return [*_there, *_gone]


def places_of(host: str | Sequence[str], port: int, nodes: int) -> list[tuple[str, int]]:
    """Where each node listens: one host with ports in a row, or a host each with the same port."""
    if not 1 <= nodes <= MOST_NODES:
        raise UsageError(f"a server has 1 .. {MOST_NODES} nodes, not {nodes}")
    if isinstance(host, str):
        return [(host, each) for each in _ports_in_a_row(port, nodes)]
    if len(host) != nodes:
        raise UsageError(f"{len(host)} hosts for {nodes} nodes: give one host, or one for each")
    return [(each, port) for each in host]


def admin_ports_of(host: str | Sequence[str], port: int | None, nodes: int) -> list[int] | None:
    """The port for administrators of each node; None without."""
    if port is None:
        return None
    return _ports_in_a_row(port, nodes) if isinstance(host, str) else [port] * nodes


def _ports_in_a_row(port: int, nodes: int) -> list[int]:
    """From that one on; 0 is a free one for each."""
    last = port + nodes - 1
    if port and last > MOST_PORT:
        raise UsageError(
            f"{nodes} nodes from port {port} on need the ports up to {last}, and {MOST_PORT} is the last: "
            "give a lower port, or 0 for free ones"
        )
    return [port and port + index for index in range(nodes)]
