import pytest

from tests.checks.samples import SAMPLES, codes, findings, login, logins
from tests.protocol.wire import ACCEPTED, LOGIN


@pytest.mark.parametrize(
    ("code", "message", "path"),
    [
        ("login-version", "a log-in of version 2; 0 and 1 are known", "loginrequest.version"),
        ("hash-length", "a password hash of 31 bytes; SHA-256 has 32", "loginrequest.password_hash"),
        (
            "unknown-service",
            "a log-in to the service 'export'; the server refuses all but database and kerberos",
            "loginrequest.service",
        ),
        (
            "null-user",
            "the user is NULL: the server closes the connection or refuses; an empty text is anonymous",
            "loginrequest.user",
        ),
        (
            "unknown-hash-scheme",
            "hash scheme 7; the server refuses all but 0, 1 and 2",
            "loginrequest.hash_scheme",
        ),
        (
            "sha1-login",
            "a log-in of version 0 with SHA-1; use version 1 with SHA-256",
            "loginrequest.hash_scheme",
        ),
        (
            "unknown-login-status",
            "a log-in was answered with status 99, which nobody knows",
            "loginresponse.status",
        ),
        ("login-response", "the answer to a log-in is odd: 1 byte too many", None),
        ("login-refused", "the log-in was refused with status -1: wrong user or password", None),
        (
            "server-full",
            "the log-in was refused: the server has reached its limit of connections",
            None,
        ),
        ("login-unanswered", "the log-in has no answer: the capture ends", None),
    ],
)
def test_a_log_in_is_told_with_what_is_right(code, message, path):
    found = next(f for f in findings(SAMPLES[code]()) if f.code == code)
    assert (found.message, found.place.path) == (message, path)


def test_an_ordinary_log_in_and_an_anonymous_one_are_fine():
    assert codes(login(LOGIN, ACCEPTED)) == []
    assert codes(logins(user="")) == []


def test_no_finding_holds_a_password_hash():
    request = bytes(range(0xC1, 0xE0))
    found = findings(logins(password_hash=request))
    assert [f.code for f in found] == ["hash-length"]
    assert request.hex() not in str(found)
    assert repr(request) not in str(found)
