"""Calls as exchanges: the lines of a log are a capture, and what is told of a call are its members."""

import io

from tests.mock.wire import Wire
from volttools.capture.reader import open as open_capture
from volttools.jsonlines.lines import capture_line, exchange_line, line_bytes
from volttools.mock import Fault, MockServer
from volttools.mock.exchanges import MISSED, call_object, exchange_of


def served(server, *calls):
    """What was called and answered, as a listener gets it."""
    found = []
    server.watch(lambda call, frame: found.append((call, frame)))
    with Wire(server) as wire:
        wire.log_in(user="ann")
        for call in calls:
            wire.start(*call)
        assert server.wait_until(
            lambda: len(server.calls) == len(calls) and server.calls[-1].latency_ns is not None
        )
    return found


def test_lines_of_calls_are_read_as_a_capture():
    with MockServer() as server:
        server.handle("Vote", [(7, "NY")])
        found = served(server, ("Vote", 5), ("Nix", "x"))
    lines = [capture_line(["mock"]), *(exchange_line(exchange_of(*each)) for each in found)]
    with open_capture(io.BytesIO(b"".join(map(line_bytes, lines)))) as capture:
        vote, nix = list(capture)
    assert (vote.procedure, vote.invocation.parameters[0].value) == ("Vote", 5)
    assert vote.response.tables[0].rows == [(7, "NY")]
    assert vote.latency_ns == found[0][0].latency_ns
    assert nix.response.status_string == "Procedure Nix was not found. There are handlers of Vote"
    assert nix.status == -3


def test_a_miss_is_noted():
    with MockServer() as server:
        (found,) = served(server, ("Nix",))
    assert exchange_of(*found).notes == [MISSED]


def test_an_answer_that_was_not_sent_is_none():
    with MockServer() as server:
        server.handle("Lost", Fault(sends="nothing"))
        ((call, frame),) = served(server, ("Lost",))
    assert frame == b""
    exchange = exchange_of(call, frame)
    assert (exchange.status, exchange.response) == (None, None)
    told = call_object(call)
    assert (told["status"], told["status_name"], told["user"]) == (None, None, "ann")


def test_what_a_handler_raised_is_told():
    with MockServer() as server:
        server.handle("Fail", ValueError("no"))
        server.handle("Raise", lambda call: 1 / 0)
        found = served(server, ("Fail",), ("Raise",))
    assert [call_object(call)["exception"] for call, _ in found] == [None, "division by zero"]
    assert call_object(found[1][0])["status_name"] == "UNEXPECTED_FAILURE"
