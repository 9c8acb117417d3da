"""Zeros stand where secrets stood, and nowhere else."""

import pytest

from tests.protocol.wire import ACCEPTED, LOGIN, call
from volttools.codec import build
from volttools.formats.login import KerberosToken, LoginRequest
from volttools.protocol.events import Direction, Frame
from volttools.protocol.secrets import looks_like_login, without_hash, without_secrets


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
    assert without_hash(frame(body)) == without_secrets(frame(body)) == body


def test_a_login_that_was_cut_within_its_head_is_blanked_wholly():
    body = build(LoginRequest(user="operator", password_hash=b"\x07" * 32))[:18]
    cut = frame(body, missing=[(18, 60)])
    assert without_hash(cut) == bytes(18)


def test_what_a_server_says_is_no_hash():
    assert without_hash(frame(LOGIN, Direction.SERVER)) == LOGIN
    assert without_secrets(frame(ACCEPTED, Direction.SERVER)) == ACCEPTED
