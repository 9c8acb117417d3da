"""Rules on frames, whatever they hold."""

from __future__ import annotations

from collections.abc import Iterator

from volttools.checks.finding import Found, Rule, Severity
from volttools.checks.state import ConnectionState
from volttools.formats.frame import MAX_REQUEST_BYTES
from volttools.protocol.events import Direction, Frame


def _partial(frame: Frame, state: ConnectionState) -> Iterator[Found]:
    if frame.missing and frame.closed_by is None:
        name = "request" if frame.direction is Direction.CLIENT else "response"
        yield Found(frame.what_is_missing(name) or "")


def _after_gap(frame: Frame, state: ConnectionState) -> Iterator[Found]:
    if frame.after_gap:
        yield Found("what stands before it is missing or can't be read; it was found by its shape")


def _too_long(frame: Frame, state: ConnectionState) -> Iterator[Found]:
    if frame.direction is Direction.CLIENT and frame.length > MAX_REQUEST_BYTES:
        yield Found(
            f"a frame of {frame.length:,} bytes; the server takes {MAX_REQUEST_BYTES:,} at most,"
            " and closes the connection without an answer"
        )


# fmt: off
FRAME_RULES: tuple[Rule[Frame], ...] = (
    Rule("partial-message", Severity.DAMAGE,    None,     "bytes inside a message are missing from the capture", "TCP sequence numbers", _partial),
    Rule("after-gap",       Severity.NOTE,      None,     "a whole frame behind a hole, found by its shape", "its shape: what parses to the last byte", _after_gap),
    Rule("frame-too-long",  Severity.VIOLATION, "client", "a frame of more than 50 MiB: the server closes the connection", "VoltPort.java: MAX_MESSAGE_LENGTH", _too_long),
)
# fmt: on
