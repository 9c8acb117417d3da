"""What a server does, played with the mock or, with --volt-server, with a real one: see README.md."""

import re

import pytest

from tests.contract import invocations, logins, parameters, procedures
from tests.contract.checks import Answer, Check, Difference, End, Refusal, Welcome, call, login, push
from tests.contract.differences import CHECKED, table
from tests.contract.playing import Target, play
from tests.contract.targets import CantPlay
from tests.requirements import ROOT
from volttools.client.connection_settings import ConnectionSettings
from volttools.formats.response import Response
from volttools.mock import Fault, MockServer

CHECKS = [*logins.CHECKS, *invocations.CHECKS, *parameters.CHECKS, *procedures.CHECKS]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name[:80])
def test_a_server_does_it(check, servers, record_property):
    try:
        target = servers.of(check)
    except CantPlay as error:  # of a real server only: a run without one plays everything
        pytest.skip(str(error))
    difference = play(check, target)
    if servers.is_mock and check.name in CHECKED:
        assert difference is not None, "the mock does as a server now: take this check out of differences.py"
        return
    if difference is not None:
        for name in ("expected", "came"):
            record_property(name, getattr(difference, name))
        record_property("check", check.name)
        record_property("source", check.source)
        pytest.fail(f"expected  {difference.expected}\n    came  {difference.came}", pytrace=False)


def test_connection_ids_count_log_ins(servers):
    target = servers.of(CHECKS[0])
    ids = []
    for _ in range(2):
        with target.connect() as connection:
            ids.append(connection.log_in(target.login()).connection_id)
    assert ids[0] < ids[1]


def test_each_check_has_a_name_of_its_own():
    names = [check.name for check in CHECKS]
    assert sorted(names) == sorted(set(names))
    assert set(CHECKED) <= set(names)


def test_the_mock_s_page_has_the_known_differences():
    assert table() in (ROOT / "docs" / "mock.md").read_text()


# A check that can't fail is none: what plays them, played with servers that do something else.

_PING = call("@Ping")


def told(server, check):
    return play(check, Target(ConnectionSettings.of(server.address, environment={}), login_limit_s=60))


@pytest.mark.parametrize(
    ("expected", "sends", "came"),
    [
        (Answer(1, "SUCCESS", ("STATUS B",), [(1,)]), _PING, "rows [(0,)]"),
        (Answer(1, "SUCCESS", ("STATUS I",)), _PING, "table (STATUS B)"),
        (Answer(1, "SUCCES", ("STATUS B",)), _PING, "'SUCCESS'"),
        (Answer(1, re.compile("SUC"), ("STATUS B",)), _PING, "'SUCCESS'"),
        (Answer(1, "SUCCESS", ("STATUS B",), handle=5), _PING, "status 1, 'SUCCESS'"),
        (Answer(1, "SUCCESS", ("STATUS B",), table_status=0), _PING, "table status -128"),
        (End(), _PING, "status 1"),
        (push("topology"), _PING, "status 1"),
        (Answer(1), bytes(4) + b"x", "the end"),
    ],
)
def test_what_is_different_is_told(expected, sends, came):
    with MockServer() as server:
        difference = told(server, Check("it", "", sends, expected))
    assert difference is not None
    assert difference.expected == str(expected)
    assert came in difference.came


@pytest.mark.parametrize(
    ("expected", "sends", "came"),
    [
        (Refusal(-1), login(), "let in"),
        (Welcome(), login(scheme=3), "refused with 3"),
        (End(after_login_limit=True), login(version=-1), "the end after"),
    ],
)
def test_a_log_in_that_is_different_is_told(expected, sends, came):
    with MockServer() as server:
        difference = told(server, Check("it", "", sends, expected, logged_in=False))
    assert difference is not None
    assert difference.expected == str(expected)
    assert difference.came.startswith(came)


def test_more_than_was_expected_is_told():
    with MockServer() as server:
        server.handle("P", Fault(answer=1, then="close"))
        closed = told(server, Check("it", "", call("P"), Answer(1, columns=("'' B",))))
        twice = told(server, Check("it", "", (_PING, _PING), Answer(1, "SUCCESS", ("STATUS B",))))
    assert closed == Difference("nothing else, and an answer to @Ping", "the end")
    assert twice is not None
    assert twice.came.startswith("status 1, 'SUCCESS'")


def test_silence_and_what_is_no_message_are_told(monkeypatch):
    monkeypatch.setattr("tests.contract.playing.PATIENCE_S", 0.2)
    with MockServer() as server:
        server.handle("Silent", Fault(sends="nothing"))
        server.handle("Half", Fault(sends="half", answer=Response(status_string="x" * 9), then="close"))
        silent, half = (told(server, Check("it", "", call(name), Answer(1))) for name in ("Silent", "Half"))
    assert silent == Difference("status 1, no text", "nothing within 0.2 s")
    assert half is not None
    assert half.came.endswith("and the end")
