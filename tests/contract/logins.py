"""Log-ins: versions, schemes, services, what is no log-in, and what comes behind one."""

from tests.contract.checks import (
    Answer,
    Check,
    End,
    HalfClose,
    Refusal,
    Welcome,
    call,
    frame,
    login,
    malformed,
    not_found,
)

_SHA1 = bytes(20)
_LONGEST = 50 * 2**20
_PINGED = Answer(1, "SUCCESS", ("STATUS B",), [(0,)])
_OFF, _ON = False, True


def _length(number: int) -> bytes:
    return number.to_bytes(4, "big", signed=True)


def _refused(name: str, sends: bytes, status: int, security: bool | None = None) -> Check:
    return Check(name, "1", sends, Refusal(status), logged_in=False, security=security)


def _ended(name: str, sends: bytes) -> Check:
    return Check(name, "1", sends, End(), logged_in=False)


def _let_in(name: str, sends: object, *, security: bool | None = None) -> Check:
    return Check(name, "1", sends, Welcome(), logged_in=False, security=security)  # type: ignore[arg-type]


# fmt: off
CHECKS = [
    _let_in("log-in of version 1, SHA-256", lambda target: target.login()),
    _let_in("log-in of version 1, SHA-1", lambda target: target.login(scheme=0)),
    _let_in("log-in of version 0, SHA-1", lambda target: target.login(version=0)),
    _let_in("log-in of version 2 is taken as 1", lambda target: target.login(version=2)),
    _let_in("log-in of version 3 is taken as 1", lambda target: target.login(version=3)),
    _let_in("log-in of version 127 is taken as 1", lambda target: target.login(version=127)),
    _ended("log-in of version -1", login(version=-1)),
    _ended("log-in of version -128", login(version=-128)),
    _refused("log-in by scheme 3", login(scheme=3), 3),
    _refused("log-in by scheme -1", login(scheme=-1), 3),
    _refused("log-in by scheme 2 with a hash", login(scheme=2), -1),
    _refused("log-in by scheme 1 without a hash", login(digest=b""), -1),
    _refused("log-in by scheme 1 with 20 bytes", login(digest=_SHA1), -1),
    _refused("log-in by scheme 1 with 31 bytes", login(digest=bytes(31)), -1),
    _refused("log-in by scheme 1 with 33 bytes", login(digest=bytes(33)), -1),
    _refused("log-in by scheme 0 with 32 bytes", login(scheme=0), -1),
    _refused("log-in of version 0 with 32 bytes", login(version=0), -1),
    _refused("log-in to service export", login(service="export"), 5),
    _refused("log-in to service DATABASE", login(service="DATABASE"), 5),
    _refused("log-in to service hashinator", login(service="hashinator"), 5),
    _refused("log-in to no service", login(service=""), 5),
    _refused("log-in to service NULL", login(service=None), 5),

    _let_in("anybody is let in without security", login(user="whoever"), security=_OFF),
    _let_in("a user of 1 MB is let in without security", login(user="x" * 2**20), security=_OFF),
    _let_in("a user that is no UTF-8 is let in without security", login(user="\udcff"), security=_OFF),
    _let_in("scheme 2 without a hash is let in without security", login(scheme=2, digest=b""), security=_OFF),
    _let_in("service kerberos is let in without security", login(service="kerberos"), security=_OFF),
    Check("a user NULL ends the connection without security", "1", login(user=None), End(), logged_in=False, security=_OFF),

    Check("a wrong password", "3.3", lambda target: target.login(password="wrong"), Refusal(-1), logged_in=False, security=_ON),
    Check("a user that there isn't", "3.3", lambda target: target.login(user="nobody-of-this-name"), Refusal(-1), logged_in=False, security=_ON),
    Check("a user in another case", "3.3", lambda target: target.login(user=target.settings.user.swapcase()), Refusal(-1), logged_in=False, security=_ON),
    _refused("no user where there is security", login(), -1, security=_ON),
    _refused("a user NULL where there is security", login(user=None), -1, security=_ON),
    _refused("scheme 2 without a hash where there is security", login(scheme=2, digest=b""), -1, security=_ON),
    _refused("service kerberos where there is security, but no Kerberos", login(service="kerberos"), -1, security=_ON),

    _ended("a first frame of 1 byte", frame("01")),
    _ended("a first frame of 2 bytes", frame("0101")),
    _ended("a service that is longer than the frame", frame("0101 00001000 64")),
    _ended("a service of length -2", frame("0101 fffffffe 64617461")),
    _ended("a first frame of length 0", _length(0) + b"x"),
    _ended("a first frame of length -1", _length(-1) + b"x"),
    _ended("a first frame of more than 50 MiB", _length(_LONGEST + 1) + b"x"),
    _ended("HTTP", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    _ended("a hello of TLS", bytes.fromhex("16030100c8010000c40303") + bytes(194)),

    Check("a log-in with two calls behind it", "1", (lambda target: target.login(), call("@Ping"), call("@Ping")), (Welcome(), _PINGED, _PINGED), logged_in=False),
    Check("half a log-in, and the client's end", "1", (lambda target: target.login()[:20], HalfClose()), End(), logged_in=False),
    Check("the client's end ends the connection", "2.4", HalfClose(), End()),
    Check("a second log-in of version 1 is read as a call", "1", login(), malformed("Value length is bigger than total buffer 1684108385")),
    Check("a second log-in of version 0 is read as a call", "1", login(version=0, digest=_SHA1), not_found("database", handle=0)),

    Check("a later frame of length 0", "1", _length(0) + b"x", End()),
    Check("a later frame of length -1", "1", _length(-1) + b"x", End()),
    Check("a later frame of more than 50 MiB", "1", _length(_LONGEST + 1) + b"x", End()),

    Check("nothing is sent", "1", b"", End(after_login_limit=True), logged_in=False, needs="login limit"),
    Check("3 bytes are sent", "1", bytes(3), End(after_login_limit=True), logged_in=False, needs="login limit"),
    Check("half a log-in is sent", "1", login()[:20], End(after_login_limit=True), logged_in=False, needs="login limit"),
    Check("50 MiB are announced", "1", _length(_LONGEST), End(after_login_limit=True), logged_in=False, needs="login limit"),
]
# fmt: on
