"""Who changes calls on their way: values that the server made, a script."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from volttools.client.signatures import Encode
from volttools.replay.schedule import Planned


class Changer(Protocol):
    """Is told what becomes of calls, and may put others in their place."""

    def waits_for(self, planned: Planned) -> Iterable[int]:
        """Numbers of calls whose answers must come first."""
        raise NotImplementedError

    def encoder(self, planned: Planned, encode: Encode) -> Encode:
        """What makes the frame, in the place of what would make it otherwise. May raise EncodeError."""
        raise NotImplementedError

    def begins(self, planned: Planned) -> None:
        """It is due, and will be sent when it may."""

    def answered(self, planned: Planned, status: int, body: bytes) -> None:
        """The answer."""

    def failed(self, planned: Planned) -> None:
        """There will be no answer."""
