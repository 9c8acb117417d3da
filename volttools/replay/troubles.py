"""What becomes of connections, in few words: what befalls many at a time is one line."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum


class Trouble(Enum):
    """What a connection may go through: the words for one, and for several."""

    LOST = (
        "connection {number} is lost: {error}; trying to get it back",
        "{count:,} connections are lost, such as {number}: {error}; trying to get them back",
    )
    BACK = "connection {number} is back", "{count:,} connections are back"
    GIVEN_UP = (
        "connection {number} is given up: {error}",
        "{count:,} connections are given up, such as {number}: {error}",
    )


class Troubles:
    """Collects what is to be told, and tells it when it is asked to: about once a second."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._taken: dict[Trouble, list[tuple[int, Exception | None]]] = {}

    def take(self, trouble: Trouble, number: int, error: Exception | None) -> None:
        """Note what befell a connection, of that number from 1 on."""
        self._taken.setdefault(trouble, []).append((number, error))

    def tell(self) -> None:
        """Say what was noted since the last time, each kind in a line."""
        taken, self._taken = self._taken, {}
        for trouble, those in taken.items():
            for_one, for_several = trouble.value
            number, error = those[0]
            text = for_one if len(those) == 1 else for_several
            self._say(text.format(number=number, count=len(those), error=error))
