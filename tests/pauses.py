"""What takes the place of pauses between turns, so that tests wait for nothing."""

from __future__ import annotations

from collections.abc import Callable


class Pauses(list[float]):
    """How long each pause would have been; in the last of so many somebody presses Ctrl-C.

    between   called in each of the others
    """

    def __init__(self, most: int, between: Callable[[], object] = lambda: None) -> None:
        super().__init__()
        self._most = most
        self._between = between

    def __call__(self, seconds: float) -> None:
        self.append(seconds)
        if len(self) == self._most:
            raise KeyboardInterrupt
        self._between()
