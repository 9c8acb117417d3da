"""Changes messages on the way: each frame that is whole is shown to who may put another in its place.

    def rewrite(message: Message) -> Record | None:
        if message.procedure == "Vote" and message.direction is Direction.SERVER:
            return message.value.replace(status=-2, status_string="not today")

`None` lets the message go on as it is, byte for byte; so does what can't be read or built, and an error,
which is told. A frame waits until it is whole; one that is longer than `MAX_CHANGED_BYTES` goes on
as it comes, and after a length that can't be one nothing is shown any more.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from volttools.codec import build
from volttools.errors import DecodeError
from volttools.formats.frame import PREFIX_BYTES
from volttools.formats.invocation import Invocation
from volttools.formats.login import LoginRequest, LoginResponse
from volttools.formats.notation import Record
from volttools.formats.response import Response
from volttools.hooks import Message, Rewrite
from volttools.protocol.frame_buffer import framed
from volttools.protocol.frames import Direction
from volttools.protocol.shapes import invocation_head, is_kerberos, is_length, read_prefix, response_head

MAX_CHANGED_BYTES: Final = 2**26
MOST_IN_FLIGHT: Final = 100_000
"""Of so many calls it is known which response answers which; then the oldest are forgotten."""


class FrameChanger:
    """Changes the messages of one connection; a `relay.Changer`.

    rewrites   are asked in turn; each gets what the one before made
    on_error   is told of errors of theirs
    """

    def __init__(
        self, client: str, rewrites: Iterable[Rewrite], on_error: Callable[[Exception], None]
    ) -> None:
        self._client = client
        self._rewrites = tuple(rewrites)
        self._on_error = on_error
        self._kept = {direction: bytearray() for direction in Direction}
        self._left = dict.fromkeys(Direction, 0)  # bytes of a frame that is too long
        self._is_lost = dict.fromkeys(Direction, False)
        self._has_begun = dict.fromkeys(Direction, False)  # the log-in, and its answer
        self._procedures: dict[int, deque[str | None]] = {}
        self._in_flight = 0

    def change(self, direction: Direction, data: bytes) -> bytes:
        """What goes on, now, in the place of what came."""
        if self._is_lost[direction]:
            return data
        kept = self._kept[direction]
        kept += data
        given = bytearray()
        start = 0
        while start < len(kept):
            left = min(self._left[direction], len(kept) - start)
            if left:
                given += kept[start : start + left]
                self._left[direction] -= left
                start += left
                continue
            if len(kept) - start < PREFIX_BYTES:
                break
            body_at = start + PREFIX_BYTES
            length = read_prefix(bytes(kept[start:body_at]))
            if not is_length(length):
                self._is_lost[direction] = True
                given += kept[start:]
                start = len(kept)
            elif length > MAX_CHANGED_BYTES:
                self._left[direction] = PREFIX_BYTES + length
            elif len(kept) < body_at + length:
                break
            else:
                body = bytes(kept[body_at : body_at + length])
                changed = self._changed(direction, body)
                given += kept[start : body_at + length] if changed is body else framed(changed)
                start = body_at + length
        del kept[:start]
        return bytes(given)

    def end(self, direction: Direction) -> bytes:
        """What is still kept, as nothing more comes."""
        kept = bytes(self._kept[direction])
        self._kept[direction].clear()
        return kept

    def _changed(self, direction: Direction, body: bytes) -> bytes:
        """What takes the place of a body; itself, if nothing does."""
        message = self._message(direction, body)
        if message is None:
            return body
        for rewrite in self._rewrites:
            try:
                found = rewrite(message)
                if found is not None:
                    message.body = build(found)
            except DecodeError:
                pass  # it can't be read, so it can't be changed either
            except Exception as error:
                self._on_error(error)
        return message.body

    def _message(self, direction: Direction, body: bytes) -> Message | None:
        """The message in a frame; None for one that nobody is to see."""
        if not self._has_begun[direction]:
            if is_kerberos(body):
                return None
            self._has_begun[direction] = True
            kind: type[Record] = LoginRequest if direction is Direction.CLIENT else LoginResponse
            return Message(client=self._client, direction=direction, kind=kind, procedure=None, body=body)
        if direction is Direction.CLIENT:
            if not self._has_begun[Direction.SERVER] and is_kerberos(body):
                return None
            head = invocation_head(body)
            if head is None:
                return None
            self._note(head.client_handle, head.procedure)
            return Message(
                client=self._client,
                direction=direction,
                kind=Invocation,
                procedure=head.procedure,
                body=body,
            )
        answer = response_head(body)
        if answer is None:
            return None
        procedure = self._answered(answer.client_handle)
        return Message(
            client=self._client, direction=direction, kind=Response, procedure=procedure, body=body
        )

    def _note(self, handle: int, procedure: str | None) -> None:
        """Remember a call."""
        if self._in_flight >= MOST_IN_FLIGHT:
            self._answered(next(iter(self._procedures)))
        self._procedures.setdefault(handle, deque()).append(procedure)
        self._in_flight += 1

    def _answered(self, handle: int) -> str | None:
        """The procedure that a response answers: with equal handles, in the order of the calls."""
        calls = self._procedures.get(handle)
        if calls is None:
            return None
        self._in_flight -= 1
        procedure = calls.popleft()
        if not calls:
            del self._procedures[handle]
        return procedure
