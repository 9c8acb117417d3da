"""Rules on log-ins and their answers."""

from __future__ import annotations

from collections.abc import Iterator

from volttools.checks.finding import Found, Rule, Severity
from volttools.checks.state import ConnectionState
from volttools.formats.login import HASH_BYTES, HASH_SCHEMES, LOGIN_STATUS, SERVICES, VERSIONS
from volttools.protocol.events import Login
from volttools.words import counted

VIOLATION, NOTE = Severity.VIOLATION, Severity.NOTE


def _version(login: Login, state: ConnectionState) -> Iterator[Found]:
    if login.request is not None and login.request.version not in VERSIONS:
        message = f"a log-in of version {login.request.version}; 0 and 1 are known"
        yield Found(message, "loginrequest.version", login.request_frame)


def _service(login: Login, state: ConnectionState) -> Iterator[Found]:
    if login.request is not None and login.request.service not in SERVICES:
        message = f"a log-in to the service {login.request.service!r}; the server refuses all but {' and '.join(SERVICES)}"
        yield Found(message, "loginrequest.service", login.request_frame)


def _user(login: Login, state: ConnectionState) -> Iterator[Found]:
    if login.request is not None and login.request.user is None:
        message = "the user is NULL: the server closes the connection or refuses; an empty text is anonymous"
        yield Found(message, "loginrequest.user", login.request_frame)


def _scheme(login: Login, state: ConnectionState) -> Iterator[Found]:
    if login.request is not None and (login.request.hash_scheme or 0) not in HASH_SCHEMES:
        message = f"hash scheme {login.request.hash_scheme}; the server refuses all but 0, 1 and 2"
        yield Found(message, "loginrequest.hash_scheme", login.request_frame)


def _hash_length(login: Login, state: ConnectionState) -> Iterator[Found]:
    if login.request is None:
        return
    expected = HASH_BYTES.get(login.request.hash_scheme or 0)
    there = len(login.request.password_hash)
    if expected is not None and there != expected:
        message = f"a password hash of {there:,} bytes; {login.request.hash_scheme_name} has {expected}"
        yield Found(message, "loginrequest.password_hash", login.request_frame)


def _sha1(login: Login, state: ConnectionState) -> Iterator[Found]:
    if login.request is not None and not login.request.hash_scheme:
        message = f"a log-in of version {login.request.version} with SHA-1; use version 1 with SHA-256"
        yield Found(message, "loginrequest.hash_scheme", login.request_frame)


def _unanswered(login: Login, state: ConnectionState) -> Iterator[Found]:
    if login.response_frame is None and not login.server_full:
        why = login.notes[0].removeprefix("no answer: ") if login.notes else "why isn't known"
        yield Found(f"the log-in has no answer: {why}")


def _refused(login: Login, state: ConnectionState) -> Iterator[Found]:
    if login.response is not None and not login.response.accepted:
        message = f"the log-in was refused with status {login.response.status}: {login.response.status_text}"
        yield Found(message, frame=login.response_frame)


def _server_full(login: Login, state: ConnectionState) -> Iterator[Found]:
    if login.server_full:
        yield Found("the log-in was refused: the server has reached its limit of connections")


def _unknown_status(login: Login, state: ConnectionState) -> Iterator[Found]:
    if login.response is not None and login.response.status not in LOGIN_STATUS:
        message = f"a log-in was answered with status {login.response.status}, which nobody knows"
        yield Found(message, "loginresponse.status", login.response_frame)


def _odd_response(login: Login, state: ConnectionState) -> Iterator[Found]:
    response = login.response
    if response is None:
        return
    faults = []
    if response.version:
        faults.append(f"its version is {response.version}, not 0")
    if response.trailing:
        faults.append(f"{counted(len(response.trailing), 'byte')} too many")
    if response.accepted and response.build is None:
        faults.append("its build string is NULL")
    if faults:
        yield Found(f"the answer to a log-in is odd: {', '.join(faults)}", frame=login.response_frame)


# fmt: off
LOGIN_RULES: tuple[Rule[Login], ...] = (
    Rule("login-unanswered",     NOTE,      None,     "a log-in that got no answer", "AuthSystem.java", _unanswered),
    Rule("login-refused",        NOTE,      None,     "a log-in that was refused, and why", "ConnectionUtil.java", _refused),
    Rule("server-full",          NOTE,      None,     "a log-in that met the server's limit of connections", "ClientInterface.java: ClientAcceptor", _server_full),
    Rule("sha1-login",           NOTE,      "client", "a log-in with SHA-1: deprecated, still accepted by 11.4", "the server warns of it; recording login-versions", _sha1),
    Rule("login-version",        VIOLATION, "client", "a log-in of a version other than 0 and 1", "ClientInterface.java; observed: negative ones are closed", _version),
    Rule("unknown-service",      VIOLATION, "client", "a log-in to a service other than database and kerberos: refused with 5", "AuthSystem.java", _service),
    Rule("null-user",            VIOLATION, "client", "a log-in whose user is NULL", "observed: closed, or refused with -1", _user),
    Rule("unknown-hash-scheme",  VIOLATION, "client", "a log-in whose hash scheme nobody knows: refused with 3", "AuthSystem.java", _scheme),
    Rule("hash-length",          VIOLATION, "client", "a password hash that is not as long as its scheme's: refused with -1", "AuthSystem.java", _hash_length),
    Rule("unknown-login-status", VIOLATION, "server", "a log-in answered with a status that nobody knows", "ConnectionUtil.java; FastSerializer of voltdbclient", _unknown_status),
    Rule("login-response",       VIOLATION, "server", "an answer to a log-in of another version, or with bytes behind it", "ClientInterface.java; the C++ client asserts version 0", _odd_response),
)
# fmt: on
