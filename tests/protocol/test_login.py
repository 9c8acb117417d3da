"""Log-ins and their answers."""

from tests.protocol.wire import ACCEPTED, CLIENT, LOGIN, REFUSED, SERVER, Conversation, answer, call, framed
from volttools.codec import build
from volttools.formats.login import KerberosServiceName, KerberosToken, LoginRequest


def test_a_log_in_and_its_answer():
    talk = Conversation().logs_in()
    (login,) = talk.logins
    assert login.request.user == "ann"
    assert login.response.connection_id == 16
    assert login.latency_ns == 10**9
    assert talk.connection.user == "ann"


def test_a_refusal_is_an_answer():
    talk = Conversation()
    talk.sends(CLIENT, LOGIN)
    talk.sends(SERVER, REFUSED)
    talk.ends("fin")
    (login,) = talk.logins
    assert login.response.status_text == "wrong user or password"
    assert talk.damage == []


def test_calls_may_follow_before_the_answer():
    talk = Conversation()
    talk.sends(CLIENT, LOGIN, call("A", 1))
    talk.sends(SERVER, ACCEPTED, answer(1))
    assert [login.response.accepted for login in talk.logins] == [True]
    assert [e.procedure for e in talk.exchanges] == ["A"]


def test_an_answer_to_a_call_says_that_the_log_in_was_answered():
    talk = Conversation()
    talk.sends(CLIENT, LOGIN)
    talk.loses(SERVER, len(framed(ACCEPTED)))
    talk.sends(CLIENT, call("A", 1))
    talk.sends(SERVER, answer(1))
    (login,) = talk.logins
    assert login.response is None
    assert login.notes == ["the answer is missing from the capture"]
    assert [e.status for e in talk.exchanges] == [1]


def test_an_answer_without_its_log_in_is_told():
    talk = Conversation(at_start=False)
    talk.sends(SERVER, ACCEPTED)
    talk.sends(CLIENT, call("A", 1))
    assert talk.logins[0].notes == ["the log-in itself is missing from the capture"]


def test_the_kerberos_exchange_belongs_to_the_log_in():
    talk = Conversation()
    talk.sends(CLIENT, build(LoginRequest(service="kerberos", user="ann@X", password_hash=bytes(32))))
    talk.sends(SERVER, build(KerberosServiceName(principal="volt/x@X")))
    talk.sends(CLIENT, build(KerberosToken(token=b"\x60" * 700)))
    talk.sends(SERVER, build(KerberosToken(token=b"\x61" * 300)))
    talk.sends(SERVER, ACCEPTED)
    talk.sends(CLIENT, call("A", 1))
    talk.sends(SERVER, answer(1))
    (login,) = talk.logins
    assert [type(message).__name__ for _, message in login.kerberos] == [
        "KerberosServiceName",
        "KerberosToken",
        "KerberosToken",
    ]
    assert login.response.accepted
    assert [e.procedure for e in talk.exchanges] == ["A"]
    assert talk.damage == []


def test_a_first_frame_that_is_no_log_in_is_malformed():
    talk = Conversation()
    talk.sends(CLIENT, b"\x01\x01\x00\x00\x00\x30database")
    talk.ends("fin")
    assert talk.damage == [("malformed", 0, 18)]
    assert len(talk.logins) == 1


def test_a_full_server_is_recognised():
    talk = Conversation()
    talk.sends(CLIENT, LOGIN)
    talk.bytes(SERVER, b"\x01")
    talk.ends("fin")
    (login,) = talk.logins
    assert login.server_full
    assert talk.damage == []
