"""The beginning of a connection: the log-in, its answer, and what Kerberos says between them.

Which frame is what depends on what came before. The first frame of a client is its log-in; in
a capture that begins in the middle it is one only if it looks like one. Until it is answered,
frames of the Kerberos exchange go both ways; calls sent behind the log-in are no part of it.

Source: formats/login.py; recordings login-*, no-handshake, snaplen-128.
"""

from __future__ import annotations

from volttools.codec import attempt, parse
from volttools.errors import DecodeError
from volttools.formats.login import (
    KERBEROS_SERVICE_NAME,
    KERBEROS_VERSION,
    SERVICES,
    KerberosServiceName,
    KerberosToken,
    LoginHead,
    LoginRequest,
    LoginResponse,
)
from volttools.protocol.events import Connection, Frame, Login
from volttools.protocol.shapes import (
    is_invocation_start,
    is_login_request,
    is_login_response,
    is_response_start,
)

_try_login_head = attempt(LoginHead)


class LoginPairing:
    """Pairs the log-in of one connection.

    was_seen       whether there was a log-in, or an answer to one
    pending        the log-in that waits for its answer
    connection_id  as the server told it
    at_start       the connection was seen from its beginning

    `request` and `response` take a frame and tell whether it belongs here; they raise
    DecodeError for one that belongs here and can't be read.
    """

    __slots__ = ("_at_start", "_connection", "connection_id", "pending", "was_seen")

    def __init__(self, connection: Connection, *, at_start: bool) -> None:
        self._connection = connection
        self._at_start = at_start
        self.pending: Login | None = None
        self.connection_id: int | None = None
        self.was_seen = False

    def request(self, frame: Frame) -> bool:
        """Take a client's frame, if it is a log-in or a Kerberos token."""
        if self.pending is not None:
            return self._token(self.pending, frame)
        if frame.missing:
            if not self._is_first(frame):
                return False
        elif not is_login_request(frame.body) and (
            # The first frame of a connection, and no invocation, is a log-in that will be refused.
            not self._is_first(frame) or is_invocation_start(frame.body)
        ):
            return False
        login = self.pending = Login(connection=self._connection, request_frame=frame)
        self.was_seen = True
        if not frame.missing:
            login.request = parse(LoginRequest, frame.body)
            self._connection.user = login.request.user
        return True

    def response(self, frame: Frame, *, has_calls: bool) -> Login | None:
        """Take a server's frame, if it answers the log-in, or says something before that.

        Gives the log-in; it is complete when nothing is `pending` any more.
        """
        login = self.pending
        if frame.missing:
            # While nothing was called it can be nothing else.
            if login is None or has_calls:
                return None
            login.response_frame = frame
            self.pending = None
            return login
        if (message := kerberos_message(frame)) is not None:
            login = self.pending = login or self._without_request()
            login.kerberos.append((frame, message))
            return login
        if not is_login_response(frame.body) and (login is None or is_response_start(frame.body)):
            return None
        if login is None:
            if self._at_start and frame.offset:
                return None
            login = self._without_request()
        login.response = parse(LoginResponse, frame.body)
        login.response_frame = frame
        self.connection_id = login.response.connection_id
        self.pending = None
        return login

    def give_up(self, note: str, closed_at_ns: int | None = None) -> list[Login]:
        """The pending log-in, as nothing can answer it any more; when, if the connection was closed."""
        login, self.pending = self.pending, None
        if login is None:
            return []
        login.notes.append(note + later(login.request_frame, closed_at_ns))
        return [login]

    def server_full(self) -> Login:
        """The log-in, refused by the one unframed message."""
        login, self.pending = self.pending or Login(connection=self._connection), None
        login.server_full = True
        return login

    def _is_first(self, frame: Frame) -> bool:
        return self._at_start and not frame.offset

    def _token(self, login: Login, frame: Frame) -> bool:
        """Take a client's Kerberos token."""
        if login.request is not None and login.request.service != SERVICES[1]:
            return False
        token = kerberos_message(frame)
        if token is None:
            return False
        login.kerberos.append((frame, token))
        return True

    def _without_request(self) -> Login:
        self.was_seen = True
        notes = ["the log-in itself is missing from the capture"]
        return Login(connection=self._connection, notes=notes)


def later(frame: Frame | None, then_ns: int | None) -> str:
    """How long after a frame something happened: " 1.2 s later"; empty where that isn't known."""
    if frame is None or frame.seen_at_ns is None or then_ns is None or then_ns < frame.seen_at_ns:
        return ""
    passed_ns = then_ns - frame.seen_at_ns
    unit, width_ns = next((u for u in _UNITS if passed_ns >= u[1]), _UNITS[-1])
    return (
        f" {passed_ns / width_ns:,.3g} {unit} later"
        if passed_ns < 1000 * width_ns
        else f" {passed_ns // width_ns:,} {unit} later"
    )


_UNITS = (("s", 10**9), ("ms", 10**6), ("us", 10**3))


def kerberos_message(frame: Frame) -> KerberosServiceName | KerberosToken | None:
    """The message of the Kerberos exchange in a frame, if it is one."""
    head: LoginHead | None = _try_login_head(frame.body)
    if head is None or head.version != KERBEROS_VERSION:
        return None
    try:
        if head.code == KERBEROS_SERVICE_NAME:
            return parse(KerberosServiceName, frame.body)
        return parse(KerberosToken, frame.body)
    except DecodeError:
        return None
