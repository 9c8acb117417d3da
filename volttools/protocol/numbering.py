"""The numbers of frames and exchanges in a capture."""

from __future__ import annotations

from itertools import count


class Numbers:
    """Numbers frames and exchanges through a whole capture."""

    __slots__ = ("exchange", "frame")

    def __init__(self) -> None:
        self.go_on(1, 1)

    def go_on(self, frame: int, exchange: int) -> None:
        """The numbers that come next, after some were given elsewhere."""
        self.frame = count(frame).__next__
        self.exchange = count(exchange).__next__
