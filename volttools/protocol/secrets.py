"""Which bytes of a frame are secrets: hashes of passwords, and Kerberos tokens.

The hash of a password is itself enough to log in; a Kerberos token may be. Whatever prints or
writes a frame asks here, and puts zeros in their place unless it was told to keep them.

Better hidden once too often: a log-in that can't be read, of which the head is missing, or that is
glued behind a call that was never written to its end, counts as well. In a message that can be
read to its end only a whole log-in with its length before it does: as a value a word is no secret.
"""

from __future__ import annotations

from dataclasses import replace

from volttools.codec import build, parse
from volttools.errors import DecodeError
from volttools.formats.login import (
    HASH_BYTES,
    KERBEROS_VERSION,
    SERVICES,
    KerberosToken,
    LoginHead,
    LoginRequest,
)
from volttools.protocol.events import Direction, Exchange, Frame, Push
from volttools.protocol.frames import CallHead
from volttools.protocol.shapes import (
    REQUEST_HEAD_BYTES,
    framed_login_hashes,
    is_invocation_start,
    is_kerberos,
    is_login_request,
    is_message,
    kerberos_token_range,
    login_hash_range,
    may_begin_login,
)

_SERVICES = tuple(service.encode() for service in SERVICES)
_SHORTEST_HASH = min(filter(None, HASH_BYTES.values()))
_HEAD_BYTES = max(len(build(LoginRequest(service=service))) for service in SERVICES)  # up to there it stands

Range = tuple[int, int]


def looks_like_login(frame: Frame) -> bool:
    """Whether a frame that can't be read may hold a password's hash."""
    head = frame.body[:_HEAD_BYTES]
    return frame.direction is Direction.CLIENT and any(service in head for service in _SERVICES)


def hash_range(frame: Frame) -> Range | None:
    """The bytes of a frame among which all lie that are, or may be, a password's hash; None without any."""
    found = _hashes(frame, False)
    return (found[0][0], found[-1][1]) if found else None


def without_secrets(frame: Frame, *, is_login: bool = False) -> bytes:
    """The body, with zeros for the hash of a password or a Kerberos token; as long as it was.

    is_login  whether the frame belongs to a log-in, so that it holds one even if that can't be read
    """
    body = frame.body
    token = _token(frame, is_login)
    for start, end in _hashes(frame, is_login) if token is None else [token]:
        body = body[:start] + bytes(end - start) + body[end:]
    return body


def without_secret_bytes(frame: Frame, *, is_login: bool = False) -> Frame:
    """The frame with such a body; the same one if there is nothing to hide."""
    body = without_secrets(frame, is_login=is_login)
    return frame if body == frame.body else replace(frame, body=body, head=None)


def exchange_without_secrets(exchange: Exchange) -> Exchange:
    """The exchange with such frames; the same one if there is nothing to hide."""
    request, response = exchange.request_frame, exchange.response_frame
    shown_request = request and without_secret_bytes(request)
    shown_response = response and without_secret_bytes(response)
    if shown_request is request and shown_response is response:
        return exchange
    return replace(
        exchange,
        request_frame=shown_request,
        response_frame=shown_response,
        _invocation=None,
        _response=None,
    )


def push_without_secrets(push: Push) -> Push:
    """The push with such a frame; the same one if there is nothing to hide."""
    frame = without_secret_bytes(push.frame)
    return push if frame is push.frame else replace(push, frame=frame, _response=None)


def _hashes(frame: Frame, is_login: bool) -> list[Range]:
    body = frame.body
    if any(service in body for service in _SERVICES):
        found = login_hash_range(body)
        if found is not None and not is_login_request(body) and is_message(frame.direction, body):
            return framed_login_hashes(body)
        if found is not None:
            return [found]
    return _of_unknown(frame, is_login)


def _of_unknown(frame: Frame, is_login: bool) -> list[Range]:
    """What may be a hash in a frame without a service that is known."""
    whole = [(0, len(frame.body))]
    if frame.direction is Direction.SERVER:
        return whole if is_login and _is_headless(frame) else []
    if frame.missing and may_begin_login(frame.body, frame.missing):
        return whole
    if (not is_login and _is_call(frame)) or is_kerberos(frame.body):
        return []
    try:
        hashed = parse(LoginRequest, frame.body).password_hash
    except DecodeError:
        return whole if is_login else []
    is_hash = is_login or (not frame.missing and len(hashed) >= _SHORTEST_HASH)
    return [(len(frame.body) - len(hashed), len(frame.body))] if hashed and is_hash else []


def _is_headless(frame: Frame) -> bool:
    try:
        parse(LoginHead, frame.readable)
    except DecodeError:
        return True  # what can't be told from a token
    return False


def _is_call(frame: Frame) -> bool:
    is_known = isinstance(frame.head, CallHead)
    return is_known or bool(is_invocation_start(frame.body[:REQUEST_HEAD_BYTES]))


def _token(frame: Frame, is_login: bool) -> Range | None:
    body = frame.body
    if not body or body[0] != KERBEROS_VERSION:
        return None
    found = kerberos_token_range(body)
    if found is not None or not is_login or is_kerberos(body):
        return found
    try:
        token = parse(KerberosToken, body).token  # under a code that nobody knows
    except DecodeError:
        return None
    return len(body) - len(token), len(body)
