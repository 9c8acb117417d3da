"""The scan that every look at a capture begins with: bytes of a side to frames, their heads, and what belongs
together by its handle; beside the official client's reading of the same frames.

The peer is given each frame by itself: it doesn't split.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.bench import Row, Work, beside
from benchmarks.codec import peer_invocation_reader, peer_reader
from benchmarks.traffic import calls
from volttools.codec import head_reader, parser
from volttools.formats.frame import PREFIX_BYTES
from volttools.formats.invocation import InvocationHead
from volttools.formats.response import ResponseHead
from volttools.protocol.frame_buffer import FrameBuffer

_COUNT = 10_000
_MOST_BYTES = 2**26
_PIECE_BYTES = 2**16  # as a file is read


def rows() -> list[Row]:
    """The rows of the table."""
    return [
        Row("scan: responses", lambda scale: _responses()),
        Row("scan: invocations", lambda scale: _invocations()),
    ]


def _responses() -> Work:
    frames = [call.answer for call in calls(_COUNT)]
    stream, bodies, peer = b"".join(frames), [frame[PREFIX_BYTES:] for frame in frames], peer_reader()
    read_head, _ = head_reader(ResponseHead)

    def theirs() -> list[tuple[int, int]]:
        return [(response.clientHandle, response.status) for response in map(peer, bodies)]

    def ours() -> list[tuple[int, int]]:
        pending = dict.fromkeys(range(1, _COUNT + 1))
        paired = []
        for body in _split(stream):
            _, handle, _, status = read_head(body, 0)[:4]
            if handle in pending:
                del pending[handle]
                paired.append((handle, status))
        return paired

    return beside("VoltResponse", theirs, ours)


def _invocations() -> Work:
    frames = [call.request for call in calls(_COUNT)]
    stream, bodies = b"".join(frames), [frame[PREFIX_BYTES:] for frame in frames]
    peer, parse_head = peer_invocation_reader(), parser(InvocationHead)

    def theirs() -> list[tuple[str, int]]:
        return [(procedure, handle) for _, procedure, handle, *_ in map(peer, bodies)]

    def ours() -> list[tuple[str | None, int]]:
        return [(head.procedure, head.client_handle) for head in map(parse_head, _split(stream))]

    return beside("FastSerializer.read", theirs, ours)


def _split(stream: bytes) -> Any:
    feed: Callable[[bytes], Any] = FrameBuffer(_MOST_BYTES).feed
    for at in range(0, len(stream), _PIECE_BYTES):
        yield from feed(stream[at : at + _PIECE_BYTES])
