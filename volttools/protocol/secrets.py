"""Which bytes of a frame are secrets: hashes of passwords, and Kerberos tokens.

The hash of a password is itself enough to log in; a Kerberos token may be. Whatever prints or
writes a frame asks here, and puts zeros in their place unless it was told to keep them.

Better hidden once too often: a log-in that can't be read, or that is glued behind a call that
was never written to its end, counts as well.
"""

from __future__ import annotations

from volttools.codec import build
from volttools.formats.login import SERVICES, LoginRequest
from volttools.protocol.events import Direction, Frame
from volttools.protocol.shapes import (
    REQUEST_HEAD_BYTES,
    is_invocation,
    is_invocation_start,
    is_login_request,
    kerberos_token_range,
    login_hash_range,
)

_SERVICES = tuple(service.encode() for service in SERVICES)
_HEAD_BYTES = max(len(build(LoginRequest(service=service))) for service in SERVICES)  # up to there it stands


def looks_like_login(frame: Frame) -> bool:
    """Whether a frame that can't be read may hold a password's hash."""
    head = frame.body[:_HEAD_BYTES]
    return frame.direction is Direction.CLIENT and any(service in head for service in _SERVICES)


def hash_range(frame: Frame) -> tuple[int, int] | None:
    """The bytes of a client's frame that are, or may be, a password's hash; None if there are none."""
    body = frame.body
    if frame.direction is not Direction.CLIENT or not any(service in body for service in _SERVICES):
        return None
    if not is_login_request(body) and is_invocation(body):
        return None  # the word only stands in its name, or in a value
    return login_hash_range(body)


def without_hash(frame: Frame) -> bytes:
    """The body, with zeros for the hash of a password."""
    found = hash_range(frame)
    if found is None and looks_like_login(frame) and not _is_readable(frame.body):
        found = (0, len(frame.body))  # not even its head can be read
    return _blanked(frame.body, found)


def without_secrets(frame: Frame) -> bytes:
    """The body, with zeros for the hash of a password or a Kerberos token; as long as it was."""
    token = kerberos_token_range(frame.body)
    return without_hash(frame) if token is None else _blanked(frame.body, token)


def _is_readable(body: bytes) -> bool:
    return is_login_request(body) or bool(is_invocation_start(body[:REQUEST_HEAD_BYTES]))


def _blanked(body: bytes, hidden: tuple[int, int] | None) -> bytes:
    if hidden is None:
        return body
    start, end = hidden
    return body[:start] + bytes(end - start) + body[end:]
