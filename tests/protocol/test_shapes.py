"""What looks like a message."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.wire import ACCEPTED, LOGIN, REFUSED, answer, call, framed
from volttools.codec import build
from volttools.formats.login import LoginRequest
from volttools.protocol.events import Direction
from volttools.protocol.shapes import (
    HEAD_PATTERNS,
    HEAD_SPAN,
    has_head,
    invocation_head,
    is_invocation,
    is_login_request,
    is_login_response,
    is_message,
    is_response,
    login_hash_range,
)

CALLS = [call("A", 1), call("@AdHoc", -5, "SELECT 1"), call("B", 3, 1, version=2, extensions=[])]
ANSWERS = [answer(1), answer(2**63 - 2, -3, "no"), answer(5, rows=0)]


@pytest.mark.parametrize("body", CALLS)
def test_invocations_look_like_nothing_else(body):
    assert is_invocation(body)
    assert not is_response(body)
    assert not is_login_request(body)
    assert not is_login_response(body)


@pytest.mark.parametrize("body", ANSWERS)
def test_responses_look_like_nothing_else(body):
    assert is_response(body)
    assert not is_invocation(body)
    assert not is_login_request(body)
    assert not is_login_response(body)


def test_log_ins_and_their_answers():
    assert is_login_request(LOGIN)
    assert is_login_response(ACCEPTED)
    assert is_login_response(REFUSED)
    assert not is_invocation(LOGIN)
    assert not is_response(ACCEPTED)


@pytest.mark.parametrize("body", [*CALLS, *ANSWERS, LOGIN, ACCEPTED])
def test_a_message_that_is_cut_anywhere_is_none(body):
    for length in range(len(body)):
        for direction in Direction:
            assert not is_message(direction, body[:length])


def test_the_patterns_find_every_head():
    for direction, bodies in ((Direction.CLIENT, CALLS), (Direction.SERVER, ANSWERS)):
        for body in bodies:
            assert HEAD_PATTERNS[direction].match(framed(body) + bytes(HEAD_SPAN))
            assert has_head(direction, body)


def test_the_patterns_rarely_find_heads_where_there_are_none():
    noise = random.Random(7).randbytes(2**20)
    for direction in Direction:
        assert sum(1 for _ in HEAD_PATTERNS[direction].finditer(noise)) < 100


def test_a_long_name_is_read_whole():
    name = "N" * 5000
    assert invocation_head(call(name, 1)).procedure == name


@given(st.binary(max_size=100))
def test_any_bytes_are_judged(data):
    for direction in Direction:
        is_message(direction, data)
        has_head(direction, data)


def test_the_hash_of_a_log_in_is_found_also_behind_a_call_that_was_cut():
    digest = bytes(range(1, 33))
    for request in (
        LoginRequest(user="ann", password_hash=digest),
        LoginRequest(version=0, hash_scheme=None, user="ann", password_hash=digest[:20]),
        LoginRequest(service="kerberos", user="", password_hash=digest),
    ):
        body = build(request)
        size = len(request.password_hash)
        assert login_hash_range(body) == (len(body) - size, len(body))
        assert login_hash_range(body[:-5]) == (len(body) - size, len(body) - 5)
        glued = call("@Ping", 1)[:-1] + framed(body)
        assert login_hash_range(glued) == (len(glued) - size, len(glued))
        assert login_hash_range(body[:-size]) is None
    assert login_hash_range(call("@Ping", 1)) is None
    assert login_hash_range(b"") is None
