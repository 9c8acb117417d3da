import io

import pytest

from tests.compare.traffic import exchanges, said
from volttools.compare.calls import Answer, Call, Skipped, call_of
from volttools.compare.requests import Requests
from volttools.compare.rules import Judge, Rules
from volttools.compare.spool import Spool
from volttools.formats.parameters import Parameter
from volttools.formats.response import PING_HANDLE
from volttools.formats.types import INTEGER


def calls(*traffic, **more):
    return [call_of(exchange) for exchange in exchanges(traffic, **more)]


def test_the_same_call_has_one_key_whatever_the_width_of_its_integers():
    one, same, other, another = calls(
        said("Vote", 1), said("Vote", Parameter.of(INTEGER, 1)), said("Vote", 2), said("Poll", 1)
    )
    assert one.key == same.key
    assert len({one.key, other.key, another.key}) == 3


def test_statements_that_differ_in_literals_are_one_family():
    one, same, other = calls(
        said("@AdHoc", "select 1 from T"),
        said("@AdHoc", "SELECT 2 FROM T"),
        said("@AdHoc", "select 1 from U"),
    )
    assert one.family == same.family != other.family


def test_an_answer_is_given_none_lost_or_awaited():
    given, none = calls(said("Vote"), said("Vote").but(answer=None))
    (still_open,) = calls(said("Vote").but(answer=None), closed_kind="end of capture")
    (lost,) = exchanges([said("Vote")])
    lost.response_frame.missing = [(3, 5)]
    assert [given.answer, none.answer, still_open.answer] == [Answer.GIVEN, Answer.NONE, Answer.OPEN]
    assert call_of(lost).answer is Answer.LOST
    lost.response_frame.closed_by = "rst"
    assert call_of(lost).answer is Answer.NONE


def test_what_is_no_call_says_why():
    lost, ping = exchanges([said("Vote"), said("@Ping")])
    lost.request_frame = None
    ping.client_handle = PING_HANDLE
    assert [call_of(lost), call_of(ping)] == [Skipped.REQUEST_LOST, Skipped.KEEP_ALIVE]


@pytest.mark.parametrize("memory", [0, 100, 10**6])
def test_bodies_come_back_from_memory_and_from_the_file(memory):
    file = io.BytesIO()
    spool = Spool(file, memory=memory)
    parked = calls(said("Vote", "x" * 30), said("Vote").but(answer=None), said("Poll", 3))
    bodies = [call.bodies for call in parked]
    for call in parked:
        assert isinstance(call, Call)
        spool.park(call)
    assert [spool.fetch(call) for call in reversed(parked)] == bodies[::-1]
    assert (spool.spooled > 0) is (memory < 10**6) is bool(file.getvalue())


def test_what_was_asked_before_is_known_whatever_its_handle_and_answer():
    requests = Requests()
    one, same, other = (
        call_of(exchange, requests)
        for exchange in exchanges([said("Vote", 1), said("Vote", 1), said("Vote")])
    )
    assert one.key == same.key != other.key


def test_parameters_that_do_not_count_make_no_other_call():
    judge = Judge(Rules.from_text('[[rule]]\nprocedure = "Pay"\nkind = "parameters"\nparameter = 0'))
    requests = Requests(judge.ignores_parameter)
    one, same, other, another = (
        call_of(exchange, requests).key
        for exchange in exchanges(
            [said("Pay", 1, 5), said("Pay", 2, 5), said("Pay", 1, 6), said("Get", 1, 5)]
        )
    )
    assert one == same
    assert len({one, other, another}) == 3
