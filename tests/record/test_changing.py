"""Messages can be put in the place of others; all else goes on byte for byte."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.wire import ACCEPTED, LOGIN, answer, call, framed
from volttools.codec import build
from volttools.errors import EncodeError
from volttools.formats.invocation import Invocation
from volttools.formats.login import KerberosToken, LoginRequest, LoginResponse
from volttools.formats.response import Response
from volttools.protocol.events import Direction
from volttools.record import changing
from volttools.record.changing import FrameChanger

CLIENT, SERVER = Direction.CLIENT, Direction.SERVER


def nothing(message):
    return None


def fail(error):
    raise error


def changer(*rewrites, on_error=fail):
    return FrameChanger("10.0.0.1:5", rewrites, on_error)


SAID = [
    (CLIENT, framed(LOGIN)),
    (SERVER, framed(ACCEPTED)),
    (CLIENT, framed(call("A", 1)) + framed(call("B", 1)) + framed(b"\x09no call")),
    (SERVER, framed(answer(-2)) + framed(answer(1)) + framed(answer(1)) + framed(b"\0")),
]


def test_every_message_is_shown_with_what_it_is():
    seen = []
    found = changer(lambda message: seen.append((message.direction, message.kind, message.procedure)))
    for direction, data in SAID:
        assert found.change(direction, data) == data
    assert seen == [
        (CLIENT, LoginRequest, None),
        (SERVER, LoginResponse, None),
        (CLIENT, Invocation, "A"),
        (CLIENT, Invocation, "B"),
        (SERVER, Response, None),
        (SERVER, Response, "A"),
        (SERVER, Response, "B"),
    ]


@given(st.lists(st.tuples(st.sampled_from(Direction), st.binary(min_size=1, max_size=40)), max_size=20))
def test_whatever_is_said_all_of_it_goes_on(said):
    found = changer(nothing)
    came, went = dict.fromkeys(Direction, b""), dict.fromkeys(Direction, b"")
    for direction, data in said:
        came[direction] += data
        went[direction] += found.change(direction, data)
    for direction in Direction:
        went[direction] += found.end(direction)
    assert came == went


@given(st.lists(st.integers(1, 400), max_size=8))
def test_cut_anywhere_the_same_messages_are_changed(cuts):
    def rewrite(message):
        return (
            message.value.replace(procedure="Other")
            if message.procedure == "B" and message.direction is CLIENT
            else None
        )

    found = changer(rewrite)
    found.change(*SAID[0])
    data = framed(call("A", 1)) + framed(call("B", 1, "x")) + framed(call("C", 1))
    places = [0, *sorted({cut for cut in cuts if cut < len(data)}), len(data)]
    went = b"".join(found.change(CLIENT, data[a:b]) for a, b in itertools.pairwise(places))
    assert went == framed(call("A", 1)) + framed(call("Other", 1, "x")) + framed(call("C", 1))


def test_each_rewrite_gets_what_the_one_before_made():
    def more(message):
        return message.value.replace(user=message.value.user + "!") if message.kind is LoginRequest else None

    went = changer(more, more).change(CLIENT, framed(LOGIN))
    assert went == framed(build(LoginRequest(user="ann!!", password_hash=bytes(32))))


def test_kerberos_is_nobody_elses():
    token = framed(build(KerberosToken(token=b"secret")))
    seen = []
    found = changer(lambda message: seen.append(message.kind))
    for direction, data in [
        (CLIENT, framed(LOGIN)),
        (SERVER, token),
        (CLIENT, token),
        (SERVER, framed(ACCEPTED)),
    ]:
        assert found.change(direction, data) == data
    assert seen == [LoginRequest, LoginResponse]


def test_what_can_not_be_built_goes_on_as_it_was_and_is_told():
    errors = []
    found = changer(lambda message: message.value.replace(user=5), on_error=errors.append)
    assert found.change(CLIENT, framed(LOGIN)) == framed(LOGIN)
    assert isinstance(errors[0], EncodeError)


def test_what_can_not_be_read_goes_on_as_it_was():
    found = changer(lambda message: message.value.replace(user="x"))
    odd = framed(b"\x01\x01\x00")
    assert found.change(CLIENT, odd) == odd


def test_a_frame_that_is_too_long_does_not_wait(monkeypatch):
    monkeypatch.setattr(changing, "MAX_CHANGED_BYTES", 100)
    seen = []
    found = changer(lambda message: seen.append(message.procedure))
    found.change(CLIENT, framed(LOGIN))
    long = framed(call("Long", 1, "x" * 200))
    assert found.change(CLIENT, long[:150]) == long[:150]
    assert found.change(CLIENT, long[150:] + framed(call("Next", 2))) == long[150:] + framed(call("Next", 2))
    assert seen == [None, "Next"]


def test_behind_a_length_that_can_be_none_everything_goes_on_at_once():
    found = changer(nothing)
    assert found.change(CLIENT, b"GET / HTTP/1.1\r\n") == b"GET / HTTP/1.1\r\n"
    assert found.change(CLIENT, b"\0") == b"\0"


def test_the_calls_that_are_remembered_are_limited(monkeypatch):
    monkeypatch.setattr(changing, "MOST_IN_FLIGHT", 3)
    seen = []
    found = changer(lambda message: seen.append(message.procedure))
    for direction, data in SAID[:2]:
        found.change(direction, data)
    for handle in range(5):
        found.change(CLIENT, framed(call(f"P{handle}", handle)))
    seen.clear()
    for handle in range(5):
        found.change(SERVER, framed(answer(handle)))
    assert seen == [None, None, "P2", "P3", "P4"]


@pytest.mark.parametrize("rest", [b"\0", b"\0\0\0\5ab"])
def test_what_is_kept_goes_on_at_the_end(rest):
    found = changer(nothing)
    assert found.change(CLIENT, rest) == b""
    assert found.end(CLIENT) == rest
