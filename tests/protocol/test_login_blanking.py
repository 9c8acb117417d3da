"""Recorded bytes hold no hash, however they were cut, and are as many as before."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.wire import ACCEPTED, answer, call, framed
from volttools.codec import build
from volttools.formats.login import KerberosServiceName, KerberosToken, LoginRequest
from volttools.protocol.events import Direction
from volttools.protocol.login_blanking import MAX_KEPT_BYTES, LoginBlanker

CLIENT, SERVER = Direction.CLIENT, Direction.SERVER
HASH = bytes(range(100, 132))
LOGIN = framed(build(LoginRequest(user="ann", password_hash=HASH)))
ACCEPT = framed(ACCEPTED)


def fed(blanker, direction, data, cuts=()):
    """What comes out for data that is cut at some places."""
    places = [0, *sorted({cut % (len(data) + 1) for cut in cuts}), len(data)]
    return b"".join(blanker.feed(direction, data[a:b]) for a, b in itertools.pairwise(places) if a < b)


def blanked(login):
    return login[: -len(HASH)] + bytes(len(HASH))


@given(st.lists(st.integers(0, 10_000), max_size=12), st.lists(st.integers(0, 10_000), max_size=12))
def test_cut_anywhere_only_the_hash_is_gone(client_cuts, server_cuts):
    blanker = LoginBlanker()
    early, late = framed(call("A", 1)), framed(call("B", 2)) * 3
    assert fed(blanker, CLIENT, LOGIN + early, client_cuts) == blanked(LOGIN) + early
    answers = ACCEPT + framed(answer(1))
    assert fed(blanker, SERVER, answers, server_cuts) == answers
    assert fed(blanker, CLIENT, late, client_cuts) == late


@given(st.lists(st.tuples(st.sampled_from(Direction), st.binary(min_size=1, max_size=60)), max_size=30))
def test_no_byte_is_lost_whatever_is_said(said):
    blanker = LoginBlanker()
    came, given_out = dict.fromkeys(Direction, 0), dict.fromkeys(Direction, 0)
    for direction, data in said:
        came[direction] += len(data)
        given_out[direction] += len(blanker.feed(direction, data))
    for direction in Direction:
        given_out[direction] += len(blanker.end(direction))
    assert came == given_out


@pytest.mark.parametrize("stop", range(len(LOGIN)))
def test_a_log_in_that_is_never_whole_shows_no_hash(stop):
    blanker = LoginBlanker()
    found = blanker.feed(CLIENT, LOGIN[:stop]) + blanker.end(CLIENT)
    assert len(found) == stop
    assert not any(HASH[i : i + 4] in found for i in range(len(HASH) - 4))


def test_kerberos_tokens_of_both_sides_are_blanked():
    blanker = LoginBlanker()
    token = framed(build(KerberosToken(token=b"secret token")))
    named = framed(build(KerberosServiceName(principal="volt/host")))
    request = framed(build(LoginRequest(service="kerberos", user="ann", password_hash=HASH)))
    assert blanker.feed(CLIENT, request) == blanked(request)
    assert blanker.feed(SERVER, named) == named
    for direction in (CLIENT, SERVER):
        assert blanker.feed(direction, token) == token[:-12] + bytes(12)
    assert blanker.feed(SERVER, ACCEPT) == ACCEPT


def test_the_hash_for_a_service_that_nobody_knows_is_blanked():
    login = framed(build(LoginRequest(service="export", user="ann", password_hash=HASH)))
    assert LoginBlanker().feed(CLIENT, login) == blanked(login)


def test_a_second_log_in_among_calls_is_blanked():
    blanker = LoginBlanker()
    blanker.feed(CLIENT, LOGIN)
    blanker.feed(SERVER, ACCEPT)
    found = blanker.feed(CLIENT, framed(call("A", 1)) + LOGIN)
    assert HASH not in found
    assert found == framed(call("A", 1)) + blanked(LOGIN)


def test_a_log_in_that_is_too_long_to_keep_becomes_zeros():
    blanker = LoginBlanker()
    login = framed(build(LoginRequest(user="x" * MAX_KEPT_BYTES, password_hash=HASH)))
    half = len(login) // 2
    found = blanker.feed(CLIENT, login[:half]) + blanker.feed(CLIENT, login[half:])
    assert found == login[:4] + bytes(len(login) - 4)
    call_behind = framed(call("A", 1))
    assert blanker.feed(CLIENT, call_behind) == call_behind


def test_what_is_no_frame_goes_through_at_once_on_both_sides():
    blanker = LoginBlanker()
    assert blanker.feed(SERVER, b"\0\0") == b""
    assert blanker.feed(CLIENT, b"\xff\xff\xff\xffgarbage") == b"\xff\xff\xff\xffgarbage"
    assert blanker.feed(SERVER, b"more") == b"\0\0more"
