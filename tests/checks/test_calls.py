from tests.checks.samples import SAMPLES, calls, codes, findings, logged_in, unasked
from tests.protocol.wire import CLIENT, SERVER, answer, call
from volttools.formats.response import PING_HANDLE
from volttools.protocol.events import Connection, Damage, Exchange


def messages(code):
    return [f.message for f in findings(SAMPLES[code]()) if f.code == code]


def test_answered_calls_are_fine():
    assert codes(calls(call(), call())) == []


def test_who_closed_the_connection_is_to_blame_for_what_was_in_flight():
    (found,) = findings(SAMPLES["unanswered"]())
    assert found.side == "server"
    assert found.message == "Vote is unanswered: the server closed the connection (FIN) 0 us later"
    talk = logged_in()
    talk.sends(CLIENT, call())
    talk.closes(CLIENT)
    (found,) = findings(talk.ends("fin"))
    assert found.side == "client"


def test_what_is_in_flight_when_the_capture_ends_is_damage():
    assert messages("in-flight-at-end") == ["Vote is unanswered: the capture ends"]


def test_a_shutdown_needs_no_answer():
    assert codes(SAMPLES["shutdown"]()) == ["shutdown"]


def test_a_response_with_another_handle_leaves_the_call_unanswered():
    talk = logged_in()
    talk.sends(CLIENT, call())
    talk.sends(SERVER, answer(2))
    talk.sends(CLIENT, call())
    talk.sends(SERVER, answer())
    found = findings(talk.ends("fin"))
    assert [(f.code, f.side) for f in found] == [("unasked-response", "server"), ("unanswered", "server")]
    assert found[0].message == "a response to nobody: no call with the handle 2 is in flight"
    assert found[1].message == "Vote is unanswered: a response with another handle came"


def test_the_answer_to_a_malformed_call_is_a_note_with_the_servers_words():
    (found,) = findings(unasked(16, -3))
    assert found.message == (
        "the server could not read a call, and answered under the connection's id, 16:"
        " Unknown BatchTimeoutType 0"
    )
    talk = logged_in()
    talk.sends(CLIENT, call("", 5))
    talk.sends(SERVER, answer(16, -3))
    found = findings(talk.ends("fin"))
    assert [f.code for f in found] == ["malformed-answered", "unanswered", "empty-procedure"]
    assert found[1].message.endswith("the server could not read a call, maybe this one")


def test_calls_that_are_not_wholly_captured_are_damage():
    assert messages("response-lost") == [
        "the response to Vote is missing from the capture",
        "Vote has no response, but bytes of the server are missing from the capture: it may be among them",
    ]
    assert messages("request-lost") == [
        "the request to the response with handle 1 is missing from the capture"
    ]


def test_a_client_of_one_handle_that_goes_on_gets_its_answer_late():
    (found,) = findings(SAMPLES["late-response"]())
    assert found.place.frame == 7  # the response's
    assert found.message == (
        "the response to Sleep came when the client had sent another call with the same handle, 1:"
        " it had given up on this one, and may take the response for the other's"
    )


def test_a_client_that_counts_its_calls_must_not_use_a_handle_twice_at_once():
    assert codes(SAMPLES["handle-in-use"]()) == ["handle-in-use"]
    assert messages("handle-in-use") == [
        "while Sleep was in flight, another call was sent with its handle, 2: nothing but their order tells"
        " the responses apart"
    ]


def test_the_handle_of_a_push_is_not_for_calls_but_that_of_a_ping_is():
    assert codes(SAMPLES["reserved-handle"]()) == ["reserved-handle"]
    talk = logged_in()
    talk.sends(CLIENT, call("@Ping", PING_HANDLE))
    talk.sends(SERVER, answer(PING_HANDLE))
    assert codes(talk.ends("fin")) == []


def test_a_call_before_the_log_in_is_answered_is_a_note():
    assert messages("call-before-login") == [
        "Vote was sent before the log-in was answered; a TLS port loses such calls, a plain one doesn't"
    ]


def test_an_exchange_made_by_hand_needs_no_frames():
    exchange = Exchange(connection=Connection(number=1), request_lost=True, response_lost=True)
    assert codes([exchange]) == ["response-lost", "request-lost"]


def test_where_bytes_are_missing_nobody_is_blamed_for_late_or_missing_responses():
    for code in ("late-response", "handle-in-use", "unanswered"):
        gap = Damage(what="gap", message="", connection=Connection(number=1))
        assert code not in codes([gap, *SAMPLES[code]()])
