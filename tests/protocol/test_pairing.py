"""Which response answers which request."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.wire import ACCEPTED, CLIENT, LOGIN, SERVER, Conversation, answer, call, framed
from volttools.formats.response import PING_HANDLE
from volttools.protocol.events import Connection, Direction, Frame
from volttools.protocol.numbering import Numbers
from volttools.protocol.pairing import Pairing


@pytest.fixture
def talk():
    return Conversation().logs_in()


def told(exchanges):
    """Number, procedure, status and what became of each."""
    return [
        (
            e.procedure,
            e.status,
            "lost request" if e.request_lost else "lost response" if e.response_lost else "",
        )
        for e in exchanges
    ]


# -- handles ---------------------------------------------------------------------------------


def test_responses_are_matched_by_handle_in_any_order(talk):
    talk.sends(CLIENT, call("A", 10), call("B", 11), call("C", 12))
    talk.sends(SERVER, answer(12), answer(10, -2), answer(11))
    assert told(talk.exchanges) == [("A", -2, ""), ("B", 1, ""), ("C", 1, "")]
    assert [e.number for e in talk.exchanges] == [1, 2, 3]


def test_equal_handles_are_answered_in_order(talk):
    for status in (1, -1, -2):
        talk.sends(CLIENT, call("A", 1))
        talk.sends(SERVER, answer(1, status))
    assert [e.status for e in talk.exchanges] == [1, -1, -2]
    assert not any(e.is_late for e in talk.exchanges)


def test_a_late_response_still_answers_the_first_request(talk):
    talk.sends(CLIENT, call("Slow", 1))
    talk.sends(CLIENT, call("Next", 1))
    talk.sends(SERVER, answer(1, -1))
    talk.sends(SERVER, answer(1))
    assert told(talk.exchanges) == [("Slow", -1, ""), ("Next", 1, "")]
    assert [e.is_late for e in talk.exchanges] == [True, False]


def test_latency_is_from_last_byte_to_last_byte(talk):
    request, response = framed(call("A")), framed(answer())
    talk.bytes(CLIENT, request[:9])
    talk.bytes(CLIENT, request[9:])
    talk.bytes(SERVER, response[:9])
    talk.bytes(SERVER, response[9:])
    assert talk.exchanges[0].latency_ns == 2 * 10**9


def test_pings_are_calls(talk):
    talk.sends(CLIENT, call("@Ping", PING_HANDLE))
    talk.sends(SERVER, answer(PING_HANDLE))
    assert told(talk.exchanges) == [("@Ping", 1, "")]


# -- pushes ----------------------------------------------------------------------------------


def test_a_reserved_handle_is_a_push(talk):
    talk.sends(CLIENT, call("A", 5))
    talk.sends(SERVER, answer(2**63 - 2), answer(5))
    assert [(p.name, p.response.status) for p in talk.pushes] == [("topology", 1)]
    assert told(talk.exchanges) == [("A", 1, "")]


def test_a_reserved_handle_that_a_request_has_is_its_answer(talk):
    talk.sends(CLIENT, call("A", 2**63 - 2))
    talk.sends(SERVER, answer(2**63 - 2))
    assert told(talk.exchanges) == [("A", 1, "")]
    assert not talk.pushes


def test_the_answer_to_a_malformed_call_leaves_the_call_unanswered(talk):
    talk.sends(CLIENT, call("A", 5))
    talk.sends(SERVER, answer(16, -3, "Unknown BatchTimeoutType 0"))  # 16 is the connection's id
    talk.ends("fin")
    assert [p.notes for p in talk.pushes] == [
        ["the answer to a malformed call: its handle is the connection's id"]
    ]
    assert told(talk.exchanges) == [("A", None, "")]
    assert talk.exchanges[0].notes == ["unanswered: the client closed the connection (FIN) 1 s later"]


def test_an_answer_that_nobody_asked_for_is_told_as_such(talk):
    talk.sends(SERVER, answer(77))
    assert talk.pushes[0].notes == ["answers no request: nothing with the handle 77 is in flight"]


def test_a_response_with_a_broken_handle_does_not_shift_those_behind_it(talk):
    for handle in (1, 99, 1, 1):
        talk.sends(CLIENT, call("A", 1, handle))
        talk.sends(SERVER, answer(handle, rows=handle % 7))
    talk.ends("fin")
    assert [e.status for e in talk.exchanges] == [1, None, 1, 1]
    assert talk.exchanges[1].notes == ["unanswered: a response with another handle came"]


# -- what is missing -------------------------------------------------------------------------


def test_a_lost_request_leaves_a_response_alone(talk):
    lost = framed(call("A", 1))
    talk.loses(CLIENT, len(lost))
    talk.sends(SERVER, answer(1, -2))
    talk.sends(CLIENT, call("B", 1))
    talk.sends(SERVER, answer(1))
    assert told(talk.exchanges) == [(None, -2, "lost request"), ("B", 1, "")]
    assert talk.exchanges[1].request_frame.after_gap


def test_a_lost_response_is_told_when_the_client_goes_on(talk):
    talk.sends(CLIENT, call("A", 1))
    talk.loses(SERVER, len(framed(answer(1))))
    talk.sends(CLIENT, call("B", 1))
    talk.sends(SERVER, answer(1))
    assert told(talk.exchanges) == [("A", None, "lost response"), ("B", 1, "")]
    assert talk.exchanges[1].response_frame.after_gap


def test_with_handles_of_their_own_calls_outlive_a_hole(talk):
    talk.sends(CLIENT, call("A", 1), call("B", 2))
    talk.loses(SERVER, 100)
    talk.sends(CLIENT, call("C", 3))
    talk.sends(SERVER, answer(1), answer(3))
    talk.ends("fin")
    assert told(talk.exchanges) == [("A", 1, ""), ("B", None, "lost response"), ("C", 1, "")]


def test_a_partial_response_is_paired_by_its_head(talk):
    whole = framed(answer(2))
    talk.sends(CLIENT, call("A", 1), call("B", 2))
    talk.bytes(SERVER, whole[:40])
    talk.loses(SERVER, len(whole) - 40, "snap length")
    assert told(talk.exchanges) == [("B", 1, "")]
    assert talk.exchanges[0].response is None
    assert not talk.exchanges[0].response_frame.is_whole


def test_a_partial_response_without_a_head_goes_to_the_oldest_call(talk):
    whole = framed(answer(2))
    talk.sends(CLIENT, call("A", 1), call("B", 2))
    talk.bytes(SERVER, whole[:8])
    talk.loses(SERVER, 20)
    talk.bytes(SERVER, whole[28:])
    assert told(talk.exchanges) == [("A", None, "")]


def test_a_request_without_a_head_takes_the_response_that_fits_no_other(talk):
    whole = framed(call("A", 7, 1, "text"))
    talk.bytes(CLIENT, whole[:6])
    talk.loses(CLIENT, 12)
    talk.bytes(CLIENT, whole[18:])
    talk.sends(CLIENT, call("B", 8))
    talk.sends(SERVER, answer(8), answer(7))
    assert told(talk.exchanges) == [(None, 1, ""), ("B", 1, "")]
    assert talk.exchanges[0].request_frame is not None


def test_a_response_that_the_capture_cut_off_is_partial(talk):
    talk.sends(CLIENT, call("A", 1))
    talk.bytes(SERVER, framed(answer(1))[:30])
    talk.ends("end of capture")
    assert told(talk.exchanges) == [("A", 1, "")]
    assert not talk.exchanges[0].response_frame.is_whole


def test_a_response_that_the_connection_cut_off_is_incomplete(talk):
    talk.sends(CLIENT, call("A", 1))
    talk.bytes(SERVER, framed(answer(1))[:30])
    talk.ends("rst")
    assert told(talk.exchanges) == [("A", 1, "")]
    (found,) = talk.exchanges
    text = f"the connection was broken inside the response: 30 of its {len(framed(answer(1)))} bytes came"
    assert found.is_partial
    assert found.response_frame.was_never_sent
    assert found.response is found.latency_ns is None
    assert found.read_response().message == text
    assert found.remarks == [text]
    assert talk.damage == [("incomplete frame", len(framed(ACCEPTED)), 30)]
    assert talk.events[-2].exchange == 1


def test_without_the_server_every_response_is_missing():
    talk = Conversation()
    talk.bytes(CLIENT, framed(call("A", 1)))
    talk.sends(CLIENT, call("B", 1))
    talk.ends("end of capture")
    assert told(talk.exchanges) == [("A", None, "lost response"), ("B", None, "lost response")]


# -- what can't be read ----------------------------------------------------------------------


def test_a_call_with_unreadable_parameters_says_so_when_looked_at(talk):
    talk.sends(CLIENT, call("A", 1)[:-2] + b"\x00\x05\x06")
    talk.sends(SERVER, answer(1, -2))
    (exchange,) = talk.exchanges
    assert exchange.procedure == "A"
    assert exchange.malformed == "malformed: its parameters can't be read"
    assert exchange.remarks == ["malformed: its parameters can't be read"]
    assert exchange.notes == []


def test_a_frame_that_is_no_invocation_is_damage(talk):
    talk.sends(CLIENT, b"\x00\x7f\xff\xff\xff")
    assert talk.damage == [("malformed", len(framed(LOGIN)), 9)]


def test_a_wrong_length_does_not_shift_the_pairs_behind_it(talk):
    for number in range(12):
        request = bytearray(framed(call("A", 1, number)))
        if number == 3:
            request[2] = 0x01
        talk.bytes(CLIENT, bytes(request))
        talk.sends(SERVER, answer(1, rows=number))
    talk.ends("fin")
    whole = [e for e in talk.exchanges if e.invocation and e.response]
    assert len(whole) >= 11
    for exchange in whole:
        (number,) = (p.value for p in exchange.invocation.parameters)
        assert sum(len(table.rows) for table in exchange.response.tables) == number


# -- any order -------------------------------------------------------------------------------


def frame(direction, body, offset=0):
    return Frame(direction=direction, body=body, length=len(body), offset=offset)


@given(st.lists(st.tuples(st.sampled_from([1, 2, 3, 2**63 - 2]), st.booleans()), max_size=40))
def test_every_frame_is_in_one_event(steps):
    pairing = Pairing(Connection(number=1), Numbers(), at_start=False)
    events, given = [], 0
    for handle, is_request in steps:
        given += 1
        if is_request:
            events += pairing.frame(frame(Direction.CLIENT, call("A", handle), 100))
        else:
            events += pairing.frame(frame(Direction.SERVER, answer(handle), 100))
    events += pairing.close("the end")
    assert pairing.in_flight == 0
    found = Counter()
    for event in events:
        frames = [event.frame] if event.kind == "push" else [event.request_frame, event.response_frame]
        found.update(f.number for f in frames if f is not None)
        if event.kind == "exchange" and event.request_frame and event.response_frame:
            assert event.invocation.client_handle == event.response.client_handle
            assert event.request_frame.number < event.response_frame.number
    assert sorted(found.elements()) == list(range(1, given + 1))


# -- what is missing, and what is said about it ----------------------------------------------


def test_a_gap_names_the_exchange_and_the_exchange_names_the_gap(talk):
    whole = framed(answer(2))
    talk.sends(CLIENT, call("A", 1), call("B", 2))
    talk.bytes(SERVER, whole[:40])
    (gap,) = talk.loses(SERVER, 10)
    talk.bytes(SERVER, whole[50:])
    (found,) = talk.exchanges
    text = f"10 of the response's {len(whole) - 4} bytes are missing from the capture (from byte 36)"
    assert gap.exchange == found.number == 2
    assert found.is_partial
    assert found.status == 1
    assert found.read_response().message == text
    assert found.remarks == [text]
    assert found.malformed is found.response is None


def test_a_partial_request_says_so(talk):
    whole = framed(call("A", 7, "a long text"))
    talk.bytes(CLIENT, whole[:30])
    talk.loses(CLIENT, len(whole) - 30)
    talk.sends(SERVER, answer(7))
    (found,) = talk.exchanges
    assert found.remarks == [found.read_invocation().message]
    assert found.remarks[0].startswith(f"{len(whole) - 30} of the request's {len(whole) - 4} bytes")
    assert not found.is_partial
    assert found.malformed is None


def test_cut_packets_are_one_damage_for_each_direction(talk):
    for handle in (1, 2):
        whole = framed(answer(handle))
        talk.sends(CLIENT, call("A", handle))
        talk.bytes(SERVER, whole[:40])
        assert [e.kind for e in talk.loses(SERVER, len(whole) - 40, "snap length")] == ["exchange"]
    talk.ends("fin")
    (found,) = [e for e in talk.events if e.kind == "damage"]
    missing = 2 * (len(framed(answer(1))) - 40)
    assert (found.what, found.length) == ("snap length", missing)
    assert found.message == (
        f"2 packets were cut at capture, {missing} bytes in all: capture with tcpdump -s 0"
    )


def test_an_answer_to_a_log_in_that_was_cut_is_partial():
    talk = Conversation()
    talk.sends(CLIENT, LOGIN)
    talk.bytes(SERVER, framed(ACCEPTED)[:20])
    talk.loses(SERVER, len(framed(ACCEPTED)) - 20, "snap length")
    (login,) = talk.logins
    assert login.is_partial
    assert login.response is None
    assert login.remarks[0].endswith("bytes are missing from the capture (from byte 16)")


def test_who_closed_the_connection_stands_with_what_was_not_answered(talk):
    talk.sends(CLIENT, call("A", 1))
    talk.now_ns += 200_000_000
    talk.closes(SERVER)
    talk.closes(CLIENT)
    connection = talk.connection
    assert talk.exchanges[0].notes == ["unanswered: the server closed the connection (FIN) 200 ms later"]
    assert (connection.closed_by, connection.closed_kind) == ("server", "fin")
    assert connection.closed_at_ns == talk.now_ns


def test_a_reset_is_nobodys(talk):
    talk.sends(CLIENT, call("A", 1))
    talk.now_ns += 1_234 * 10**9
    talk.ends("rst")
    assert talk.exchanges[0].notes == ["unanswered: the connection was reset (RST) 1,234 s later"]
    assert (talk.connection.closed_by, talk.connection.closed_kind) == (None, "rst")


# -- what began before, and what was not captured --------------------------------------------


def test_a_connection_that_began_before_the_capture_says_so_once():
    talk = Conversation(at_start=False)
    for handle in (1, 2):
        talk.sends(CLIENT, call("A", handle))
        talk.sends(SERVER, answer(handle))
    talk.ends("end of capture")
    assert talk.damage == [("midstream", None, None)]
    assert talk.events[0].message == "the connection began before the capture; its log-in is not in it"


def test_bytes_passed_over_to_the_first_frame_say_it_too():
    talk = Conversation(at_start=False)
    talk.sends(CLIENT, call("A", 1))
    talk.bytes(SERVER, answer(1, rows=200)[1500:])
    talk.sends(SERVER, answer(1))
    talk.ends("end of capture")
    assert talk.damage == [("midstream", 0, len(answer(1, rows=200)) - 1500)]


def test_a_connection_that_begins_with_its_log_in_is_whole():
    talk = Conversation(at_start=False).logs_in()
    talk.sends(CLIENT, call("A", 1))
    talk.sends(SERVER, answer(1))
    talk.ends("end of capture")
    assert talk.damage == []


def test_one_direction_is_said_at_the_end():
    talk = Conversation()
    talk.sends(CLIENT, LOGIN)
    talk.sends(CLIENT, call("A", 1))
    talk.closes(CLIENT)
    talk.closes(SERVER, "end of capture")
    assert talk.damage == [("one direction", None, None)]
    assert talk.events[-1].message == "only what the client sent was captured"
    assert talk.logins[0].notes == ["the answer is missing from the capture"]
    assert talk.exchanges[0].response_lost


def test_a_server_that_hangs_is_not_one_direction():
    talk = Conversation()
    talk.sends(CLIENT, LOGIN)
    talk.sends(CLIENT, call("A", 1))
    for side in (CLIENT, SERVER):
        talk.events += talk.observer.closed(side, "end of capture", talk.now_ns, sent_more=False)
    assert talk.damage == []
    assert talk.exchanges[0].notes == ["unanswered: the capture ends"]
