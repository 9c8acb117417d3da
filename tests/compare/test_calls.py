from tests.compare.traffic import exchanges, said
from volttools.compare.calls import Answer, Skipped, call_of
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
