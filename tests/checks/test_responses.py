import pytest

from tests.checks.samples import SAMPLES, TOPOLOGY, codes, findings, logged_in, pushed, responded
from tests.protocol.wire import CLIENT, SERVER, Conversation, answer, call


@pytest.mark.parametrize(
    ("code", "message", "path"),
    [
        ("response-version", "a response of version 2; 0 is the only one", "response.version"),
        ("unknown-status", "status -77, which nobody knows", "response.status"),
        (
            "unknown-flags",
            "bits 01 of fields_present, which nobody knows; F0 are used",
            "response.fields_present",
        ),
        (
            "obsolete-flags",
            "a serialised exception: the Java client of 11.4 fails on it",
            "response.exception",
        ),
        ("bytes-behind-response", "1 byte too many behind the last table", "response.trailing"),
        (
            "unreadable-response",
            "a response that can't be read: length 90, but only 87 bytes are left at byte 18 of its frame",
            "response.tables[0]",
        ),
        (
            "unknown-push",
            "a push with the reserved handle 9223372036854775748, which nobody knows; clients drop it",
            "response.client_handle",
        ),
    ],
)
def test_a_response_is_told_with_what_is_right(code, message, path):
    (found,) = findings(SAMPLES[code]())
    assert (found.message, found.place.path, found.side) == (message, path, "server")


def test_hashes_are_told_as_well():
    (found,) = findings(responded(hashes=[1]))
    assert found.message == "determinism hashes: Python, Go and C++ clients misread them"


def test_ordinary_failures_and_texts_are_fine():
    assert codes(responded(status=-2, status_string="no", app_status=3, app_status_string="x")) == []


def test_where_bytes_are_missing_a_response_that_cannot_be_read_is_damage():
    talk = logged_in()
    talk.sends(CLIENT, call())
    talk.loses(SERVER, 40)
    talk.sends(SERVER, answer()[:-3])
    talk.sends(CLIENT, call())
    talk.sends(SERVER, answer())
    found = codes(talk.ends("fin"))
    assert "unreadable-response" not in found


def test_pushes_to_a_subscriber_are_fine_and_others_are_told_at_the_end():
    assert codes(pushed()) == []
    (found,) = findings(pushed(subscribes=False, times=3))
    assert found.message == "3 pushes on a connection that had sent no @Subscribe"
    assert found.place.frame == 5
    assert found.time_ns is not None


def test_a_subscription_in_flight_is_one():
    talk = logged_in()
    talk.sends(CLIENT, call("@Subscribe"))
    talk.sends(SERVER, answer(TOPOLOGY))
    talk.sends(SERVER, answer(rows=0))
    assert codes(talk.ends("fin")) == []


def test_a_push_before_the_subscription_is_told():
    talk = logged_in()
    talk.sends(SERVER, answer(TOPOLOGY))
    talk.sends(CLIENT, call("@Subscribe"))
    talk.sends(SERVER, answer(rows=0))
    assert codes(talk.ends("fin")) == ["unsubscribed-push"]


def test_who_does_not_know_all_calls_does_not_judge_pushes():
    talk = Conversation(at_start=False, server_side=SERVER, is_given=True)
    talk.sends(CLIENT, call("Vote", 7))
    talk.sends(SERVER, answer(7))
    talk.sends(SERVER, answer(TOPOLOGY))
    assert codes(talk.ends("fin")) == ["midstream"]
    talk = logged_in()
    talk.loses(CLIENT, 40)
    talk.sends(SERVER, answer(TOPOLOGY))
    assert codes(talk.ends("fin")) == ["gap"]
