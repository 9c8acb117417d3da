"""Answers that are added: which call they know, in which order, how often."""

import pytest

from tests.mock.wire import Wire
from volttools.errors import UsageError
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.types import INTEGER, STRING
from volttools.mock import MockServer
from volttools.mock.control.answers import AddedAnswers


def text(number):
    return Response(status=-1, status_string=f"answer {number}")


def params(*values):
    return tuple(Parameter.of(STRING if isinstance(value, str) else INTEGER, value) for value in values)


@pytest.fixture
def client():
    with MockServer() as server, Wire(server) as wire:
        wire.log_in()
        wire.server = server
        yield wire


def said(client, *call):
    return client.call(*call).status_string


def test_the_latest_that_knows_a_call_answers(client):
    added = client.server.added
    added.add("P", [text(1)], params=None)
    added.add("P", [text(2)], params=params(7, "x"))
    assert [said(client, "P", 7, "x"), said(client, "P", 7, "y"), said(client, "P")] == [
        "answer 2", "answer 1", "answer 1",
    ]  # fmt: skip


def test_no_parameters_is_something_else_than_any(client):
    client.server.added.add("P", [text(1)], params=())
    assert said(client, "P") == "answer 1"
    assert said(client, "P", 1) == "Procedure P was not found"


def test_integers_of_any_width_are_the_same(client):
    client.server.added.add("P", [text(1)], params=params(7))
    assert said(client, "P", 7) == "answer 1"  # as a BIGINT


def test_responses_come_in_their_order_and_the_last_one_again(client):
    client.server.added.add("P", [text(1), text(2)], params=None)
    assert [said(client, "P") for _ in range(3)] == ["answer 1", "answer 2", "answer 2"]


def test_times_counts_the_last_one_and_then_others_are_asked(client):
    client.server.handle("P", text(0))
    client.server.added.add("P", [text(1), text(2)], params=None, times=2)
    assert [said(client, "P") for _ in range(4)] == ["answer 1", "answer 2", "answer 2", "answer 0"]
    (answer,) = client.server.added.listed()
    assert (answer.given, answer.is_used_up) == (3, True)


def test_a_delayed_answer_does_not_hold_up_others(client):
    client.server.added.add("Slow", [text(1)], params=None, delay_s=0.2)
    client.server.added.add("Fast", [text(2)], params=None)
    slow, fast = client.start("Slow"), client.start("Fast")
    assert [client.event().client_handle for _ in range(2)] == [fast, slow]


def test_what_is_removed_answers_no_more():
    added = AddedAnswers()
    first, second = (added.add("P", [text(number)], params=None) for number in (1, 2))
    added.remove(second.id)
    assert added.listed() == [first]
    with pytest.raises(UsageError, match=r"^there is no answer 2$"):
        added.remove(second.id)
    added.clear()
    assert added.listed() == []
