"""Whether bytes look like a message: the only way to tell where the capture does not.

A length before the bytes says where a message ends. Where that length is lost, or nobody
said that this is VoltDB's protocol at all, the messages themselves have to tell. All tests
here are made from the declarations: bytes pass that parse to the last one and hold values
that exist. By chance that happens about once in 10^7 positions for a head, and never for
a whole message.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from volttools.codec import attempt, build, parser
from volttools.errors import DecodeError
from volttools.formats.frame import PREFIX, PREFIX_BYTES
from volttools.formats.invocation import (
    INVOCATION_VERSIONS,
    TIMEOUT_FLAGS,
    WITH_TIMEOUT,
    Invocation,
    InvocationHead,
)
from volttools.formats.login import (
    HASH_BYTES,
    KERBEROS_HANDSHAKE,
    KERBEROS_SERVICE_NAME,
    KERBEROS_VERSION,
    LOGIN_STATUS,
    SERVICES,
    VERSIONS,
    KerberosToken,
    LoginHead,
    LoginRequest,
    LoginResponse,
)
from volttools.formats.notation import Text
from volttools.formats.response import FIELDS_PRESENT, STATUS_NAMES, Response, ResponseHead
from volttools.protocol.events import Direction

MAX_FRAME_BYTES: Final = 2**30
"""A longer frame is taken for garbage: twenty times what the server accepts, and more than a
response can hold (the server's buffers end at 50 MiB for a table, and 63 MB were observed)."""

CLIENT_VERSIONS: Final = frozenset((*INVOCATION_VERSIONS, KERBEROS_VERSION))
SERVER_VERSIONS: Final = frozenset((0, KERBEROS_VERSION))
_FLAGS: Final = sum(FIELDS_PRESENT.bits.values())

read_prefix = parser(PREFIX)
_try_invocation_head = attempt(InvocationHead)
_try_login_request = attempt(LoginRequest)
_try_login_response = attempt(LoginResponse)
_try_login_head = attempt(LoginHead)
_read_response_head = parser(ResponseHead)

RESPONSE_HEAD_BYTES: Final = len(build(ResponseHead(version=0, client_handle=0, fields_present=0, status=0)))
_LONGEST_LOGIN: Final = 2**16
"""As the length of a log-in in the middle of other bytes a larger number is taken for something else."""
REQUEST_HEAD_BYTES: Final = 1024
"""As much of an invocation as is looked at for its head; a longer name needs another look."""

_LONGEST_NAME: Final = 255
"""Longer names of procedures are legal. Nobody has them, and looking for a lost frame's start
among zeros is a thousand times slower with them."""


def invocation_head(body: bytes) -> InvocationHead | None:
    """The head of an invocation, without the parameters behind it; None if it can't be read."""
    head: InvocationHead | None = _try_invocation_head(body[:REQUEST_HEAD_BYTES])
    if head is None and len(body) > REQUEST_HEAD_BYTES:
        head = _try_invocation_head(body)
    if head is None or head.version not in INVOCATION_VERSIONS:
        return None
    return head


def response_head(body: bytes) -> ResponseHead | None:
    """The head of a response or push; None if there are too few bytes."""
    if len(body) < RESPONSE_HEAD_BYTES:
        return None
    head: ResponseHead = _read_response_head(body[:RESPONSE_HEAD_BYTES])
    return head


def plausible_request_head(body: bytes) -> InvocationHead | None:
    """The head of an invocation; None for what doesn't begin like one."""
    head = invocation_head(body)
    if head is None or not head.procedure or not head.procedure.isprintable():
        return None
    if head.version == WITH_TIMEOUT and head.batch_timeout_flag not in TIMEOUT_FLAGS:
        return None
    return head


def plausible_response_head(body: bytes) -> ResponseHead | None:
    """The head of a response; None for what doesn't begin like one."""
    if len(body) < RESPONSE_HEAD_BYTES:
        return None
    head: ResponseHead = _read_response_head(body[:RESPONSE_HEAD_BYTES])
    if head.version or head.fields_present & ~_FLAGS or head.status not in STATUS_NAMES:
        return None
    return head


def is_length(length: int) -> bool:
    """Whether a frame can have this length."""
    return 0 < length <= MAX_FRAME_BYTES


def may_begin(direction: Direction, version: int) -> bool:
    """Whether a message of this direction can begin with this byte."""
    return version in (CLIENT_VERSIONS if direction is Direction.CLIENT else SERVER_VERSIONS)


def has_head(direction: Direction, start: bytes) -> bool | None:
    """Whether bytes begin like an invocation, or a response; None if there are too few to tell."""
    if direction is Direction.CLIENT:
        return is_invocation_start(start)
    return is_response_start(start)


def is_response_start(start: bytes) -> bool | None:
    """Whether bytes begin like a response; None if there are too few to tell."""
    if len(start) < RESPONSE_HEAD_BYTES:
        return None if not start or start[0] == 0 else False
    return plausible_response_head(start) is not None


def is_invocation_start(start: bytes) -> bool | None:
    """Whether bytes begin like an invocation; None if there are too few to tell."""
    if invocation_head(start) is None:
        may_follow = len(start) < _LONGEST_NAME and (not start or start[0] in INVOCATION_VERSIONS)
        return None if may_follow else False
    return plausible_request_head(start) is not None


def is_message(direction: Direction, body: bytes) -> bool:
    """Whether bytes are one whole message, to the last byte."""
    if direction is Direction.CLIENT:
        return is_invocation(body) or is_login_request(body) or is_kerberos(body)
    return is_response(body) or is_login_response(body) or is_kerberos(body)


def is_invocation(body: bytes) -> bool:
    """Whether bytes are an invocation, with parameters that can be read."""
    if not is_invocation_start(body):
        return False
    try:
        found: Invocation = parser(Invocation)(body)
    except DecodeError:
        return False
    return found.is_readable


def is_response(body: bytes) -> bool:
    """Whether bytes are a response or a push, with tables that can be read."""
    if not is_response_start(body):
        return False
    try:
        found: Response = parser(Response)(body)
    except DecodeError:
        return False
    return not found.trailing


def is_login_request(body: bytes) -> bool:
    """Whether bytes are a log-in as clients send it: a known service, a hash as long as its scheme's."""
    found: LoginRequest | None = _try_login_request(body)
    return (
        found is not None
        and found.version in VERSIONS
        and found.service in SERVICES
        and found.user is not None
        and HASH_BYTES.get(found.hash_scheme or 0) == len(found.password_hash)
    )


def is_login_start(start: bytes) -> bool | None:
    """Whether bytes begin like a log-in, up to its service; None if there are too few to tell."""
    if any(map(start.startswith, _LOGIN_STARTS)):
        return True
    return None if any(known.startswith(start) for known in _LOGIN_STARTS) else False


def may_begin_login(body: bytes, missing: Sequence[tuple[int, int]]) -> bool:
    """Whether bytes with zeros in holes may begin like a log-in, of which the head is not all there."""
    for start in _LOGIN_STARTS:
        if not missing or missing[0][0] >= len(start):
            continue
        holes = {at for begin, end in missing for at in range(begin, min(end, len(start)))}
        if all(at in holes or body[at] == start[at] for at in range(min(len(body), len(start)))):
            return True
    return False


def login_hash_range(body: bytes) -> tuple[int, int] | None:
    """Where a password's hash stands in a client's frame; None if there is no log-in in it.

    That is in a log-in, whole or cut, and in one glued behind a call that was never written to its
    end (formats/dumpfile.py); its version and scheme may be unknown. As declared, the hash goes to
    the end of the frame; where the user can't be read, or the frame begins within a log-in, it may
    begin right behind the service.
    """
    end = len(body)
    if (cut := _CUT_SERVICE.match(body)) is not None and not _SERVICE.search(body, 0, cut.end()):
        return (cut.end(), end) if cut.end() < end else None
    for match in _SERVICE.finditer(body):
        start = _login_before(body, match.start())
        if start is None:
            continue
        try:
            found: LoginRequest = parser(LoginRequest)(body[start:])
        except DecodeError:
            return (match.end(), end) if match.end() < end else None
        begin = end - len(found.password_hash)
        return (begin, end) if begin < end else None
    return None


def _login_before(body: bytes, service: int) -> int | None:
    """Where a log-in begins whose service stands at a place; None if none does."""
    for size in _BYTES_BEFORE_SERVICE:
        start = max(0, service - size)
        if not start or _LOGIN_PATTERN.match(body, start):
            return start
        if start >= PREFIX_BYTES:
            length = read_prefix(body[start - PREFIX_BYTES : start])
            if service - start < length <= _LONGEST_LOGIN:
                return start
    return None


def framed_login_hashes(body: bytes) -> list[tuple[int, int]]:
    """Where the hashes of log-ins stand that are in a body with their lengths before them; of the last
    one the end may be cut off."""
    found = []
    for match in _SERVICE.finditer(body):
        start = _login_before(body, match.start())
        if start is None or start < PREFIX_BYTES:
            continue
        end = min(len(body), start + read_prefix(body[start - PREFIX_BYTES : start]))
        try:
            size = len(parser(LoginRequest)(body[start:end]).password_hash)
        except DecodeError:
            continue
        found += [(end - size, end)] if size else []
    return found


def is_login_response(body: bytes) -> bool:
    """Whether bytes are the answer to a log-in: accepted with a server's version, or two bytes."""
    found: LoginResponse | None = _try_login_response(body)
    if found is None or found.version != 0 or found.trailing:
        return False
    return found.build is not None if found.accepted else found.status in LOGIN_STATUS


def is_kerberos(body: bytes) -> bool:
    """Whether bytes begin like a message of the Kerberos exchange."""
    found: LoginHead | None = _try_login_head(body)
    return (
        found is not None
        and found.version == KERBEROS_VERSION
        and found.code in (KERBEROS_SERVICE_NAME, KERBEROS_HANDSHAKE)
    )


def kerberos_token_range(body: bytes) -> tuple[int, int] | None:
    """Where a Kerberos token stands in a frame of either side; None if there is none."""
    if not is_kerberos(body) or parser(LoginHead)(body).code != KERBEROS_HANDSHAKE:
        return None
    token: bytes = parser(KerberosToken)(body).token
    return len(body) - len(token), len(body)


# -------------------------------------------------- patterns of a frame's first bytes
# For the search at any offset: what `has_head` would accept, found at the speed of `re`.
# Where each field stands is learnt by building two heads that differ in nothing else.


def _position(first: bytes, second: bytes) -> int:
    """Where two byte strings of the same length begin to differ."""
    return next(i for i, (a, b) in enumerate(zip(first, second, strict=True)) if a != b)


def _one_of(values: set[int] | frozenset[int]) -> bytes:
    return (
        b"["
        + b"".join(b"\\x%02x" % (value & 0xFF) for value in sorted(values, key=lambda v: v & 0xFF))
        + b"]"
    )


def _pattern(length: int, places: dict[int, bytes]) -> bytes:
    """A pattern of so many bytes, some of which are told."""
    highest = build_prefix(MAX_FRAME_BYTES)[0]
    prefix = b"[\\x00-\\x%02x]" % highest + b"." * (PREFIX_BYTES - 1)
    return prefix + b"".join(places.get(i, b".") for i in range(length))


def build_prefix(length: int) -> bytes:
    """A length as it stands before a frame."""
    prefix: bytes = PREFIX.build(length)
    return prefix


def _response_pattern() -> bytes:
    def head(version: int = 0, flags: int = 0, status: int = 0) -> bytes:
        return build(ResponseHead(version=version, client_handle=0, fields_present=flags, status=status))

    flags = {bits for bits in range(256) if not bits & ~_FLAGS}
    places = {
        _position(head(), head(version=1)): _one_of({0}),
        _position(head(), head(flags=1)): _one_of(flags),
        _position(head(), head(status=1)): _one_of(frozenset(STATUS_NAMES)),
    }
    return _pattern(RESPONSE_HEAD_BYTES, places)


def _invocation_pattern() -> bytes:
    width = Text.prefix.sizeof()
    layouts = []
    for version, flag, timeout in ((0, None, None), (1, -1, None), (1, 1, 0), (2, None, None)):

        def head(
            name: str, version: int = version, flag: int | None = flag, timeout: int | None = timeout
        ) -> bytes:
            return build(
                InvocationHead(
                    version=version,
                    batch_timeout_flag=flag,
                    batch_timeout_ms=timeout,
                    procedure=name,
                    client_handle=0,
                )
            )

        empty = head("")
        last = _position(empty, head("x")[: len(empty)])
        places = {0: _one_of({version}), last: rb"[^\x00]", last + 1: rb"[^\x00-\x1f\x7f]"}
        places |= {last - i: rb"\x00" for i in range(1, width)}
        if flag is not None:
            places[1] = _one_of({flag})
        layouts.append(_pattern(last + 2, places))
    return b"|".join(layouts)


def _login_starts() -> tuple[bytes, ...]:
    starts = []
    for service in SERVICES:
        for version, schemes in ((0, (None,)), (1, HASH_BYTES)):
            for scheme in schemes:
                login = LoginRequest(version=version, hash_scheme=scheme, service=service)
                body = build(login)
                with_user = build(login.replace(user="x"))[: len(body)]
                last = _position(body, with_user)  # of the user's length
                starts.append(body[: last + 1 - Text.prefix.sizeof()])
    return tuple(starts)


_LOGIN_STARTS: Final = _login_starts()
_LOGIN_PATTERN: Final = re.compile(b"(?=" + b"|".join(map(re.escape, _LOGIN_STARTS)) + b")")
_SERVICE_TEXTS: Final = [Text.build(service) for service in SERVICES]
_SERVICE: Final = re.compile(b"|".join(map(re.escape, _SERVICE_TEXTS)))
_CUT_SERVICE: Final = re.compile(
    rb"(?s).{0,%d}?(?:%s)" % (Text.prefix.sizeof(), b"|".join(service.encode() for service in SERVICES))
)
"""A service at the beginning, with less than its length before it."""
_BYTES_BEFORE_SERVICE: Final = sorted(
    {len(start) - len(text) for start in _LOGIN_STARTS for text in _SERVICE_TEXTS}, reverse=True
)

HEAD_PATTERNS: Final = {
    Direction.CLIENT: re.compile(b"(?s)(?=" + _invocation_pattern() + b")"),
    Direction.SERVER: re.compile(b"(?s)(?=" + _response_pattern() + b")"),
}
"""Match, with no width, where a frame may begin: length, version, and what else is always so."""

HEAD_SPAN: Final = PREFIX_BYTES + 32
"""No pattern looks further ahead than so many bytes."""
