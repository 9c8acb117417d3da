"""A user's script in a replay: its `rewrite` sees each call before it is sent, its `on_exchange` each that ended."""

from __future__ import annotations

from collections.abc import Iterable

from volttools.client.signatures import Encode
from volttools.client.tap import Tap
from volttools.codec import build
from volttools.formats.frame import PREFIX_BYTES
from volttools.formats.invocation import Invocation
from volttools.hooks import Message, Script
from volttools.protocol.events import Direction
from volttools.protocol.frame_buffer import framed
from volttools.replay.schedule import Planned


class ScriptChanger:
    """Lets a script change calls; a `changer.Changer`."""

    def __init__(self, script: Script) -> None:
        self._script = script

    def tap(self) -> Tap:
        """What shows the script calls that ended."""
        return Tap(self._script.event)

    def waits_for(self, planned: Planned) -> Iterable[int]:
        """Nothing."""
        return ()

    def encoder(self, planned: Planned, encode: Encode) -> Encode:
        """What the script makes of the call, or the call as it is."""
        if not self._script.rewrites:
            return encode

        def changed(handle: int) -> bytes:
            frame = encode(handle)
            message = Message(
                client=f"connection {planned.connection + 1}",
                direction=Direction.CLIENT,
                kind=Invocation,
                procedure=planned.recorded.procedure,
                body=frame[PREFIX_BYTES:],
            )
            found = self._script.rewrite(message)
            if not isinstance(found, Invocation):
                return frame
            return framed(build(found.replace(client_handle=handle)))

        return changed

    def begins(self, planned: Planned) -> None:
        """Nothing to note."""

    def answered(self, planned: Planned, status: int, body: bytes) -> None:
        """Nothing to note."""

    def failed(self, planned: Planned) -> None:
        """Nothing to note."""
