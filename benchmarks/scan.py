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
from volttools.formats.frame import PREFIX_BYTES
from volttools.protocol.heads import scan_answers, scan_calls

_COUNT = 10_000
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

    def theirs() -> list[tuple[int, int]]:
        return [(response.clientHandle, response.status) for response in map(peer, bodies)]

    def ours() -> list[tuple[int, int]]:
        pending = dict.fromkeys(range(1, _COUNT + 1))
        paired = []
        for _, _, _, _, handle, status in _scanned(stream, scan_answers):
            if handle in pending:
                del pending[handle]
                paired.append((handle, status))
        return paired

    return beside("VoltResponse", theirs, ours)


def _invocations() -> Work:
    frames = [call.request for call in calls(_COUNT)]
    stream, bodies = b"".join(frames), [frame[PREFIX_BYTES:] for frame in frames]
    peer = peer_invocation_reader()

    def theirs() -> list[tuple[str, int]]:
        return [(procedure, handle) for _, procedure, handle, *_ in map(peer, bodies)]

    def ours() -> list[tuple[str | None, int]]:
        return [(procedure, handle) for _, _, _, _, procedure, handle in _scanned(stream, scan_calls)]

    return beside("FastSerializer.read", theirs, ours)


def _scanned(stream: bytes, scan: Callable[[bytes, int, int], Any]) -> Any:
    """The heads of the frames in a stream that comes in pieces."""
    rest = b""
    for at in range(0, len(stream), _PIECE_BYTES):
        data = rest + stream[at : at + _PIECE_BYTES]
        found, stop = scan(data, 0, len(data))
        yield from found
        rest = data[stop:]
