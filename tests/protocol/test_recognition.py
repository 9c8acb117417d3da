"""What is VoltDB's, and what isn't."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.wire import ACCEPTED, CLIENT, LOGIN, SERVER, answer, call, framed
from volttools.protocol.recognition import (
    MAX_UNDECIDED_BYTES,
    Protocol,
    Recognizer,
    Verdict,
    foreign,
    server_side_by_port,
)

VOLTDB = Verdict(Protocol.VOLTDB, CLIENT)

# fmt: off
FOREIGN = [
    (bytes.fromhex("160301020001 00 01fc0303"), Protocol.TLS),
    (bytes.fromhex("170303001a 00 11223344"),   Protocol.TLS),
    (bytes.fromhex("15030300020230"),           Protocol.TLS),
    (b"GET /api/1.0/?Procedure=X HTTP/1.1\r\n", Protocol.HTTP),
    (b"HTTP/1.1 200 OK\r\n",                    Protocol.HTTP),
    (b"SSH-2.0-OpenSSH_9.6\r\n",                Protocol.SSH),
    (b"220 mail.example.org ESMTP\r\n",         Protocol.TEXT),
    (framed(LOGIN),                             None),
    (framed(call("@AdHoc", 1, "SELECT 1")),     None),
    (b"\x01",                                   None),
    (b"",                                       None),
]
# fmt: on


@pytest.mark.parametrize(("start", "protocol"), FOREIGN)
def test_first_bytes_tell_what_is_foreign(start, protocol):
    assert foreign(start) is protocol


def test_a_log_in_on_any_port_is_enough():
    recognizer = Recognizer(client_side=1)
    assert recognizer.feed(1, framed(LOGIN)[:30]) is None
    assert recognizer.feed(1, framed(LOGIN)[30:]) == Verdict(Protocol.VOLTDB, 1)


def test_a_log_in_tells_the_client_where_no_handshake_does():
    assert Recognizer().feed(1, framed(LOGIN)) == Verdict(Protocol.VOLTDB, 1)


def test_a_known_port_is_enough_if_nothing_contradicts():
    assert Recognizer(client_side=0, server_side=1).feed(0, framed(call())) == VOLTDB
    assert Recognizer(server_side=1).feed(1, b"\x00" * 20) == VOLTDB
    assert Recognizer(server_side=1).feed(0, b"GET / HTTP/1.1\r\n").protocol is Protocol.HTTP


def test_without_port_and_log_in_two_messages_are_enough():
    recognizer = Recognizer()
    assert recognizer.feed(0, framed(call("A", 1))) is None
    assert recognizer.feed(1, framed(answer(1))) == VOLTDB


def test_one_message_alone_counts_at_the_end():
    recognizer = Recognizer()
    recognizer.feed(1, framed(call("A", 1)))
    assert recognizer.finish() == Verdict(Protocol.VOLTDB, 1)


def test_frames_within_http_stay_http():
    recognizer = Recognizer(client_side=0)
    verdict = recognizer.feed(0, b"POST /x HTTP/1.1\r\n\r\n" + framed(LOGIN))
    assert verdict.protocol is Protocol.HTTP
    assert recognizer.feed(0, framed(LOGIN)).protocol is Protocol.HTTP


def test_what_never_makes_sense_is_unknown():
    recognizer = Recognizer()
    for _ in range(MAX_UNDECIDED_BYTES // 1000 + 2):
        recognizer.feed(0, b"\xff" * 1000)
    assert recognizer.verdict.protocol is Protocol.OTHER


def test_a_given_port_is_voltdb_whatever_it_says():
    recognizer = Recognizer(client_side=0, is_given=True)
    recognizer.feed(0, b"\xff\xfe\xfd")
    assert recognizer.finish() == VOLTDB


def test_nothing_said_is_nothing():
    assert Recognizer(client_side=0).finish().protocol is Protocol.NOTHING


def test_the_side_with_the_known_port_is_the_server():
    assert server_side_by_port((50_000, 21212), {21212, 21211}) == SERVER
    assert server_side_by_port((21211, 50_000), {21212, 21211}) == CLIENT
    assert server_side_by_port((21211, 21212), {21212, 21211}) is None
    assert server_side_by_port((1, 2), {21212}) is None


@given(st.lists(st.tuples(st.integers(0, 1), st.binary(min_size=1, max_size=60)), max_size=20))
def test_any_bytes_end_in_a_verdict(steps):
    recognizer = Recognizer(client_side=0)
    for side, data in steps:
        recognizer.feed(side, data)
    assert isinstance(recognizer.finish(), Verdict)


def test_a_server_that_speaks_first_is_recognised_by_two_answers():
    recognizer = Recognizer()
    recognizer.gap(0)
    assert recognizer.feed(1, framed(ACCEPTED)) is None
    assert recognizer.feed(1, framed(answer(1))) == VOLTDB
