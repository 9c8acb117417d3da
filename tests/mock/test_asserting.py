"""What an assertion says when it fails."""

import pytest

from tests.mock.wire import connected
from volttools.mock import ANY, MockServer


@pytest.fixture(scope="module")
def server():
    with MockServer() as server, connected(server) as wire:
        server.handle("Vote", 0)
        for phone, state in ((1, "NY"), (2, "MA"), (2, "MA")):
            wire.call("Vote", phone, state)
        wire.call("@Ping")
        yield server


def test_what_was_called_passes(server):
    server.assert_called("Vote")
    server.assert_called("Vote", 1, "NY")
    server.assert_called("Vote", 2, ANY, times=2)
    server.assert_called("Vote", 2, ..., times=2)
    server.assert_called("Vote", times=3)
    server.assert_called("Select", times=0)
    server.assert_not_called("Select")
    server.assert_not_called("Vote", 3, ...)


@pytest.mark.parametrize(
    ("params", "text"),
    [
        (
            ("Vote", 1, "MA"),
            "Vote(1, 'MA') was not called. The nearest of 3 calls of it is call 1, Vote(1, 'NY'): "
            "params[1] is 'NY', expected was 'MA'.",
        ),
        (
            ("Vote", 1),
            "Vote(1) was not called. The nearest of 3 calls of it is call 1, Vote(1, 'NY'): "
            "it has 2 parameters, expected were 1.",
        ),
        (("Select",), "Select was not called. Called were: Vote, @Ping."),
    ],
)
def test_what_was_not_tells_the_nearest(server, params, text):
    with pytest.raises(AssertionError) as caught:
        server.assert_called(*params)
    assert str(caught.value) == text


def test_another_count_tells_the_calls(server):
    with pytest.raises(AssertionError) as caught:
        server.assert_called("Vote", 2, "MA", times=1)
    assert str(caught.value) == (
        "Vote(2, 'MA') was called 2 times, not once. Calls of it were:\n"
        "  call 1: Vote(1, 'NY')\n  call 2: Vote(2, 'MA')\n  call 3: Vote(2, 'MA')"
    )


def test_what_should_not_have_been_called_tells_which_did(server):
    with pytest.raises(AssertionError) as caught:
        server.assert_not_called("Vote", 2, ...)
    assert str(caught.value) == "Vote(2, ...) was called 2 times, as call 2, 3: Vote(2, 'MA')"
    with pytest.raises(AssertionError) as caught:
        server.assert_not_called("Vote", 1, ...)
    assert str(caught.value) == "Vote(1, ...) was called once, as call 1: Vote(1, 'NY')"


def test_of_one_call_it_is_said_that_it_is_the_only_one(server):
    with pytest.raises(AssertionError) as caught:
        server.assert_called("@Ping", 1)
    assert str(caught.value) == (
        "@Ping(1) was not called. The only call of it is call 4, @Ping(): it has 0 parameters, expected were 1."
    )


def test_nothing_called():
    with pytest.raises(AssertionError, match=r"Vote was not called\. Nothing was called\."):
        MockServer().assert_called("Vote")
