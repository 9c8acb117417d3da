"""Whole conversations, from bytes to events."""

from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.wire import ACCEPTED, CLIENT, LOGIN, SERVER, Conversation, answer, call, framed
from volttools.protocol.recognition import Protocol

HELLO = bytes.fromhex("16030100050100000100") + bytes(60)
SERVER_HELLO = bytes.fromhex("16030300050200000100") + bytes(60)
ALERT = bytes.fromhex("15030300020246")


def kinds(talk):
    return [what for what, _, _ in talk.damage]


def test_what_came_before_the_verdict_is_not_lost():
    talk = Conversation(at_start=False, server_side=None)
    talk.sends(CLIENT, call("A", 1))
    assert talk.connection is None
    talk.sends(SERVER, answer(1))
    talk.ends()
    assert [e.procedure for e in talk.exchanges] == ["A"]


def test_a_foreign_conversation_tells_nothing():
    talk = Conversation(server_side=None)
    talk.bytes(CLIENT, b"GET / HTTP/1.1\r\n\r\n")
    talk.sends(SERVER, ACCEPTED, answer(1))
    assert talk.ends() == []
    assert talk.observer.protocol is Protocol.HTTP
    assert talk.connection is None


def test_tls_on_a_known_port_is_one_damage():
    talk = Conversation()
    talk.bytes(CLIENT, HELLO)
    talk.bytes(SERVER, SERVER_HELLO)
    talk.ends("fin")
    assert kinds(talk) == ["tls"]
    assert talk.connection.is_tls
    assert talk.events[0].message == (
        "140 bytes are encrypted (TLS): the client's hello can't be read: expected 2 bytes, 1 are left;"
        " give it with --keylog, or capture at the server's plain port"
    )


def test_tls_elsewhere_is_foreign():
    talk = Conversation(server_side=None)
    talk.bytes(CLIENT, HELLO)
    assert talk.ends() == []
    assert talk.observer.protocol is Protocol.TLS


def test_a_tls_hello_that_is_not_answered_is_one_to_a_plain_port():
    talk = Conversation()
    talk.bytes(CLIENT, HELLO)
    talk.ends("fin")
    assert kinds(talk) == ["tls to plain port"]


def test_a_plain_log_in_that_is_answered_by_tls():
    talk = Conversation()
    talk.sends(CLIENT, LOGIN)
    talk.bytes(SERVER, ALERT)
    talk.ends("fin")
    assert kinds(talk) == ["plain to tls port"]
    assert talk.logins[0].notes == ["no answer: the client closed the connection (FIN) 1 s later"]


def test_a_plain_log_in_that_is_answered_by_nothing():
    talk = Conversation()
    talk.sends(CLIENT, LOGIN)
    talk.closes(SERVER)
    talk.closes(CLIENT)
    assert kinds(talk) == ["plain to tls port"]


def test_a_log_in_at_the_end_of_a_capture_is_no_damage():
    talk = Conversation()
    talk.sends(CLIENT, LOGIN)
    talk.ends("end of capture")
    assert kinds(talk) == []
    assert talk.logins[0].response is None


def test_a_response_may_come_after_the_client_has_closed():
    talk = Conversation().logs_in()
    talk.sends(CLIENT, call("A", 1))
    talk.closes(CLIENT)
    talk.sends(SERVER, answer(1))
    talk.closes(SERVER)
    assert [e.status for e in talk.exchanges] == [1]
    assert talk.observer.is_done


STEPS = st.lists(
    st.tuples(
        st.sampled_from([CLIENT, SERVER]),
        st.one_of(
            st.binary(min_size=1, max_size=50),
            st.integers(1, 100),
            st.sampled_from([framed(b) for b in (LOGIN, ACCEPTED, call("A", 1), answer(1), answer(2))]),
        ),
    ),
    max_size=15,
)


@given(STEPS, st.booleans(), st.sampled_from([None, SERVER]))
def test_anything_ends_in_events(steps, at_start, server_side):
    talk = Conversation(at_start=at_start, server_side=server_side)
    for side, step in steps:
        if isinstance(step, int):
            talk.loses(side, step)
        else:
            talk.bytes(side, step)
    talk.ends()
    assert talk.observer.in_flight == 0
    for event in talk.events:
        assert event.kind in ("login", "exchange", "push", "damage")
        if event.kind == "exchange":
            event.read_invocation()
            event.read_response()


@given(st.lists(st.integers(1, 30), max_size=40), st.integers(0, 2**32))
def test_split_anywhere_gives_the_same_events(sizes, seed):
    streams = {
        CLIENT: b"".join(map(framed, [LOGIN, *(call("A", n, n) for n in range(6))])),
        SERVER: b"".join(map(framed, [ACCEPTED, *(answer(n, rows=n) for n in range(6))])),
    }
    talk = Conversation()
    for side in (CLIENT, SERVER):
        rest = streams[side]
        for size in sizes:
            if rest[:size]:
                talk.bytes(side, rest[:size])
            rest = rest[size:]
        if rest:
            talk.bytes(side, rest)
    talk.ends("fin")
    assert [e.status for e in talk.exchanges] == [1] * 6
    assert [e.client_handle for e in talk.exchanges] == list(range(6))
    assert talk.damage == []


def test_an_answer_that_is_missing_from_the_capture_is_no_sign_of_tls():
    talk = Conversation()
    talk.sends(CLIENT, LOGIN)
    talk.loses(SERVER, len(framed(ACCEPTED)))
    talk.ends("fin")
    assert kinds(talk) == ["gap"]
