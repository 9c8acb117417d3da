"""Plays a check with a server, and says what was different."""

from __future__ import annotations

import hashlib
import socket
import time
from dataclasses import dataclass

from tests.contract.checks import (
    Answer,
    Check,
    Difference,
    End,
    HalfClose,
    InAnyOrder,
    Refusal,
    Welcome,
    call,
    in_words,
    login,
)
from volttools.client.connection_settings import ConnectionSettings
from volttools.codec import parse
from volttools.errors import DecodeError
from volttools.formats.login import LoginResponse
from volttools.formats.response import Response
from volttools.protocol.frame_buffer import FrameBuffer

PATIENCE_S = 20
_DIGESTS = {0: hashlib.sha1, 1: hashlib.sha256}
_LAST_HANDLE = 4712
_PING = call("@Ping", handle=_LAST_HANDLE)
_PINGED = Answer(1, "SUCCESS", ("STATUS B",), [(0,)], handle=_LAST_HANDLE)


@dataclass
class Target:
    """A server that checks are played with.

    login_limit_s   how long a log-in may take there
    has_security    whether it lets in only who has a password
    """

    settings: ConnectionSettings
    login_limit_s: float
    has_security: bool = False

    def login(
        self, *, version: int = 1, scheme: int = 1, user: str | None = None, password: str | None = None
    ) -> bytes:
        """The log-in of its user, or of another, in one of the ways that there are."""
        text = self.settings.password() if password is None else password
        digest = _DIGESTS[scheme if version else 0](text.encode()).digest()
        return login(version, scheme, user=self.settings.user if user is None else user, digest=digest)

    def connect(self) -> Connection:
        """A connection, not logged in."""
        return Connection(self)


class Connection:
    """A connection to a target, on which frames are read one by one."""

    def __init__(self, target: Target) -> None:
        (address,) = target.settings.addresses
        plain = socket.create_connection(address, timeout=PATIENCE_S)
        context = target.settings.ssl_context()
        self._socket = context.wrap_socket(plain, server_hostname=address[0]) if context else plain
        self._buffer = FrameBuffer(2**30)
        self._frames: list[bytes] = []
        self.is_logged_in = False
        self.id = -1

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def log_in(self, frame: bytes) -> LoginResponse:
        """Log in by this frame; AssertionError if that's refused."""
        self.send(frame)
        response = self.next()
        assert isinstance(response, LoginResponse), response
        assert response.accepted, f"the log-in was {in_words(response)}"
        return response

    def send(self, *sends: bytes | HalfClose) -> None:
        """Send all, at once; a server may have ended the connection meanwhile."""
        try:
            self._socket.sendall(b"".join(piece for piece in sends if isinstance(piece, bytes)))
            if any(isinstance(piece, HalfClose) for piece in sends):
                self._socket.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass  # what the server said before is still to be read

    def next(self, timeout_s: float | None = None) -> Response | LoginResponse | End | str:
        """What comes next; in words, where that is nothing, or no message."""
        timeout_s = PATIENCE_S if timeout_s is None else timeout_s
        self._socket.settimeout(timeout_s)
        try:
            while not self._frames:
                data = self._socket.recv(2**16)
                if not data:
                    return End() if not self._buffer.rest else f"{self._buffer.rest!r} and the end"
                self._frames += self._buffer.feed(data)
        except ConnectionError:
            return End()
        except TimeoutError:
            return f"nothing within {timeout_s:g} s"
        body = self._frames.pop(0)
        try:
            return self._read(body)
        except DecodeError as error:
            return f"a frame that can't be read ({error}): {body[:40].hex()}"

    def _read(self, body: bytes) -> Response | LoginResponse:
        if self.is_logged_in:
            return parse(Response, body)
        response = parse(LoginResponse, body)
        if response.accepted:
            assert response.connection_id is not None
            self.is_logged_in, self.id = True, response.connection_id
        return response


def play(check: Check, target: Target) -> Difference | None:
    """What was different; None: nothing."""
    with target.connect() as connection:
        if check.logged_in:
            connection.log_in(target.login())
        began = time.monotonic()
        sends = [piece(target) if callable(piece) else piece for piece in check.sent]
        if not check.in_turn:
            connection.send(*sends)
        for number, expected in enumerate(check.expected):
            if check.in_turn:
                connection.send(sends[number])
            found = _compare(expected, connection, target, began)
            if found is not None:
                return found
        return _last(check, connection)


def _compare(
    expected: Answer | Welcome | Refusal | End | InAnyOrder,
    connection: Connection,
    target: Target,
    began: float,
) -> Difference | None:
    if isinstance(expected, InAnyOrder):
        return _any_order(expected, connection)
    is_late = isinstance(expected, End) and expected.after_login_limit
    patience_s = target.login_limit_s + PATIENCE_S if is_late else None
    came = connection.next(patience_s)
    if not expected.fits(came, connection.id):
        return Difference(str(expected), in_words(came))
    took_s = time.monotonic() - began
    if is_late and took_s < target.login_limit_s * 0.9:
        return Difference(str(expected), f"the end after {took_s:.1f} s of {target.login_limit_s:g}")
    return None


def _any_order(expected: InAnyOrder, connection: Connection) -> Difference | None:
    left = list(expected.ones)
    while left:
        came = connection.next()
        fitting = [one for one in left if one.fits(came, connection.id)]
        if not fitting:
            return Difference(" and ".join(map(str, left)), in_words(came))
        left.remove(fitting[0])
    return None


def _last(check: Check, connection: Connection) -> Difference | None:
    """Nothing else came; the connection can be used on, or has ended."""
    last = check.expected[-1]
    if isinstance(last, End):
        return None
    if isinstance(last, Refusal):
        came = connection.next()
        return None if isinstance(came, End) else Difference("the end behind it", in_words(came))
    connection.send(_PING)
    came = connection.next()
    if _PINGED.fits(came, connection.id):
        return None
    return Difference("nothing else, and an answer to @Ping", in_words(came))
