"""Zeros stand where secrets stood, and nowhere else."""

import pytest

from tests.protocol.wire import ACCEPTED, answer, call, framed
from volttools.codec import build
from volttools.formats.invocation import Invocation
from volttools.formats.login import KerberosToken, LoginRequest
from volttools.formats.parameters import Parameter
from volttools.formats.types import VARBINARY
from volttools.protocol.events import Direction, Frame
from volttools.protocol.secrets import looks_like_login, without_secret_bytes, without_secrets
from volttools.protocol.shapes import is_invocation

DIGEST = bytes(range(0xA1, 0xC1))


def frame(body, direction=Direction.CLIENT, missing=()):
    return Frame(direction=direction, body=body, length=len(body), offset=0, missing=list(missing))


def test_the_hash_of_a_login_is_blanked_and_keeps_its_length():
    login = LoginRequest(user="op", password_hash=b"\x07" * 32)
    body = without_secrets(frame(build(login)))
    assert body == build(login.replace(password_hash=bytes(32)))


def test_a_kerberos_token_is_blanked_for_either_side():
    token = build(KerberosToken(token=b"ticket"))
    for direction in Direction:
        assert without_secrets(frame(token, direction)) == build(KerberosToken(token=bytes(6)))


@pytest.mark.parametrize("procedure", ["database", "kerberos"])
def test_a_call_that_is_named_like_a_service_is_no_secret(procedure):
    body = call(procedure, 1)
    assert looks_like_login(frame(body))
    assert without_secrets(frame(body)) == body


def test_a_login_that_was_cut_within_its_user_is_blanked_behind_the_service():
    body = build(LoginRequest(user="operator", password_hash=DIGEST))[:20]
    assert without_secrets(frame(body, missing=[(20, 60)])) == body[:14] + bytes(6)


def test_what_a_server_says_is_no_hash():
    assert without_secrets(frame(ACCEPTED, Direction.SERVER)) == ACCEPTED
    body = answer(1, text="database kerberos")
    assert without_secrets(frame(body, Direction.SERVER)) == body
    assert without_secret_bytes(found := frame(body, Direction.SERVER)) is found


LOGIN_BODY = build(LoginRequest(user="ann", password_hash=DIGEST))
HOLED = bytearray(LOGIN_BODY)
HOLED[4:12] = bytes(8)


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        (LOGIN_BODY[:-9], [(len(LOGIN_BODY) - 9, len(LOGIN_BODY))]),
        (bytes(HOLED), [(4, 12)]),
        (bytes(17) + LOGIN_BODY[17:], [(0, 17)]),
        (b"\1\5" + LOGIN_BODY[2:] + DIGEST[::-1], []),  # a scheme that nobody knows
        (b"\7" + LOGIN_BODY[1:], []),  # a version that nobody knows
        (LOGIN_BODY.replace(b"\0\0\0\x03ann", b"\x40\0\0\x03ann"), []),
        (LOGIN_BODY[2:], []),  # the bytes before were taken for a length
        (LOGIN_BODY[4:], []),
        (call("@Ping", 1)[:-1] + framed(LOGIN_BODY), []),
        (call("@Ping", 1)[:-1] + framed(LOGIN_BODY) + framed(call("Vote", 2)) + framed(LOGIN_BODY), []),
        (call("@Ping", 1)[:-1] + framed(b"\2\3" + LOGIN_BODY[2:]), []),
        (LOGIN_BODY.replace(b"database", b"Database"), []),
    ],
)
@pytest.mark.parametrize("direction", Direction)
def test_no_hash_is_left_in_a_login_that_is_damaged(body, missing, direction):
    if direction is Direction.SERVER and (missing[:1] != [] or b"Database" in body):
        return  # only a file that doesn't tell directions may take it for a server's
    shown = without_secrets(frame(body, direction, missing))
    assert len(shown) == len(body)
    for start in range(len(DIGEST) - 7):
        assert DIGEST[start : start + 8] not in shown


def test_a_frame_of_a_log_in_is_hidden_even_if_nothing_of_it_can_be_read():
    for body in (b"\1\1" + DIGEST, LOGIN_BODY.replace(b"database", b"db______") + b"more"):
        assert DIGEST not in without_secrets(frame(body), is_login=True)
    cut = frame(bytes(2) + DIGEST, Direction.SERVER, missing=[(0, 2)])
    assert without_secrets(cut, is_login=True) == bytes(34)
    odd = b"\2\x09" + DIGEST
    assert without_secrets(frame(odd, Direction.SERVER), is_login=True) == odd[:2] + bytes(32)


def test_in_a_call_that_can_be_read_only_whole_logins_are_hidden():
    words = call("database", 1, "", "database", "kerberos")
    assert without_secrets(frame(words)) == words
    value = Parameter.of(VARBINARY, b"x" + framed(LOGIN_BODY) + b"y" + framed(LOGIN_BODY)[:-4])
    body = build(Invocation(procedure="Vote", client_handle=1, parameters=[value]))
    shown = without_secrets(frame(body))
    assert shown == body.replace(DIGEST, bytes(32)).replace(DIGEST[:-4], bytes(28))
    assert is_invocation(shown)


def test_a_call_with_a_hole_in_its_head_is_hidden_only_if_it_may_be_a_login():
    body = call("Vote", 1)
    assert without_secrets(frame(body, missing=[(3, 5)])) == body
    assert without_secrets(frame(bytes(14) + body[14:], missing=[(0, 14)])) == bytes(len(body))
