"""Where mock servers of this process listen, or have listened lately: a node that is down is still theirs."""

from __future__ import annotations

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
