import pytest

from volttools.codec import parse
from volttools.faults.actions import Close, Reset, Send, Stall, Wait
from volttools.faults.catalog import KINDS
from volttools.faults.connection_kinds import NO_TLS
from volttools.faults.injector import empty_push
from volttools.faults.kinds import Subject, body_of
from volttools.faults.rules import rule
from volttools.formats.login import LOGIN_STATUS, LoginResponse

LOGIN = Subject(LoginResponse, empty_push)


@pytest.mark.parametrize(
    ("name", "plan"),
    [
        ("connect-reset", (Reset(),)),
        ("connect-close", (Close(),)),
        ("connect-stall", (Stall(),)),
        ("server-full", (Send(b"\x01"), Close())),
        ("tls-stall", (Stall(),)),
        ("tls-close", (Close(),)),
        ("tls-garbage", (Send(NO_TLS), Close())),
        ("login-close", (Close(),)),
        ("login-stall", (Stall(),)),
    ],
)
def test_what_becomes_of_a_connection(name, plan):
    assert KINDS[name].apply((), {}, LOGIN) == plan


@pytest.mark.parametrize("status", [status for status in LOGIN_STATUS if status not in (0, 1)])
def test_a_log_in_is_refused_with_every_status_that_servers_have(status):
    kind = KINDS["login-refused"]
    assert not kind.lets_in
    for written in (status, str(status)):
        chosen = rule("login-refused", status=written).given
        sending, end = kind.apply((), chosen, LOGIN)
        assert parse(LoginResponse, body_of(sending.data)).status == status
        assert end == Close()


def test_a_log_in_that_is_late_is_still_answered():
    assert KINDS["login-delay"].lets_in
    assert KINDS["login-delay"].apply((Send(b"in"),), {"time": 0.5}, LOGIN) == (Wait(0.5), Send(b"in"))
