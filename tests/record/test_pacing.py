"""What goes to a TLS port: whole frames, one by one, and none before the log-in is answered."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.wire import ACCEPTED, LOGIN, answer, call, framed
from volttools.codec import build
from volttools.formats.login import KerberosToken
from volttools.record.pacing import LoginPacer

CALLS = [framed(call("Vote", handle)) for handle in range(3)]


@given(st.lists(st.integers(1, 200), max_size=8))
def test_calls_behind_the_log_in_wait_for_its_answer_however_they_are_cut(cuts):
    pacer = LoginPacer()
    data = framed(LOGIN) + b"".join(CALLS)
    places = [0, *sorted({cut for cut in cuts if cut < len(data)}), len(data)]
    sent = [frame for a, b in itertools.pairwise(places) for frame in pacer.from_client(data[a:b])]
    assert sent == [framed(LOGIN)]
    accepted = framed(ACCEPTED)
    assert pacer.from_server(accepted[:20]) == []
    assert pacer.from_server(accepted[20:] + framed(answer(1))) == CALLS
    assert pacer.from_client(CALLS[0] + CALLS[1][:4]) == [CALLS[0]]
    assert pacer.from_client(CALLS[1][4:]) == [CALLS[1]]
    assert pacer.from_server(framed(answer(1))) == []


def test_each_kerberos_token_of_the_server_lets_one_of_the_client_go():
    pacer = LoginPacer()
    token = framed(build(KerberosToken(token=b"t")))
    assert pacer.from_client(framed(LOGIN) + token + token + CALLS[0]) == [framed(LOGIN)]
    assert pacer.from_server(token) == [token]
    assert pacer.from_server(token) == [token]
    assert pacer.from_server(framed(ACCEPTED)) == [CALLS[0]]


def test_what_is_no_frame_goes_on():
    pacer = LoginPacer()
    assert pacer.from_client(b"GET / HTTP/1.1") == [b"GET / HTTP/1.1"]
    assert pacer.from_client(b"\0") == [b"\0"]


def test_an_answer_that_is_no_frame_ends_the_wait():
    pacer = LoginPacer()
    assert pacer.from_client(framed(LOGIN) + CALLS[0]) == [framed(LOGIN)]
    assert pacer.from_server(b"HTTP/1.1 400") == [CALLS[0]]


def test_at_the_end_nothing_waits():
    pacer = LoginPacer()
    pacer.from_client(framed(LOGIN) + CALLS[0] + CALLS[1][:5])
    assert pacer.end() == [CALLS[0], CALLS[1][:5]]
    assert pacer.end() == []
